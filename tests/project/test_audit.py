"""The audit of packages: done only where an answer would mean something, and its finding counts."""

from __future__ import annotations

import subprocess
import sys

import httpx
import pytest

from tools import audit

KNOWN = httpx.Response(200, json={"vulnerabilities": [{"id": "PYSEC-2021-437"}]})
UNKNOWING = [
    httpx.Response(404),
    httpx.Response(200, json={"info": {}, "vulnerabilities": []}),
    httpx.Response(200, text="<html>"),
    httpx.ConnectTimeout("made up"),
]


def answering(answer: httpx.Response | httpx.HTTPError) -> httpx.Client:
    def handle(request: httpx.Request) -> httpx.Response:
        assert str(request.url) == audit.KNOWN_HOLE
        if isinstance(answer, httpx.HTTPError):
            raise answer
        return answer

    return httpx.Client(transport=httpx.MockTransport(handle))


def test_who_knows_an_old_hole_can_be_asked() -> None:
    assert audit.why_not(answering(KNOWN)) is None


@pytest.mark.parametrize("answer", UNKNOWING)
def test_who_does_not_is_not_asked_and_the_reason_is_printed(
    answer: httpx.Response | httpx.HTTPError,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    client = answering(answer)
    monkeypatch.setattr(httpx, "Client", lambda **_: client)
    monkeypatch.setattr(sys, "argv", ["audit", "some.lock"])
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("asked all the same"))
    assert audit.main() == 0
    assert capsys.readouterr().out.startswith("Audit skipped: ")


@pytest.mark.parametrize("code", [0, 1])
def test_what_pip_audit_finds_decides(code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        return subprocess.CompletedProcess(command, code)

    client = answering(KNOWN)
    monkeypatch.setattr(httpx, "Client", lambda **_: client)
    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(sys, "argv", ["audit", "some.lock"])
    assert audit.main() == code
    [command] = asked
    assert command[-2:] == ["--requirement", "some.lock"]
    assert "--require-hashes" in command
