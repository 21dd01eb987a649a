"""WordPiece: how BERT and the networks made from it cut text into numbered pieces of words."""

import hashlib
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from pathlib import Path

import numpy as np

__all__ = ["encode", "pieces", "vocabulary"]

FILE = Path(__file__).with_name("wordpieces.txt")
SHA256 = "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"
PADDING, UNKNOWN, START, END = "[PAD]", "[UNK]", "[CLS]", "[SEP]"
_LONGEST = 100  # a longer word is unknown
# Blocks of Chinese characters, each of which is a word of its own.
_CHINESE = (
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B820, 0x2CEAF),
    (0x2F800, 0x2FA1F),
)


@cache
def vocabulary() -> tuple[str, ...]:
    """Return the 30,522 pieces of BERT's uncased vocabulary; "##" marks one that goes on with a word.

    Raises:
        ValueError: The file is altered.

    Example:
        >>> pw.wordpieces.vocabulary()[101:104], len(pw.wordpieces.vocabulary())
        (('[CLS]', '[SEP]', '[MASK]'), 30522)

    Source: Google, BERT (2018), Apache License 2.0; see ``datasets/README.md``.
    """
    content = FILE.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != SHA256:
        raise ValueError(f"{FILE} is altered: its SHA-256 is {found}, expected was {SHA256}. Reinstall.")
    return tuple(content.decode().splitlines())


def pieces(text: str) -> list[str]:
    """Return the pieces of a text, without the marks of its start and end.

    The text is put in lower case, accents are dropped, and each sign of punctuation is a word. A word is cut
    greedily: the longest piece of the vocabulary that it starts with, then the longest for the rest.

    Source: Schuster and Nakajima, "Japanese and Korean voice search" (2012), for the pieces; Devlin et al.,
        "BERT" (2019), for the preparation of the text.

    Example:
        >>> pw.wordpieces.pieces("Pruning word embeddings!")
        ['pr', '##uni', '##ng', 'word', 'em', '##bed', '##ding', '##s', '!']
    """
    return [piece for word in "".join(_cleaned(text)).lower().split() for piece in _of_word(word)]


def encode(texts: Sequence[str], length: int) -> np.ndarray:
    """Return the numbers of the pieces of texts, each between the marks of start and end.

    Args:
        texts: A sequence of texts, not one string.
        length: Columns of the result, 2 or more; longer texts lose what follows.

    Returns:
        (texts, length) int32 array, padded with 0.

    Raises:
        ValueError: ``length`` is below 2.
        TypeError: ``texts`` is a single string.

    Example:
        >>> pw.wordpieces.encode(["a puppy", "a small dog"], 6)
        array([[  101,  1037, 17022,   102,     0,     0],
               [  101,  1037,  2235,  3899,   102,     0]], dtype=int32)
    """
    if isinstance(texts, str):
        raise TypeError("texts is one string; give a list of them: pw.wordpieces.encode([text], length).")
    if length < 2:
        raise ValueError(f"length is {length!r}; the marks of start and end alone take 2.")
    known = _numbers()
    table = np.full((len(texts), length), known[PADDING], np.int32)
    for row, text in enumerate(texts):
        numbers = [known[piece] for piece in pieces(text)[: length - 2]]
        table[row, : len(numbers) + 2] = [known[START], *numbers, known[END]]
    return table


@cache
def _numbers() -> dict[str, int]:
    return {piece: number for number, piece in enumerate(vocabulary())}


@lru_cache(2**16)  # most words come more than once
def _of_word(word: str) -> tuple[str, ...]:
    """Return the pieces of a word in lower case, which may have accents and punctuation."""
    plain = "".join(c for c in unicodedata.normalize("NFD", word) if unicodedata.category(c) != "Mn")
    parts = "".join(f" {c} " if _is_punctuation(c) else c for c in plain).split()
    return tuple(piece for part in parts for piece in _cut(part, _numbers()))


def _cut(word: str, known: dict[str, int]) -> list[str]:
    if len(word) > _LONGEST:
        return [UNKNOWN]
    found: list[str] = []
    start = 0
    while start < len(word):
        mark = "##" if start else ""
        end = next((n for n in range(len(word), start, -1) if mark + word[start:n] in known), None)
        if end is None:
            return [UNKNOWN]
        found.append(mark + word[start:end])
        start = end
    return found


def _cleaned(text: str) -> Iterator[str]:
    """Yield the characters: control characters left out, blanks as spaces, Chinese ones between spaces."""
    for c in text:
        if c.isascii() and c.isalnum():
            yield c
            continue
        kind = unicodedata.category(c)
        if c in "\t\n\r" or kind == "Zs":
            yield " "
        elif any(first <= ord(c) <= last for first, last in _CHINESE):
            yield f" {c} "
        elif c not in "\0\ufffd" and kind not in ("Cc", "Cf"):
            yield c


def _is_punctuation(c: str) -> bool:
    """Return whether BERT splits at this character: as Unicode has it, and all signs of ASCII such as $."""
    return unicodedata.category(c).startswith("P") or (c.isascii() and c.isprintable() and not c.isalnum())
