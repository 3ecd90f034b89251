"""The rules of a thread, pure: what a command leads to, and which node takes over then."""

from __future__ import annotations

from functools import reduce
from typing import Any, Final, assert_never

from msgspec.structs import replace

from chaffer.conversation.journal import Effect, EffectRefusedError
from chaffer.conversation.live import Verdict
from chaffer.errors import ChafferError, Code
from chaffer.shopping.commands import (
    AnswerQuestion,
    ConcludeNegotiation,
    FailTurn,
    OpenNegotiation,
    Record,
    Speak,
    StepEvent,
    ThreadCommand,
)
from chaffer.shopping.events import (
    THREAD,
    AdviceGiven,
    FeedbackTaken,
    Node,
    ProductsCollected,
    QuestionAnswered,
    QuestionAsked,
    SearchPlanned,
    ShopperSpoke,
    StepBegun,
    ThreadEvent,
    ThreadStatus,
    TurnFailed,
    TurnRouted,
)
from chaffer.shopping.preferences import LearnPreferences, PreferenceChange
from chaffer.shopping.thread import Thread, evolve, next_step

MOST_NEGOTIATIONS: Final = 10
"""So many negotiations of a thread go on at once."""

PROGRESS: Final = {
    Node.ROUTER: "Reading what you wrote…",
    Node.FEEDBACK: "Taking your feedback in…",
    Node.PLANNING: "Planning the search…",
    Node.CLARIFICATION: "Thinking of what to ask you…",
    Node.COLLECTION: "Searching the catalogue…",
    Node.ADVISORY: "Weighing what was found…",
}


def decide(thread: Thread, command: ThreadCommand) -> Verdict:
    """Return what the command leads to, the beginning of the next step included.

    Raises CONFLICT for words while an answer is made, for an answer to a question that is not open or has expired, for
    a step that is not due, and for too many negotiations at once.
    """
    match command:
        case Speak():
            verdict = _speak(thread, command)
        case AnswerQuestion():
            verdict = _answer(thread, command)
        case FailTurn():
            verdict = _fail(thread, command)
        case OpenNegotiation():
            verdict = _haggle(thread, command)
        case ConcludeNegotiation():
            verdict = _conclude(thread, command)
        case Record():
            verdict = _record(thread, command.event)
        case _:
            assert_never(command)
    return _going_on(thread, verdict)


def _going_on(thread: Thread, verdict: Verdict) -> Verdict:
    """Return the verdict with the beginning of the step that is due by then, if it is another than before."""
    if not verdict.events:
        return verdict
    after = reduce(evolve, verdict.events, thread)
    node, turn = next_step(after), after.turn
    if node is None or turn is None or (next_step(thread) is node and thread.turn == turn):
        return verdict
    begun = StepBegun(turn.number, turn.step + 1, node, PROGRESS[node])
    return Verdict((*verdict.events, begun), verdict.effects)


def _speak(thread: Thread, command: Speak) -> Verdict:
    if thread.status is ThreadStatus.ANSWERING:
        raise ChafferError(
            Code.CONFLICT,
            f"Session {thread.terms.session_id} is still answering what was said before. Wait for the answer, or "
            f"follow it by GET /api/shopping/{thread.terms.session_id}/stream.",
        )
    spoke = ShopperSpoke(thread.turns, command.message_id, command.text)
    kept = () if command.kept is None else (command.kept(spoke),)
    return Verdict((spoke,), (*command.effects, *kept))


def _answer(thread: Thread, command: AnswerQuestion) -> Verdict:
    turn, question = thread.turn, thread.question
    if turn is None or question is None or question.thread_id != command.thread_id:
        raise ChafferError(
            Code.CONFLICT,
            f"Question {command.thread_id} is no longer open: it was answered, or something else was said since. "
            "Go on by POST /api/shopping.",
        )
    if question.expires_at is not None and not question.is_open(command.at):
        raise ChafferError(
            Code.CONFLICT,
            f"Question {command.thread_id} has expired: it waited until {question.expires_at:%Y-%m-%d %H:%M} UTC. "
            "Say what you want by POST /api/shopping.",
        )
    return Verdict((QuestionAnswered(turn.number, command.thread_id, command.message_id, command.text),))


def _record(thread: Thread, event: StepEvent) -> Verdict:
    """Return what the outcome of a node leads to. Raises CONFLICT when that node is not due."""
    turn = thread.turn
    if turn is None or turn.number != event.turn or next_step(thread) is not _NODE_OF[type(event)]:
        raise ChafferError(Code.CONFLICT, f"Turn {event.turn} is not at that step any more.")
    match event:
        case FeedbackTaken():
            return Verdict((event,), _lesson(thread, event.change))
        case SearchPlanned():  # What was noted before a question is still worth telling behind it.
            return Verdict((replace(event, noted=tuple(dict.fromkeys((*turn.noted, *event.noted)))),))
        case AdviceGiven():
            return Verdict((_of_what_was_shown(thread, event),))
        case TurnRouted() | QuestionAsked() | ProductsCollected():
            return Verdict((event,))
        case _:
            assert_never(event)


_NODE_OF: Final[dict[type[StepEvent], Node]] = {
    TurnRouted: Node.ROUTER,
    FeedbackTaken: Node.FEEDBACK,
    SearchPlanned: Node.PLANNING,
    QuestionAsked: Node.CLARIFICATION,
    ProductsCollected: Node.COLLECTION,
    AdviceGiven: Node.ADVISORY,
}


def _lesson(thread: Thread, change: PreferenceChange) -> tuple[Effect, ...]:
    return () if change.is_empty else (LearnPreferences(thread.terms.owner, change),)


def _of_what_was_shown(thread: Thread, advice: AdviceGiven) -> AdviceGiven:
    """Return the answer; what it recommends is one of the products that were shown, whatever a mind says."""
    shown = {match.product.product_id for match in thread.shown.matches}
    return advice if advice.product_id in shown else replace(advice, product_id=None)


def _fail(thread: Thread, command: FailTurn) -> Verdict:
    if thread.turn is None or thread.turn.asked is not None:
        return Verdict()
    return Verdict((TurnFailed(thread.turn.number, command.code, command.message),))


def _haggle(thread: Thread, command: OpenNegotiation) -> Verdict:
    if len(thread.negotiations) >= MOST_NEGOTIATIONS:
        raise ChafferError(
            Code.CONFLICT,
            f"{MOST_NEGOTIATIONS} negotiations of this session go on already, which is the most. Wait for one to end.",
        )
    brand = (command.brand,) if command.brand else ()
    return Verdict((command.opened,), (*_lesson(thread, PreferenceChange(like=brand)), *command.effects))


def _conclude(thread: Thread, command: ConcludeNegotiation) -> Verdict:
    if all(one.room_id != command.concluded.room_id for one in thread.negotiations):
        return Verdict()
    return Verdict((command.concluded,))


class ThreadKind:
    """The rules of a thread, as the kernel asks for them."""

    name = THREAD
    under_way = ThreadStatus.ANSWERING.value

    def decide(self, state: Thread, command: ThreadCommand) -> Verdict:
        """Return what the command leads to. Raises as `decide` does."""
        return decide(state, command)

    def evolve(self, state: Thread | None, event: ThreadEvent) -> Thread:
        """Return the thread after the event."""
        return evolve(state, event)

    def status(self, state: Thread) -> str:
        """Return the status that lists show."""
        return state.status.value

    def is_over(self, state: Thread) -> bool:
        """Return False: a thread goes on until it is deleted."""
        del state
        return False

    def refused(self, command: Any, refusal: EffectRefusedError) -> None:  # noqa: ANN401  Of any command of a thread.
        """Return None: the caller sees the refusal of an effect."""
        del command, refusal
