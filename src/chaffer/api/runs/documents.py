"""From runs to their documents."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from chaffer.api.runs.schemas import BotInfo, BotRevised, Interjected, RunFault, RunMessage, RunState, RunSummary
from chaffer.conversation.live import LiveConversation
from chaffer.conversation.views import OPERATOR, Seen, view_for
from chaffer.dialogue.events import BotPatched, PersonSpoke, RunStarted, RunStatus, TurnSpoken
from chaffer.dialogue.questions import bot_id
from chaffer.dialogue.rules import Run, evolve
from chaffer.dialogue.visibility import run_sight


def run_begun(started: RunStarted) -> RunSummary:
    """Return a run as it began."""
    return run_summary(evolve(None, started), started.started_at)


def run_summary(run: Run, updated_at: datetime) -> RunSummary:
    """Return a run as a list shows it."""
    terms, ended = run.terms, run.ended
    failed = ended is not None and ended.status is RunStatus.ERROR
    return RunSummary(
        id=terms.run_id,
        topic=terms.topic,
        status=run.status,
        max_turns=terms.max_turns,
        turns=run.turn,
        bots=[bot_info(revisions[-1]) for revisions in run.revisions],
        created_at=terms.started_at,
        updated_at=updated_at,
        error=RunFault(code=ended.code or "", message=ended.reason) if ended is not None and failed else None,
        stream_url=f"/api/stream/{terms.run_id}",
        export_url=f"/api/export/{terms.run_id}.json",
    )


def run_state(live: LiveConversation) -> RunState:
    """Return a run with all that was said, as its owner sees it."""
    run: Run = live.state
    return RunState(
        **dict(run_summary(run, live.feed.records[-1].at)),
        user_id=run.terms.owner,
        seed=run.terms.seed,
        reason=None if run.ended is None else run.ended.reason,
        position=f"{live.feed.position}.0",
        transcript=list(_messages(run, view_for(OPERATOR, live.feed.records, run_sight))),
    )


def _messages(run: Run, view: Iterable[Seen]) -> Iterable[RunMessage]:
    for seen in view:
        event = seen.event
        if isinstance(event, TurnSpoken):
            yield RunMessage(
                message_id=event.message_id,
                turn=event.turn,
                role=bot_id(event.index),
                name=run.bot(event.index, event.turn).name,
                content=event.text,
                timestamp=seen.at,
                cut=event.cut,
            )
        elif isinstance(event, PersonSpoke):
            yield RunMessage(
                message_id=event.message_id,
                turn=event.turn,
                role="person",
                name=event.name,
                content=event.text,
                timestamp=seen.at,
                cut=None,
            )


def interjected(spoke: PersonSpoke) -> Interjected:
    """Return the answer to a call that put a sentence between the bots."""
    return Interjected(message_id=spoke.message_id, turn=spoke.turn, name=spoke.name)


def bot_info(revision: BotPatched) -> BotInfo:
    """Return a bot as a revision of it says."""
    bot = revision.bot
    return BotInfo(
        index=revision.index,
        role=bot_id(revision.index),
        name=bot.name,
        provider=bot.mind.provider,
        model=bot.mind.model,
        prompt=bot.prompt,
        temperature=bot.mind.temperature,
        max_tokens=bot.mind.max_tokens,
        revision=revision.revision,
        effective_turn=revision.effective_turn,
    )


def bot_revised(revision: BotPatched) -> BotRevised:
    """Return the answer to a call that changed a bot."""
    return BotRevised(
        index=revision.index,
        revision=revision.revision,
        effective_turn=revision.effective_turn,
        bot=bot_info(revision),
    )
