"""Errands: what is done once, however often it is asked for, because it is remembered with what it changed."""

from __future__ import annotations

from chaffer.conversation.journal import Answer, Journal, RememberAnswer


async def told_before(journal: Journal, owner: str, errand: str) -> str | None:
    """Return what came of an errand that was done before, or None."""
    key = _key(errand)
    kept = await journal.find_answer(owner, key)
    return kept[1].body if kept is not None and kept[0] == key else None


def remembered(owner: str, errand: str, told: str = "") -> RememberAnswer:
    """Return what keeps an errand along with what it changes: refused where it was done before."""
    key = _key(errand)
    return RememberAnswer(owner, key, key, Answer(0, told))


def _key(errand: str) -> str:
    # No header can hold a line's end, so no Idempotency-Key is like it.
    return f"errand\n{errand}"
