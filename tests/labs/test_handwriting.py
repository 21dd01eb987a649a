"""A drawn digit is read under the lab's masks and without them; the model stays as it is."""

import keras
import numpy as np
import pytest

import prunewidgets as pw

from ..support.handwriting import SEVEN, as_digit
from ..support.interrupts import listen
from ..support.labs import digits
from .tiny import bits

DRAWN = np.rint(as_digit(SEVEN)).astype(np.uint8).tobytes()


@pytest.fixture(scope="module")
def shipped():
    """LeNet-300-100 with its trained weights."""
    return pw.models.pretrained("lenet_300_100")


@pytest.fixture
def lab(shipped):
    """A lab on it that has measured its first accuracy."""
    pw.LiveModel(shipped).restore()
    made = pw.PruningLab(shipped, *digits(100), threshold=0.05)
    assert made.wait(60)
    return made


def draw(lab, drawn=DRAWN):
    """Draw in the page and wait for the reading."""
    lab.set_state({"drawn": memoryview(drawn)})
    assert lab.wait(60)
    assert lab.error == ""


def predicted(model, masks, x):
    """What Keras predicts on a clone whose kernels are multiplied by the masks."""
    clone = keras.models.clone_model(model)
    clone.set_weights(model.get_weights())
    for name, mask in masks.items():
        kernel = clone.get_layer(name.split("/")[0]).kernel
        kernel.assign(kernel.numpy() * mask)
    return clone.predict(x, verbose=0)[0]


def test_it_is_read_with_the_present_masks_and_without(lab):
    before = bits(lab.live.model)
    draw(lab)
    x = np.frombuffer(DRAWN, np.uint8).reshape(28, 28).astype(np.float32) / 255
    assert lab.drawing.dtype == np.float32 and np.array_equal(lab.drawing, x)
    now, was = predicted(lab.live.model, lab.masks, x[None]), lab.live.model.predict(x[None], verbose=0)[0]
    assert lab.reading["now"] == pytest.approx(now.tolist(), abs=1e-6)
    assert lab.reading["unpruned"] == pytest.approx(was.tolist(), abs=1e-6)
    assert (lab.reading["read"], lab.reading["was"]) == (now.argmax(), was.argmax()) == (7, 7)
    assert lab.reading["drawn"] == DRAWN.hex()
    assert bits(lab.live.model) == before


def test_it_is_read_again_with_other_masks(lab):
    draw(lab)
    lab.scope = "layer"
    lab.thresholds = {"dense_1": 0.2, "dense_2": 0.1}
    assert lab.wait(60)
    assert lab.reading["now"] == pytest.approx(
        predicted(lab.live.model, lab.masks, lab.drawing[None]).tolist(), abs=1e-6
    )
    assert lab.reading["counts"] == lab.removed_per_layer()
    assert lab.reading["generation"] == lab.generation


def test_without_pruning_means_before_the_first_apply(lab):
    was = lab.live.model.predict(as_digit(SEVEN)[None] / 255, verbose=0)[0]
    lab.sparsity = 0.97
    lab.apply()
    draw(lab)
    assert lab.reading["unpruned"] == pytest.approx(was.tolist(), abs=1e-3)
    assert lab.reading["now"] == pytest.approx(
        lab.live.model.predict(lab.drawing[None], verbose=0)[0].tolist(), abs=1e-6
    )
    assert np.abs(np.subtract(lab.reading["now"], was)).max() > 0.01
    lab.restore()


def test_a_cleared_drawing_is_gone(lab):
    draw(lab)
    lab.set_state({"drawn": memoryview(b"")})
    assert lab.wait(60)
    assert (lab.drawing, lab.reading, lab.misread) == (None, {}, {})


@pytest.mark.parametrize("bad", [b"\0" * 783, b"\0" * 785, "7" * 784, 784, None, [0] * 784, {}])
def test_bad_bytes_are_refused_and_the_drawing_stays(lab, bad):
    draw(lab)
    page, reading = listen(lab), lab.reading
    page["drawn"] = bad
    lab.set_state({"drawn": bad, "threshold": 0.05})
    assert "a drawing is 784 bytes, or none" in lab.error
    assert lab.drawn == page["drawn"] == DRAWN
    assert lab.wait(60)
    assert lab.reading == reading


@pytest.mark.parametrize("scope", ["global", "layer"])
def test_the_first_sparsity_that_is_misread(lab, scope):
    before = bits(lab.live.model)
    draw(lab)
    lab.scope = scope
    lab._handle_custom_msg({"do": "find_misread"}, [])
    assert lab.wait(60)
    assert bits(lab.live.model) == before and lab.error == ""
    scores, x = pw.score(lab.live.weights), lab.drawing[None]

    def read(sparsity):
        return lab.live.predict(x, pw.Masks.from_sparsity(scores, sparsity, scope)).argmax()

    step = next(step for step in range(1, 51) if read(step / 50) != 7)
    expected = next(fine / 1000 for fine in range(20 * step - 19, 20 * step + 1) if read(fine / 1000) != 7)
    assert lab.misread["sparsity"] == pytest.approx(expected, abs=1e-4)
    assert (lab.misread["was"], lab.misread["read"]) == (7, read(expected))
    # The lab has moved there, and it is read there as was found.
    assert lab.sparsity == lab.misread["sparsity"]
    assert lab.reading["read"] == lab.misread["read"]
    assert lab.reading["counts"] == lab.removed_per_layer()
    assert (lab.working, lab.progress) == ("", 0.0)


def test_a_drawing_that_is_never_misread_leaves_the_lab_where_it_is(shipped):
    bias = shipped.get_layer("dense_3").bias
    kept = bias.numpy()
    try:
        bias.assign(1000 * (np.arange(10) == 3))
        lab = pw.PruningLab(shipped, *digits(100), threshold=0.05)
        draw(lab)
        lab._handle_custom_msg({"do": "find_misread"}, [])
        assert lab.wait(60)
        assert (lab.misread["sparsity"], lab.misread["was"], lab.threshold) == (None, 3, 0.05)
    finally:
        bias.assign(kept)


@pytest.mark.parametrize("stop", ["cancel", "drag", "draw"])
def test_looking_for_it_stops(lab, stop):
    draw(lab)

    def interfere(change):
        if change["new"] and not done:
            done.append(change["new"])
            if stop == "cancel":
                lab.cancel()
            elif stop == "drag":
                lab.threshold = 0.01
            else:
                lab.set_state({"drawn": memoryview(DRAWN[::-1])})

    done = []
    lab.observe(interfere, "working")
    lab._handle_custom_msg({"do": "find_misread"}, [])
    assert lab.wait(60)
    assert len(done) == 1 and (lab.misread, lab.working, lab.progress) == ({}, "", 0.0)
    assert lab.threshold == (0.01 if stop == "drag" else 0.05)
    assert lab.reading["drawn"] == lab.drawn.hex()


def network(shape, classes=10, activation=None):
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Flatten(), keras.layers.Dense(classes, activation=activation)]
    return keras.Sequential([keras.Input(shape), *layers])


@pytest.mark.parametrize("shape", [(28, 28), (28, 28, 1), (784,)], ids=str)
@pytest.mark.parametrize("values", ["0 to 1", "0 to 255", "centred"])
def test_it_is_given_to_the_model_as_the_examples_are(shape, values):
    x, y = digits(100)
    lab = pw.PruningLab(
        model := network(shape),
        (x := {"0 to 1": x, "0 to 255": (255 * x).astype(np.uint8), "centred": 2 * x - 1}[values]).reshape(
            len(x), *shape
        ),
        y,
    )
    assert lab.takes_drawings
    raw = np.frombuffer(DRAWN, np.uint8)
    draw(lab)
    given = {"0 to 1": raw / 255, "0 to 255": raw, "centred": raw / 127.5 - 1}[values]
    logits = model.predict(given.reshape(1, *shape).astype(x.dtype), verbose=0)[0].astype(float)
    assert lab.reading["unpruned"] == pytest.approx(
        (np.exp(logits) / np.exp(logits).sum()).tolist(), abs=1e-5
    )


@pytest.mark.parametrize(
    ("shape", "classes"), [((28, 28, 3), 10), ((14, 56, 1), 10), ((8, 8, 1), 10), ((28, 28, 1), 12)], ids=str
)
def test_other_inputs_or_classes_take_no_drawings(shape, classes):
    x = np.random.default_rng(0).uniform(size=(20, *shape)).astype(np.float32)
    assert not pw.PruningLab(network(shape, classes), x, np.arange(20) % 10).takes_drawings


def test_dark_ink_on_a_light_ground_takes_no_drawings(shipped):
    x, y = digits(100)
    assert pw.PruningLab(shipped, x, y).takes_drawings
    assert not pw.PruningLab(shipped, 1 - x, y).takes_drawings


def test_outputs_that_are_not_numbers_are_an_error_and_no_reading(shipped):
    lab = pw.PruningLab(shipped, *digits(100))
    bias = shipped.get_layer("dense_3").bias
    kept = bias.numpy()
    try:
        bias.assign(np.full(10, np.nan))
        lab.refresh()
        lab.set_state({"drawn": memoryview(DRAWN)})
        assert lab.wait(60)
        assert "answers this drawing with NaN" in lab.error
        assert lab.reading == {}
    finally:
        bias.assign(kept)
