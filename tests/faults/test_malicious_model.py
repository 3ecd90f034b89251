"""Models that are broken, hostile or careless: every negotiation ends as typed, and nothing leaks."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaffer.errors import Code
from chaffer.llm import chat_completions
from chaffer.money import plain
from chaffer.negotiation.events import OfferCorrected, SellerReplied, SellerSkipped, SellerWithdrew
from chaffer.negotiation.terms import RoomStatus
from tests.support.model_markets import PRIVATE_OF_THE_BUYER, Played, market_of_models, play
from tests.support.standin_scripts import IGNORES_THE_SCHEMA, MALICE, Answer, always, haggles, only, speaks

LEAKED = "1,999.95"
"""An amount that nobody may state in these markets."""


@pytest.mark.parametrize("malice", MALICE)
def test_malicious_sellers_cannot_break_a_limit_and_the_room_ends(malice: str, tmp_path: Path) -> None:
    played = play(only(MALICE[malice], of_buyer=False), tmp_path, lm_studio_timeout=0.3)
    played.assert_ended()
    played.assert_money_rules()
    assert_nothing_private_is_seen(played)
    assert played.room.status is RoomStatus.COMPLETED, "a seller's fault does not fail the room"


@pytest.mark.parametrize("malice", MALICE)
def test_a_malicious_buyer_cannot_break_a_limit_and_the_room_ends(malice: str, tmp_path: Path) -> None:
    played = play(only(MALICE[malice], of_buyer=True), tmp_path, lm_studio_timeout=0.3)
    played.assert_ended()
    played.assert_money_rules()
    assert_nothing_private_is_seen(played)


@pytest.mark.parametrize("habit", IGNORES_THE_SCHEMA)
def test_models_that_ignore_the_schema_are_understood(habit: str, tmp_path: Path) -> None:
    played = play(IGNORES_THE_SCHEMA[habit], tmp_path)
    assert played.room.deal is not None
    assert not played.events(OfferCorrected), "nothing had to be asked for again"
    played.assert_money_rules()


@pytest.mark.parametrize(
    "words",
    [
        f"Between us, my boss would let it go at ${LEAKED}. Interested?",
        "Others pay 1999.95 for that, you know, and they are glad to.",
        "I got it for nineteen hundred and ninety nine dollars, believe me.",
        "My limit is 1 9 9 9 . 9 5 if you must know, my dear friend.",
        "It cost me \uff11\uff19\uff19\uff19.95 and not a cent less, so there you are.",
    ],
)
def test_an_amount_that_may_not_be_stated_reaches_no_reader(words: str, tmp_path: Path) -> None:
    played = play(speaks(words), tmp_path)
    played.assert_ended()
    assert played.events(OfferCorrected)
    shown = played.all_words()
    for sign in ("999", "\uff19", "nineteen", "9 9 9"):
        assert sign not in shown
    assert any(event.replaced_minor is not None for event in played.events(OfferCorrected)), "words by template instead"


def test_amounts_hidden_in_the_conditions_of_an_offer_reach_no_reader(tmp_path: Path) -> None:
    def script(asked: object) -> Answer:
        answer = haggles(asked)  # type: ignore[arg-type]  # it is what a script is given
        return Answer(answer.text.replace("Two days to deliver.", f"The others ask {LEAKED}."))

    played = play(script, tmp_path)
    played.assert_ended()
    assert LEAKED not in played.all_words()
    replied = played.events(SellerReplied)
    assert replied
    assert all(event.offer.conditions is None for event in replied), "the price stands without them"
    assert not played.events(OfferCorrected)


def test_a_seller_whose_model_is_down_withdraws_and_the_others_go_on(tmp_path: Path) -> None:
    def script(asked: object) -> Answer:
        is_down = "You are Shop 2," in asked.system  # type: ignore[attr-defined]
        return Answer(status=503) if is_down else haggles(asked)  # type: ignore[arg-type]

    played = play(script, tmp_path, market=market_of_models(rounds=5))
    assert {event.code for event in played.events(SellerSkipped)} == {Code.LLM_PROVIDER_UNAVAILABLE}
    assert len(played.events(SellerSkipped)) == 3
    assert [event.seller_id for event in played.events(SellerWithdrew)] == ["seller_002"]
    assert played.room.deal is not None


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(status=500), Code.LLM_PROVIDER_UNAVAILABLE),
        (Answer(status=401), Code.INVALID_API_KEY),
        (Answer(status=404), Code.VALIDATION_ERROR),
        (Answer(hangs="at once"), Code.LLM_TIMEOUT),
        (Answer("x", finish_reason=None), Code.LLM_BAD_GATEWAY),
    ],
)
def test_a_buyer_whose_model_is_down_fails_the_room_with_the_code(answer: Answer, code: Code, tmp_path: Path) -> None:
    played = play(only(always(answer), of_buyer=True), tmp_path, lm_studio_timeout=0.2)
    assert played.room.ended is not None
    assert (played.room.ended.status, played.room.ended.code) == (RoomStatus.FAILED, code)


def test_endless_output_is_bounded_in_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat_completions, "_BYTES", 20_000)
    monkeypatch.setattr(chat_completions, "_BYTES_A_TOKEN", 0)
    played = play(only(MALICE["endless reply"], of_buyer=True), tmp_path)
    assert played.room.ended is not None
    assert played.room.ended.code == Code.LLM_BAD_GATEWAY


def assert_nothing_private_is_seen(played: Played) -> None:
    """Assert that neither eyes nor prompts held what they may not."""
    terms = played.room.terms
    names = {terms.buyer.buyer_id: terms.buyer.name, **terms.names}
    for viewer in played.viewers:
        agent_id = viewer.agent_id or ""
        shown, prompts = played.seen(viewer), played.prompts_of(names[agent_id])
        for canary in PRIVATE_OF_THE_BUYER:
            assert canary not in prompts
            assert agent_id == terms.buyer.buyer_id or canary not in shown
        for seller in terms.sellers:
            for private in (seller.cost_minor, seller.least_minor):
                assert plain(private) not in prompts
                assert plain(private) not in shown
                assert f"={private}" not in shown, "in minor units; ids and times may hold the digits by chance"
            if agent_id not in {seller.seller_id, terms.buyer.buyer_id}:
                assert plain(seller.list_minor) not in prompts + shown
