"""What a server has left when those who called it are gone: readers of streams, files, sockets."""

from __future__ import annotations

import time

import httpx2
import psutil


def open_files(process: psutil.Process) -> int:
    """Return how many files and sockets a process has open."""
    return int(process.num_fds() if hasattr(process, "num_fds") else process.num_handles())


def readers(client: httpx2.Client) -> float:
    """Return how many readers of streams the server counts."""
    lines = client.get("/metrics").text.splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith("chaffer_stream_readers"))


def is_settled(client: httpx2.Client, process: psutil.Process, files: int | None, seconds: float) -> bool:
    """Return whether the server has no reader, and no more files open than before, within that time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not readers(client) and (files is None or open_files(process) <= files):
            return True
        time.sleep(0.1)
    return False
