"""The program for tests of its surfaces: the application in this process, and `chaffer serve` as a child process."""

from __future__ import annotations

import asyncio
import io
import logging
import os
import signal
import ssl
import subprocess
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx2
import psutil
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from chaffer.api.app import create_app
from chaffer.bootstrap import Chaffer, assemble, open_chaffer, utc_now
from chaffer.cli.in_process import InProcessTransport
from chaffer.logbook import open_logbook
from chaffer.settings import Settings
from chaffer.storage.memory import MemoryStore
from tests.support.forked import Forked, start_chaffer
from tests.support.markets import scenario
from tests.support.plain_log import log_plainly

LONGEST_SECONDS = 60.0
WITHOUT_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For clients of servers that speak plainly: to load the authorities of the world takes 20 ms each time."""


@dataclass(frozen=True, slots=True)
class Surface:
    """The running program, a client that speaks HTTP to it without a socket, and the program's own log."""

    chaffer: Chaffer
    client: httpx2.AsyncClient
    app: Any
    log: io.StringIO


class GivenSettings(Settings):
    """Settings that are given, and not looked up in the environment or a file, which takes 7 ms each time."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        *_: PydanticBaseSettingsSource,
        **__: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return the one source."""
        return (init_settings,)


def settings_for(folder: Path, **changes: Any) -> Settings:
    """Return settings that keep everything in `folder`; nobody listens where LM Studio would.

    The catalogue is empty: filling it takes a third of a second, and few tests look at it.
    """
    places = {"data_dir": folder / "data", "logs_dir": folder / "logs", "lm_studio_base_url": "http://127.0.0.1:9/v1"}
    given: dict[str, Any] = {**places, "llm_max_retries": 0, "demo_catalog": False, **changes}
    return GivenSettings(**given)


@asynccontextmanager
async def surface(folder: Path, *, durable: bool = False, **changes: Any) -> AsyncIterator[Surface]:
    """Run the program in this process, over memory or, when `durable`, over SQLite in `folder`."""
    settings = settings_for(folder, **changes)
    opening = open_chaffer(settings) if durable else _in_memory(settings)
    with _logbook() as log:
        async with opening as chaffer:
            app = create_app(settings, chaffer)
            async with httpx2.AsyncClient(transport=InProcessTransport(app), base_url="http://127.0.0.1") as client:
                yield Surface(chaffer, client, app, log)


@asynccontextmanager
async def _in_memory(settings: Settings) -> AsyncIterator[Chaffer]:
    chaffer = assemble(settings, MemoryStore(), utc_now)
    await chaffer.engine.open_for_work()
    try:
        yield chaffer
    finally:
        await chaffer.engine.close()
        await chaffer.models.aclose()
        await chaffer.limiter.aclose()


@contextmanager
def _logbook() -> Iterator[io.StringIO]:
    """Log as the server does, but to a text, and leave logging as it was."""
    root, log = logging.getLogger(), io.StringIO()
    before, level = root.handlers[:], root.level
    open_logbook("INFO", "json", stream=log)
    try:
        yield log
    finally:
        root.handlers[:] = before
        root.setLevel(level)
        log_plainly()


def play(folder: Path, case: Callable[[Surface], Awaitable[None]], *, durable: bool = False, **changes: Any) -> None:
    """Run an asynchronous case against the program in this process."""

    async def main() -> None:
        async with surface(folder, durable=durable, **changes) as reached:
            await case(reached)

    asyncio.run(main())


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that was opened, and its rooms that can be started."""

    session_id: str
    rooms: tuple[str, ...]
    document: dict[str, Any]

    @property
    def room(self) -> str:
        """Return the path of the first room."""
        return f"/api/v1/negotiation/{self.rooms[0]}"

    @property
    def session(self) -> str:
        """Return the path of the session."""
        return f"/api/v1/simulation/{self.session_id}"


async def opened(client: httpx2.AsyncClient, body: dict[str, Any] | None = None, **changes: Any) -> Opened:
    """Open a session: the small market with these changes, or the body that is given."""
    answer = await client.post("/api/v1/simulation/initialize", json=body or scenario(**changes))
    assert answer.status_code == httpx2.codes.CREATED, answer.text
    document = answer.json()
    rooms = (room for room in document["negotiation_rooms"] if room["status"] == "pending")
    return Opened(document["session_id"], tuple(room["room_id"] for room in rooms), document)


async def posted(client: httpx2.AsyncClient, path: str, body: object = None) -> dict[str, Any]:
    """Post, and return the document of an answer that is none but a good one."""
    answer = await (client.post(path) if body is None else client.post(path, json=body))
    assert answer.is_success, answer.text
    document: dict[str, Any] = answer.json()
    return document


async def got(client: httpx2.AsyncClient, path: str, **parameters: str) -> dict[str, Any]:
    """Return the document at a path."""
    answer = await client.get(path, params=parameters)
    assert answer.is_success, answer.text
    document: dict[str, Any] = answer.json()
    return document


async def until(is_so: Callable[[], bool], tasks: Sequence[asyncio.Task[Any]] = ()) -> None:
    """Let everything else go on until something is so; a task that is done before has failed."""
    async with asyncio.timeout(LONGEST_SECONDS):
        while not is_so():
            await asyncio.sleep(0.005)
            assert not any(task.done() for task in tasks), [task.result() for task in tasks if task.done()]


async def until_status(client: httpx2.AsyncClient, path: str, status: int) -> None:
    """Ask again until the answer has that status."""
    async with asyncio.timeout(LONGEST_SECONDS):
        while (await client.get(path)).status_code != status:  # noqa: ASYNC110  A server sets no event here.
            await asyncio.sleep(0.05)


class Server:
    """`chaffer serve` as a process of its own; it can be ended in any way and started again on the same folder."""

    def __init__(self, folder: Path, **variables: str) -> None:
        """Keep everything in `folder`; `variables` are settings, by their names in the environment."""
        kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TEMP", "TMP") if name in os.environ}
        places = {
            "DATA_DIR": str(folder / "data"),
            "DEMO_CATALOG": "false",
            "LOGS_DIR": str(folder / "logs"),
            "LOG_FILE": "off",
            "HOME": str(folder),
        }
        quiet = {"PYTHONUTF8": "1", "LM_STUDIO_BASE_URL": "http://127.0.0.1:9/v1", "LLM_MAX_RETRIES": "0"}
        self._environment = {**kept, **places, **quiet, **variables}
        self._folder = folder
        self._process: subprocess.Popen[str] | Forked | None = None
        self._reader: threading.Thread | None = None
        self.url = ""
        self.log: list[str] = []

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def pid(self) -> int:
        """Return the id of the process."""
        return self._running.pid

    @property
    def _running(self) -> subprocess.Popen[str] | Forked:
        assert self._process is not None, "the server does not run"
        return self._process

    def start(self) -> None:
        """Start the process and return when its port is open; requests wait until it answers."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._process = start_chaffer(["serve", "--port", "0"], self._folder, self._environment)
        lines = self._running.stdout
        assert lines is not None
        for line in lines:
            self.log.append(line)
            if " serves on " in line:
                self.url = line.split(" serves on ")[1].split()[0]
                break
        else:
            code = self._running.wait(LONGEST_SECONDS)
            msg = f"the server ended with {code}: {''.join(self.log)}"
            raise AssertionError(msg)
        self._reader = threading.Thread(target=self.log.extend, args=(lines,), daemon=True)
        self._reader.start()

    def stop(self) -> int:
        """Ask the process to end, as a service manager does, and return its exit code."""
        self._running.send_signal(signal.SIGTERM)
        return self._gone()

    def pause(self) -> None:
        """Let the process stand still, as on a machine that swaps or sleeps."""
        psutil.Process(self.pid).suspend()

    def go_on(self) -> None:
        """Let the process go on."""
        psutil.Process(self.pid).resume()

    def kill(self) -> None:
        """End the process at once, if it runs."""
        if self._process is not None:
            self._process.kill()
            self._gone()

    def _gone(self) -> int:
        process, self._process = self._running, None
        try:
            code = process.wait(LONGEST_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        finally:
            if self._reader is not None:
                self._reader.join()
            if process.stdout is not None:
                process.stdout.close()
        return code

    def client(self) -> httpx2.AsyncClient:
        """Return a client of the running process."""
        return httpx2.AsyncClient(base_url=self.url, timeout=LONGEST_SECONDS, trust_env=False, verify=WITHOUT_TLS)
