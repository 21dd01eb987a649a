"""MNIST without a clone, downloaded by Keras: from a server here; whole, broken, altered or not at all."""

import hashlib
import http.server
import io
import threading
from types import SimpleNamespace

import keras.src.datasets.mnist as keras_mnist
import numpy as np
import pytest

from prunewidgets import datasets
from prunewidgets.data import clone


def archive() -> bytes:
    """A small archive of the same form."""
    drawn = np.random.default_rng(0)
    images = {f"x_{part}": drawn.integers(0, 256, (30, 28, 28), np.uint8) for part in ("train", "test")}
    labels = {f"y_{part}": drawn.integers(0, 10, 30, np.uint8) for part in ("train", "test")}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **images, **labels)
    return buffer.getvalue()


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A server that Keras asks for the digits; `answer` is what it sends, `asked` what it was asked for."""
    whole = archive()
    state = SimpleNamespace(answer=whole, asked=[], port=0)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            state.asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", str(len(whole)))
            self.end_headers()
            self.wfile.write(state.answer)

        def log_message(self, *_):
            pass

    listening = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.port = listening.server_port
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    original = keras_mnist.get_file

    def get_file(fname, origin, file_hash):
        assert len(file_hash) == 64  # Keras asks for a SHA-256; here it is that of the small archive
        name = origin.rpartition("/")[2]
        digest = hashlib.sha256(whole).hexdigest()
        return original(fname, f"http://127.0.0.1:{state.port}/{name}", file_hash=digest, cache_dir=tmp_path)

    monkeypatch.setattr(keras_mnist, "get_file", get_file)
    monkeypatch.setattr(clone, "FOLDER", tmp_path / "no clone")
    yield state
    listening.shutdown()
    listening.server_close()


def test_the_digits_are_downloaded_once_with_a_progress_bar_and_kept(server, tmp_path, capsys):
    (x_train, y_train), (x_test, _) = datasets.mnist()
    assert (x_train.shape, x_test.shape, y_train.dtype) == ((30, 28, 28, 1), (30, 28, 28, 1), np.int64)
    said = capsys.readouterr().out
    assert "Keras" in said and "Downloading data" in said and "━" in said
    datasets.mnist()
    assert server.asked == ["/mnist.npz"]
    assert (tmp_path / "datasets" / "mnist.npz").read_bytes() == server.answer
    assert "Downloading" not in capsys.readouterr().out


@pytest.mark.parametrize("damage", ["broken off", "altered"])
def test_a_broken_or_altered_download_is_said_and_the_next_one_heals_it(server, damage):
    whole = server.answer
    half = len(whole) // 2
    server.answer = whole[:half] if damage == "broken off" else whole[:half] + bytes(len(whole) - half)
    with pytest.raises(ConnectionError, match="could not be downloaded"):
        datasets.mnist()
    server.answer = whole
    (x_train, _), _ = datasets.mnist()
    assert x_train.shape == (30, 28, 28, 1)
    assert len(server.asked) == 2


def test_an_altered_copy_in_the_cache_is_downloaded_again(server, tmp_path):
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets" / "mnist.npz").write_bytes(b"not the digits")
    (x_train, _), _ = datasets.mnist()
    assert x_train.shape == (30, 28, 28, 1)


def test_without_a_network_the_error_says_what_to_do(server):
    server.port = 1  # nobody listens there
    with pytest.raises(ConnectionError, match="Connect to the network once, or use a clone"):
        datasets.mnist()
