"""`GET /metrics`: what the running program counts, in the formats that Prometheus reads."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, Request, Response
from pydantic import SecretStr
from starlette.datastructures import Headers

from chaffer.api.dependencies import Running
from chaffer.api.origins import LocalCallers
from chaffer.api.rates import count_attempt
from chaffer.assistant.events import CHAT
from chaffer.bootstrap import Chaffer
from chaffer.dialogue.events import RUN
from chaffer.errors import ChafferError, Code
from chaffer.llm.telemetry import CHATS, READERS, ROOMS, RUNS, Telemetry
from chaffer.negotiation.session import ROOM

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

PATH: Final = "/metrics"

_UNDER_WAY: Final = (
    (ROOMS, "Rooms that are played here now.", "active", ROOM),
    (RUNS, "Runs of two agents that go on here now.", "running", RUN),
    (CHATS, "Chats that are answered here now.", "answering", CHAT),
)
_OPEN_METRICS: Final = "application/openmetrics-text"

# Not in the OpenAPI document: the format is Prometheus's, and no front end's business.
router = APIRouter(include_in_schema=False)


@router.get(PATH)
async def metrics(request: Request, chaffer: Running) -> Response:
    """Return all counts, to this machine's own programs and to whoever has the token.

    Raises UNAUTHORIZED without the token where there is one, FORBIDDEN where there is none, RATE_LIMIT_EXCEEDED to who
    guesses.
    """
    await _admit(request, chaffer)
    # Imported here, because a server that nobody watches need not pay for it.
    from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, generate_latest  # noqa: PLC0415
    from prometheus_client.openmetrics import exposition as open_metrics  # noqa: PLC0415

    engine = chaffer.engine
    counts = Counts(chaffer.telemetry, engine.running_of, engine.readers)
    if _OPEN_METRICS in request.headers.get("accept", ""):
        text = open_metrics.generate_latest(counts)  # type: ignore[no-untyped-call]  # This part of it bears no types.
        return Response(text, media_type=open_metrics.CONTENT_TYPE_LATEST)
    return Response(generate_latest(counts), media_type=CONTENT_TYPE_PLAIN_0_0_4)


async def _admit(request: Request, chaffer: Chaffer) -> None:
    settings = chaffer.settings
    headers = Headers(scope=request.scope)
    is_local = LocalCallers(settings.host, (), settings.allowed_hosts).objection(request.scope) is None
    if is_local:
        return
    if settings.metrics_token is None:
        message = "Metrics are shown to this machine alone. Set METRICS_TOKEN to read them from others, or by a proxy."
        raise ChafferError(Code.FORBIDDEN, message)
    if not _bears(headers.get("authorization", ""), settings.metrics_token):
        await count_attempt(request.scope)
        message = "Metrics are shown to others for their token alone: send `Authorization: Bearer METRICS_TOKEN`."
        raise ChafferError(Code.UNAUTHORIZED, message)


def _bears(authorization: str, token: SecretStr) -> bool:
    scheme, _, given = authorization.partition(" ")
    is_it = hmac.compare_digest(given.strip().encode(), token.get_secret_value().encode())
    return is_it and scheme.casefold() == "bearer"


class Counts:
    """What Prometheus's library calls a collector: it is asked for families of metrics. It belongs to no registry."""

    def __init__(self, telemetry: Telemetry, running_of: Callable[[str], int], readers: int) -> None:
        """Tell what was counted, how many of each kind of conversation go on, and how many follow streams now."""
        self._telemetry = telemetry
        self._running_of = running_of
        self._readers = readers

    def collect(self) -> Iterator[Metric]:
        """Yield every metric, those without a number too."""
        from prometheus_client import metrics_core  # noqa: PLC0415

        for tally in self._telemetry.tallies:
            counter = metrics_core.CounterMetricFamily(tally.name, tally.meaning, labels=tally.labels)
            for values, count in tally.samples():
                counter.add_metric(values, count)
            yield counter
        for spread in self._telemetry.spreads:
            histogram = metrics_core.HistogramMetricFamily(spread.name, spread.meaning, labels=spread.labels)
            for values, buckets, total in spread.samples():
                histogram.add_metric(values, buckets, total)
            yield histogram
        for name, meaning, status, kind in _UNDER_WAY:
            under_way = metrics_core.GaugeMetricFamily(name, meaning, labels=["status"])
            under_way.add_metric([status], self._running_of(kind))
            yield under_way
        yield metrics_core.GaugeMetricFamily(READERS, "Readers of streams now.", self._readers)
