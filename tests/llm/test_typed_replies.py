"""A model's reply becomes a typed one: prose is said as soon as it may be, and never before."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chaffer.errors import Code
from chaffer.llm.faults import ModelFaultError, PromptTooLongError
from chaffer.llm.negotiators import ModelBuyer, ModelSeller
from chaffer.llm.provider import Provider
from chaffer.negotiation.built_in import BuiltInBuyer
from chaffer.negotiation.confidences import Confidences
from chaffer.negotiation.questions import (
    BuyerMessage,
    BuyerReply,
    BuyerTurn,
    Intent,
    SellerReply,
    SellerTurn,
    UnfitReplyError,
)
from tests.support.model_calls import (
    Remembered,
    a_buyer_turn,
    a_seller_turn,
    called,
    heard,
    seat,
    told_in_confidence,
)
from tests.support.standin import MODEL, standing_in
from tests.support.standin_scripts import Answer, Asked, Script, always, first

FIT = '{"price": 1100, "valid_rounds": 2, "conditions": "Paid at once.", "message": "It is 1,100 each, no less!"}'


def sold(script: Script | str, turn: SellerTurn | None = None, **patience: Any) -> tuple[SellerReply, Remembered]:
    """Return what a seller's model replied and said."""
    given = always(Answer(script, letters=5)) if isinstance(script, str) else script
    voice = Remembered()

    async def ask(provider: Provider) -> SellerReply:
        return await ModelSeller(seat(provider)).ask(turn or a_seller_turn(), voice)

    with standing_in(given) as server:
        return called(server.url, ask, **patience), voice


def bought(text: str, turn: BuyerTurn | None = None) -> tuple[BuyerReply, Remembered]:
    """Return what a buyer's model replied and said."""
    voice = Remembered()

    async def ask(provider: Provider) -> BuyerReply:
        return await ModelBuyer(seat(provider)).ask(turn or a_buyer_turn(), voice)

    with standing_in(always(Answer(text, letters=5))) as server:
        return called(server.url, ask), voice


def haggling(*messages: dict[str, Any], **changes: Any) -> str:
    return json.dumps({"decision": "haggle", "accept_seller": None, "reason": "x", "messages": messages, **changes})


def test_a_fit_offer_is_typed_and_said() -> None:
    reply, voice = sold(FIT)
    assert (reply.price_minor, reply.valid_rounds, reply.conditions) == (110_000, 2, "Paid at once.")
    assert voice.said == [{0: reply.text}]
    assert reply.text == "It is 1,100 each, no less!"
    making = reply.making
    assert making is not None
    assert (making.provider, making.model, making.attempts) == ("lm_studio", MODEL, 1)
    assert (making.prompt_tokens, making.completion_tokens) == (100, len(FIT) // 4)
    assert 0 < making.latency_seconds < 5


def test_prose_is_said_while_it_is_written() -> None:
    words = "Good morning to you, dear customer, and what a fine day it is. " * 3
    voice = Remembered()

    async def ask(provider: Provider) -> None:
        task = asyncio.ensure_future(ModelSeller(seat(provider)).ask(a_seller_turn(), voice))
        done, _ = await asyncio.wait({task}, timeout=0.3)
        assert not done
        assert voice.said[0].get(0, "").startswith("Good morning to you, dear customer"), "before the reply's end"
        task.cancel()
        await asyncio.wait({task})

    with standing_in(always(Answer(f'{{"price": 1100, "message": "{words}', hangs="after"))) as server:
        called(server.url, ask)


def test_prose_before_the_price_waits_for_it() -> None:
    reply, voice = sold('{"message": "Take it for 1,100 each, do!", "price": 1100}')
    assert voice.said == [{0: reply.text}]
    with pytest.raises(UnfitReplyError, match="below the least that is allowed"):
        sold('{"message": "Take it for 5 each, do!", "price": 5}')


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("   \n ", "empty"),
        ("I would rather talk.", "not one JSON object"),
        ('{"message": "No price."}', "not one JSON object with the field price"),
        ('{"price": 1100}', "the field message"),
        ('{"price": 1100, "message": ""}', "the field message"),
        ('{"price": 1100, "message": " \\u0000 "}', "the field message"),
        ('{"price": 1100, "message": 5}', "the field message"),
        ('{"price": "much", "message": "x"}', "the field price"),
        ('{"price": 899.99, "message": "x"}', "below the least that is allowed"),
        ('{"price": 1200.01, "message": "x"}', "above the list price"),
        ('{"price": 1100, "message": "My cost is 871.53, in truth."}', "an amount of money"),
        ('{"price": 1100, "message": "A total of $2,200 for both."}', "an amount of money"),
        ('{"price": 1100, "message": "cut', "not one JSON object"),
        ('{"price": 11', "not one JSON object"),
    ],
)
def test_an_unfit_offer_is_unfit_and_says_why(text: str, reason: str) -> None:
    with pytest.raises(UnfitReplyError, match=reason) as raised:
        sold(text)
    assert not any(
        character.isdigit() for character in raised.value.unfit.reason.replace("10.50", "").replace("10", "")
    )
    assert "you" not in raised.value.unfit.reason, "who reads the room reads it, too"
    assert raised.value.making is not None


@pytest.mark.parametrize("conditions", ["900, paid in cash", "Down to 81% of the list price.", "\u0000 "])
def test_conditions_that_may_not_be_stated_are_dropped_and_the_price_stands(conditions: str) -> None:
    reply, _ = sold(json.dumps({"price": 1100, "conditions": conditions, "message": "It is 1,100."}))
    assert (reply.price_minor, reply.conditions, reply.text) == (110_000, None, "It is 1,100.")


@pytest.mark.parametrize(
    "conditions", ["30-day returns.", "2-year warranty", "Free 2-day shipping", "24-hour delivery"]
)
def test_conditions_of_trade_stand(conditions: str) -> None:
    reply, _ = sold(json.dumps({"price": 1100, "conditions": conditions, "message": "It is 1,100."}))
    assert reply.conditions == conditions


def test_nothing_of_an_amount_that_may_not_be_stated_is_said() -> None:
    voice = Remembered()

    async def ask(provider: Provider) -> None:
        await ModelSeller(seat(provider)).ask(a_seller_turn(), voice)

    text = '{"price": 1100, "message": "Well, it is a fine thing. It cost me 871.53 and I tell nobody, ever, at all.'
    with standing_in(always(Answer(text, endless=" more words", letters=1))) as server:
        with pytest.raises(UnfitReplyError):
            called(server.url, ask, timeout_seconds=30)
        assert server.wait_until(lambda: server.broken_off == 1), "the model is stopped"
    assert "871" not in "".join(voice.deltas)


def test_a_reply_without_end_is_unfit() -> None:
    with pytest.raises(UnfitReplyError, match="did not end"):
        sold(always(Answer('{"price": 1100, "message": "', endless="on and on " * 100)), timeout_seconds=30)


def test_a_reply_cut_at_its_longest_is_unfit() -> None:
    for text in ('{"price": 1100, "message": "It is', '{"price": 1100, "message": "It is."'):
        with pytest.raises(UnfitReplyError, match="too long"):
            sold(always(Answer(text, finish_reason="length")))


def test_a_message_that_is_too_long_is_cut_and_said_as_it_is_recorded() -> None:
    words = "This goes on and on for ever, my dear. " * 150
    reply, voice = sold(json.dumps({"price": 1100, "message": words}))
    assert len(reply.text) <= 4000
    assert reply.text.endswith("dear.")
    assert voice.said[-1] == {0: reply.text}


def test_a_character_in_two_deltas_is_whole() -> None:
    events = [
        b'data: {"choices": [{"delta": {"content": "{\\"price\\": 1100, \\"message\\": \\"Hi \\ud83d"}}]}\n\n',
        b'data: {"choices": [{"delta": {"content": "\\udc4b\\"}"}, "finish_reason": "stop"}]}\n\n',
    ]
    assert sold(always(Answer(raw=b"".join(events))))[0].text == "Hi 👋"


def test_a_retry_takes_back_what_was_said() -> None:
    broken = Answer('{"price": 1100, "message": "Good morning to you, and', disconnects=True, finish_reason=None)
    reply, voice = sold(first(1, always(broken), then=always(Answer(FIT))))
    assert [list(said.values()) for said in voice.said] == [["Good morning to you, "], [reply.text]]
    assert reply.making is not None
    assert reply.making.attempts == 2


def test_a_prompt_that_is_too_long_is_sent_once_more_with_the_newer_half() -> None:
    sent: list[Asked] = []

    def script(asked: Asked) -> Answer:
        sent.append(asked)
        too_long = Answer(status=400, body=b'{"error": "greater than the context length"}')
        return too_long if len(asked.facts["conversation"]) > 2 else Answer(FIT)

    def says(asked: Asked) -> list[str]:
        return [message["says"] for message in asked.facts["conversation"]]

    sold(script, a_seller_turn(heard=heard("one", "two", "three", "four")))
    assert [says(asked) for asked in sent] == [["one", "two", "three", "four"], ["three", "four"]]
    sent.clear()
    with pytest.raises(PromptTooLongError):
        sold(script, a_seller_turn(heard=heard(*"abcdefgh")))
    assert len(sent) == 2


def test_a_prompt_that_was_cut_to_fit_and_is_still_too_long_is_halved_again() -> None:
    sent: list[int] = []

    def script(asked: Asked) -> Answer:
        sent.append(len(asked.facts["conversation"]))
        too_long = Answer(status=400, body=b'{"error": "greater than the context length"}')
        return too_long if len(sent) == 1 else Answer(FIT)

    async def ask(provider: Provider) -> SellerReply:
        narrow = replace(seat(provider), context_told=4_000)
        return await ModelSeller(narrow).ask(a_seller_turn(heard=heard(*["word " * 100] * 40)), Remembered())

    with standing_in(script) as server:
        called(server.url, ask)
    first_sent, second_sent = sent
    assert first_sent < 40, "it was cut to fit"
    assert second_sent == first_sent // 2


def test_a_fault_that_stays_is_told_after_all_retries() -> None:
    voice = Remembered()

    async def ask(provider: Provider) -> None:
        seller = ModelSeller(seat(provider, retries=2))
        for turn, calls in ((a_seller_turn(), 3), (a_seller_turn().again("no"), 4), (a_seller_turn(), 7)):
            with pytest.raises(ModelFaultError) as raised:
                await seller.ask(turn, voice)
            assert raised.value.code is Code.LLM_PROVIDER_UNAVAILABLE
            assert len(server.asked) == calls, "a turn that is asked again has no retries of its own"

    with standing_in(always(Answer(status=500))) as server:
        called(server.url, ask)


def test_the_complaint_reaches_the_model_and_the_request_is_as_chosen() -> None:
    with standing_in(always(Answer(FIT))) as server:

        async def ask(provider: Provider) -> None:
            turn = a_seller_turn().again("the price is below the least that is allowed")
            await ModelSeller(seat(provider)).ask(turn, Remembered())

        called(server.url, ask)
        body = server.asked[0].body
    assert "because the price is below the least that is allowed" in server.asked[0].user
    assert (body["model"], body["temperature"], body["max_tokens"]) == (MODEL, 0.7, 500)
    assert (body["stream"], body["stream_options"]) == (True, {"include_usage": True})
    assert body["response_format"]["json_schema"]["schema"]["required"][0] == "price"


def test_bids_go_to_those_they_are_for() -> None:
    reply, voice = bought(
        haggling(
            {"to": ["@shop1"], "price": "700.00", "text": "@Shop 1 what about 700?"},
            {"to": [], "price": None, "text": "Anybody else?"},
        )
    )
    everybody = ("seller_001", "seller_002", "seller_003")
    assert reply.messages == (
        BuyerMessage(("seller_001",), 70_000, "@Shop 1 what about 700?"),
        BuyerMessage(everybody, None, "Anybody else?"),
    )
    assert voice.hearers == {0: frozenset({"seller_001"}), 1: frozenset(everybody)}
    assert voice.said == [{0: "@Shop 1 what about 700?", 1: "Anybody else?"}]


def test_a_message_may_state_what_all_its_hearers_know_and_no_more() -> None:
    assert bought(haggling({"to": ["Shop 1"], "price": 800, "text": "Not 1050, but 800."}))[0].messages
    for to in (["Tech & Co"], ["Shop 1", "Tech & Co"], []):
        with pytest.raises(UnfitReplyError, match="an amount of money"):
            bought(haggling({"to": to, "price": 800, "text": "Shop 1 asks 1050 only."}))


SECRET = "our warehouse in Lyon was flooded on Tuesday"


def test_words_of_another_seller_are_unfit_and_none_of_them_is_said() -> None:
    voice = Remembered()
    told = told_in_confidence(seller_002=f"Between us, {SECRET}, so be quick.")
    turn = a_buyer_turn(confidences=told)
    greeting = "Good morning to you, dear friend, and what a fine day it is for a deal! Tech told me: "
    text = haggling({"to": ["Shop 1"], "price": 800, "text": f"{greeting}{SECRET}. Ha."})

    async def ask(provider: Provider) -> None:
        await ModelBuyer(seat(provider)).ask(turn, voice)

    with standing_in(always(Answer(text, letters=6, pace=0.01))) as server, pytest.raises(UnfitReplyError) as raised:
        called(server.url, ask)
    unfit = raised.value.unfit
    assert unfit.attempted == "a message with another seller's words 'our warehouse in Lyon was flo'"
    assert "repeats what another seller said" in unfit.reason
    assert "warehouse" not in unfit.reason, "the reason stands in a prompt"
    said = "".join(voice.deltas)
    assert greeting.startswith(said)
    assert said, "what is fit is said while it is written"


def test_words_are_told_on_even_where_the_prompt_no_longer_quotes_them() -> None:
    turn = a_buyer_turn(heard=heard(), confidences=told_in_confidence(seller_002=SECRET))
    with pytest.raises(UnfitReplyError, match="another seller said"):
        bought(haggling({"to": ["Shop 1"], "price": 800, "text": f"Hear, hear: {SECRET}!"}), turn)


@pytest.mark.parametrize("to", [["Tech & Co"], ["Shop 1"]])
def test_a_seller_may_hear_its_own_words_again(to: list[str]) -> None:
    told = told_in_confidence(seller_001=f"Yes, {SECRET}.", seller_002=f"You know that {SECRET}!")
    reply, voice = bought(
        haggling({"to": to, "price": 800, "text": f"So {SECRET}? Poor you."}), a_buyer_turn(confidences=told)
    )
    assert voice.said[-1] == {0: reply.messages[0].text}


def test_a_built_in_buyer_does_not_ask_what_was_said_in_confidence() -> None:
    def asked() -> Confidences:
        pytest.fail("its words are templates, and hold nobody's")

    reply = asyncio.run(BuiltInBuyer("linear").ask(a_buyer_turn(confidences=asked), Remembered()))
    assert reply.messages


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (haggling(), "at least one|one message"),
        (haggling({"to": ["Nobody"], "price": 5, "text": "x"}), "the sellers at the table"),
        (haggling({"to": ["Shop 1"], "price": 1100.01, "text": "x"}), "more than may be paid"),
        (haggling({"to": ["Shop 1"], "price": 0, "text": "x"}), "the field price"),
        (haggling({"to": ["Shop 1"], "price": 5, "text": ""}), "the field text"),
        (haggling({"to": ["Shop 1"], "price": 5}), "the field text"),
        (haggling(*[{"to": [], "price": 5, "text": "x"}] * 9), "one message to each"),
        (haggling(decision="maybe"), "haggle, accept or leave"),
        (haggling(decision="accept"), "the sellers at the table"),
        (haggling(decision="accept", accept_seller="Tech & Co"), "only a standing offer"),
        (haggling(decision="accept", accept_seller="Bob's Best"), "only a standing offer"),
        ('{"messages": []}', "the field decision"),
    ],
)
def test_an_unfit_turn_of_the_buyer_is_unfit_and_says_why(text: str, reason: str) -> None:
    with pytest.raises(UnfitReplyError, match=reason) as raised:
        bought(text)
    assert "you" not in raised.value.unfit.reason, "who reads the room reads it, too"


@pytest.mark.parametrize(
    ("reading", "text", "attempted"),
    [
        (bought, haggling({"to": ["Shop 1"], "price": 1100.01, "text": "x"}), "a bid of 1100.01"),
        (bought, haggling({"to": ["Shop 1"], "price": -5, "text": "x"}), "a price of -5"),
        (bought, haggling(decision="accept", accept_seller="Tech & Co"), "accepting Tech & Co"),
        (sold, '{"price": 1, "message": "Take it, do!"}', "a price of 1"),
    ],
)
def test_what_was_attempted_is_told_to_who_reads_the_room(reading: Any, text: str, attempted: str) -> None:
    """CONTRACT §1: outside, amounts are amounts; the names of our fields and minor units stay inside."""
    with pytest.raises(UnfitReplyError) as raised:
        reading(text)
    assert raised.value.unfit.attempted == attempted


def test_a_buyer_accepts_by_name_or_leaves() -> None:
    reply, voice = bought(haggling(decision="Accept", accept_seller="shop 1", reason="Cheap.\x00", messages=None))
    assert (reply.intent, reply.accept, reply.reason) == (Intent.ACCEPT, "seller_001", "Cheap.")
    assert voice.deltas == []
    assert bought('{"decision": "leave"}')[0].intent is Intent.LEAVE


def test_who_must_decide_may_not_haggle_and_says_nothing() -> None:
    text = haggling({"to": ["Shop 1"], "price": 800, "text": "One more round, please, dear Shop 1, just one."})
    with pytest.raises(UnfitReplyError, match="accept one of the standing offers or to leave"):
        bought(text, a_buyer_turn(must_decide=True))


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda text: text.replace('"decision": "haggle", ', "")[:-1] + ', "decision": "haggle"}',
        lambda text: text.replace("[{", "{").replace("}]", "}"),
        lambda text: f"Here you are:\n```json\n{text}\n```",
        lambda text: text.replace('["Shop 1"]', '"Shop 1"'),
    ],
)
def test_a_turn_of_the_buyer_in_another_order_or_form_is_understood(rewrite: Callable[[str], str]) -> None:
    text = haggling({"to": ["Shop 1"], "price": 800, "text": "What about 800, Shop 1?"})
    reply, voice = bought(rewrite(text))
    assert reply.messages == (BuyerMessage(("seller_001",), 80_000, "What about 800, Shop 1?"),)
    assert voice.said[-1] == {0: "What about 800, Shop 1?"}
