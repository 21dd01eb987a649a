"""Whatever puts weights back into a pruned model puts them back pruned."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import prunewidgets as pw


def network():
    model = keras.Sequential(
        [keras.Input((6,)), layers.Dense(16, "relu", name="a"), layers.Dense(4, "softmax", name="b")]
    )
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    model.optimizer.build(model.trainable_variables)
    return model


def zeros(model):
    kernels = [variable.numpy() for variable in model.variables if variable.name == "kernel"]
    return sum((kernel == 0).sum() for kernel in kernels) / sum(kernel.size for kernel in kernels)


def load_weights(model, folder):
    model.save_weights(folder / "dense.weights.h5")
    return lambda: model.load_weights(folder / "dense.weights.h5")


def load_weights_by_checkpoint(model, folder):
    path = tf.train.Checkpoint(model=model).save(str(folder / "dense"))
    return lambda: tf.train.Checkpoint(model=model).restore(path).assert_existing_objects_matched()


def set_weights(model, folder):
    dense = model.get_weights()
    return lambda: model.set_weights(dense)


def of_a_layer(model, folder):
    dense = [layer.get_weights() for layer in model.layers]
    return lambda: [layer.set_weights(w) for layer, w in zip(model.layers, dense, strict=True)]


def add_noise(model, folder):
    return lambda: [variable.assign_add(np.ones(variable.shape)) for variable in model.variables]


def rows(model, folder):
    def write():
        kernel = model.layers[0].kernel.value
        kernel.scatter_update(tf.IndexedSlices(tf.ones((2, 16)), tf.constant([0, 3])))
        kernel.scatter_nd_add([[1, 1]], [1.0])
        kernel[2].assign(tf.ones(16))

    return write


@pytest.mark.parametrize(
    "make",
    [load_weights, load_weights_by_checkpoint, set_weights, of_a_layer, add_noise, rows],
    ids=lambda make: make.__name__,
)
def test_every_way_of_writing_keeps_the_zeros(tmp_path, make):
    model = network()
    write = make(model, tmp_path)
    write()
    dense = [variable.numpy() for variable in model.trainable_variables]
    masks = pw.prune(model, 0.5, criterion="random")
    write()
    assert zeros(model) == 0.5
    assert pw.LiveModel(model).applied == masks
    if make not in (add_noise, rows):  # what is kept is what was written
        for before, after, kept in zip(
            dense[::2], model.trainable_variables[::2], masks.values(), strict=True
        ):
            assert np.array_equal(after.numpy(), np.where(kept, before, 0))
    pw.LiveModel(model).restore()
    assert [v.numpy().tobytes() for v in model.trainable_variables] == [v.tobytes() for v in dense]
    write()
    assert zeros(model) == 0


STOPPING = {"monitor": "loss", "patience": 3, "min_delta": 10, "restore_best_weights": True}


@pytest.mark.parametrize("first", [True, False], ids=["pruning first", "stopping first"])
@pytest.mark.parametrize("schedule", ["polynomial", "one_shot"])
def test_restored_best_weights_are_as_sparse_as_the_model(data, first, schedule):
    model = network()
    begin = {"begin": 8} if schedule == "one_shot" else {"end": 24, "frequency": 4}
    pruning = pw.GradualPruning(0.9, schedule=schedule, criterion="random", **begin)
    stopping = keras.callbacks.EarlyStopping(**STOPPING)
    callbacks = [pruning, stopping] if first else [stopping, pruning]
    history = model.fit(*data, epochs=12, batch_size=8, verbose=0, callbacks=callbacks)
    live = pw.LiveModel(model)
    assert stopping.stopped_epoch == 3
    assert zeros(model) == live.applied.sparsity == history.history["sparsity"][-1] == 0.9


def test_a_loaded_checkpoint_is_as_sparse_as_the_model(data, tmp_path):
    model = network()
    saving = keras.callbacks.ModelCheckpoint(tmp_path / "{epoch}.weights.h5", save_weights_only=True)
    pruning = pw.GradualPruning(0.9, end=24, frequency=4)
    model.fit(*data, epochs=4, batch_size=8, verbose=0, callbacks=[saving, pruning])
    model.load_weights(tmp_path / "1.weights.h5")
    assert zeros(model) == pw.LiveModel(model).applied.sparsity == 0.9
    model.fit(*data, epochs=1, batch_size=8, verbose=0)
    assert zeros(model) == 0.9


def test_a_resumed_backup_is_as_sparse_as_the_model(data, tmp_path):
    model = network()

    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 1:
                raise RuntimeError("stopped")

    def backup():
        return keras.callbacks.BackupAndRestore(tmp_path / "backup")

    with pytest.raises(RuntimeError):
        model.fit(*data, epochs=4, batch_size=8, verbose=0, callbacks=[backup(), Stop()])
    pw.prune(model, 0.5, criterion="random")
    model.fit(*data, epochs=4, batch_size=8, verbose=0, callbacks=[backup()])
    assert zeros(model) == pw.LiveModel(model).applied.sparsity == 0.5


@pytest.mark.parametrize("pruned", ["before", "while"])
def test_swapping_in_averages_keeps_the_zeros(data, pruned):
    model = network()
    model.compile(
        keras.optimizers.SGD(0.1, momentum=0.9, use_ema=True, ema_momentum=0.8),
        "sparse_categorical_crossentropy",
    )
    model.fit(*data, epochs=1, batch_size=8, verbose=0)
    swap = keras.callbacks.SwapEMAWeights(swap_on_epoch=True)
    seen = []
    look = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(zeros(model)))
    if pruned == "before":
        pw.prune(model, 0.5, criterion="random")
        callbacks = [swap, look]
    else:
        callbacks = [pw.GradualPruning(0.5, "one_shot", begin=8, criterion="random"), swap, look]
    model.fit(*data, epochs=3, batch_size=8, verbose=0, callbacks=callbacks)
    assert zeros(model) == pw.LiveModel(model).applied.sparsity == 0.5
    assert seen[1:] == [0.5, 0.5]
    assert np.isfinite(model.get_weights()[0]).all()


def test_writing_something_of_another_shape_is_refused_as_before(data):
    model = network()
    pw.prune(model, 0.5)
    with pytest.raises(ValueError, match="shape"):
        model.layers[0].kernel.assign(np.zeros(16, np.float32))
    with pytest.raises(ValueError, match="[Ss]hape"):
        model.layers[0].kernel.value.assign(tf.zeros(16))


def test_an_embedding_trained_by_rows_is_held_in_a_custom_step(data):
    model = keras.Sequential([keras.Input((5,), dtype="int32"), layers.Embedding(9, 6, name="words")])
    optimizer = keras.optimizers.SGD(0.1)
    tokens = np.random.default_rng(0).integers(0, 9, (20, 5))
    masks = pw.prune(model, 0.5, criterion="random")
    before = pw.LiveModel(model).weights["words/embeddings"]
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(model(tokens) + 1.0)
    slopes = tape.gradient(loss, model.trainable_variables)
    assert isinstance(slopes[0], tf.IndexedSlices)
    optimizer.apply(slopes, model.trainable_variables)
    after, kept = pw.LiveModel(model).weights["words/embeddings"], masks["words/embeddings"]
    assert (after == 0).sum() == (~kept).sum()
    assert (after[kept] != before[kept]).all()
