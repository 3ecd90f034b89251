"""`chaffer run`: two bots talk, live; and following a run, whoever began it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from chaffer.cli.bodies import Body
from chaffer.cli.client import Document, MarketClient
from chaffer.cli.connection import open_client
from chaffer.cli.environment import paced_settings
from chaffer.cli.outcomes import Outcome
from chaffer.cli.talks import Frames, Lines, Silence, Speakers, Talk, Words
from chaffer.cli.terminal import err, is_terminal, out
from chaffer.errors import ChafferError
from chaffer.plain_text import harmless

RUN: Final = "/api/run"
STREAM: Final = "/api/stream"
CHARS_PER_SECOND: Final = 60.0
"""How fast built-in bots speak where somebody watches, unless BUILTIN_CHARS_PER_SECOND says otherwise."""

_ENDS: Final = {"completed": Outcome.DONE, "cancelled": Outcome.CANCELLED, "error": Outcome.FAULT}
_POSITION_LOST: Final = "That position is not known here. What came before is not shown; `show` tells how things stand."


@dataclass(frozen=True, slots=True)
class Shown:
    """What the caller wants to see: frames, nothing, or the conversation."""

    as_json: bool = False
    quiet: bool = False

    @property
    def live(self) -> bool:
        """Tell whether somebody watches the words come."""
        return not self.as_json and not self.quiet and is_terminal(sys.stdout)

    def talk(self, speakers: Speakers) -> Talk:
        """Return what shows it."""
        if self.as_json:
            return Frames()
        if self.quiet:
            return Silence()
        return Words(out(), speakers) if self.live else Lines(out(), speakers)


async def talk(plan: Body, url: str | None, key: str | None, shown: Shown) -> Outcome:
    """Begin a run, show it to its end, and return how it ended. Ctrl-C stops it."""
    async with open_client(url, paced_settings(CHARS_PER_SECOND, watched=url is None and shown.live)) as client:
        try:
            begun = await client.post(RUN, plan.document, key=key)
        except ChafferError as error:
            raise plan.blaming(error) from None
        run_id = str(begun["id"])
        async with _stopped_on_interrupt(client, run_id):
            status = await follow(client, run_id, shown)
    if not shown.quiet and not shown.as_json:
        _tell_end(run_id, status)
    return _ENDS.get(status, Outcome.FAULT)


async def follow(client: MarketClient, run_id: str, shown: Shown, after: str | None = None) -> str:
    """Show a run from a position to its end, and return the status that it ended with."""
    speakers, path = Speakers(), f"{RUN}/{run_id}"
    state = await client.get(path)
    speakers.learn(state)
    talk, status = shown.talk(speakers), str(state["status"])
    async for event in client.follow(f"{STREAM}/{run_id}", after=after):
        frame = event.data
        if frame["type"] == "patched" and not shown.as_json:
            speakers.learn(await client.get(path))
        talk.see(frame)
        _tell_beside(frame, shown)
        status = str(frame["status"]) if frame["type"] == "done" else status
    return status


def _tell_beside(frame: Document, shown: Shown) -> None:
    if frame["type"] == "reset" and not shown.as_json:
        err().print(_POSITION_LOST)
    if frame["type"] == "error":
        err().print(f"The run broke off: {harmless(str(frame['message']))} ({frame['code']})")


def _tell_end(run_id: str, status: str) -> None:
    err().print(f"\nRun {run_id} is {status}. Keep it: chaffer export {run_id} --out run.md", style="dim")


@asynccontextmanager
async def _stopped_on_interrupt(client: MarketClient, run_id: str) -> AsyncIterator[None]:
    """Stop the run when the person at the keyboard has had enough, and tell where it lies."""
    try:
        yield
    except asyncio.CancelledError:
        stopped = await client.post(f"{RUN}/{run_id}/stop")
        err().print(f"\nRun {run_id} is {stopped['status']}; what was said is kept: chaffer runs show {run_id}")
        raise
