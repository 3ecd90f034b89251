"""Run a task of this repository, such as `python dev.py demo`; the Makefile is a front over it.

This file only finds a Python that is new enough and hands over to tools/tasks.py. An old Python must be able to read
it, or it could not say that it is too old: hence no syntax later than Python 3.6.
"""

# /// script
# requires-python = ">=3.11"
# dependencies = []
# ///
import os
import subprocess
import sys
from shutil import which

LEAST = (3, 11)
# Releases the dependencies have wheels for come first.
RELEASES = ("3.13", "3.14", "3.12", "3.11", "3.15")
_PROBE = "import sys; sys.exit(sys.version_info < (3, 11))"


def newer_python() -> "list[str]":
    """Return the words that start a Python new enough, or an empty list where none is found."""
    commands = [[name] for name in ["python" + release for release in RELEASES] if which(name)]
    if os.name == "nt" and which("py"):
        commands += [["py", "-" + release] for release in RELEASES]
    for command in commands:
        # Version managers put shims on the PATH that exist and fail.
        answer = subprocess.call([*command, "-c", _PROBE], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if answer == 0:
            return command
    return []


def main() -> int:
    """Hand over to the tasks, in another Python where this one is too old; return the exit code."""
    if sys.version_info >= LEAST:
        from tools.tasks import run

        return run(sys.argv[1:])
    command = newer_python()
    if not command:
        sys.stderr.write(
            "Chaffer needs Python 3.11 or newer; this is Python {}.{}.{} and no newer one is on the PATH. "
            "Install one from https://www.python.org/downloads/ and run the same command again.\n".format(
                *sys.version_info[:3]
            )
        )
        return 2
    words = [*command, __file__, *sys.argv[1:]]
    if os.name != "nt":
        os.execvp(words[0], words)
    return subprocess.call(words)


if __name__ == "__main__":
    sys.exit(main())
