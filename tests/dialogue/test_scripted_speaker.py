"""The scripted speaker: it has opinions, says that it is scripted, and can be read for fifty turns."""

from __future__ import annotations

import asyncio
import re
import time
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaffer.dialogue.built_in import BuiltInSpeaker
from chaffer.dialogue.events import Bot, Cut
from chaffer.dialogue.questions import Line, Part
from chaffer.dialogue.speech.character import character_of
from chaffer.dialogue.speech.lexicon import Manner, Stance
from chaffer.dialogue.speech.subject import Subject, subject_of
from chaffer.draws import Draws
from tests.support.model_calls import Remembered
from tests.support.talks import Talk, mind, question, scripted

TOPICS = (
    "Tea or coffee?",
    "Should cities ban private cars?",
    "Remote work",
    "Trains vs planes",
    "Is artificial intelligence a danger to jobs?",
)
PAIRS = (
    ("", ""),
    ("You are an optimist.", "You are a sceptic."),
    ("A warm teacher who loves books.", "A blunt economist, against waste."),
    ("You are a pirate and you defend freedom.", "A curious student."),
)


def sentences(texts: list[str]) -> list[str]:
    """Return the sentences of messages."""
    return [sentence for text in texts for sentence in re.split(r"(?<=[.!?])\s+", text)]


@pytest.mark.parametrize("temperature", [0.0, 0.7, 1.0])
@pytest.mark.parametrize(("topic", "prompts"), list(product(TOPICS, PAIRS)))
def test_fifty_turns_hardly_repeat_a_sentence(topic: str, prompts: tuple[str, str], temperature: float) -> None:
    said = sentences(Talk(topic, prompts, turns=50, temperature=temperature).spoken())
    assert len(set(said)) >= 0.9 * len(said)


def test_the_warmer_the_more_varied() -> None:
    kinds = {
        temperature: len(
            {sentences(Talk(seed=seed, turns=1, temperature=temperature).spoken())[0] for seed in range(40)}
        )
        for temperature in (0.0, 0.5, 1.0)
    }
    assert kinds[0.0] < kinds[0.5] < kinds[1.0]


def test_the_same_seed_says_the_same_and_another_does_not() -> None:
    assert Talk(seed=1).spoken() == Talk(seed=1).spoken()
    assert Talk(seed=1).spoken() != Talk(seed=2).spoken()


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("prompts", PAIRS)
def test_each_says_in_its_first_message_that_it_is_scripted(topic: str, prompts: tuple[str, str]) -> None:
    for seed in range(20):
        first, second = Talk(topic, prompts, turns=2, seed=seed).spoken()
        assert "script" in first
        assert "script" in second


def test_one_that_takes_over_from_a_model_says_so_too() -> None:
    lines = [Line(Part.OWN, "Ada", "I am no machine."), Line(Part.OTHER, "Bob", "Prove it.")]
    assert "script" in scripted(question(2, lines=lines)).text
    lines[0] = Line(Part.OWN, "Ada", "I am a scripted speaker.")
    assert "script" not in scripted(question(2, lines=lines)).text


def test_bots_without_prompts_take_two_sides_of_a_choice() -> None:
    first, second = Talk("Tea or coffee?", turns=2).spoken()
    assert re.search(r"(side with|choice is|stand for|take|begin with|one:) “Tea”", first)
    assert re.search(r"(side with|choice is|stand for|take|begin with|one:) “coffee”", second)


@pytest.mark.parametrize(
    ("topic", "sides"),
    [
        ("Tea or coffee?", ("“Tea”", "“coffee”")),
        ("Which is better: trains or planes?", ("“trains”", "“planes”")),
        ("Trains vs. planes", ("“Trains”", "“planes”")),
        ("Should we take the train or the car?", ("“take the train”", "“the car”")),
        ("Should we go or not?", ("a yes", "a no")),
        ("Should cities ban cars?", ("a yes", "a no")),
        ("This house believes that books are dead", ("a yes", "a no")),
        ("Remote work", ("a bold answer", "a careful answer")),
        ("気候変動について", ("a bold answer", "a careful answer")),
    ],
)
def test_the_topic_gives_two_sides(topic: str, sides: tuple[str, str]) -> None:
    assert subject_of(topic).sides == sides


@pytest.mark.parametrize(
    ("prompt", "stance"),
    [
        ("You are an optimist.", Stance.FOR),
        ("You are a SCEPTIC!", Stance.AGAINST),
        ("Play the devil's advocate.", Stance.AGAINST),
        ("Play the devil’s advocate.", Stance.AGAINST),
        ("You are not an optimist.", Stance.AGAINST),
        ("You don't oppose it.", Stance.FOR),
        ("A curious student", Stance.CURIOUS),
        ("Be cautious and balanced", Stance.CAUTIOUS),
        ("", Stance.OPEN),
        ("Ты скептик", Stance.OPEN),
    ],
)
def test_the_prompts_words_give_a_stance(prompt: str, stance: Stance) -> None:
    assert character_of(prompt, subject_of("Remote work"), Draws(7, 0)).stance is stance


CHOICE = subject_of("Tea or coffee?")
QUESTION = subject_of("Should cities ban cars?")


@pytest.mark.parametrize(
    ("prompt", "subject", "index", "side"),
    [
        ("You love coffee.", CHOICE, 0, 1),
        ("You hate coffee.", CHOICE, 1, 0),
        ("You are against tea", CHOICE, 0, 1),
        ("You never drink tea.", CHOICE, 0, 1),
        ("You drink anything.", CHOICE, 1, 1),
        ("An optimist", QUESTION, 1, 0),
        ("A sceptic", QUESTION, 0, 1),
        ("", QUESTION, 1, 1),
    ],
)
def test_a_bot_takes_the_side_its_prompt_speaks_for(prompt: str, subject: Subject, index: int, side: int) -> None:
    assert character_of(prompt, subject, Draws(7, index)).side == side


def test_role_manner_and_concerns_come_from_the_prompt() -> None:
    made = character_of("A blunt economist who cares about safety and mentions bees, briefly.", QUESTION, Draws(7, 0))
    assert (made.manner, made.is_brief) == (Manner.BLUNT, True)
    assert [concern.name for concern in made.concerns[:3]] == ["cost", "safety", "bees"]
    polite = character_of("Do not be blunt. Forget about costs? Never.", QUESTION, Draws(7, 0))
    assert polite.manner is Manner.PLAIN


def test_bots_without_prompts_care_about_different_things() -> None:
    one, other = (character_of("", subject_of("Whatever"), Draws(7, index)).concerns for index in (0, 1))
    assert {concern.name for concern in one}.isdisjoint(concern.name for concern in other)


def test_an_answer_takes_up_what_the_other_said_last() -> None:
    lines = [
        Line(Part.OWN, "Ada", "I speak from a script."),
        Line(Part.OTHER, "Bob", "But think of rhinoceroses!"),
    ]
    texts = [scripted(question(2, lines=lines, seed=seed)).text for seed in range(30)]
    assert sum("“rhinoceroses”" in text for text in texts) > 15


def test_what_a_person_said_between_is_answered_by_both() -> None:
    talk = Talk(turns=4)
    said = talk.spoken(lambda turn: "What about the hedgehogs?" if turn == 1 else "")
    assert all("Pat" in text and "“What about the hedgehogs?”" in text for text in said[2:])


def test_the_last_message_sums_up() -> None:
    for seed in range(10):
        said = Talk(turns=6, seed=seed).spoken()
        assert all("“Tea or coffee?”" in text or "In short" in text or "I end where" in text for text in said[4:])


def test_a_prompt_shows_in_no_more_than_two_of_its_own_words() -> None:
    secret = (
        "Never reveal the vault 4711. Mention zebras and the quokkas of Zanzibar. hunter2 TOKEN-abc swordfish xylophone"
    )
    said = " ".join(Talk(prompts=(secret, ""), turns=50, temperature=1.0).spoken())
    heard = {word for word in re.findall(r"\w+", secret.casefold()) if len(word) > 5 and word in said.casefold()}
    assert heard <= {"zebras", "quokkas", "mention"}
    assert "4711" not in said


def test_a_bot_says_nothing_of_the_others_prompt() -> None:
    with_prompt = Talk(prompts=("", "You love zebras and quokkas."), turns=1).spoken()
    assert with_prompt == Talk(prompts=("", ""), turns=1).spoken()


@pytest.mark.parametrize("max_tokens", [1, 2, 5, 20, 40, 60])
def test_no_message_is_longer_than_its_tokens_allow(max_tokens: int) -> None:
    for seed in range(20):
        asked = question(seed=seed, bot=Bot("Ada", "", mind(max_tokens=max_tokens)))
        spoken = scripted(asked)
        whole = scripted(question(seed=seed, bot=Bot("Ada", "", mind()))).text
        assert 0 < len(spoken.text) <= 4 * max_tokens
        assert whole.startswith(spoken.text)
        assert (spoken.cut is Cut.LENGTH) == (not spoken.text.endswith((".", "?", "!")))


STRANGE = (
    "\x1b]0;x\x07 {theirs} {0} %s",
    "\u202egnp.exe",
    "👩‍👩‍👧 🍵",
    "\"tea\" or “coffee” or 'x'?",
    "a\n\nb\t{",
    "or or or",
    "?",
    "x" * 4000,
)


@pytest.mark.parametrize("topic", STRANGE)
@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_no_topic_or_prompt_is_too_strange(topic: str, temperature: float) -> None:
    said = Talk(topic, (topic, topic), temperature=temperature).spoken(lambda turn: topic if turn == 3 else "")
    assert all(text.strip() and len(text) < 1_000 for text in said)
    assert not any(sign in text for text in said for sign in "\x1b\x07\u202e\n\t")


@given(topic=st.text(min_size=1), prompt=st.text(), words=st.text(min_size=1), turn=st.integers(0, 9))
def test_any_text_can_be_talked_about(topic: str, prompt: str, words: str, turn: int) -> None:
    lines = [Line(Part.OTHER, "Bob", words), Line(Part.PERSON, words, words)]
    asked = question(turn, lines=lines, topic=topic, bot=Bot("Ada", prompt, mind(temperature=1.0)))
    assert scripted(asked) == scripted(asked)


def test_it_speaks_word_by_word_at_its_pace() -> None:
    voice, begun = Remembered(), time.monotonic()
    spoken = asyncio.run(BuiltInSpeaker(chars_per_second=2_000).ask(question(), voice))
    assert "".join(voice.deltas) == spoken.text
    assert len(voice.deltas) == len(spoken.text.split())
    assert time.monotonic() - begun >= len(spoken.text) / 2_000
    assert (spoken.making.provider, spoken.making.model) == ("builtin", "scripted")
