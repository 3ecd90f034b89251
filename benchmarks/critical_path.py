"""How much time Chaffer adds to what the models take.

The least time of a room is what its agents' models take when every round's sellers think at once: the sum over the
rounds of the buyer's answer and the slowest seller's, and the buyer's decision. The stand-in writes down what each
answer really took; the wall time is a client's, from the call that starts the room to the event that ends it.
"""

from __future__ import annotations

import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks.disk import watched_disk
from benchmarks.figure import Figure, median, spread
from benchmarks.markets import market
from benchmarks.model import Call, Model, modelling
from benchmarks.server import BenchmarkError, Server, serving

SELLERS: Final = 10
MANY: Final = 30
MANY_BOUND: Final = 1.15
STEP: Final = 5
MOST: Final = 50


def measure(*, quick: bool) -> list[Figure]:
    """Return the ratio of wall time to least time for one room and many, and how many rooms stay within the bound."""
    rounds, runs = (3, 2) if quick else (10, 3)
    with tempfile.TemporaryDirectory(prefix="chaffer-bench-") as name:
        with _thinking(Path(name), 0.3) as (server, model), watched_disk() as disk:
            fast = [max(play(server, model, rooms=1, rounds=rounds)) for _ in range(runs)]
        with _thinking(Path(name), 2.0) as (server, model):
            slow = [max(play(server, model, rooms=1, rounds=rounds)) for _ in range(1 if quick else 2)]
            many = play(server, model, rooms=MANY, rounds=rounds)
            most = largest(server, model, rounds=3, known=max(many))
    spent = f"{spread(fast)}; {rounds} rounds; {disk.told}"
    told = f"median room {median(many):.3f}; {rounds} rounds"
    return [
        Figure("critical path, model of 300 ms", median(fast), "×", 1.08, note=spent),
        Figure("critical path, model of 2 s", median(slow), "×", 1.02, note=f"{spread(slow)}; {rounds} rounds"),
        Figure(f"critical path, slowest of {MANY} rooms at once, 2 s", max(many), "×", MANY_BOUND, note=told),
        Figure(
            f"rooms at once within {MANY_BOUND} ×, model of 2 s", most, "rooms", note=f"in steps of {STEP}, to {MOST}"
        ),
    ]


def largest(server: Server, model: Model, *, rounds: int, known: float) -> int:
    """Return the largest number of rooms, in steps, whose slowest stays within the bound; `known` is that of MANY."""
    holds = known <= MANY_BOUND
    step = STEP if holds else -STEP
    rooms = MANY + step
    while 0 < rooms <= MOST and (max(play(server, model, rooms=rooms, rounds=rounds)) <= MANY_BOUND) == holds:
        rooms += step
    return rooms - step if holds else max(rooms, 0)


def play(server: Server, model: Model, *, rooms: int, rounds: int) -> list[float]:
    """Play a session of so many rooms at once, and return each room's wall time over its least time."""
    model.forget()
    body = market(rooms=rooms, sellers=SELLERS, rounds=rounds, provider="lm_studio")
    session = server.call("POST", "/api/v1/simulation/initialize", body)
    items = {room["room_id"]: room["item_id"] for room in session["negotiation_rooms"]}
    messages = server.stream(f"/api/v1/simulation/{session['session_id']}/stream")
    next(messages)
    began = time.perf_counter()
    server.call("POST", f"/api/v1/simulation/{session['session_id']}/start")
    wall = {}
    for message in messages:
        if message.name == "negotiation_complete":
            document = message.document()
            if document["rounds"] != rounds:
                complaint = f"a room ended after {document['rounds']} of {rounds} rounds: {document['reason']}"
                raise BenchmarkError(complaint)
            wall[items[document["room_id"]]] = message.came_at - began
    least = least_seconds(model.calls())
    return [seconds / least[item] for item, seconds in wall.items()]


def least_seconds(calls: Iterable[Call]) -> dict[str, float]:
    """Return the least time of each room, from what its calls took."""
    agents: dict[tuple[str, int, bool, str], float] = defaultdict(float)
    for call in calls:  # An answer that was not let through is asked for again: both are the agent's time.
        agents[call.room, call.round, call.decides, call.speaker] += call.seconds
    slowest: dict[tuple[str, int, bool, bool], float] = defaultdict(float)
    for (room, round_, decides, speaker), seconds in agents.items():
        key = (room, round_, decides, speaker == "buyer")
        slowest[key] = max(slowest[key], seconds)
    least: dict[str, float] = defaultdict(float)
    for (room, *_), seconds in slowest.items():
        least[room] += seconds
    return least


@contextmanager
def _thinking(folder: Path, delay: float) -> Iterator[tuple[Server, Model]]:
    """Run a model and a server that asks it, and play a round so that everything is imported."""
    with modelling(folder, delay) as model, serving(LM_STUDIO_BASE_URL=model.url) as server:
        play(server, model, rooms=1, rounds=1)
        yield server, model
