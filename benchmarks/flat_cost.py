"""Whether a long negotiation grows dearer: the last ten of fifty rounds beside the first ten.

What a round costs is the time between the events `round_started` of a room that is alone in its server, as they bear it
themselves. The very first round is begun by the call that starts the room and holds no turn of the buyer; so counted
are rounds 2 to 11 and 41 to 50.
"""

from __future__ import annotations

import time
from datetime import datetime
from typing import Final

from benchmarks.figure import Figure, median, spread
from benchmarks.markets import market
from benchmarks.server import Server, serving

ROUNDS: Final = 50
TEN: Final = 10
BOUND: Final = 1.3


def measure(*, quick: bool) -> list[Figure]:
    """Return the time of the last ten rounds over that of the first ten."""
    runs = 5 if quick else 11
    with serving() as server:
        play(server)
        played = [play(server) for _ in range(runs)]
    ratios = [last / first for first, last in played]
    first, last = median([first for first, _ in played]), median([last for _, last in played])
    note = f"{spread(ratios)}; a round of 11 turns took {first * 100:.1f} ms, then {last * 100:.1f} ms"
    return [Figure("flat cost, last ten rounds over first ten", median(ratios), "×", BOUND, note=note)]


def play(server: Server) -> tuple[float, float]:
    """Play a room of ten sellers to its end, and return the seconds of its first and of its last ten rounds."""
    session = server.call("POST", "/api/v1/simulation/initialize", market(rounds=ROUNDS, agree=False))
    room = session["negotiation_rooms"][0]["room_id"]
    messages = server.stream(f"/api/v1/negotiation/{room}/stream")
    next(messages)
    server.call("POST", f"/api/v1/negotiation/{room}/start")
    marks = [m.document() for m in messages if m.name in {"round_started", "negotiation_complete"}]
    began = [datetime.fromisoformat(mark["timestamp"]).timestamp() for mark in marks]
    time.sleep(0.2)  # The room's log is being written.
    return began[TEN + 1] - began[1], began[ROUNDS] - began[ROUNDS - TEN]
