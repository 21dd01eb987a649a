"""A cost that is not there says why in the table; what cannot be skipped is counted."""

import sys

import keras
import numpy as np
import pytest
from keras import layers

import prunewidgets as pw
from prunewidgets.models.costs import costs as module
from prunewidgets.models.costs.costs import costs


def net():
    model = keras.Sequential(
        [
            keras.Input((12,)),
            layers.Dense(32, activation="relu", name="a"),
            layers.Dropout(0.5),
            layers.Dense(3, name="o"),
        ],
        name="net",
    )
    pw.prune(model, 0.8)
    return model


@pytest.fixture(autouse=True)
def _no_process(monkeypatch):
    """Peak memory needs a process of its own, which is measured elsewhere."""
    monkeypatch.setattr(
        sys.modules[module.__name__], "measured_memory", lambda models, *_: dict.fromkeys(models, 1)
    )


def reasons(frame, name):
    """{cell: why} from the table; each missing number has one."""
    row, found = frame.loc[name], {}
    for part in row.missing.split(" | "):
        cells, _, why = part.partition(": ")
        found |= dict.fromkeys(cells.split(", "), why)
    absent = {cell for cell in row.index[row.isna()] if not cell.endswith(("_low", "_high"))}
    assert absent == set(found) and all(found.values())
    return found


def test_a_model_with_dropout_has_a_compact_file(tmp_path):
    """The state of a random generator is no weight; it kept the file from being written, without a word."""
    model = net()
    frame = costs(model, batches=[1], runners=["keras"], seconds=0.001)
    assert frame.loc["net", "compact_bytes"] == pw.save_compact(model, tmp_path / "net.pwc")
    assert "missing" not in frame and frame.notna().all(axis=None)


def test_a_layer_with_adapters_is_counted_with_them_added():
    """Without masks nearly nothing can be skipped, for adapters are added; with masks what they remove."""
    model = net()
    left = {name: np.count_nonzero(values) for name, values in pw.LiveModel(model).weights.items()}
    again = pw.copy_with_weights(model, {})  # the same zeros, which nothing holds
    rng = np.random.default_rng(0)
    down, up = rng.normal(size=(12, 2)).astype("float32"), rng.normal(size=(2, 32)).astype("float32")
    up[:, :8] = 0  # eight units without adapters
    for each in (model, again):
        layer = each.get_layer("a")
        layer.enable_lora(2)
        layer.lora_kernel_a.assign(down)
        layer.lora_kernel_b.assign(up)
    used = again.get_layer("a")._kernel.numpy() + down @ up
    row = costs(again, batches=()).loc["net"]
    assert row.multiply_adds == 12 * 32 + 32 * 3
    assert row.nonzero_multiply_adds == np.count_nonzero(used) + left["o/kernel"] >= 12 * 24
    assert costs(model, batches=()).loc["net"].nonzero_multiply_adds == sum(left.values())
    row = costs(again, masks={"a/kernel": np.zeros((12, 32), bool)}, batches=()).loc["net"]
    assert row.nonzero_multiply_adds == left["o/kernel"]


def test_each_missing_number_has_its_reason(subclassed, data):
    quantized = keras.Sequential([keras.Input((6,)), layers.Dense(8, name="a"), layers.Dense(4, name="o")])
    quantized.quantize("int8")
    short = keras.Sequential([keras.Input((6,)), layers.Dense(8, dtype="bfloat16")])
    conv = keras.Sequential([keras.Input((6, 6, 1)), layers.Conv2D(2, 3)])
    for model, x, expected in (
        (
            quantized,
            None,
            {"parameters": "a, o are quantized", "nonzero_multiply_adds": "only float weights"},
        ),
        (short, None, {"csr_1_ms": "its kernels are bfloat16"}),
        (conv, None, {"dense_1_ms": "no Dense layers", "csr_1_ms": "no Dense layers"}),
        (subclassed, data[0], {"multiply_adds": "cannot be read", "compact_bytes": "copied layer by layer"}),
    ):
        frame = costs({"it": model}, x, batches=[1], runners=["keras", "dense", "csr"], seconds=0.001)
        found = reasons(frame, "it")
        for cell, why in expected.items():
            with pytest.raises(ValueError, match=why):
                raise ValueError(found[cell])


def test_a_file_that_cannot_be_written_says_why(monkeypatch):
    def refuse(*_, **__):
        raise ValueError("no room for it")

    model = net()
    for name in ("save_compact", "to_tflite"):
        monkeypatch.setattr(sys.modules[module.__name__], name, refuse)
    found = reasons(costs(model, batches=[1], runners=["keras"], seconds=0.001), "net")
    assert found.pop("peak_memory_bytes") == "it is measured with the TFLite file, which cannot be written"
    assert found == dict.fromkeys(["compact_bytes", "tflite_bytes", "tflite_sparse_bytes"], "no room for it")


def test_one_model_without_peak_memory_does_not_hide_the_others(monkeypatch):
    def measure(models, *_):
        if "odd" in models:
            raise RuntimeError("the process for it ended")
        return dict.fromkeys(models, 7)

    monkeypatch.setattr(sys.modules[module.__name__], "measured_memory", measure)
    with pytest.warns(UserWarning, match="odd: peak memory is not measured"):
        frame = costs({"small": net(), "odd": net()}, batches=[1], runners=["keras"], seconds=0.001)
    assert frame.loc["small", "peak_memory_bytes"] == 7
    assert reasons(frame, "odd") == {"peak_memory_bytes": "the process for it ended"}
    monkeypatch.setattr(
        sys.modules[module.__name__], "measured_memory", lambda *_: {}
    )  # any system but Linux
    frame = costs(net(), batches=[1], runners=["keras"], seconds=0.001)
    assert "only Linux" in reasons(frame, "net")["peak_memory_bytes"]


def test_dense_layers_at_every_step_are_timed_too():
    """A layer within ``TimeDistributed`` and called by itself is one product, with the rows of both uses."""
    shared, steps, single = layers.Dense(6, name="d"), keras.Input((4, 8)), keras.Input((8,))
    joined = layers.Concatenate()([layers.Flatten()(layers.TimeDistributed(shared)(steps)), shared(single)])
    model = keras.Model([steps, single], joined)
    frame = costs({"it": model}, batches=[1], runners=["dense"], seconds=0.001)
    assert frame.loc["it", "dense_1_ms"] > 0
    assert frame.loc["it", "multiply_adds"] == 8 * 6 * (4 + 1)


def test_a_model_with_a_fixed_batch_size_is_timed_only_at_that():
    stack = [keras.Input((4, 8), batch_size=3), layers.LSTM(6, stateful=True), layers.Dense(2)]
    models = {"net": net(), "odd": keras.Sequential(stack)}
    options = {"runners": ["keras"], "seconds": 0.001}
    frame = costs(models, batches=[1, 2], **options)
    found = reasons(frame, "odd")
    for cell in ("keras_1_ms", "keras_2_ms", "peak_memory_bytes"):
        assert found[cell] == "it is built for 3 examples at a time (batches=[3])"
    assert frame.loc["net"].drop("missing").notna().all()
    assert costs({"odd": models["odd"]}, batches=[3], **options).loc["odd", "keras_3_ms"] > 0
    assert "keras_1_ms" in reasons(costs({"odd": models["odd"]}, batches=[1], **options), "odd")


def test_inputs_that_cannot_be_generated_have_to_be_passed(subclassed):
    words = layers.TextVectorization(vocabulary=["a", "b"], output_sequence_length=4)
    text = keras.Sequential([keras.Input((), dtype="string"), words, layers.Embedding(5, 3)], name="text")
    for model, said in (
        (text, "'text' takes text: pass .*as x="),
        (subclassed, "shape of its inputs: pass a few of them as x="),
    ):
        with pytest.raises(ValueError, match=said):
            costs(model, batches=[1], runners=["keras"], seconds=0.001)
