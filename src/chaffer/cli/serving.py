"""`chaffer serve`: the port is taken first, so that one in use is told at once; what is slow to import comes after."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import sys
from functools import partial
from types import FrameType
from typing import Final

import structlog
import uvicorn

from chaffer.api.app import create_app
from chaffer.bootstrap import Chaffer, open_chaffer
from chaffer.errors import ChafferError, Code
from chaffer.logbook import open_logbook
from chaffer.settings import Settings

_BACKLOG: Final = 2048
_GOODBYE_SECONDS: Final = 3
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})

_log = structlog.get_logger(__name__)


def serve_api(settings: Settings) -> None:
    """Serve until a signal ends it. Raises VALIDATION_ERROR when the address or the log's file cannot be taken."""
    _open_log(settings)
    with _taken(settings.host, settings.port) as listening:
        asyncio.run(_serve(settings, listening))


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
            http="h11",  # The same everywhere, whatever faster parser may be installed by chance.
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # Who calls is told by the connection, not by a header that anybody can send.
            timeout_graceful_shutdown=_GOODBYE_SECONDS,
        )
        server = _Server(config, chaffer)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        _announce(settings, listening)
        await chaffer.warm_up()
        if not chaffer.engine.held:  # What is in memory of conversations is not there to stay.
            _spare_the_collector()
        await serving


def _spare_the_collector() -> None:
    """Keep what is there to stay, modules above all, out of every full collection: streams stand still for it."""
    gc.collect()
    gc.freeze()


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


def _announce(settings: Settings, listening: socket.socket) -> None:
    host, port = listening.getsockname()[:2]
    url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    lines = [f"Chaffer serves on {url}  (documentation: {url}/api/docs; Ctrl-C stops it)"]
    if settings.host not in _LOOPBACK and not settings.unsafe_no_auth:
        lines.append("Without authentication only this machine is served; --unsafe-no-auth serves all that reach it.")
    sys.stderr.write("\n".join(lines) + "\n")
    sys.stderr.flush()
