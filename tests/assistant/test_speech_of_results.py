"""The built-in supervisor's words: exact, numbered as people point at them, and no figure that no tool returned."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest

from chaffer.assistant.built_in import BuiltInSupervisor
from chaffer.assistant.chat import Outcome, Report
from chaffer.assistant.events import Line, Role
from chaffer.assistant.figures import figures_not_returned
from chaffer.assistant.questions import RULES, AnswerQuestion, RoutingQuestion, SummaryQuestion
from chaffer.assistant.results import (
    Difference,
    InvoiceShown,
    NegotiationsStanding,
    PreferencesKept,
    ProductsCompared,
    ProductsFound,
    ProductShown,
    PurchaseBrief,
    PurchasesListed,
    Result,
    RoomStanding,
    SellerPrice,
    SpendingRow,
    SpendingSummed,
    ToolRefused,
)
from chaffer.assistant.tools import (
    DECLINED,
    AcceptOffer,
    CompareProducts,
    GetInvoice,
    GetProduct,
    ListPurchases,
    OpenNegotiation,
    PayInvoice,
    RememberPreference,
    SearchProducts,
    Specialist,
    SpendingSummary,
    Wish,
    spec_of,
)
from chaffer.vendors import BUILTIN
from tests.support.chat_results import FOUND, INVOICES, KEYBOARDS, OPENED, STARTED, STATUS, context, invoice, work
from tests.support.model_calls import Remembered

MIND = BuiltInSupervisor()
TURNS = range(6)
OCTOBER = (date(2026, 10, 1), date(2026, 10, 31))


def told(text: str, outcome: Outcome, turn: int = 1) -> str:
    """Return what is said of a result, of which every figure must be the result's."""
    at = context(text, FOUND, OPENED, rooms=(STARTED,), turn=turn)
    voice = Remembered()
    worked = asyncio.run(MIND.work(work(at, outcome.specialist, outcome), voice))
    assert not worked.wishes
    assert figures_not_returned(worked.text, (*at.outcomes, outcome), [text]) == set()
    return worked.text


def of(wish: Wish, result: Result) -> Outcome:
    return Outcome("call", spec_of(wish).specialist, wish, result)


LIKES_SONY = "You like Sony. You spend at most $900.00 on Laptops."
SHOWN = ProductShown(
    KEYBOARDS[1], "", 40, (SellerPrice("Northlight", 9_900, 5), SellerPrice("Pixel Street", 10_100, 0))
)
DEAL = RoomStanding(
    "room_1", "Cherry KC 1000", 2, "completed", 5, "USD", (), "", "Northlight", 1_600, 3_200, 398, "INV-2026-000009"
)
_MICE = PurchaseBrief(
    "Mouse", "Northlight", 3, 6_600, 7_900, 19_800, 3_900, date(2026, 10, 27), "INV-2026-000005", "USD"
)
BOUGHT = PurchasesListed((_MICE,), more=True, total_minor=19_800, saved_minor=3_900, currency="USD")
SPENT = SpendingSummed(
    "seller", *OCTOBER,
    (SpendingRow("Pixel Street", 1, 28_500, 32_900, 4_400), SpendingRow("Northlight", 1, 19_800, 23_700, 3_900)),
    SpendingRow("total", 2, 48_300, 56_600, 8_300), "USD",
)  # fmt: skip


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize(
    ("text", "outcome", "facts"),
    [
        ("a keyboard", FOUND, ["Cherry KC 1000: $17.99, rated 4.5 stars", "quiet and membrane", "2. Logitech MX"]),
        ("who sells the second one?", of(GetProduct("p2"), SHOWN), ["Logitech MX Keys", "Northlight for $99.00"]),
        (
            "compare the first two",
            of(
                CompareProducts(("p1", "p2")),
                ProductsCompared(KEYBOARDS[:2], (Difference("layout", ("full size", "")),)),
            ),
            ["1. Cherry KC 1000: $17.99", "layout full size", "2. Logitech MX Keys: $99.00"],
        ),
        (
            "remember that I like Sony",
            of(RememberPreference(("Sony",)), PreferencesKept(("Sony",), (), 90_000, "Laptops", None, LIKES_SONY)),
            [LIKES_SONY],
        ),
        (
            "What do you know about me?",
            of(RememberPreference(), PreferencesKept(("Sony",), (), 90_000, "Laptops", None, LIKES_SONY)),
            ["I know", LIKES_SONY, "To change it"],
        ),
        (
            "which is the cheapest?",
            of(
                CompareProducts(("p1", "p2"), "which is the cheapest?"),
                ProductsCompared(KEYBOARDS[:2], (), "The cheapest of them is the Cherry KC 1000: $17.99.", "p1"),
            ),
            ["The cheapest of them is the Cherry KC 1000: $17.99."],
        ),
        (
            "compare 1, 2 and 7",
            of(CompareProducts(("p1", "p2")), ProductsCompared(KEYBOARDS[:2], ())),
            ["There is no such place in the list", "1. Cherry KC 1000: $17.99"],
        ),
        ("haggle for two", of(OpenNegotiation("p1", 2), STARTED), ["2 pieces", "Cherry KC 1000", "$35.98"]),
        ("how is it going?", STATUS, ["Pixel Street at $16.00 a piece", "ound 3", "accept"]),
        (
            "accept the best offer",
            of(AcceptOffer("room_1"), NegotiationsStanding((DEAL,))),
            ["Northlight", "$32.00", "$3.98", "INV-2026-000009"],
        ),
        ("what invoices do I have?", INVOICES, ["1. INV-2026-000008 of 8 November 2026", "unpaid", "$100.00"]),
        (
            "pay INV-2026-000003",
            of(PayInvoice("INV-2026-000003"), InvoiceShown(invoice(3, "paid"), 2_500, 5_000, 0, 0, changed=True)),
            ["INV-2026-000003", "recorded as paid"],
        ),
        (
            "show INV-2026-000003",
            of(
                GetInvoice("INV-2026-000003"),
                InvoiceShown(invoice(3, "cancelled"), 2_500, 4_200, 800, 0, None, date(2026, 11, 5), "CN-2026-000001"),
            ),
            ["cancelled", "$8.00 of tax", "CN-2026-000001"],
        ),
        (
            "what did I buy in October?",
            of(ListPurchases(None, *OCTOBER), BOUGHT),
            ["in October 2026", "$66.00 a piece, $198.00", "$39.00"],
        ),
        (
            "how much did I save by seller in October?",
            of(SpendingSummary("seller", *OCTOBER), SPENT),
            ["$83.00", "$483.00", "- Pixel Street: $285.00"],
        ),
    ],
)  # fmt: skip
def test_result_is_told_with_its_facts(text: str, outcome: Outcome, facts: list[str], turn: int) -> None:
    said = told(text, outcome, turn)
    assert [fact for fact in facts if fact not in said] == []


def test_nothing_found_is_told_with_what_could_be_given_up() -> None:
    nothing = ProductsFound((), 0, ("I took 120 for dollars.",), ("the price (4)",))
    said = told("a keyboard under 120", of(SearchProducts("a keyboard under 120"), nothing))
    assert "I took 120 for dollars." in said
    assert "the price (4)" in said


def test_refusal_is_told_plainly_and_a_declined_call_without_reproach() -> None:
    refused = of(PayInvoice("INV-2026-000003"), ToolRefused("CONFLICT", "Invoice INV-2026-000003 is paid already."))
    assert "Invoice INV-2026-000003 is paid already." in told("pay INV-2026-000003", refused)
    declined = of(PayInvoice("INV-2026-000003"), ToolRefused(DECLINED, "The person did not allow it."))
    assert "nothing was done" in told("pay INV-2026-000003", declined).lower()


def test_what_is_not_there_is_told_to_people_and_not_to_programs() -> None:
    lost = ToolRefused("INVOICE_NOT_FOUND", "There is no invoice 'INV-2026-000009'. GET /api/v1/invoices lists them.")
    said = told("pay INV-2026-000009", of(PayInvoice("INV-2026-000009"), lost))
    assert "could not find that invoice" in said
    assert "GET" not in said


def test_words_that_name_nothing_are_not_understood() -> None:
    nothing = ToolRefused("VALIDATION_ERROR", "These words name nothing to look for.")
    for turn in TURNS:
        said = told("and on what?", of(SearchProducts("and on what?"), nothing), turn)
        assert "spending" in said, "it tells what else could be asked"


def test_wordings_change_with_the_turn_and_not_with_the_moment() -> None:
    said = {told("a keyboard", FOUND, turn) for turn in TURNS}
    assert len(said) > 2
    assert told("a keyboard", FOUND, 3) == told("a keyboard", FOUND, 3)


def test_specialist_of_several_reports_without_a_word_to_the_person() -> None:
    at, voice = context("a keyboard"), Remembered()
    worked = asyncio.run(MIND.work(work(at, Specialist.SHOPPING, FOUND, alone=False), voice))
    assert worked.text
    assert not voice.deltas


def test_answer_for_several_holds_what_each_reported() -> None:
    reports = (Report(Specialist.SHOPPING, "Take the Cherry."), Report(Specialist.BILLING, "Nothing is unpaid."))
    voice = Remembered()
    spoken = asyncio.run(MIND.answer(AnswerQuestion(context("both"), reports, ()), voice))
    assert spoken.text == "Take the Cherry.\n\nNothing is unpaid."
    assert (spoken.making.provider, spoken.making.model) == (BUILTIN, RULES)


def test_supervisor_says_what_it_cannot_do_and_what_it_can() -> None:
    at = context("write me a poem")
    assert asyncio.run(MIND.route(RoutingQuestion(at))).handovers == ()
    said = asyncio.run(MIND.answer(AnswerQuestion(at, (), ()), Remembered())).text
    assert "cannot" in said or "beyond me" in said
    assert "invoices" in said


def test_summary_keeps_what_the_person_wanted_within_bounds() -> None:
    lines = tuple(Line(role, f"{role} said {number} " + "x" * 300) for number in range(99) for role in Role)
    summary = asyncio.run(MIND.summarise(SummaryQuestion(context(""), lines))).text
    assert len(summary) <= 2_100
    assert "user said 98" in summary
    assert "assistant said" not in summary
    assert asyncio.run(MIND.summarise(SummaryQuestion(context(""), ()))).text
