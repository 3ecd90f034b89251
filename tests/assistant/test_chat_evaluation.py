"""The built-in supervisor understands the chat's sentences, which are well formed and scored sternly."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Mapping

import jsonschema_rs
import msgspec
import pytest

from benchmarks.chat_play import Ground, Heard, played
from benchmarks.chat_requests import FOLDER, Sentence, sentences_of
from benchmarks.chat_scores import Score, finding_of
from benchmarks.shopping_requests import Half
from chaffer.assistant.tools import TOOLS, NegotiationStatus, OpenNegotiation, SearchProducts, Wish
from chaffer.validation import LlmConfig
from tests.support.chat_results import KEYBOARDS

SCHEMA = json.loads((FOLDER / "schema.json").read_text(encoding="utf-8"))
SENTENCES = {half: sentences_of(half) for half in Half}
GROUND = Ground(KEYBOARDS, ("room_1",), (("Pixel Street", "$16.00"),))


@pytest.mark.parametrize("half", list(Half))
def test_builtin_supervisor_keeps_every_bound_of_the_evaluation(half: Half) -> None:
    score = Score.of(half, asyncio.run(played(SENTENCES[half], mind=LlmConfig(provider="builtin"))))
    missed = [f"{figure.name}: {figure.shown}, {figure.note}" for figure in score.figures() if figure.holds is False]
    assert not missed


@pytest.mark.parametrize("half", list(Half))
def test_every_line_obeys_the_committed_schema(half: Half) -> None:
    validator = jsonschema_rs.validator_for(SCHEMA)
    for line in (FOLDER / f"{half}.jsonl").read_text(encoding="utf-8").splitlines():
        validator.validate(json.loads(line))
    assert not validator.is_valid({"id": "t-shopping-01", "kind": "shopping", "say": "hi"})


def test_halves_hold_sixty_sentences_each_and_the_same_number_of_every_kind() -> None:
    tuning, held_out = (Counter(one.kind for one in SENTENCES[half]) for half in Half)
    assert tuning == held_out
    assert tuning.total() == 60


def test_no_sentence_stands_in_both_halves_and_no_id_twice() -> None:
    tuning, held_out = ({one.say.lower().strip(" .!?") for one in SENTENCES[half]} for half in Half)
    shared = len(tuning & held_out)  # A number: a failing test does not show what is held out.
    assert shared == 0
    ids = [one.id for half in Half for one in SENTENCES[half]]
    assert len(set(ids)) == len(ids)


def test_expected_tools_and_arguments_are_there_and_every_tool_is_wanted_somewhere() -> None:
    wanted = [call for half in Half for one in SENTENCES[half] for call in one.expect.calls]
    for call in wanted:
        fields = {name.removesuffix("_minor") for name in TOOLS[call.tool].wish.__struct_fields__}
        assert set(call.arguments) <= fields, call.tool
    assert {call.tool for call in wanted} == set(TOOLS)


def _sentence(*calls: Mapping[str, object], facts: tuple[str, ...] = (), asks: bool = False) -> Sentence:
    expect = {"agents": ["shopping"], "calls": calls, "facts": facts, "asks": asks}
    line = {"id": "t-shopping-01", "kind": "shopping", "say": "a keyboard", "expect": expect}
    return msgspec.convert(line, Sentence)


def _missed(sentence: Sentence, *wishes: Wish, text: str = "Fine.", agent: str = "shopping") -> list[str]:
    heard = Heard(sentence, agents=(agent,), wishes=wishes, text=text, before=GROUND, after=GROUND)
    return [aspect for aspect, holds in finding_of(heard).holds.items() if not holds]


SEARCH = {"tool": "search_products", "arguments": {"query": "quiet keyboard", "max_price": "$2.below"}}


@pytest.mark.parametrize(
    ("wish", "missed"),
    [
        (SearchProducts("a keyboard, quiet", max_price_minor=9_899), []),
        (SearchProducts("a keyboard", category="quiet", max_price_minor=9_899), []),
        (SearchProducts("a keyboard", max_price_minor=9_899), ["arguments"]),
        (SearchProducts("a quiet keyboard", max_price_minor=9_900), ["arguments"]),
        (SearchProducts("a quiet keyboard"), ["arguments"]),
        (SearchProducts("a quiet keyboard", max_price_minor=9_899, min_rating=4), ["arguments"]),
        (SearchProducts("a quiet keyboard", max_price_minor=9_899, quantity=2), ["arguments"]),
        (NegotiationStatus(), ["tools", "arguments"]),
    ],
)
def test_argument_that_is_missed_changed_or_made_up_counts_as_wrong(wish: Wish, missed: list[str]) -> None:
    assert _missed(_sentence(SEARCH), wish) == missed


def test_other_specialist_missing_fact_missing_question_and_silence_count_as_wrong() -> None:
    opened = {"tool": "open_negotiation", "arguments": {"product_id": "$2.id"}}
    wish = OpenNegotiation("p2")
    assert _missed(_sentence(opened, facts=("$2.name",)), wish, text="About the Logitech MX Keys?") == []
    assert _missed(_sentence(opened, facts=("$1.name",)), wish) == ["facts"]
    assert _missed(_sentence(opened), wish, text="") == ["facts"]
    assert _missed(_sentence(asks=True), text="Which one.") == ["facts"]
    assert _missed(_sentence(opened), wish, agent="billing") == ["specialists"]
    assert _missed(_sentence(opened)) == ["tools", "arguments"]
