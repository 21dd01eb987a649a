"""The knowledge graphs: right when they are whole, refused with a way out when they are not."""

import hashlib

import numpy as np
import pytest

from prunewidgets import datasets
from prunewidgets.data import clone, knowledge_graph


@pytest.mark.parametrize(
    ("name", "entities", "relations", "facts"),
    [("umls", 135, 46, [5216, 652, 661]), ("nations", 14, 55, [1592, 199, 201])],
)
def test_a_graph_has_the_published_sizes(name, entities, relations, facts):
    graph = datasets.knowledge_graph(name)
    parts = [graph.train, graph.valid, graph.test]
    assert [len(part) for part in parts] == facts
    assert (len(set(graph.entities)), len(set(graph.relations))) == (entities, relations)
    every = np.concatenate(parts)
    assert every.dtype == np.int32 and len(np.unique(every, axis=0)) == sum(facts)  # no fact in two parts
    assert set(every[:, [0, 2]].ravel()) == set(range(entities))
    assert set(every[:, 1]) == set(range(relations))


def test_the_facts_are_those_of_the_source():
    """Lines of PyKEEN 1.11.1, read by eye."""
    umls, nations = datasets.knowledge_graph("umls"), datasets.knowledge_graph("nations")
    assert in_words(umls, umls.train[0]) == (
        "acquired_abnormality",
        "location_of",
        "experimental_model_of_disease",
    )
    assert in_words(umls, umls.valid[4]) == ("neoplastic_process", "affects", "alga")
    assert in_words(nations, nations.train[2]) == ("jordan", "relbooktranslations", "usa")
    assert in_words(nations, nations.test[-1]) == ("jordan", "ngoorgs3", "netherlands")


def in_words(graph, fact):
    return graph.entities[fact[0]], graph.relations[fact[1]], graph.entities[fact[2]]


def test_each_fact_is_two_questions():
    graph = datasets.knowledge_graph("nations")
    assert graph.questions(graph.test[:1])[:, [0, 2]].tolist() == [
        graph.test[0, [0, 2]].tolist(),
        graph.test[0, [2, 0]].tolist(),
    ]
    questions = graph.questions(graph.test)
    assert questions.dtype == np.int32
    np.testing.assert_array_equal(questions[len(graph.test) :, 1] - questions[: len(graph.test), 1], 55)
    assert len(graph.known) == 2 * 1992 == len(np.unique(graph.known, axis=0))


def test_a_graph_of_another_name_is_refused():
    with pytest.raises(ValueError, match="there are: umls, nations"):
        datasets.knowledge_graph("wordnet")


@pytest.mark.parametrize("name", ["umls", "nations"])
def test_the_readme_states_the_right_size_and_digest(name):
    content = (clone.FOLDER / f"{name}.npz").read_bytes()
    readme = (clone.FOLDER / "README.md").read_text(encoding="utf-8")
    assert hashlib.sha256(content).hexdigest() in readme
    assert f"{len(content):,} bytes" in readme


@pytest.mark.parametrize("kept", [-100, None], ids=["truncated", "missing"])
def test_a_damaged_file_is_named_with_the_expected_digest_and_a_fix(kept, tmp_path, monkeypatch):
    (tmp_path / "build_mnist.py").touch()  # what marks a clone
    if kept:
        (tmp_path / "umls.npz").write_bytes((clone.FOLDER / "umls.npz").read_bytes()[:kept])
    monkeypatch.setattr(clone, "FOLDER", tmp_path)
    with pytest.raises(ValueError if kept else FileNotFoundError) as caught:
        datasets.knowledge_graph()
    message = str(caught.value)
    assert str(tmp_path / "umls.npz") in message and knowledge_graph.SHA256["umls"] in message
    assert "git checkout" in message and "build_knowledge_graphs.py" in message


def test_without_a_clone_the_error_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(clone, "FOLDER", tmp_path)
    with pytest.raises(FileNotFoundError, match="clone the repository"):
        datasets.knowledge_graph("nations")
