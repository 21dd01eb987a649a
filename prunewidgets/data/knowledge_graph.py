"""Small knowledge graphs: facts such as (virus, causes, disease), checked before they are used."""

import io
from dataclasses import dataclass

import numpy as np

from . import clone

SHA256 = {
    "umls": "3e3f9292ded3b98976f6185f2c295aeef2aae77d785e759959318829770fb906",
    "nations": "47a5fdbd49f87f17e67d4b7e2035755c38c7997f0697ecd8047916d84bceaf93",
}


@dataclass(frozen=True, repr=False, eq=False)
class KnowledgeGraph:
    """Facts about entities, split as in the literature.

    A fact is a row (subject, relation, object) of numbers that count through ``entities`` and ``relations``.

    Attributes:
        name: Such as "umls".
        entities: Their names.
        relations: Their names.
        train: Facts to train on, int32, shape (facts, 3).
        valid: Facts to choose by, same form.
        test: Facts to judge by, same form.

    Example:
        >>> graph = pw.datasets.knowledge_graph("nations")
        >>> subject, relation, answer = graph.train[0]
        >>> graph.entities[subject], graph.relations[relation], graph.entities[answer]
        ('netherlands', 'militaryalliance', 'uk')
        >>> graph.questions(graph.train[:1])  # the answers: uk, netherlands
        array([[ 9, 24, 11],
               [11, 79,  9]], dtype=int32)
    """

    name: str
    entities: tuple[str, ...]
    relations: tuple[str, ...]
    train: np.ndarray
    valid: np.ndarray
    test: np.ndarray

    def __repr__(self) -> str:
        """Return one line, such as ``umls: 135 entities, 46 relations, 5,216 + 652 + 661 facts``."""
        facts = " + ".join(f"{len(part):,}" for part in (self.train, self.valid, self.test))
        entities, relations = len(self.entities), len(self.relations)
        return f"{self.name}: {entities} entities, {relations} relations, {facts} facts"

    def questions(self, facts: np.ndarray) -> np.ndarray:
        """Return two questions for each fact, with their answers: what follows it, and what precedes it.

        (subject, relation, object) asks for the object; (object, relation + number of relations, subject)
        asks for the subject. So a model knows twice as many relations as there are names.

        Args:
            facts: Such as ``train``, shape (facts, 3).

        Returns:
            (entity, relation, answer) in each row, shape (2 · facts, 3): all objects, then all subjects.

        Source: Lacroix, Usunier and Obozinski, "Canonical tensor decomposition for knowledge base completion"
            (2018), section 3.
        """
        inverse = np.stack([facts[:, 2], facts[:, 1] + len(self.relations), facts[:, 0]], axis=1)
        return np.concatenate([facts, inverse.astype(facts.dtype)])

    @property
    def known(self) -> np.ndarray:
        """The questions of all facts together, for filtered ranks (``pw.ranking.RankMetric``)."""
        return self.questions(np.concatenate([self.train, self.valid, self.test]))


def knowledge_graph(name: str = "umls") -> KnowledgeGraph:
    """Return a small knowledge graph, with the split that the literature uses.

    Args:
        name: "umls" (the default), how 135 medical terms are related: 46 relations, 6,529 facts. Or
            "nations", how 14 countries treated each other: 55 relations, 1,992 facts.

    Raises:
        ValueError: An unknown name, or a file that is truncated or altered.
        FileNotFoundError: The file is missing, or there is no clone.

    Example:
        >>> graph = pw.datasets.knowledge_graph("umls")
        >>> graph
        umls: 135 entities, 46 relations, 5,216 + 652 + 661 facts
        >>> subject, relation, answer = graph.test[0]
        >>> graph.entities[subject], graph.relations[relation], graph.entities[answer]
        ('steroid', 'interacts_with', 'eicosanoid')
        >>> graph.questions(graph.test).shape
        (1322, 3)

    Source: McCray, "An upper-level ontology for the biomedical domain" (2003), for "umls"; Rummel,
        "Dimensionality of nations project" (1992), for "nations"; both as triples in PyKEEN 1.11.1. Licences
        and digests are in ``datasets/README.md``.
    """
    if name not in SHA256:
        raise ValueError(f"No knowledge graph named {name!r}; there are: {', '.join(SHA256)}.")
    if not clone.in_clone():
        raise FileNotFoundError(
            f"The facts are in datasets/{name}.npz of the repository, and an installed package has no "
            "datasets/ folder: clone the repository and use the package from there."
        )
    way_out = (
        f"Restore it with 'git checkout -- datasets/{name}.npz', "
        "or make it again with 'python datasets/build_knowledge_graphs.py' (needs pip)."
    )
    content = clone.checked(clone.FOLDER / f"{name}.npz", SHA256[name], way_out)
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        entities, relations = (tuple(map(str, archive[part])) for part in ("entities", "relations"))
        train, valid, test = (archive[part].astype(np.int32) for part in ("train", "valid", "test"))
    return KnowledgeGraph(name, entities, relations, train, valid, test)
