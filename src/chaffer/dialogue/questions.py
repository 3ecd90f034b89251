"""What a bot is asked and what it replies, typed. A question holds exactly what the bot may know, and no more."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from chaffer.conversation.journal import Recorded
from chaffer.conversation.minds import Making
from chaffer.conversation.policy import Policy
from chaffer.conversation.views import Seen, Viewer, view_for
from chaffer.dialogue.events import Bot, Cut, PersonSpoke, TurnSpoken
from chaffer.dialogue.rules import Run
from chaffer.dialogue.visibility import run_sight

SCRIPTED: Final = "scripted"
"""The name of the one built-in speaker, where a model is named."""


BotId = Literal["bot0", "bot1"]


class Part(StrEnum):
    """Whose words they are, to the bot that hears them."""

    OWN = "own"
    OTHER = "other"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Line:
    """Something that was said; `name` is the speaker's."""

    part: Part
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class SpeakerTurn:
    """The question to a bot: speak your turn. `heard` gives all that was said, oldest first, seen lazily.

    Turns count from 0. Of the other bot nothing is told but its name.
    """

    run_id: str
    turn: int
    turns: int
    index: int
    bot: Bot
    other_name: str
    topic: str
    seed: int
    heard: Callable[[], tuple[Line, ...]]


@dataclass(frozen=True, slots=True)
class Spoken:
    """A bot's reply: its words exactly as they were said, and how they came about."""

    text: str
    making: Making
    cut: Cut | None = None


Speaker = Policy[SpeakerTurn, Spoken]


def speaker_turn(run: Run, index: int, records: Iterable[Recorded]) -> SpeakerTurn:
    """Return the question to the bot whose turn is due; `records` are those of the run up to now."""
    turn = run.turn
    return SpeakerTurn(
        run_id=run.terms.run_id,
        turn=turn,
        turns=run.terms.max_turns,
        index=index,
        bot=run.bot(index, turn),
        other_name=run.bot(1 - index, turn).name,
        topic=run.terms.topic,
        seed=run.terms.seed,
        heard=lambda: _lines(run, index, view_for(Viewer(bot_id(index)), records, run_sight)),
    )


def bot_id(index: int) -> BotId:
    """Return the id of a bot: its role in frames and exports."""
    return "bot1" if index else "bot0"


def _lines(run: Run, index: int, view: Iterable[Seen]) -> tuple[Line, ...]:
    """Return what one of the bots has heard, and said itself, oldest first."""
    lines = []
    for seen in view:
        event = seen.event
        if isinstance(event, TurnSpoken):
            part = Part.OWN if event.index == index else Part.OTHER
            lines.append(Line(part, run.bot(event.index, event.turn).name, event.text))
        elif isinstance(event, PersonSpoke):
            lines.append(Line(Part.PERSON, event.name, event.text))
    return tuple(lines)
