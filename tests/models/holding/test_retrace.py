"""When the functions that were traced are searched."""

import gc

import keras
import pytest
from keras import layers

import prunewidgets as pw


def network():
    model = keras.Sequential([keras.Input((6,)), layers.Dense(4, name="a")])
    model.compile("sgd", "mse")
    return model


def test_functions_are_searched_only_if_one_has_used_the_weights(data, monkeypatch):
    """Searching all living objects takes long, and most pruned models have not been traced."""
    searched, search = [], gc.get_referrers
    monkeypatch.setattr(gc, "get_referrers", lambda *objects: searched.append(objects) or search(*objects))
    model, another = network(), network()
    another.predict(data[0], verbose=0)
    pw.prune(model, 0.5)
    pw.LiveModel(model).restore()
    assert not searched
    pw.prune(another, 0.5)
    assert len(searched) == 1


def test_no_collection_runs_while_living_functions_are_searched(data, monkeypatch):
    """With one, Python crashed, after ``fit`` of a transformer on a data set in every process that tried."""
    collecting = []

    def search(*objects):
        collecting.append(gc.isenabled())
        raise MemoryError

    monkeypatch.setattr(gc, "get_referrers", search)
    model = network()
    model.predict(data[0], verbose=0)
    with pytest.raises(MemoryError):
        pw.prune(model, 0.5)
    assert collecting == [False] and gc.isenabled()
