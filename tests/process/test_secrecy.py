"""A running bot as another program of its user sees it: nothing secret, and decoders shut in."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from analyzer.media.sandbox import sandbox
from tests.fakes.discord import DiscordStandIn
from tests.fakes.twelvelabs import TwelveLabsStandIn
from tests.process.operator import Operator, eventually

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")

AS_NOBODY = """
import os, sys
rights = "-all,+dac_override"  # to use this test's folder and Python
os.execvp("setpriv", ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
    f"--inh-caps={rights}", f"--ambient-caps={rights}", f"--bounding-set={rights}",
    sys.executable, *sys.argv[1:]])
"""


@pytest.fixture
def unprivileged(operator: Operator) -> Operator:
    """Runs the bot as a user without rights, as operators do; the tests may run as root."""
    if os.getuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("setpriv of util-linux is not installed")
        operator.program = ("-c", AS_NOBODY, *operator.program)
    return operator


async def test_a_running_bot_shows_no_secret_and_no_memory(
    unprivileged: Operator, discord: DiscordStandIn, vendor: TwelveLabsStandIn
) -> None:
    bot = await unprivileged.run(
        POSTGRES_PASSWORD=unprivileged.database_password,
        TWELVELABS_WEBHOOK_SECRET=unprivileged.webhook_secret,
    )
    seen = Path(f"/proc/{bot.pid}")
    for name in ("environ", "mem", "maps", "fd"):
        assert (seen / name).stat().st_uid == 0  # root's, though the bot is not
    assert "\nUid:\t0\t" not in (seen / "status").read_text()
    try:
        shown = (seen / "environ").read_text()
    except PermissionError:
        assert os.getuid() != 0
    else:
        assert "DATA_DIR=" in shown
        secret = (discord.token, vendor.key, unprivileged.webhook_secret)
        for value in (*secret, unprivileged.database_password):
            assert value not in shown


async def test_git_is_asked_for_the_version_and_given_no_secret(
    operator: Operator, tmp_path: Path
) -> None:
    folder = tmp_path / "programs"
    folder.mkdir()
    (folder / "git").write_text(f'#!/bin/sh\n/usr/bin/env > "{tmp_path}/given"\necho abc1234\n')
    (folder / "git").chmod(0o755)
    bot = await operator.start("run", PATH=f"{folder}:{os.defpath}", AWS_SECRET_ACCESS_KEY="key")
    await bot.printed("(commit abc1234)")
    await eventually((tmp_path / "given").exists, "git being asked")
    names = {line.split("=")[0] for line in (tmp_path / "given").read_text().splitlines()}
    assert names <= {"HOME", "PATH", "PWD", "OLDPWD", "SHLVL", "_"}


async def test_the_start_says_how_decoders_are_shut_in(operator: Operator) -> None:
    bot = await operator.start("run")
    _, said = await sandbox()
    await bot.printed(f"INFO app.gateway: {said}\n")
