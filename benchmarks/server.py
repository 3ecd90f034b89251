"""The product as a user runs it: `chaffer serve` in a process of its own, an empty folder, and calls over HTTP."""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psutil

ROOT: Final = Path(__file__).resolve().parent.parent
CHAFFER: Final = (sys.executable, "-m", "chaffer.cli.main")

_KEPT: Final = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LANG")
_URL: Final = re.compile(r"http://([\d.]+):(\d+)")


class BenchmarkError(Exception):
    """A benchmark could not be run; the message says why."""


def environment(folder: Path, **variables: str) -> dict[str, str]:
    """Return an environment without settings of this shell, and without what keeps Python from caching bytecode."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    places = {
        "DATA_DIR": str(folder / "data"),
        "LOGS_DIR": str(folder / "logs"),
        "LOG_FILE": "off",
        "HOME": str(folder),
    }
    return {**kept, **places, "PYTHONUTF8": "1", **variables}


def allow_files(count: int) -> None:
    """Let this process and its children have so many open files, where the system lets a program ask for that."""
    try:
        import resource  # noqa: PLC0415  Windows has none.
    except ImportError:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count and (hard == resource.RLIM_INFINITY or hard >= count):
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


@dataclass(frozen=True, slots=True)
class Message:
    """An event of a stream: its name, its data still as text, and the id, empty for what is not durable."""

    name: str
    data: str
    id: str
    came_at: float

    def document(self) -> dict[str, Any]:
        """Return the data, read."""
        read: dict[str, Any] = json.loads(self.data)
        return read


@dataclass(slots=True)
class Server:
    """A running server. `ready_seconds` is from the command to the first answer of /health."""

    host: str
    port: int
    process: subprocess.Popen[bytes]
    folder: Path
    ready_seconds: float = field(default=0.0)

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Call the API and return its document. Raises BenchmarkError for a status that is no success."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=120)
        try:
            content = None if body is None else json.dumps(body)
            connection.request(method, path, content, {"Content-Type": "application/json"})
            response = connection.getresponse()
            answer = response.read()
        finally:
            connection.close()
        if response.status >= 300:
            message = f"{method} {path} answered {response.status}: {answer[:500].decode()}"
            raise BenchmarkError(message)
        document: dict[str, Any] = json.loads(answer)
        return document

    def stream(self, path: str) -> Iterator[Message]:
        """Yield the events of a stream to its end; heartbeats and all."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=120)
        try:
            connection.request("GET", path, headers={"Accept": "text/event-stream"})
            response = connection.getresponse()
            if response.status != 200:
                message = f"GET {path} answered {response.status}"
                raise BenchmarkError(message)
            yield from _messages(response)
        finally:
            connection.close()

    def memory(self) -> tuple[float, float]:
        """Return the resident and the proportional set size of the server, in megabytes."""
        told = psutil.Process(self.process.pid).memory_full_info()
        return told.rss / 1e6, getattr(told, "pss", told.rss) / 1e6

    def cpu_seconds(self) -> float:
        """Return the processor time that the server has used."""
        times = psutil.Process(self.process.pid).cpu_times()
        return float(times.user + times.system)


def _messages(response: http.client.HTTPResponse) -> Iterator[Message]:
    fields: dict[str, str] = {}
    while line := response.readline():
        if line.strip():
            name, _, value = line.decode().rstrip("\r\n").partition(": ")
            fields[name] = value
        elif "event" in fields:
            yield Message(fields["event"], fields.get("data", "{}"), fields.get("id", ""), time.perf_counter())
            fields = {}


@contextmanager
def serving(folder: Path | None = None, **settings: str) -> Iterator[Server]:
    """Run a server while the context lasts, in a folder that is new unless one is given.

    `settings` are variables of its environment.
    """
    with tempfile.TemporaryDirectory(prefix="chaffer-bench-") as name:
        folder = folder or Path(name)
        log = (folder / "server.log").open("wb")
        began = time.perf_counter()
        command = [*CHAFFER, "serve", "--port", "0"]
        process = subprocess.Popen(command, cwd=folder, env=environment(folder, **settings), stderr=log)
        try:
            host, port = _announced(folder / "server.log", process)
            server = Server(host, port, process, folder)
            server.call("GET", "/health")
            server.ready_seconds = time.perf_counter() - began
            yield server
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            log.close()


def _announced(log: Path, process: subprocess.Popen[bytes]) -> tuple[str, int]:
    """Return where the server says it listens, looking every two milliseconds."""
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        found = _URL.search(log.read_text(encoding="utf-8"))
        if found:
            return found[1], int(found[2])
        time.sleep(0.002)
    message = f"The server did not start:\n{log.read_text(encoding='utf-8')[-2000:]}"
    raise BenchmarkError(message)
