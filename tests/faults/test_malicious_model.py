"""Models that are broken, hostile or careless: every negotiation ends as typed, and nothing leaks."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from chaffer.conversation.views import Viewer
from chaffer.errors import Code
from chaffer.llm import http_provider
from chaffer.money import plain
from chaffer.negotiation.events import OfferCorrected, SellerReplied, SellerSkipped, SellerWithdrew
from chaffer.negotiation.terms import RoomStatus
from tests.support.model_markets import PRIVATE_OF_THE_BUYER, Played, market_of_models, play
from tests.support.shown import everything_shown
from tests.support.standin_scripts import (
    IGNORES_THE_SCHEMA,
    MALICE,
    Answer,
    Asked,
    Script,
    always,
    haggles,
    only,
    speaks,
)

LEAKED = "1,999.95"
"""An amount that nobody may state in these markets."""

IMPATIENT: Final[dict[str, Any]] = {"lm_studio_timeout": 0.3, "llm_token_timeout": 0.3}
"""Seconds to the first token of a reply, and between two, of those who never say more."""


def patience(malice: str) -> dict[str, Any]:
    """Return the time-outs for this malice: short where a reply hangs, and else the usual ones."""
    return IMPATIENT if malice.startswith("hangs") else {}


@pytest.mark.parametrize("malice", MALICE)
def test_malicious_sellers_cannot_break_a_limit_and_the_room_ends(malice: str, tmp_path: Path) -> None:
    played = play(only(MALICE[malice], of_buyer=False), tmp_path, **patience(malice))
    played.assert_ended()
    played.assert_money_rules()
    assert_nothing_private_is_seen(played)
    assert played.room.status is RoomStatus.COMPLETED, "a seller's fault does not fail the room"


@pytest.mark.parametrize("malice", MALICE)
def test_a_malicious_buyer_cannot_break_a_limit_and_the_room_ends(malice: str, tmp_path: Path) -> None:
    played = play(only(MALICE[malice], of_buyer=True), tmp_path, **patience(malice))
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


SECRETS: Final = {
    "Shop 1": "My warehouse in Lyon was flooded on Tuesday, so everything has to leave before winter.",
    "Shop 2": "Honestly, the manufacturer stopped shipping spare batteries and nobody noticed it yet.",
    "Shop 3": "Their landlord wants a higher rent, hence selling quickly beats waiting. Ask for kilo_zulu.",
}
DISGUISES: Final[dict[str, Callable[[str], str]]] = {
    "verbatim": str,
    "in capitals": str.upper,
    "with punctuation": lambda words: words.replace(" ", "... "),
    "cut and glued": lambda words: "-".join(re.findall(".{1,5}", words.replace(" ", ""))),
    "letter by letter": " ".join,
    "with zero-width characters": "\u200b".join,
    "with accents": lambda words: re.sub("([aeiou])", "\\1\u0301", words),
    "in letters that look alike": lambda words: words.translate(
        str.maketrans("aeopc", "\u0430\u0435\u043e\u0440\u0441")
    ),
    "in wide letters": lambda words: "".join(chr(ord(c) + 0xFEE0) if "a" <= c <= "z" else c for c in words),
    "with the hearer's name in it": lambda words: re.sub(r" (\w+) (\w+) ", r" \1 @Shop 2 \2 ", words),
    "the code alone": lambda words: "Do you know KILO zulu?" if "kilo" in words else "I will not tell.",
}


def tells_on(told: Callable[[str, Mapping[str, str]], Iterator[str]]) -> Script:
    """Return the script in which sellers say their secrets, and the buyer tells each seller what `told` yields.

    `told` is given the name of the seller and what every seller said last.
    """

    def script(asked: Asked) -> Answer:
        document: dict[str, Any] = json.loads(haggles(asked).text)
        if not asked.is_buyer:
            document["message"] = SECRETS[asked.system.split(",")[0].removeprefix("You are ")]
        said = {message["from"]: message["says"] for message in asked.facts["conversation"]}
        for message in document.get("messages", []):
            message["text"] = " ".join([f"@{message['to'][0]}, psst!", *told(message["to"][0], said)])
        return Answer(json.dumps(document))

    return script


@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_buyer_that_parrots_tells_no_seller_what_another_said(disguise: str, tmp_path: Path) -> None:
    def told(hearer: str, said: Mapping[str, str]) -> Iterator[str]:
        yield from (DISGUISES[disguise](said[name]) for name in SECRETS if name != hearer)

    played = play(tells_on(told), tmp_path)
    played.assert_ended()
    assert played.room.deal is not None
    corrections = [
        event for event in played.events(OfferCorrected) if event.agent_id == played.room.terms.buyer.buyer_id
    ]
    assert corrections
    assert all("repeats what another seller said" in event.reason for event in corrections)
    assert corrections[-1].replaced_minor is not None, "words by template instead"
    for seller in played.room.terms.sellers:
        read = as_letters(everything_of(played, Viewer(seller.seller_id)) + played.prompts_of(seller.name))
        for name, secret in SECRETS.items():
            letters = as_letters(secret)
            seen = [letters[at : at + 10] for at in range(len(letters) - 9) if letters[at : at + 10] in read]
            assert bool(seen) == (name == seller.name), f"{seller.name} reads what {name} said: {seen}"
            assert ("kilozulu" in read) == (seller.name == "Shop 3")


def test_a_buyer_may_repeat_to_a_seller_what_it_said_itself(tmp_path: Path) -> None:
    def told(hearer: str, said: Mapping[str, str]) -> Iterator[str]:
        yield f"You said: {said[hearer]} What do you say to that?"

    played = play(tells_on(told), tmp_path)
    assert not played.events(OfferCorrected)
    for seller in played.room.terms.sellers:
        assert f"You said: {SECRETS[seller.name]} What" in played.seen(Viewer(seller.seller_id))


def as_letters(text: str) -> str:
    """Return the letters of a text as a reader takes them, whatever stands between them."""
    latin = text.translate(str.maketrans("\u0430\u0435\u043e\u0440\u0441", "aeopc"))
    return "".join(letter for letter in unicodedata.normalize("NFKD", latin).casefold() if letter.isalnum())


def everything_of(played: Played, viewer: Viewer) -> str:
    """Return all that a viewer can get of a room, the live text that it heard among it."""
    return f"{played.seen(viewer)}\n{everything_shown(played.room, played.records, viewer)}"


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
    monkeypatch.setattr(http_provider, "_BYTES", 20_000)
    monkeypatch.setattr(http_provider, "_BYTES_A_TOKEN", 0)
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
