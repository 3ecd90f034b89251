"""What `GET /metrics` shows, read as Prometheus reads it."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from chaffer.api.metrics import Counts
from chaffer.llm.telemetry import Telemetry

Samples = Mapping[tuple[str, frozenset[tuple[str, str]]], float]


def text_of(telemetry: Telemetry) -> str:
    """Return all that was counted as text."""
    return generate_latest(Counts(telemetry, lambda _: 0, 0)).decode()


def samples(text: str) -> Samples:
    """Return every sample by its name and labels."""
    families = text_string_to_metric_families(text)
    return {(one.name, frozenset(one.labels.items())): one.value for family in families for one in family.samples}


def value(found: Samples, name: str, **labels: str) -> float:
    """Return the sum of the samples of that name that bear these labels, 0 where there are none."""
    wanted = set(labels.items())
    return sum(number for (known, given), number in found.items() if known == name and wanted <= given)
