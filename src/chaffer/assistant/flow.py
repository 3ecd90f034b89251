"""The flow of a turn as a LangGraph graph: the supervisor hands over, specialists use tools, one voice answers.

The graph holds no state of its own: every edge asks `next_step`, so a turn that was cut off enters where it stood, and
one that waited for an approval goes on behind it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeVar

from langgraph.graph import END
from langgraph.runtime import Runtime

from chaffer.assistant.chat import Chat, Node, Turn, next_step
from chaffer.assistant.commands import Record, StepEvent
from chaffer.assistant.context import context_of, summary_question
from chaffer.assistant.events import (
    ApprovalAsked,
    Call,
    ChatAnswered,
    ChatFailed,
    ChatStopped,
    HandedOver,
    HistorySummarised,
    ModelLeft,
    ReportMade,
    ToolBegun,
    ToolEnded,
    ToolsChosen,
)
from chaffer.assistant.questions import (
    AnswerQuestion,
    Context,
    RoutingQuestion,
    SupervisorMind,
    Worked,
    WorkQuestion,
)
from chaffer.assistant.results import Result, ToolRefused
from chaffer.assistant.rules import MOST_TOOL_CALLS
from chaffer.assistant.toolbox import Errand
from chaffer.assistant.tools import DECLINED, spec_of
from chaffer.conversation.flow import Graph, Steps, graph_of
from chaffer.conversation.live import LiveConversation
from chaffer.conversation.minds import Making
from chaffer.conversation.voices import Silence, TurnVoice
from chaffer.conversation.working import until_over
from chaffer.errors import ChafferError, Code
from chaffer.ids import new_id
from chaffer.vendors import BUILTIN

if TYPE_CHECKING:
    from chaffer.assistant.running import ChatFlow

T = TypeVar("T")

AWAY: Final = frozenset(
    {
        Code.LLM_PROVIDER_UNAVAILABLE,
        Code.LLM_PROVIDER_DISABLED,
        Code.LLM_TIMEOUT,
        Code.LLM_BAD_GATEWAY,
        Code.LLM_CAP_REACHED,
        Code.INVALID_API_KEY,
        Code.KEYS_UNAVAILABLE,
    }
)
"""The faults of a model that cannot be asked: the built-in mind looks simple things up all the same."""

SIMPLE: Final = "(The model cannot be asked at present; this is the simple assistant.) "
TOO_LONG: Final = "The answer took longer than {seconds:g} seconds and was left off. Ask again, or for less at once."

NOT_ALLOWED: Final = "The model replied what cannot be done here. Say it again, perhaps in other words."

_DECLINED: Final = ToolRefused(DECLINED, "The person did not allow it; it was not done.")
_MOST_STEPS: Final = 8 * MOST_TOOL_CALLS
_ATTEMPTS_A_MIND: Final = 20


@dataclass(slots=True)
class Answering:
    """All that the nodes of one turn need; `said` is how the turn would end if it were stopped now."""

    live: LiveConversation
    parts: ChatFlow
    said: ChatStopped | None = None

    @property
    def chat(self) -> Chat:
        """Return the conversation as it stands."""
        chat: Chat = self.live.state
        return chat

    @property
    def turn(self) -> Turn:
        """Return the turn that is under way."""
        assert self.chat.turn is not None  # noqa: S101  A node runs in a turn alone.
        return self.chat.turn

    @property
    def is_stopped(self) -> bool:
        """Tell whether the person wants the answer to be left off."""
        return self.chat.turn is not None and self.chat.turn.stop_asked

    @property
    def context(self) -> Context:
        """Return what every question comes with."""
        return context_of(self.chat, self.live.feed.records, self.parts.now())

    async def mind(self) -> SupervisorMind:
        """Return the mind that answers: the conversation's own, or the built-in one once that has left."""
        supervisors, turn = self.parts.supervisors, self.turn
        return (
            supervisors.plain() if turn.left is not None else await supervisors.supervisor(self.chat.terms, turn.number)
        )

    def errand(self, call: Call) -> Errand:
        """Return on whose behalf a tool is called."""
        terms, going_on = self.chat.terms, len(self.chat.negotiations)
        return Errand(terms.owner, terms.conversation_id, call.call_id, terms.mind, terms.seed, going_on)

    def voice(self) -> TurnVoice:
        """Return the voice of who speaks in this turn; it takes the place of what was said before a tool was called."""
        turn_key = f"{self.chat.terms.conversation_id}/{self.turn.number}"
        spoke = 2 * len(self.turn.makings) + (self.turn.left is not None)
        return TurnVoice(
            self.live.feed, self.turn.agent, self.live.epoch or 0, turn_key, first_attempt=spoke * _ATTEMPTS_A_MIND
        )

    async def record(self, event: StepEvent) -> None:
        """Have the rules decide on what was found out; what comes too late changes nothing.

        Raises LLM_BAD_GATEWAY for what the rules refuse while the turn goes on: a mind replied what it may not.
        """
        try:
            await self.live.submit(Record(event), as_owner=True)
        except ChafferError as refusal:
            if refusal.code is not Code.CONFLICT:
                raise
            if next_step(self.chat) is not None and not self.is_stopped:
                raise ChafferError(Code.LLM_BAD_GATEWAY, NOT_ALLOWED) from refusal


async def node_summary(_: Steps, runtime: Runtime[Answering]) -> None:
    """Have what was said long ago summarised for the questions that follow."""
    at = runtime.context
    before, question = summary_question(at.chat, at.live.feed.records, at.parts.now())
    summary = await (await at.mind()).summarise(question)
    await at.record(HistorySummarised(at.turn.number, before, summary.text, summary.making))


async def node_supervisor(_: Steps, runtime: Runtime[Answering]) -> None:
    """Find out who sees to what the person wants."""
    at = runtime.context
    routed = await (await at.mind()).route(RoutingQuestion(at.context))
    if at.turn.left is not None and not routed.handovers:
        raise _still_away(at.turn.left)
    await at.record(HandedOver(at.turn.number, routed.handovers, routed.making))


async def node_specialist(_: Steps, runtime: Runtime[Answering]) -> None:
    """Have the specialist whose turn it is choose tools, answer, or report."""
    at, turn, handover = runtime.context, runtime.context.turn, runtime.context.turn.handover
    assert handover is not None  # noqa: S101  Else this node is not due.
    alone = turn.agent == handover.specialist
    tools_left = MOST_TOOL_CALLS - len(turn.outcomes)
    question = WorkQuestion(at.context, handover.specialist, handover.request, turn.outcomes, tools_left, alone)
    mind = await at.mind()
    if not alone:
        await at.record(_reported(at, question, await mind.work(question, Silence())))
        return
    with at.voice() as voice:
        worked = await _heard(at, voice, mind.work(question, voice))
        if worked.wishes:
            # What a model says before it calls a tool is no part of the answer.
            voice.restart()
            await at.record(_chosen(at, question, worked))
        else:
            await at.record(_answered(at, voice, worked.text, worked.making, worked.struck))


async def node_tools(_: Steps, runtime: Runtime[Answering]) -> None:
    """Call the tool that is due, or ask the person whether it may be called."""
    at, turn, call = runtime.context, runtime.context.turn, runtime.context.turn.calls[0]
    if turn.approved is False:
        await at.record(ToolEnded(turn.number, call.call_id, _DECLINED))
    elif spec_of(call.wish).commits_money and turn.approved is None:
        await at.record(await _asking(at, call))
    else:
        await _carry_out(at, call)


async def node_answer(_: Steps, runtime: Runtime[Answering]) -> None:
    """Answer with one voice for all who reported, or where nobody was needed."""
    at = runtime.context
    question = AnswerQuestion(at.context, at.turn.reports, at.turn.outcomes)
    mind = await at.mind()
    with at.voice() as voice:
        spoken = await _heard(at, voice, mind.answer(question, voice))
        await at.record(_answered(at, voice, spoken.text, spoken.making, spoken.struck))


async def _heard(at: Answering, voice: TurnVoice, speaking: Coroutine[Any, Any, T]) -> T:
    """Return what a mind replies; where it is stopped meanwhile, what it had said is kept."""
    if at.turn.left is not None:
        voice.say(0, SIMPLE)
    try:
        return await speaking
    except asyncio.CancelledError:
        at.said = ChatStopped(at.turn.number, voice.id_of(0), voice.attempt, voice.said(0), at.turn.agent)
        raise


def _reported(at: Answering, question: WorkQuestion, worked: Worked) -> ToolsChosen | ReportMade:
    """Return what came of asking one of several specialists."""
    if worked.wishes:
        return _chosen(at, question, worked)
    return ReportMade(at.turn.number, question.specialist, worked.text, worked.making)


def _chosen(at: Answering, question: WorkQuestion, worked: Worked) -> ToolsChosen:
    """Return the tools that a specialist chose.

    Raises the fault of the model where the built-in mind stands in for it, and this is more than to look something up.
    """
    if at.turn.left is not None and not all(spec_of(wish).looks_up for wish in worked.wishes):
        raise _still_away(at.turn.left)
    calls = tuple(Call(f"call_{new_id()}", wish) for wish in worked.wishes[: question.tools_left])
    return ToolsChosen(at.turn.number, question.specialist, calls, worked.making)


def _answered(at: Answering, voice: TurnVoice, text: str, making: Making, struck: int) -> ChatAnswered:
    said = text if at.turn.left is None else SIMPLE + text
    return ChatAnswered(at.turn.number, voice.id_of(0), voice.attempt, said, at.turn.agent, making, struck)


async def _asking(at: Answering, call: Call) -> ApprovalAsked | ToolEnded:
    """Return the question whether a tool may be called, or that it cannot be."""
    number, parts = at.turn.number, at.parts
    try:
        asked = await parts.toolbox.announced(at.errand(call), call.wish)
    except ChafferError as refusal:
        return ToolEnded(number, call.call_id, _refused(refusal))
    patience = parts.bounds.patience
    expires_at = None if patience is None else parts.now() + patience
    return ApprovalAsked(number, call.call_id, new_id(), asked.text, asked.wish, expires_at)


async def _carry_out(at: Answering, call: Call) -> None:
    """Call a tool. One that was begun is awaited even when the turn is stopped: what it did must be known."""
    working = asyncio.ensure_future(_called(at, call))
    try:
        await asyncio.shield(working)
    except asyncio.CancelledError:
        await working
        raise


async def _called(at: Answering, call: Call) -> None:
    """Have a tool begun, if the turn was not stopped before, and record what it returned."""
    number = at.turn.number
    if not at.turn.begun:
        await at.record(ToolBegun(number, call.call_id))
    if at.turn.begun:
        await at.record(ToolEnded(number, call.call_id, await _outcome(at, call)))


async def _outcome(at: Answering, call: Call) -> Result:
    try:
        return await at.parts.toolbox.carry_out(at.errand(call), call.wish)
    except ChafferError as refusal:
        return _refused(refusal)


def _refused(refusal: ChafferError) -> ToolRefused:
    return ToolRefused(refusal.code.value, refusal.message)


def _still_away(left: ModelLeft) -> ChafferError:
    return ChafferError(Code(left.code), left.message)


_NODES: Final[dict[Node, Callable[..., Awaitable[None]]]] = {
    Node.SUMMARY: node_summary,
    Node.SUPERVISOR: node_supervisor,
    Node.SHOPPING: node_specialist,
    Node.NEGOTIATION: node_specialist,
    Node.BILLING: node_specialist,
    Node.INSIGHTS: node_specialist,
    Node.TOOLS: node_tools,
    Node.ANSWER: node_answer,
}
_SPECIALISTS: Final = (Node.SHOPPING, Node.NEGOTIATION, Node.BILLING, Node.INSIGHTS)

# Where a turn can go on behind each node; which of them it is, `next_step` says.
_WAYS: Final[dict[Node, tuple[Node, ...]]] = {
    Node.SUMMARY: (Node.SUPERVISOR,),
    Node.SUPERVISOR: (*_SPECIALISTS, Node.ANSWER),
    **dict.fromkeys(_SPECIALISTS, (*_SPECIALISTS, Node.TOOLS, Node.ANSWER)),
    Node.TOOLS: (*_SPECIALISTS, Node.TOOLS),
}


async def _next_node(_: Steps, runtime: Runtime[Answering]) -> str:
    # Asynchronous, because LangGraph sends what is not into a thread.
    at = runtime.context
    return END if at.is_stopped else next_step(at.chat) or END


@cache
def turn_graph() -> Graph:
    """Return the compiled graph of a turn."""
    return graph_of(Answering, _NODES, _WAYS, _next_node)


async def answer_turn(at: Answering) -> None:
    """Answer the turn that is under way, until it is answered, waits for an approval, is stopped, or takes too long.

    A tool that a process began which was stopped since is called again before that: it knows the call, and what it did
    must be known.
    """
    is_done = False
    if not at.is_stopped:
        seconds = at.parts.bounds.seconds
        is_done = await until_over(at.live, _walk(at), seconds, halted=lambda: at.is_stopped)
    if next_step(at.chat) is None or (is_done and not at.is_stopped):
        return  # What a person made due since, by an approval or by new words, the engine runs anew.
    turn = at.turn
    if turn.begun:
        await _carry_out(at, turn.calls[0])
    if at.is_stopped:
        await at.record(at.said or ChatStopped(turn.number, new_id(), 0, "", turn.agent))
    else:
        reason = TOO_LONG.format(seconds=at.parts.bounds.seconds)
        await at.record(ChatFailed(turn.number, Code.ANSWER_TIMEOUT.value, reason))


async def _walk(at: Answering) -> None:
    """Walk the graph to the end of the turn.

    Where the model cannot be asked, the built-in mind goes on; where that can do no more, the fault ends the turn.
    """
    while next_step(at.chat) is not None and not at.is_stopped:
        try:
            await turn_graph().ainvoke({}, context=at, config={"recursion_limit": _MOST_STEPS})
        except ChafferError as fault:
            turn = at.turn
            is_away = fault.code in AWAY and turn.left is None and at.chat.terms.mind.provider != BUILTIN
            left = ModelLeft(turn.number, fault.code.value, fault.message)
            await at.record(left if is_away else ChatFailed(turn.number, fault.code.value, fault.message))
