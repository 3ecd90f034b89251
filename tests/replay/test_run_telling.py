"""What a reader of a run is told, over any order of words, new attempts, crashes and cuts: exactly the messages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from chaffer.api.places import FIRST_ATTEMPT
from chaffer.api.runs.frames import Frame
from chaffer.api.runs.telling import place_in, told
from chaffer.conversation.feed import Draft, Feed, Item
from chaffer.conversation.journal import Recorded
from chaffer.conversation.live import LiveConversation
from chaffer.conversation.minds import Making, ModelChoice
from chaffer.dialogue.events import Bot, PersonSpoke, RunEnded, RunEvent, RunStarted, RunStatus, TurnSpoken
from tests.support.markets import START
from tests.support.runs import Told


@dataclass
class Script:
    """A run as its feed tells it, moved by hand."""

    feed: Feed = field(default_factory=Feed)
    turn: int = 0
    attempt: int = FIRST_ATTEMPT
    draft: Draft | None = None
    said: dict[int, str] = field(default_factory=dict)

    def record(self, event: RunEvent, *, ended: bool = False) -> None:
        self.feed.publish([Recorded(self.feed.position + 1, START, event)], ended=ended)

    def begin(self) -> None:
        bot = Bot("A", "", ModelChoice("builtin", None, 0.5, 100))
        self.record(RunStarted("run", "local", "?", 9, (bot, bot), 1, START))

    def speak(self, text: str) -> None:
        if self.draft is None:
            self.draft = self.feed.begin(Draft(f"m{self.turn}", f"bot{self.turn % 2}", self.attempt))
        self.draft.say(text)
        self.feed.wake()

    def again(self, *, crashed: bool) -> None:
        """Begin the message again: another call, or another process."""
        self.attempt += 1_000 if crashed else 1
        if self.draft is not None:
            self.draft.restart(self.attempt)
        if crashed and self.draft is not None:
            self.feed.drop(self.draft.message_id)
            self.draft = None
        self.feed.wake()

    def finish(self) -> None:
        text = "" if self.draft is None else self.draft.text
        making = Making("p", "m", 1, 0.0)
        self.said[self.turn] = text
        self.record(TurnSpoken(self.turn, self.turn % 2, f"m{self.turn}", text, self.attempt, making))
        # Another process said it, or this one: from here on it is the first attempt of the next message.
        self.turn, self.draft, self.attempt = self.turn + 1, None, self.attempt // 1_000 * 1_000

    def end(self) -> None:
        self.draft = None
        self.record(RunEnded(RunStatus.CANCELLED, "", self.turn), ended=True)

    async def follow(self, after: int) -> AsyncGenerator[Item]:
        async def refresh() -> None:
            """Find nothing new."""

        async for item in self.feed.follow(after, refresh):
            yield item


@dataclass
class Following:
    """A reader of that run that is cut off and comes back, as the moves say."""

    script: Script = field(default_factory=Script)
    told: Told = field(default_factory=Told)
    last_id: str = ""
    stream: AsyncGenerator[Frame, None] | None = None

    async def move(self, move: str, detail: str) -> None:
        """Make one move."""
        match move:
            case "speak":
                self.script.speak(detail)
            case "again" | "crash":
                self.script.again(crashed=move == "crash")
            case "finish":
                self.script.finish()
            case "person":
                self.script.record(PersonSpoke("p", "Zoë", "Hm.", self.script.turn))
            case _:
                await self.read(int(detail))

    async def read(self, most: int) -> None:
        """Read so many frames, as far as they are there; who waits in vain is cut off, as is who asks for none."""
        if self.stream is None:
            live = cast("LiveConversation", self.script)
            place = place_in(self.last_id, live)
            assert place is not None
            self.stream = told(live, place, 5)
        for _ in range(most):
            coming = asyncio.ensure_future(anext(self.stream, None))
            for _ in range(6):
                await asyncio.sleep(0)
            if not coming.done():
                coming.cancel()
                await asyncio.gather(coming, return_exceptions=True)
                break
            frame = coming.result()
            if frame is None:
                break
            self.told.take(frame.data())
            self.last_id = frame.event_id or self.last_id
        else:
            if most:
                return
        await self.stream.aclose()
        self.stream = None


MOVES = st.one_of(
    st.tuples(st.just("speak"), st.text(min_size=1, max_size=6)),
    st.tuples(st.sampled_from(["again", "crash", "finish", "person"]), st.just("")),
    st.tuples(st.just("read"), st.integers(0, 9).map(str)),
)


@given(st.lists(MOVES, min_size=20, max_size=40))
def test_however_it_is_said_and_cut_the_text_is_the_message(moves: list[tuple[str, str]]) -> None:
    """CONTRACT §1: in every case a reader ends with exactly the message's text; over attempts, crashes and cuts."""

    async def main() -> None:
        following = Following()
        script, heard = following.script, following.told
        script.begin()
        for move in moves:
            await following.move(*move)
        script.end()
        await following.read(1_000)
        assert {turn: text for turn, text in heard.texts.items() if text} == {t: s for t, s in script.said.items() if s}
        assert heard.whole == list(script.said)
        assert heard.status == "cancelled"

    asyncio.run(main())
