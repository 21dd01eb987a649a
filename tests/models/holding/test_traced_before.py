"""Zeros stay zero in steps that were traced before the pruning, whichever model or loop they belong to."""

import warnings

import keras
import pytest
import tensorflow as tf
from keras import layers

import prunewidgets as pw

LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def inner():
    return keras.Sequential(
        [keras.Input((6,)), layers.Dense(16, activation="relu", name="a"), layers.Dense(4, name="b")]
    )


def zeros(model):
    """Share of zeros in all kernels, by NumPy."""
    kernels = [variable.numpy() for variable in model.variables if variable.name == "kernel"]
    return sum((kernel == 0).sum() for kernel in kernels) / sum(kernel.size for kernel in kernels)


def outer_fit(model, x, y):
    outer = keras.Sequential([model, layers.Dense(4)])
    outer.compile("adam", LOSS)
    return lambda: outer.fit(x, y, batch_size=8, verbose=0)


def outer_several_steps(model, x, y):
    outer = keras.Sequential([model, layers.Dense(4)])
    outer.compile("adam", LOSS, steps_per_execution=4)
    return lambda: outer.fit(x, y, batch_size=8, verbose=0)


def outer_averages(model, x, y):
    outer = keras.Sequential([model, layers.Dense(4)])
    outer.compile(keras.optimizers.SGD(0.1, momentum=0.9, use_ema=True, ema_overwrite_frequency=3), LOSS)
    return lambda: outer.fit(x, y, batch_size=8, verbose=0)


def outer_on_batch(model, x, y):
    outer = keras.Sequential([model, layers.Dense(4)])
    outer.compile("adam", LOSS)
    return lambda: outer.train_on_batch(x, y)


def two_deep(model, x, y):
    return outer_fit(keras.Sequential([keras.Input((6,)), model, layers.Dense(5)]), x, y)


def encoder(model, x, y):
    """The weights are in two Functional models; the one that trains is not the one that is pruned."""
    tensor = keras.Input((6,))
    whole = keras.Model(tensor, layers.Dense(6)(model(tensor)))
    whole.compile("adam", "mse")
    return lambda: whole.fit(x, x, batch_size=8, verbose=0)


class Gan(keras.Model):
    def __init__(self, generator):
        super().__init__()
        self.generator, self.critic = generator, layers.Dense(1)
        self.second = keras.optimizers.Adam(0.01)

    def train_step(self, data):
        x, _ = data
        with tf.GradientTape(persistent=True) as tape:
            judged = self.critic(self.generator(x, training=True))
            loss, other = tf.reduce_mean(judged**2), -tf.reduce_mean(judged)
        ours, theirs = self.generator.trainable_variables, self.critic.trainable_variables
        self.second.apply_gradients(zip(tape.gradient(loss, ours), ours, strict=True))
        self.optimizer.apply_gradients(zip(tape.gradient(other, theirs), theirs, strict=True))
        return {"loss": loss}


def gan(model, x, y):
    whole = Gan(model)
    whole.compile("adam")
    return lambda: whole.fit(x, y, batch_size=8, verbose=0)


class BySubtraction(keras.Model):
    """A training step without an optimizer."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            loss = LOSS(y, self.net(x, training=True))
        for variable, slope in zip(
            self.trainable_variables, tape.gradient(loss, self.trainable_variables), strict=True
        ):
            variable.assign_sub(0.1 * slope)
        return {"loss": loss}


def by_subtraction(model, x, y):
    whole = BySubtraction(model)
    whole.compile()
    return lambda: whole.fit(x, y, batch_size=8, verbose=0)


def loop(model, x, y):
    optimizer = keras.optimizers.SGD(0.1, momentum=0.9)

    @tf.function
    def step(x, y):
        with tf.GradientTape() as tape:
            loss = LOSS(y, model(x, training=True))
        optimizer.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)

    return lambda: step(x, y)


def loop_of_raw_writes(model, x, y):
    @tf.function(jit_compile=True)
    def step(x, y):
        with tf.GradientTape() as tape:
            loss = LOSS(y, model(x, training=True))
        for variable, slope in zip(
            model.trainable_variables, tape.gradient(loss, model.trainable_variables), strict=True
        ):
            variable.value.assign_add(-0.1 * slope)

    return lambda: step(x, y)


def loop_in_loops(model, x, y):
    """A traced function in a traced loop, a method of an object."""

    class Trainer:
        def __init__(self):
            self.optimizer = keras.optimizers.Adam(0.01)
            self.optimizer.build(model.trainable_variables)

        @tf.function
        def step(self, x, y):
            with tf.GradientTape() as tape:
                loss = LOSS(y, model(x, training=True))
            self.optimizer.apply(tape.gradient(loss, model.trainable_variables))

        @tf.function
        def run(self, x, y):
            for _ in tf.range(3):
                self.step(x, y)

    trainer = Trainer()
    return lambda: trainer.run(x, y)


STEPS = [
    outer_fit,
    outer_several_steps,
    outer_averages,
    outer_on_batch,
    two_deep,
    encoder,
    gan,
    by_subtraction,
    loop,
    loop_of_raw_writes,
    loop_in_loops,
]


@pytest.mark.parametrize("make", STEPS, ids=lambda make: make.__name__)
def test_a_step_traced_before_the_pruning_keeps_the_zeros(data, make):
    model = inner()
    train = make(model, *data)
    train()
    masks = pw.prune(model, 0.8, criterion="random")
    before = [variable.numpy() for variable in model.variables]
    train()
    wanted = round(0.8 * (6 * 16 + 16 * 4))
    assert zeros(model) * (6 * 16 + 16 * 4) == wanted
    assert pw.LiveModel(model).applied == masks
    assert all(
        (old != new.numpy()).any() for old, new in zip(before, model.variables, strict=True)
    )  # it did train
    pw.LiveModel(model).restore()
    train()
    assert zeros(model) == 0  # and after restore it trains everything again


@pytest.mark.parametrize("make", [outer_fit, loop], ids=lambda make: make.__name__)
def test_training_after_restore_is_bit_for_bit_that_of_a_model_never_pruned(data, make):
    ended = []
    for pruned in (False, True):
        keras.backend.clear_session(free_memory=False)
        keras.utils.set_random_seed(3)
        model = inner()
        train = make(model, *data)
        train()
        if pruned:
            pw.prune(model, 0.5)
            pw.LiveModel(model).restore()
        train()
        ended.append([variable.numpy().tobytes() for variable in model.variables])
    assert ended[0] == ended[1]


def test_steps_of_other_models_are_not_traced_again(data):
    model, other = inner(), inner()
    traced = []

    @tf.function
    def step(x):
        traced.append(1)
        return other(x)

    step(data[0])
    pw.prune(model, 0.5)
    step(data[0])
    assert len(traced) == 1


def concrete_step(model, x, y):
    """What cannot be traced again."""
    optimizer = keras.optimizers.SGD(0.1)

    @tf.function
    def step(x, y):
        with tf.GradientTape() as tape:
            loss = LOSS(y, model(x, training=True))
        optimizer.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)

    traced = step.get_concrete_function(tf.constant(x), tf.constant(y))
    return lambda: traced(tf.constant(x), tf.constant(y))


def raw_step(model, x, y):
    """TensorFlow's own operation on the memory of a variable."""

    def step():
        for variable in model.trainable_variables:
            tf.raw_ops.AssignAddVariableOp(
                resource=variable.value.handle, value=tf.ones(variable.shape, variable.dtype)
            )

    return step


@pytest.mark.parametrize("make", [concrete_step, raw_step], ids=lambda make: make.__name__)
def test_weights_that_cannot_be_held_at_zero_are_refused(data, make):
    model = inner()
    live = pw.LiveModel(model)
    train = make(model, *data)
    train()
    masks = pw.prune(model, 0.5, criterion="random")
    train()
    left = sum((live.weights[name] == 0).sum() for name in masks)
    assert left < masks.removed
    with pytest.warns(UserWarning, match="not zero any more: .*'a/kernel'.*apply"):
        assert live.applied.removed == left
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert live.applied.removed == left  # said once
    live.apply(masks)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert live.applied == masks
    assert zeros(model) == 0.5


def test_the_inner_and_the_outer_model_can_both_be_pruned(data):
    model = inner()
    outer = keras.Sequential([model, layers.Dense(4, name="top")])
    outer.compile("adam", LOSS)
    before = [variable.numpy() for variable in outer.variables]
    pw.prune(model, 0.5)
    pw.prune(outer, 0.7)
    pw.prune(model, 0.6)
    outer.fit(*data, verbose=0)
    assert zeros(outer) == pytest.approx(0.7, abs=0.01)
    pw.LiveModel(model).restore()
    outer.fit(*data, verbose=0)
    assert zeros(outer) == pytest.approx(0.7, abs=0.01)
    pw.LiveModel(outer).restore()
    pw.LiveModel(model).restore()
    outer.fit(*data, verbose=0)
    assert zeros(outer) == 0
    assert all((a != b.numpy()).any() for a, b in zip(before, outer.variables, strict=True))
