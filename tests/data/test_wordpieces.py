"""WordPiece cuts text as Hugging Face's `tokenizers` does, whose answers were copied here."""

import hashlib

import pytest

from prunewidgets.data import clone, wordpieces


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Pruning word embeddings!", "pr ##uni ##ng word em ##bed ##ding ##s !"),
        ("Crème brûlée, naïve café", "cr ##eme br ##ule ##e , naive cafe"),
        ("中文 剪枝 word", "中 文 [UNK] [UNK] word"),
        ("zero\u200bwidth\xa0blank\x07bell\tand\nline", "zero ##wi ##dt ##h blank ##bell and line"),
        ("don't pay $5.00 ^ ` <b>", "don ' t pay $ 5 . 00 ^ ` < b >"),
        ("\ufffd a\x00b", "ab"),
        ("ΑΒΓ İstanbul ß ﬁ", "α ##β ##γ istanbul ß ﬁ"),
        ("한국어 日本語", "ᄒ ##ᅡ ##ᆫ ##ᄀ ##ᅮ ##ᆨ ##ᄋ ##ᅥ 日 本 語"),
        ("😀 emoji", "[UNK] em ##oj ##i"),
        ("", ""),
    ],
)
def test_pieces_are_those_of_another_program(text, expected):
    assert wordpieces.pieces(text) == expected.split()


def test_numbers_stand_between_start_and_end_and_are_padded():
    found = wordpieces.encode(["a puppy", "hello , world and more"], 5)
    assert found.dtype == "int32"
    # BERT's numbers: [CLS] 101, [SEP] 102, "a" 1037, "puppy" 17022, "hello" 7592, "," 1010, "world" 2088.
    assert found.tolist() == [[101, 1037, 17022, 102, 0], [101, 7592, 1010, 2088, 102]]


def test_a_single_text_and_no_room_are_refused():
    with pytest.raises(TypeError, match="list"):
        wordpieces.encode("a puppy", 5)
    with pytest.raises(ValueError, match="take 2"):
        wordpieces.encode(["a puppy"], 1)


def test_the_vocabulary_is_checked(tmp_path, monkeypatch):
    assert wordpieces.SHA256 in (clone.FOLDER / "README.md").read_text(encoding="utf-8")
    altered = wordpieces.FILE.read_bytes().replace(b"puppy", b"pupqy")
    (tmp_path / "pieces.txt").write_bytes(altered)
    monkeypatch.setattr(wordpieces, "FILE", tmp_path / "pieces.txt")
    wordpieces.vocabulary.cache_clear()
    with pytest.raises(ValueError, match=hashlib.sha256(altered).hexdigest()):
        wordpieces.vocabulary()
