"""How single values of the settings are read, and what is said about one that is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def as_origin(url: str) -> str:
    """An address without a path, where browsers give camera and microphone.

    Raises:
        ValueError: it is none; what to write in its place.
    """
    parts = urlsplit(url.rstrip("/"))
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    if not safe or not parts.hostname or parts.username is not None:
        raise ValueError("must begin with https:// (http:// only for localhost)")
    if parts.path or parts.query or parts.fragment:
        raise ValueError("must be an address without a path, such as https://bot.example.org")
    return parts.geturl()


def as_api_base(url: str) -> str:
    """The base of an OpenAI-compatible server, with or without what follows it.

    Raises:
        ValueError: it is none; what to write in its place.
    """
    url = url.strip()
    try:
        parts = urlsplit(url)  # it joins lines silently
        named = bool(parts.hostname) and parts.port != 0 and url.isprintable() and " " not in url
    except ValueError:
        named = False
    if not named or parts.scheme not in ("http", "https"):
        raise ValueError("must be an address such as http://localhost:11434/v1")
    if parts.username is not None or parts.query or parts.fragment or ";" in parts.path:
        raise ValueError("must hold no user, password or key: that goes into JUDGE_API_KEY")
    path = parts.path.rstrip("/").removesuffix("/chat/completions").rstrip("/")
    return parts._replace(path=path or "/v1").geturl()


def secret_in(file: str | Path, name: str) -> str:
    """What a file holds, without the white space around it. No error repeats any of it.

    Raises:
        ValueError: it can't be read or holds nothing.
    """
    try:
        secret = Path(file).read_text("utf-8-sig").strip()
    except OSError as error:
        raise ValueError(
            f"the file that {name.upper()} names can't be read ({error.strerror})"
        ) from None
    except ValueError:
        raise ValueError(f"the file that {name.upper()} names is not a text file") from None
    if not secret:
        raise ValueError(f"the file that {name.upper()} names is empty")
    return secret


def refusal(item: ErrorDetails) -> str:
    """One setting and what is wrong with it, as a sentence; never the value itself."""
    place = item["loc"]
    name = f"{str(place[0]).upper()}: " if place else ""  # a check of several settings has none
    return f"{name}{_in_words(item).removeprefix('Value error, ')}."


def _in_words(item: ErrorDetails) -> str:
    """What is wrong with a value, for who wrote it; never the value itself."""
    limits = item.get("ctx", {})
    words = {
        "int_parsing": "must be a whole number, such as 10",
        "int_from_float": "must be a whole number, such as 10",
        "greater_than_equal": f"must be at least {limits.get('ge')}",
        "less_than_equal": f"must be at most {limits.get('le')}",
        "enum": f"must be {limits.get('expected')}",
        "literal_error": f"must be {limits.get('expected')}",
        "string_too_long": f"must have at most {limits.get('max_length')} characters",
        "string_pattern_mismatch": "must be numbers, such as 0-3 or 0,1",  # SHARD_IDS alone has one
    }
    return words.get(item["type"], item["msg"])


class UnlessEmptied(PydanticBaseSettingsSource):
    """What `.env` says, without settings whose variable in the environment is there, but empty."""

    def __init__(
        self,
        kind: type[BaseSettings],
        dotenv: PydanticBaseSettingsSource,
        environment: Mapping[str, str],
    ) -> None:
        super().__init__(kind)
        self._dotenv = dotenv
        self._environment = environment

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """As the file says; pydantic asks this of every source."""
        return self._dotenv.get_field_value(field, field_name)

    def __call__(self) -> dict[str, Any]:
        """The settings in the file that count."""
        emptied = {name.lower() for name, value in self._environment.items() if not value}
        return {name: value for name, value in self._dotenv().items() if name not in emptied}
