"""The address of the repository: one place, empty until it is known, and the links made from it."""

import pytest

from tools import repository

MADE_UP = "https://github.com/somebody/their-book"


@pytest.fixture
def clone(tmp_path):
    """A function that writes a pyproject.toml with this address."""

    def written(address: str | None):
        text = '[project]\nname = "prunewidgets"\n'
        added = "" if address is None else f'\n[project.urls]\nRepository = "{address}"\n'
        (tmp_path / "pyproject.toml").write_text(text + added, encoding="utf-8")
        return tmp_path

    return written


def test_without_an_address_there_is_no_link(clone):
    folder = clone(None)
    assert repository.address(folder) is None
    for link in (repository.on_github, repository.in_colab, repository.in_binder):
        assert link("notebooks/00_start_here.ipynb", folder) is None


def test_links_are_made_from_the_address(clone):
    folder = clone(MADE_UP)
    path = "notebooks/00_start_here.ipynb"
    assert repository.address(folder) == MADE_UP
    assert repository.on_github(path, folder) == f"{MADE_UP}/blob/main/{path}"
    colab = "https://colab.research.google.com/github/somebody/their-book/blob/main/"
    assert repository.in_colab(path, folder) == colab + path
    binder = "https://mybinder.org/v2/gh/somebody/their-book/main?urlpath=lab/tree/"
    assert repository.in_binder(path, folder) == binder + path


@pytest.mark.parametrize("wrong", ["", "https://github.com/", f"{MADE_UP}/", "http://example.org/a/b"])
def test_a_wrong_address_is_named(clone, wrong):
    with pytest.raises(ValueError, match="OWNER/NAME"):
        repository.address(clone(wrong))
