"""An agent's export holds its view and nothing else, in every format: a leak is a canary found where it may not be."""

from __future__ import annotations

import re
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaffer.conversation.views import OPERATOR, Viewer, view_for
from chaffer.exports.csv_text import csv_bytes
from chaffer.exports.json_text import json_bytes
from chaffer.exports.markdown import markdown_of
from chaffer.exports.room_export import ROOM_EXPORT, RoomExport
from chaffer.exports.room_transcript import OFFER_COLUMNS, offer_rows, room_transcript
from chaffer.money import plain
from chaffer.negotiation.events import BuyerSpoke, SellerReplied
from chaffer.negotiation.terms import RoomTerms
from chaffer.negotiation.visibility import RoomSight
from tests.support.conversations import random_conversation
from tests.support.exports import all_texts, exported
from tests.support.markets import seller, terms

SEEDS = st.integers(min_value=0, max_value=2**32)


def canaries() -> RoomTerms:
    """Return terms in which every private number is found nowhere else."""
    made = (
        seller(
            number,
            list_minor=120_018 + 1_000 * number,
            least_minor=90_008 + 1_000 * number,
            cost_minor=70_008 + 1_000 * number,
        )
        for number in (1, 2, 3, 4)
    )
    return terms(*made, max_rounds=4)


def forms(minor: int) -> tuple[str, ...]:
    """Return the ways in which an amount may be written."""
    return str(minor), plain(minor), f"{minor / 100:,.2f}", f"{minor / 100:.2f}"


def stands_in(secret: str, text: str) -> bool:
    """Tell whether a secret stands in a text, and not merely as a part of a longer number."""
    return re.search(rf"(?<![\d.,]){re.escape(secret)}(?!\d)", text) is not None


def secrets_from(viewer: str, room: RoomTerms) -> list[str]:
    """Return what may not be in a seller's export."""
    found = ["secret-model", "with its budget"]
    found += forms(room.buyer.budget_minor)
    for other in room.sellers:
        found += [*forms(other.least_minor), *forms(other.cost_minor)]
        if other.seller_id != viewer:
            found += [*forms(other.list_minor), f"words of {other.seller_id}", f"fault of {other.seller_id}"]
            found += [f"attempt of {other.seller_id}"]
    return found


def written(export: RoomExport) -> str:
    """Return the export in the formats that are text."""
    return "\n".join(
        content.decode("utf-8-sig")
        for content in (
            json_bytes(ROOM_EXPORT, export),
            markdown_of(room_transcript(export)),
            csv_bytes(OFFER_COLUMNS, offer_rows(export)),
        )
    ).replace("\\", "")


@given(seed=SEEDS)
@settings(max_examples=40)
def test_a_sellers_export_holds_nothing_of_others_nor_of_the_budget(seed: int) -> None:
    room = canaries()
    _, records = random_conversation(room, Random(seed))
    for viewer in room.sellers:
        text = written(exported(records, room, Viewer(viewer.seller_id)))
        assert [secret for secret in secrets_from(viewer.seller_id, room) if stands_in(secret, text)] == []


@given(seed=SEEDS)
@settings(max_examples=40)
def test_a_buyers_export_holds_no_cost_and_no_least_price(seed: int) -> None:
    room = canaries()
    _, records = random_conversation(room, Random(seed))
    text = written(exported(records, room, Viewer(room.buyer.buyer_id)))
    for one in room.sellers:
        assert not any(stands_in(form, text) for form in (*forms(one.least_minor), *forms(one.cost_minor)))
    assert "secret-model" not in text


@given(seed=SEEDS)
@settings(max_examples=40)
def test_an_export_has_every_message_of_the_view_whole_and_once(seed: int) -> None:
    """Privacy is no deafness."""
    room = canaries()
    _, records = random_conversation(room, Random(seed))
    for viewer in (OPERATOR, Viewer(room.buyer.buyer_id), *(Viewer(one.seller_id) for one in room.sellers)):
        seen = view_for(viewer, records, RoomSight(room))
        said = [look.event.text for look in seen if isinstance(look.event, BuyerSpoke | SellerReplied)]
        assert [message.text for message in exported(records, room, viewer).messages] == said


@pytest.mark.parametrize("seed", [1, 2])
def test_pdf_of_a_seller_holds_nothing_of_others(seed: int) -> None:
    room = canaries()
    _, records = random_conversation(room, Random(seed))
    for viewer in room.sellers[:2]:
        text = all_texts(exported(records, room, Viewer(viewer.seller_id)))["pdf"]
        assert "Round 1" in text
        assert [secret for secret in secrets_from(viewer.seller_id, room) if stands_in(secret, text)] == []


def test_operators_export_holds_all() -> None:
    room = canaries()
    _, records = random_conversation(room, Random(3))
    texts = all_texts(exported(records, room))
    for one in room.sellers:
        assert plain(one.least_minor) in texts["json"]
        assert plain(one.cost_minor) in texts["json"]
        for form in ("md", "pdf"):
            assert f"{one.least_minor / 100:,.2f}" in texts[form]
    assert "secret-model" in texts["json"]
