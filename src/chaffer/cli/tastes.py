"""What `chaffer preferences` does: what is known of a shopper's taste, to look at, to set, to forget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import msgspec

from chaffer.cli.client import Document, MarketClient
from chaffer.cli.connection import open_client
from chaffer.cli.outcomes import Outcome
from chaffer.cli.tables import print_fields
from chaffer.cli.terminal import out, print_json
from chaffer.errors import ChafferError, Code
from chaffer.shopping.catalogue.filters import needs_from
from chaffer.shopping.catalogue.searching import Need
from chaffer.shopping.relaxing import in_words


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose preferences are meant, None for the caller's own, and where they are."""

    user_id: str | None
    url: str | None


async def show_preferences(whose: Whose, *, as_json: bool) -> Outcome:
    """Show what is known of a user's taste."""
    async with open_client(whose.url) as client:
        answer = await preferences_of(client, await user_of(client, whose.user_id))
    _tell(answer, as_json=as_json)
    return Outcome.DONE


async def set_preferences(whose: Whose, changes: Mapping[str, Any], *, as_json: bool) -> Outcome:
    """Put what is given in the place of what was known; what is left out stays. Raises VALIDATION_ERROR for nothing."""
    if not changes:
        message = "Nothing is to be set. Name what, as in --like Lenovo or --max-budget 1200."
        raise ChafferError(Code.VALIDATION_ERROR, message)
    async with open_client(whose.url) as client:
        user = await user_of(client, whose.user_id)
        answer = await client.patch(_path(user), changes)
    _tell(answer, as_json=as_json)
    return Outcome.DONE


async def forget_preferences(whose: Whose, names: Sequence[str]) -> Outcome:
    """Forget the preferences of these names, or with none all of them."""
    async with open_client(whose.url) as client:
        user = await user_of(client, whose.user_id)
        if names:
            await client.patch(_path(user), dict.fromkeys(names))
        else:
            await forget(client, user)
    out().print("Forgotten.")
    return Outcome.DONE


async def user_of(client: MarketClient, user_id: str | None) -> str:
    """Return the user that is named, else the one that the caller is taken for."""
    return str((await client.get("/api/v1/me"))["user"]) if user_id is None else user_id


async def preferences_of(client: MarketClient, user: str) -> Document:
    """Return what is known of a user's taste."""
    return await client.get(_path(user))


async def forget(client: MarketClient, user: str) -> None:
    """Forget all that is known of a user's taste."""
    await client.delete(_path(user))


def needs_of(filters: Sequence[str]) -> list[dict[str, Any]]:
    """Return what attributes must be, as the API takes it. Raises VALIDATION_ERROR for a filter that says nothing."""
    return [msgspec.to_builtins(need) for need in needs_from(filters, "--require")]


def _path(user: str) -> str:
    return f"/api/users/{quote(user, safe='')}/preferences"


def _tell(answer: Document, *, as_json: bool) -> None:
    if as_json:
        print_json(answer)
    else:
        print_preferences(answer)


def print_preferences(answer: Document) -> None:
    """Print what is known of a user's taste."""
    budget = answer["max_budget"]
    told = (
        ("likes", ", ".join(answer["liked_brands"])),
        ("dislikes", ", ".join(answer["disliked_brands"])),
        ("budget", None if budget is None else f"{budget:,.2f}{_in(answer['budget_category'])}"),
        ("rating", None if answer["min_rating"] is None else f"{answer['min_rating']} or better"),
        ("needs", ", ".join(in_words(msgspec.convert(need, Need)) for need in answer["required"])),
    )
    known = [(name, value) for name, value in told if value]
    if known:
        print_fields(known)
    else:
        out().print("Nothing is known.")


def _in(category: str | None) -> str:
    return "" if category is None else f" for {category}"
