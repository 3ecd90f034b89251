"""Beginning conversations: what is written of them, and the keys that came with the request."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from chaffer.conversation.journal import Effect, Journal, Opening
from chaffer.conversation.keys import GivenKey, MindsAndKeys
from chaffer.errors import ChafferError


async def begin(
    journal: Journal,
    minds: MindsAndKeys,
    openings: Sequence[Opening],
    at: datetime,
    keys: Sequence[GivenKey],
    effects: Sequence[Effect],
) -> None:
    """Write conversations with the effects, all or none; the keys are the first one's. Raises ChafferError."""
    conversation_id = openings[0].conversation_id
    sealed = minds.keep(conversation_id, keys)
    try:
        await journal.create(openings, at, (*sealed, *effects))
    except ChafferError:  # Who is cancelled here may be told later that it was written.
        minds.forget(conversation_id)
        raise
