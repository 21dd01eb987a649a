import os

import keras
import pytest
from keras import layers

import prunewidgets as pw
from prunewidgets.models import load_model, save_model
from prunewidgets.models.formats import files

both = pytest.mark.parametrize("extension", ["keras", "h5"])


@both
def test_a_saved_model_comes_back_bit_for_bit_and_trains(dense, data, tmp_path, extension):
    path = tmp_path / f"model.{extension}"
    dense.fit(*data, epochs=1, verbose=0)
    save_model(dense, path)
    loaded = load_model(str(path))
    for one, other in zip(dense.get_weights(), loaded.get_weights(), strict=True):
        assert one.tobytes() == other.tobytes()
    loaded.fit(*data, epochs=1, verbose=0)
    assert os.listdir(tmp_path) == [path.name]


@both
def test_a_failed_save_leaves_the_old_file_and_no_rubbish(dense, tmp_path, extension, monkeypatch):
    path = tmp_path / f"model.{extension}"
    path.write_bytes(b"the old file")

    def crash(model, target, **options):
        with open(target, "wb") as file:
            file.write(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(keras.saving, "save_model", crash)
    with pytest.raises(OSError, match="disk full"):
        save_model(dense, path)
    assert path.read_bytes() == b"the old file"
    assert os.listdir(tmp_path) == [path.name]


def test_a_lambda_in_a_file_is_refused(tmp_path):
    model = keras.Sequential([keras.Input((3,)), layers.Lambda(lambda x: x * 2), layers.Dense(2)])
    model.save(tmp_path / "lambda.keras")
    with pytest.raises(ValueError, match=r"lambda\.keras could not be loaded.*safe mode"):
        load_model(tmp_path / "lambda.keras")


def test_safe_mode_is_always_on(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(keras.saving, "load_model", lambda path, **options: asked.append(options))
    for name in ("a.keras", "a.h5"):
        (tmp_path / name).write_bytes(b"")
        load_model(tmp_path / name)
    assert asked == [{"safe_mode": True}] * 2


@both
@pytest.mark.parametrize("damage", ["empty", "cut", "text"])
def test_damaged_files_are_named(dense, tmp_path, extension, damage):
    path = tmp_path / f"model.{extension}"
    save_model(dense, path)
    content = path.read_bytes()
    path.write_bytes(
        {"empty": b"", "cut": content[: len(content) // 2], "text": b"not a model " * 50}[damage]
    )
    with pytest.raises(ValueError, match=rf"model\.{extension} could not be loaded"):
        load_model(path)


def test_missing_files_folders_and_other_extensions(dense, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no file .*absent\.keras"):
        load_model(tmp_path / "absent.keras")
    with pytest.raises(FileNotFoundError, match="no folder .*nowhere"):
        save_model(dense, tmp_path / "nowhere" / "model.keras")
    for call in (lambda path: load_model(path), lambda path: save_model(dense, path)):
        with pytest.raises(ValueError, match=r"'\.pkl'; models are saved as \.keras or \.h5"):
            call(tmp_path / "model.pkl")


def test_markup_in_a_layer_name_survives_as_plain_text(tmp_path):
    name = "<img src=x onerror=alert(1)>"
    model = keras.Sequential([keras.Input((3,)), layers.Dense(2, name=name)], name="hostile")
    assert pw.LiveModel(model).names == (f"{name}/kernel",)
    files.save_model(model, tmp_path / "hostile.keras")
    assert pw.LiveModel(files.load_model(tmp_path / "hostile.keras")).names == (f"{name}/kernel",)
