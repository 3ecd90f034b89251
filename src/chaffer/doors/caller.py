"""Who calls, as far as it has been proven."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from chaffer.errors import Advice, ChafferError, Code, Detail

NOBODY_IN_PARTICULAR: Final = "local"
"""The owner of what is made where nobody says who asks."""

_SOMEBODY_ELSE: Final = Advice("You are logged in as somebody else.", ("Log in again.",))


class Mode(StrEnum):
    """How callers are known: not at all, by a password, by a token."""

    OPEN = "open"
    BASIC = "basic"
    BEARER = "bearer"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls. `user` is the password's user or the token's `sub`; None in open mode.

    `until` is when the proof runs out, None for never; `proof` names it for whoever asks later whether it still holds,
    and tells nothing that would let anybody in.
    """

    mode: Mode
    user: str | None = None
    until: datetime | None = None
    proof: str = field(default="", repr=False)

    @property
    def scope(self) -> str | None:
        """Return the owner whose things alone it may see; None where it may see everybody's."""
        return self.user

    def owner(self, given: str | None = None) -> str:
        """Return whose it is what this caller makes; `given` is the `user_id` of the request.

        Raises FORBIDDEN where a token speaks and the request names somebody else.
        """
        if self.mode is Mode.BEARER and given is not None and given != self.user:
            raise ChafferError(
                Code.FORBIDDEN,
                "user_id names somebody else than the token does. Leave it out, or send the token's `sub`.",
                details=(Detail("user_id", "must be the token's `sub`, or left out"),),
                advice=_SOMEBODY_ELSE,
            )
        return self.user or given or NOBODY_IN_PARTICULAR


ANYBODY: Final = Caller(Mode.OPEN)
