"""What routes of the chat are given beside what all routes are."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from chaffer.api.dependencies import Calling, Running, UserId, scope_of
from chaffer.assistant.chats import Chats
from chaffer.doors.caller import Caller


async def _chats_of(chaffer: Running, caller: Calling, user_id: UserId = None) -> Chats:
    return chaffer.chats.of(scope_of(caller, user_id))


MyChats = Annotated[Chats, Depends(_chats_of)]
"""The conversations that the caller may see: of the `user_id` that is given, where nobody is asked who they are."""


def named_in(chats: Chats, caller: Caller, user_id: str | None) -> Chats:
    """Return the conversations narrowed to the user that a body names, if it does. Raises FORBIDDEN as `owner_of`."""
    return chats if user_id is None else chats.of(caller.owner(user_id))
