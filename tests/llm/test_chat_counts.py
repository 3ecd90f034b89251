"""What is counted of chats, and that no word of them is."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import reduce

import pytest

from chaffer.assistant.chat import Chat, evolve
from chaffer.assistant.events import (
    ApprovalAnswered,
    ApprovalAsked,
    Call,
    ChatAnswered,
    ChatEvent,
    ChatFailed,
    ChatOpened,
    ChatStopped,
    HandedOver,
    Handover,
    ModelLeft,
    PersonAsked,
    ToolBegun,
    ToolEnded,
    ToolsChosen,
)
from chaffer.assistant.results import InvoicesListed, Result, ToolRefused
from chaffer.assistant.tools import DECLINED, ListInvoices, PayInvoice, Specialist, Wish
from chaffer.conversation.journal import Recorded
from chaffer.conversation.minds import Making, ModelChoice
from chaffer.llm.telemetry import Telemetry
from tests.support.exposition import samples, text_of, value

START = datetime(2026, 11, 21, tzinfo=UTC)
MAKING = Making("builtin", "rules", 1, 0.0)
OPENED = ChatOpened("c", "ann", "", "USD", ModelChoice("builtin", "", 0.7, 500), 1, START)
LISTED = InvoicesListed((), more=False, total_minor=0, unpaid_minor=0, currency="USD")


def counted_of(*events: ChatEvent) -> Telemetry:
    """Return what is counted of a conversation of these events, each recorded by itself."""
    telemetry = Telemetry()
    chat: Chat | None = None
    for position, event in enumerate((OPENED, PersonAsked(0, "m0", "What is due, secretly?"), *events), 1):
        chat = evolve(chat, event)
        telemetry.heard(chat, [Recorded(position, START, event)])
    return telemetry


def called(wish: Wish, result: Result) -> tuple[ChatEvent, ...]:
    return (
        HandedOver(0, (Handover(Specialist.BILLING, "What is due?"),), MAKING),
        ToolsChosen(0, Specialist.BILLING, (Call("call_1", wish),), MAKING),
        ToolBegun(0, "call_1"),
        ToolEnded(0, "call_1", result),
    )


@pytest.mark.parametrize(
    ("end", "outcome", "agent"),
    [
        (ChatAnswered(0, "m1", 0, "Nothing.", "billing", MAKING), "answered", "billing"),
        (ChatStopped(0, "m1", 0, "Noth", "insights"), "stopped", "insights"),
        (ChatFailed(0, "LLM_TIMEOUT", "It took too long."), "failed", "supervisor"),
    ],
)
def test_turns_are_counted_by_how_they_end_and_who_speaks(end: ChatEvent, outcome: str, agent: str) -> None:
    found = samples(text_of(counted_of(end)))
    assert value(found, "chaffer_chat_turns_total", outcome=outcome, agent=agent) == 1
    assert value(found, "chaffer_chat_turns_total") == 1


@pytest.mark.parametrize(
    ("wish", "result", "labels"),
    [
        (ListInvoices(), LISTED, {"tool": "list_invoices", "status": "completed"}),
        (PayInvoice("i"), ToolRefused("CONFLICT", "It is paid."), {"tool": "pay_invoice", "status": "failed"}),
        (PayInvoice("i"), ToolRefused(DECLINED, "No."), {"tool": "pay_invoice", "status": "declined"}),
    ],
)
def test_tools_are_counted_by_name_and_status(wish: Wish, result: Result, labels: dict[str, str]) -> None:
    found = samples(text_of(counted_of(*called(wish, result))))
    assert value(found, "chaffer_chat_tool_calls_total", **labels) == 1
    assert value(found, "chaffer_chat_tool_calls_total") == 1


def test_a_tool_is_known_when_its_turn_ends_in_the_same_append() -> None:
    telemetry = Telemetry()
    over = (*called(ListInvoices(), LISTED), ChatAnswered(0, "m1", 0, "Nothing.", "billing", MAKING))
    events: tuple[ChatEvent, ...] = (OPENED, PersonAsked(0, "m0", "Due?"), *over)
    chat = reduce(evolve, events, None)
    assert chat is not None
    telemetry.heard(chat, [Recorded(position, START, event) for position, event in enumerate(events, 1)])
    assert value(samples(text_of(telemetry)), "chaffer_chat_tool_calls_total", tool="list_invoices") == 1


def test_approvals_are_counted_when_asked_and_when_answered() -> None:
    asked = ApprovalAsked(0, "call_1", "m1", "Pay INV-2026-000001?", PayInvoice("i"), None)
    telemetry = counted_of(
        *called(PayInvoice("i"), LISTED)[:2], asked, ApprovalAnswered(0, "call_1", approved=False), asked
    )
    found, name = samples(text_of(telemetry)), "chaffer_chat_approvals_total"
    assert [value(found, name, outcome=one) for one in ("asked", "approved", "declined")] == [2, 0, 1]


def test_a_model_that_is_left_is_counted_by_its_fault_and_no_word_is_kept() -> None:
    text = text_of(counted_of(ModelLeft(0, "LLM_TIMEOUT", "secretly slow"), *called(PayInvoice("i"), LISTED)))
    assert value(samples(text), "chaffer_chat_models_left_total", code="LLM_TIMEOUT") == 1
    assert "secretly" not in text
