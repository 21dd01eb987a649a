"""The compact file: all of it comes back; whatever is broken is one clear error, and takes no memory."""

import base64
import json
import lzma
import os
import struct
import tracemalloc
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from prunewidgets import compact, quantization
from prunewidgets.compact import container
from prunewidgets.compact.preset_dictionary import WORDS

RNG = np.random.default_rng(0)
WEIGHTS = RNG.normal(size=(20, 12)).astype(np.float32) * (RNG.random((20, 12)) < 0.3)
STORED = {
    "a/kernel": quantization.cluster_values(WEIGHTS, 3),
    "b/kernel": quantization.round_values(WEIGHTS, 8, per_channel=True),
    "b/bias": quantization.round_values(WEIGHTS[0], 4),
    "c": WEIGHTS,
    "gewicht-ü": WEIGHTS.astype(np.float16),
}
DATA = compact.to_bytes(STORED, {"layers": [1, None, "x"]})
DTYPES = st.sampled_from([np.float32, np.float64, np.float16, np.int8, np.uint8, np.int64, np.bool_])


def values(stored) -> np.ndarray:
    return stored if isinstance(stored, np.ndarray) else stored.values


def sealed(header: object, rest: bytes = b"\0\0", length: int | None = None) -> bytes:
    """A file with any header and a checksum that fits."""
    packer = zlib.compressobj(zdict=WORDS)
    head = packer.compress(json.dumps(header).encode()) + packer.flush()
    body = struct.pack("<I", len(head) if length is None else length) + head + rest
    return b"PWC\x01" + struct.pack("<I", zlib.crc32(body)) + body


def test_everything_is_read_back_bit_for_bit(tmp_path):
    size = compact.write(STORED, tmp_path / "a.pwc", {"layers": [1, None, "x"]})
    assert size == (tmp_path / "a.pwc").stat().st_size == len(DATA)
    content = compact.read(tmp_path / "a.pwc")
    assert content.architecture == {"layers": [1, None, "x"]}
    assert list(content.arrays) == list(STORED)
    for name, stored in STORED.items():
        assert type(content.arrays[name]) is type(stored)
        assert np.array_equal(content.values[name], values(stored))
        assert content.values[name].dtype == values(stored).dtype
    assert list(tmp_path.iterdir()) == [tmp_path / "a.pwc"]


def test_the_layout_is_as_documented():
    assert DATA[:4] == b"PWC\x01"
    checksum, length = struct.unpack("<II", DATA[4:12])
    assert checksum == zlib.crc32(DATA[8:])
    header = json.loads(zlib.decompressobj(zdict=WORDS).decompress(DATA[12 : 12 + length]))
    assert header["arrays"][0] == ["a/kernel", [20, 12], "shared", "<f4", 8, 3]
    assert np.array_equal(np.frombuffer(DATA, "<f4", 8, 12 + length), STORED["a/kernel"].codebook)


@settings(max_examples=50)
@given(st_numpy.arrays(DTYPES, st_numpy.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5)))
def test_plain_arrays_of_any_shape_are_read_back(array):
    again = compact.from_bytes(compact.to_bytes({"w": array})).arrays["w"]
    assert again.dtype == array.dtype and again.shape == array.shape
    assert np.array_equal(again, array, equal_nan=array.dtype.kind == "f")


def test_a_codebook_of_halves_takes_half_the_bytes():
    shared = STORED["a/kernel"]
    rounded = quantization.Shared(shared.codes, shared.codebook.astype(np.float16).astype(np.float32))
    saved = len(compact.to_bytes({"a": shared})) - len(compact.to_bytes({"a": rounded}))
    assert 12 <= saved <= 20  # 8 values of 2 bytes, and a few bytes of the header either way
    assert np.array_equal(compact.from_bytes(compact.to_bytes({"a": rounded})).values["a"], rounded.values)


def test_arrays_that_are_not_numbers_are_refused_and_the_old_file_is_kept(tmp_path):
    (tmp_path / "old.pwc").write_bytes(b"old")
    for bad in (np.array(["a"]), np.array([1j]), np.array([None])):
        with pytest.raises(TypeError, match="'w' has dtype"):
            compact.write({"w": bad}, tmp_path / "old.pwc")
    with pytest.raises(FileNotFoundError, match="no folder"):
        compact.write(STORED, tmp_path / "none" / "a.pwc")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"old"]


def test_a_failed_write_keeps_the_old_file(tmp_path, monkeypatch):
    compact.write(STORED, tmp_path / "a.pwc")
    monkeypatch.setattr("os.fsync", lambda handle: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        compact.write({"w": WEIGHTS}, tmp_path / "a.pwc")
    assert list(compact.read(tmp_path / "a.pwc").arrays) == list(STORED)
    assert len(list(tmp_path.iterdir())) == 1


def test_a_missing_file_another_format_or_version_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="no file"):
        compact.read(tmp_path / "none.pwc")
    (tmp_path / "zip.pwc").write_bytes(b"PK\3\4 and more")
    with pytest.raises(ValueError, match="zip.pwc is not a compact file"):
        compact.read(tmp_path / "zip.pwc")
    with pytest.raises(ValueError, match="another version"):
        compact.from_bytes(b"PWC\x02" + DATA[4:])


def test_every_truncated_file_is_an_error():
    for end in range(len(DATA)):
        with pytest.raises(ValueError):
            compact.from_bytes(DATA[:end])


@settings(max_examples=150)
@given(st.integers(0, len(DATA) - 1), st.integers(1, 255), st.booleans())
def test_flipped_bytes_are_a_value_error_even_with_a_matching_checksum(place, flip, seal):
    data = bytearray(DATA)
    data[place] ^= flip
    if seal and place >= 8:
        data[4:8] = struct.pack("<I", zlib.crc32(data[8:]))
        try:  # other weights may come back, or the one error: nothing else, and no crash
            compact.from_bytes(bytes(data))
        except ValueError as error:
            assert "damaged" in str(error)
    else:
        with pytest.raises(ValueError):
            compact.from_bytes(bytes(data))


@settings(max_examples=100)
@given(st.binary(max_size=200), st.booleans())
def test_random_bytes_are_a_value_error(noise, begin):
    body = struct.pack("<I", zlib.crc32(noise)) + noise
    with pytest.raises(ValueError):
        compact.from_bytes(b"PWC\x01" + body if begin else noise)


ENTRY = ["w", [4, 4], "plain", "<f4", 0, 0]


@pytest.mark.parametrize(
    "header",
    [
        {"arrays": [["w", [10**6, 10**6], "plain", "<f4", 0, 0]]},
        {"arrays": [["w", [10**30], "shared", "<f4", 0, 3]]},
        {"arrays": [["w", [10**12, 0], "plain", "<f4", 0, 0], ["v", [2], "plain", "<f4", 10**12, 0]]},
        {"arrays": [["w", [4], "shared", "<f4", 0, 10**9]]},
        {"arrays": [["w", [4], "uniform", "<f4", 1, 0]]},
        {"arrays": [["w", [-4, -4], "plain", "<f4", 0, 0]]},
        {"arrays": [["w", [1.5], "plain", "<f4", 0, 0]]},
        {"arrays": [["w", [4], "plain", "O", 0, 0]]},
        {"arrays": [["w", [4], "pickle", "<f4", 0, 0]]},
        {"arrays": [["w", [1] * 100, "plain", "<f4", 0, 0]]},
        {"arrays": [["w", [3000, 3000], "plain", "<f4", 0, 0]]},  # an hour's work, coded as no writer does
        {"arrays": [["w", [0], "plain", "<f4", 0, 0]] * 2},
        {"arrays": [[None, [0], "plain", "<f4", 0, 0]]},
        {"arrays": [ENTRY[:3]]},
        {"arrays": {"w": 1}},
        {"arrays": None},
        [],
        7,
    ],
)
def test_an_invalid_header_is_refused_before_memory_is_allocated(header):
    data = sealed({"architecture": None, **header} if isinstance(header, dict) else header, bytes(100))
    tracemalloc.start()
    with pytest.raises(ValueError, match="damaged"):
        compact.from_bytes(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000


@pytest.mark.parametrize("shape", [(0, 10**12), (10**12, 0)])
def test_an_empty_array_with_a_huge_axis_is_read(shape):
    content = compact.from_bytes(
        sealed({"arrays": [["w", shape, "plain", "<f4", 0, 0]], "architecture": None})
    )
    assert content.arrays["w"].shape == shape


def test_a_header_that_the_reader_would_refuse_is_not_written(monkeypatch):
    monkeypatch.setattr(container, "_LARGEST_HEADER", 1000)
    with pytest.raises(ValueError, match="architecture take .*the file allows 1,000"):
        compact.to_bytes(WEIGHTS, "x" * 1000)


def test_lengths_in_the_header_are_checked():
    for length in (0, 3, 2**31, 2**32 - 1):
        with pytest.raises(ValueError, match="damaged"):
            compact.from_bytes(sealed({"arrays": [], "architecture": None}, length=length))
    deep = "[" * 100_000
    packer = zlib.compressobj(zdict=WORDS)
    head = packer.compress(deep.encode()) + packer.flush()
    body = struct.pack("<I", len(head)) + head
    with pytest.raises(ValueError, match="damaged"):
        compact.from_bytes(b"PWC\x01" + struct.pack("<I", zlib.crc32(body)) + body)


GOLDEN = {  # written by 0.1.0 on 2026-11-27; the second as above four million weights
    "UFdDAex9XIk4AAAAePmP7mP7Q2nSJkKasRjtT2NQgROtlASXRmvFGkNbnXB5RCPYQknHBDJ2g97+hLfmQO4AAAljJxgAwAA0AD4lSRI9t21b"
    "PiVJkj4AAAAAAAD4PwAAAAAAAADAAAAAAAAA0D8AAAAAAAD4PwCdc2QfKhQADQ==": ("a", "b", "c"),
    "UFdDAf7rWIgpAAAAePmP7mP7Q2nSJkKasRjtT2NQgQNsVcKlURq5JpCxGdT2JdgXANq7G2sAwAA0AD4AAMA/AAAAwAAAgD4AAMA/Af03elha"
    "AAAE5ta0RgIAIQEWAAAAdC/lowEAC0aARoACAAAAAQACAAADgxHEUL/3ogABJAymGNjYH7bzfQEAAAAABFla": ("a", "c"),
}


@pytest.mark.parametrize("text", GOLDEN)
def test_a_stored_file_of_version_1_can_still_be_read(text):
    values = compact.from_bytes(base64.b64decode(text)).values
    assert tuple(values) == GOLDEN[text]
    expected = np.array([[0, 1.5, 0], [0, 0, -2], [0.25, 0, 1.5]])
    for name in {"a", "c"} & set(values):
        assert np.array_equal(values[name], expected)


def entries(count: int, *rest) -> dict:
    return {"arrays": [[f"w{number}", *rest] for number in range(count)], "architecture": None}


CRAFTED = {
    "one name, 15 bits": sealed(
        {"arrays": [["w", [1], "shared", "<f4", 0, 15]] * 20_000, "architecture": None}
    ),
    "many names, 15 bits": sealed(entries(5_000, [1], "shared", "<f4", 0, 15)),
    "lists": sealed({"arrays": [], "architecture": [[]] * 5_000_000}),
    "text": sealed({"arrays": [], "architecture": "a" * 16_000_000}),
    "zeros by LZMA": sealed(entries(1, [10**9], "plain", "<f8", 0, 0), b"\1" + lzma.compress(bytes(10**7))),
    "a dictionary of LZMA": sealed(
        entries(1, [8000], "plain", "<f8", 0, 0), b"\1" + lzma.compress(bytes(1000), preset=9)
    ),
}


@pytest.mark.parametrize("name", CRAFTED)
def test_a_crafted_file_is_refused_quickly_and_without_much_memory(name, monkeypatch):
    """Memory as measured, of at most 50 kB of file; time as how often the coder is asked for a bit."""
    asked, bit = [], container.decoded.__globals__["Decoder"].bit
    monkeypatch.setattr(
        container.decoded.__globals__["Decoder"], "bit", lambda *given: asked.append(1) or bit(*given)
    )
    tracemalloc.start()
    with pytest.raises(ValueError, match="damaged"):
        compact.from_bytes(CRAFTED[name])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30_000_000 and len(asked) < 10**6


def test_highly_compressible_weights_pass_the_readers_limits():
    zeros = np.zeros((3000, 2000), np.float32)
    data = compact.to_bytes({"w": zeros, "v": WEIGHTS})
    assert np.array_equal(compact.from_bytes(data).values["w"], zeros) and len(data) < 5000
    assert np.array_equal(compact.from_bytes(data).values["v"], WEIGHTS)


def test_a_highly_compressible_header_passes_the_readers_limits():
    """As that of a network of 300 equal layers, which zlib makes sixty times smaller."""
    layer = {"class_name": "Dense", "config": {"units": 4, "use_bias": True, "dtype": {"name": "float32"}}}
    layers = [{**layer, "name": f"dense_{number}"} for number in range(10_000)]
    assert compact.from_bytes(compact.to_bytes({"w": WEIGHTS}, layers)).architecture == layers


def test_mutated_files_with_a_matching_checksum_are_read_or_refused():
    """Seeded; more of them with PRUNEWIDGETS_FUZZ=100000. Bytes change, go and come, in header and codes."""
    rng = np.random.default_rng(0)
    length = struct.unpack("<I", DATA[8:12])[0]
    header = zlib.decompressobj(zdict=WORDS).decompress(DATA[12 : 12 + length])
    for _ in range(int(os.environ.get("PRUNEWIDGETS_FUZZ", 300))):
        text, rest = bytearray(header), bytearray(DATA[12 + length :])
        for part in (text, rest):
            for _ in range(rng.integers(0, 3)):
                place = rng.integers(len(part))
                part[place : place + rng.integers(0, 2)] = bytes(rng.integers(0, 256, rng.integers(0, 2)))
        packer = zlib.compressobj(zdict=WORDS)
        head = packer.compress(bytes(text)) + packer.flush()
        body = struct.pack("<I", len(head)) + head + bytes(rest)
        try:
            compact.from_bytes(b"PWC\x01" + struct.pack("<I", zlib.crc32(body)) + body)
        except ValueError as error:
            assert "damaged" in str(error)
