"""`chaffer logs`: the logs of negotiations that have ended."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from typing import Final

from chaffer.cli.client import MarketClient, Page
from chaffer.cli.connection import open_client
from chaffer.cli.outcomes import Outcome
from chaffer.cli.playing import LOGS
from chaffer.cli.tables import print_table
from chaffer.cli.terminal import out, print_json
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
    async with open_client(url) as client:
        answer = await client.get(LOGS, limit=page.limit, after=page.after, user_id=page.user_id)
    if as_json:
        print_json(answer)
        return Outcome.DONE
    rows = ((log["session_id"], log["saved_at"], len(log["room_ids"])) for log in answer["logs"])
    print_table(("session", "saved", "rooms"), rows, empty="There are no logs.")
    if answer["next_after"]:
        out().print(f"More: chaffer logs list {page.next_options(answer['next_after'], url)}")
    return Outcome.DONE


async def list_logs_of(url: str | None, session_id: str, *, as_json: bool) -> Outcome:
    """List the logs of one session."""
    async with open_client(url) as client:
        answer = await client.get(f"{LOGS}/{session_id}")
    if as_json:
        print_json(answer)
        return Outcome.DONE
    print_table(("room",), ((room_id,) for room_id in answer["room_ids"]), empty="No room of it has ended.")
    return Outcome.DONE


async def show_log(url: str | None, session_id: str, room_id: str) -> Outcome:
    """Print a room's log."""
    async with open_client(url) as client:
        print_json(await client.get(f"{LOGS}/{session_id}/{room_id}"))
    return Outcome.DONE
