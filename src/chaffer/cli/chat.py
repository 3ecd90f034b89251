"""`chaffer chat`: the assistant in the terminal, as a conversation or for one turn."""

from __future__ import annotations

import asyncio
import shlex
import signal
import sys
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Final

from chaffer.cli.chat_shows import print_message, show_of
from chaffer.cli.chat_visits import ChatVisit, Interrupted, outcome_of_turn
from chaffer.cli.client import Document
from chaffer.cli.connection import open_client
from chaffer.cli.environment import paced_settings
from chaffer.cli.keyboard import Keyboard
from chaffer.cli.outcomes import Outcome, sentences
from chaffer.cli.shop import CHARS_PER_SECOND, Wish
from chaffer.cli.signals import called_at
from chaffer.cli.terminal import err, out
from chaffer.cli.visits import Shown
from chaffer.errors import ChafferError, Code

_PROMPT: Final = "> "
_YES_OR_NO: Final = "yes or no? "
_ALLOWS: Final = frozenset({"y", "yes"})
_DECLINES: Final = frozenset({"n", "no"})
_HELP: Final = """Ask for products, send agents to haggle, or ask about your invoices and your spending. Besides:
  yes, no   answer what waits for your approval; other words let it go
  /new      begin a new conversation
  /help     show this
  /quit     leave; the conversation stays
Ctrl-C stops an answer."""


async def one_turn(words: str, wish: Wish, key: str | None, shown: Shown) -> Outcome:
    """Say one thing, show the answer, ask what waits for an approval, and return how it ended.

    Where nobody sits at the keyboard, or frames are shown, the command that approves is told.
    """
    async with _visited(wish, shown) as visit:
        if wish.session_id is not None:
            await visit.finish_turn()
        ended = await _stoppable(visit, visit.say(words, key))
        keyboard = Keyboard() if visit.approval is not None and shown == Shown() and sys.stdin.isatty() else None
        while keyboard is not None and visit.approval is not None:
            reply = await keyboard.line(_YES_OR_NO)
            if reply is None:
                break
            ended = await _answered(visit, visit.approval, reply.strip()) or ended
        await see_to_the_end(visit, wish)
    if visit.approval is not None and shown == Shown():
        command = wish.at(f"chaffer conversations approve {visit.conversation_id}")
        err().print(f"Allow it: {command}, or decline", style="dim", soft_wrap=True)
    return outcome_of_turn(ended)


async def conversation(wish: Wish, shown: Shown) -> Outcome:
    """Talk with the assistant until the person at the keyboard leaves.

    Raises VALIDATION_ERROR where nothing, or frames, are to be shown.
    """
    if shown != Shown():
        message = "--json and --quiet are for one turn: give WORDS, or a text by a pipe."
        raise ChafferError(Code.VALIDATION_ERROR, message)
    async with _visited(wish, shown) as visit:
        if wish.session_id is None:
            err().print("What can I do for you? /help tells what there is.")
        else:
            await _come_back(visit)
        await _Talk(visit, Keyboard()).go_on()
        _tell_way_back(visit, wish)
    return Outcome.DONE


async def see_to_the_end(visit: ChatVisit, wish: Wish) -> None:
    """Stay until the negotiations that were opened have ended, where this very process plays them."""
    if wish.url is None and visit.conversation_id is not None and (await visit.state())["negotiations"]:
        await visit.follow()


class _Talk:
    """Takes what a person types, and does it."""

    def __init__(self, visit: ChatVisit, keyboard: Keyboard) -> None:
        self._visit = visit
        self._keyboard = keyboard

    async def go_on(self) -> None:
        """Do what is typed, line by line, until there is no more or the person leaves."""
        while (line := await self._line()) is not None and line != "/quit":
            try:
                await self._do(line)
            except ChafferError as error:
                _tell(error)

    async def _line(self) -> str | None:
        """Return the next line; meanwhile what comes by itself is shown."""
        listening = asyncio.create_task(self._listen(), name="news of the conversation")
        try:
            line = await self._keyboard.line(_PROMPT if self._visit.approval is None else _YES_OR_NO)
        finally:
            listening.cancel()
            await asyncio.wait([listening])
        return None if line is None else line.strip()

    async def _listen(self) -> None:
        if self._visit.conversation_id is not None and self._visit.approval is None:
            try:
                await self._visit.follow()
            except ChafferError as error:
                _tell(error)

    async def _do(self, line: str) -> None:
        match line:
            case "":
                pass
            case "/help":
                out().print(_HELP)
            case "/new":
                self._visit.begin_anew()
            case _ if line.startswith("/"):
                message = f"There is no command {line.split(maxsplit=1)[0]}; /help shows those that there are."
                raise ChafferError(Code.VALIDATION_ERROR, message)
            case _ if self._visit.approval is None:
                await _stoppable(self._visit, self._visit.say(line))
            case _:
                await _answered(self._visit, self._visit.approval, line)


async def _answered(visit: ChatVisit, approval: Document, reply: str) -> Document | None:
    """Allow what waits, decline it, or say something else, which lets it go; return how that ended."""
    word = reply.casefold()
    if word in _ALLOWS | _DECLINES:
        return await _stoppable(visit, visit.approve(approval, approve=word in _ALLOWS))
    return await _stoppable(visit, visit.say(reply)) if reply else None


async def _come_back(visit: ChatVisit) -> None:
    """Show what was said last, what waits, and the answer that is being made."""
    state = await visit.take_up()
    for message in state["messages"]:
        print_message(message)
    if state["status"] == "answering":
        await visit.follow()


async def _stoppable(visit: ChatVisit, turn: Awaitable[Document]) -> Document:
    """Return how a turn ended, which Ctrl-C stops."""
    with called_at(signal.SIGINT, Interrupted(visit)):
        return await turn


@asynccontextmanager
async def _visited(wish: Wish, shown: Shown) -> AsyncIterator[ChatVisit]:
    """Open the assistant; who leaves in the middle is told how to come back."""
    settings = paced_settings(CHARS_PER_SECOND, watched=wish.url is None and shown.live)
    async with open_client(wish.url, settings, recover=True) as client:
        visit = ChatVisit(client, show_of(shown), wish.session_id, wish.opening)
        try:
            yield visit
        except asyncio.CancelledError:
            _tell_way_back(visit, wish)
            raise


def _tell_way_back(visit: ChatVisit, wish: Wish) -> None:
    if visit.conversation_id is not None:
        command = wish.at(f"chaffer chat --conversation {shlex.quote(visit.conversation_id)}")
        err().print(f"\nCome back, also to what is under way: {command}", style="dim", soft_wrap=True)


def _tell(error: ChafferError) -> None:
    for sentence in sentences(error):
        err().print(sentence)
