"""What the built-in supervisor makes of a person's words: who sees to them, and which tool with which arguments."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chaffer.assistant.chat import Outcome
from chaffer.assistant.reading import Ask, Courtesy, Lack, Pending, Seen, courtesy_of, handovers, progress
from chaffer.assistant.results import (
    InvoicesListed,
    NegotiationsStanding,
    ProductsFound,
    SpendingRow,
    SpendingSummed,
    ToolRefused,
)
from chaffer.assistant.tools import (
    AcceptOffer,
    CompareProducts,
    GetInvoice,
    GetProduct,
    ListInvoices,
    ListPurchases,
    NegotiationStatus,
    OpenNegotiation,
    PayInvoice,
    RememberPreference,
    SearchProducts,
    Specialist,
    SpendingSummary,
    WalkAway,
    Wish,
)
from tests.support.chat_results import (
    FOUND,
    INVOICES,
    KEYBOARDS,
    OPENED,
    STANDING,
    STARTED,
    STATUS,
    context,
    invoice,
    work,
)

OCTOBER = (date(2026, 10, 1), date(2026, 10, 31))
LIMITED = replace(FOUND, wish=SearchProducts("keyboard under 60 rated 4.5", max_price_minor=6_000, min_rating=4.5))
NOTHING = replace(
    FOUND, wish=SearchProducts("laptop from Rolex under 100", max_price_minor=10_000), result=ProductsFound((), 0)
)
TWO = replace(FOUND, result=ProductsFound(KEYBOARDS[:2], 2))
SPENT = Outcome(
    "c9",
    Specialist.INSIGHTS,
    SpendingSummary(),
    SpendingSummed("month", None, None, (), SpendingRow("total", 0, 0, 0, 0), "USD"),
)
AFTER = {
    "": context(""),
    "search": context("", FOUND),
    "limited": context("", LIMITED),
    "nothing": context("", NOTHING),
    "invoices": context("", INVOICES),
    "two": context("", TWO),
    "billed": context("", FOUND, INVOICES),
    "spent": context("", FOUND, SPENT),
    "haggling": context("", FOUND, OPENED, rooms=(STARTED,)),
}


def read(text: str, after: str = "") -> list[Wish | Ask]:
    """Return what each specialist does first."""
    before = AFTER[after]
    at = context(text, *before.outcomes, rooms=before.negotiations)
    steps: list[Wish | Ask] = []
    for handover in handovers(at):
        came = progress(work(at, handover.specialist, request=handover.request))
        if isinstance(came, Pending):
            steps.append(came.wish)
        else:
            steps += [seen.came for seen in came if isinstance(seen.came, Ask)]
    return steps


@pytest.mark.parametrize(
    ("after", "text", "wish"),
    [
        ("", "quiet keyboard", SearchProducts("quiet keyboard")),
        ("", "Hi, 3 mice below 40 each, please", SearchProducts("3 mice below 40 each, please", max_price_minor=4_000)),
        ("", "do you sell toasters?", SearchProducts("do you sell toasters?")),
        ("search", "under 60", SearchProducts("quiet keyboard, under 60", max_price_minor=6_000)),
        ("search", "anything cheaper?", SearchProducts("quiet keyboard, anything cheaper?", max_price_minor=1_798)),
        ("search", "not Logitech", SearchProducts("quiet keyboard, not Logitech")),
        ("search", "I need a monitor", SearchProducts("I need a monitor")),
        ("limited", "show me monitors instead", SearchProducts("show me monitors instead")),
        ("limited", "and wireless mice?", SearchProducts("and wireless mice?")),
        (
            "limited",
            "what about black keyboards?",
            SearchProducts(
                "keyboard under 60 rated 4.5, what about black keyboards?", max_price_minor=6_000, min_rating=4.5
            ),
        ),
        (
            "limited",
            "ok, forget the rating",
            SearchProducts("keyboard under 60, forget the rating", max_price_minor=6_000),
        ),
        (
            "limited",
            "price doesn't matter",
            SearchProducts("keyboard rated 4.5, price doesn't matter", min_rating=4.5),
        ),
        ("search", "which has the best rating?", CompareProducts(("p1", "p2", "p3"), "which has the best rating?")),
        ("search", "which is cheapest?", CompareProducts(("p1", "p2", "p3"), "which is cheapest?")),
        (
            "search",
            "which of the first two is lighter?",
            CompareProducts(("p1", "p2"), "which of the first two is lighter?"),
        ),
        ("search", "which is the lighter one?", CompareProducts(("p1", "p2", "p3"), "which is the lighter one?")),
        ("search", "which is under 60?", SearchProducts("quiet keyboard, which is under 60?", max_price_minor=6_000)),
        ("search", "which seller is the cheapest for the second one?", GetProduct("p2")),
        ("two", "compare 1 and 3", CompareProducts(("p1", "p2"))),
        ("search", "compare 1, 2 and 3", CompareProducts(("p1", "p2", "p3"))),
        ("billed", "compare the first two keyboards", CompareProducts(("p1", "p2"))),
        ("billed", "the second one", GetInvoice("INV-2026-000007")),
        ("spent", "tell me about the first one", GetProduct("p1")),
        ("", "a laptop with at least 16 gigs", SearchProducts("a laptop with at least 16 gigs")),
        ("", "headphones under 300 g", SearchProducts("headphones under 300 g")),
        ("", "I have $1000 for two monitors", SearchProducts("I have $1000 for two monitors", quantity=2)),
        ("", "two monitors for $1000", SearchProducts("two monitors for $1000")),
        ("", "2 monitors, 1000 in total", SearchProducts("2 monitors, 1000 in total")),
        ("search", "nothing from Cherry", SearchProducts("quiet keyboard, nothing from Cherry")),
        (
            "nothing",
            "up to 800 then",
            SearchProducts("laptop from Rolex under 100, up to 800 then", max_price_minor=80_000),
        ),
        ("", "headphones, weight under 0.3", SearchProducts("headphones, weight under 0.3")),
        (
            "",
            "headphones that weigh less than 300 and cost less than 200",
            SearchProducts("headphones that weigh less than 300 and cost less than 200", max_price_minor=20_000),
        ),
        ("", "a phone, nothing above 400", SearchProducts("a phone, nothing above 400", max_price_minor=40_000)),
        ("", "my boss wants 12 mice", SearchProducts("my boss wants 12 mice", quantity=12)),
        ("", "what do you know about me?", RememberPreference()),
        ("search", "the second one", GetProduct("p2")),
        ("search", "does the Logitech have a backlight?", GetProduct("p2")),
        ("search", "who sells it?", GetProduct("p1")),
        ("search", "why that one?", GetProduct("p1")),
        ("search", "do they have it in stock?", GetProduct("p1")),
        ("search", "compare all three", CompareProducts(("p1", "p2", "p3"))),
        ("search", "compare it with the third", CompareProducts(("p1", "p3"))),
        ("", "I love Sony and Bose but I can't stand Beats", RememberPreference(("Sony", "Bose"), ("Beats",))),
        ("", "never recommend Anker to me", RememberPreference(dislike_brands=("Anker",))),
        ("search", "I'll take it", OpenNegotiation("p1")),
        ("search", "buy two of them", OpenNegotiation("p1", 2)),
        ("search", "haggle for the Corsair, I can spend up to 110", OpenNegotiation("p3", 1, 11_000)),
        ("search", "negotiate the second for 2, max 90 each", OpenNegotiation("p2", 2, 18_000)),
        ("haggling", "did anyone make an offer?", NegotiationStatus()),
        ("haggling", "accept", AcceptOffer("room_1")),
        ("haggling", "accept the offer from Grand Depot", AcceptOffer("room_1", "Grand Depot")),
        ("haggling", "stop the haggling", WalkAway("room_1")),
        ("haggling", "find me a mouse", SearchProducts("find me a mouse")),
        ("", "did I pay INV-2026-000004?", GetInvoice("INV-2026-000004")),
        ("", "settle inv-2026-000004", PayInvoice("INV-2026-000004")),
        ("", "the last 3 invoices", ListInvoices(limit=3)),
        ("", "show me the 3 latest invoices", ListInvoices(limit=3)),
        ("", "invoices over $100", ListInvoices(min_total_minor=10_000)),
        ("", "bills of Bargain Barn over 100", ListInvoices(seller="Bargain Barn", min_total_minor=10_000)),
        ("", "what do I owe Bargain Barn?", ListInvoices("issued", "Bargain Barn")),
        ("", "have I paid the invoice for the mice?", ListInvoices()),
        ("", "what did I buy in October for under 50?", ListPurchases(None, *OCTOBER, max_total_minor=5_000)),
        ("", "purchases between 100 and 300", ListPurchases(min_total_minor=10_000, max_total_minor=30_000)),
        ("search", "can I get a discount?", OpenNegotiation("p1")),
        ("invoices", "pay the newest one", PayInvoice("INV-2026-000008")),
        ("invoices", "pay the Northlight one", PayInvoice("INV-2026-000008")),
        ("invoices", "when is the second one due?", GetInvoice("INV-2026-000007")),
        ("invoices", "and which of those are paid?", ListInvoices("paid")),
        ("", "what did I buy from Kestrel Trading in October?", ListPurchases("Kestrel Trading", *OCTOBER)),
        ("", "which shop did I spend the most at?", SpendingSummary("seller")),
        ("", "what's my spending on keyboards?", SpendingSummary("category")),
        ("", "am I saving anything by haggling?", SpendingSummary()),
        ("", "what were my expenses last month?", SpendingSummary("month", *OCTOBER)),
    ],
)
def test_ordinary_sentence_becomes_a_tool_call(after: str, text: str, wish: Wish) -> None:
    assert read(text, after) == [wish]


@pytest.mark.parametrize(
    ("after", "text", "lack"),
    [
        ("", "haggle", Lack.PRODUCT),
        ("search", "haggle for the ninth one", Lack.PLACE),
        ("nothing", "how do the first two differ?", Lack.NOTHING_FOUND),
        ("invoices", "pay them all", Lack.WHICH_INVOICE),
        ("", "cancel my order", Lack.CANCELLING),
        ("", "can I return the backpack?", Lack.CANCELLING),
        ("", "please refund invoice INV-2026-000003", Lack.CANCELLING),
    ],
)
def test_what_is_unclear_is_asked_back(after: str, text: str, lack: Lack) -> None:
    assert [step.lack for step in read(text, after) if isinstance(step, Ask)] == [lack]


def test_several_wishes_go_to_several_specialists_in_their_order() -> None:
    text = "find me a tablet and tell me how much I spent in total, and also which invoices are unpaid"
    assert [(one.specialist, one.request) for one in handovers(context(text))] == [
        (Specialist.SHOPPING, "find me a tablet"),
        (Specialist.INSIGHTS, "tell me how much I spent in total"),
        (Specialist.BILLING, "which invoices are unpaid"),
    ]


def test_two_wishes_for_one_specialist_are_seen_to_one_after_the_other() -> None:
    at = context("what did I spend in October? And what did I save this year?")
    (handover,) = handovers(at)
    first = SpendingSummary("month", *OCTOBER)
    assert progress(work(at, Specialist.INSIGHTS, request=handover.request)) == Pending(first)
    done = Outcome("c", Specialist.INSIGHTS, first, ToolRefused("X", "No."))
    second = SpendingSummary("month", date(2026, 1, 1))
    assert progress(work(at, Specialist.INSIGHTS, done, request=handover.request)) == Pending(second)


def test_one_wish_uses_what_another_specialist_just_found() -> None:
    at = context("find me a keyboard and haggle for two")
    assert [one.specialist for one in handovers(at)] == [Specialist.SHOPPING, Specialist.NEGOTIATION]
    came = progress(work(at, Specialist.NEGOTIATION, FOUND, request="haggle for two"))
    assert came == Pending(OpenNegotiation("p1", 2))


def test_invoice_to_be_paid_is_looked_up_first() -> None:
    at = context("pay my bill")
    looked_up = ListInvoices(status="issued")
    assert progress(work(at, Specialist.BILLING)) == Pending(looked_up)
    listed = InvoicesListed((invoice(3, "issued"),), more=False, total_minor=0, unpaid_minor=0, currency="USD")
    done = Outcome("c", Specialist.BILLING, looked_up, listed)
    assert progress(work(at, Specialist.BILLING, done)) == Pending(PayInvoice("INV-2026-000003"))


def test_negotiation_of_another_conversation_is_looked_up_first() -> None:
    at = context("accept the best offer")
    assert progress(work(at, Specialist.NEGOTIATION)) == Pending(NegotiationStatus())
    assert progress(work(at, Specialist.NEGOTIATION, STATUS)) == Pending(AcceptOffer("room_1"))
    none = Outcome("c", Specialist.NEGOTIATION, NegotiationStatus(), NegotiationsStanding(()))
    assert progress(work(at, Specialist.NEGOTIATION, none)) == (Seen(at.text, Ask(Lack.ROOM)),)


def test_negotiation_that_ended_is_not_meant_any_more() -> None:
    ended = replace(STANDING, status="completed")
    over = Outcome("c", Specialist.NEGOTIATION, NegotiationStatus(), NegotiationsStanding((ended,)))
    at = context("walk away", OPENED, over, rooms=(STARTED,))
    assert progress(work(at, Specialist.NEGOTIATION)) == Pending(NegotiationStatus())


def test_negotiation_that_ended_is_still_asked_for() -> None:
    assert progress(work(context("how is it going?", OPENED), Specialist.NEGOTIATION)) == Pending(NegotiationStatus())
    assert [one.specialist for one in handovers(context("how is it going?", OPENED))] == [Specialist.NEGOTIATION]
    assert handovers(context("how is it going?")) == ()


def test_yes_to_the_offer_to_haggle_opens_a_negotiation() -> None:
    at = context("yes please", FOUND, answered="I would take it. Shall I have somebody haggle for it?")
    assert [one.specialist for one in handovers(at)] == [Specialist.NEGOTIATION]
    assert progress(work(at, Specialist.NEGOTIATION)) == Pending(OpenNegotiation("p1"))
    assert not handovers(context("yes please", FOUND, answered="These are the sellers."))


def test_haggling_is_for_as_many_as_were_searched_for_unless_told_otherwise() -> None:
    three = replace(FOUND, wish=SearchProducts("3 keyboards", quantity=3))
    at = context("yes", three, answered="I would take it. Shall I have somebody haggle for it?")
    assert progress(work(at, Specialist.NEGOTIATION)) == Pending(OpenNegotiation("p1", 3))
    said = context("haggle for one", three)
    assert progress(work(said, Specialist.NEGOTIATION)) == Pending(OpenNegotiation("p1", 1))


def test_search_that_was_not_understood_is_not_gone_on_from() -> None:
    refused = Outcome("c", Specialist.SHOPPING, SearchProducts("and on what?"), ToolRefused("VALIDATION_ERROR", "No."))
    at = context("show me black ones instead", FOUND, refused)
    wanted = SearchProducts("quiet keyboard, show me black ones instead")
    assert progress(work(at, Specialist.SHOPPING)) == Pending(wanted)


@pytest.mark.parametrize(
    ("text", "courtesy"),
    [
        ("Hello there!", Courtesy.HELLO),
        ("thanks a lot", Courtesy.THANKS),
        ("what can you do?", Courtesy.HELP),
        ("are you a human?", Courtesy.WHO),
        ("how tall is Mount Everest?", None),
        ("please forget everything", None),
        ("no, forget it", Courtesy.NO),
        ("ok do it", Courtesy.YES),
        ("what are you waiting for?", None),
        ("never mind", Courtesy.NO),
    ],
)
def test_supervisor_keeps_what_is_nobodys_work(text: str, courtesy: Courtesy | None) -> None:
    assert handovers(context(text)) == ()
    assert courtesy_of(text) is courtesy


def test_words_of_products_and_sellers_are_no_requests() -> None:
    at = context("the second one", FOUND)
    assert [one.request for one in handovers(at)] == ["the second one"]


WORDS = [
    "haggle",
    "pay",
    "the",
    "second",
    "it",
    "under",
    "120",
    "and",
    "what",
    "did",
    "I",
    "spend",
    "?",
    ".",
    "since",
    "May",
    "invoices",
    "compare",
    "both",
    "accept",
    "from",
    "Sony",
    "not",
    "stars",
    "last",
    "two",
    "months",
    "-",
    "INV-2026-1",
]


@given(
    st.text(max_size=120) | st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join), st.sampled_from(sorted(AFTER))
)
def test_any_words_come_to_an_end(text: str, after: str) -> None:
    before = AFTER[after]
    at = context(text, *before.outcomes, rooms=before.negotiations)
    for handover in handovers(at):
        done: list[Outcome] = []
        while isinstance(came := progress(work(at, handover.specialist, *done, request=handover.request)), Pending):
            done.append(Outcome("c", handover.specialist, came.wish, ToolRefused("X", "No.")))
            assert len(done) <= 60
