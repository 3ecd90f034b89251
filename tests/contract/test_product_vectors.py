"""Vectors of products are kept by model, replaced in place, and read on from where a reader was."""

from __future__ import annotations

from chaffer.shopping.catalogue.vectors import ProductVector
from tests.contract.stores import Place, Store


def made(product_id: str, text: str = "text") -> ProductVector:
    """Return a vector whose bytes are found in no other."""
    return ProductVector(
        product_id, f"digest of {text}", b"\x00\xff" + text.encode(), b"\x00\x00\x80\x3f" + text.encode()
    )


def test_where_nothing_was_put_nothing_is_found(place: Place) -> None:
    async def case(store: Store) -> None:
        assert await store.vectors.codes("tiny", 0) == ()
        assert await store.vectors.vectors("tiny", ["a"]) == {}
        assert await store.vectors.digests("tiny", []) == {}
        await store.vectors.put_vectors("tiny", [])

    place.run(case)


def test_what_was_put_comes_back_byte_for_byte(place: Place) -> None:
    async def case(store: Store) -> None:
        await store.vectors.put_vectors("tiny", [made("a"), made("b", "Zoë's \U0001f600")])
        assert await store.vectors.vectors("tiny", ["a", "b", "c"]) == {
            "a": made("a").vector,
            "b": made("b", "Zoë's \U0001f600").vector,
        }
        assert await store.vectors.digests("tiny", ["b"]) == {"b": "digest of Zoë's \U0001f600"}

    place.run(case)


def test_a_reader_goes_on_behind_its_place_and_hears_of_what_was_replaced(place: Place) -> None:
    async def case(store: Store) -> None:
        await store.vectors.put_vectors("tiny", [made("a"), made("b")])
        first = await store.vectors.codes("tiny", 0)
        assert [(code.product_id, code.code) for code in first] == [("a", made("a").code), ("b", made("b").code)]
        assert first[0].place < first[1].place
        assert await store.vectors.codes("tiny", first[1].place) == ()
        await store.vectors.put_vectors("tiny", [made("b", "new"), made("c")])
        later = await store.vectors.codes("tiny", first[1].place)
        assert [(code.product_id, code.code) for code in later] == [("b", made("b", "new").code), ("c", made("c").code)]
        everything = await store.vectors.codes("tiny", 0)
        assert sorted(code.product_id for code in everything) == ["a", "b", "c"]
        assert await store.vectors.digests("tiny", ["b"]) == {"b": "digest of new"}

    place.run(case)


def test_models_know_nothing_of_each_other(place: Place) -> None:
    async def case(store: Store) -> None:
        await store.vectors.put_vectors("tiny", [made("a")])
        await store.vectors.put_vectors("large", [made("a", "other")])
        assert await store.vectors.digests("tiny", ["a"]) == {"a": "digest of text"}
        assert [code.code for code in await store.vectors.codes("large", 0)] == [made("a", "other").code]

    place.run(case)


def test_two_processes_see_each_others_vectors(lasting_place: Place) -> None:
    async def case(one: Store, two: Store) -> None:
        await one.vectors.put_vectors("tiny", [made("a")])
        assert len(await two.vectors.codes("tiny", 0)) == 1

    lasting_place.run_two(case)


def test_what_is_removed_from_the_catalogue_is_no_longer_near_anything(lasting_place: Place) -> None:
    async def case(store: Store) -> None:
        await store.vectors.put_vectors("tiny", [made("a")])
        await store.products.remove_all()
        assert await store.vectors.codes("tiny", 0) == ()
        await store.vectors.put_vectors("tiny", [made("b")])
        assert [code.product_id for code in await store.vectors.codes("tiny", 1)] == ["b"]

    lasting_place.run(case)
