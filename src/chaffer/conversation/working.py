"""Work on a conversation that must not outlive it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from chaffer.conversation.live import LiveConversation


async def until_over(
    live: LiveConversation,
    work: Coroutine[Any, Any, None],
    seconds: float | None = None,
    *,
    halted: Callable[[], bool] = lambda: False,
) -> bool:
    """Do the work until it is done, the conversation is over or halted, or the time is up; the rest is cancelled.

    Returns, when all of it is gone, whether it was done. Raises what the work raises.
    """
    working = asyncio.ensure_future(work)
    over = asyncio.ensure_future(live.feed.over(halted))
    try:
        await asyncio.wait({working, over}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            working.result()
        return working.done()
    finally:
        for task in (working, over):
            task.cancel()
        await asyncio.gather(working, over, return_exceptions=True)
