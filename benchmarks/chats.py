"""The chat with the built-in supervisor over HTTP: one person, and five hundred open chats in one process.

The people are in another process. What they say asks for products, invoices, purchases and negotiations; nobody buys.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from benchmarks.catalogue import late
from benchmarks.figure import Figure, load
from benchmarks.server import serving
from benchmarks.shopping import CROWD_BOUND, PAUSE, shop

CHATS: Final = 500
FIRST_BOUND: Final = 100.0
MEMORY_BOUND: Final = 100.0


def measure(*, quick: bool) -> list[Figure]:
    """Return how soon one person reads the first token and five hundred do, and what an open chat costs in memory."""
    turns, visits = (60, 2) if quick else (300, 4)
    with tempfile.TemporaryDirectory(prefix="chaffer-bench-") as name, serving(Path(name)) as server:
        shop(server, 1, 20, surface="chat")
        alone = shop(server, 1, turns, surface="chat")
        before, busy = server.memory()[0], server.cpu_seconds()
        open_chats = shop(server, CHATS, visits, 2 * PAUSE, surface="chat")
        each = (server.memory()[0] - before) * 1_000 / CHATS
        crowd = shop(server, CHATS // 10, visits * 5, surface="chat")
        busy = (server.cpu_seconds() - busy) / (len(open_chats.lasts) + len(crowd.lasts)) * 1_000
        at_last = server.memory()[0]
    return [
        Figure("chat, first token, p95", late(alone.firsts), "ms", FIRST_BOUND, note=alone.first_told),
        Figure(
            f"chat, first token of {CHATS} open chats, p95",
            late(open_chats.firsts),
            "ms",
            CROWD_BOUND,
            note=f"they think {2 * PAUSE:.0f} s; {open_chats.first_told}",
        ),
        Figure("chat, memory of an open one", each, "kB", MEMORY_BOUND, note=f"{visits} turns; growth of the server"),
        Figure("chat, memory of the server", at_last, "MB", note=f"with {CHATS} open chats; load {load():.1f}"),
        Figure(
            f"chat, {CHATS // 10} who do not think",
            len(crowd.lasts) / crowd.seconds,
            "turns/s",
            note=f"{busy:.0f} ms of processor a turn; {crowd.last_told}",
        ),
    ]
