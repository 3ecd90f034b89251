"""Whatever leaves the program to be watched stands on the page about it."""

from __future__ import annotations

import re

import pytest

from chaffer.llm import gen_ai_spans
from chaffer.llm.telemetry import (
    BROKE,
    CHATS,
    COMPLETE,
    CUT,
    GIVEN_UP,
    MOST_MODELS,
    OTHER,
    READERS,
    ROOMS,
    RUNS,
    Telemetry,
)
from tests.docs.reading import Page

PAGE = Page("docs/metrics.md").text
TELEMETRY = Telemetry()
METRICS = [
    *((one.name, one.labels) for one in TELEMETRY.tallies),
    *((one.name, one.labels) for one in TELEMETRY.spreads),
    *((name, ("status",)) for name in (ROOMS, RUNS, CHATS)),
    (READERS, ()),
]
ATTRIBUTES = [
    name
    for name in vars(gen_ai_spans).values()
    if isinstance(name, str) and re.fullmatch(r"(gen_ai|server|error)\.\S+", name)
]


@pytest.mark.parametrize(("name", "labels"), METRICS)
def test_every_metric_is_explained_with_its_labels(name: str, labels: tuple[str, ...]) -> None:
    shown = ", ".join(f"`{label}`" for label in labels)
    assert re.search(rf"^\| `{name}` \| {shown} ?\| .+ \|$", PAGE, re.MULTILINE)


def test_page_names_no_metric_that_there_is_not() -> None:
    assert set(re.findall(r"`(chaffer_\w+)`", PAGE)) == {name for name, _ in METRICS}


@pytest.mark.parametrize("outcome", [COMPLETE, CUT, GIVEN_UP, BROKE, OTHER])
def test_every_outcome_is_explained(outcome: str) -> None:
    assert f"`{outcome}`" in PAGE


def test_number_of_models_counted_one_by_one_is_told() -> None:
    assert f"up to {MOST_MODELS} others" in PAGE


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_every_attribute_of_a_span_is_named(attribute: str) -> None:
    assert f"`{attribute}`" in PAGE
