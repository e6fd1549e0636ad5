"""Who runs the bot: starts `python bot.py …` as a process of its own and reads what it prints."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from pathlib import Path

from core.settings import ROOT
from tests.fakes.discord import DiscordStandIn
from tests.fakes.discord_wire import Watch
from tests.fakes.twelvelabs import TwelveLabsStandIn
from tests.fakes.twelvelabs_script import SPOKEN

QUESTION = "Which failure taught you the most about yourself?"
PRIVATE_WORDS = (QUESTION, SPOKEN[:30])
"""Nothing a member says may be printed: the question, and how the transcript begins."""


class BotProcess:
    """One process; make it with `Operator`."""

    def __init__(self, process: Process) -> None:
        self.output = ""
        """Everything it has printed, to standard output and to standard error."""
        self.errors = ""
        """What of it went to standard error: the log."""
        self._process = process
        self._watch = Watch()
        self._reading = asyncio.gather(self._read("stdout"), self._read("stderr"))

    async def printed(self, text: str, within: float = 30.0) -> None:
        """Wait until it has printed a text.

        Raises:
            AssertionError: it did not in time.
        """
        try:
            await self._watch.until(lambda: text in self.output, within, f"printing {text!r}")
        except AssertionError as error:
            raise AssertionError(f"{error}; it printed:\n{self.output}") from None

    async def ended(self, within: float = 30.0) -> int:
        """Wait for its end, and return its exit code: negative for a signal."""
        try:
            async with asyncio.timeout(within):
                await self._process.wait()
                await asyncio.shield(self._reading)
        except TimeoutError:
            raise AssertionError(f"still running; it printed:\n{self.output}") from None
        return self._process.returncode or 0

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def children(self, word: str) -> list[Path]:
        """Its child processes whose command line has this word, as folders in /proc."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):  # it has ended meanwhile
                if _parent_of(folder) == self.pid and word in (folder / "cmdline").read_text():
                    found.append(folder)
        return found

    def forked(self, word: str) -> list[Path]:
        """What its servers with this word in the command line have forked, as folders in /proc."""
        servers = {int(folder.name) for folder in self.children(word)}
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):  # it has ended meanwhile
                if _parent_of(folder) in servers:
                    found.append(folder)
        return found

    async def until(self, look: Callable[[], object], what: str, within: float = 30.0) -> None:
        """Wait for something that this process brings about, as long as it runs.

        Raises:
            AssertionError: it did not happen in time, or the process has ended.
        """

        def ended_or_seen() -> object:
            return self._process.returncode is not None or look()

        try:
            await eventually(ended_or_seen, what, within)
            assert look(), f"{what}: it ended first"
        except AssertionError as error:
            raise AssertionError(f"{error}; it printed:\n{self.output}") from None

    def signal(self, number: int) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    def terminate(self) -> None:
        """Ask it to stop, as a supervisor does (SIGTERM)."""
        self._process.terminate()

    async def kill(self) -> None:
        """End it on the spot, as a power cut does (SIGKILL)."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self.ended()

    async def _read(self, name: str) -> None:
        stream = self._process.stdout if name == "stdout" else self._process.stderr
        assert stream is not None
        while line := await stream.readline():
            self.output += line.decode()
            if name == "stderr":
                self.errors += line.decode()
            self._watch.changed()


class Operator:
    """Starts bots that know nothing but these settings, between the two stand-ins."""

    def __init__(self, folder: Path, discord: DiscordStandIn, vendor: TwelveLabsStandIn) -> None:
        self.data_dir = folder / "data"
        self.settings = {
            "DISCORD_TOKEN": discord.token,
            "DISCORD_API_URL": discord.api_url,
            "TWELVELABS_API_KEY": vendor.key,
            "TWELVELABS_BASE_URL": vendor.url,
            "DATA_DIR": str(self.data_dir),
        }
        self._folder = folder
        self._discord = discord
        self.program: tuple[str, ...] = (str(ROOT / "bot.py"),)
        """What is run: `bot.py`, or something around it with its arguments."""
        self.webhook_secret = f"made-up-{secrets.token_hex(16)}"
        self.database_password = f"made-up-{secrets.token_hex(16)}"
        """For settings that a test adds: these two are looked for in what is printed, too."""
        self._secrets = {discord.token, vendor.key, *PRIVATE_WORDS}
        self._secrets |= {self.webhook_secret, self.database_password}
        self._bots: list[BotProcess] = []

    async def start(self, command: str, *arguments: str, **settings: str) -> BotProcess:
        """Start `python bot.py COMMAND`; `settings` come on top of, or in place of, its own."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, *self.program, command, *arguments),
            cwd=self._folder,  # where no .env is
            env={"PATH": os.defpath, **self.settings, **settings},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
        )
        self._bots.append(BotProcess(process))
        return self._bots[-1]

    async def run(self, *arguments: str, **settings: str) -> BotProcess:
        """Start the bot, and wait until it is connected. It logs at DEBUG, which must be safe."""
        before = self._discord.gateway.identifies
        bot = await self.start("run", *arguments, **{"LOG_LEVEL": "DEBUG"} | settings)
        await bot.until(lambda: self._discord.gateway.identifies > before, "a connected bot")
        return bot

    async def outcome(self, command: str, *arguments: str, **settings: str) -> tuple[int, str]:
        """Run a command to its end: its exit code and everything it printed."""
        bot = await self.start(command, *arguments, **settings)
        return await bot.ended(), bot.output

    def clips_on_disk(self) -> list[Path]:
        """The clips that lie in the data folder."""
        return sorted((self.data_dir / "clips").glob("*"))

    async def aclose(self) -> None:
        """End what still runs, and look through all that was printed for what must not be."""
        for bot in self._bots:
            await bot.kill()
        for bot in self._bots:
            for secret in self._secrets | self._discord.secrets():
                assert secret not in bot.output, f"printed a secret:\n{bot.output}"
            assert "Traceback" not in bot.output, bot.output


async def eventually(look: Callable[[], object], what: str, within: float = 10.0) -> None:
    """Wait for something that tells nobody when it happens, such as a row or a file.

    Raises:
        AssertionError: it did not happen in time; the text says `what`.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + within
    while not look():
        assert loop.time() < until, f"{what}: not within {within:g} s"
        await asyncio.sleep(0.02)


def _parent_of(process: Path) -> int:
    return int((process / "stat").read_text().rpartition(")")[2].split()[1])
