"""What a reply costs its client: processor time of a streamed chunk and of a call, Chaffer's beside others'.

All clients ask the same stand-in, in another process, one call at a time over connections that are open already. A
call's cost is that of one that brings a single chunk; a chunk's is what a call of a thousand costs more, by chunk.

A chunk that comes while nothing else is there costs a wake-up and a read besides: more than the bound, whoever reads,
as the bare client shows. So that figure stands without a bound.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Final

from benchmarks.figure import Figure, load, median, readable
from benchmarks.long_replies import WORD, model_of
from benchmarks.server import BenchmarkError
from benchmarks.standing import standing
from benchmarks.wire_clients import ANTHROPIC, BARE, CHAFFER, CHAT_OPENAI, OPENAI, SDK_BYTES, SDK_EVENTS, Ask, Client

CHUNKS: Final = 1000
CHUNK_BOUND: Final = 40.0
CALL_BOUND: Final = 2.0
SDK_BOUND: Final = 2.0
_CALLS: Final = 40
_WARM_UP: Final = 40
"""Calls before: the first ones import what is needed and open the connection that all others use."""

_MANNERS: Final = {"apart": "comes alone", "one by one": "is written alone", "together": "comes with others"}
_TOLD: Final = {
    "apart": "a millisecond between two",
    "one by one": "written one by one without a pause",
    "together": "all in one write",
}


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of the processor and of the clock."""

    processor: float
    clock: float


@dataclass(slots=True)
class Costs:
    """What one client spent: milliseconds of processor time a call, and microseconds a chunk by manner, run by run."""

    calls: list[float]
    chunks: defaultdict[str, list[float]]
    clocks: defaultdict[str, list[float]]


def measure(*, quick: bool) -> list[Figure]:
    """Return the costs on OpenAI's wire and on Anthropic's, beside those of others."""
    runs = 2 if quick else 7
    with standing("benchmarks.long_replies") as root:
        openai = asyncio.run(_costs(OPENAI, root, runs))
        anthropic = asyncio.run(_costs(ANTHROPIC, root, runs))
    return [*_openai_figures(openai), *_anthropic_figures(anthropic)]


async def _costs(clients: Mapping[str, Client], root: str, runs: int) -> dict[str, Costs]:
    """Return what each client spends; they take turns, so that what else the machine does falls on all of them."""
    costs = {name: Costs([], defaultdict(list), defaultdict(list)) for name in clients}
    async with AsyncExitStack() as stack:
        asks = {name: await stack.enter_async_context(client(root)) for name, client in clients.items()}
        for ask in asks.values():
            await _spent(ask, "together", 1, _WARM_UP)
            await _spent(ask, "together", CHUNKS, 1)
        gc.collect()
        gc.freeze()
        for _ in range(runs):
            for name, ask in asks.items():
                await _add_run(costs[name], ask)
        gc.unfreeze()
    return costs


async def _add_run(costs: Costs, ask: Ask) -> None:
    call = await _spent(ask, "together", 1, _CALLS)
    costs.calls.append(call.processor * 1e3)
    for manner in _MANNERS:
        spent = await _spent(ask, manner, CHUNKS, 1)
        costs.chunks[manner].append((spent.processor - call.processor) * 1e6 / (CHUNKS - 1))
        costs.clocks[manner].append((spent.clock - call.clock) * 1e6 / (CHUNKS - 1))


async def _spent(ask: Ask, manner: str, chunks: int, calls: int) -> Spent:
    """Return what a call takes, on the mean of so many."""
    model = model_of(manner, chunks)
    processor, clock = time.process_time(), time.perf_counter()
    for _ in range(calls):
        if await ask(model) != chunks * len(WORD):
            message = f"a reply of {chunks} chunks did not come whole"
            raise BenchmarkError(message)
    return Spent((time.process_time() - processor) / calls, (time.perf_counter() - clock) / calls)


def _openai_figures(costs: Mapping[str, Costs]) -> list[Figure]:
    ours, others = costs[CHAFFER], (CHAT_OPENAI, BARE)
    figures = [
        Figure(
            f"OpenAI's wire, a chunk that {what}",
            median(ours.chunks[manner]),
            "µs",
            None if manner == "apart" else CHUNK_BOUND,
            peer=_peers((name, costs[name].chunks[manner]) for name in others),
            note=f"{_TOLD[manner]}; {_chunk_note(ours, manner)}",
        )
        for manner, what in _MANNERS.items()
    ]
    peer = _peers((name, costs[name].calls) for name in others)
    call = Figure("OpenAI's wire, a call", median(ours.calls), "ms", CALL_BOUND, peer=peer, note=_least(ours.calls))
    return [*figures, call]


def _anthropic_figures(costs: Mapping[str, Costs]) -> list[Figure]:
    """Return how many times as much as the SDK's raw stream a call of a thousand chunks costs, and the costs."""
    ours, sdk, others = costs[CHAFFER], costs[SDK_BYTES], (SDK_BYTES, SDK_EVENTS, BARE)
    figures = []
    for manner, what in _MANNERS.items():
        ratio = median([_whole(ours, manner, run) / _whole(sdk, manner, run) for run in range(len(ours.calls))])
        peer = _peers((name, costs[name].chunks[manner]) for name in others)
        note = f"{readable(median(ours.chunks[manner]))} µs a chunk, {_TOLD[manner]}; {_chunk_note(ours, manner)}"
        name = f"Anthropic's wire, over the SDK's raw stream, a chunk that {what}"
        figures.append(Figure(name, ratio, "×", SDK_BOUND, peer=peer, note=note))
    peer = _peers((name, costs[name].calls) for name in others)
    return [*figures, Figure("Anthropic's wire, a call", median(ours.calls), "ms", peer=peer, note=_least(ours.calls))]


def _whole(costs: Costs, manner: str, run: int) -> float:
    """Return the microseconds of a call with all its chunks."""
    return costs.calls[run] * 1e3 + costs.chunks[manner][run] * (CHUNKS - 1)


def _peers(told: Iterable[tuple[str, list[float]]]) -> str:
    return ", ".join(f"{name} {readable(median(values))}" for name, values in told) + " (same run)"


def _least(values: list[float]) -> str:
    return f"processor time, median of {len(values)}, least {readable(min(values))}; load {load():.1f}"


def _chunk_note(costs: Costs, manner: str) -> str:
    return f"{_least(costs.chunks[manner])}; {readable(median(costs.clocks[manner]))} µs of the clock"
