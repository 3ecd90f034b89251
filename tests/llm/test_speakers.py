"""Bots that are models: what they are sent, and which of their words are said."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaffer.dialogue.events import Bot, Cut
from chaffer.dialogue.questions import Line, Part, SpeakerTurn, Spoken
from chaffer.errors import Code
from chaffer.llm.faults import ModelFaultError
from chaffer.llm.free_speech import LONGEST_MESSAGE, FreeSpeech
from chaffer.llm.speakers import ModelSpeaker
from tests.support.model_calls import Remembered, called, seat
from tests.support.model_markets import opened
from tests.support.standin import MODEL, standing_in
from tests.support.standin_scripts import Answer, Asked, Script, first
from tests.support.talks import PROMPTS, begun, mind, over, plan, question, speaks, turns_of

LINES = [
    Line(Part.OWN, "Ada", "Tea, of course."),
    Line(Part.OTHER, "Bob", "Coffee!"),
    Line(Part.PERSON, "Pat", "And water?"),
    Line(Part.OTHER, "Bob", "No."),
]


def heard_of(chunks: Sequence[str], name: str = "Ada") -> tuple[str, str]:
    """Return what a message's text is, and what was said of it since the last restart."""
    voice = Remembered()
    speech = FreeSpeech(name, lambda words: voice.say(0, words), voice.restart)
    for chunk in chunks:
        speech.add(chunk)
    speech.close()
    return speech.said, voice.said[-1].get(0, "")


CASES = {
    "Hello there.": "Hello there.",
    " \n Hello \n\n there. \n": "Hello \n\n there.",
    "<think>He says tea. </think>Coffee!": "Coffee!",
    "<THINKING>\nTea?\n</THINKING>\n\nCoffee!": "Coffee!",
    "So, he says tea. Hm.</think>Coffee!": "Coffee!",
    "<think>one</think><think>two</think>Coffee <reasoning>three</reasoning>black!": "Coffee black!",
    "<think>never ends": "",
    "<think></think>": "",
    "Ada: Hello.": "Hello.",
    "ADA : Hello.": "Hello.",
    "**Ada:** Hello.": "Hello.",
    "**Ada**: Hello.": "Hello.",
    "[Ada]: “Hello.”": "“Hello.”",
    "<think>tea</think>\nAda: Hello.": "Hello.",
    "Ada: tea? </think> Ada: Hello.": "Hello.",
    "Ada\uff1a你好": "你好",
    "Ada": "Ada",
    "Ada is my name: hello.": "Ada is my name: hello.",
    "Adam: hello": "Adam: hello",
    "Bob: hello": "Bob: hello",
    "A: hello": "A: hello",
    "**Note:** hello": "**Note:** hello",
    "a < b and <thin> </b> <": "a < b and <thin> </b> <",
    "I say Ada: hello": "I say Ada: hello",
    "Red\x1b[31m \x00and\u202e gone\x07\tnow": "Red[31m and gone now",
    "Ada:": "",
    "": "",
}


@pytest.mark.parametrize("text", CASES)
@given(data=st.data())
def test_thoughts_and_names_are_not_said_however_the_text_is_cut(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    chunks = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert heard_of(chunks) == (CASES[text], CASES[text])


@pytest.mark.parametrize("name", ["A.d(a", "[Bot]", "Straße", "İpek", "Bot 1", "  ", "*"])
def test_names_of_any_signs_are_known(name: str) -> None:
    assert heard_of([f"{name}: Hello."], name)[0] == "Hello."
    assert heard_of([*f"{name}: Hello."], name)[0] == "Hello."


@given(chunks=st.lists(st.text(alphabet="Ada: <think>/*\n x", max_size=12), max_size=12))
def test_what_was_heard_is_what_is_recorded(chunks: list[str]) -> None:
    said, heard = heard_of(chunks)
    assert said == heard == said.strip()
    assert heard_of(["".join(chunks)])[0] == said


def test_text_comes_without_waiting_for_the_end() -> None:
    voice = Remembered()
    speech = FreeSpeech("Ada", lambda words: voice.say(0, words), voice.restart)
    for chunk in ("He", "llo ", "the", "re <t", " and"):
        speech.add(chunk)
    assert voice.deltas == ["He", "llo", " the", "re", " <t and"]


def test_no_message_is_without_end() -> None:
    assert len(heard_of(["x" * 1_000] * 100)[0]) == LONGEST_MESSAGE


def asked(script: Script, turn: SpeakerTurn, *, retries: int = 3) -> tuple[Spoken, Remembered, list[Asked]]:
    """Return what a model said in a turn, what was heard of it, and what it was asked."""
    voice = Remembered()
    with standing_in(script) as server:
        spoken = called(server.url, lambda provider: ModelSpeaker(seat(provider, retries=retries)).ask(turn, voice))
        return spoken, voice, server.asked


def test_own_words_are_the_assistants_and_all_others_the_users() -> None:
    spoken, voice, calls = asked(speaks("Water it is."), question(2, lines=LINES))
    system, *messages = calls[0].body["messages"]
    assert system["role"] == "system"
    assert system["content"].startswith(PROMPTS[0])
    assert "Tea or coffee?" in system["content"]
    assert [(said["role"], said["content"]) for said in messages] == [
        ("user", "Tea or coffee?"),
        ("assistant", "Tea, of course."),
        ("user", "Coffee!\n\n[Pat, who listens, says:] And water?\n\nNo."),
    ]
    assert voice.said == [{0: spoken.text}]
    assert (spoken.text, spoken.cut) == ("Water it is.", None)
    assert (spoken.making.model, spoken.making.prompt_tokens, spoken.making.attempts) == (MODEL, 100, 1)
    assert spoken.making.completion_tokens == len("Water it is.") // 4


def test_a_message_cut_at_its_longest_says_so() -> None:
    spoken, _, _ = asked(speaks("Water it", finish_reason="length"), question())
    assert (spoken.text, spoken.cut) == ("Water it", Cut.LENGTH)


def test_what_a_broken_reply_said_is_taken_back_and_said_again() -> None:
    script = first(1, speaks("Coffee, no, wai", finish_reason=None, disconnects=True), speaks("Tea."))
    spoken, voice, calls = asked(script, question())
    assert voice.said == [{0: "Coffee, no, wai"}, {0: "Tea."}]
    assert (spoken.text, spoken.making.attempts, len(calls)) == ("Tea.", 2, 2)


def test_what_was_not_heard_needs_no_restart() -> None:
    _, voice, _ = asked(first(2, lambda _: Answer(status=503), speaks("Tea.")), question())
    assert voice.said == [{0: "Tea."}]


def test_a_turn_has_one_budget_of_retries() -> None:
    with pytest.raises(ModelFaultError) as fault:
        asked(lambda _: Answer(status=503), question(), retries=2)
    assert fault.value.code is Code.LLM_PROVIDER_UNAVAILABLE
    counted: list[int] = []

    def too_long_then_down(call: Asked) -> Answer:
        counted.append(call.number)
        too_long = b'{"error": {"code": "context_length_exceeded", "message": "context length"}}'
        return Answer(status=400, body=too_long) if call.number == 1 else Answer(status=503)

    with pytest.raises(ModelFaultError):
        asked(too_long_then_down, question(2, lines=LINES), retries=2)
    assert len(counted) == 4, "one call, one retry, half the history, and the retry that is left"


def test_half_the_history_is_sent_once_to_a_model_that_reads_less() -> None:
    too_long = Answer(status=400, body=b'{"error": {"code": "context_length_exceeded", "message": "context length"}}')
    lines = [Line((Part.OTHER, Part.OWN)[number % 2], "x", f"Line {number}.") for number in range(21)]
    spoken, _, calls = asked(first(1, lambda _: too_long, speaks("Tea.")), question(2, lines=lines))
    before, after = (len(call.body["messages"]) for call in calls)
    assert 0.3 * before < after < 0.7 * before
    assert calls[1].body["messages"][-1]["content"] == "Line 20."
    assert "Tea or coffee?" in calls[1].system
    assert spoken.text == "Tea."
    with pytest.raises(ModelFaultError) as fault:
        asked(lambda _: too_long, question(2, lines=lines))
    assert fault.value.code is Code.LLM_BAD_GATEWAY


def test_a_small_context_keeps_the_newest_of_the_talk() -> None:
    async def case(url: str, provider: Any) -> Spoken:
        del url
        small = replace(seat(provider), context_told=900)
        return await ModelSpeaker(small).ask(question(2, lines=lines), Remembered())

    lines = [Line((Part.OTHER, Part.OWN)[number % 2], "x", f"Line {number}. " * 20) for number in range(41)]
    with standing_in(speaks("Tea.")) as server:
        called(server.url, lambda provider: case(server.url, provider))
        (call,) = server.asked
    messages = call.body["messages"]
    assert 1 < len(messages) < 15
    assert messages[1]["role"] == "user"
    assert messages[-1]["content"].startswith("Line 40.")


@pytest.mark.parametrize("text", ["<think>only thoughts</think>", " \n ", "Ada:"])
def test_a_reply_without_speech_is_a_fault(text: str) -> None:
    with pytest.raises(ModelFaultError) as fault:
        asked(speaks(text), question(), retries=1)
    assert fault.value.code is Code.LLM_BAD_GATEWAY


def test_thoughts_that_used_up_the_tokens_are_no_speech_and_not_tried_again() -> None:
    voice = Remembered()
    with (
        standing_in(speaks("<think>so long", finish_reason="length")) as server,
        pytest.raises(ModelFaultError) as fault,
    ):
        called(server.url, lambda provider: ModelSpeaker(seat(provider)).ask(question(), voice))
    assert "max_tokens" in fault.value.message
    assert voice.said == [{}]


@pytest.mark.parametrize("wire", ["lm_studio", "openai", "openrouter", "anthropic", "bedrock"])
def test_every_wire_carries_a_talk_with_persons_between(
    wire: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def case(url: str) -> None:
        given: dict[str, Any] = {f"{name}_api_key": "sk-configured" for name in ("openai", "openrouter", "anthropic")}
        given |= {"aws_region": "eu-central-1", "aws_bearer_token_bedrock": "token"}
        async with opened(url, tmp_path, **given) as chaffer, asyncio.timeout(20):
            live = await begun(chaffer, plan(turns=3, bots=[{"provider": wire}] * 2))
            await chaffer.runs.say(live.conversation_id, "And water?", "Pat")
            await chaffer.runs.say(live.conversation_id, "And wine?", "Pat")
            assert (await over(live)).status == "completed"
            assert len(turns_of(live)) == 3

    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with standing_in(speaks(delay=0.1)) as server:
        asyncio.run(case(server.url))
        assert len(server.asked) == 3
        assert all(PROMPTS[number % 2] in call.system for number, call in enumerate(server.asked))
        assert "And water?" in str(server.asked[1].body)


def test_the_frame_takes_any_name_and_topic() -> None:
    bot = Bot("{0}{name}", "Prompt {topic}", mind())
    _, _, calls = asked(speaks("Tea."), question(bot=bot, topic="{x} %s", other_name="}{"))
    assert calls[0].system.startswith("Prompt {topic}\n\nYou are {0}{name}. You talk with }{,")
