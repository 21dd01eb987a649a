"""The pruned LeNets that come with the project are what their record says."""

import numpy as np
import pytest

import prunewidgets as pw
from benchmarks.checkpoints import FOLDER, load, save
from benchmarks.frontier import ROWS, SEEDS, finished
from benchmarks.sparse_training import Settings, train, without_dead_ends

RUNS = finished()


@pytest.mark.parametrize("row", [row for row in ROWS if ROWS[row].get("masks", "global") == "global"])
def test_every_seed_was_run_with_the_settings_of_today(row):
    runs = [run for run in RUNS if run["row"] == row]
    assert sorted(run["seed"] for run in runs) == list(SEEDS[ROWS[row]["net"]])
    assert all(Settings(**run["settings"]) == Settings(**ROWS[row]) for run in runs)
    assert all(run["ratio"] >= run["settings"]["ratio"] - 0.01 for run in runs)


def test_checkpoints_have_the_nonzeros_and_the_error_of_their_runs():
    _, digits = pw.datasets.mnist()
    paths = sorted(FOLDER.glob("*.npz"))
    assert paths
    for path in paths:
        net, _, times = path.stem.rpartition("_")
        [run] = [run for run in RUNS if run["seed"] == 0 and run["row"] == path.stem]
        live = pw.LiveModel(load(net, path))
        assert {name: int(np.count_nonzero(array)) for name, array in live.weights.items()} == run["kept"]
        # A processor that adds in another order may tip a digit or two.
        assert abs(100 * (1 - live.evaluate(*digits)) - run["error_percent"]) < 0.025
        assert path.stat().st_size < 300_000


def test_a_file_gives_the_model_back(tmp_path):
    model = pw.models.lenet_300_100(seed=3)
    pw.prune(model, sparsity=0.97)
    model.layers[-1].bias.assign(np.arange(10))
    save(model, tmp_path / "net.npz")
    again = load("lenet_300_100", tmp_path / "net.npz")
    assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), again.get_weights(), strict=True))
    assert [path.name for path in tmp_path.iterdir()] == ["net.npz"]


def test_a_few_steps_of_lenet_5():
    rng = np.random.default_rng(0)
    x, y = rng.random((2048, 28, 28, 1), np.float32), rng.integers(0, 10, 2048)
    settings = Settings("lenet_5", ratio=300, epochs=14)
    weights = pw.LiveModel(train(settings, x, y, seed=0)).weights
    kept = sum(np.count_nonzero(array) for array in weights.values())
    assert 0.98 * 430_500 / 300 < kept <= round(430_500 / 300)  # one that came back may not have moved yet


@pytest.mark.parametrize("masks", ["global", "layer", "random"])
def test_training_ends_with_exactly_as_many_weights_as_it_should(masks):
    rng = np.random.default_rng(0)
    x, y = rng.random((2560, 28, 28, 1), np.float32), rng.integers(0, 10, 2560)
    settings = Settings("lenet_300_100", ratio=50, epochs=25, masks=masks, dropout=0.1)
    live = pw.LiveModel(train(settings, x, y, seed=0))
    kept = {name: int(np.count_nonzero(array)) for name, array in live.weights.items()}
    assert abs(sum(kept.values()) - 266_200 / 50) <= (0.5 if masks == "global" else 1.5)
    if masks == "layer":
        assert kept == {"dense_1/kernel": 4704, "dense_2/kernel": 600, "dense_3/kernel": 20}


def test_units_without_a_way_on_get_no_weights():
    """Three units of which only the second leads on; the first layer then feeds only the second."""
    ones = lambda *shape: np.ones(shape, bool)  # noqa: E731
    last = ones(3, 2) & np.array([[False], [True], [False]])
    masks = without_dead_ends({"a": ones(4, 5), "b": ones(5, 3), "c": last}, "lenet_300_100")
    assert masks["b"].sum(axis=0).tolist() == [0, 5, 0]
    assert masks["a"].all()
    masks = without_dead_ends(
        {"a": ones(4, 5), "b": ones(5, 3), "c": np.zeros((3, 2), bool)}, "lenet_300_100"
    )
    assert not masks["a"].any()


def test_a_filter_is_used_if_any_of_its_places_is():
    weights = pw.LiveModel(pw.models.lenet_5()).weights
    masks = {name: np.ones(array.shape, bool) for name, array in weights.items()}
    used = np.zeros((4, 4, 50), bool)
    used[2, 1, 7] = used[0, 3, 49] = True
    masks["dense_1/kernel"] &= used.reshape(800, 1)
    masks = without_dead_ends(masks, "lenet_5")
    assert np.flatnonzero(masks["conv_2/kernel"].any(axis=(0, 1, 2))).tolist() == [7, 49]
    assert masks["conv_1/kernel"].all()
