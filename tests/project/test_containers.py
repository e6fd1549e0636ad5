"""What the image and the compose files promise, as far as it shows without a container engine."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import yaml
from dockerfile_parse import DockerfileParser

from core.settings import ROOT
from core.version import VERSION
from tests.project.test_architecture import TOP

SECRETS = ("DISCORD_TOKEN", "TWELVELABS_API_KEY", "TWELVELABS_WEBHOOK_SECRET", "POSTGRES_PASSWORD")
LOCKS = ("requirements/bot.lock", "requirements/local.lock")
"""What the image can have: without and with the local engine."""

Stage = Sequence[Mapping[str, object]]


def stages() -> tuple[Stage, Stage]:
    """The instructions of the Dockerfile's two stages."""
    instructions = DockerfileParser(str(ROOT / "Dockerfile")).structure
    starts = [i for i, one in enumerate(instructions) if one["instruction"] == "FROM"]
    first, last = starts
    return instructions[first:last], instructions[last:]


def values(stage: Stage, instruction: str) -> list[str]:
    return [str(one["value"]) for one in stage if one["instruction"] == instruction]


def test_the_bot_runs_as_a_user_of_its_own_and_hears_a_stop() -> None:
    _, final = stages()
    assert values(final, "USER") == ["10001:10001"]
    assert values(final, "VOLUME") == ["/data"]
    assert values(final, "STOPSIGNAL") == ["SIGTERM"]
    assert json.loads(values(final, "ENTRYPOINT")[0]) == ["python", "bot.py"]
    assert json.loads(values(final, "CMD")[0]) == ["run"]
    told = values(final, "ENV")[0]
    for setting in ("DATA_DIR=/data", "HTTP_HOST=0.0.0.0", "PYTHONDONTWRITEBYTECODE=1"):
        assert setting in told
    assert f'image.version="{VERSION}"' in values(final, "LABEL")[0]


def test_packages_come_from_the_lock_as_wheels_and_no_tool_to_build_or_install_is_left() -> None:
    build, final = stages()
    installed = values(build, "RUN")[0]
    for option in ("--require-hashes", "--only-binary=:all:", "--no-cache-dir", "--without-pip"):
        assert option in installed
    assert values(build, "COPY") == [f"{' '.join(LOCKS)} ./"]
    assert all(f"lock={lock.removeprefix('requirements/')} ;;" in installed for lock in LOCKS)
    assert all((ROOT / lock).exists() for lock in LOCKS)
    assert "pip uninstall --yes" in values(final, "RUN")[0]
    assert not re.search(r"apt|gcc|make", " ".join(values([*build, *final], "RUN")))
    assert [copy.split()[0] for copy in values(final, "COPY")] == ["--from=build", "."]


def test_base_images_are_named_by_their_content_and_a_readable_version() -> None:
    bases = [values(stage, "FROM")[0].split()[0] for stage in stages()]
    assert len(set(bases)) == 1  # what was installed for one Python runs on the same
    names = [one["image"] for one in compose("compose.postgres.yaml")["services"].values()]
    for image in [*bases, *(name for name in names if name != "greenroom")]:
        assert re.fullmatch(r"[a-z]+:\d+\.\d+[\w.-]*@sha256:[0-9a-f]{64}", image), image


def test_no_make_target_installs_what_is_not_pinned() -> None:
    lines = (ROOT / "Makefile").read_text().splitlines()
    installing = [line for line in lines if re.search(r"\b(pip|uv) .*\binstall\b", line)]
    assert not installing  # it leaves that to tools/install.py, and that to pip
    assert '"--require-hashes"' in (ROOT / "tools" / "install.py").read_text()
    # what `make lock` uses
    assert re.search(r"^uv==", (ROOT / "requirements" / "dev.lock").read_text(), re.MULTILINE)


def test_no_secret_is_built_into_the_image() -> None:
    settings = " ".join(values([*stages()[0], *stages()[1]], "ENV") + values(stages()[0], "ARG"))
    assert not [name for name in SECRETS if name in settings]


def test_only_what_runs_gets_into_the_image() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert lines[1] == "*"  # all is kept out that is not let in
    let_in = {line[1:] for line in lines if line.startswith("!")}
    folders = {name for name in TOP if (ROOT / name).is_dir()}
    assert let_in == {"LICENSE", "*.py", *LOCKS} | folders


@contextmanager
def answering(status: int) -> Iterator[int]:
    """A web server on this machine that answers so; yields its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/healthz" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def health(port: int) -> int:
    """Run the image's health check as it stands there."""
    check = values(stages()[1], "HEALTHCHECK")[0]
    command = json.loads(check[check.index("[") :])
    assert command[0] == "python"
    env = {"PATH": os.defpath, "HTTP_PORT": str(port), "http_proxy": "http://127.0.0.1:9"}
    ended = subprocess.run([sys.executable, *command[1:]], env=env, check=False, timeout=20)  # noqa: S603 - our own command
    return ended.returncode


def test_the_health_check_tells_alive_from_ill_and_from_gone() -> None:
    with answering(200) as port:
        assert health(port) == 0
    assert health(port) == 1  # nobody is there any more
    with answering(503) as port:
        assert health(port) == 1


def compose(file: str) -> dict[str, Any]:
    loaded = yaml.safe_load((ROOT / file).read_text())
    assert isinstance(loaded, dict)
    return loaded


def ours_in(file: str) -> list[dict[str, Any]]:
    return [one for one in compose(file)["services"].values() if one["image"] == "greenroom"]


@pytest.mark.parametrize(("file", "services"), [("compose.yaml", 1), ("compose.postgres.yaml", 2)])
def test_our_containers_can_do_little_and_fill_no_disk(file: str, services: int) -> None:
    assert len(ours_in(file)) == services
    for service in ours_in(file):
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["tmpfs"] == ["/tmp"]  # noqa: S108 - the container's own
        assert service["restart"] == "unless-stopped"
        assert service["stop_grace_period"] == "30s"
    for service in compose(file)["services"].values():
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["logging"]["options"]["max-size"]
        assert "ports" not in service  # nothing is reachable unless somebody wants it


@pytest.mark.parametrize("file", ["compose.yaml", "compose.postgres.yaml"])
def test_no_secret_has_a_default_and_one_that_is_missing_is_named(file: str) -> None:
    given = [one.get("environment", {}) for one in compose(file)["services"].values()]
    secrets = [f"{name}={value}" for env in given for name, value in env.items()]
    secret = re.compile("|".join((*SECRETS, "DATABASE_URL")))
    held = [line for line in secrets if secret.search(line)]
    assert held
    for line in held:
        assert re.search(r"\$\{[A-Z_]+:\?[^}]+\}", line), line


def test_on_postgres_gateway_and_workers_wait_for_a_database_that_nobody_else_reaches() -> None:
    file = compose("compose.postgres.yaml")
    database = file["services"]["db"]
    assert file["networks"][database["networks"][0]]["internal"] is True
    assert len(database["networks"]) == 1
    assert database["healthcheck"]["test"][1] == "pg_isready"
    for service in ours_in("compose.postgres.yaml"):
        assert service["depends_on"] == {"db": {"condition": "service_healthy"}}
    commands = [service["command"] for service in ours_in("compose.postgres.yaml")]
    assert commands == [["run", "--no-worker"], ["worker"]]


def test_whichever_worker_has_an_attempt_reaches_its_recording_from_the_studio() -> None:
    for service in ours_in("compose.postgres.yaml"):
        assert service["environment"]["CLIP_STORE"] == "${CLIP_STORE:-/recordings}"
        assert service["volumes"][0].split(":") == ["recordings", "/recordings"]
    made = values(stages()[1], "RUN")[0]
    assert re.search(r"install .*--owner=greenroom .*/recordings", made)  # a volume takes this over
