"""The dashboard asks for metrics and labels that there are, in words that Prometheus takes."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import telemetry
from core.settings import ROOT

DASHBOARD = json.loads((ROOT / "docs/monitoring/grafana-dashboard.json").read_text())

_METRIC = re.compile(r"\b(?:greenroom|process)_\w+")
_LABELS = {"job", "instance", "le"}  # Prometheus's own


def expressions() -> Iterator[str]:
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            yield target["expr"].replace("$job", ".+")


def known() -> dict[str, set[str]]:
    """Every sample's name that `/metrics` can show, with its labels."""
    found: dict[str, set[str]] = {}
    for collector in set(telemetry.REGISTRY._collector_to_names):
        labels = set(getattr(collector, "_labelnames", ()))
        for name in telemetry.REGISTRY._collector_to_names[collector]:
            found[name] = labels
    for sample in (one for family in telemetry.REGISTRY.collect() for one in family.samples):
        found.setdefault(sample.name, set(sample.labels))
    return found


def test_each_metric_is_one_of_ours_and_each_of_ours_is_shown() -> None:
    there = known()
    asked = {name for text in expressions() for name in _METRIC.findall(text)}
    assert asked - set(there) == set()
    ours = {re.sub(r"_(total|bucket|info)$", "", name) for name in asked if "greenroom" in name}
    every = {family.name for family in telemetry.REGISTRY.collect() if "greenroom" in family.name}
    assert every - ours == set()


def test_each_label_is_one_that_the_metric_has() -> None:
    there = known()
    for text in expressions():
        names = _METRIC.findall(text)
        labels = {label for name in names for label in there[name]} | _LABELS | {"version"}
        grouped = re.findall(r"by \(([^)]*)\)", text)
        used = {label.strip() for group in grouped for label in group.split(",")}
        used |= set(re.findall(r"(\w+)=~?\"", text))
        assert used <= labels, text


def test_panels_have_names_and_numbers_of_their_own() -> None:
    panels = DASHBOARD["panels"]
    assert (
        len({panel["id"] for panel in panels}) == len({p["title"] for p in panels}) == len(panels)
    )
    places = {(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels}
    assert len(places) == len(panels)


@pytest.mark.skipif(shutil.which("promtool") is None, reason="Prometheus is not installed")
def test_prometheus_takes_every_expression(tmp_path: Path) -> None:
    rules = [{"record": f"dashboard:{n}", "expr": text} for n, text in enumerate(expressions())]
    file = tmp_path / "rules.json"  # JSON is YAML
    file.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
    checked = subprocess.run(  # noqa: S603
        ["promtool", "check", "rules", str(file)],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
