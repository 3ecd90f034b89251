"""How many, and which ones, as people write it."""

from __future__ import annotations

from collections.abc import Sequence


def counted(number: int, one: str, many: str) -> str:
    """Return so many of something: `1 person`, `1,204 people`."""
    return f"{number:,} {one if number == 1 else many}"


def listed(parts: Sequence[str], joint: str = "and") -> str:
    """Return `a`, `a and b`, `a, b and c`; there must be one."""
    front = ", ".join(parts[:-1])
    return f"{front} {joint} {parts[-1]}" if front else parts[-1]
