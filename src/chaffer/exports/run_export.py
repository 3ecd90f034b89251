"""The JSON export of a two-agent run: its bots with every revision, and all that was said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from pydantic import TypeAdapter

from chaffer.conversation.views import Seen
from chaffer.dialogue.events import BotPatched, PersonSpoke, RunEnded, RunStarted, RunStatus, TurnSpoken
from chaffer.dialogue.questions import Part, bot_id
from chaffer.exports.making import MakingExport, UsageExport, making_export, usage_export

SCHEMA_VERSION: Final = 1
PERSON: Final = Part.PERSON.value


@dataclass(frozen=True, slots=True)
class RevisionExport:
    """What a bot was from turn `effective_turn` on. Revision 0 is what the run began with."""

    revision: int
    effective_turn: int
    at: datetime
    name: str
    provider: str
    model: str | None
    prompt: str
    temperature: float
    max_tokens: int


@dataclass(frozen=True, slots=True)
class BotExport:
    """A bot with its revisions, oldest first."""

    index: int
    role: str
    revisions: tuple[RevisionExport, ...]

    def name(self, turn: int) -> str:
        """Return its name in a turn."""
        return [one for one in self.revisions if one.effective_turn <= turn][-1].name


@dataclass(frozen=True, slots=True)
class RunMessageExport:
    """A message. `cut` says why it ends before its speaker was done.

    `model` and `usage` are None for a person's words, and not known of those that a stop or a fault cut.
    """

    position: int
    turn: int
    role: str
    name: str
    content: str
    message_id: str
    at: datetime
    model: str | None
    usage: MakingExport | None
    cut: Literal["length", "stopped", "fault"] | None


@dataclass(frozen=True, slots=True)
class FaultExport:
    """Why a run ended as `error`."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class RunExport:
    """A run as its owner sees it. It goes on after `as_of` if it is partial."""

    schema_version: int
    kind: Literal["run"]
    id: str
    topic: str
    status: str
    is_partial: bool
    reason: str | None
    error: FaultExport | None
    max_turns: int
    turns: int
    seed: int
    started_at: datetime
    ended_at: datetime | None
    as_of: datetime
    bots: tuple[BotExport, ...]
    transcript: tuple[RunMessageExport, ...]
    usage: UsageExport


RUN_EXPORT: Final = TypeAdapter(RunExport)


def run_export(seen: Sequence[Seen]) -> RunExport:
    """Return the export of a run from its owner's view of all its events."""
    started: RunStarted = seen[0].event
    last = seen[-1]
    ended: RunEnded | None = last.event if isinstance(last.event, RunEnded) else None
    bots = _bots(started, seen)
    transcript = tuple(_messages(bots, seen))
    return RunExport(
        schema_version=SCHEMA_VERSION,
        kind="run",
        id=started.run_id,
        topic=started.topic,
        status=(ended.status if ended is not None else RunStatus.RUNNING).value,
        is_partial=ended is None,
        reason=ended.reason if ended is not None else None,
        error=_fault(ended),
        max_turns=started.max_turns,
        turns=sum(one.role != PERSON for one in transcript),
        seed=started.seed,
        started_at=started.started_at,
        ended_at=last.at if ended is not None else None,
        as_of=last.at,
        bots=bots,
        transcript=transcript,
        usage=usage_export(one.usage for one in transcript if one.usage is not None),
    )


def _fault(ended: RunEnded | None) -> FaultExport | None:
    if ended is None or ended.status is not RunStatus.ERROR:
        return None
    return FaultExport(ended.code or "", ended.reason)


def _bots(started: RunStarted, seen: Sequence[Seen]) -> tuple[BotExport, ...]:
    patched = [(look.at, look.event) for look in seen if isinstance(look.event, BotPatched)]
    first = [(seen[0].at, BotPatched(index, 0, 0, bot)) for index, bot in enumerate(started.bots)]
    return tuple(
        BotExport(
            index,
            bot_id(index),
            tuple(_revision(at, event) for at, event in (*first, *patched) if event.index == index),
        )
        for index in range(len(started.bots))
    )


def _revision(at: datetime, event: BotPatched) -> RevisionExport:
    mind = event.bot.mind
    return RevisionExport(
        revision=event.revision,
        effective_turn=event.effective_turn,
        at=at,
        name=event.bot.name,
        provider=mind.provider,
        model=mind.model,
        prompt=event.bot.prompt,
        temperature=mind.temperature,
        max_tokens=mind.max_tokens,
    )


def _messages(bots: Sequence[BotExport], seen: Iterable[Seen]) -> Iterable[RunMessageExport]:
    for look in seen:
        event = look.event
        if isinstance(event, TurnSpoken):
            bot = bots[event.index]
            yield RunMessageExport(
                position=look.position,
                turn=event.turn,
                role=bot.role,
                name=bot.name(event.turn),
                content=event.text,
                message_id=event.message_id,
                at=look.at,
                model=event.making.model if event.making is not None else None,
                usage=making_export(event.making),
                cut=event.cut.value if event.cut is not None else None,
            )
        elif isinstance(event, PersonSpoke):
            yield RunMessageExport(
                position=look.position,
                turn=event.turn,
                role=PERSON,
                name=event.name,
                content=event.text,
                message_id=event.message_id,
                at=look.at,
                model=None,
                usage=None,
                cut=None,
            )
