"""`chaffer serve`: the port is taken first, so that one in use is told at once; LangGraph comes with a conversation."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import sys
from collections.abc import Coroutine
from contextlib import suppress
from functools import partial
from types import FrameType
from typing import Any, Final

import structlog
import uvicorn

from chaffer.api.app import create_app
from chaffer.bootstrap import Chaffer, open_chaffer
from chaffer.cli.punctual import punctual
from chaffer.cli.signals import called_at
from chaffer.doors.caller import Mode
from chaffer.doors.entrance import Entrance
from chaffer.errors import ChafferError, Code
from chaffer.logbook import open_logbook
from chaffer.settings import Settings

_BACKLOG: Final = 2048
_GOODBYE_SECONDS: Final = 3
_OBJECTS_BEFORE_COLLECTING: Final = 10_000

_log = structlog.get_logger(__name__)


def serve_api(settings: Settings) -> None:
    """Serve until a signal ends it. Raises VALIDATION_ERROR when the address or the log's file cannot be taken."""
    _open_log(settings)
    with _taken(settings.host, settings.port) as listening, suppress(asyncio.CancelledError):
        asyncio.run(_until_sigterm(_serve(settings, listening)))


async def _until_sigterm(serving: Coroutine[Any, Any, None]) -> None:
    """Cancel the serving at a signal that comes before it is up, or again while it closes."""
    task = asyncio.ensure_future(serving)
    with called_at(signal.SIGTERM, task.cancel):
        await task


def _open_log(settings: Settings) -> None:
    """Log as the settings say. A file that nobody asked for is done without where it cannot be written."""
    log = partial(open_logbook, settings.log_level, settings.log_format, with_places=settings.debug)
    try:
        log(file=settings.log_path)
    except OSError as fault:
        if "log_file" in settings.model_fields_set:
            message = f"LOG_FILE {settings.log_file} cannot be written: {fault.strerror}. Name another file, or `off`."
            raise ChafferError(Code.VALIDATION_ERROR, message) from None
        log()
        hint = "set LOG_FILE to another file, or to off"
        _log.warning("log.no_file", file=str(settings.log_file), because=fault.strerror, hint=hint)


async def _serve(settings: Settings, listening: socket.socket) -> None:
    _spare_the_collector()
    async with open_chaffer(settings) as chaffer:
        config = uvicorn.Config(
            create_app(settings, chaffer),
            http=punctual(settings.request_body_timeout, settings.sse_send_timeout),
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # Who calls is told by the connection, not by a header that anybody can send.
            timeout_graceful_shutdown=_GOODBYE_SECONDS,
            ws=_web_socket,  # type: ignore[arg-type]  # What makes the protocol serves as well as its class.
            ws_max_size=settings.max_body_bytes,
        )
        server = _Server(config, chaffer)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        _announce(listening, [_door(settings, chaffer.entrance), *await _others(settings, chaffer)])
        _log.info(
            "door", modes=[mode.value for mode in chaffer.entrance.modes], serves=_door(settings, chaffer.entrance)
        )
        _spare_the_collector()
        await serving


async def _others(settings: Settings, chaffer: Chaffer) -> list[str]:
    """Return what there is to say of another process here. One that holds nothing just now cannot be seen."""
    theirs = await chaffer.engine.held_elsewhere()
    if not theirs:
        return []
    _log.warning("leases.elsewhere", conversations=theirs, lease_seconds=settings.lease_seconds)
    what = "1 conversation" if theirs == 1 else f"{theirs} conversations"
    return [f"Another process holds {what} here, and keeps them until {settings.lease_seconds:g} s after its end."]


def _web_socket(*args: Any, **named: Any) -> asyncio.Protocol:  # noqa: ANN401  Whatever uvicorn makes it of.
    """Return what speaks WebSocket on a connection; its 3 MB are for those who use it."""
    from chaffer.cli.sockets import RefusableSockets  # noqa: PLC0415

    return RefusableSockets(*args, **named)


def _spare_the_collector() -> None:
    """Keep what is there to stay, modules above all, out of full collections, and have few: streams stand still."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS_BEFORE_COLLECTING)


class _Server(uvicorn.Server):
    """A server that lets the rooms stop at a step and tells open streams to come back, before it goes."""

    def __init__(self, config: uvicorn.Config, chaffer: Chaffer) -> None:
        super().__init__(config)
        self._chaffer = chaffer
        self._leaving: asyncio.Task[None] | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Leave at the first signal, at once at the second.

        The signal is not kept to be raised again, as the server that this extends does: to leave in order is what was
        asked for, so the exit code is 0.
        """
        del sig, frame
        if self._leaving is None:
            self._leaving = asyncio.get_running_loop().create_task(self._leave())
        else:
            self.should_exit = self.force_exit = True

    async def _leave(self) -> None:
        try:
            await self._chaffer.engine.close()
        finally:
            self.should_exit = True


def _taken(host: str, port: int) -> socket.socket:
    """Return a socket that listens there. Raises VALIDATION_ERROR saying why it cannot."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family, backlog=_BACKLOG)
    except OSError as fault:
        raise _refused(host, port, fault) from None


def _refused(host: str, port: int, fault: OSError) -> ChafferError:
    if isinstance(fault, socket.gaierror):
        issue = f"{host!r} is no address of this machine"
        advice = "Give --host an address of this machine, such as 127.0.0.1."
    elif isinstance(fault, PermissionError):
        issue = f"port {port} may not be taken by this user"
        advice = "Give --port a number above 1023."
    else:
        reason = os.strerror(fault.errno or 0)
        issue = f"port {port} of {host} cannot be taken ({reason})"
        advice = f"Stop what listens there, or choose another port: chaffer serve --port {min(port + 1, 65_535)}"
    return ChafferError(Code.VALIDATION_ERROR, f"The server did not start: {issue}. {advice}")


def _door(settings: Settings, entrance: Entrance) -> str:
    """Return who is served, in a sentence."""
    if not entrance.is_open:
        ways = {Mode.BASIC: "the password of BASIC_AUTH_USER", Mode.BEARER: "a token"}
        return f"Who calls must prove it, by {' or '.join(ways[mode] for mode in entrance.modes)}."
    why = "DEV_MODE switches authentication and limits off" if settings.dev_mode else "No authentication is configured"
    if settings.unsafe_no_auth:
        return f"{why}, and --unsafe-no-auth serves EVERY machine that reaches this one, without asking who it is."
    return f"{why}: this machine alone is served (--unsafe-no-auth serves all that reach it)."


def _announce(listening: socket.socket, more: list[str]) -> None:
    host, port = listening.getsockname()[:2]
    url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    lines = [f"Chaffer serves on {url}  (documentation: {url}/api/docs; Ctrl-C stops it)", *more]
    sys.stderr.write("\n".join(lines) + "\n")
    sys.stderr.flush()
