"""``.keras`` files of models with shared layers: Keras alone writes some that it cannot read."""

import keras
import numpy as np
import pytest

import prunewidgets as pw

from ..shared_nets import (
    Twice,
    block_at_every_step_too,
    by_operation,
    cell_of_two,
    chain_with_repeats,
    dense_at_every_step_too,
    held_by,
    in_two_models,
    normalised,
    one_way_of_both,
    owned_twice,
    random_net,
    tied_embeddings,
)
from ..small_nets import examples, randomise


@pytest.mark.parametrize(
    "build",
    [
        dense_at_every_step_too,
        block_at_every_step_too,
        cell_of_two,
        chain_with_repeats,
        normalised,
        tied_embeddings,
        lambda: held_by(Twice),
        lambda: random_net(0),
    ],
)
def test_keras_can_read_the_written_files(build, tmp_path):
    model = randomise(build())
    model.compile("adam", "mean_squared_error")
    path = pw.export(model, tmp_path / "it.keras")
    x = examples(model)
    for again in (pw.load_exported(path), keras.saving.load_model(path)):
        assert again.count_params() == model.count_params()
        assert len(again.variables) == len(model.variables)
        np.testing.assert_allclose(again(x), model(x), rtol=1e-4, atol=1e-5)
        assert again.compiled


@pytest.mark.parametrize("build", [in_two_models, one_way_of_both])
def test_a_file_that_could_not_be_read_back_is_not_written(build, tmp_path):
    with pytest.raises(ValueError, match=r"in (d|forward_simple_rnn), which several layers or models share"):
        pw.export(build(), tmp_path / "it.keras")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("build", "says"), [(owned_twice, "'one' and 'other' both own"), (by_operation, "'einsum' takes")]
)
def test_sharing_that_no_file_can_store_is_named_in_a_warning(build, says, tmp_path):
    with pytest.warns(UserWarning, match=f"does not hold what is shared: .*{says}"):
        pw.export(build(), tmp_path / "it.keras")
