"""The assistant's tools over the real features: what each sees, does once, and never tells."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from msgspec import json

from chaffer.assistant.results import (
    InvoiceShown,
    InvoicesListed,
    NegotiationsStanding,
    NegotiationStarted,
    PreferencesKept,
    ProductsCompared,
    ProductsFound,
    ProductShown,
    PurchasesListed,
    SpendingSummed,
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
    SpendingSummary,
    WalkAway,
    Wish,
)
from chaffer.errors import Code
from chaffer.shopping.catalogue.products import Offer
from chaffer.toolbox.negotiation_tools import MOST_UNDER_WAY
from tests.support.books import bought
from tests.support.tools import SLOW, Toolbox, errand, refused, shop

PRIVATE: Final = ("71.31", "7131", "80.17", "8017", "72.37", "7237", "81.29", "8129")


def test_a_search_reads_words_as_a_shopper_s_and_limits_override_them(tmp_path: Path) -> None:
    async def case(tools: Toolbox) -> None:
        found: ProductsFound = await tools.do(SearchProducts("a quiet keyboard under $120"))
        assert [product.product_id for product in found.products] == ["quiet-k2"]
        assert found.products[0].value_score is not None
        assert found.products[0].price_minor == 119_00
        nothing: ProductsFound = await tools.do(SearchProducts("a quiet keyboard under $120", max_price_minor=50_00))
        assert nothing.products == ()
        assert nothing.relaxations
        many: ProductsFound = await tools.do(
            SearchProducts("keyboard", category="keyboards", brand="KEYLINE", quantity=4)
        )
        assert {product.product_id for product in many.products} == {"quiet-k2", "loud-k1"}

    shop(tmp_path, case)


def test_what_the_shop_does_not_have_is_not_found_by_another_word_of_it(tmp_path: Path) -> None:
    """A desk lamp is no keyboard for every desk, and a quiet lamp no quiet keyboard."""

    async def case(tools: Toolbox) -> None:
        await tools.furnish(description="For every desk.")
        lamp: ProductsFound = await tools.do(SearchProducts("I need a desk lamp"))
        assert (lamp.products, lamp.relaxations) == ((), ()), "there is no other wish to go by"
        quiet: ProductsFound = await tools.do(SearchProducts("a quiet lamp"))
        assert (quiet.products, quiet.relaxations) == ((), ()), "who wants a lamp wants no other quiet thing"
        assert (await tools.do(SearchProducts("a keyboard with a lamp"))).total == 2

    shop(tmp_path, case)


def test_words_that_name_nothing_find_nothing(tmp_path: Path) -> None:
    async def case(tools: Toolbox) -> None:
        assert (await tools.refuses(SearchProducts("and what about that?"))).code is Code.VALIDATION_ERROR
        await tools.do(RememberPreference(dislike_brands=("Logitech",), max_budget_minor=200_00, min_rating=4))
        assert (await tools.refuses(SearchProducts("and what about that?"), "again")).code is Code.VALIDATION_ERROR
        assert (await tools.do(SearchProducts("anything", category="keyboards"))).products
        assert (await tools.do(SearchProducts("anything", max_price_minor=130_00))).products

    shop(tmp_path, case)


def test_products_are_shown_and_compared_by_what_differs(tmp_path: Path) -> None:
    async def case(tools: Toolbox) -> None:
        shown: ProductShown = await tools.do(GetProduct("quiet-k2"))
        assert [(one.seller, one.price_minor, one.pieces) for one in shown.sellers] == [
            ("Bargain Barn", 119_00, 25),
            ("Pixel Street", 124_00, 3),
        ]
        compared: ProductsCompared = await tools.do(CompareProducts(("quiet-k2", "loud-k1")))
        assert [(one.name, one.values) for one in compared.differences] == [("noise", ("quiet", "loud"))]
        assert (compared.answer, compared.chosen_id) == ("", None)
        equal: ProductsCompared = await tools.do(CompareProducts(("quiet-k2", "loud-k1"), "which is the cheapest?"))
        told = "The cheapest of them are the Quiet K2 and the Loud K1: $119.00."
        assert (equal.answer, equal.chosen_id) == (told, None)
        assert (await tools.refuses(GetProduct("none"))).code is Code.PRODUCT_NOT_FOUND

    shop(tmp_path, case)


def test_preferences_are_kept_for_their_owner_and_used_by_the_search(tmp_path: Path) -> None:
    async def case(tools: Toolbox) -> None:
        wish = RememberPreference(dislike_brands=("KEYLINE",), max_budget_minor=90_00, budget_category="keyboards")
        kept: PreferencesKept = await tools.do(wish)
        assert (kept.disliked_brands, kept.budget_category) == (("Keyline",), "Keyboards")
        assert "You do not want Keyline." in kept.told
        assert await tools.do(wish) == kept
        others: PreferencesKept = await tools.do(RememberPreference(), owner="bob")
        assert others.disliked_brands == ()

    shop(tmp_path, case)


def test_a_buyer_is_sent_once_however_the_shop_looks_when_the_call_is_made_again(tmp_path: Path) -> None:
    """Brief of the tools: exactly once per call over a crash, also when it could not be opened any more."""

    async def case(tools: Toolbox) -> None:
        first = await tools.opened()
        await tools.furnish(offers=(Offer("Bargain Barn", 300_00, 0), Offer("Pixel Street", 310_00, 0)))
        assert await tools.opened() == first
        assert (await tools.refuses(OpenNegotiation("quiet-k2"), "other")).code is Code.INSUFFICIENT_INVENTORY
        page, _ = await tools.at.chaffer.market.list_sessions(owner="ann", limit=10, after=None)
        assert [head.conversation_id for head in page.heads] == [first.market_session_id]
        assert page.heads[0].parent_id == "chat"

    shop(tmp_path, case)


def test_no_more_than_ten_haggle_for_a_conversation_and_the_eleventh_is_told_why(tmp_path: Path) -> None:
    async def case(tools: Toolbox) -> None:
        wish = OpenNegotiation("quiet-k2", 1, 130_00)
        last = await tools.do(wish, "last", going_on=MOST_UNDER_WAY - 1)
        assert (await tools.refuses(wish, "more", going_on=MOST_UNDER_WAY)).code is Code.CONFLICT
        asked = await refused(tools.tools.announced(errand("more", going_on=MOST_UNDER_WAY), wish))
        assert asked.code is Code.CONFLICT
        again = await tools.do(wish, "last", going_on=MOST_UNDER_WAY)
        assert again == last, "one that was opened before is told all the same"

    shop(tmp_path, case)


def test_what_is_asked_leaves_nothing_open(tmp_path: Path) -> None:
    async def case(tools: Toolbox) -> None:
        asked = await tools.tools.announced(errand(), OpenNegotiation("quiet-k2", 2))
        assert asked.text == (
            "Send a buyer to haggle for 2 × Quiet K2 with 2 sellers, for at most $238.00 in all "
            "(the list price is $119.00 each)? It buys when it gets a good deal."
        )
        assert asked.wish == OpenNegotiation("quiet-k2", 2, 238_00)
        await tools.do(RememberPreference(max_budget_minor=100_00))
        usual = await tools.tools.announced(errand(), OpenNegotiation("quiet-k2", 2))
        assert usual.wish == OpenNegotiation("quiet-k2", 2, 200_00)
        three = await tools.tools.announced(errand(), OpenNegotiation("quiet-k2", 4, 400_00))
        assert "with 1 seller, for at most $400.00" in three.text
        for wish, code in (
            (OpenNegotiation("none"), Code.PRODUCT_NOT_FOUND),
            (OpenNegotiation("quiet-k2", 26), Code.INSUFFICIENT_INVENTORY),
        ):
            assert (await refused(tools.tools.announced(errand(), wish))).code is code

    shop(tmp_path, case)


def test_an_offer_is_accepted_at_the_price_that_was_asked_and_at_no_other(tmp_path: Path) -> None:
    async def case(tools: Toolbox) -> None:
        room_id = (await tools.opened()).room_id
        best = (await tools.room(room_id, is_over=False)).offers[0]
        asked = await tools.tools.announced(errand(), AcceptOffer(room_id))
        assert asked.wish == AcceptOffer(room_id, best.seller, best.price_minor)
        assert best.seller in asked.text
        other = AcceptOffer(room_id, best.seller, best.price_minor - 1)
        assert (await tools.refuses(other)).code is Code.CONFLICT
        assert (await tools.refuses(AcceptOffer(room_id, "Nobody"))).code is Code.CONFLICT
        (room,) = (await tools.do(asked.wish)).rooms
        assert (room.status, room.seller, room.price_minor) == ("completed", best.seller, best.price_minor)
        shown: InvoiceShown = await tools.do(GetInvoice(room.invoice))
        assert (room.saved_minor, room.total_minor) == (shown.saved_minor, shown.invoice.total_minor)
        assert (await tools.do(asked.wish)).rooms == (room,), "called again after a crash, it is told again"
        assert (await tools.refuses(other)).code is Code.CONFLICT
        assert (await tools.refuses(AcceptOffer(room_id, "Pixel Street", 1))).code is Code.CONFLICT
        listed: InvoicesListed = await tools.do(ListInvoices())
        assert len(listed.invoices) == 1

    shop(tmp_path, case, **SLOW)


def test_an_offer_above_the_budget_is_not_even_asked_for(tmp_path: Path) -> None:
    async def case(tools: Toolbox) -> None:
        room_id = (await tools.opened(budget=60_00)).room_id
        await tools.room(room_id, is_over=False)
        asking = tools.tools.announced(errand(), AcceptOffer(room_id))
        assert (await refused(asking)).code is Code.BUDGET_CONSTRAINT_VIOLATION

    shop(tmp_path, case, **SLOW)


def test_who_walks_away_buys_nothing_and_may_do_so_twice(tmp_path: Path) -> None:
    async def case(tools: Toolbox) -> None:
        room_id = (await tools.opened()).room_id
        (left,) = (await tools.do(WalkAway(room_id))).rooms
        assert (left.status, left.invoice, left.offers) == ("cancelled", None, ())
        assert (await tools.do(WalkAway(room_id))).rooms == (left,)
        assert (await tools.do(NegotiationStatus())).rooms == (left,)
        assert (await tools.refuses(AcceptOffer(room_id))).code is Code.CONFLICT

    shop(tmp_path, case, **SLOW)


def test_a_negotiation_that_goes_on_is_told_however_many_came_behind_it(tmp_path: Path) -> None:
    async def case(tools: Toolbox) -> None:
        budget = OpenNegotiation("quiet-k2", 1, 130_00)
        first: NegotiationStarted = await tools.do(budget, "first", conversation_id="earlier")
        for number in range(21):
            ended: NegotiationStarted = await tools.do(budget, f"open_{number}", conversation_id="other")
            await tools.do(WalkAway(ended.room_id))
        told: NegotiationsStanding = await tools.do(NegotiationStatus())
        assert [room.room_id for room in told.rooms] == [first.room_id]

    shop(tmp_path, case, **SLOW)


def test_the_private_numbers_of_sellers_come_into_no_result_and_no_question(tmp_path: Path) -> None:
    """Brief of the tools: on ordered rooms the buyer's side alone is told."""

    async def case(tools: Toolbox) -> None:
        room_id = (await tools.opened()).room_id
        told: list[Any] = [await tools.room(room_id, is_over=False)]
        told += [(await tools.tools.announced(errand(), AcceptOffer(room_id))).text]
        told += [(await tools.tools.announced(errand(), OpenNegotiation("quiet-k2"))).text]
        told += [await tools.room(room_id)]
        wishes: tuple[Wish, ...] = (
            SearchProducts("keyboard"),
            GetProduct("quiet-k2"),
            CompareProducts(("quiet-k2", "loud-k1")),
            RememberPreference(),
            OpenNegotiation("quiet-k2"),
            NegotiationStatus(),
            NegotiationStatus(room_id),
            ListInvoices(),
            ListPurchases(),
            SpendingSummary(),
        )
        told += [await tools.do(wish, f"call_{place}") for place, wish in enumerate(wishes)]
        told += [await tools.do(WalkAway(room_id))]
        told += [(await tools.refuses(AcceptOffer(room_id, None, 1))).message]
        text = json.encode(told).decode()
        assert "119" in text or "11900" in text
        # Not within an id, which has any digits.
        assert [number for number in PRIVATE if re.search(rf"(?<![\w-]){re.escape(number)}(?![\w-])", text)] == []

    shop(tmp_path, case, builtin_chars_per_second=200)


def test_what_is_another_s_is_not_there_in_the_same_words(tmp_path: Path) -> None:
    """Issue 6: every tool checks the owner itself."""

    async def case(tools: Toolbox) -> None:
        room_id = (await tools.opened()).room_id
        await tools.room(room_id, is_over=False)
        invoice_id = await bought(tools.at, owner="ann")
        number = (await tools.do(GetInvoice(invoice_id))).invoice.number
        for known, unknown, made in (
            (room_id, "room_none", NegotiationStatus),
            (room_id, "room_none", AcceptOffer),
            (room_id, "room_none", WalkAway),
            (invoice_id, "none", GetInvoice),
            (number, "INV-2020-000001", GetInvoice),
            (number, "INV-2020-000001", PayInvoice),
        ):
            foreign = await tools.refuses(made(known), owner="bob")
            missing = await tools.refuses(made(unknown), owner="bob")
            assert foreign.code is missing.code
            assert foreign.message.replace(known, "X") == missing.message.replace(unknown, "X")
        for wish in (AcceptOffer(room_id), PayInvoice(number)):
            assert "not_found" in (await refused(tools.tools.announced(errand(owner="bob"), wish))).code.lower()
        assert (await tools.do(NegotiationStatus(), owner="bob")).rooms == ()
        assert (await tools.do(NegotiationStatus(), owner="bob", conversation_id="chat")).rooms == ()
        for empty in (ListInvoices(), ListPurchases(), SpendingSummary()):
            assert "INV-" not in json.encode(await tools.do(empty, owner="bob")).decode()
        assert (await tools.do(GetInvoice(number))).invoice.status == "issued", "nobody paid it"

    shop(tmp_path, case, **SLOW)


def test_an_invoice_is_paid_once_and_the_call_that_paid_it_knows(tmp_path: Path) -> None:
    async def case(tools: Toolbox) -> None:
        invoice_id = await bought(tools.at, owner="ann")
        asked = await tools.tools.announced(errand(), PayInvoice(invoice_id))
        number = (await tools.do(GetInvoice(invoice_id))).invoice.number
        assert asked.wish == PayInvoice(number)
        assert number in asked.text
        paid: InvoiceShown = await tools.do(asked.wish, "pay")
        assert (paid.invoice.status, paid.changed) == ("paid", True)
        assert await tools.do(asked.wish, "pay") == paid
        assert (await tools.refuses(asked.wish, "other")).code is Code.CONFLICT
        assert (await refused(tools.tools.announced(errand(), asked.wish))).code is Code.CONFLICT

    shop(tmp_path, case)


def test_days_are_whole_days_and_sellers_are_known_by_any_spelling(tmp_path: Path) -> None:
    async def case(tools: Toolbox) -> None:
        times = [datetime(2026, 3, day, hour, tzinfo=UTC) for day, hour in ((1, 0), (31, 23), (31, 12))]
        ids = [await bought(tools.at, owner="ann", on=on, seller_name="Bargain Barn") for on in times]
        await bought(tools.at, owner="ann", on=datetime(2026, 4, 1, tzinfo=UTC), seller_name="Pixel Street")
        march: Any = {"since": date(2026, 3, 1), "until": date(2026, 3, 31)}
        listed: InvoicesListed = await tools.do(ListInvoices(**march, seller="bargain barn"))
        assert {one.invoice_id for one in listed.invoices} == set(ids)
        purchases: PurchasesListed = await tools.do(ListPurchases(**march))
        assert {one.invoice for one in purchases.purchases} == {one.number for one in listed.invoices}
        assert purchases.total_minor == listed.total_minor == listed.unpaid_minor
        summed: SpendingSummed = await tools.do(SpendingSummary(**march))
        assert [(row.name, row.purchases, row.spent_minor) for row in summed.rows] == [
            ("2026-03", 3, purchases.total_minor)
        ]
        assert summed.total.saved_minor == purchases.saved_minor
        first: InvoicesListed = await tools.do(ListInvoices(limit=1))
        assert (len(first.invoices), first.more) == (1, True)
        await tools.at.chaffer.books.cancel(ids[0], "Came broken.")
        left: InvoicesListed = await tools.do(ListInvoices(**march))
        assert left.total_minor == sum(one.total_minor for one in left.invoices if one.status == "issued")
        assert (await tools.do(SpendingSummary(**march))).total.purchases == 2
        assert (await tools.do(SpendingSummary(until=date.max))).total.purchases == 3

    shop(tmp_path, case)


def test_every_result_is_of_its_tool_and_survives_as_json(tmp_path: Path) -> None:
    async def case(tools: Toolbox) -> None:
        await bought(tools.at, owner="ann")
        for wish in (SearchProducts("keyboard"), GetProduct("quiet-k2"), ListInvoices(), SpendingSummary()):
            result = await tools.do(wish)
            assert json.decode(json.encode(result), type=type(result)) == result
        standing: NegotiationsStanding = await tools.do(NegotiationStatus())
        assert standing.rooms == ()

    shop(tmp_path, case)
