"""What lies in .github: workflows that run what is there, pinned, and with few rights."""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.settings import ROOT
from tests.project.test_docs import anchors_in

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("[!c]*.yml"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())

_TARGET = re.compile(r"^([a-z]+):", re.MULTILINE)
_PINNED = re.compile(r"uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+(\.\d+)*$")
_LINK = re.compile(r"\]\((\S+)\)")


def loaded(file: Path) -> dict[str, Any]:
    found = yaml.safe_load(file.read_text())
    assert isinstance(found, dict)
    return found


def jobs() -> Iterator[tuple[str, dict[str, Any]]]:
    for file in WORKFLOWS:
        for name, job in loaded(file)["jobs"].items():
            yield f"{file.stem}/{name}", job


JOBS = list(jobs())


def filled_in(text: str, job: dict[str, Any]) -> set[str]:
    """A value with each of the matrix's own put in; itself, where it names none."""
    named = re.fullmatch(r"\$\{\{ matrix\.(\w+) \}\}", text)
    if named is None:
        return {text}
    return {row[named[1]] for row in job["strategy"]["matrix"]["include"]}


def steps(job: dict[str, Any]) -> list[dict[str, Any]]:
    """A job's steps; one that calls another workflow has none."""
    found: list[dict[str, Any]] = job.get("steps", [])
    return found


def test_there_are_workflows() -> None:
    assert [file.name for file in WORKFLOWS] == ["ci.yml", "image.yml"]


def test_tests_run_on_every_python_from_the_oldest_that_is_promised() -> None:
    oldest = PROJECT["project"]["requires-python"].removeprefix(">=")
    assert re.fullmatch(r"3\.\d+", oldest)
    tested: set[str] = set()
    for _, job in JOBS:
        for step in steps(job):
            if step.get("uses", "").startswith("actions/setup-python@"):
                tested |= filled_in(step["with"]["python-version"], job)
    minors = sorted(int(version.removeprefix("3.")) for version in tested)
    first = int(oldest.removeprefix("3."))
    assert minors == list(range(first, first + len(minors)))
    assert len(minors) == 4
    assert PROJECT["tool"]["mypy"]["python_version"] == oldest
    assert PROJECT["tool"]["ruff"]["target-version"] == f"py{oldest.replace('.', '')}"


def test_every_make_target_that_a_workflow_calls_exists() -> None:
    targets = set(_TARGET.findall((ROOT / "Makefile").read_text()))
    called: set[str] = set()
    for _, job in JOBS:
        for step in steps(job):
            for name in re.findall(r"\bmake (\S+)", step.get("run", "")):
                variable = re.fullmatch(r'"\$(\w+)"', name)
                called |= filled_in(step["env"][variable[1]], job) if variable else {name}
    assert called == {"lint", "test", "coverage"}
    assert called <= targets


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_every_action_is_pinned_to_a_commit_with_its_version_beside_it(file: Path) -> None:
    used = [line.strip().removeprefix("- ") for line in file.read_text().splitlines()]
    used = [line for line in used if line.startswith("uses:") and "uses: ./" not in line]
    assert used
    assert [line for line in used if not _PINNED.fullmatch(line)] == []


def test_one_action_has_one_version() -> None:
    pins: dict[str, set[str]] = {}
    for file in WORKFLOWS:
        for name, version in re.findall(r"uses: ([\w/-]+)@(\S+)", file.read_text()):
            pins.setdefault(name, set()).add(version)
    assert {name for name, versions in pins.items() if len(versions) > 1} == set()


def test_workflows_may_read_and_only_the_one_that_publishes_may_write_one_thing() -> None:
    for file in WORKFLOWS:
        assert loaded(file)["permissions"] in ({}, {"contents": "read"}), file.name
    rights = {name: job["permissions"] for name, job in JOBS if "permissions" in job}
    writing = {
        (name, scope) for name, given in rights.items() for scope in given if given[scope] != "read"
    }
    assert writing == {("image/publish", "packages")}


def test_no_job_runs_for_ever_and_no_checkout_leaves_its_token() -> None:
    for name, job in JOBS:
        assert "uses" in job or job["timeout-minutes"] <= 60, name
        for step in steps(job):
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"] == {"persist-credentials": False}, name


def test_an_image_is_published_for_a_version_whose_checks_have_passed() -> None:
    workflow = loaded(ROOT / ".github" / "workflows" / "image.yml")
    # YAML 1.1, which PyYAML reads, takes the key "on" for a truth value.
    assert workflow[True] == {"push": {"tags": ["v*"]}}  # type: ignore[index]
    publish = workflow["jobs"]["publish"]
    assert publish["needs"] == "checks"
    assert workflow["jobs"]["checks"]["uses"] == "./.github/workflows/ci.yml"
    assert "workflow_call" in loaded(ROOT / ".github" / "workflows" / "ci.yml")[True]  # type: ignore[index]
    [build] = [step for step in publish["steps"] if "build-push-action" in step.get("uses", "")]
    assert build["with"]["platforms"] == "linux/amd64,linux/arm64"
    assert build["with"]["sbom"] is True
    assert build["with"]["provenance"] == "mode=max"


@pytest.mark.parametrize(("tag", "code"), [("right", 0), ("other", 1), ("prefix", 1)])
def test_a_tag_that_is_not_the_version_stops_the_publishing(tag: str, code: int) -> None:
    version = PROJECT["project"]["version"]
    name = {"right": f"v{version}", "other": "v99.0.0", "prefix": f"v{version[:-1]}"}[tag]
    publish = loaded(ROOT / ".github" / "workflows" / "image.yml")["jobs"]["publish"]
    [check] = [step["run"] for step in publish["steps"] if "GITHUB_REF_NAME" in step.get("run", "")]
    env = {"PATH": "/usr/bin:/bin", "GITHUB_REF_NAME": name}
    ended = subprocess.run(["/bin/sh", "-c", check], env=env, cwd=ROOT, check=False, timeout=20)  # noqa: S603 - our own line
    assert ended.returncode == code


@pytest.mark.parametrize("file", FORMS, ids=lambda file: file.name)
def test_a_form_asks_for_something_and_leads_to_pages_that_are_there(file: Path) -> None:
    form = loaded(file)
    assert set(form) == {"name", "description", "labels", "body"}
    asked = [part for part in form["body"] if part["type"] != "markdown"]
    ids = [part["id"] for part in asked]
    assert len(set(ids)) == len(ids)
    assert any(part.get("validations", {}).get("required") for part in asked)
    assert {part["type"] for part in asked} <= {"textarea", "input", "dropdown", "checkboxes"}
    assert all(part["attributes"]["label"] for part in asked)
    # Forms are shown at /OWNER/REPOSITORY/issues/new, and links in them start from there.
    for link in _LINK.findall(file.read_text()):
        path, _, anchor = link.removeprefix("../blob/HEAD/").partition("#")
        assert link.startswith("../blob/HEAD/")
        assert (ROOT / path).is_file(), link
        assert not anchor or anchor in anchors_in(ROOT / path), link


def test_there_are_forms_for_a_bug_an_idea_and_a_question_and_none_without_a_form() -> None:
    assert [file.stem for file in FORMS] == ["bug", "idea", "question"]
    config = loaded(ROOT / ".github" / "ISSUE_TEMPLATE" / "config.yml")
    assert config == {"blank_issues_enabled": False}
    assert (ROOT / "SECURITY.md").is_file()  # GitHub leads from the choice of forms to it


def test_dependabot_watches_every_kind_of_package_that_is_used() -> None:
    watched: dict[str, set[str]] = {}
    for update in loaded(ROOT / ".github" / "dependabot.yml")["updates"]:
        folders = update.get("directories", [update.get("directory")])
        watched[update["package-ecosystem"]] = set(folders)
    files = [*ROOT.glob("requirements*.txt"), *ROOT.glob("requirements/*.txt")]
    used = {f"/{file.parent.relative_to(ROOT).as_posix()}".rstrip(".") for file in files}
    assert used <= watched.pop("pip")
    assert watched == {
        name: {"/"} for name in ("npm", "docker", "docker-compose", "github-actions")
    }


def test_rules_of_who_reviews_what_name_only_what_there_is() -> None:
    lines = (ROOT / ".github" / "CODEOWNERS").read_text().splitlines()
    patterns = [line.removeprefix("# ").split()[0] for line in lines if "@" in line]
    assert len(patterns) > 5
    for pattern in patterns:
        assert pattern == "*" or (ROOT / pattern.strip("/")).exists(), pattern
