"""Broad handlers stand where nothing of ours is further out, and no error vanishes in one."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from core.settings import ROOT

PACKAGES = ("analyzer", "app", "benchmarks", "cogs", "core", "demo", "storage", "tools", "web")

OUTERMOST = {
    # tasks: nobody else would learn what ended one
    "analyzer.pipeline.attempt_pipeline.AttemptPipeline._show_once": "an edit of the progress",
    "analyzer.pipeline.postgres_watchdog.QueueWatch._forever": "a look at the queue",
    "analyzer.pipeline.postgres_worker.QueueWorker._advance": "a job of the queue",
    "analyzer.pipeline.postgres_worker.QueueWorker._keep_going": "the queue's worker",
    "analyzer.pipeline.runner.InProcessRunner._advance": "an attempt in its member's lane",
    "analyzer.pipeline.shared_look.SharedLook._read": "a look at the list of analyses",
    "analyzer.services.cleanup._try": "one part of the cleanup",
    "storage.engine.postgres_notify.Notifications._forever": "listening",
    "web.health.EngineCheck._check": "a check of the engine",
    # requests
    "web.studio.event_stream.stream": "a stream whose answer has begun",
    "web.studio.middleware.answer_errors": "a call of the studio's page",
    # presses and forms
    "cogs.ui.dispatcher.Dispatcher.dispatch": "a press, a choice, a form",
}
"""The outermost places of a task, a press or a request: where a bug of ours ends, and is logged."""

BORDERS = {
    "cogs.interview.announcer.DiscordInterviewAnnouncer.show": "no answer hangs on telling",
    "cogs.places.DiscordPlaces.look": "whatever keeps Discord from saying",
    "analyzer.engines.local.speech_models._fetched": "huggingface_hub: other types in each version",
    "analyzer.judge.judge.Judge._unless_resting": "a result may not hang on its judge",
    "analyzer.media.clip_store._translate_store_errors": "fsspec: each store raises its own",
    "analyzer.pipeline.attempt_pipeline.AttemptPipeline._deliver": "a lane may not hang on telling",
    "analyzer.pipeline.attempt_pipeline.AttemptPipeline._take": "a bug in a step ends one attempt",
    "analyzer.pipeline.clip_files.discard": "a deletion may not hang on a bug in an engine",
}
"""Further in, but something must go on whatever happens there, or what may be raised is unknown."""

PASSED_ON = {
    "storage.engine.scrubbing.Scrubber._once": "what was not scrubbed is remembered",
    "analyzer.media.upload_store._in_blocks": "what has come is kept",
    "analyzer.media.clip_store.ClipStore._copy": "a part of a copy would only take up room",
    "storage.engine.sqlite_connection.SqliteConnection.opened": "a cursor would keep a transaction",
    "storage.maintenance.backup._back_up": "no part of a backup stays",
}
"""These only tidy up: the error goes on as it is."""

UNSEEN = {"analyzer.engines.local.speech_models._fetched"}
"""The parent of this process is told a code; there is no log in it."""

BROAD = {"Exception", "BaseException"}


@dataclass(frozen=True)
class Handler:
    """A place that catches whatever comes."""

    place: str  # module and function
    passes_on: bool  # it ends by raising the same again
    uses_error: bool


def handlers() -> Iterator[Handler]:
    """Every broad handler of ours."""
    files = [ROOT / "bot.py", *(file for name in PACKAGES for file in (ROOT / name).rglob("*.py"))]
    for file in files:
        module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
        yield from _in(ast.parse(file.read_text("utf-8")), module.removesuffix(".__init__"))


def _in(node: ast.AST, place: str) -> Iterator[Handler]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _in(child, f"{place}.{child.name}")
            continue
        if isinstance(child, ast.ExceptHandler) and _is_broad(child.type):
            last = child.body[-1]
            names = {n.id for body in child.body for n in ast.walk(body) if isinstance(n, ast.Name)}
            yield Handler(
                place, isinstance(last, ast.Raise) and last.exc is None, child.name in names
            )
        if _suppresses_all(child):
            yield Handler(place, passes_on=False, uses_error=False)
        yield from _in(child, place)


def _is_broad(caught: ast.expr | None) -> bool:
    if isinstance(caught, ast.Tuple):
        return any(_is_broad(one) for one in caught.elts)
    return caught is None or _name(caught) in BROAD


def _suppresses_all(node: ast.AST) -> bool:
    """Whether this is `suppress(Exception)`, or the like."""
    if not isinstance(node, ast.Call) or _name(node.func) != "suppress":
        return False
    return any(_is_broad(argument) for argument in node.args)


def _name(node: ast.expr) -> str | None:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else None


FOUND = list(handlers())


def test_broad_handlers_stand_where_they_are_listed_once_each_and_nowhere_else() -> None:
    listed = [*OUTERMOST, *BORDERS, *PASSED_ON]
    assert Counter(handler.place for handler in FOUND) == Counter(listed)


def test_whatever_only_tidies_up_passes_the_error_on() -> None:
    assert {handler.place for handler in FOUND if handler.passes_on} == set(PASSED_ON)


def test_no_error_vanishes_in_one() -> None:
    unseen = {one.place for one in FOUND if not one.uses_error and not one.passes_on}
    assert unseen == UNSEEN


@pytest.mark.parametrize(
    "code",
    [
        "try:\n    f()\nexcept:\n    pass",
        "try:\n    f()\nexcept Exception:\n    pass",
        "try:\n    f()\nexcept (OSError, BaseException) as error:\n    pass",
        "try:\n    f()\nexcept* builtins.Exception:\n    pass",
        "with contextlib.suppress(KeyError, Exception):\n    f()",
    ],
)
def test_each_way_to_catch_whatever_comes_is_found(code: str) -> None:
    function = (
        f"class A:\n    async def b(self):\n        {code.replace(chr(10), chr(10) + ' ' * 8)}"
    )
    assert [one.place for one in _in(ast.parse(function), "module")] == ["module.A.b"]


def test_named_errors_are_no_broad_ones() -> None:
    code = (
        "try:\n    f()\nexcept (OSError, ValueError):\n    pass\nwith suppress(KeyError):\n    g()"
    )
    assert list(_in(ast.parse(code), "module")) == []
