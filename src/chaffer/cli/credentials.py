"""What the command line proves itself to a server with; it comes from the environment, never from an argument."""

from __future__ import annotations

import base64
import ipaddress
import sys
from typing import Final, NoReturn

import httpx2

from chaffer.errors import ChafferError, Code, Detail
from chaffer.settings import Settings

_LEAST_HEADER_CHARACTER: Final = " "


def headers_for(url: str, settings: Settings) -> dict[str, str]:
    """Return the header that proves who calls, none where nothing is set; warn before it goes over an open line.

    Raises VALIDATION_ERROR where half of it is set, or too much.
    """
    proof = _proof(settings)
    if proof is None:
        return {}
    if not _is_private(httpx2.URL(url)):
        sys.stderr.write(
            f"Warning: {url} is plain http to another machine: whoever stands between can read your "
            "password or token. Use https.\n"
        )
    return {"Authorization": proof}


def _proof(settings: Settings) -> str | None:
    user, password, token = settings.chaffer_user, settings.chaffer_password, settings.chaffer_token
    if token is not None:
        if user is not None or password is not None:
            _refuse("CHAFFER_TOKEN", "is set, and so is a user or a password: unset one of the two")
        text = token.get_secret_value()
        if not (text.isascii() and text.isprintable() and _LEAST_HEADER_CHARACTER not in text):
            _refuse("CHAFFER_TOKEN", "must have printable ASCII characters only, without spaces")
        return f"Bearer {text}"
    if user is None and password is None:
        return None
    if user is None or password is None:
        missing = "CHAFFER_USER" if user is None else "CHAFFER_PASSWORD"
        _refuse(missing, "is missing: a user and a password are needed")
    return "Basic " + base64.b64encode(f"{user}:{password.get_secret_value()}".encode()).decode()


def _is_private(url: httpx2.URL) -> bool:
    if url.scheme == "https" or url.host == "localhost":
        return True
    try:
        return ipaddress.ip_address(url.host.strip("[]")).is_loopback
    except ValueError:
        return False


def _refuse(name: str, issue: str) -> NoReturn:
    raise ChafferError(Code.VALIDATION_ERROR, f"{name} {issue}.", details=(Detail(name, issue),))
