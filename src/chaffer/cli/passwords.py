"""`chaffer hash-password`: a password that nobody sees becomes a hash that anybody may."""

from __future__ import annotations

import sys
from getpass import getpass

from chaffer.cli.scenario_files import STANDARD_INPUT
from chaffer.doors.passwords import hash_password
from chaffer.errors import ChafferError, Code

_PROMPTS = ("Password: ", "Once more: ")


def print_hash(source: str | None, *, by_bcrypt: bool) -> None:
    """Print the hash of a password, alone on standard output: asked for twice, or read from standard input.

    Raises VALIDATION_ERROR for one that is empty, that bcrypt would cut, or that is typed differently the second time.
    """
    password = _read() if source == STANDARD_INPUT else _asked()
    sys.stdout.write(hash_password(password, by_bcrypt=by_bcrypt) + "\n")


def _read() -> str:
    try:
        text = sys.stdin.buffer.read().decode()
    except UnicodeDecodeError:
        raise ChafferError(Code.VALIDATION_ERROR, "The password on standard input is no UTF-8.") from None
    return text.removesuffix("\n").removesuffix("\r")


def _asked() -> str:
    if not sys.stdin.isatty():
        message = "Nobody is there to type a password. Pipe it in: chaffer hash-password - < FILE"
        raise ChafferError(Code.VALIDATION_ERROR, message)
    first, second = (getpass(prompt) for prompt in _PROMPTS)
    if first != second:
        raise ChafferError(Code.VALIDATION_ERROR, "The two passwords differ. Try again.")
    return first
