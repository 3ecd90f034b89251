"""`chaffer` as processes of their own, without the seconds that its imports take: each is a fork of one that has them.

What they share looks at no environment before a command runs. As a program this module takes requests as lines of JSON
from a socket, along with the files that a command reads and writes.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO, Any, Final, NoReturn

from chaffer.cli.main import main as chaffer
from chaffer.cli.main import parser

_UNDER_IT: Final = (
    "alembic.command",
    "anyio._backends._asyncio",
    "chaffer.api.app",
    "chaffer.assistant.built_in",
    "chaffer.assistant.flow",
    "chaffer.bootstrap",
    "chaffer.cli.chat",
    "chaffer.cli.negotiate",
    "chaffer.cli.serving",
    "chaffer.cli.shop",
    "chaffer.dialogue.built_in",
    "chaffer.dialogue.flow",
    "chaffer.llm.providers.openai",
    "chaffer.negotiation.flow",
    "chaffer.shopping.built_in",
    "chaffer.shopping.catalogue.importing",
    "chaffer.shopping.flow",
    "httpcore2",
    "langchain_core.tracers.context",
    "langchain_core.tracers.run_collector",
    "langchain_core.tracers.stdout",
    "rich.console",
    "sqlalchemy.dialects.sqlite.aiosqlite",
    "sqlite3",
    "typer",
    "uvicorn.protocols.http.httptools_impl",
)
"""Only imported, never used: what draws random numbers for ids would go on alike in each fork."""

_LONGEST_SECONDS: Final = 90.0
_LOOKS_SECONDS: Final = 0.005
_LONGEST_READ: Final = 65_536


_LINE: Final = (sys.executable, "-m", "chaffer.cli.main")


def run_chaffer(
    arguments: Sequence[str], cwd: Path, environment: Mapping[str, str], stdin: bytes = b""
) -> tuple[int, bytes, bytes]:
    """Run a command to its end, and return its exit code and what it wrote to standard output and error."""
    if _can_fork(environment):
        return _forker().run(arguments, cwd, environment, stdin)
    done = subprocess.run(
        [*_LINE, *arguments],
        cwd=cwd,
        env=environment,
        input=stdin,
        capture_output=True,
        timeout=_LONGEST_SECONDS,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def start_chaffer(
    arguments: Sequence[str], cwd: Path, environment: Mapping[str, str]
) -> subprocess.Popen[str] | Forked:
    """Begin a command; its `stdout` is what it writes, to standard error too."""
    if _can_fork(environment):
        return _forker().start(arguments, cwd, environment)
    return subprocess.Popen(
        [*_LINE, *arguments],
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@contextmanager
def serve_commands() -> Iterator[Path]:
    """Run the commands that are handed over while the context lasts, each to its end; yield the Unix socket for them.

    A caller sends what `Forker` takes, with its three files, and is told the exit code.
    """
    # Not under pytest's own folder: the path of a Unix socket has 107 bytes at most.
    with TemporaryDirectory(prefix="chaffer-") as folder, socket.socket(socket.AF_UNIX) as listening:
        place = Path(folder) / "commands"
        listening.bind(str(place))
        listening.listen()
        serving = threading.Thread(target=_serve, args=[listening])
        serving.start()
        try:
            yield place
        finally:
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            listening.close()
            serving.join()


def _serve(listening: socket.socket) -> None:
    with suppress(OSError):  # The context is over.
        while True:
            caller, _ = listening.accept()
            threading.Thread(target=_see_to, args=[caller]).start()


def _see_to(caller: socket.socket) -> None:
    with caller:
        asked, files = _received(caller)
        pid = _forker().ask(asked, files)
        for file in files:
            os.close(file)
        caller.sendall(str(Forked(pid, _forker(), None).wait()).encode())


def _can_fork(environment: Mapping[str, str]) -> bool:
    """Tell whether a command can be a fork: what Python itself heeds at its start, a fork no longer does."""
    heeded = {name for name in environment if name.startswith("PYTHON")} - {"PYTHONUTF8"}
    return hasattr(os, "fork") and not heeded


class Forked:
    """A process that was forked, as `subprocess.Popen` shows one."""

    def __init__(self, pid: int, forker: Forker, stdout: IO[str] | None) -> None:
        self.pid = pid
        self.stdout = stdout
        self._forker = forker

    def wait(self, timeout: float = _LONGEST_SECONDS) -> int:
        """Return its exit code once it has ended. Raises subprocess.TimeoutExpired."""
        until = time.monotonic() + timeout
        while (code := self._forker.ask({"ended": self.pid})) is None:
            if time.monotonic() > until:
                raise subprocess.TimeoutExpired(["chaffer"], timeout)
            time.sleep(_LOOKS_SECONDS)
        return int(code)

    def send_signal(self, number: int) -> None:
        """Send a signal; there is somebody to get it until `wait` has returned."""
        os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


class Forker:
    """A process that has imported what lies under the command line, and forks for each command."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair()
        self._asking = threading.Lock()
        environment = {name: os.environ[name] for name in ("PATH",) if name in os.environ}
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.forked", str(theirs.fileno())],
                cwd=Path(__file__).parents[2],
                env={**environment, "PYTHONUTF8": "1"},
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )

    def close(self) -> None:
        """End it, and what it forked."""
        self._socket.close()
        self._process.wait(_LONGEST_SECONDS)

    def ask(self, request: object, files: Sequence[int] = ()) -> Any:
        """Return the answer to a request."""
        with self._asking:
            _send(self._socket, request, files)
            return _received(self._socket)[0]

    def start(self, arguments: Sequence[str], cwd: Path, environment: Mapping[str, str]) -> Forked:
        """See `start_chaffer`."""
        reading, writing = os.pipe()
        with Path(os.devnull).open("rb") as nothing:
            pid = self._fork(arguments, cwd, environment, (nothing.fileno(), writing, writing))
        os.close(writing)
        return Forked(pid, self, os.fdopen(reading, encoding="utf-8"))

    def run(
        self, arguments: Sequence[str], cwd: Path, environment: Mapping[str, str], stdin: bytes
    ) -> tuple[int, bytes, bytes]:
        """See `run_chaffer`."""
        with TemporaryFile() as told, TemporaryFile() as out, TemporaryFile() as err:
            told.write(stdin)
            told.seek(0)
            pid = self._fork(arguments, cwd, environment, [file.fileno() for file in (told, out, err)])
            code = Forked(pid, self, None).wait()
            out.seek(0)
            err.seek(0)
            return code, out.read(), err.read()

    def _fork(self, arguments: Sequence[str], cwd: Path, environment: Mapping[str, str], files: Sequence[int]) -> int:
        asked = {"arguments": list(arguments), "cwd": str(cwd), "environment": dict(environment)}
        pid: int = self.ask(asked, files)
        return pid


@cache
def _forker() -> Forker:
    """Return the one of this process; it ends with it."""
    made = Forker()
    atexit.register(made.close)
    return made


def _send(to: socket.socket, document: object, files: Sequence[int] = ()) -> None:
    line = json.dumps(document).encode() + b"\n"
    sent = socket.send_fds(to, [line], files)
    to.sendall(line[sent:])


def _received(of: socket.socket) -> tuple[Any, list[int]]:
    """Return what was sent, and the files along with it. Raises EOFError when there is nothing more to come."""
    line = b""
    files: list[int] = []
    while not line.endswith(b"\n"):
        part, more, _, _ = socket.recv_fds(of, _LONGEST_READ, 3)
        if not part:
            raise EOFError
        line += part
        files += more
    return json.loads(line), files


def main() -> None:
    """Fork for every command until there are no more; what runs then is ended."""
    asking = socket.socket(fileno=int(sys.argv[1]))
    for name in _UNDER_IT:
        __import__(name)
    parser()
    gc.freeze()  # A collection in a fork would copy every page that holds an object.
    running: set[int] = set()
    try:
        while True:
            asked, files = _received(asking)
            if "ended" in asked:
                pid, status = os.waitpid(asked["ended"], os.WNOHANG)
                running.discard(pid)
                _send(asking, os.waitstatus_to_exitcode(status) if pid else None)
                continue
            child = os.fork()
            if child == 0:
                asking.close()
                _become(**asked, files=files)
            running.add(child)
            for file in files:
                os.close(file)
            _send(asking, child)
    except EOFError:
        for child in running:
            os.kill(child, signal.SIGKILL)


def _become(arguments: list[str], cwd: str, environment: dict[str, str], files: list[int]) -> NoReturn:
    """Run the command in this process, which is the child, and end."""
    try:
        for descriptor, file in enumerate(files):
            os.dup2(file, descriptor)
        for file in set(files):
            os.close(file)
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  These three stay open to the end.
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
        # A shell that starts the tests in the background has it ignored.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.chdir(cwd)
        os.environ.clear()
        os.environ.update(environment)
        sys.argv = ["chaffer", *arguments]
        chaffer()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001  It is told as Python tells it, and then the process ends all the same.
        traceback.print_exc()
        code = 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
