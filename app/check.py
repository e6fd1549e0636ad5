"""`python bot.py check`: every setting tried for real, one human sentence for each problem."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from importlib.util import find_spec
from ipaddress import ip_address

import aiohttp

from analyzer.engines import Engine
from analyzer.media.disk_space import FREE_BYTES, free_bytes
from analyzer.media.sandbox import sandbox
from app.data_folder import check_data_folder
from app.engines import make_judge, make_local, make_twelvelabs
from app.features import feature_lines
from core.assessment import EngineName
from core.errors import EngineError, SettingsProblem
from core.models import THIS_MACHINE
from core.private_files import make_folder
from core.settings import Settings
from storage.engine.connections import checked, sqlite_file
from storage.engine.database import Database
from storage.maintenance.other_database import check_choice

DISCORD_API = "https://discord.com/api/v10"
SECONDS = 15.0


async def run_checks(settings: Settings, *, any_database: bool = False) -> int:
    """Print what is right and what is wrong; returns 1 if anything is wrong. Prints no secret.

    With `any_database` it also takes one that hardly is the one that was meant.
    """
    wrong = 0
    contained, sandbox_line = await sandbox()
    async for fine, sentence in _findings(settings, any_database=any_database):
        print(f"{'ok   ' if fine else 'WRONG'}  {sentence}")
        wrong += not fine
    if contained:
        print(f"ok     {sandbox_line}.")
    warnings = (
        _check_operator(settings),
        _check_webhooks(settings),
        _check_studio(settings),
        _check_judge_host(settings),
        None if contained else f"{sandbox_line}.",
        await asyncio.to_thread(_check_room, settings),
    )
    for warning in filter(None, warnings):
        print(f"WARN   {warning}")
    for line in feature_lines(settings):
        print(line)
    return 1 if wrong else 0


async def _findings(settings: Settings, *, any_database: bool) -> AsyncIterator[tuple[bool, str]]:
    yield await _check_token(settings)
    folder = await _check_folder(settings)
    yield folder
    if folder[0] or settings.database_url is not None:  # else it would say the same again
        yield _check_packages(settings) or await _check_database(settings, any_database)
    yield await _check_engine(settings)
    if judged := await _check_judge(settings):
        yield judged


def _check_operator(settings: Settings) -> str | None:
    """What members are not told about who has their data; `None` when all is filled in."""
    given = {"OPERATOR_NAME": settings.operator_name, "OPERATOR_CONTACT": settings.operator_contact}
    missing = [name for name, value in given.items() if not value]
    if not missing:
        return None
    return (
        f"{' and '.join(missing)} not set: members have a right to know who runs the bot and where "
        "to reach them. Set both, and fill in docs/PRIVACY.template.md and docs/TERMS.template.md."
    )


def _check_studio(settings: Settings) -> str | None:
    """What keeps `/practice` from leading into the studio, where one was begun to be set up."""
    if len(settings.studio_needs) != 1 or settings.public_url is None:
        return None
    return "PUBLIC_URL is set, but HTTP_PORT is not: /practice can't lead into the studio."


def _check_judge_host(settings: Settings) -> str | None:
    """Where members' words would go readable by everybody on the way."""
    host, plain = settings.judge_host, (settings.judge_url or "").startswith("http://")
    if host is None or not plain or host == THIS_MACHINE or _is_private(host):
        return None
    return (
        f"JUDGE_URL is http://, and {host} is not on this machine or a private network: members' "
        "words and JUDGE_API_KEY can be read on the way. Use https://."
    )


def _is_private(host: str) -> bool:
    """Whether a host is in a network of one's own: by its address, or a name without a domain."""
    try:
        return ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".local", ".internal", ".lan", ".home.arpa"))


def _check_room(settings: Settings) -> str | None:
    """Why the largest clip would have to wait; `None` where the disk has room for it."""
    try:
        largest, free = settings.max_clip_bytes, free_bytes(settings.data_dir)
    except OSError:
        return None  # what is wrong with the folder has been said
    needed = FREE_BYTES + 2 * largest  # a mended copy beside it
    if free >= needed:
        return None
    return (
        f"the disk with DATA_DIR has {free // 1_000_000} MB free, and a clip of {largest // 10**6} "
        f"MB needs {needed // 1_000_000}: with less it waits. Make room, or set MAX_CLIP_MB lower."
    )


def _check_webhooks(settings: Settings) -> str | None:
    """Why no webhook will come in though a secret is set; `None` when all is well."""
    if settings.twelvelabs_webhook_secret is None:
        return None
    if settings.engine_name is not EngineName.TWELVELABS:
        return "TWELVELABS_WEBHOOK_SECRET is set, but the local engine is in use: no webhook comes."
    if settings.http_port is None and not settings.on_postgres:
        return (
            "TWELVELABS_WEBHOOK_SECRET is set, but HTTP_PORT is not: webhooks cannot come in. "
            "Set HTTP_PORT, or remove the secret."
        )
    return None


async def _check_token(settings: Settings) -> tuple[bool, str]:
    if settings.discord_token is None:
        return False, (
            "DISCORD_TOKEN is not set. Copy it from the Bot page of your application in the "
            "Discord developer portal into .env."
        )
    base = (settings.discord_api_url or DISCORD_API).rstrip("/")
    headers = {"Authorization": f"Bot {settings.discord_token.get_secret_value()}"}
    try:
        async with (
            asyncio.timeout(SECONDS),
            aiohttp.ClientSession() as session,
            session.get(f"{base}/users/@me", headers=headers, allow_redirects=False) as answer,
        ):
            if answer.status == 200:
                name = (await answer.json(content_type=None)).get("username")
                return True, f"Discord accepts DISCORD_TOKEN; the bot is called {name!s:.40}."
            if answer.status in (401, 403):
                return False, (
                    "Discord does not accept DISCORD_TOKEN. Reset it on the Bot page of your "
                    "application in the Discord developer portal and copy the new one."
                )
            return False, f"Discord answered {answer.status}. Try again in a few minutes."
    except (aiohttp.ClientError, ValueError, TimeoutError):
        return False, "Discord could not be reached. Check this machine's internet connection."


async def _check_folder(settings: Settings) -> tuple[bool, str]:
    shown = settings.data_dir.absolute()

    def write() -> bool:
        check_data_folder(settings)
        if new := not settings.data_dir.exists():
            make_folder(settings.data_dir)
        try:
            with tempfile.TemporaryFile(dir=settings.data_dir) as file:
                file.write(b"greenroom")
        finally:
            if new:  # whoever reads the line below may want to correct it first
                settings.data_dir.rmdir()
        return new

    try:
        new = await asyncio.to_thread(write)
    except SettingsProblem as problem:
        return False, str(problem)
    except OSError as error:
        return False, (
            f"DATA_DIR can't be written ({error.strerror}). Give the user that runs the bot the "
            "right to write there, or choose another folder."
        )
    if new:
        return True, f"DATA_DIR {shown} is not there yet: the first start makes it."
    return True, f"DATA_DIR {shown} can be written."


def _check_packages(settings: Settings) -> tuple[bool, str] | None:
    """What is wrong with the packages for Postgres; `None` when nothing is."""
    needed = ("psycopg", "psycopg_pool", "procrastinate") if settings.on_postgres else ()
    missing = [name for name in needed if find_spec(name) is None]
    if not missing:
        return None
    return False, (
        f"DATABASE_URL is Postgres, but {' and '.join(missing)} "
        f"{'is' if len(missing) == 1 else 'are'} not installed. "
        "Run: pip install -r requirements/postgres.txt"
    )


async def _check_database(settings: Settings, any_database: bool) -> tuple[bool, str]:
    if not any_database:
        try:
            await check_choice(settings.sqlalchemy_url, settings.data_dir, settings.default_file)
        except SettingsProblem as problem:
            return False, str(problem)
    file = sqlite_file(checked(settings.sqlalchemy_url))
    if file is not None and not await asyncio.to_thread(file.exists):
        return True, "There is no database yet: the first start makes it."
    database = Database(settings.sqlalchemy_url)
    try:
        await database.open()
    except SettingsProblem as problem:
        return False, str(problem)
    finally:
        await database.close()
    return True, "The database opens and its tables are up to date."


async def _check_engine(settings: Settings) -> tuple[bool, str]:
    if settings.engine_name is EngineName.LOCAL:
        engine: Engine = make_local(settings, lambda line: print(f"       {line}", flush=True))
    elif settings.twelvelabs_api_key is None:
        return False, (
            "ENGINE is twelvelabs, but TWELVELABS_API_KEY is not set. Set the key, or remove "
            "ENGINE to use the local engine."
        )
    else:
        engine = make_twelvelabs(settings, "check")
    try:
        # a speech model may have to be downloaded first: the local engine has limits of its own
        local = settings.engine_name is EngineName.LOCAL
        async with asyncio.timeout(None if local else 4 * SECONDS):
            return True, await engine.check()
    except EngineError as error:
        return False, error.sentence
    except TimeoutError:
        return False, "The engine did not answer within a minute. Try again in a few minutes."
    finally:
        await engine.aclose()


async def _check_judge(settings: Settings) -> tuple[bool, str] | None:
    """Ask the judge for real; `None` where there is none."""
    judge = make_judge(settings)
    if judge is None:
        return None
    try:
        return True, await judge.check()
    except EngineError as error:
        return False, error.sentence
    finally:
        await judge.aclose()
