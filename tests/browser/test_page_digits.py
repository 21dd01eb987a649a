"""The pages of the three shipped networks: what they read of all 10,000 digits is what Keras reads."""

import functools
import time

import pytest

import prunewidgets as pw

from ..support.firefox import running
from ..support.hands import SPARSITY, state_is, type_into

PRUNED = 0.9
SHOWN = "() => document.querySelector('.pw-accuracy').textContent"
STATE = "() => document.querySelector('.pw-state').dataset.state"
NOTE = "() => document.querySelector('.page-note').textContent"
READ_ALIKE = "without pruning, all 10,000 are read as in Python"


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Saves a page of a shipped network, once, and counts the digits that it reads when pruned."""
    folder = tmp_path_factory.mktemp("pages")

    @functools.cache
    def save(name):
        _, (x, y) = pw.datasets.mnist()
        lab = pw.PruningLab(pw.models.pretrained(name), x, y, data_name="test digits")
        path = pw.save_page(lab, folder / f"{name}.html")
        lab.sparsity = PRUNED
        return path, lab.accuracy.correct

    return save


def as_shown(correct):
    """With 10,000 digits, two decimals of a percentage say the count itself."""
    return f"{correct / 100:.2f} %"


@pytest.mark.parametrize("name", ["lenet_300_100", "lenet_5", "small_cnn"])
def test_the_digits_read_are_those_that_keras_reads(new_page, saved, name):
    path, correct = saved(name)
    if name == "small_cnn":
        assert path.stat().st_size <= 3_000_000
    page = new_page()
    page.goto(path.as_uri())
    page.locator(".page-note", has_text=READ_ALIKE).wait_for(timeout=120_000)
    type_into(page.locator(SPARSITY), str(100 * PRUNED))
    state_is(page.locator(".pw-lab"), "measured", timeout=120_000)
    assert page.inner_text(".pw-accuracy") == as_shown(correct)


def test_in_firefox_too(saved, tmp_path):
    path, correct = saved("small_cnn")
    with running(tmp_path / "profile") as firefox:
        firefox.open(path.as_uri())
        wait(firefox, lambda: READ_ALIKE in firefox.evaluate(NOTE))
        firefox.evaluate("() => document.querySelectorAll('input.pw-number')[1].select()")
        firefox.type(*f"{100 * PRUNED:g}", "\ue007")  # Enter
        wait(firefox, lambda: firefox.evaluate(STATE) == "measured")
        assert firefox.evaluate(SHOWN) == as_shown(correct)
        assert firefox.errors == []


def wait(firefox, done, seconds=120):
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, firefox.evaluate("() => document.body.innerText")
        time.sleep(0.1)


def test_in_a_lecture_a_measured_lab_fits_the_screen(new_page, saved):
    path, _ = saved("small_cnn")
    page = new_page()
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.goto(f"{path.as_uri()}#/1")
    state_is(page.locator(".pw-lab"), "measured", timeout=120_000)
    assert page.locator(".pw-lab-flips").is_visible()
    height = page.evaluate("document.documentElement.scrollHeight")
    assert height <= 1080
