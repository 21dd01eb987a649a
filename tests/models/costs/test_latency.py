"""Latency and costs: what is timed, in what order, on what, and what is counted. Never how fast it is."""

import itertools
import sys
import warnings

import keras
import numpy as np
import pytest
from keras import layers

import prunewidgets as pw
from prunewidgets.models.costs import memory, products, runners, timing
from prunewidgets.models.costs.costs import costs
from prunewidgets.models.costs.latency import latency
from prunewidgets.models.costs.products import sparse_speedup
from prunewidgets.models.costs.runners import make_calls
from prunewidgets.models.formats.export import export
from prunewidgets.models.formats.tflite import to_tflite


@pytest.fixture
def half(dense):
    """Half of all weights of the fixture `dense` go."""
    return pw.Masks.from_sparsity(pw.score(pw.LiveModel(dense).weights), 0.5)


class Clock:
    """A clock that only moves when a call takes its time."""

    def __init__(self, monkeypatch):
        self.now, self.log = 0.0, []
        monkeypatch.setattr(timing.time, "perf_counter", lambda: self.now)

    def call(self, name, *seconds):
        times = itertools.cycle(seconds)

        def run():
            self.log.append(name)
            self.now += next(times)

        return run


def test_calls_alternate_after_a_warm_up_and_the_spread_is_of_the_timed_runs(monkeypatch):
    clock = Clock(monkeypatch)
    calls = {"slow": clock.call("slow", 1.0), "fast": clock.call("fast", 0.004)}
    *_, taken = timing.rounds(calls, seconds=0.1)
    slow, fast = ["slow"] * 2, ["fast"] * 4  # one warm run each; then once, and until 10 ms are over
    for start in (2, 8, 14):
        assert clock.log[start : start + 6] in (slow + fast, fast + slow)
    assert len(clock.log) == 20
    assert [len(times) for times in taken.values()] == [3, 9]
    assert np.allclose(timing.spread(taken["slow"]), (1000, 1000, 1000, 3))
    assert np.allclose(timing.spread([0.001, 0.002, 0.003, 0.004, 0.1]), (3, 2, 4, 5))
    assert np.isnan(timing.spread([]).median)


def test_dense_and_sparse_products_are_the_products(data):
    rng = np.random.default_rng(0)
    kernels = [rng.normal(size=(5, 3)) * (rng.random((5, 3)) > 0.5) for _ in range(2)]
    for rows in (1, 4):
        xs = [rng.normal(size=(rows, 5)) for _ in range(2)]
        for kernel, x, dense, csr in zip(
            kernels,
            xs,
            products.dense_product(kernels, xs)(),
            products.csr_product(kernels, xs)(),
            strict=True,
        ):
            expected = [
                [sum(a * b for a, b in zip(row, column, strict=True)) for column in kernel.T] for row in x
            ]
            assert np.allclose(dense, expected)
            assert np.allclose(csr.T.reshape(rows, 3), expected)


def test_every_case_has_a_row_and_the_model_is_unchanged(dense, data, half, everything):
    before = everything(dense)
    frame = latency({"whole": dense, "half": dense}, data[0], {"half": half}, (1, 3), seconds=0.001)
    assert everything(dense) == before
    cases = set(zip(frame.model, frame.runner, frame.batch, strict=True))
    assert cases == set(itertools.product(("whole", "half"), runners.RUNNERS, (1, 3)))
    assert (frame.runs >= 3).all()
    assert ((0 < frame.low_ms) & (frame.low_ms <= frame.median_ms) & (frame.median_ms <= frame.high_ms)).all()
    assert set(frame.threads[frame.runner != "keras"]) == {1}
    assert frame.attrs["complete"]


def test_the_timed_model_computes_with_its_masks(dense, data, half):
    calls = make_calls(dense, [3, 70], data[0], half)
    expected = pw.LiveModel(dense).predict(data[0], half)
    assert np.abs(expected - dense.predict(data[0], verbose=0)).max() > 0.01
    for runner in ("keras", "tflite"):
        assert np.abs(calls[runner, 3]() - expected[:3]).max() < 1e-5
        assert np.abs(calls[runner, 70]() - expected[np.arange(70) % 64]).max() < 1e-5
    assert [y.shape for y in calls["dense", 3]()] == [(3, 8), (3, 4)]
    assert list(make_calls(dense, [1], data[0], half, ["csr"])) == [("csr", 1)]


def test_a_runner_with_wrong_outputs_is_not_timed(dense, monkeypatch):
    other = keras.models.clone_model(dense)  # with other weights
    monkeypatch.setattr(runners, "to_tflite", lambda model, **options: to_tflite(other))
    with pytest.raises(RuntimeError, match="TFLite and the model 'dense_net' have different outputs"):
        make_calls(dense, [1])


def test_recurrent_layers_are_timed_whole_batches_at_a_time():
    model = keras.Sequential([keras.Input((5, 2)), layers.LSTM(3), layers.Dense(2)])
    calls = make_calls(model, [1, 4], runners=["tflite"])
    assert [calls["tflite", batch]().shape for batch in (1, 4)] == [(1, 2), (4, 2)]


def test_an_interrupt_keeps_the_finished_rounds(dense, data, monkeypatch):
    def interrupted(calls, seconds):
        yield dict.fromkeys(calls, [0.002])
        raise KeyboardInterrupt

    monkeypatch.setattr(sys.modules[latency.__module__], "rounds", interrupted)
    with pytest.warns(UserWarning, match="Interrupted"):
        frame = latency(dense, data[0], batches=[2], runners=["keras"])
    assert not frame.attrs["complete"]
    assert frame.median_ms.tolist() == [2.0]


def test_an_interrupt_keeps_the_finished_products(monkeypatch):
    compare, done = products._compare, []

    def interrupted(*arguments):
        done.append(1)
        if len(done) == 3:
            raise KeyboardInterrupt
        return compare(*arguments)

    monkeypatch.setattr(products, "_compare", interrupted)
    with pytest.warns(UserWarning, match="2 of 4 products"):
        frame = sparse_speedup(4, 3, (1, 2), (0, 0.5), seconds=0.001)
    assert frame.sparsity.tolist() == [0.0, 0.5]
    assert not frame.attrs["complete"]


def test_sparse_speedup_has_exact_counts_and_finds_the_crossing(monkeypatch):
    frame = sparse_speedup(10, 7, (2,), (0, 0.31, 1), seconds=0.001)
    assert frame.nonzeros.tolist() == [70, 70 - round(0.31 * 70), 0]
    ratios = iter([0.5, 1.4, 0.9, 1.2, 3.0] + [2.0] * 5 + [3.0, 3.0, 3.0, 3.0, 0.2])
    monkeypatch.setattr(products, "_compare", lambda *_: {"ratio": next(ratios)})
    levels = (0, 0.5, 0.8, 0.9, 0.95)
    crossed = sparse_speedup(4, 3, (1, 2, 3), levels).attrs["wins_from"]
    assert crossed == {1: 0.9, 2: 0.0, 3: None}  # a win that is lost again at 0.8 does not count


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda m: latency(m, runners=["torch"]), r"runners \['torch'\] are not known; choose from"),
        (lambda m: latency(m, batches=[0]), r"batches is \[0\]"),
        (
            lambda m: latency({"a": m}, masks={"b": None}),
            "masks has an entry for 'b', .* no such model; there are: a",
        ),
        (lambda m: sparse_speedup(0, 3), "inputs is 0"),
        (lambda m: sparse_speedup(3, 3, (1, 0)), "a batch is 0"),
        (lambda m: sparse_speedup(3, 3, sparsities=[1.5]), "1.5"),
        (lambda m: costs(keras.Sequential([layers.Dense(2)]), batches=()), "is not built"),
    ],
)
def test_models_that_cannot_be_timed_are_refused(dense, call, match):
    with pytest.raises(ValueError, match=match):
        call(dense)


def test_an_open_length_needs_examples():
    model = keras.Sequential([keras.Input((None, 3)), layers.Conv1D(2, 2), layers.GlobalMaxPooling1D()])
    with pytest.raises(ValueError, match="with a length left open: pass as x="):
        latency(model, runners=["keras"], batches=[1])
    x = np.ones((2, 6, 3), "float32")
    assert len(latency(model, x, runners=["keras", "tflite"], batches=[1], seconds=0.001)) == 2


@pytest.fixture
def small():
    """Counted by hand below: 3×3 convolution to 4×4 places, then 32 → 3."""
    return keras.Sequential(
        [
            keras.Input((6, 6, 1)),
            layers.Conv2D(2, 3, name="conv"),
            layers.BatchNormalization(name="norm"),
            layers.Flatten(),
            layers.Dense(3, name="out"),
        ],
        name="small",
    )


def test_costs_are_counted_by_hand(small):
    masks = pw.Masks({"out/kernel": np.arange(96).reshape(32, 3) < 24})
    row = costs(small, masks=masks, batches=()).loc["small"]
    assert row.parameters == 18 + 2 + 8 + 96 + 3
    # Zeros besides: both biases, beta and the moving mean.
    assert row.nonzeros == row.parameters - 72 - 2 - 3 - 2 - 2
    assert (row.prunable, row.sparsity) == (114, 72 / 114)
    assert row.dense_bytes == 4 * 127
    assert row.multiply_adds == 18 * 16 + 96
    assert row.nonzero_multiply_adds == 18 * 16 + 24


def test_costs_measure_several_models_side_by_side(small, monkeypatch, tmp_path):
    module = sys.modules[costs.__module__]
    monkeypatch.setattr(module, "measured_memory", lambda models, x, masks, batch: {"a": 10, "b": batch})
    masks = pw.Masks.from_sparsity(pw.score(pw.LiveModel(small).weights), 0.9)
    frame = costs({"a": small, "b": small}, masks={"b": masks}, batches=[2], seconds=0.001)
    assert list(frame.index) == ["a", "b"]
    assert frame.peak_memory_bytes.tolist() == [10, 2]
    assert frame.loc["b", "compact_bytes"] < frame.loc["a", "compact_bytes"]
    assert frame.loc["a", "tflite_bytes"] == frame.loc["b", "tflite_bytes"]
    content = export(small, tmp_path / "a.tflite").read_bytes()
    assert len(content) == frame.loc["a", "tflite_bytes"]
    for runner in runners.RUNNERS:
        times = frame[[f"{runner}_2_low", f"{runner}_2_ms", f"{runner}_2_high"]].to_numpy()
        assert (times > 0).all() and (np.diff(times) >= 0).all()
    assert frame.attrs["complete"] and set(frame.attrs["threads"]) == set(runners.RUNNERS)


def test_wrong_models_numbers_and_batches_are_named(small):
    with pytest.raises(TypeError, match="LiveModel is not a Keras 3 model"):
        costs(pw.LiveModel(small), batches=())
    with pytest.raises(TypeError, match="LiveModel is not a Keras 3 model"):
        memory.peak_memory(pw.LiveModel(small))
    with pytest.raises(ValueError, match="masks has an entry for 'b', .* no such model; there are: a"):
        memory.peak_memory({"a": small}, masks={"b": {}})
    with pytest.raises(ValueError, match="1.5.*whole number"):
        latency(small, batches=(1.5,))
    for threads in (0, -1):
        with pytest.raises(ValueError, match=f"threads is {threads}"):
            latency(small, batches=(1,), threads=threads)
    assert sparse_speedup(3, 3, sparsities=()).empty
    assert len(sparse_speedup(3, 3, batches=1, sparsities=0.5, seconds=0.001)) == 1


@pytest.mark.parametrize(
    "odd",
    [
        [keras.Input((4,), dtype="float64"), layers.Dense(2, dtype="float64")],  # not written
        [keras.Input((2, 2, 2, 2)), layers.Conv3D(2, 1, groups=2), layers.Flatten()],  # written, not run
    ],
    ids=["float64", "groups"],
)
def test_models_that_tflite_cannot_express_are_skipped_with_a_warning(small, odd, monkeypatch):
    measured = []
    monkeypatch.setattr(
        sys.modules[costs.__module__], "measured_memory", lambda models, *_: measured.extend(models) or {}
    )
    models = {"small": small, "odd": keras.Sequential(odd)}
    with pytest.warns(UserWarning, match="odd: not timed by TFLite.*(express|run)"):
        frame = costs(models, batches=[2], runners=["keras", "tflite"], seconds=0.001)
    assert (frame.keras_2_ms > 0).all()
    assert frame.tflite_2_ms.notna().tolist() == [True, False]
    assert frame.compact_bytes.notna().all()
    assert "small" in measured


def test_numbers_unknown_for_a_subclassed_model_are_nan_with_a_warning(subclassed, data):
    with pytest.warns(UserWarning, match="subclassed: multiply-adds are not counted"):
        frame = costs(subclassed, data[0], batches=())
    assert np.isnan(frame.multiply_adds).all()
    assert frame.parameters.tolist() == [subclassed.count_params()]


def test_peak_memory_grows_with_the_activations():
    """16 channels of 128 × 128 in 4 bytes are 1 MB for each example."""
    wide = keras.Sequential([keras.Input((128, 128, 1)), layers.Conv2D(16, 3, padding="same")])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = memory.peak_memory(wide, batch=16)
    if not found:
        pytest.skip("only Linux reports peak memory")
    activations = 16 * 17 * 128 * 128 * 4
    assert activations <= found[wide.name] < 3 * activations


def test_peak_memory_takes_its_arguments_in_the_former_order_and_warns(small, monkeypatch):
    called = []
    monkeypatch.setattr(memory, "measured_memory", lambda *arguments: called.append(arguments))
    x, masks = np.ones((1, 4), np.float32), {"a": pw.Masks({"k": np.ones(2, bool)})}
    memory.peak_memory({"a": small}, x, masks, 8)
    order = r"peak_memory\(models, batch, x, masks\) is deprecated; use .*\(models, x, masks, batch\)\.$"
    for former in ((8, x, masks), (np.int64(8), x, masks)):
        with pytest.warns(DeprecationWarning, match=order) as warned:
            memory.peak_memory({"a": small}, *former)
        assert [w.filename for w in warned] == [__file__]
    with pytest.warns(DeprecationWarning, match=order):
        memory.peak_memory({"a": small}, 8, masks=masks, x=x)
    assert called[0] == ({"a": small}, x, masks, 8) and called[1:] == [called[0]] * 3


def test_masks_of_one_model_are_applied_when_it_is_timed(dense, half):
    frame = costs(dense, masks=half, batches=[1], runners=["keras"], seconds=0.001)
    # Half of 80 kernel weights, 8 gammas and 8 variances; biases, betas and means are still zero.
    assert frame.nonzeros.tolist() == [40 + 8 + 8]
    assert (frame.keras_1_ms > 0).all()
