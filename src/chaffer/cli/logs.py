"""`chaffer logs`: the logs of negotiations that have ended."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from typing import Final

from chaffer.cli.client import MarketClient
from chaffer.cli.playing import LOGS
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
