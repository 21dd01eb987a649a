"""The checks of chapter 05."""

CHECKS = "checks.chapter_05"


def test_a_share_in_per_cent_is_named(checks, capsys):
    checks.break_even(20)
    assert "in per cent. Write it as a fraction" in capsys.readouterr().out
    checks.break_even("0.2")
    assert capsys.readouterr().out.startswith("✓")
