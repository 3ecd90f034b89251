"""The rules of a conversation, one by one: what may happen when, and what may not whoever asks for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

import pytest
from msgspec.structs import replace

from chaffer.assistant.chat import REMEMBERED, SUMMARISED_AFTER, UNSUMMARISED, Chat, Node, next_step
from chaffer.assistant.commands import AnswerApproval, AskAssistant, AskStop, ChatCommand, Record
from chaffer.assistant.context import LINES, context_of, summary_question
from chaffer.assistant.events import (
    ApprovalAsked,
    Call,
    ChatAnswered,
    ChatEvent,
    ChatFailed,
    ChatOpened,
    ChatStatus,
    ChatStopped,
    HandedOver,
    Handover,
    HistorySummarised,
    Line,
    ModelLeft,
    PersonAsked,
    Role,
    ToolBegun,
    ToolEnded,
    ToolsChosen,
)
from chaffer.assistant.results import NegotiationsStanding, Result, ToolRefused
from chaffer.assistant.rules import MOST_HANDOVERS, MOST_TOOL_CALLS, decide
from chaffer.assistant.tools import (
    AcceptOffer,
    ListInvoices,
    OpenNegotiation,
    PayInvoice,
    SearchProducts,
    Specialist,
    Wish,
)
from chaffer.conversation.journal import Recorded
from chaffer.conversation.minds import Making, ModelChoice
from chaffer.errors import ChafferError, Code
from tests.support.chat_results import FOUND
from tests.support.chats import folded
from tests.support.markets import START

MAKING: Final = Making("builtin", "rules", 1, 0.0)
NOTHING: Final = NegotiationsStanding(())
PAY: Final = PayInvoice("INV-2026-000001")
UNTIL: Final = START + timedelta(hours=1)


class Counted(list[Recorded]):
    """Records of which it is counted how many are looked at."""

    looked_at = 0

    def __reversed__(self) -> Any:
        for record in super().__reversed__():
            self.looked_at += 1
            yield record


@dataclass
class Walk:
    """A conversation that is walked by commands; keeps all its events."""

    history: tuple[Line, ...] = ()
    events: list[ChatEvent] = field(default_factory=list)

    def __post_init__(self) -> None:
        mind = ModelChoice("builtin", None, 0.7, 500)
        self.events.append(ChatOpened("chat", "user", "", "USD", mind, 7, START, self.history))

    @property
    def chat(self) -> Chat:
        return folded(self.events)

    @property
    def records(self) -> Counted:
        return Counted(Recorded(place, START, event) for place, event in enumerate(self.events, start=1))

    def do(self, command: ChatCommand) -> None:
        self.events += decide(self.chat, command).events

    def record(self, *events: Any) -> None:
        for event in events:
            self.do(Record(event))

    def refuses(self, event: Any) -> bool:
        with pytest.raises(ChafferError) as refusal:
            self.record(event)
        return refusal.value.code is Code.CONFLICT

    def asks(self, text: str = "Pay it") -> int:
        self.do(AskAssistant(f"m{len(self.events)}", text))
        return self.chat.turns - 1

    def chooses(self, *wishes: Wish, who: Specialist = Specialist.BILLING) -> int:
        """Speak, hand over, and choose these tools: call_0, call_1, …; return the number of the turn."""
        turn = self.asks()
        calls = tuple(Call(f"call_{place}", wish) for place, wish in enumerate(wishes))
        self.record(handed(turn, who), ToolsChosen(turn, who, calls, MAKING))
        return turn

    def is_answered(self, text: str = "There.") -> None:
        turn = self.asks(f"Question {self.chat.turns}")
        self.record(handed(turn), ChatAnswered(turn, f"a{turn}", 0, text, "supervisor", MAKING))


def handed(turn: int, *to: Specialist) -> HandedOver:
    return HandedOver(turn, tuple(Handover(one, "do it") for one in to), MAKING)


def approval(turn: int, wish: Wish = PAY, call_id: str = "call_0") -> ApprovalAsked:
    return ApprovalAsked(turn, call_id, "m_asked", "May it?", wish, UNTIL)


def answer(*, approved: bool = True, call_id: str = "call_0", hours: float = 0) -> AnswerApproval:
    return AnswerApproval(call_id, approved, START + timedelta(hours=hours))


def test_no_tool_that_commits_money_begins_or_returns_before_it_is_allowed() -> None:
    for wish, who in (
        (PAY, Specialist.BILLING),
        (OpenNegotiation("p1"), Specialist.NEGOTIATION),
        (AcceptOffer("room"), Specialist.NEGOTIATION),
    ):
        walk = Walk()
        turn = walk.chooses(wish, who=who)
        assert walk.refuses(ToolBegun(turn, "call_0"))
        assert walk.refuses(ToolEnded(turn, "call_0", NOTHING))
        walk.record(approval(turn, wish))
        assert walk.refuses(ToolBegun(turn, "call_0"))
        walk.do(answer(approved=False))
        assert walk.refuses(ToolBegun(turn, "call_0"))


def test_what_is_allowed_is_what_was_asked_and_no_other_tool() -> None:
    walk = Walk()
    turn = walk.chooses(OpenNegotiation("p1"), who=Specialist.NEGOTIATION)
    assert walk.refuses(approval(turn, AcceptOffer("room")))
    walk.record(approval(turn, OpenNegotiation("p1", 1, 90_00)))
    walk.do(answer())
    assert walk.chat.turn is not None
    assert walk.chat.turn.calls == (Call("call_0", OpenNegotiation("p1", 1, 90_00)),)


def test_a_permission_is_for_one_call() -> None:
    walk = Walk()
    turn = walk.chooses(PAY, PAY)
    walk.record(approval(turn))
    walk.do(answer())
    walk.record(ToolBegun(turn, "call_0"), ToolEnded(turn, "call_0", NOTHING))
    assert walk.refuses(ToolBegun(turn, "call_1"))


def test_an_approval_is_answered_once_in_its_time_and_under_its_name() -> None:
    walk = Walk()
    turn = walk.chooses(PAY)
    walk.record(approval(turn))
    for late in (answer(hours=1), answer(call_id="call_1")):
        with pytest.raises(ChafferError, match=r"could be approved until|waits for no approval"):
            walk.do(late)
    walk.do(answer(hours=0.9))
    with pytest.raises(ChafferError, match="waits for no approval"):
        walk.do(answer(approved=False))


def test_what_has_expired_can_still_be_declined() -> None:
    walk = Walk()
    walk.record(approval(walk.chooses(PAY)))
    walk.do(answer(approved=False, hours=5))
    assert walk.chat.status is ChatStatus.ANSWERING


def test_new_words_take_back_what_was_asked() -> None:
    walk = Walk()
    walk.record(approval(walk.chooses(PAY, PAY)))
    walk.asks("No, wait")
    with pytest.raises(ChafferError, match="waits for no approval"):
        walk.do(answer())
    assert next_step(walk.chat) is Node.SUPERVISOR


def test_a_turn_does_not_end_while_a_tool_is_called() -> None:
    """What the tool did must be known: it is recorded before the turn is cut short."""
    walk = Walk()
    turn = walk.chooses(ListInvoices())
    walk.record(ToolBegun(turn, "call_0"))
    walk.do(AskStop())
    stopped = ChatStopped(turn, "m", 0, "", "billing")
    assert walk.refuses(stopped)
    assert walk.refuses(ChatFailed(turn, "INTERNAL_ERROR", "It broke."))
    walk.record(ToolEnded(turn, "call_0", NOTHING), stopped)
    assert [outcome.call_id for outcome in walk.chat.outcomes] == ["call_0"]


def test_nothing_begins_once_the_person_wants_it_stopped() -> None:
    walk = Walk()
    turn = walk.chooses(PAY)
    walk.record(approval(turn))
    walk.do(answer())
    walk.do(AskStop())
    assert walk.refuses(ToolBegun(turn, "call_0"))
    assert walk.refuses(ModelLeft(turn, "LLM_TIMEOUT", "too slow"))
    other = Walk()
    turn = other.chooses(PAY)
    other.do(AskStop())
    assert other.refuses(approval(turn)), "who stopped it is not asked"


def test_a_stop_while_it_waits_ends_the_turn_and_the_approval() -> None:
    walk = Walk()
    walk.record(approval(walk.chooses(PAY)))
    walk.do(AskStop())
    assert walk.chat.status is ChatStatus.IDLE
    with pytest.raises(ChafferError, match="waits for no approval"):
        walk.do(answer())
    walk.do(AskStop())  # Where nothing is answered, nothing happens.
    assert isinstance(walk.events[-1], ChatStopped)


def test_nobody_stops_a_turn_but_the_person() -> None:
    walk = Walk()
    assert walk.refuses(ChatStopped(walk.asks(), "m", 0, "", "supervisor"))


def test_a_mind_has_bounds() -> None:
    walk = Walk()
    turn = walk.asks()
    assert walk.refuses(handed(turn, *[Specialist.BILLING] * (MOST_HANDOVERS + 1)))
    assert walk.refuses(ChatAnswered(turn, "m", 0, "There.", "supervisor", MAKING)), "nobody was handed over to yet"
    walk.record(handed(turn, Specialist.BILLING))
    many = tuple(Call(f"call_{place}", ListInvoices()) for place in range(MOST_TOOL_CALLS + 1))
    assert walk.refuses(ToolsChosen(turn, Specialist.BILLING, many, MAKING))
    assert walk.refuses(ToolsChosen(turn, Specialist.BILLING, (), MAKING))
    foreign = (Call("call_0", SearchProducts("keyboard")),)
    assert walk.refuses(ToolsChosen(turn, Specialist.BILLING, foreign, MAKING)), "another's tool"
    assert walk.refuses(ToolsChosen(turn, Specialist.SHOPPING, foreign, MAKING)), "not asked for"
    assert walk.refuses(ChatAnswered(turn, "m", 0, " ", "billing", MAKING)), "an answer says something"
    walk.record(ToolsChosen(turn, Specialist.BILLING, many[:-1], MAKING))
    for call in many[:-1]:
        walk.record(ToolBegun(turn, call.call_id), ToolEnded(turn, call.call_id, NOTHING))
    assert walk.refuses(ToolsChosen(turn, Specialist.BILLING, many[-1:], MAKING)), "no more in this turn"
    walk.record(ChatAnswered(turn, "m", 0, "There.", "billing", MAKING))


def test_a_step_of_another_turn_changes_nothing() -> None:
    walk = Walk()
    walk.record(approval(walk.chooses(PAY)))
    assert walk.asks() == 1
    assert walk.refuses(handed(0, Specialist.BILLING))
    assert walk.refuses(ToolEnded(0, "call_0", ToolRefused("DECLINED", "No.")))


def summarised(walk: Walk) -> tuple[int, tuple[str, ...]]:
    """Summarise as the flow does; return up to where, and the lines that were."""
    turn = walk.asks("Now")
    assert next_step(walk.chat) is Node.SUMMARY
    before, question = summary_question(walk.chat, walk.records, START)
    walk.record(HistorySummarised(turn, before, "They spoke.", MAKING))
    assert next_step(walk.chat) is Node.SUPERVISOR
    return before, tuple(line.text for line in question.lines)


def test_every_line_is_told_or_summarised_however_long_it_gets() -> None:
    """Issue 6: long histories are summarised into the prompt. No line falls between the summary and what is told."""
    walk = Walk()
    for _ in range(SUMMARISED_AFTER):
        walk.is_answered()
    before, lines = summarised(walk)
    assert before == SUMMARISED_AFTER - UNSUMMARISED
    assert lines[:2] == ("Question 0", "There.")
    assert lines[-2:] == (f"Question {before - 1}", "There.")
    turn = walk.chat.turns - 1
    walk.record(handed(turn), ChatAnswered(turn, "m", 0, "There.", "supervisor", MAKING))
    while walk.chat.turns - walk.chat.told_from < SUMMARISED_AFTER:
        walk.asks(f"Question {walk.chat.turns}")
        context = context_of(walk.chat, walk.records, START)
        assert context.summary == "They spoke."
        assert context.history[0].text == f"Question {before}"
        assert len(context.history) == 2 * (walk.chat.turns - 1 - before) <= LINES
        turn = walk.chat.turns - 1
        walk.record(handed(turn), ChatAnswered(turn, f"m{turn}", 0, "There.", "supervisor", MAKING))
    _, later = summarised(walk)
    assert later[0] == f"Question {before}"


def test_the_history_that_it_began_with_is_summarised_too() -> None:
    said = tuple(Line(list(Role)[place % 2], f"line {place}") for place in range(100))
    walk = Walk(said)
    before, lines = summarised(walk)
    assert before == -UNSUMMARISED
    assert lines == tuple(f"line {place}" for place in range(80))
    context = context_of(walk.chat, walk.records, START)
    assert [line.text for line in context.history] == [f"line {place}" for place in range(80, 100)]


def test_what_was_shown_last_is_not_forgotten_over_its_haggling_and_its_invoices() -> None:
    walk = Walk()

    def returns(who: Specialist, wish: Wish, result: Result) -> None:
        turn = walk.chooses(wish, who=who)
        done = ChatAnswered(turn, f"a{turn}", 0, "There.", who.value, MAKING)
        walk.record(ToolBegun(turn, "call_0"), ToolEnded(turn, "call_0", result), done)

    returns(Specialist.SHOPPING, SearchProducts("mouse"), replace(FOUND.result, total=99))
    returns(Specialist.SHOPPING, FOUND.wish, FOUND.result)
    for _ in range(2 * REMEMBERED):
        returns(Specialist.BILLING, ListInvoices(), NOTHING)
    assert [one.result for one in walk.chat.outcomes] == [FOUND.result, *[NOTHING] * REMEMBERED]
    for _ in range(REMEMBERED):
        returns(Specialist.SHOPPING, FOUND.wish, FOUND.result)
    assert [one.result for one in walk.chat.outcomes] == [FOUND.result] * REMEMBERED


def test_a_summary_says_something_and_goes_forward() -> None:
    walk = Walk(tuple(Line(Role.PERSON, "line") for _ in range(100)))
    turn = walk.asks()
    assert walk.refuses(HistorySummarised(turn, -UNSUMMARISED, " ", MAKING))
    assert walk.refuses(HistorySummarised(turn, walk.chat.told_from, "They spoke.", MAKING))
    assert walk.refuses(HistorySummarised(turn, turn + 1, "They spoke.", MAKING))


def test_what_goes_with_a_question_does_not_cost_more_in_a_long_conversation() -> None:
    """10,000 messages lie before: no more of them are looked at than go with the question."""
    walk = Walk()
    long_ago = [
        event
        for turn in range(5_000)
        for event in (
            PersonAsked(turn, f"q{turn}", "Question"),
            handed(turn),
            ChatAnswered(turn, f"a{turn}", 0, "There.", "supervisor", MAKING),
        )
    ]
    walk.events += long_ago
    told = HistorySummarised(4_999, 4_990, "They spoke.", MAKING)
    walk.events[-2:-2] = [told]
    walk.asks()
    records, chat = walk.records, walk.chat
    context_of(chat, records, START)
    assert records.looked_at < 60
