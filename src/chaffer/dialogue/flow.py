"""The flow of a run as a LangGraph graph: the bot whose turn is due speaks, until the run is over.

The graph holds no state of its own: every edge asks `next_step`, so a run that was cut off enters where it stood.
"""

from __future__ import annotations

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
from chaffer.dialogue.questions import Speaker, bot_id, speaker_turn
from chaffer.dialogue.rules import Run, next_step, unfinished
from chaffer.errors import ChafferError, Code

_STEPS_A_WALK: Final = 1000


@dataclass(frozen=True, slots=True)
class Talk:
    """All that the node of one run needs; `speaker` gives the mind of a bot, which may change from turn to turn."""

    live: LiveConversation
    speaker: Callable[[Run, int, Bot], Awaitable[Speaker]]

    @property
    def run(self) -> Run:
        """Return the run as it stands."""
        run: Run = self.live.state
        return run

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
    """Ask the bot whose turn is due; its model's fault ends the run, and what it had said by then is kept."""
    talk = runtime.context
    step = next_step(talk.run)
    if step is None:
        return
    turn = speaker_turn(talk.run, step.index, talk.live.feed.records)
    with TurnVoice(talk.live.feed, bot_id(step.index), talk.live.epoch or 0, f"{turn.run_id}/{turn.turn}") as voice:
        try:
            speaker = await talk.speaker(talk.run, step.index, turn.bot)
            spoken = await speaker.ask(turn, voice)
        except ChafferError as fault:
            said = unfinished(talk.run, voice.id_of(0), voice.said(0), voice.attempt, Cut.FAULT)
            await talk.submit(EndRun(RunStatus.ERROR, fault.message, fault.code.value, said))
        else:
            command = SpeakTurn(turn.turn, voice.id_of(0), spoken.text, voice.attempt, spoken.making, spoken.cut)
            await talk.submit(command)


_SPEAK: Final[Callable[..., Awaitable[None]]] = node_speak


def _next_node(_: Turns, runtime: Runtime[Talk]) -> str:
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
    """Run a run to its end, or until it is stopped or another process owns it."""
    await until_over(talk.live, _talk(talk))


async def _talk(talk: Talk) -> None:
    while talk.run.is_open:
        with suppress(GraphRecursionError):
            await run_graph().ainvoke({}, context=talk, config={"recursion_limit": _STEPS_A_WALK})
