"""A visit to the assistant: what is said to it, what comes back, and sending a buyer to haggle."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final, Protocol
from urllib.parse import quote

from chaffer.cli.client import Document, MarketClient, StreamEvent
from chaffer.cli.outcomes import Outcome
from chaffer.cli.playing import NEGOTIATION, Watched, board_of_room, watch
from chaffer.cli.shop_shows import Conversation
from chaffer.cli.shows import opened_show
from chaffer.cli.talks import Frames, Silence
from chaffer.cli.terminal import is_terminal, out
from chaffer.errors import ChafferError, Code

SHOPPING: Final = "/api/shopping"
SESSIONS: Final = "/api/sessions"


class Show(Protocol):
    """Shows the frames of a session as they come."""

    def see(self, frame: Document) -> None:
        """Show a frame."""
        ...


@dataclass(frozen=True, slots=True)
class Shown:
    """What the caller wants to see: frames, nothing, or the conversation."""

    as_json: bool = False
    quiet: bool = False

    @property
    def live(self) -> bool:
        """Tell whether somebody watches the words come."""
        return not self.as_json and not self.quiet and is_terminal(sys.stdout)

    def show(self) -> Show:
        """Return what shows it."""
        if self.as_json:
            return Frames()
        return Silence() if self.quiet else Conversation()


class Visit:
    """A shopper's side of a session: which it is, the open question, what was found and recommended last."""

    def __init__(self, client: MarketClient, shown: Shown, session_id: str | None, opening: Mapping[str, Any]) -> None:
        """Go on with a session, or begin one with the first words, which bear what `opening` has."""
        self._client = client
        self._shown = shown
        self._show = shown.show()
        self._opening = opening
        self.session_id = session_id
        self.question: Document | None = None
        self.result: Document | None = None
        self.recommendation: Document | None = None

    def begin_anew(self) -> None:
        """Leave the session: what is said next begins another."""
        self.session_id = self.question = self.result = self.recommendation = None

    async def say(self, text: str, key: str | None = None) -> Document:
        """Say something, show what follows, and return the frame that it ended with: answer, question or fault."""
        opening = self._opening if self.session_id is None else {"session_id": self.session_id}
        return await self._turn(f"{SHOPPING}/stream", {"query": text, **opening}, key)

    async def answer(self, text: str, question: Document) -> Document:
        """Answer a question, show what follows, and return the frame that it ended with."""
        reply = {"session_id": self.session_id, "thread_id": question["thread_id"], "user_input": text}
        return await self._turn(f"{SHOPPING}/resume", reply, None)

    async def _turn(self, path: str, body: Document, key: str | None) -> Document:
        self.question = None
        ended = await self._see(self._client.follow_post(path, body, key=key, rest=_stream_of), _ends_a_turn)
        if ended is None:
            message = f"Session {self.session_id} went on to something else: chaffer shopping show {self.session_id}"
            raise ChafferError(Code.CONFLICT, message)
        return ended

    async def come_back(self, after: str | None = None) -> None:
        """Show the last turn, or what came behind a frame, and what is haggled for, until nothing comes any more.

        Raises SESSION_NOT_FOUND.
        """
        state = await self.state()
        going_on = {str(each["room_id"]) for each in state["negotiations"]}
        await self._see(self._client.follow(self._stream, after=after), lambda _: False, going_on)
        if self.question is not None and (await self.state())["interrupt"] is None:
            self.question = None  # It has expired.

    async def finish_turn(self) -> None:
        """Show the answer that is still being made, if one is, as one is that a killed process left behind."""
        state = await self.state()
        if state["status"] == "answering":
            await self._see(self._client.follow(self._stream, after=str(state["position"])), _ends_a_turn)

    async def haggle(self, order: Mapping[str, Any], key: str | None = None) -> Document:
        """Send a buyer to a product's sellers, show how they haggle, and return the news of how it ended."""
        state = await self.state()
        opened = await self._client.post(f"{SHOPPING}/{self._id}/negotiate", order, key=key)
        room_id = str(opened["room_id"])

        def tells_its_end(frame: Document) -> bool:
            return (frame["type"], frame.get("room_id")) == ("news", room_id)

        events = self._client.follow(self._stream, after=str(state["position"]))
        news = await self._see(events, tells_its_end, {room_id})
        if news is None:
            message = f"Session {self.session_id} has heard how that ended: chaffer shopping show {self.session_id}"
            raise ChafferError(Code.CONFLICT, message)
        return news

    async def _see(
        self, events: AsyncGenerator[StreamEvent, None], ends: Callable[[Document], bool], rooms: Collection[str] = ()
    ) -> Document | None:
        """Show frames, and rooms that they begin; return the first frame that ends it, None when there comes none."""
        async with aclosing(events):
            async for event in events:
                frame = event.data
                self._take(frame)
                self._show.see(frame)
                if frame["type"] == "negotiation" and frame["negotiation"]["room_id"] in rooms:
                    await self._watch(frame["negotiation"]["room_id"])
                if ends(frame):
                    return frame
        return None

    def _take(self, frame: Document) -> None:
        match frame["type"]:
            case "start":
                self.session_id, self.question = str(frame["session_id"]), None
            case "interrupt":
                self.question = frame
            case "complete":
                result = frame["result"]
                self.recommendation = result["recommendation"] or self.recommendation
                if result["constraints"] is not None:
                    self.result = result
            case _:
                pass

    async def _watch(self, room_id: str) -> None:
        if self._shown.as_json or self._shown.quiet:
            return
        board = await board_of_room(self._client, room_id)
        with opened_show(board, out(), live=self._shown.live) as show:
            await watch(self._client, Watched(f"{NEGOTIATION}/{room_id}/stream", room_id), show)

    async def state(self) -> Document:
        """Return how the session stands. Raises SESSION_NOT_FOUND."""
        return await self._client.get(f"{SESSIONS}/{self._id}")

    @property
    def _id(self) -> str:
        return quote(str(self.session_id), safe="")

    @property
    def _stream(self) -> str:
        return f"{SHOPPING}/{self._id}/stream"


def _ends_a_turn(frame: Document) -> bool:
    return str(frame["type"]) in {"complete", "interrupt", "error"}


def _stream_of(first: Document) -> str:
    return f"{SHOPPING}/{quote(str(first['session_id']), safe='')}/stream"


def product_to_buy(ended: Document) -> str | None:
    """Return the id of the product that the shopper would buy, if a turn ended with that and somebody has it."""
    if ended["type"] != "complete" or ended["result"]["intent"] != "buy":
        return None
    best = ended["result"]["recommendation"]
    product = None if best is None else best["recommended_product"]
    return str(product["id"]) if product is not None and any(one["stock"] for one in product["sellers"]) else None


def outcome_of_turn(ended: Document) -> Outcome:
    """Return DONE for an answer, NO_DEAL where nothing was found or a question waits, FAULT for none."""
    if ended["type"] == "error":
        return Outcome.FAULT
    is_asked = ended["type"] == "interrupt"
    if is_asked or (ended["result"]["constraints"] is not None and ended["result"]["recommendation"] is None):
        return Outcome.NO_DEAL
    return Outcome.DONE
