"""A stand-in for models in a process of its own: started, asked for its address, and ended."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.server import ROOT, BenchmarkError
from tests.support.standin import StandIn


@contextmanager
def standing(program: str, *arguments: str) -> Iterator[str]:
    """Run a program that calls `serve`, while the context lasts; yield the address of its root."""
    command = [sys.executable, "-m", program, *arguments]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        root = process.stdout.readline().strip() if process.stdout is not None else ""
        if not root:
            message = f"the stand-in {program} did not start"
            raise BenchmarkError(message)
        yield root
    finally:
        process.terminate()
        process.wait(20)
        if process.stdout is not None:
            process.stdout.close()


def serve(server: StandIn) -> None:
    """Print the stand-in's address and serve until the process is ended."""
    threading.Thread(target=_announce, args=(server,), daemon=True).start()
    server.run()


def _announce(server: StandIn) -> None:
    server.wait_until_up()
    print(server.root, flush=True)
