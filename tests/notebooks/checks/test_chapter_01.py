"""The checks of chapter 01."""

CHECKS = "checks.chapter_01"


def test_a_function_that_stops_is_one_line_without_the_expected_mask(checks, capsys):
    def keep(weights, tau):
        raise NameError("name 'absolute' is not defined")

    checks.keeps_by_size(keep)
    assert capsys.readouterr().out == "✗ keep stopped with NameError: name 'absolute' is not defined\n"
