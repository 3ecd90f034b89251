"""How many turns of agents a second one server process carries, from HTTP to the disk and back to a reader.

A turn is one agent's reply: a seller's offer, or all that the buyer says in a round. The server is `chaffer serve` in
a process of its own with its default settings: SQLite with `synchronous=FULL`, logs of the negotiations written. The
rooms of one session run at the same time, and one reader follows them all on the session's stream.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from benchmarks.figure import Figure, median, spread
from benchmarks.markets import market
from benchmarks.server import BenchmarkError, Server, serving

BOUND = 1000.0
PEER = "Magentic Marketplace 42–109 actions/s (published)"


@dataclass(frozen=True, slots=True)
class Played:
    """What a session came to: turns, messages read from its stream, and seconds from the start to the last event."""

    turns: int
    messages: int
    seconds: float


def measure(*, quick: bool) -> list[Figure]:
    """Return turns a second in many rooms at once, and in one room alone."""
    runs, rooms = (3, 8) if quick else (5, 20)
    with serving() as server:
        play(server, rooms=2)  # LangGraph is imported by the first room.
        many = [play(server, rooms=rooms) for _ in range(runs)]
        one = [play(server, rooms=1) for _ in range(runs)]
    rates, alone = [_rate(played) for played in many], [_rate(played) for played in one]
    return [
        Figure(
            f"throughput, {rooms} rooms at once",
            median(rates),
            "turns/s",
            BOUND,
            least=True,
            peer=PEER,
            note=spread(rates),
        ),
        Figure("throughput, one room alone", median(alone), "turns/s", peer=PEER, note=spread(alone)),
    ]


def play(server: Server, *, rooms: int) -> Played:
    """Play a session of ten sellers and ten rounds without agreement, and follow it to the end of all its rooms."""
    body = market(rooms=rooms, agree=False)
    session = server.call("POST", "/api/v1/simulation/initialize", body)["session_id"]
    messages = server.stream(f"/api/v1/simulation/{session}/stream")
    next(messages)
    began = time.perf_counter()
    server.call("POST", f"/api/v1/simulation/{session}/start")
    replies, spoken, ended, count = 0, set(), 0, 0
    for message in messages:
        count += 1
        if message.name == "seller_response":
            replies += 1
        elif message.name == "buyer_message":
            document = message.document()
            spoken.add((document["room_id"], document["round"]))
        ended += message.name == "negotiation_complete"
    seconds = time.perf_counter() - began
    if ended != rooms or replies != rooms * 100:
        complaint = f"{rooms} rooms were to give 100 replies each and to end; {replies} came and {ended} ended"
        raise BenchmarkError(complaint)
    return Played(replies + len(spoken), count, seconds)


def _rate(played: Played) -> float:
    return played.turns / played.seconds
