"""What a process hides from others of its user: its memory, and secrets in its environment."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from core.settings import FROM_FILES, ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux shows and hides these")

SECRETS = {name.upper(): f"sesame-{name}" for name in FROM_FILES} | {
    "POSTGRES_PASSWORD": "sesame-postgres",
    "discord_token": "sesame-in-small-letters",
}
OTHERS = {"PATH": "/usr/bin:/bin", "DISCORD_TOKENS": "not ours", "EMPTY": ""}

BOT = """
import ctypes, json, os, subprocess, sys
from pathlib import Path
from core.secrecy import hide_process, wipe_variable
from core.settings import Settings, forget_secrets
os.environ["ADDED"] = "later"  # the C library moves its list when one is added
Settings.model_config["env_file"] = None
settings = Settings()
for _ in range(2):  # a second time does no harm
    hide_process()
    forget_secrets(wipe_variable)
wipe_variable("NEVER_THERE")
started = subprocess.run(["env", "-0"], capture_output=True, check=True).stdout.decode()
print(json.dumps({
    "shown": Path("/proc/self/environ").read_text(),
    "started": started,
    "python": dict(os.environ),
    "token": settings.discord_token.get_secret_value(),
    "can be traced": ctypes.CDLL(None).prctl(3, 0, 0, 0, 0),  # PR_GET_DUMPABLE
}))
"""


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    ended = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", BOT],
        cwd=ROOT,
        env=OTHERS | SECRETS,
        capture_output=True,
        check=True,
    )
    loaded: dict[str, Any] = json.loads(ended.stdout)
    return loaded


def test_no_secret_is_in_what_the_system_shows_and_all_else_is(found: dict[str, Any]) -> None:
    assert "sesame" not in found["shown"]
    entries = found["shown"].split("\0")
    for name, value in OTHERS.items():
        assert f"{name}={value}" in entries


def test_nothing_that_is_started_gets_a_secret(found: dict[str, Any]) -> None:
    started = dict(entry.split("=", 1) for entry in found["started"].split("\0") if entry)
    assert "sesame" not in found["started"]
    assert started.items() >= (OTHERS | {"ADDED": "later"}).items()
    assert not {*SECRETS} & {*found["python"]}


def test_the_settings_still_have_them(found: dict[str, Any]) -> None:
    assert found["token"] in (SECRETS["DISCORD_TOKEN"], SECRETS["discord_token"])


def test_the_process_cannot_be_traced_by_its_user(found: dict[str, Any]) -> None:
    assert found["can be traced"] == 0
