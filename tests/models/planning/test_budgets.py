import pytest

from prunewidgets.models.planning.budgets import Budget, parsed_budget


@pytest.mark.parametrize(
    ("text", "unit", "amount", "share"),
    [
        ("0.5 ms", "ms", 0.5, False),
        ("500µs", "ms", 0.5, False),
        ("20 kB", "bytes", 20_000, False),
        ("1.5 MB", "bytes", 1_500_000, False),
        ("2 KiB", "bytes", 2048, False),
        ("50 % of bytes", "bytes", 0.5, True),
        ("10 % of multiply-adds", "multiply_adds", 0.1, True),
        ("10% of the multiply adds", "multiply_adds", 0.1, True),
        ("2.5 million multiply-adds", "multiply_adds", 2_500_000, False),
        ("95.0 % accuracy", "accuracy", 0.95, False),
        ("95 % sparsity", "weights", 0.05, True),
        ("10,000 weights", "weights", 10_000, False),
        ("  30 %  of weights ", "weights", 0.3, True),
        ("80 % of latency", "ms", 0.8, True),
    ],
)
def test_budgets_as_people_write_them(text, unit, amount, share):
    assert parsed_budget(text) == Budget(unit, pytest.approx(amount), share)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("small", "'small' does not begin with a number; write it like"),
        ("1,00 kB", "does not begin with a number"),
        ("20", "'20' has no unit that is known; write it like"),
        ("20 apples", "no unit"),
        ("10 % of apples", "no unit"),
        ("10 %", "no unit"),
        ("0 kB", "leaves nothing of the model; it has to be above 0"),
        ("100 % sparsity", "leaves nothing"),
        ("101 % accuracy", "is more than 100 %"),
    ],
)
def test_other_budgets_say_what_is_wrong(text, message):
    with pytest.raises(ValueError, match=message):
        parsed_budget(text)


def test_a_budget_without_its_unit_is_no_budget():
    with pytest.raises(TypeError, match="^budget is 0.5; write it with its unit: "):
        parsed_budget(0.5)
