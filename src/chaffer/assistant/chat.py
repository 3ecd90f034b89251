"""A conversation as it stands: the fold of its events, and what is due."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from chaffer.assistant.events import (
    SUPERVISOR,
    ApprovalAnswered,
    ApprovalAsked,
    Call,
    ChatAnswered,
    ChatEvent,
    ChatFailed,
    ChatOpened,
    ChatPinned,
    ChatRenamed,
    ChatStatus,
    ChatStopAsked,
    ChatStopped,
    HaggleConcluded,
    HandedOver,
    Handover,
    HistorySummarised,
    ModelLeft,
    PersonAsked,
    ReportMade,
    ToolBegun,
    ToolEnded,
    ToolsChosen,
)
from chaffer.assistant.results import NegotiationStarted, Result, shows_products
from chaffer.assistant.titles import title_of
from chaffer.assistant.tools import Specialist, Wish, spec_of
from chaffer.conversation.minds import Making

REMEMBERED: Final = 8
"""So many results of the turns before go with a question: what `the second one` and `that invoice` mean.

Products stay what is spoken of for longer, while their haggling and their invoices are talked about: the last result
that showed some goes along, however old.
"""

SUMMARISED_AFTER: Final = 40
"""When so many turns are told word for word, what was said before is summarised."""

UNSUMMARISED: Final = 10
"""So many of the newest turns stay out of a summary."""


class Node(StrEnum):
    """The nodes of the flow."""

    SUMMARY = "summary"
    SUPERVISOR = "supervisor"
    SHOPPING = "shopping"
    NEGOTIATION = "negotiation"
    BILLING = "billing"
    INSIGHTS = "insights"
    TOOLS = "tools"
    ANSWER = "answer"


def speaker_of(handovers: Sequence[Handover]) -> str:
    """Return who speaks in a turn: the specialist, where one alone sees to it."""
    return handovers[0].specialist.value if len(handovers) == 1 else SUPERVISOR


class Outcome(Struct, frozen=True):
    """What a tool was asked, by whom, and what it returned."""

    call_id: str
    specialist: Specialist
    wish: Wish
    result: Result


class Report(Struct, frozen=True):
    """What a specialist of several has to tell."""

    specialist: Specialist
    text: str


class Turn(Struct, frozen=True):
    """The turn that is under way: what has come of it so far.

    `handovers` is None until the supervisor has spoken. `calls` are those to be made, the first being made if it was
    `begun`. `asked` waits for the person; `approved` tells of the first call what the person said, None while nothing.
    """

    number: int
    text: str
    handovers: tuple[Handover, ...] | None = None
    reports: tuple[Report, ...] = ()
    calls: tuple[Call, ...] = ()
    begun: bool = False
    asked: ApprovalAsked | None = None
    approved: bool | None = None
    outcomes: tuple[Outcome, ...] = ()
    makings: tuple[Making, ...] = ()
    left: ModelLeft | None = None
    stop_asked: bool = False

    @property
    def handover(self) -> Handover | None:
        """Return what is seen to now; None before the supervisor has spoken, and when all is seen to."""
        done = len(self.reports)
        return self.handovers[done] if self.handovers is not None and done < len(self.handovers) else None

    @property
    def agent(self) -> str:
        """Return who speaks."""
        return speaker_of(self.handovers or ())


class Chat(Struct, frozen=True):
    """A conversation. `turns` were begun; `messages` were said, those of the history it began with included.

    `outcomes` are those remembered of the turns before, oldest first; `negotiations` those opened here that go on.
    """

    terms: ChatOpened
    title: str
    turns: int = 0
    messages: int = 0
    turn: Turn | None = None
    summary: HistorySummarised | None = None
    outcomes: tuple[Outcome, ...] = ()
    negotiations: tuple[NegotiationStarted, ...] = ()
    pinned: bool = False
    calls_made: int = 0

    @property
    def told_from(self) -> int:
        """Return the turn from which on minds are told what was said word for word; a summary tells what was before.

        Two lines of the history that it began with count as a turn: -1, -2, … backwards.
        """
        return -((len(self.terms.history) + 1) // 2) if self.summary is None else self.summary.before

    @property
    def approval(self) -> ApprovalAsked | None:
        """Return what the person is asked to approve."""
        return None if self.turn is None else self.turn.asked

    @property
    def status(self) -> ChatStatus:
        """Return where the conversation stands."""
        if self.turn is None:
            return ChatStatus.HAGGLING if self.negotiations else ChatStatus.IDLE
        return ChatStatus.ANSWERING if self.turn.asked is None else ChatStatus.WAITING


def next_step(chat: Chat) -> Node | None:
    """Return the node that is due, or None while the person has the word."""
    turn = chat.turn
    if turn is None or turn.asked is not None:
        return None
    if turn.handovers is None:
        return Node.SUMMARY if needs_summary(chat) else Node.SUPERVISOR
    if turn.calls:
        return Node.TOOLS
    handover = turn.handover
    return Node.ANSWER if handover is None else Node(handover.specialist.value)


def needs_summary(chat: Chat) -> bool:
    """Tell whether so much was said since the last summary that it is time for another."""
    return chat.turn is not None and chat.turn.number - chat.told_from >= SUMMARISED_AFTER


def evolve(chat: Chat | None, event: ChatEvent) -> Chat:
    """Return the conversation after an event; the first one opens it."""
    if isinstance(event, ChatOpened):
        return Chat(event, event.title, messages=len(event.history))
    assert chat is not None  # noqa: S101  A journal begins with ChatOpened.
    return _EVOLVE[type(event)](chat, event)


def _in_turn(chat: Chat, **changes: Any) -> Chat:  # noqa: ANN401  Fields of Turn.
    assert chat.turn is not None  # noqa: S101  Only a turn that was begun has steps.
    return replace(chat, turn=replace(chat.turn, **changes))


def _turn(chat: Chat) -> Turn:
    assert chat.turn is not None  # noqa: S101  As above.
    return chat.turn


def _spoke(chat: Chat, event: PersonAsked) -> Chat:
    title = chat.title or title_of(event.text)
    begun = replace(_closed(chat), title=title, turns=event.turn + 1, turn=Turn(event.turn, event.text))
    return replace(begun, messages=chat.messages + 1)


def _closed(chat: Chat) -> Chat:
    """Return the conversation without a turn; what its tools returned is remembered."""
    if chat.turn is None:
        return chat
    return replace(chat, turn=None, outcomes=_remembered((*chat.outcomes, *chat.turn.outcomes)))


def _remembered(outcomes: tuple[Outcome, ...]) -> tuple[Outcome, ...]:
    """Return the results, oldest first, that minds are still given."""
    older, newest = outcomes[:-REMEMBERED], outcomes[-REMEMBERED:]
    if any(shows_products(one.result) for one in newest):
        return newest
    shown = [one for one in older if shows_products(one.result)]
    return (*shown[-1:], *newest)


def _summarised(chat: Chat, event: HistorySummarised) -> Chat:
    return _in_turn(replace(chat, summary=event), makings=(*_turn(chat).makings, event.making))


def _handed_over(chat: Chat, event: HandedOver) -> Chat:
    return _in_turn(chat, handovers=event.handovers, makings=(*_turn(chat).makings, event.making))


def _chosen(chat: Chat, event: ToolsChosen) -> Chat:
    made = replace(chat, calls_made=chat.calls_made + len(event.calls))
    return _in_turn(made, calls=event.calls, makings=(*_turn(chat).makings, event.making))


def _asked(chat: Chat, event: ApprovalAsked) -> Chat:
    call, *rest = _turn(chat).calls
    settled = (replace(call, wish=event.wish), *rest)
    return _in_turn(replace(chat, messages=chat.messages + 1), asked=event, calls=settled)


def _approved(chat: Chat, event: ApprovalAnswered) -> Chat:
    return _in_turn(chat, asked=None, approved=event.approved)


def _begun(chat: Chat, _: ToolBegun) -> Chat:
    return _in_turn(chat, begun=True)


def _ended(chat: Chat, event: ToolEnded) -> Chat:
    turn, result = _turn(chat), event.result
    call, *rest = turn.calls
    outcome = Outcome(call.call_id, spec_of(call.wish).specialist, call.wish, result)
    if isinstance(result, NegotiationStarted):
        chat = replace(chat, negotiations=(*chat.negotiations, result))
    return _in_turn(chat, calls=tuple(rest), begun=False, approved=None, outcomes=(*turn.outcomes, outcome))


def _reported(chat: Chat, event: ReportMade) -> Chat:
    turn = _turn(chat)
    report = Report(event.specialist, event.text)
    return _in_turn(chat, reports=(*turn.reports, report), makings=(*turn.makings, event.making))


def _left(chat: Chat, event: ModelLeft) -> Chat:
    return _in_turn(chat, left=event)


def _said(chat: Chat, event: ChatAnswered | ChatStopped) -> Chat:
    closed = _closed(chat)
    return replace(closed, messages=closed.messages + 1) if event.text else closed


def _stop_asked(chat: Chat, _: ChatStopAsked) -> Chat:
    return _in_turn(chat, stop_asked=True)


def _failed(chat: Chat, _: ChatFailed) -> Chat:
    return _closed(chat)


def _concluded(chat: Chat, event: HaggleConcluded) -> Chat:
    going_on = tuple(one for one in chat.negotiations if one.room_id != event.room_id)
    return replace(chat, negotiations=going_on, messages=chat.messages + 1)


def _renamed(chat: Chat, event: ChatRenamed) -> Chat:
    return replace(chat, title=event.title)


def _pinned(chat: Chat, event: ChatPinned) -> Chat:
    return replace(chat, pinned=event.pinned)


_EVOLVE: Final[Mapping[type, Callable[[Chat, Any], Chat]]] = {
    PersonAsked: _spoke,
    HistorySummarised: _summarised,
    HandedOver: _handed_over,
    ToolsChosen: _chosen,
    ApprovalAsked: _asked,
    ApprovalAnswered: _approved,
    ToolBegun: _begun,
    ToolEnded: _ended,
    ReportMade: _reported,
    ModelLeft: _left,
    ChatAnswered: _said,
    ChatStopAsked: _stop_asked,
    ChatStopped: _said,
    ChatFailed: _failed,
    HaggleConcluded: _concluded,
    ChatRenamed: _renamed,
    ChatPinned: _pinned,
}
