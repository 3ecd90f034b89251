"""A prompt's tokens are not underestimated, and a window keeps what must be kept."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaffer.llm.context import estimated_tokens, fits, text_tokens, thousandths, windowed
from chaffer.llm.requests import (
    Message,
    ModelRequest,
    ReplyFormat,
    Said,
    Tool,
    ToolCall,
    ToolResult,
    ToolsCalled,
)
from chaffer.vendors import VENDORS

PROVIDERS = st.sampled_from(["", *VENDORS])
TEXTS = st.text(max_size=60)


@st.composite
def conversations(draw: st.DrawFn) -> tuple[Message, ...]:
    """Draw a conversation as agents have them: turns of a user, answers, and tools called in between."""
    messages: list[Message] = []
    for turn in range(draw(st.integers(1, 6))):
        messages.append(Said("user", draw(TEXTS)))
        for step in range(draw(st.integers(0, 2))):
            calls = tuple(ToolCall(f"{turn}.{step}.{n}", "look_up", "{}") for n in range(draw(st.integers(1, 3))))
            messages.append(ToolsCalled(calls, draw(TEXTS)))
            messages += [ToolResult(call.call_id, draw(TEXTS)) for call in calls]
        if draw(st.booleans()):
            messages.append(Said("assistant", draw(TEXTS)))
    if draw(st.booleans()):
        messages.insert(0, Said("assistant", draw(TEXTS)))
    return tuple(messages)


def asking(*messages: Message, **changes: object) -> ModelRequest:
    """Return a request with such messages."""
    return replace(ModelRequest("some-model", messages, max_tokens=100, system="Be kind."), **changes)  # type: ignore[arg-type]  # Fields by name.


def said(*texts: str) -> tuple[Said, ...]:
    """Return turns of the user and the assistant, one after the other."""
    return tuple(Said("assistant" if number % 2 else "user", text) for number, text in enumerate(texts))


@given(messages=conversations(), limit=st.integers(0, 600), provider=PROVIDERS)
def test_a_window_fits_or_is_the_shortest_there_is(messages: tuple[Message, ...], limit: int, provider: str) -> None:
    request = asking(*messages)
    window = windowed(request, limit, provider)
    if estimated_tokens(window, provider) > limit:
        assert windowed(request, 0, provider) == window
        assert sum(isinstance(message, Said) and message.role == "user" for message in window.messages) == 1


@given(messages=conversations(), limit=st.integers(0, 600), provider=PROVIDERS)
def test_a_window_is_the_newest_part_unchanged_and_in_order(
    messages: tuple[Message, ...], limit: int, provider: str
) -> None:
    request = asking(*messages)
    window = windowed(request, limit, provider)
    assert window.messages
    assert messages[-len(window.messages) :] == window.messages
    assert replace(window, messages=messages) == request


@given(messages=conversations(), limit=st.integers(0, 600), provider=PROVIDERS)
def test_a_window_of_a_window_is_itself(messages: tuple[Message, ...], limit: int, provider: str) -> None:
    window = windowed(asking(*messages), limit, provider)
    assert windowed(window, limit, provider) == window


@given(messages=conversations(), limit=st.integers(0, 600), provider=PROVIDERS)
def test_what_is_cut_begins_with_the_user_and_parts_no_result_from_its_call(
    messages: tuple[Message, ...], limit: int, provider: str
) -> None:
    window = windowed(asking(*messages), limit, provider).messages
    if len(window) < len(messages):
        assert isinstance(window[0], Said)
        assert window[0].role == "user"
    called: set[str] = set()
    for message in window:
        if isinstance(message, ToolsCalled):
            called |= {call.call_id for call in message.calls}
        if isinstance(message, ToolResult):
            assert message.call_id in called


@given(messages=conversations(), limit=st.integers(0, 600), provider=PROVIDERS)
def test_a_window_could_not_have_begun_at_an_earlier_turn(
    messages: tuple[Message, ...], limit: int, provider: str
) -> None:
    window = windowed(asking(*messages), limit, provider).messages
    first = len(messages) - len(window)
    earlier = [
        n for n in range(first) if isinstance(messages[n], Said) and messages[n] == Said("user", _text(messages[n]))
    ]
    if earlier:
        assert estimated_tokens(asking(*messages[earlier[-1] :]), provider) > limit


def _text(message: Message) -> str:
    return message.text if isinstance(message, Said) else ""


@given(messages=conversations(), limits=st.lists(st.integers(0, 600), min_size=2), provider=PROVIDERS)
def test_a_larger_window_never_shows_less(messages: tuple[Message, ...], limits: list[int], provider: str) -> None:
    sizes = [len(windowed(asking(*messages), limit, provider).messages) for limit in sorted(limits)]
    assert all(smaller <= larger for smaller, larger in pairwise(sizes))


def test_a_conversation_keeps_its_newest_turns() -> None:
    request = asking(*said("a" * 900, "b" * 900, "c" * 90, "d" * 90, "e"))
    assert windowed(request, 200).messages == said("c" * 90, "d" * 90, "e")
    assert windowed(request, 80).messages == said("e")
    assert windowed(request, 10_000) is request


def test_a_result_whose_call_lies_before_the_last_turn_keeps_that_turn_from_beginning_a_window() -> None:
    call = ToolsCalled((ToolCall("1", "look_up", "{}"),))
    messages = (Said("user", "x" * 500), Said("user", "a"), call, Said("user", "well?"), ToolResult("1", "found"))
    assert windowed(asking(*messages), 10).messages == messages[1:]


def test_without_a_turn_of_the_user_nothing_is_cut() -> None:
    request = asking(Said("assistant", "a" * 900), Said("assistant", "b"))
    assert windowed(request, 10) is request


@given(texts=st.lists(TEXTS), provider=PROVIDERS)
def test_the_parts_of_a_text_weigh_what_it_weighs(texts: list[str], provider: str) -> None:
    assert thousandths(provider, "".join(texts)) == sum(thousandths(provider, text) for text in texts)


# From one token for four letters of English, and one for each character of Chinese, to about twice that.
@pytest.mark.parametrize(
    ("text", "at_least", "at_most"),
    [
        ("The quick brown fox jumps over the lazy dog. " * 20, 200, 400),
        ('{"price": 1100.00, "quantity": 2, "conditions": ["by Monday"]}, ' * 20, 380, 560),
        ("我想买一台笔记本电脑。价格不要超过一千美元。" * 20, 300, 700),
        ("ノートパソコンを二台ください。" * 20, 200, 500),
        ("Я хочу купить ноутбук, не дороже тысячи долларов. " * 20, 300, 800),
        ("मुझे एक लैपटॉप चाहिए। " * 20, 200, 600),
        ("👍🏽🎉" * 20, 120, 200),
        ("Größe für Käthe: schön, naïve, café. " * 20, 200, 400),
    ],
)
@pytest.mark.parametrize("provider", VENDORS)
def test_a_text_is_rather_over_than_underestimated_in_any_script(
    text: str, at_least: int, at_most: int, provider: str
) -> None:
    assert at_least <= text_tokens(provider, text) <= at_most


@given(text=st.text(max_size=300), provider=PROVIDERS)
def test_no_character_is_free_and_none_costs_more_than_its_bytes(text: str, provider: str) -> None:
    tokens = text_tokens(provider, text)
    assert (tokens > 0) == bool(text)
    assert tokens <= len(text.encode("utf-8", "surrogatepass")) * 2


def test_everything_that_is_sent_counts() -> None:
    empty = estimated_tokens(asking(Said("user", "hello")))
    tool = Tool("look_up", "Looks something up.", {"type": "object", "properties": {"name": {"type": "string"}}})
    reply_format = ReplyFormat("offer", {"type": "object", "properties": {"price": {"type": "number"}}})
    call = ToolsCalled((ToolCall("1", "look_up", '{"name": "' + "x" * 90 + '"}'),))
    for more in (
        asking(Said("user", "hello"), system="Be very kind." * 9),
        asking(Said("user", "hello"), tools=(tool,)),
        asking(Said("user", "hello"), reply_format=reply_format),
        asking(Said("user", "hello"), call),
        asking(Said("user", "hello"), call, ToolResult("1", "y" * 90)),
    ):
        assert estimated_tokens(more) > empty + 20


def test_a_prompt_fits_where_it_leaves_room_for_the_reply() -> None:
    request = asking(Said("user", "x" * 20_000))
    assert estimated_tokens(request, "openai") < 8_192 - 1_900
    assert fits("openai", "gpt-4", replace(request, max_tokens=1_900))
    assert not fits("openai", "gpt-4", replace(request, max_tokens=2_100))


def test_where_the_window_is_not_known_everything_fits() -> None:
    request = asking(Said("user", "x" * 1_000_000))
    assert fits("openai", "some-model", request)
    assert fits("lm_studio", "some-model", request)


@pytest.mark.parametrize("provider", ["lm_studio", "openrouter"])
def test_where_the_table_says_nothing_what_is_told_of_a_model_holds(provider: str) -> None:
    request = asking(Said("user", "x" * 10_000))
    assert not fits(provider, "some-model", request, context_told=3_400)
    assert fits(provider, "some-model", request, context_told=3_600)
    assert not fits("openai", "gpt-4", replace(request, max_tokens=8_000), context_told=100_000)
