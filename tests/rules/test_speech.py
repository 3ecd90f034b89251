"""The template speech: it reads like one voice, never twice alike, and holds no amount it was not given."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaffer.amounts.reading import amounts_in, numerals_of
from chaffer.conversation.mentions import mentions
from chaffer.money import formatted
from chaffer.negotiation.speech import BuyerOccasion, SellerOccasion, buyer_says, seller_says
from chaffer.negotiation.speech.courteous import COURTEOUS, OPENING_WITHOUT_BID
from chaffer.negotiation.speech.parts import Parts
from chaffer.negotiation.speech.seller import SELLER_PARTS
from chaffer.negotiation.strategies.draws import draw_for
from chaffer.negotiation.terms import SpeakingStyle

LONGEST = 280
PRICELESS = {BuyerOccasion.LEAVING, BuyerOccasion.THANKING}
ITEMS = (
    "Laptop",
    "iPhone 15 Pro",
    "Headphones",
    "The Hobbit",
    "Dr. Bronner's Soap Co.",
    "Webcam @Home",
    "X" * 200,
    "{price}",
)
ALL_PARTS = [
    *(parts for by_occasion in SELLER_PARTS.values() for parts in by_occasion.values()),
    *COURTEOUS.values(),
    OPENING_WITHOUT_BID,
]
NUMBER_WORDS = re.compile(
    r"\b(zero|one|once|two|twice|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|first|second|third|"
    r"half|quarter|double|triple|hundred|thousand|million|grand|k|cents?|penny|pennies|dollars?|bucks?|euros?|percent|"
    r"days|weeks|hours|minutes)\b",
    re.IGNORECASE,
)
PROMISES = re.compile(
    r"\b(free|gift|bonus|warranty|guarantee|deliver\w*|shipping|discount|cost price|my costs?|budget|ceiling|"
    r"competitor)\b",
    re.IGNORECASE,
)


def drawn_from(numbers: Sequence[float]) -> Callable[[], float]:
    """Return a draw that gives these numbers, and then zeros."""
    given_numbers: Iterator[float] = iter(numbers)
    return lambda: next(given_numbers, 0.0)


draws = st.lists(st.floats(0, 1, exclude_max=True), max_size=4).map(drawn_from)
amounts = st.integers(1, 10**11)
maybe_amounts = st.none() | amounts
rounds = st.none() | st.integers(1, 50)


def texts_of(parts: Parts) -> list[str]:
    """Return all parts of an occasion."""
    return [*parts.leads, *parts.bodies, *parts.closers]


def check_text(text: str, item: str, quantity: int, allowed: set[int]) -> None:
    """Check what must hold of anything an agent says, names aside."""
    assert text == text.strip()
    assert "  " not in text
    assert text[0].isupper() or not text[0].isalpha()
    assert text[-1] in ".!?…"
    assert not re.search(r"[.!?:,]{2}|[ (][,.:;!?]|[{}]", text.replace("{price}", "Field").replace("Soap Co.", "Soap"))
    free = numerals_of(item) | {str(quantity)}
    assert {amount.minor for amount in amounts_in(text, free)} <= allowed


def check_seller(style: SpeakingStyle, occasion: SellerOccasion) -> None:
    """Check what sellers of that style say on that occasion, whatever is drawn."""

    @given(draws, st.sampled_from(ITEMS), amounts, amounts, maybe_amounts, st.integers(1, 9999), rounds)
    def check(
        draw: Callable[[], float],
        item: str,
        price: int,
        before: int,
        bid: int | None,
        quantity: int,
        round_: int | None,
    ) -> None:
        text = seller_says(
            style,
            occasion,
            draw,
            item=item,
            price=formatted(price),
            before=formatted(before),
            quantity=quantity,
            bid=None if bid is None else formatted(bid),
            round_=round_,
        )
        check_text(text, item, quantity, {price, before, bid or price})
        assert formatted(price) in text
        assert len(text) < LONGEST
        assert not mentions(text, {}).any

    check()


@pytest.mark.parametrize(("style", "occasion"), list(product(SpeakingStyle, SellerOccasion)))
def test_seller_says_its_price_and_no_amount_it_was_not_given(style: SpeakingStyle, occasion: SellerOccasion) -> None:
    check_seller(style, occasion)


@pytest.mark.parametrize("occasion", BuyerOccasion)
def test_buyer_mentions_exactly_whom_it_addresses_and_no_amount_it_was_not_given(occasion: BuyerOccasion) -> None:
    sellers = {"seller_001": "TechStore", "seller_002": "Gadget Hub", "seller_003": "Bob's Co.", "seller_004": "Tech"}

    @given(
        draws,
        st.sampled_from(ITEMS),
        maybe_amounts,
        st.integers(1, 9999),
        st.lists(st.sampled_from(sorted(sellers)), unique=True),
        rounds,
    )
    def check(
        draw: Callable[[], float], item: str, bid: int | None, quantity: int, to: list[str], round_: int | None
    ) -> None:
        price = None if occasion in PRICELESS else bid if occasion is BuyerOccasion.OPENING else bid or 1
        before, asked = (price + 1, price + 2) if price is not None else (None, None)
        text = buyer_says(
            occasion,
            draw,
            item=item,
            price=None if price is None else formatted(price),
            quantity=quantity,
            names=[sellers[seller_id] for seller_id in to],
            before=None if before is None else formatted(before),
            asked=None if asked is None else formatted(asked),
            round_=round_,
        )
        check_text(
            text.replace("Bob's Co.", "Bob"), item, quantity, {p for p in (price, before, asked) if p is not None}
        )
        assert mentions(text, sellers).ids == tuple(to)
        assert mentions(text, sellers).any == bool(to)
        assert price is None or formatted(price) in text
        assert len(text) < LONGEST

    check()


@pytest.mark.parametrize("occasion", [o for o in BuyerOccasion if o not in PRICELESS | {BuyerOccasion.OPENING}])
def test_bid_without_a_price_is_an_error(occasion: BuyerOccasion) -> None:
    with pytest.raises(ValueError, match="needs a price"):
        buyer_says(occasion, lambda: 0.0, item="Laptop", price=None, quantity=1, names=["TechStore"])


@pytest.mark.parametrize("parts", ALL_PARTS)
def test_parts_hold_no_number_no_promise_and_no_repetition(parts: Parts) -> None:
    for text in texts_of(parts):
        bare = re.sub(r"\{\w+\}", "", text)
        assert not re.search(r"[\d@$€£%]", bare), text
        assert not NUMBER_WORDS.search(bare), text
        assert not PROMISES.search(bare), text
    assert len(set(texts_of(parts))) == len(texts_of(parts))


@pytest.mark.parametrize("parts", ALL_PARTS)
def test_every_occasion_has_hundreds_of_variants(parts: Parts) -> None:
    leading_in = [lead for lead in parts.leads if not lead.endswith((".", "!", "?"))]
    variants = len(leading_in) * len(parts.bodies) * len(parts.closers)
    assert variants >= 900


def test_every_body_of_a_seller_and_of_a_bidder_names_product_and_price() -> None:
    for by_occasion in SELLER_PARTS.values():
        assert set(by_occasion) == set(SellerOccasion)
        assert all("{item}" in body and "{price}" in body for parts in by_occasion.values() for body in parts.bodies)
    assert set(COURTEOUS) == set(BuyerOccasion)
    for occasion, parts in COURTEOUS.items():
        assert all("{item}" in body or "{wanted}" in body for body in parts.bodies)
        assert all(("{price}" in body) == (occasion not in PRICELESS) for body in parts.bodies)
        assert all(lead.count("{names}") == 1 for lead in parts.leads)


@pytest.mark.parametrize("style", SpeakingStyle)
def test_conceding_seller_says_what_moved(style: SpeakingStyle) -> None:
    bodies = SELLER_PARTS[style][SellerOccasion.CONCEDING].bodies
    assert sum("{before}" in body for body in bodies) >= 0.8 * len(bodies)


def market_talk(*, with_prices: bool) -> list[str]:
    """Return what ten sellers, half of each style, say in ten rounds."""
    talk = []
    for seller, round_ in product(range(10), range(1, 11)):
        style = list(SpeakingStyle)[seller % 2]
        occasion = SellerOccasion.OPENING if round_ == 1 else SellerOccasion.CONCEDING
        price, before = 120_000 - 100 * seller - 2_000 * round_, 122_000 - 100 * seller - 2_000 * round_
        talk.append(
            seller_says(
                style,
                SellerOccasion.FINAL if round_ == 10 else occasion,
                draw_for(3, 0, f"seller_{seller:03}", round_, "words"),
                item="Laptop",
                price=formatted(price) if with_prices else "P",
                before=formatted(before) if with_prices else "B",
                quantity=2,
                bid="$800.00",
                round_=round_,
            )
        )
    return talk


def test_ten_sellers_over_ten_rounds_do_not_read_alike() -> None:
    assert len(set(market_talk(with_prices=True))) >= 99
    assert len(set(market_talk(with_prices=False))) >= 90
    beginnings = Counter(" ".join(text.split()[:3]) for text in market_talk(with_prices=False))
    assert beginnings.most_common(1)[0][1] <= 12


def test_nobody_echoes_the_lead_or_the_closer_of_its_last_round() -> None:
    for parts in ALL_PARTS:
        for pool in (parts.leads, parts.closers):
            assert not set(pool[1::2]) & set(pool[0::2])
    for number in range(200):
        texts = [
            seller_says(
                SpeakingStyle.RUDE,
                SellerOccasion.HOLDING,
                draw_for(number, 0, "seller_001", 1, "words"),
                item="Laptop",
                price="P",
                before="P",
                round_=round_,
            )
            for round_ in (1, 2)
        ]
        assert texts[0] != texts[1]


def test_same_draws_give_the_same_words_and_others_give_others() -> None:
    def say(seed: int) -> str:
        draw = draw_for(seed, 0, "buyer", 2, "words")
        return buyer_says(BuyerOccasion.RAISING, draw, item="Laptop", price="$900.00", quantity=1, names=["TechStore"])

    assert [say(seed) for seed in range(100)] == [say(seed) for seed in range(100)]
    assert len({say(seed) for seed in range(100)}) >= 90


def test_texts_are_put_together_as_sentences() -> None:
    last = 1 - 2**-53

    def say(*numbers: float, **more: object) -> str:
        words = {"item": "Laptop", "price": "$900.00", "before": "$950.00"} | more
        return seller_says(SpeakingStyle.RUDE, SellerOccasion.CONCEDING, drawn_from(numbers), **words)  # type: ignore[arg-type]  # The words vary.

    assert (
        say(0.2, 0.0, 0.0, 0.0, 0.0) == "Fine, I'll drop from $950.00 to $900.00 for the Laptop. Take it or leave it."
    )
    assert say(0.2, 0.0, 0.0, last) == "Fine, I'll drop from $950.00 to $900.00 for the Laptop."
    assert (
        say(0.2, last, 0.35)
        == "I can't listen to this any longer. Scratch $950.00, because I'll take $900.00 for the Laptop."
    )
    assert (
        say(0.0, 0.2, 0.0, quantity=2) == "You get 2 × Laptop for $900.00 each, down from $950.00. Take it or leave it."
    )
    assert say(0.0, 0.2, 0.0, item="The Hobbit").startswith("You get The Hobbit for $900.00")
    assert say(0.0, 0.2, 0.0, item="Webcam @Home").startswith("You get the Webcam at Home for $900.00")
