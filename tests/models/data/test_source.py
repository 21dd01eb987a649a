"""Whatever the user gives as data becomes the same checked batches."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from prunewidgets.models.data import source as module
from prunewidgets.models.data.batch import Batch
from prunewidgets.models.data.source import is_stream, source_of

X = np.arange(20, dtype="float32").reshape(10, 2)
Y = np.arange(10)
PAIRS = [(X[:4], Y[:4]), (X[4:8], Y[4:8]), (X[8:], Y[8:])]


class _Batches(keras.utils.PyDataset):
    def __len__(self):
        return 3

    def __getitem__(self, number):
        return PAIRS[number]


class _Loader:
    """As torch's DataLoader: batches are lists, and there is no other method."""

    def __iter__(self):
        return iter([list(pair) for pair in PAIRS])


def _endless():
    while True:
        yield PAIRS[0]


def _in_place():
    x = np.empty((4, 2), "float32")
    for start in (0, 4):
        x[:] = X[start : start + 4]
        yield x, Y[start : start + 4]


def _dataset():
    return tf.data.Dataset.from_tensor_slices((X, Y)).batch(4)


FORMS = {
    "tf_data": _dataset,
    "py_dataset": _Batches,
    "loader": _Loader,
    "list": lambda: PAIRS,
    "function": lambda: lambda: iter(PAIRS),
    "arrays": lambda: X,
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("keep", [True, False])
def test_all_forms_give_the_same_batches_in_each_pass(form, keep):
    x = FORMS[form]()
    data = source_of(None, x, Y if x is X else None, batch_size=4, keep=keep)
    for _ in range(2):
        batches = list(data)
        assert [batch.n for batch in batches] == [4, 4, 2] and data.n == 10
        np.testing.assert_array_equal(np.concatenate([batch.x for batch in batches]), X)
        np.testing.assert_array_equal(np.concatenate([batch.y for batch in batches]), Y)
    assert source_of(None, data) is data


class _Tensor:
    """As a tensor of torch that needs gradients: NumPy takes it only detached, and never as bfloat16."""

    def __init__(self, values, dtype, detached=False):
        self.values, self.dtype, self.shape, self.detached = values, dtype, values.shape, detached

    def detach(self):
        return _Tensor(self.values, self.dtype, True)

    def cpu(self):
        return self

    def float(self):
        return _Tensor(self.values.astype("float32"), "torch.float32", self.detached)

    def __array__(self, dtype=None, copy=None):
        if not self.detached or self.dtype == "torch.bfloat16":
            raise TypeError("Got unsupported ScalarType BFloat16")
        return self.values


@pytest.mark.parametrize("dtype", ["torch.float32", "torch.bfloat16"])
def test_tensors_of_torch_are_read(dtype):
    data = source_of(None, [[_Tensor(X, dtype), _Tensor(Y, "torch.int64")]])
    (batch,) = data
    np.testing.assert_array_equal(batch.x, X)
    assert batch.x.dtype == np.float32 and list(batch.y) == list(Y)


def test_small_data_are_read_once_in_one_order(monkeypatch):
    shuffled = tf.data.Dataset.from_tensor_slices((X, Y)).shuffle(10, reshuffle_each_iteration=True).batch(4)
    data = source_of(None, shuffled)
    first, second = (np.concatenate([batch.y for batch in data]) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert sorted(first) == list(Y)
    assert len(source_of(None, _in_place).kept()) == 2
    np.testing.assert_array_equal(source_of(None, _in_place).kept()[0].x, X[:4])  # copied, not overwritten

    monkeypatch.setattr(module, "MOST_KEPT", 100)
    reads = []
    data = source_of(None, lambda: (reads.append(n) or pair for n, pair in enumerate(PAIRS)))
    assert data.kept() is None and data.n is None
    assert sum(batch.n for batch in data) == 10 == data.n
    assert len(list(data)) == 3 and len(reads) > 6  # read anew, never kept


def test_a_generator_is_read_once(monkeypatch):
    kept = source_of(None, iter(PAIRS))
    assert len(list(kept)) == len(list(kept)) == 3  # small, so it is kept
    used_up = (pair for pair in PAIRS)
    list(used_up)
    monkeypatch.setattr(module, "MOST_KEPT", 100)
    for data in (source_of(None, iter(PAIRS)), source_of(None, iter(PAIRS), keep=False)):
        data.kept()
        assert sum(batch.n for batch in data) == 10
        with pytest.raises(
            ValueError, match="can be read once only, and it has been read before. Pass the fun"
        ):
            list(data)
    with pytest.raises(ValueError, match="x is a generator, which can be read once only"):
        list(source_of(None, used_up))


def test_steps_limit_endless_data(monkeypatch):
    class Endless(keras.utils.PyDataset):
        num_batches = None

        def __getitem__(self, number):
            return PAIRS[number % 3]

    for endless in (_dataset().repeat(), Endless(), _endless, _endless()):
        assert [batch.n for batch in source_of(None, endless, steps=2)][0] == 4
        assert source_of(None, _dataset().repeat(), steps=5).kept()[3].n == 4
    for endless in (_dataset().repeat(), Endless()):
        with pytest.raises(ValueError, match="has no end. Pass steps=, the number of batches"):
            source_of(None, endless)
    monkeypatch.setattr(module, "_ENDLESS", 50)
    with pytest.raises(ValueError, match=r"has given 52 examples, and nothing says .* Pass steps="):
        list(source_of(None, _endless))
    with pytest.raises(ValueError, match="steps is 0; it has to be"):
        source_of(None, _dataset(), steps=0)
    with pytest.raises(ValueError, match="steps is for data sets"):
        source_of(None, X, Y, steps=2)


def test_inputs_labels_and_weights_in_any_structure():
    x, weights = {"a": X[:4].astype("float64"), "b": [1, 2, 3, 4]}, np.ones(4)
    (batch,) = source_of(None, [(x, {"left": Y[:4], "right": Y[:4]}, weights)])
    assert batch.x["a"].dtype == np.float32 and batch.x["b"].shape == (4,)
    assert list(batch.y) == ["left", "right"] and batch.sample_weight is not None
    (batch,) = source_of(None, lambda: iter([(X, None)]), labels=False)
    assert batch.y is None and batch.sample_weight is None
    assert next(iter(source_of(None, _dataset().map(lambda x, y: x), labels=False))).n == 4
    assert isinstance(batch, Batch)


def test_what_is_a_stream():
    assert all(is_stream(FORMS[form]()) is (form != "arrays") for form in FORMS)
    assert not any(
        is_stream(x) for x in ([X, X], {"a": X}, (X,), [[[1, 2], [3, 4]]], [X[0, 0]], "text", None, 3)
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (lambda: iter(()), "x .function. gives no examples"),
        (lambda: iter([X]), r"Batch 1 of x .function. holds no labels; batches need to be \(x, y\) or"),
        (
            lambda: iter([PAIRS[0], (X[:4], Y[:3])]),
            "Batch 2 of x .function. holds 4 examples and y 3; they need",
        ),
        (lambda: iter([(X[:4], Y[:4], np.ones(2))]), "holds 4 examples and sample_weight 2; they need"),
        (lambda: iter([(X, Y, Y, Y)]), "is a tuple of 4; it needs to be"),
        (lambda: iter(zip(X, Y, strict=True)), "is a single example; put examples together into batches"),
        (lambda: 3, "returned a value of type int; it needs to return"),
    ],
    ids=["empty", "no_labels", "y", "weights", "four", "single", "value"],
)
def test_errors_name_the_batch(data, message):
    with pytest.raises(ValueError, match=message):
        list(source_of(None, data))


def test_errors_before_reading():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    single = tf.data.Dataset.from_tensor_slices((X, np.eye(2)[Y % 2]))
    with pytest.raises(ValueError, match="is a single example"):
        list(source_of(model, single))
    with pytest.raises(ValueError, match=r"whose batches \(x, y\) .* hold their own .*; leave y out"):
        source_of(None, _dataset(), Y)
    with pytest.raises(ValueError, match="y is missing: pass labels, or as x a data set"):
        source_of(None, X)
