"""A run's export as a transcript for people, and its messages as rows for a spreadsheet."""

from __future__ import annotations

from typing import Final

from chaffer.exports.csv_text import Row
from chaffer.exports.run_export import PERSON, BotExport, RunExport, RunMessageExport
from chaffer.exports.transcript import Entry, Fact, Participant, Table, Transcript, facts, moment
from chaffer.plain_text import shortened

MESSAGE_COLUMNS: Final = (
    "turn",
    "at",
    "role",
    "name",
    "content",
    "provider",
    "model",
    "prompt_tokens",
    "completion_tokens",
    "cost_micros",
    "latency_seconds",
    "cut",
    "message_id",
    "run_id",
)

LONGEST_TITLE: Final = 120
"""Characters of a title; a longer topic stands whole among the facts."""

_CUTS: Final = {
    "length": "Cut at the most tokens this bot may use.",
    "stopped": "What had been said when the run was stopped.",
    "fault": "What had been said when the run broke.",
}


def run_transcript(export: RunExport) -> Transcript:
    """Return the run's transcript. Persons who spoke are participants of their own, by name."""
    persons = dict.fromkeys(one.name for one in export.transcript if one.role == PERSON)
    title = shortened(" ".join(export.topic.split()), LONGEST_TITLE)
    return Transcript(
        title=title,
        subtitle=f"Run {export.id} of two agents",
        is_partial=export.is_partial,
        as_of=export.as_of,
        facts=(*facts(("Topic", export.topic if export.topic != title else None)), *_facts(export)),
        participants=(
            *(_participant(bot) for bot in export.bots),
            *(Participant(_person_id(name), name, "Person") for name in persons),
        ),
        entries=tuple(_entry(message) for message in export.transcript),
        tables=_revisions(export),
    )


def message_rows(export: RunExport) -> list[Row]:
    """Return a row for every message, in the order in which they were said."""
    return [_message_row(export, message) for message in export.transcript]


def _message_row(export: RunExport, message: RunMessageExport) -> Row:
    usage = message.usage
    return (
        message.turn,
        message.at,
        message.role,
        message.name,
        message.content,
        usage.provider if usage is not None else None,
        message.model,
        usage.prompt_tokens if usage is not None else None,
        usage.completion_tokens if usage is not None else None,
        usage.cost_micros if usage is not None else None,
        usage.latency_seconds if usage is not None else None,
        message.cut,
        message.message_id,
        export.id,
    )


def _facts(export: RunExport) -> tuple[Fact, ...]:
    return facts(
        ("Status", export.status),
        ("Reason", export.reason),
        ("Fault", export.error.code if export.error is not None else None),
        ("Turns", f"{export.turns} of at most {export.max_turns}"),
        ("Started", moment(export.started_at)),
        ("Ended", moment(export.ended_at) if export.ended_at is not None else None),
        ("Tokens", export.usage.tokens_told),
        ("Cost", export.usage.cost_told),
    )


def _participant(bot: BotExport) -> Participant:
    now = bot.revisions[-1]
    return Participant(bot.role, now.name, f"Bot {bot.index}", f"{now.provider}, {now.model or 'its usual model'}")


def _revisions(export: RunExport) -> tuple[Table, ...]:
    rows = tuple(
        (one.name, str(one.effective_turn), f"{one.provider} {one.model or ''}", f"{one.temperature:g}", one.prompt)
        for bot in export.bots
        for one in bot.revisions
    )
    head = ("Bot", "From turn", "Model", "Temperature", "Prompt")
    return (Table("What the bots were told", head, rows, frozenset({1, 3})),)


def _entry(message: RunMessageExport) -> Entry:
    return Entry(
        at=message.at,
        text=message.content,
        speaker_id=_person_id(message.name) if message.role == PERSON else message.role,
        chapter=f"Turn {message.turn}",
        note=_CUTS[message.cut] if message.cut is not None else "",
    )


def _person_id(name: str) -> str:
    """Return an id that no bot has."""
    return f"person {name}"
