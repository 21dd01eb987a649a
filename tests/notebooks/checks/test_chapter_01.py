"""The checks of chapter 01."""

CHECKS = "checks.chapter_01"


def test_a_function_that_raises_is_reported_in_one_line(checks, capsys):
    def keep(weights, tau):
        raise NameError("name 'absolute' is not defined")

    checks.keeps_by_size(keep)
    assert capsys.readouterr().out == "✗ keep stopped with NameError: name 'absolute' is not defined\n"
