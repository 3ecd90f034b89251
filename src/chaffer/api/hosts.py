"""Under which names the server is called: a browser can be made to call it by a name that is not its own."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from typing import Final

from starlette.types import Scope

from chaffer.errors import ChafferError, Code, Detail

_HOST: Final = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252}))(:[0-9]{1,5})?")
_LARGEST_PORT: Final = 65_535
_ANY_BELOW: Final = "*."


class Hosts:
    """The names that the server answers to; every name where none is given."""

    def __init__(self, allowed: Sequence[str]) -> None:
        """Know the names, without ports; `*.example.com` stands for all below example.com."""
        self._names = frozenset(name.casefold() for name in allowed if not name.startswith(_ANY_BELOW))
        self._ends = tuple(name[1:].casefold() for name in allowed if name.startswith(_ANY_BELOW))

    def objection(self, scope: Scope) -> ChafferError | None:
        """Return why a request is refused, or None."""
        given = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        if not any(given):
            return self._misdirected() if self._names or self._ends else None
        name = host_name(given[0]) if len(given) == 1 else None
        if name is None:
            return ChafferError(
                Code.VALIDATION_ERROR,
                "The Host header is not the name of a host. Send one name or address, with or without a port.",
                details=(Detail("Host", "must be one name or address, with or without a port"),),
            )
        if (self._names or self._ends) and name not in self._names and not name.endswith(self._ends):
            return self._misdirected()
        return None

    @staticmethod
    def _misdirected() -> ChafferError:
        return ChafferError(
            Code.FORBIDDEN, "This server does not answer to the name it was called by. Add it to ALLOWED_HOSTS."
        )


def host_name(host: str) -> str | None:
    """Return the name in a Host header in small letters, without its port; None where it is malformed."""
    found = _HOST.fullmatch(host)
    if found is None or (found[3] is not None and int(found[3][1:]) > _LARGEST_PORT):
        return None
    name = found["name"].casefold()
    if name.startswith("["):
        try:
            ipaddress.IPv6Address(name[1:-1])
        except ValueError:
            return None
    return name.removesuffix(".") or None
