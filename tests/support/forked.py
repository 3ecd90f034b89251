"""`chaffer` as processes of their own, without the second that its imports take: each is a fork of one that has them.

The command line itself is imported by each anew, with its own environment; what is there before is what lies under it.
As a program it takes a line of JSON a command and answers with its exit code.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Final, NoReturn, Self

_UNDER_IT: Final = ("chaffer.api.app", "chaffer.bootstrap", "rich.console", "typer")


class Forker:
    """A process that has imported what lies under the command line, and forks for each command."""

    def __enter__(self) -> Self:
        line = [sys.executable, "-m", "tests.support.forked"]
        environment = {name: os.environ[name] for name in ("PATH",) if name in os.environ}
        self._process = subprocess.Popen(
            line,
            cwd=Path(__file__).parents[2],
            env={**environment, "PYTHONUTF8": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._pipe(self._process.stdin).close()
        self._process.wait(10)
        self._pipe(self._process.stdout).close()

    def run(
        self, arguments: Sequence[str], cwd: Path, environment: Mapping[str, str], stdin: bytes
    ) -> tuple[int, bytes, bytes]:
        """Run a command to its end, and return its exit code and what it wrote to standard output and error."""
        told, out, err = (cwd / f".{name}" for name in ("stdin", "stdout", "stderr"))
        told.write_bytes(stdin)
        asked = {"arguments": list(arguments), "cwd": str(cwd), "environment": dict(environment)}
        asked |= {"files": [str(told), str(out), str(err)]}
        to = self._pipe(self._process.stdin)
        to.write(json.dumps(asked) + "\n")
        to.flush()
        code = int(self._pipe(self._process.stdout).readline())
        written = out.read_bytes(), err.read_bytes()
        for path in (told, out, err):
            path.unlink()
        return code, *written

    @staticmethod
    def _pipe(pipe: IO[str] | None) -> IO[str]:
        assert pipe is not None
        return pipe


def main() -> None:
    """Fork for every command until there are no more."""
    for name in _UNDER_IT:
        __import__(name)
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if child == 0:
            _become(**asked)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
        sys.stdout.flush()


def _become(arguments: list[str], cwd: str, environment: dict[str, str], files: list[str]) -> NoReturn:
    """Run the command in this process, which is the child, and end."""
    code = 70
    try:
        for descriptor, (path, flags) in enumerate(
            zip(files, (os.O_RDONLY, *(os.O_WRONLY | os.O_CREAT | os.O_TRUNC,) * 2), strict=True)
        ):
            os.dup2(os.open(path, flags, 0o600), descriptor)
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  What was read ahead is not the command's.
        os.chdir(cwd)
        os.environ.clear()
        os.environ.update(environment)
        sys.argv = ["chaffer", *arguments]
        from chaffer.cli.main import main as chaffer  # noqa: PLC0415  See the head of this module.

        chaffer()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
