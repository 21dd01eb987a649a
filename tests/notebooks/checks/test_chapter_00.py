"""The checks of chapter 00, and what all checks print about an answer in another form."""

import pytest

CHECKS = "checks.chapter_00"


class Lab:
    """A lab as `frugal_lab` reads it."""

    def __init__(self, sparsity: float, accuracy: float) -> None:
        self.sparsity, self.accuracy = sparsity, accuracy


@pytest.mark.parametrize(
    ("sparsity", "accuracy", "mistake", "begins"),
    [
        (0, 0.99, "", "○"),
        (0.5, 0.99, "too_few", "✗ 50.00 % removed, accuracy 0.99: fewer than 75 % are removed."),
        (0.6, 0.9869, "too_few", "✗ 60.00 % removed, accuracy 0.9869: fewer than 75 % are removed."),
        (0.74, 0.5, "too_few", "✗ 74.00 % removed"),
        (0.9, 0.93, "too_bad", "✗ 90.00 % removed, accuracy 0.93: the accuracy is below 97 %."),
        (1, 0.1, "too_bad", "✗ 100.00 % removed"),
        (0.8, 0.975, "", "✓ 80.00 % removed"),
    ],
)
def test_the_frugal_lab_says_which_condition_fails(checks, capsys, sparsity, accuracy, mistake, begins):
    assert checks.frugal_lab(Lab(sparsity, accuracy)).mistake == mistake
    assert capsys.readouterr().out.startswith(begins)


@pytest.mark.parametrize(
    ("answer", "mistake", "left"),
    [
        (0.8, "", 0.8),
        ("0.8", "", 0.8),
        (0.5, "too_few", 0.5),
        (80, "per_cent", 0.1),
        ("80 %", "per_cent", 0.1),
        ("a lot", "no_share", 0.1),
        (-0.5, "no_share", 0.1),
        ([0.8], "no_share", 0.1),
        (..., "too_few", 0.1),
    ],
)
def test_a_sparsity_that_is_written_down_sets_the_lab(checks, answer, mistake, left):
    lab = Lab(0.1, 0.98)
    assert checks.frugal_lab(lab, answer).mistake == mistake
    assert lab.sparsity == left


@pytest.mark.parametrize("answer", [11 / 12, 0.917, "0.917", " 0.917 "])
def test_a_number_may_be_written_as_text(checks, capsys, answer):
    checks.last_one_standing(answer)
    assert capsys.readouterr().out.startswith("✓")


@pytest.mark.parametrize("answer", [91.7, "91.7", "91.7 %", "91.7%"])
def test_per_cent_for_a_fraction_is_named(checks, capsys, answer):
    checks.last_one_standing(answer)
    out = capsys.readouterr().out
    assert out.startswith("✗") and "in per cent. Write it as a fraction" in out


def test_per_cent_is_named_also_for_one_number_of_several(checks, capsys):
    checks.three_ways(5, 20)
    assert "in per cent. Write it as a fraction" in capsys.readouterr().out
    checks.three_ways(6, 20)
    assert "per cent" not in capsys.readouterr().out


@pytest.mark.parametrize("answer", ["many", None, [1, 2], {}, "nan"])
def test_another_kind_of_answer_is_wrong_without_a_traceback(checks, capsys, answer):
    checks.last_one_standing(answer)
    assert capsys.readouterr().out.startswith("✗")


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        ((20, 0.05), "swapped"),
        ((0.95, 20), "removed"),
        ((0.05, 1.053), "all_by_removed"),
        ((0.05, 19), "hint"),
        ((5, 20), "per_cent"),
        ((0.05, "20"), ""),
    ],
)
def test_each_mistake_with_density_and_ratio_has_its_hint(checks, answer, mistake):
    result = checks.three_ways(*answer)
    assert (result.mistake, result.passed) == (mistake, mistake == "")


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [(1 / 12, "kept"), (11, "count"), (0.5, "hint"), (91.7, "per_cent"), ("many", "hint")],
)
def test_each_mistake_with_the_last_weight_has_its_hint(checks, answer, mistake):
    assert checks.last_one_standing(answer).mistake == mistake
