"""The dashboard asks for metrics and labels that there are, and leaves out none."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from chaffer.llm.telemetry import CHATS, READERS, ROOMS, RUNS, Telemetry
from tools.environment import ROOT

DASHBOARD = json.loads((ROOT / "docs/grafana/chaffer.json").read_text("utf-8"))
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
TELEMETRY = Telemetry()
SPREAD = {
    f"{one.name}{part}": {*one.labels, "le"} for one in TELEMETRY.spreads for part in ("_bucket", "_count", "_sum")
}
LABELS: dict[str, set[str]] = {
    **{one.name: set(one.labels) for one in TELEMETRY.tallies},
    **SPREAD,
    **{name: {"status"} for name in (ROOMS, RUNS, CHATS)},
    READERS: set(),
}
OF_PROMETHEUS = {"instance", "job"}
NAME = re.compile(r"\bchaffer_\w+")


def asked() -> Iterator[tuple[str, str, str]]:
    """Yield the title of every panel, with what it asks and what it calls the answers."""
    for panel in PANELS:
        yield from ((panel["title"], target["expr"], target["legendFormat"]) for target in panel["targets"])


@pytest.mark.parametrize(("title", "expression", "legend"), list(asked()))
def test_every_metric_of_the_dashboard_is_there(title: str, expression: str, legend: str) -> None:
    """Issue 6: a Grafana dashboard file for the metrics on `/metrics`."""
    assert title
    names = NAME.findall(expression)
    assert names
    assert set(names) <= set(LABELS)
    known = set.union(*(LABELS[name] for name in names)) | OF_PROMETHEUS
    grouped = {label.strip() for group in re.findall(r"by \(([^)]*)\)", expression) for label in group.split(",")}
    matched = set(re.findall(r"[{,](\w+)=~?\"", expression))
    shown = set(re.findall(r"\{\{(\w+)\}\}", legend))
    assert grouped | matched <= known
    assert shown <= grouped
    assert expression.count("(") == expression.count(")")
    assert expression.count("{") == expression.count("}")


def test_no_metric_is_left_out_of_the_dashboard() -> None:
    shown = {name for _, expression, _ in asked() for name in NAME.findall(expression)}
    told = {re.sub(r"_(?:bucket|count|sum)$", "", name) if name in SPREAD else name for name in shown}
    counted = {one.name for one in TELEMETRY.tallies} | {one.name for one in TELEMETRY.spreads}
    assert told == counted | {ROOMS, RUNS, CHATS, READERS}


def test_variables_of_the_dashboard_are_declared_and_panels_lie_beside_each_other() -> None:
    declared = {variable["name"] for variable in DASHBOARD["templating"]["list"]}
    used = set(re.findall(r"\$\{?(\w+)", json.dumps(DASHBOARD))) - {"__rate_interval", "__all"}
    assert used == declared
    places: list[dict[str, Any]] = [panel["gridPos"] for panel in DASHBOARD["panels"]]
    cells = {
        (x, y) for at in places for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])
    }
    assert len(cells) == sum(at["w"] * at["h"] for at in places)
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
