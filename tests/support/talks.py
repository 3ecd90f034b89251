"""Talks of two bots for tests: of scripted speakers without a program, and runs against a stand-in, with a reader."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from chaffer.bootstrap import Chaffer
from chaffer.conversation.feed import Closed, Piece
from chaffer.conversation.live import LiveConversation
from chaffer.conversation.minds import Making, ModelChoice
from chaffer.dialogue.built_in import BuiltInSpeaker
from chaffer.dialogue.events import Bot, Cut, RunStarted, TurnSpoken
from chaffer.dialogue.plan import RunCreate
from chaffer.dialogue.questions import Line, Part, SpeakerTurn, Spoken
from chaffer.dialogue.rules import Run
from tests.support.markets import START
from tests.support.model_calls import Remembered
from tests.support.model_markets import opened
from tests.support.standin import MODEL, StandIn, standing_in
from tests.support.standin_scripts import Answer, Asked, Script

PROMPTS: Final = ("You are Ada. PROMPT-CANARY-of-bot0-9c1e.", "You are Bob. PROMPT-CANARY-of-bot1-44d7.")
MAKING: Final = Making("builtin", "scripted", 1, 0.0)


def mind(**changes: Any) -> ModelChoice:
    """Return the mind of a scripted bot."""
    return ModelChoice(**{"provider": "builtin", "model": None, "temperature": 0.7, "max_tokens": 500, **changes})


def started(*, max_turns: int = 4) -> RunStarted:
    """Return how a run of Ada and Bob began."""
    ada, bob = (Bot(name, prompt, mind()) for name, prompt in zip(("Ada", "Bob"), PROMPTS, strict=True))
    return RunStarted("run", "local", "Tea or coffee?", max_turns, (ada, bob), 7, START)


def question(turn: int = 0, *, lines: Sequence[Line] = (), **changes: Any) -> SpeakerTurn:
    """Return the question to the bot whose turn it is, of a run of ten turns."""
    index = turn % 2
    given: dict[str, Any] = {
        "run_id": "run",
        "turns": 10,
        "bot": Bot(("Ada", "Bob")[index], PROMPTS[index], mind()),
        "other_name": ("Bob", "Ada")[index],
        "topic": "Tea or coffee?",
        "seed": 7,
        **changes,
    }
    return SpeakerTurn(turn=turn, index=index, heard=lambda: tuple(lines), **given)


def scripted(asked: SpeakerTurn) -> Spoken:
    """Return what the scripted speaker answers; its voice says the same."""
    voice = Remembered()
    spoken = asyncio.run(BuiltInSpeaker().ask(asked, voice))
    assert voice.said == [{0: spoken.text}]
    return spoken


@dataclass
class Talk:
    """A talk of two scripted speakers."""

    topic: str = "Tea or coffee?"
    prompts: tuple[str, str] = ("", "")
    turns: int = 10
    seed: int = 7
    temperature: float = 0.7
    lines: list[tuple[int | None, Line]] = field(default_factory=list)

    def spoken(self, between: Callable[[int], str] = lambda _: "") -> list[str]:
        """Return all messages; `between` returns what a person says after a turn."""
        return [self._turn(turn, between) for turn in range(self.turns)]

    def _turn(self, turn: int, between: Callable[[int], str]) -> str:
        index = turn % 2
        name = ("Ada", "Bob")[index]
        asked = question(
            turn,
            lines=[self._as_heard(index, speaker, line) for speaker, line in self.lines],
            turns=self.turns,
            topic=self.topic,
            seed=self.seed,
            bot=Bot(name, self.prompts[index], mind(temperature=self.temperature)),
        )
        text = scripted(asked).text
        self.lines.append((index, Line(Part.OWN, name, text)))
        if words := between(turn):
            self.lines.append((None, Line(Part.PERSON, "Pat", words)))
        return text

    @staticmethod
    def _as_heard(index: int, speaker: int | None, line: Line) -> Line:
        part = Part.PERSON if speaker is None else Part.OWN if speaker == index else Part.OTHER
        return Line(part, line.name, line.text)


def plan(*, turns: int = 4, bots: Sequence[dict[str, Any]] = ({}, {}), **changes: Any) -> RunCreate:
    """Return the plan of a run of models at a stand-in, bot by bot changed."""
    made = [
        {"name": name, "provider": "lm_studio", "model": MODEL, "prompt": prompt, **given}
        for name, prompt, given in zip(("Ada", "Bob"), PROMPTS, bots, strict=True)
    ]
    return RunCreate.model_validate({"topic": "Tea or coffee?", "max_turns": turns, "seed": 7, "bots": made, **changes})


def speaks(text: str = "", **changes: Any) -> Script:
    """Return the script of a free speaker: it says the text, or which of all calls this is."""

    def script(asked: Asked) -> Answer:
        return Answer(text or f"This is reply {asked.number}, and I mean it.", **changes)

    return script


def play(script: Script, folder: Path, case: Callable[[Chaffer, StandIn], Awaitable[None]], **settings: Any) -> StandIn:
    """Run a case over memory, against a stand-in that follows the script."""

    async def main(server: StandIn) -> None:
        async with opened(server.url, folder, **settings) as chaffer, asyncio.timeout(30):
            await case(chaffer, server)

    with standing_in(script) as server:
        asyncio.run(main(server))
        return server


async def begun(chaffer: Chaffer, made: RunCreate) -> LiveConversation:
    """Begin a run, and return it."""
    run = await chaffer.runs.start(made, owner="local")
    return await chaffer.runs.run(run.run_id)


async def over(live: LiveConversation) -> Run:
    """Return a run once it is over."""
    await live.wait_until_over()
    ended: Run = live.state
    return ended


def turns_of(live: LiveConversation) -> list[TurnSpoken]:
    """Return the turns that were recorded."""
    return [record.event for record in live.feed.records if isinstance(record.event, TurnSpoken)]


@dataclass
class Follower:
    """A reader of a run, who puts the text of each message together as the contract says.

    `seen` has, of each message that was recorded, the attempt and the text that the reader had of it by then.
    """

    texts: dict[str, str] = field(default_factory=dict)
    attempts: dict[str, int] = field(default_factory=dict)
    recorded: list[TurnSpoken] = field(default_factory=list)
    seen: dict[str, tuple[int, str]] = field(default_factory=dict)

    async def follow(self, live: LiveConversation) -> None:
        """Read to the end."""
        async for item in live.follow(0):
            if isinstance(item, Closed):
                return
            if isinstance(item, Piece):
                self._take(item)
            elif isinstance(item.event, TurnSpoken):
                spoken = item.event
                self.recorded.append(spoken)
                had = self.texts.pop(spoken.message_id, "")
                self.seen[spoken.message_id] = (self.attempts.get(spoken.message_id, -1), had)

    def _take(self, piece: Piece) -> None:
        before = self.attempts.get(piece.message_id, -1)
        assert piece.attempt >= before, "text of an attempt that is void"
        text = self.texts.get(piece.message_id, "") if piece.attempt == before else ""
        assert piece.offset == len(text), "a gap, or text twice"
        self.texts[piece.message_id] = text + piece.delta
        self.attempts[piece.message_id] = piece.attempt

    def assert_saw_what_was_recorded(self) -> None:
        """Assert that what was seen of each message is how it begins, or all of a broken one; none is seen in vain."""
        for spoken in self.recorded:
            attempt, text = self.seen[spoken.message_id]
            assert attempt <= spoken.attempt, "a reader dropped what was recorded"
            if attempt == spoken.attempt:
                assert spoken.text.startswith(text)
            if spoken.cut in {Cut.STOPPED, Cut.FAULT}:
                assert text == spoken.text
        assert {text for text in self.texts.values() if text} == set(), "seen, and not recorded"
