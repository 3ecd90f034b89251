"""A stand-in for a model server: speaks every wire on loopback, by script, and records what it is sent.

It answers chat completions at `/v1`, Anthropic's messages there too, and Bedrock's ConverseStream at the root.

As a program, `python -m tests.support.standin --port 0 --delay 0.3` prints its address and haggles until it is stopped.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from typing import Any, Final

from tests.support.model_servers.dialects import is_asked
from tests.support.standin_scripts import Answer, Asked, Script, haggles

MODEL: Final = "stand-in"
_REASONS: Final = {200: "OK", 302: "Found"}
_HEAD_BYTES: Final = 65_536
_LAST_CHUNK: Final = b"0\r\n\r\n"


def lists(path: str) -> Answer:
    """Answer what is read, and not asked: the models, and what OpenRouter tells of a key."""
    documents: dict[str, Any] = {
        "/v1/models": {"object": "list", "data": [{"id": name, "object": "model"} for name in (MODEL, "other")]},
        "/v1/key": {"data": {"label": "a key", "limit": None, "usage": 0}},
        "/foundation-models": {
            "modelSummaries": [{"modelId": name, "inferenceTypesSupported": ["ON_DEMAND"]} for name in (MODEL, "other")]
        },
        "/inference-profiles": {"inferenceProfileSummaries": []},
    }
    document = documents.get(path.partition("?")[0])
    if document is None:
        return Answer(status=404, body=b'{"error": "no such endpoint"}')
    return Answer(body=json.dumps(document).encode())


class StandIn:
    """A server in a thread of its own. `asked` holds every reply it was asked for, in order.

    `connections` are those that are open, `busy` those on which a reply is being given.
    """

    def __init__(self, script: Script = haggles, *, delay: float = 0.0) -> None:
        self.script = script
        self.listing: Callable[[str], Answer] = lists
        self.delay = delay
        self.asked: list[Asked] = []
        self.connections = 0
        self.most_connections = 0
        self.broken_off = 0
        self.busy = 0
        self.port = 0
        self._up = threading.Event()
        self._stop = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    @cached_property
    def url(self) -> str:
        return f"{self.root}/v1"

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def wait_until(self, holds: Callable[[], bool], seconds: float = 20.0) -> bool:
        """Return whether something came to hold; the time is for what never would."""
        end = time.monotonic() + seconds
        while not holds() and time.monotonic() < end:
            time.sleep(0.005)
        return holds()

    def run(self, port: int = 0) -> None:
        """Serve until stopped."""
        asyncio.run(self._serve(port))

    def stop(self) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)

    def wait_until_up(self) -> None:
        assert self._up.wait(10)

    async def _serve(self, port: int) -> None:
        self._loop = asyncio.get_running_loop()
        talks: set[asyncio.Task[None]] = set()

        def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.ensure_future(self._talk(reader, writer))
            talks.add(task)
            task.add_done_callback(talks.discard)
            task.add_done_callback(lambda _: writer.close())  # Also when it was cancelled before it began.

        server = await asyncio.start_server(connected, "127.0.0.1", port, limit=_HEAD_BYTES, backlog=1024)
        self.port = server.sockets[0].getsockname()[1]
        self._up.set()
        await self._stop.wait()
        # asyncio loses a connection whose server is closed while it accepts it: nobody would ever close that.
        while accepting := asyncio.all_tasks() - talks - {asyncio.current_task()}:
            await asyncio.gather(*accepting)
        server.close()
        left = list(talks)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.most_connections = max(self.most_connections, self.connections)
        try:
            while await self._one(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.connections -= 1

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request, and tell whether the connection lives on."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").splitlines()
        method, path, _ = head[0].split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        if method != "POST" or not is_asked(path):
            return await self._listed(reader, writer, self.listing(path))
        asked = Asked(json.loads(body), len(self.asked), path, headers)
        self.asked.append(asked)
        self.busy += 1
        try:
            answer = self.script(asked)
            return await self._answer(reader, writer, replace(answer, delay=answer.delay or self.delay), asked)
        finally:
            self.busy -= 1

    async def _listed(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answer) -> bool:
        if answer.hangs:
            return await self._hang(reader, answer)
        return await _plain(writer, answer)

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answer, asked: Asked
    ) -> bool:
        try:
            if answer.hangs == "at once":
                return await self._hang(reader, answer)
            await asyncio.sleep(answer.delay)
            if answer.status != 200:
                return await _plain(writer, answer)
            await _stream(writer, answer, asked)
            if answer.hangs:
                return await self._hang(reader, answer)
        except ConnectionError:
            self.broken_off += 1
            return False
        if answer.disconnects:
            return False
        writer.write(_LAST_CHUNK)
        await writer.drain()
        return True

    async def _hang(self, reader: asyncio.StreamReader, answer: Answer) -> bool:
        """Say nothing until the other side goes away."""
        while await reader.read(1024):
            pass
        self.broken_off += 1
        answer.left()
        return False


async def _plain(writer: asyncio.StreamWriter, answer: Answer) -> bool:
    headers = {"content-type": "application/json", "content-length": str(len(answer.body)), **answer.headers}
    lines = [f"HTTP/1.1 {answer.status} {_REASONS.get(answer.status, 'Other')}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    writer.write("\r\n".join([*lines, "", ""]).encode() + answer.body)
    await writer.drain()
    return True


async def _stream(writer: asyncio.StreamWriter, answer: Answer, asked: Asked) -> None:
    """Send the events, each in an HTTP chunk of its own; those that have no pace go out together."""
    headers = {"content-type": asked.dialect.content_type, "transfer-encoding": "chunked", **answer.headers}
    writer.write("\r\n".join(["HTTP/1.1 200 OK", *map(": ".join, headers.items()), "", ""]).encode())
    for event in answer.events(asked.dialect):
        if event:
            writer.write(b"%x\r\n%s\r\n" % (len(event), event))
        if answer.pace or answer.endless or answer.pulse:
            await writer.drain()
            await asyncio.sleep(answer.pace)
    await writer.drain()


@contextmanager
def standing_in(script: Script = haggles, *, delay: float = 0.0) -> Iterator[StandIn]:
    """Yield a running stand-in."""
    server = StandIn(script, delay=delay)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        server.wait_until_up()
        yield server
    finally:
        server.stop()
        thread.join(10)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--delay", type=float, default=0.3, help="seconds before each answer")
    options = parser.parse_args()
    server = StandIn(delay=options.delay)
    threading.Thread(target=_announce, args=(server,), daemon=True).start()
    try:
        server.run(options.port)
    except KeyboardInterrupt:
        return


def _announce(server: StandIn) -> None:
    server.wait_until_up()
    print(server.url, flush=True)  # noqa: T201  What the starting program waits for.


if __name__ == "__main__":
    main()
