"""`chaffer logs`: the logs of negotiations that have ended."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from typing import Final

from chaffer.cli.answers import show_answer, tell_more
from chaffer.cli.client import Document, MarketClient, Page
from chaffer.cli.outcomes import Outcome
from chaffer.cli.playing import LOGS
from chaffer.cli.tables import print_table
from chaffer.cli.terminal import print_json
from chaffer.errors import ChafferError, Code

PATIENCE_SECONDS: Final = 5.0
"""How long a log may take to be written after its room's last event."""

_LOOK_AGAIN_SECONDS: Final = 0.05


async def wait_for_logs(client: MarketClient, session_id: str, room_ids: Iterable[str]) -> bool:
    """Return whether the rooms' logs are there, waiting for them a little: they follow a room's last event."""
    until = time.monotonic() + PATIENCE_SECONDS
    for room_id in room_ids:
        while not await _is_there(client, session_id, room_id):
            if time.monotonic() > until:
                return False
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
    return True


async def _is_there(client: MarketClient, session_id: str, room_id: str) -> bool:
    try:
        await client.get(f"{LOGS}/{session_id}/{room_id}")
    except ChafferError as error:
        if error.code is Code.LOG_NOT_FOUND:
            return False
        raise
    return True


async def list_logs(url: str | None, page: Page, *, as_json: bool) -> Outcome:
    """List the sessions that have logs."""

    def tell(answer: Document) -> None:
        rows = ((log["session_id"], log["saved_at"], len(log["room_ids"])) for log in answer["logs"])
        print_table(("session", "saved", "rooms"), rows, empty="There are no logs.")
        tell_more(answer, "logs list", page, url)

    return await show_answer(url, lambda client: client.get(LOGS, **page.query), tell, as_json=as_json)


async def list_logs_of(url: str | None, session_id: str, *, as_json: bool) -> Outcome:
    """List the logs of one session."""

    def tell(answer: Document) -> None:
        print_table(("room",), ((room_id,) for room_id in answer["room_ids"]), empty="No room of it has ended.")

    return await show_answer(url, lambda client: client.get(f"{LOGS}/{session_id}"), tell, as_json=as_json)


async def show_log(url: str | None, session_id: str, room_id: str) -> Outcome:
    """Print a room's log."""
    return await show_answer(url, lambda client: client.get(f"{LOGS}/{session_id}/{room_id}"), print_json, as_json=True)
