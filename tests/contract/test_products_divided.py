"""What is told of products together (issue 5): facets, the vocabulary, counts; every store tells the same."""

from __future__ import annotations

from chaffer.shopping.catalogue.dividing import MOST_COUNTED
from chaffer.shopping.catalogue.sample import sample_products
from chaffer.shopping.catalogue.searching import Constraints, Facet, Facets, Need, PageWish, Property, Sort, Value
from chaffer.storage.memory import MemoryStore
from tests.contract.goods import SELLERS, priced, stocked
from tests.contract.stores import Place, Store


def test_facets_tell_how_the_fitting_products_divide(place: Place) -> None:
    products = [
        priced("a", 100, attributes={"weight": "63 g", "Color": "Black"}),
        priced("b", 200, attributes={"weight": "0.1 kg", "color": "black"}, brand="Razer"),
        priced("c", 300, attributes={"weight": "63 g"}, brand="LOGITECH"),
        priced("d", 900, category="Keyboards"),
    ]

    async def case(store: Store) -> None:
        await store.products.put(products)
        facets = (await store.products.search(Constraints(category="Mice"), PageWish(1, with_facets=True))).facets
        assert (facets.counted, facets.total, facets.low_minor, facets.high_minor) == (3, 3, 100, 300)
        assert facets.facets == (
            Facet("category", (Value("Mice", 3),)),
            Facet("brand", (Value("LOGITECH", 2), Value("Razer", 1))),
            Facet("weight", (Value("63 g", 2), Value("0.1 kg", 1)), unit="g", low=63, high=100),
            Facet("color", (Value("Black", 2),), missing=1),
        )
        assert (await store.products.search(Constraints(text="nowhere"), PageWish(with_facets=True))).facets == Facets()

    place.run(case)


def test_facets_come_with_the_first_page_alone_and_only_where_they_are_asked_for(place: Place) -> None:
    async def case(store: Store) -> None:
        await store.products.put([priced("a", 100), priced("b", 200), priced("c", 300)])
        first = await store.products.search(Constraints(), PageWish(1, with_facets=True))
        assert (len(first.products), first.total, first.facets.total) == (1, 3, 3)
        second = await store.products.search(Constraints(), PageWish(1, first.next_after, with_facets=True))
        assert (second.total, second.facets) == (3, Facets())
        assert (await store.products.search(Constraints())).facets == Facets()

    place.run(case)


def test_facets_count_the_best_thousand_however_long_the_page_is(place: Place) -> None:
    best = [priced(f"a{number}", 100) for number in range(MOST_COUNTED)]
    others = [priced(f"b{number}", 200, brand="Razer") for number in range(20)]

    async def case(store: Store) -> None:
        await store.products.put([*others, *best])
        for limit in (1, MOST_COUNTED + 10):
            page = PageWish(limit, with_facets=True)
            found = await store.products.search(Constraints(sort=Sort.CHEAPEST), page)
            facets = found.facets
            assert (len(found.products), found.total, found.next_after is None) == (limit, MOST_COUNTED + 20, False)
            assert (facets.counted, facets.total, facets.high_minor) == (MOST_COUNTED, MOST_COUNTED + 20, 200)
            assert facets.facets[1] == Facet("brand", (Value("Logitech", MOST_COUNTED),))

    place.run(case)


def test_the_vocabulary_tells_what_is_text_and_what_is_measured_in_each_category(place: Place) -> None:
    products = [
        priced("a", 10, category="Monitors", attributes={"resolution": "4K", "Weight": "2 kg"}),
        priced("b", 10, category="Monitors", attributes={"resolution": "1440p"}),
        priced("c", 10, category="Cameras", attributes={"resolution": "24 MP", "weight": "600 g"}),
        priced("d", 10, category="CAMERAS", attributes={}),
    ]

    async def case(store: Store) -> None:
        await store.products.put(products)
        known = await store.products.vocabulary()
        assert (known.currency, known.categories) == ("USD", ("CAMERAS", "Monitors"))
        assert known.properties == (
            Property("resolution", ("CAMERAS",), unit="MP", low=24, high=24),
            Property("resolution", ("Monitors",), texts=("1440p", "4k")),
            Property("weight", ("CAMERAS", "Monitors"), unit="g", low=600, high=2000),
        )
        assert await store.products.vocabulary() == known

    place.run(case)


def test_stats_count_what_is_there(place: Place) -> None:
    async def case(store: Store) -> None:
        await store.products.put([stocked(), stocked("b", offers={"A": (10, 0)}, category="Keyboards")], SELLERS)
        await store.products.put([stocked("c")])
        stats = await store.products.stats()
        assert (stats.products, stats.in_stock, stats.offers, stats.sellers, stats.revision) == (3, 2, 5, 2, 2)
        assert stats.categories == (Value("Mice", 2), Value("Keyboards", 1))

    place.run(case)


SEARCHES = [
    Constraints(text="gaming laptop"),
    Constraints(text="sony headphones noise cancelling"),
    Constraints(text="hedphones"),
    Constraints(text="wh-1000"),
    Constraints(text="robot vac"),
    Constraints(text="quiet espresso machine for the office", max_price_minor=90_000),
    Constraints(category="Laptops", needs=(Need("use", ("gaming",)), Need("memory", at_least=32, unit="GB"))),
    Constraints(needs=(Need("color", ("black",)), Need("weight", at_most=1_000, unit="g"))),
    Constraints(needs=(Need("5g", ("yes",), excluded=True),), min_rating=4.5, sort=Sort.CHEAPEST),
    Constraints(quantity=20, max_price_minor=30_000, sort=Sort.DEAREST),
    Constraints(text="ergonomic", not_brands=("Logitech",), in_stock=False),
    Constraints(text="zzzzqqq", category="Mice", sort=Sort.CHEAPEST),
    Constraints(text="black wireless", category="Keyboards", sort=Sort.BEST_RATED),
]


def test_every_store_finds_what_looking_at_each_product_finds(lasting_place: Place) -> None:
    products, sellers = sample_products()

    async def case(store: Store) -> None:
        reference = MemoryStore()
        for each in (reference, store):
            await each.products.put(products, sellers)
        for wanted in SEARCHES:
            expected = await reference.products.search(wanted, PageWish(700, with_facets=True))
            there = await store.products.search(wanted, PageWish(700, with_facets=True))
            assert (there.total, there.corrected) == (expected.total, expected.corrected), wanted
            assert expected.total > 0
            if wanted.text and wanted.sort is Sort.RELEVANCE and lasting_place.name != "sqlite":
                # Another formula ranks there; what is found is the same.
                assert {each.product_id for each in there.products} == {each.product_id for each in expected.products}
            else:
                assert there.products == expected.products, wanted
                assert there.facets == expected.facets, wanted
        assert await store.products.vocabulary() == await reference.products.vocabulary()
        assert await store.products.stats() == await reference.products.stats()

    lasting_place.run(case)


def test_attributes_that_are_named_like_fields_are_nobodys_to_see(place: Place) -> None:
    """A catalogue may have them from before they were refused."""
    said = {"connection": "wireless", "Rating": "5.0 stars", "list_price": "1", "seller": "Amazon"}
    told = {"connection": "wireless"}

    async def case(store: Store) -> None:
        await store.products.put([stocked("a", attributes=said)])
        found = await store.products.search(Constraints(), PageWish(with_facets=True))
        assert [product.attributes for product in found.products] == [told]
        assert [facet.name for facet in found.facets.facets] == ["category", "brand", "connection"]
        assert [each.name for each in (await store.products.vocabulary()).properties] == ["connection"]
        product = await store.products.find("a")
        assert product is not None
        assert product.attributes == told
        page, _ = await store.products.page(None, 10)
        assert [each.product.attributes for each in page] == [told]

    place.run(case)
