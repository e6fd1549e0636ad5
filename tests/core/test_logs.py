"""Log lines: both formats, the attempt on each of its lines, and no error's text or secret."""

from __future__ import annotations

import asyncio
import gc
import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Literal

import pytest
import stamina

from core.errors import error_location
from core.logs import attempt_in_logs, quiet_retries, set_up_logging
from core.models import new_id

Style = Literal["text", "json"]

WEBHOOK = "https://discord.com/api/v10/webhooks/123456789012345678/aW50ZXJhY3Rpb246/messages/1?a=b"
BOT_TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.Gabcde.abcdefghijklmnopqrstuvwxyz0123456789AB"
KEY = "tlk_0ABCDEFGHIJKLMNOPQRSTUVWXYZ01"


class Lines:
    """Logging set up for real, and what it has written."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self._read = ""

    def set_up(self, style: Style, level: str = "INFO") -> None:
        set_up_logging(level, style)

    @property
    def text(self) -> str:
        self._read += self._capsys.readouterr().err
        return self._read

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()


@pytest.fixture
def out(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Lines]:
    """Everything that setting up logging changes is put back."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    known = logging.Logger.manager.loggerDict
    levels = {name: it.level for name, it in known.items() if isinstance(it, logging.Logger)}
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    yield Lines(capsys)
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, it in known.items():
        if isinstance(it, logging.Logger):
            it.setLevel(levels.get(name, logging.NOTSET))


both_styles = pytest.mark.parametrize("style", ["text", "json"])


def test_text_lines_are_for_people(out: Lines) -> None:
    out.set_up("text")
    with attempt_in_logs("0123456789abcdef"):
        logging.getLogger("analyzer.pipeline.attempt_pipeline").info(
            "%s -> %s", "queued", "fetched"
        )
    logging.getLogger("app.worker").warning("other")
    first, second = out.lines
    assert first.endswith(
        " INFO analyzer.pipeline.attempt_pipeline: [0123456789abcdef] queued -> fetched"
    )
    assert second.endswith(" WARNING app.worker: other")


def test_json_lines_are_one_object_each(out: Lines) -> None:
    out.set_up("json")
    with attempt_in_logs("0123456789abcdef"):
        logging.getLogger("analyzer.pipeline.attempt_pipeline").info('"quoted"\nand \u2028 more')
    logging.getLogger("app.worker").warning("other")
    first, second = map(json.loads, out.lines)
    assert first.pop("time").endswith("+00:00")
    assert first == {
        "level": "INFO",
        "logger": "analyzer.pipeline.attempt_pipeline",
        "message": '"quoted" and   more',
        "attempt": "0123456789abcdef",
    }
    assert set(second) == {"time", "level", "logger", "message"}


async def test_lines_of_two_attempts_at_once_do_not_mix(out: Lines) -> None:
    out.set_up("json")
    log = logging.getLogger("analyzer.pipeline.attempt_pipeline")

    async def child(number: int) -> None:
        await asyncio.sleep(0)
        log.info("%d", number)

    async def work(attempt_id: str, number: int) -> None:
        with attempt_in_logs(attempt_id):
            for _ in range(3):
                await asyncio.create_task(child(number))

    ids = [new_id(), new_id()]
    await asyncio.gather(*(work(attempt_id, number) for number, attempt_id in enumerate(ids)))
    log.info("none")
    lines = [json.loads(line) for line in out.lines]
    assert len(lines) == 7
    assert all(line["attempt"] == ids[int(line["message"])] for line in lines[:-1])
    assert "attempt" not in lines[-1]


def raise_with_secrets() -> None:
    cause = ConnectionError(f"cannot PATCH {WEBHOOK}")
    raise ValueError(f"Unauthorized: {BOT_TOKEN}\nkey {KEY}") from cause


@both_styles
def test_an_error_is_named_by_type_and_place_and_never_by_its_text(
    out: Lines, style: Style
) -> None:
    out.set_up(style)
    try:
        raise_with_secrets()
    except ValueError as error:
        for name in ("discord.client", "aiohttp.server", "cogs.client"):
            logging.getLogger(name).exception("Ignoring exception in %s", "on_ready")
            logging.getLogger(name).warning("it was %s", error, exc_info=error)
    assert len(out.lines) == 6
    for line in out.lines:
        assert "ValueError in raise_with_secrets:" in line
        assert "test_logs.py" in line
        assert "Traceback" not in line
        assert not any(secret in line for secret in (BOT_TOKEN, KEY, "webhooks", "PATCH"))


@both_styles
def test_an_errors_text_that_another_formatter_has_kept_is_not_printed(
    out: Lines, style: Style
) -> None:
    out.set_up(style)
    before = logging.StreamHandler(io.StringIO())
    before.setFormatter(logging.Formatter())
    logging.getLogger().handlers.insert(0, before)
    try:
        raise_with_secrets()
    except ValueError:
        logging.getLogger("discord.client").exception("Ignoring", stack_info=True)
    assert len(out.lines) == 1
    assert KEY not in out.text


@both_styles
async def test_asyncios_own_line_about_a_lost_task_shows_no_error_text(
    out: Lines, style: Style
) -> None:
    out.set_up(style)

    async def fail() -> None:
        raise_with_secrets()

    task = asyncio.create_task(fail())
    await asyncio.wait([task])
    del task
    gc.collect()
    [line] = out.lines
    assert "Task exception was never retrieved" in line
    assert "ValueError in raise_with_secrets" in line
    assert not any(secret in line for secret in (BOT_TOKEN, KEY, "Unauthorized"))


@both_styles
@pytest.mark.parametrize(
    "said",
    [
        ("We are being rate limited. %s %s responded with 429.", "PATCH", WEBHOOK),
        ("%s", f"https://user:password@cdn.example/clip.mp4?hm={KEY}"),
        ("logged in with %s", BOT_TOKEN),
        ("key %s", KEY),
        ("two\nlines, the second with hm=%s", KEY),
        ("%(url)s", {"url": WEBHOOK}),
    ],
)
def test_what_libraries_log_keeps_no_address_and_no_token(
    out: Lines, style: Style, said: tuple[object, ...]
) -> None:
    out.set_up(style)
    message, *arguments = said
    for name in ("discord.http", "discord.gateway", "some.library"):
        logging.getLogger(name).warning(message, *arguments)
    assert len(out.lines) == 3
    secrets = (KEY, BOT_TOKEN, "aW50ZXJhY3Rpb246", "password", "clip.mp4")
    assert not any(secret in out.text for secret in secrets)


def test_of_an_address_the_host_is_shown_and_our_own_lines_show_it_whole(out: Lines) -> None:
    out.set_up("text")
    logging.getLogger("some.library").warning("GET %s failed", WEBHOOK)
    invite = "https://discord.com/oauth2/authorize?client_id=1&scope=bot"
    logging.getLogger("cogs.client").info("invite the bot with %s", invite)
    assert out.lines[0].endswith("GET https://discord.com/… failed")
    assert out.lines[1].endswith(invite)


@pytest.mark.parametrize("name", ["httpx", "discord.http", "discord.webhook.async_", "alembic"])
def test_talkative_libraries_say_nothing_below_a_warning(out: Lines, name: str) -> None:
    out.set_up("text")
    logging.getLogger(f"{name}.more").info("HTTP Request: %s", WEBHOOK)
    logging.getLogger(name).info("HTTP Request: %s", WEBHOOK)
    assert out.lines == []


def test_debug_is_for_our_own_lines_only(out: Lines) -> None:
    out.set_up("text", "DEBUG")
    for name in ("discord.gateway", "aiosqlite", "httpcore.http11", "asyncio"):
        logging.getLogger(name).debug("sent %s", "what a member wrote")
    logging.getLogger("analyzer.pipeline.attempt_pipeline").debug("ours")
    logging.getLogger("storage.engine.database").debug("ours too")
    assert [line.rsplit(": ", 1)[1] for line in out.lines] == ["ours", "ours too"]


def test_a_higher_level_silences_the_rest(out: Lines) -> None:
    out.set_up("text", "ERROR")
    for name in ("app.worker", "storage.engine.database", "discord.client", "httpx"):
        logging.getLogger(name).warning("quiet")
        logging.getLogger(name).error("loud")
    assert ["loud" in line for line in out.lines] == [True] * 4


def test_a_line_that_cannot_be_made_prints_no_arguments(out: Lines) -> None:
    out.set_up("text")
    logging.getLogger("some.library").warning("%d", KEY)
    assert out.lines == ["a log line of some.library could not be written"]


@both_styles
def test_what_ends_the_process_is_named_without_its_text(out: Lines, style: Style) -> None:
    out.set_up(style)
    try:
        raise_with_secrets()
    except ValueError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    [line] = out.lines
    assert "ended by ValueError in raise_with_secrets" in line
    assert KEY not in line


def test_a_retry_is_logged_without_the_error_that_caused_it(out: Lines) -> None:
    out.set_up("text")
    quiet_retries()
    tries = 0

    @stamina.retry(on=ConnectionError, attempts=2)
    def call() -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise ConnectionError(WEBHOOK)

    try:
        with stamina.set_testing(True, attempts=2):
            call()
    finally:
        stamina.instrumentation.set_on_retry_hooks(None)
    [line] = out.lines
    assert "ConnectionError: try 1 again in 0.0 s" in line
    assert "webhooks" not in line


def relay(deeper: int) -> None:
    """Fail after going through this many frames."""
    if deeper:
        relay(deeper - 1)
    else:
        json.loads("[1,")


def raise_hiding_its_cause() -> None:
    try:
        relay(0)
    except ValueError:
        raise KeyError from None


def test_an_error_in_a_library_names_the_chain_of_our_frames_that_led_to_it(out: Lines) -> None:
    out.set_up("text")
    try:
        relay(2)
    except ValueError:
        logging.getLogger("app.worker").exception("not done")
    [line] = out.lines
    chain = line.partition("(JSONDecodeError in ")[2].split(" < ")
    assert [frame.partition(":")[0] for frame in chain] == [
        "raw_decode",
        "relay",
        "relay",
        "relay",
        "test_an_error_in_a_library_names_the_chain_of_our_frames_that_led_to_it",
    ]
    assert all("(tests/core/test_logs.py)" in frame for frame in chain[1:])


def test_a_long_chain_of_frames_is_cut_in_the_middle() -> None:
    with pytest.raises(ValueError, match="Expecting") as caught:
        relay(100)
    frames = error_location(caught.value).split(" < ")
    assert len(frames) == 13
    assert frames[0].startswith("JSONDecodeError in raw_decode:")
    assert frames[-2] == "…"
    assert frames[-1].startswith("test_a_long_chain_of_frames_is_cut_in_the_middle:")


def test_what_caused_an_error_is_named_too_unless_it_was_meant_to_be_hidden() -> None:
    with pytest.raises(ValueError, match="Unauthorized") as caught:
        raise_with_secrets()
    assert ", caused by ConnectionError in unknown place" in error_location(caught.value)
    caught.value.__cause__ = caught.value  # a circle, as some libraries make
    assert error_location(caught.value).count("ValueError") == 1
    with pytest.raises(KeyError) as hidden:
        raise_hiding_its_cause()
    assert "caused by" not in error_location(hidden.value)
