"""Reverse proxies in front of a bot, set up by the configuration that docs/operating.md shows."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.settings import ROOT

_PAGE = (ROOT / "docs" / "operating.md").read_text()
_PLACES = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))

_BOT = "127.0.0.1:8080"
_NAME = "bot.example.org"


@dataclass(frozen=True)
class Proxy:
    """A program, and how it is started; `write` puts its files into a folder of its own."""

    name: str
    write: Callable[[Path, int, int], Sequence[str]]
    """Takes the folder, the proxy's own port and the bot's; returns the arguments."""

    @property
    def program(self) -> str | None:
        """Where it is, `None` where it is not installed."""
        return shutil.which(self.name, path=_PLACES)


@contextlib.asynccontextmanager
async def in_front(proxy: Proxy, folder: Path, port: int, bot_port: int) -> AsyncIterator[None]:
    """Run a proxy meanwhile, on this port, with its files in this folder."""
    assert proxy.program is not None, "the test that asks for it is skipped without one"
    process = await asyncio.create_subprocess_exec(
        proxy.program,
        *proxy.write(folder, port, bot_port),
        cwd=folder,
        env={"PATH": os.defpath, "HOME": str(folder)},
        stdin=asyncio.subprocess.DEVNULL,  # what it prints is shown when the test fails
    )
    try:
        await _listens(process, port)
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def _listens(process: asyncio.subprocess.Process, port: int) -> None:
    async with asyncio.timeout(20):
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            assert process.returncode is None, "it has ended"
            await asyncio.sleep(0.05)


def _shown(language: str, word: str) -> str:
    """The one block of the page in this language that has this word."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", _PAGE, re.MULTILINE | re.DOTALL)
    [block] = [block for block in blocks if word in block]
    return str(block)


def _changed(text: str, *changes: tuple[str, str]) -> str:
    """The text with each pattern, which has to be there, replaced."""
    for pattern, new in changes:
        text, count = re.subn(pattern, new, text)
        assert count, f"docs/operating.md no longer has {pattern}"
    return text


def _nginx(folder: Path, port: int, bot_port: int) -> Sequence[str]:
    site = _changed(
        _shown("nginx", "server_name"),
        (r"listen 443 ssl;", f"listen 127.0.0.1:{port};"),
        (r"\tssl_certificate\w* .*\n", ""),  # no certificate here, so no HTTPS
        (re.escape(_BOT), f"127.0.0.1:{bot_port}"),
    )
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    user = "user root;\n" if os.geteuid() == 0 else ""  # else its workers cannot use the folder
    (folder / "nginx.conf").write_text(
        f"{user}daemon off;\npid {folder}/pid;\nerror_log stderr;\n{_shown('nginx', 'events')}"
        f"http {{\naccess_log off;\n{temporary}{site}}}\n"
    )
    return ("-p", str(folder), "-e", "stderr", "-c", str(folder / "nginx.conf"))


def _caddy(folder: Path, port: int, bot_port: int) -> Sequence[str]:
    site = _changed(
        _shown("caddy", "reverse_proxy"),
        (r"\A\{\n", "{\n\tadmin off\n"),  # its port for orders is one for the whole machine
        (re.escape(_NAME), f"http://127.0.0.1:{port}"),  # no certificate here, so no HTTPS
        (re.escape(_BOT), f"127.0.0.1:{bot_port}"),
    )
    (folder / "Caddyfile").write_text(site)
    return ("run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile")


NGINX = Proxy("nginx", _nginx)
CADDY = Proxy("caddy", _caddy)
