"""Which steps of a chapter an exercise needs, on small chapters."""

import ast
from collections.abc import Iterator

import keras
import pytest

import prunewidgets as pw
from prunewidgets.homework.chapter import chapter, numbers
from prunewidgets.homework.needed import FUNCTIONS, HANDLES, METHODS, needed
from prunewidgets.homework.reference import solved
from prunewidgets.homework.repaired import Step, repaired
from prunewidgets.homework.statements import python

HARMLESS_METHODS = """
Add BatchNormalization Conv2D Dense GlobalAveragePooling2D HBox LSTM LayerNormalization ReLU Reshape
TPESampler all any argmax astype by_layer catch_warnings compress contains copy corr count_params
create_study describe div drop dropna endswith evaluate follow format found from_config fromkeys
gates get get_config get_layer get_weights gradient groupby head hide idxmax idxmin index items
iterrows join main map max mean median min mkdir mkdtemp network numpy partition perf_counter pivot
pivot_table positions predict predict_on_batch quantile quantize questions read_bytes rank ranks ravel reindex
removesuffix rename rename_axis reset_index reshape round sample savefig select_dtypes set_index
set_properties set_table_styles show_frame sort_values split stat std sum summary tail timeit
to_dict to_frame to_numpy tobytes tolist truth unlink unstack values wiring
"""
HARMLESS_FUNCTIONS = """
AccuracyCurve ConvolutionSteps ExpectedCurve FollowTraining GradualPruning LedgerLab Masks
Masks.from_sparsity Masks.from_threshold Masks.from_zeros ScheduleView SortingSteps SparsityHeatmap
ThresholdSlider WeightHistogram accuracy_curve channel_groups compare_methods copy_with_weights
costs data_score datasets.digit_scenes datasets.glosses datasets.knowledge_graph datasets.letters
datasets.mnist detection.DetectionMetric detection.Grid detection.match exit_curve exit_runner
export factorize gate_channels latency ledger.ledger load_compact load_exported load_model
low_rank.rank_for_energy low_rank.rank_for_parameters low_rank.singular_values
low_rank.sparse_plus_low_rank low_rank.truncated_svd mask_overlap mask_units models.Accuracy
models.distmult models.lenet_300_100 models.pretrained paired patterns.blocks patterns.n_of_m plan
plots.curve plots.sensitivity progress quantization.cluster_values quantize quantized_weights
ranking.RankMetric save_compact save_model schedules.polynomial score search_plan sensitivity shrink
smallest_networks sparse_speedup thresholds.thresholds_keeping unit_masks unit_score
wordpieces.encode wordpieces.pieces wordpieces.vocabulary
"""
"""What chapters call and what changes neither its arguments nor what it is called on; some write files."""


def kept(*given: str, answer: str = "answer = 1", uses: str = "masks") -> list[str]:
    """The cells before the exercise that its check needs, which uses these names."""
    (exercise,) = [each for each in chapter("05").exercises if each.name == "ex3"]
    own = [Step(answer, "ex3"), Step(f"record('ex3', lambda: check(answer, {uses}))", "ex3", check=True)]
    steps = [*map(Step, given), *own]
    return [given[n] for n in sorted(needed(steps, exercise)) if n < len(given)]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["a = 1", "masks = 2"], ["masks = 2"]),
        (["masks = 1", "masks = 2"], ["masks = 2"]),
        (["masks = 1", "masks += 2"], ["masks = 1", "masks += 2"]),
        (["masks = {}", "masks['a'] = 1", "b = masks"], ["masks = {}", "masks['a'] = 1"]),
        (["w = []", "w.append(1)", "masks = w"], ["w = []", "w.append(1)", "masks = w"]),
        (["w = []", "masks = w", "w.append(1)"], ["w = []", "masks = w", "w.append(1)"]),
        (
            ["w = 1", "def f():\n    return w", "masks = f()"],
            ["w = 1", "def f():\n    return w", "masks = f()"],
        ),
        (["masks = net()", "live = pw.LiveModel(masks)", "live.apply(m)"], None),
        (
            ["masks = net()", "pw.prune(masks, 0.9)", "print(masks)"],
            ["masks = net()", "pw.prune(masks, 0.9)"],
        ),
        (["masks = net()", "pw.refresh_statistics(masks, x)"], None),
        (["if a:\n    masks = 1", "b = 1"], ["if a:\n    masks = 1"]),
        (["masks = 1", "if a:\n    masks = 2"], None),
        (["this is not Python"], []),
    ],
)
def test_the_steps_that_a_check_needs(given, expected):
    assert kept(*given) == (given if expected is None else expected)


def test_what_changes_its_arguments_is_there_under_that_name():
    assert [name for name in FUNCTIONS | HANDLES if not hasattr(pw, name) and not hasattr(keras, name)] == []


@pytest.mark.parametrize("number", numbers())
def test_everything_that_a_chapter_calls_is_known_to_change_something_or_not(number):
    """A new one that changes something is to be added to `needed.py`, any other to the lists here."""
    calls = {call for cell in solved(chapter(number)).cells if cell.is_code for call in called(cell.source)}
    harmless = {*HARMLESS_METHODS.split(), *(f"pw.{name}" for name in HARMLESS_FUNCTIONS.split())}
    changing = METHODS | {f"pw.{name}" for name in FUNCTIONS | HANDLES}
    assert harmless & changing == set()
    assert calls - harmless - changing == set()


def called(source: str) -> Iterator[str]:
    """Methods that a cell calls, and functions of the package, such as `pw.prune`.

    NumPy's, pandas' and Keras' own functions leave their arguments alone, and so does a check.
    """
    for node in ast.walk(python(source)[1]):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name = ast.unparse(node.func)
            if name.startswith("pw.") and "(" not in name:
                yield name
            elif "(" in name or name.partition(".")[0] not in {"checks", "keras", "np", "pd", "tf"}:
                yield node.func.attr


def test_names_that_only_the_students_answer_uses_are_needed_too():
    assert kept("scores = 1", "masks = 2", "c = 3", answer="answer = scores") == ["scores = 1", "masks = 2"]


def test_chapter_05_needs_no_lab_no_curve_and_no_timing():
    found = chapter("05")
    steps = repaired(found, list(solved(found).cells))
    sources = [steps[n].source for each in found.exercises for n in needed(steps, each)]
    assert any("checks.chapter_05.first_digit" in source for source in sources)
    for part in ("PruningLab", "accuracy_curve", "timeit", "ExpectedCurve", "confusion"):
        assert not any(part in source for source in sources)
