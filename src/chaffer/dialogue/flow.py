"""The flow of a run as a LangGraph graph: the bot whose turn is due speaks, until the run is over.

The graph holds no state of its own: every edge asks `next_step`, so a run that was cut off enters where it stood.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, TypedDict

from langgraph.errors import GraphRecursionError
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

from chaffer.conversation.live import LiveConversation
from chaffer.conversation.voices import TurnVoice
from chaffer.conversation.working import until_over
from chaffer.dialogue.commands import EndRun, RunCommand, SpeakTurn
from chaffer.dialogue.events import Bot, Cut, RunStatus
from chaffer.dialogue.questions import Speaker, SpeakerTurn, bot_id, speaker_turn
from chaffer.dialogue.rules import STOPPED, Run, next_step, unfinished
from chaffer.errors import ChafferError, Code

_STEPS_A_WALK: Final = 1000


@dataclass(slots=True)
class Talk:
    """All that the node of one run needs; `speaker` gives the mind of a bot, which may change from turn to turn.

    `outcome` is what the newest turn came to, be it recorded or not yet.
    """

    live: LiveConversation
    speaker: Callable[[Run, int, Bot], Awaitable[Speaker]]
    outcome: RunCommand | None = None

    @property
    def run(self) -> Run:
        """Return the run as it stands."""
        run: Run = self.live.state
        return run

    @property
    def halted(self) -> bool:
        """Tell whether the run is to be stopped: this process was told so, or another one that wrote it down."""
        return self.live.halted or self.run.stop_asked

    async def submit(self, command: RunCommand) -> None:
        """Have the rules decide a command; one that came too late, because the run moved on, changes nothing."""
        try:
            await self.live.submit(command, as_owner=True)
        except ChafferError as refusal:
            if refusal.code is not Code.CONFLICT:
                raise


class Turns(TypedDict, total=False):
    """What travels along the edges: nothing, since the run is in its journal; LangGraph wants a channel."""

    turn: int


async def node_speak(_: Turns, runtime: Runtime[Talk]) -> None:
    """Ask the bot whose turn is due, and have recorded what it said."""
    talk = runtime.context
    step = next_step(talk.run)
    if step is None:
        return
    turn = speaker_turn(talk.run, step.index, talk.live.feed.records)
    with TurnVoice(talk.live.feed, bot_id(step.index), talk.live.epoch or 0, f"{turn.run_id}/{turn.turn}") as voice:
        try:
            talk.outcome = await _asked(talk, turn, voice)
        except asyncio.CancelledError:
            talk.outcome = EndRun(RunStatus.CANCELLED, STOPPED, said=_so_far(talk, voice, Cut.STOPPED))
            raise
        await talk.submit(talk.outcome)


async def _asked(talk: Talk, turn: SpeakerTurn, voice: TurnVoice) -> RunCommand:
    """Return what is due once the bot was asked: a fault of its model ends the run and keeps what was said."""
    try:
        speaker = await talk.speaker(talk.run, turn.index, turn.bot)
        spoken = await speaker.ask(turn, voice)
    except ChafferError as fault:
        return EndRun(RunStatus.ERROR, fault.message, fault.code.value, _so_far(talk, voice, Cut.FAULT))
    return SpeakTurn(turn.turn, voice.id_of(0), spoken.text, voice.attempt, spoken.making, spoken.cut)


def _so_far(talk: Talk, voice: TurnVoice, cut: Cut) -> SpeakTurn:
    return unfinished(talk.run, voice.id_of(0), voice.said(0), voice.attempt, cut)


_SPEAK: Final[Callable[..., Awaitable[None]]] = node_speak


async def _next_node(_: Turns, runtime: Runtime[Talk]) -> str:
    # Asynchronous, because LangGraph sends what is not into a thread.
    return END if next_step(runtime.context.run) is None else "speak"


@cache
def run_graph() -> CompiledStateGraph[Any, Any, Any, Any]:
    """Return the compiled graph of a run."""
    graph = StateGraph(Turns, context_schema=Talk)
    graph.add_node("speak", _SPEAK)
    graph.add_conditional_edges(START, _next_node, ["speak", END])
    graph.add_conditional_edges("speak", _next_node, ["speak", END])
    return graph.compile()


async def talk_to_the_end(talk: Talk) -> None:
    """Run a run to its end, or until another process owns it.

    One that is halted is ended here, with what had been said. By then the connection to the model is closed: that must
    not wait for the journal.
    """
    if not talk.halted:
        await until_over(talk.live, _talk(talk), halted=lambda: talk.halted)
    if talk.halted:
        if talk.outcome is not None:
            await talk.submit(talk.outcome)
        await talk.submit(EndRun(RunStatus.CANCELLED, STOPPED))


async def _talk(talk: Talk) -> None:
    while talk.run.is_open:
        with suppress(GraphRecursionError):
            await run_graph().ainvoke({}, context=talk, config={"recursion_limit": _STEPS_A_WALK})
