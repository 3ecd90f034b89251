"""Ids: opaque to clients, sortable by time where they are UUIDs, unguessable everywhere."""

from __future__ import annotations

import re
import secrets
from typing import Final

from uuid_utils import uuid7

_NOT_READABLE: Final = re.compile(r"[^a-z0-9]+")
_READABLE_LENGTH: Final = 24


def new_id() -> str:
    """Return a UUID of version 7 as text, so that ids sort by the time they were made."""
    return str(uuid7())


def new_room_id(item_name: str) -> str:
    """Return `room_laptop_9f…`: a readable front of ASCII and 64 random bits; a safe file name on every system."""
    front = _NOT_READABLE.sub("_", item_name.casefold()).strip("_")[:_READABLE_LENGTH].strip("_")
    return f"room_{front or 'item'}_{secrets.token_hex(8)}"


def new_buyer_id() -> str:
    """Return `buyer_…` with 32 random bits."""
    return f"buyer_{secrets.token_hex(4)}"
