"""`chaffer shop`: the assistant in the terminal, as a conversation or for one turn."""

from __future__ import annotations

import asyncio
import shlex
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from chaffer.cli.client import MarketClient
from chaffer.cli.connection import open_client
from chaffer.cli.counter import Counter
from chaffer.cli.environment import paced_settings
from chaffer.cli.keyboard import Keyboard
from chaffer.cli.outcomes import Outcome
from chaffer.cli.scenario_files import STANDARD_INPUT, read_text_file
from chaffer.cli.terminal import err
from chaffer.cli.visits import Shown, Visit, outcome_of_turn, product_to_buy
from chaffer.errors import ChafferError, Code

CHARS_PER_SECOND: Final = 260.0
"""How fast built-in agents speak where somebody watches, unless BUILTIN_CHARS_PER_SECOND says otherwise."""

LARGEST_TEXT_BYTES: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Wish:
    """Whose session is meant, which, None for a new one, with what its first words bear, and on which server."""

    session_id: str | None
    opening: Mapping[str, Any]
    user_id: str | None
    url: str | None

    def at(self, command: str) -> str:
        """Return a command as it is typed to ask the same server."""
        return command if self.url is None else f"{command} --url {shlex.quote(self.url)}"


def words_from(given: Sequence[str] | None) -> str | None:
    """Return what is to be said: the words that were given, else a pipe's text; None where a person is to type it.

    Raises VALIDATION_ERROR for a pipe whose text is too long or no text.
    """
    if given:
        return " ".join(given)
    return None if sys.stdin.isatty() else read_text_file(STANDARD_INPUT, largest=LARGEST_TEXT_BYTES)


async def one_turn(words: str, wish: Wish, key: str | None, shown: Shown) -> Outcome:
    """Say one thing, show the answer or the question that follows, and return how it ended."""
    async with _visited(wish, shown) as (_, visit):
        if wish.session_id is not None:
            await visit.finish_turn()
        ended = await visit.say(words, key)
    if ended["type"] == "interrupt" and shown == Shown():
        answer = shlex.join(["chaffer", "shopping", "answer", str(visit.session_id), str(ended["options"][0])])
        err().print(f"Answer it, for example: {wish.at(answer)}", style="dim", soft_wrap=True)
    product_id = product_to_buy(ended)
    if product_id is not None and shown == Shown():
        order = shlex.join(["chaffer", "shopping", "negotiate", str(visit.session_id), product_id])
        err().print(f"Have a buyer haggle for it: {wish.at(order)}", style="dim", soft_wrap=True)
    return outcome_of_turn(ended)


async def conversation(wish: Wish, shown: Shown) -> Outcome:
    """Talk with the assistant until the person at the keyboard leaves.

    Raises VALIDATION_ERROR where nothing, or frames, are to be shown.
    """
    if shown != Shown():
        message = "--json and --quiet are for one turn: give WORDS, or a text by a pipe."
        raise ChafferError(Code.VALIDATION_ERROR, message)
    async with _visited(wish, shown) as (client, visit):
        if wish.session_id is None:
            err().print("What are you looking for? /help tells what else there is.")
        else:
            await visit.come_back()
        await Counter(client, visit, wish.user_id).serve(Keyboard())
        _tell_way_back(visit, wish)
    return Outcome.DONE


@asynccontextmanager
async def _visited(wish: Wish, shown: Shown) -> AsyncIterator[tuple[MarketClient, Visit]]:
    """Open the assistant; who leaves in the middle is told how to come back."""
    settings = paced_settings(CHARS_PER_SECOND, watched=wish.url is None and shown.live)
    async with open_client(wish.url, settings, recover=True) as client:
        visit = Visit(client, shown, wish.session_id, wish.opening)
        try:
            yield client, visit
        except asyncio.CancelledError:
            _tell_way_back(visit, wish)
            raise


def _tell_way_back(visit: Visit, wish: Wish) -> None:
    if visit.session_id is not None:
        command = wish.at(f"chaffer shop --session {visit.session_id}")
        err().print(f"\nCome back, also to what is under way: {command}", style="dim", soft_wrap=True)
