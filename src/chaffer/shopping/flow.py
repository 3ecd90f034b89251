"""The flow of a turn as a LangGraph graph: from what a shopper said to an answer, or to a question.

The graph holds no state of its own: every edge asks `next_step`, so a turn that was cut off enters where it stood, and
one that waited for the shopper goes on behind the question.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from langgraph.graph import END
from langgraph.runtime import Runtime

from chaffer.conversation.flow import Graph, Steps, graph_of
from chaffer.conversation.live import LiveConversation
from chaffer.conversation.voices import TurnVoice
from chaffer.errors import ChafferError, Code
from chaffer.ids import new_id
from chaffer.shopping.catalogue.searching import PageWish, Vocabulary
from chaffer.shopping.clarifying import can_be_asked, choice_worth_asking
from chaffer.shopping.collecting import collected, furthered, searched, settled
from chaffer.shopping.commands import FailTurn, Record, StepEvent, ThreadCommand
from chaffer.shopping.context import context_of
from chaffer.shopping.events import (
    AdviceGiven,
    Choice,
    FeedbackTaken,
    Intent,
    Node,
    QuestionAsked,
    SearchPlanned,
    TurnRouted,
)
from chaffer.shopping.outcomes import told_again
from chaffer.shopping.questions import (
    AdvisoryQuestion,
    AssistantMind,
    ClarificationQuestion,
    Context,
    FeedbackQuestion,
    PlanningQuestion,
    RoutingQuestion,
)
from chaffer.shopping.reading import (
    asks_of_haggling,
    asks_what_is_known,
    made_ready,
    noted_places,
    products_named,
)
from chaffer.shopping.speech import what_is_known
from chaffer.shopping.thread import MOST_QUESTIONS, Thread, Turn, next_step
from chaffer.shopping.visibility import ASSISTANT

if TYPE_CHECKING:
    from chaffer.shopping.running import ThreadFlow


NO_PREFERENCE: Final = "No preference"
"""Stands behind the options of every question."""
NO_BUYER: Final = "No buyer was sent to haggle in this session yet."


@dataclass(frozen=True, slots=True)
class Answering:
    """All that the nodes of one turn need. Whatever is imported meanwhile, a turn has one vocabulary."""

    live: LiveConversation
    parts: ThreadFlow
    vocabulary: Vocabulary

    @property
    def thread(self) -> Thread:
        """Return the thread as it stands."""
        thread: Thread = self.live.state
        return thread

    @property
    def turn(self) -> Turn:
        """Return the turn that is under way."""
        assert self.thread.turn is not None  # noqa: S101  A node runs in a turn alone.
        return self.thread.turn

    async def mind(self) -> AssistantMind:
        """Return the mind of the thread's assistant."""
        return await self.parts.assistants.assistant(self.thread.terms)

    async def context(self) -> Context:
        """Return what every question comes with."""
        preferences = await self.parts.preferences.preferences(self.thread.terms.owner)
        return context_of(self.thread, self.live.feed.records, self.vocabulary, preferences)

    def voice(self) -> TurnVoice:
        """Return the assistant's voice in this turn."""
        turn_key = f"{self.thread.terms.session_id}/{self.turn.number}"
        return TurnVoice(self.live.feed, ASSISTANT, self.live.epoch or 0, turn_key)

    async def record(self, event: StepEvent) -> None:
        """Have what a node found out recorded, where the turn is still there."""
        await self.submit(Record(event))

    async def submit(self, command: ThreadCommand) -> None:
        """Have the rules decide a command; one that came too late changes nothing."""
        try:
            await self.live.submit(command, as_owner=True)
        except ChafferError as refusal:
            if refusal.code is not Code.CONFLICT:
                raise


async def node_router(_: Steps, runtime: Runtime[Answering]) -> None:
    """Find out what the shopper wants."""
    at = runtime.context
    intent = await (await at.mind()).route(RoutingQuestion(await at.context()))
    await at.record(TurnRouted(at.turn.number, intent))


async def node_feedback(_: Steps, runtime: Runtime[Answering]) -> None:
    """Learn from what the shopper said of what was shown."""
    at = runtime.context
    change = await (await at.mind()).learn(FeedbackQuestion(await at.context()))
    await at.record(FeedbackTaken(at.turn.number, change))


async def node_planning(_: Steps, runtime: Runtime[Answering]) -> None:
    """Find out what to look for, and whether a question first would change what is found."""
    at, context = runtime.context, await runtime.context.context()
    answered = None if at.turn.answered is None else at.turn.answered.choice
    asked = PlanningQuestion(context, at.turn.intent or Intent.SEARCH, answered)
    planned = await settled(at.parts.catalogue, await (await at.mind()).plan(asked))
    asks: Choice | None = None
    if not planned.at_once and at.turn.questions < MOST_QUESTIONS and can_be_asked(planned.constraints):
        found = await searched(at.parts.catalogue, planned.constraints, PageWish(1, with_facets=True))
        asks = choice_worth_asking(found.facets, planned.constraints, at.thread.asked)
    told = (what_is_known(context),) if asks_what_is_known(context.text) else ()
    plan = SearchPlanned(at.turn.number, planned.constraints, context.preferences, (*told, *planned.noted), asks)
    await at.record(plan if planned.more is None else furthered(plan, planned.more, at.thread.shown))


async def node_clarification(_: Steps, runtime: Runtime[Answering]) -> None:
    """Ask the shopper; the turn ends here until the answer comes."""
    at, plan, now = runtime.context, _plan(runtime.context), runtime.context.parts.now()
    assert plan.asks is not None  # noqa: S101  Else this node is not due.
    asked = await (await at.mind()).clarify(ClarificationQuestion(await at.context(), plan.asks, plan.constraints))
    question = QuestionAsked(
        turn=at.turn.number,
        thread_id=new_id(),
        message_id=new_id(),
        node=Node.CLARIFICATION,
        message=" ".join((*at.turn.untold, asked.message)),
        choice=plan.asks,
        options=(*asked.options, NO_PREFERENCE),
        expires_at=None if at.parts.patience is None else now + at.parts.patience,
    )
    await at.record(question)


async def node_collection(_: Steps, runtime: Runtime[Answering]) -> None:
    """Search the catalogue, by other words where too little is found, and weigh what was found."""
    at, plan, context = runtime.context, _plan(runtime.context), await runtime.context.context()
    await at.record(await collected(at.parts.catalogue, await at.mind(), context, plan))


async def node_advisory(_: Steps, runtime: Runtime[Answering]) -> None:
    """Answer the shopper."""
    at, context = runtime.context, await runtime.context.context()
    with at.voice() as voice:
        advice = await (await at.mind()).advise(_advisory_question(at, context), voice)
        given = AdviceGiven(
            turn=at.turn.number,
            message_id=voice.id_of(0),
            attempt=voice.attempt,
            text=advice.text,
            product_id=advice.product_id,
            reasoning=advice.reasoning,
            making=advice.making,
            struck=advice.struck,
        )
        await at.record(given)


def _plan(at: Answering) -> SearchPlanned:
    assert at.turn.plan is not None  # noqa: S101  What comes behind planning is due only then.
    return at.turn.plan


def _advisory_question(at: Answering, context: Context) -> AdvisoryQuestion:
    turn, shown = at.turn, at.thread.shown
    found = turn.collected
    speaks_of_shown = turn.intent in {Intent.QUESTION, Intent.BUY}
    return AdvisoryQuestion(
        context=context,
        intent=turn.intent or Intent.SEARCH,
        constraints=at.thread.constraints,
        matches=shown.matches,
        total=len(shown.matches) if found is None else found.total,
        asked_about=products_named(context) if speaks_of_shown else (),
        noted=(*turn.untold, *(noted_places(context) if speaks_of_shown else ())),
        corrected=None if found is None else found.corrected,
        relaxations=() if found is None else found.relaxations,
        outcome=_outcome(context) if turn.intent is Intent.QUESTION else (),
        behind=0 if found is None else found.behind,
    )


def _outcome(context: Context) -> tuple[str, ...]:
    if not asks_of_haggling(context):
        return ()
    return tuple(told_again(context.haggled, context.news, context.currency)) or (NO_BUYER,)


_NODES: Final[dict[Node, Callable[..., Awaitable[None]]]] = {
    Node.ROUTER: node_router,
    Node.FEEDBACK: node_feedback,
    Node.PLANNING: node_planning,
    Node.CLARIFICATION: node_clarification,
    Node.COLLECTION: node_collection,
    Node.ADVISORY: node_advisory,
}

# Where a turn can go on behind each node; which of them it is, `next_step` says. Behind the other two the shopper has
# the word: what is said then is another walk, even if it was said already.
_WAYS: Final[dict[Node, tuple[Node, ...]]] = {
    Node.ROUTER: (Node.FEEDBACK, Node.PLANNING, Node.ADVISORY),
    Node.FEEDBACK: (Node.PLANNING,),
    Node.PLANNING: (Node.CLARIFICATION, Node.COLLECTION),
    Node.COLLECTION: (Node.ADVISORY,),
}


async def _next_node(_: Steps, runtime: Runtime[Answering]) -> str:
    # Asynchronous, because LangGraph sends what is not into a thread.
    return next_step(runtime.context.thread) or END


@cache
def turn_graph() -> Graph:
    """Return the compiled graph of a turn."""
    return graph_of(Answering, _NODES, _WAYS, _next_node)


async def answer_turn(answering: Answering) -> None:
    """Answer the turn that is under way; the fault of a model ends it."""
    # The first turn behind an import waits for that, and nobody else.
    await asyncio.to_thread(made_ready, answering.vocabulary)
    try:
        await turn_graph().ainvoke({}, context=answering)
    except ChafferError as fault:
        await answering.submit(FailTurn(fault.code.value, fault.message))
