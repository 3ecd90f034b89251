"""A thread as it stands: the fold of its events, and what is due."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from chaffer.shopping.catalogue.searching import Constraints
from chaffer.shopping.events import (
    AdviceGiven,
    FeedbackTaken,
    Intent,
    Match,
    NegotiationConcluded,
    NegotiationOpened,
    Node,
    ProductsCollected,
    QuestionAnswered,
    QuestionAsked,
    SearchPlanned,
    ShopperSpoke,
    StepBegun,
    ThreadEvent,
    ThreadOpened,
    ThreadStatus,
    TurnFailed,
    TurnRouted,
)

MOST_QUESTIONS: Final = 2
"""So many questions are asked in a row, without an answer to the shopper in between."""


class Turn(Struct, frozen=True):
    """The turn that is under way: what has come of it so far. `asked` is the question that waits for its answer.

    `told` are those of the notes that a question told the shopper already.
    """

    number: int
    text: str
    step: int = 0
    intent: Intent | None = None
    learned: bool = False
    plan: SearchPlanned | None = None
    noted: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    asked: QuestionAsked | None = None
    answered: QuestionAsked | None = None
    questions: int = 0
    collected: ProductsCollected | None = None

    @property
    def untold(self) -> tuple[str, ...]:
        """Return the notes that the shopper is still to be told."""
        return tuple(note for note in self.noted if note not in self.told)


class Shown(Struct, frozen=True):
    """What the shopper was shown last, in that order, and which of it was recommended.

    Of the `total` that fit, `behind` better ones were shown before.
    """

    matches: tuple[Match, ...] = ()
    recommended_id: str | None = None
    behind: int = 0
    total: int = 0

    @property
    def passed(self) -> int:
        """Return how many of those that fit were shown by now."""
        return self.behind + len(self.matches)


class Thread(Struct, frozen=True):
    """A shopping thread. `turns` were begun; `constraints` are those of the last search, None before the first.

    `asked` are the properties that were asked for since the search began anew; `negotiations` those that go on, and
    `news` how the last one ended that did.
    """

    terms: ThreadOpened
    turns: int = 0
    turn: Turn | None = None
    constraints: Constraints | None = None
    shown: Shown = Shown()
    asked: tuple[str, ...] = ()
    negotiations: tuple[NegotiationOpened, ...] = ()
    news: NegotiationConcluded | None = None

    @property
    def question(self) -> QuestionAsked | None:
        """Return the question that waits for an answer."""
        return None if self.turn is None else self.turn.asked

    @property
    def status(self) -> ThreadStatus:
        """Return where the thread stands."""
        if self.turn is None:
            return ThreadStatus.IDLE
        return ThreadStatus.ANSWERING if self.turn.asked is None else ThreadStatus.WAITING

    def open_question(self, at: datetime) -> QuestionAsked | None:
        """Return the question that waits for an answer and has not expired."""
        return self.question if self.question is not None and self.question.is_open(at) else None

    def status_at(self, at: datetime) -> ThreadStatus:
        """Return where the thread stands for who looks at it: a question that has expired waits no more."""
        has_expired = self.question is not None and self.open_question(at) is None
        return ThreadStatus.IDLE if has_expired else self.status


def next_step(thread: Thread) -> Node | None:
    """Return the node that is due, or None while the shopper has the word."""
    turn = thread.turn
    if turn is None or turn.asked is not None:
        return None
    if turn.intent is None:
        return Node.ROUTER
    if turn.intent is Intent.FEEDBACK and not turn.learned:
        return Node.FEEDBACK
    if not turn.intent.searches or turn.collected is not None:
        return Node.ADVISORY
    if turn.plan is None:
        return Node.PLANNING
    return Node.CLARIFICATION if turn.plan.asks is not None else Node.COLLECTION


def evolve(thread: Thread | None, event: ThreadEvent) -> Thread:
    """Return the thread after an event; the first one opens it."""
    if isinstance(event, ThreadOpened):
        return Thread(event)
    assert thread is not None  # noqa: S101  A journal begins with ThreadOpened.
    return _EVOLVE[type(event)](thread, event)


def _in_turn(thread: Thread, **changes: Any) -> Thread:  # noqa: ANN401  Fields of Turn.
    assert thread.turn is not None  # noqa: S101  Only a turn that was begun has steps.
    return replace(thread, turn=replace(thread.turn, **changes))


def _spoke(thread: Thread, event: ShopperSpoke) -> Thread:
    # Who speaks past a question was not answered yet: what was asked counts on.
    questions = 0 if thread.turn is None else thread.turn.questions
    return replace(thread, turns=event.turn + 1, turn=Turn(event.turn, event.text, questions=questions))


def _begun(thread: Thread, event: StepBegun) -> Thread:
    return _in_turn(thread, step=event.step)


def _routed(thread: Thread, event: TurnRouted) -> Thread:
    anew = replace(thread, asked=()) if event.intent is Intent.SEARCH else thread
    return _in_turn(anew, intent=event.intent)


def _learned(thread: Thread, _: FeedbackTaken) -> Thread:
    return _in_turn(thread, learned=True)


def _planned(thread: Thread, event: SearchPlanned) -> Thread:
    return _in_turn(replace(thread, constraints=event.constraints), plan=event, noted=event.noted, answered=None)


def _asked(thread: Thread, event: QuestionAsked) -> Thread:
    assert thread.turn is not None  # noqa: S101  Only a turn that was begun asks.
    asked = replace(thread, asked=(*thread.asked, event.choice.name))
    return _in_turn(asked, asked=event, questions=thread.turn.questions + 1, told=thread.turn.noted)


def _answered(thread: Thread, event: QuestionAnswered) -> Thread:
    return _in_turn(thread, text=event.text, asked=None, answered=thread.question, plan=None)


def _collected(thread: Thread, event: ProductsCollected) -> Thread:
    return _in_turn(
        replace(thread, shown=Shown(event.matches, behind=event.behind, total=event.total)), collected=event
    )


def _advised(thread: Thread, event: AdviceGiven) -> Thread:
    recommended = event.product_id or thread.shown.recommended_id
    return replace(thread, turn=None, shown=replace(thread.shown, recommended_id=recommended))


def _failed(thread: Thread, _: TurnFailed) -> Thread:
    return replace(thread, turn=None)


def _haggles(thread: Thread, event: NegotiationOpened) -> Thread:
    return replace(thread, negotiations=(*thread.negotiations, event))


def _concluded(thread: Thread, event: NegotiationConcluded) -> Thread:
    going_on = tuple(one for one in thread.negotiations if one.room_id != event.room_id)
    return replace(thread, negotiations=going_on, news=event)


_EVOLVE: Final[Mapping[type, Callable[[Thread, Any], Thread]]] = {
    ShopperSpoke: _spoke,
    StepBegun: _begun,
    TurnRouted: _routed,
    FeedbackTaken: _learned,
    SearchPlanned: _planned,
    QuestionAsked: _asked,
    QuestionAnswered: _answered,
    ProductsCollected: _collected,
    AdviceGiven: _advised,
    TurnFailed: _failed,
    NegotiationOpened: _haggles,
    NegotiationConcluded: _concluded,
}
