"""A catalogue searched by meaning too: what words do not find is found, inside the same hard constraints."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from chaffer.errors import ChafferError, Code
from chaffer.llm.caps import Limits as DayLimits
from chaffer.llm.embeddings import BATCH, Embeddings, EmbeddingsConfig
from chaffer.llm.fused_catalogue import HEAD, FusedCatalogue
from chaffer.llm.product_meanings import REST_SECONDS, Meanings, embedded
from chaffer.llm.provider import Timeouts
from chaffer.llm.retry import Patience
from chaffer.shopping.catalogue.products import Limits, Offer, Product, Stocked
from chaffer.shopping.catalogue.searching import Constraints, Need, PageWish, Sort
from chaffer.storage.memory import MemoryStore
from tests.support.capped_calls import DAY, Desk
from tests.support.loopback import Loopback, Reply, Request, answering
from tests.support.meanings import vectors_for
from tests.support.model_markets import opened

TOLD = 400


class Clock:
    """Seconds that the test moves on."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class Shop:
    """A catalogue in memory with its meanings, at an endpoint that a test may take away."""

    def __init__(self, there: Loopback, day: DayLimits) -> None:
        self.desk = Desk(day)
        self.store = self.desk.books
        self.plain = self.store.products
        self.endpoint = Embeddings(
            EmbeddingsConfig(there.url, "tiny", timeouts=Timeouts(2, 2, 2, 2), patience=Patience(0, 0)), self.desk.caps
        )
        self.clock = Clock()
        self.fused = FusedCatalogue(self.plain, Meanings(self.store.vectors, self.endpoint, self.clock))
        self.there = there

    async def stock(self, *products: Stocked) -> None:
        """Put products, and embed them."""
        await self.fused.put(products)
        async for _ in embedded(self.fused, self.store.vectors, self.endpoint):
            pass

    async def found(self, text: str, **wanted: Any) -> list[str]:
        """Return what a search finds."""
        page = await self.fused.search(Constraints(text=text, **wanted))
        return [product.product_id for product in page.products]


def product(product_id: str, name: str, description: str = "", price_minor: int = 10_000, **changes: Any) -> Stocked:
    given: dict[str, Any] = {"brand": "No brand", "category": "Other", "attributes": {}, **changes}
    made = Product(
        product_id=product_id,
        name=name,
        description=description,
        currency="USD",
        offers=(Offer("Shop", price_minor, 5),),
        **given,
    )
    return Stocked(made, {"Shop": Limits(price_minor // 2, price_minor * 3 // 4)})


LAMP = product("lamp", "Bulb", "for darkness")
OWL = product("owl", "Owl", "bird of darkness", 50_000)
CHAIR = product("chair", "Chair", "to sit")


def played(
    case: Callable[[Shop], Awaitable[None]],
    answer: Callable[[Request], Reply] = vectors_for,
    limits: DayLimits = DayLimits(),  # noqa: B008  Frozen.
) -> None:
    """Run a case in a shop."""

    async def run() -> None:
        async with answering(answer) as there, asyncio.timeout(30):
            shop = Shop(there, limits)
            try:
                await case(shop)
            finally:
                await shop.endpoint.aclose()

    asyncio.run(run())


def test_what_no_word_finds_is_found_by_its_meaning() -> None:
    async def case(shop: Shop) -> None:
        await shop.stock(CHAIR, LAMP, OWL)
        assert (await shop.plain.search(Constraints(text="sleep"))).products == ()
        assert set((await shop.found("sleep"))[:2]) == {"lamp", "owl"}

    played(case)


def test_a_product_that_both_find_stands_before_those_that_one_finds() -> None:
    async def case(shop: Shop) -> None:
        await shop.stock(CHAIR, OWL, LAMP)
        words = (await shop.plain.search(Constraints(text="bulb darkness"))).products
        assert [each.product_id for each in words] == ["lamp"]
        assert (await shop.found("bulb darkness"))[0] == "lamp"
        assert "owl" in await shop.found("bulb darkness")

    played(case)


@pytest.mark.parametrize(
    "wanted",
    [
        {"max_price_minor": 20_000},
        {"category": "Lights"},
        {"brands": ("Philips",)},
        {"not_brands": ("Sony",)},
        {"needs": (Need("dimmable"),)},
        {"quantity": 4},
    ],
)
def test_meaning_finds_nothing_outside_the_hard_constraints(wanted: dict[str, Any]) -> None:
    fitting = product("fits", "Bulb", "darkness", brand="Philips", category="Lights", attributes={"dimmable": "yes"})
    others = (
        product("dear", "Bulb", "darkness", 90_000, brand="Philips"),
        product("else", "Bulb", "darkness", 30_000, brand="Sony"),
        product("bare", "Bulb", "darkness", 30_000, attributes={"dimmable": "no"}, brand="Sony"),
    )

    async def case(shop: Shop) -> None:
        await shop.stock(*others, fitting)
        found = await shop.found("sleep", **wanted)
        allowed = {each.product_id for each in (await shop.plain.search(Constraints(**wanted), PageWish(100))).products}
        assert "fits" in found
        assert set(found) <= allowed

    played(case)


@pytest.mark.parametrize("wanted", [{"sort": Sort.CHEAPEST}, {"sort": Sort.BEST_RATED}])
def test_another_order_and_no_text_ask_for_no_meaning(wanted: dict[str, Any]) -> None:
    async def case(shop: Shop) -> None:
        await shop.stock(CHAIR, LAMP, OWL)
        before = len(shop.there.asked)
        for constraints in (Constraints(text="darkness", **wanted), Constraints(text=" ")):
            assert await shop.fused.search(constraints) == await shop.plain.search(constraints)
        assert len(shop.there.asked) == before

    played(case)


def test_pages_show_each_product_once_and_none_is_left_out() -> None:
    count = HEAD + 50

    async def case(shop: Shop) -> None:
        numbered = [product(f"p{n:03}", "Bulb", f"darkness {'night' if n % 7 else 'light'}") for n in range(count)]
        await shop.stock(*numbered, *(product(f"n{n}", "Owl", "sleep") for n in range(5)))
        seen: list[str] = []
        after: str | None = None
        while True:
            page = await shop.fused.search(Constraints(text="darkness"), PageWish(17, after))
            seen += [each.product_id for each in page.products]
            assert page.total >= count
            after = page.next_after
            if after is None:
                break
        assert len(seen) == len(set(seen))
        assert {f"p{n:03}" for n in range(count)} <= set(seen)

    played(case)


def test_pages_go_on_by_words_when_the_endpoint_goes_away_between_them() -> None:
    down = [False]

    async def case(shop: Shop) -> None:
        await shop.stock(*(product(f"p{n:03}", "Bulb", "darkness") for n in range(HEAD + 20)))
        first = await shop.fused.search(Constraints(text="darkness"), PageWish(10))
        again = FusedCatalogue(shop.plain, Meanings(shop.store.vectors, shop.endpoint, shop.clock))
        down[0] = True
        after, seen = first.next_after, [each.product_id for each in first.products]
        while after is not None:
            page = await again.search(Constraints(text="darkness"), PageWish(10, after))
            seen += [each.product_id for each in page.products]
            after = page.next_after
        assert len(set(seen)) >= HEAD

    played(case, lambda request: Reply(b"{}", 503) if down[0] else vectors_for(request))


@pytest.mark.parametrize("cursor", ["head:", "head:-1", "head:x", "head:99999", "behind:", "behind:nonsense", "x"])
def test_a_cursor_of_nobody_is_refused(cursor: str) -> None:
    async def case(shop: Shop) -> None:
        await shop.stock(CHAIR, LAMP)
        with pytest.raises(ChafferError) as refused:
            await shop.fused.search(Constraints(text="sleep"), PageWish(after=cursor))
        assert refused.value.code is Code.VALIDATION_ERROR

    played(case)


def test_while_the_endpoint_is_away_words_alone_find_and_that_is_said_once() -> None:
    down = [False]

    def answer(request: Request) -> Reply:
        return Reply(b"{}", 503) if down[0] else vectors_for(request)

    async def case(shop: Shop) -> None:
        await shop.stock(CHAIR, LAMP, OWL)
        down[0] = True
        with structlog.testing.capture_logs() as logs:
            for text in ("darkness one", "darkness two"):
                constraints = Constraints(text=text)
                assert await shop.fused.search(constraints) == await shop.plain.search(constraints)
            asked = len(shop.there.asked)
            shop.clock.now += REST_SECONDS
            await shop.found("darkness three")
            assert len(shop.there.asked) == asked + 1, "asked again after its rest, and not before"
        assert [line["event"] for line in logs] == ["embeddings.away"]
        down[0] = False
        shop.clock.now += REST_SECONDS
        assert "owl" in await shop.found("sleep")

    played(case, answer)


def test_at_the_cap_of_a_day_words_alone_find_and_nothing_is_sent() -> None:
    async def case(shop: Shop) -> None:
        await shop.stock(CHAIR, LAMP, OWL)
        assert (await shop.desk.stored(DAY)).tokens == TOLD
        constraints = Constraints(text="darkness")
        assert await shop.fused.search(constraints) == await shop.plain.search(constraints)
        assert len(shop.there.asked) == 1

    def answer(request: Request) -> Reply:
        return Reply(json.dumps({**json.loads(vectors_for(request).body), "usage": {"prompt_tokens": TOLD}}).encode())

    played(case, answer, DayLimits(day_tokens=TOLD))


def test_what_is_asked_again_is_not_embedded_again() -> None:
    async def case(shop: Shop) -> None:
        await shop.stock(CHAIR, LAMP, OWL)
        await shop.found("sleep")
        asked = len(shop.there.asked)
        await shop.found("sleep", max_price_minor=20_000)
        assert len(shop.there.asked) == asked

    played(case)


def test_only_what_is_new_or_changed_is_embedded_and_a_break_is_gone_on_from() -> None:
    async def progress(shop: Shop) -> Iterator[tuple[int, int]]:
        return iter(
            [(each.seen, each.embedded) async for each in embedded(shop.plain, shop.store.vectors, shop.endpoint)]
        )

    async def case(shop: Shop) -> None:
        many = [product(f"p{n:03}", "Bulb", f"number {n}") for n in range(BATCH + 3)]
        await shop.plain.put(many)
        interrupted = embedded(shop.plain, shop.store.vectors, shop.endpoint)
        first = await anext(interrupted)
        await interrupted.aclose()
        assert (first.seen, first.embedded) == (BATCH, BATCH)
        assert list(await progress(shop))[-1] == (BATCH + 3, 3)
        await shop.plain.put([product("p001", "Bulb", "darkness"), product("p002", "Bulb", "number 2", 77)])
        assert list(await progress(shop))[-1] == (BATCH + 3, 1), "a price is no part of the meaning"

    played(case)


def test_an_empty_catalogue_asks_nobody() -> None:
    async def case(shop: Shop) -> None:
        await shop.stock()
        assert await shop.found("sleep") == []
        assert shop.there.asked == []

    played(case)


def test_no_private_number_is_sent_to_the_endpoint() -> None:
    async def case(shop: Shop) -> None:
        await shop.stock(product("a", "Bulb", price_minor=1_311_700))
        sent = b"".join(request.body for request in shop.there.asked)
        assert b"Bulb" in sent
        assert b"6558" not in sent
        assert b"9837" not in sent

    played(case)


def test_the_program_searches_by_meaning_where_an_endpoint_is_set(tmp_path: Path) -> None:
    async def case() -> None:
        async with answering(vectors_for) as there:
            given: dict[str, Any] = {"embeddings_base_url": f"{there.url}/v1", "embeddings_model": "tiny"}
            async with opened("http://127.0.0.1:9/v1", tmp_path, **given) as chaffer, asyncio.timeout(20):
                assert chaffer.embeddings is not None
                await chaffer.products.put([CHAIR, OWL])
                store = chaffer.journal
                assert isinstance(store, MemoryStore)
                async for _ in embedded(chaffer.products, store.vectors, chaffer.embeddings):
                    pass
                found = await chaffer.products.search(Constraints(text="sleep"))
                assert found.products[0].product_id == "owl"
                await chaffer.embeddings.aclose()

    asyncio.run(case())


def test_without_an_endpoint_nothing_is_searched_by_meaning(tmp_path: Path) -> None:
    async def case() -> None:
        async with opened("http://127.0.0.1:9/v1", tmp_path) as chaffer:
            assert chaffer.embeddings is None
            assert not isinstance(chaffer.products, FusedCatalogue)

    asyncio.run(case())
