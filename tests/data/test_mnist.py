"""The data set: right when it is whole, refused with a way out when it is not."""

import hashlib
import io
import zipfile

import numpy as np
import pytest

from prunewidgets import datasets
from prunewidgets.data import clone
from prunewidgets.data import mnist as module


@pytest.fixture(scope="module")
def mnist():
    return datasets.mnist()


def test_mnist_has_the_documented_shapes_and_types(mnist):
    (x_train, y_train), (x_test, y_test) = mnist
    assert (x_train.shape, x_test.shape) == ((60_000, 28, 28, 1), (10_000, 28, 28, 1))
    assert (y_train.shape, y_test.shape) == ((60_000,), (10_000,))
    assert x_train.dtype == x_test.dtype == np.float32
    assert y_train.dtype == y_test.dtype == np.int64
    assert (x_train.min(), x_train.max()) == (0.0, 1.0)


def test_mnist_is_mnist(mnist):
    """Numbers published about MNIST elsewhere: first labels, digits per class, mean grey value 0.1307."""
    (x_train, y_train), (_, y_test) = mnist
    assert y_train[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert y_test[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert np.bincount(y_test).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert x_train.mean(dtype=np.float64) == pytest.approx(0.1307, abs=5e-5)


def test_pixels_are_grey_values_divided_by_255(mnist):
    raw = module.read_npz(clone.FOLDER / "mnist.npz")["x_test"]
    np.testing.assert_array_equal(np.rint(mnist[1][0][..., 0] * 255).astype(np.uint8), raw)


def test_each_call_gives_arrays_of_its_own(mnist):
    again = datasets.mnist()
    assert not np.shares_memory(again[1][0], mnist[1][0])
    again[1][0][:] = 9
    assert mnist[1][0].max() == 1.0


def test_the_readme_states_the_right_size_and_digest():
    content = (clone.FOLDER / "mnist.npz").read_bytes()
    readme = (clone.FOLDER / "README.md").read_text(encoding="utf-8")
    assert hashlib.sha256(content).hexdigest() in readme
    assert f"{len(content):,} bytes" in readme


def _missing(content: bytes) -> None:
    return None


def _truncated(content: bytes) -> bytes:
    return content[:-1000]


def _one_byte_altered(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def _empty(content: bytes) -> bytes:
    return b""


def _pickle_inside(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        member = io.BytesIO()
        np.lib.format.write_array(member, np.array([_Bomb()], dtype=object), allow_pickle=True)
        for name in ("x_train", "y_train", "x_test", "y_test"):
            archive.writestr(f"{name}.npy", member.getvalue())
    return buffer.getvalue()


class _Bomb:
    exploded = False

    def __reduce__(self):
        return _explode, ()


def _explode():
    _Bomb.exploded = True


@pytest.mark.parametrize("damage", [_truncated, _one_byte_altered, _empty, _pickle_inside, _missing])
def test_a_damaged_file_is_named_with_the_expected_digest_and_a_fix(damage, tmp_path, monkeypatch):
    folder = tmp_path / "datasets"
    folder.mkdir()
    (folder / "build_mnist.py").touch()  # what marks a clone
    content = damage((clone.FOLDER / "mnist.npz").read_bytes())
    if content is not None:
        (folder / "mnist.npz").write_bytes(content)
    monkeypatch.setattr(clone, "FOLDER", folder)

    with pytest.raises(FileNotFoundError if content is None else ValueError) as caught:
        datasets.mnist()
    message = str(caught.value)
    assert str(folder / "mnist.npz") in message
    assert module.MNIST_SHA256 in message
    assert "git checkout" in message and "build_mnist.py" in message
    assert not _Bomb.exploded


def test_pickles_are_refused_even_with_the_right_digest(tmp_path, monkeypatch):
    content = _pickle_inside(b"")
    path = tmp_path / "mnist.npz"
    path.write_bytes(content)
    monkeypatch.setattr(module, "MNIST_SHA256", hashlib.sha256(content).hexdigest())
    with pytest.raises(ValueError, match="allow_pickle"):
        module.read_npz(path)
    assert not _Bomb.exploded


def test_without_a_clone_the_digits_come_from_keras_with_a_warning(tmp_path, monkeypatch, capsys):
    """A folder ``datasets`` of somebody else's beside the package is not taken for the clone's."""
    keras = pytest.importorskip("keras")
    raw = module.read_npz(clone.FOLDER / "mnist.npz")
    asked = []

    def load_data():
        asked.append(True)
        return (raw["x_train"][:20], raw["y_train"][:20]), (raw["x_test"][:10], raw["y_test"][:10])

    monkeypatch.setattr(keras.datasets.mnist, "load_data", load_data)
    (tmp_path / "datasets").mkdir()
    monkeypatch.setattr(clone, "FOLDER", tmp_path / "datasets")

    (x_train, y_train), (x_test, y_test) = datasets.mnist()
    assert asked
    assert x_train.shape == (20, 28, 28, 1) and x_train.dtype == np.float32 and x_train.max() <= 1
    assert y_test.tolist() == raw["y_test"][:10].tolist() and y_train.dtype == np.int64
    assert "Keras" in capsys.readouterr().out


def test_without_a_clone_or_a_network_the_error_says_what_to_do(tmp_path, monkeypatch):
    keras = pytest.importorskip("keras")

    def load_data():
        raise Exception("URL fetch failure")  # what Keras raises

    monkeypatch.setattr(keras.datasets.mnist, "load_data", load_data)
    monkeypatch.setattr(clone, "FOLDER", tmp_path / "datasets")
    with pytest.raises(ConnectionError, match="clone of the project"):
        datasets.mnist()
