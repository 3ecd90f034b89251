"""How many tokens a prompt will have, by estimate, and the newest part of a conversation that a model can read.

No tokenizer is asked: every vendor has its own, they change with the models, and each weighs more than this program.
An estimate is rather too high than too low, because a prompt that is shortened a little early is still answered.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Final, assert_never

from chaffer.llm.prices import context_tokens
from chaffer.llm.requests import Message, ModelRequest, Said, ToolResult, ToolsCalled

# Thousandths of a token for a character of plain Latin text. Vendors speak of 4 characters of English prose to a token;
# JSON and numbers take more tokens, and Anthropic's tokenizer of 2026 about 30 % more than its older one.
_PLAIN: Final[Mapping[str, int]] = {
    "openai": 310,
    "openrouter": 340,
    "lm_studio": 340,
    "bedrock": 340,
    "anthropic": 400,
    "langchain": 400,
}
_PLAIN_OF_OTHERS: Final = 400

# The first character behind each range of scripts, and thousandths of a token for one character of it.
_SCRIPTS: Final = (
    (0x0080, 0),  # Plain; see above.
    (0x0250, 700),  # Latin with accents.
    (0x0530, 700),  # Greek, Cyrillic.
    (0x2000, 1_300),  # Hebrew, Arabic, the scripts of India, Thai, Georgian.
    (0x2E80, 1_000),  # Signs of typography and mathematics.
    (0xD800, 1_500),  # Chinese, Japanese, Korean.
    (0xF900, 3_000),  # Private use.
    (0x10000, 1_500),  # Forms of compatibility.
    (0x20000, 3_000),  # Emoji and rare scripts.
    (0x110000, 3_000),
)

_TOKENS_PER_MESSAGE: Final = 8
_TOKENS_PER_TOOL: Final = 16
_TOKENS_PER_REQUEST: Final = 16
_THOUSAND: Final = 1_000


def thousandths(provider: str, text: str) -> int:
    """Return about how many thousandths of a token a text has; those of its parts add up to those of the whole."""
    plain = _PLAIN.get(provider, _PLAIN_OF_OTHERS)
    if text.isascii():
        return len(text) * plain
    found = Counter(text)
    return sum(count * (_weight(ord(character)) or plain) for character, count in found.items())


def _weight(code_point: int) -> int:
    return next(weight for end, weight in _SCRIPTS if code_point < end)


def text_tokens(provider: str, text: str) -> int:
    """Return about how many tokens a text has."""
    return -(-thousandths(provider, text) // _THOUSAND)


def estimated_tokens(request: ModelRequest, provider: str = "") -> int:
    """Return about how many tokens the prompt has: everything that is sent. Without a provider, the dearest count."""
    return _fixed_tokens(request, provider) + sum(_message_tokens(message, provider) for message in request.messages)


def _fixed_tokens(request: ModelRequest, provider: str) -> int:
    """Return the tokens of all but the messages."""
    texts = [request.system]
    for tool in request.tools:
        texts += [tool.name, tool.description, json.dumps(dict(tool.parameters))]
    if request.reply_format is not None:
        texts += [request.reply_format.name, json.dumps(dict(request.reply_format.schema))]
    frame = _TOKENS_PER_REQUEST + _TOKENS_PER_TOOL * len(request.tools)
    return frame + sum(text_tokens(provider, text) for text in texts)


def _message_tokens(message: Message, provider: str) -> int:
    match message:
        case Said():
            texts = [message.text]
        case ToolsCalled():
            texts = [message.text]
            for call in message.calls:
                texts += [call.call_id, call.name, call.arguments]
        case ToolResult():
            texts = [message.call_id, message.content]
        case _:
            assert_never(message)
    return _TOKENS_PER_MESSAGE * len(texts) + sum(text_tokens(provider, text) for text in texts)


def windowed(request: ModelRequest, limit_tokens: int, provider: str = "") -> ModelRequest:
    """Return the request with as many of its newest messages as fit into so many tokens, the system prompt included.

    What fits is left as it is. What is cut begins with a turn of the user, and no result of a tool is parted from the
    call it answers. The last message always stays: where it does not fit either, the shortest such window is returned,
    and `fits` says so. Without any turn of the user nothing is cut.
    """
    fixed = _fixed_tokens(request, provider)
    sizes = [_message_tokens(message, provider) for message in request.messages]
    if fixed + sum(sizes) <= limit_tokens:
        return request
    starts = _starts(request.messages)
    if not starts:
        return request
    behind = [fixed + tokens for tokens in accumulate(reversed(sizes))][::-1]
    start = next((start for start in starts if behind[start] <= limit_tokens), starts[-1])
    return replace(request, messages=request.messages[start:])


def _starts(messages: Sequence[Message]) -> list[int]:
    """Return where a window may begin: at the user's turns behind which every result has its call."""
    starts = []
    unanswered: set[str] = set()
    for index in range(len(messages) - 1, -1, -1):
        match messages[index]:
            case ToolResult(call_id=call_id):
                unanswered.add(call_id)
            case ToolsCalled(calls=calls):
                unanswered.difference_update(call.call_id for call in calls)
            case Said(role="user") if not unanswered:
                starts.append(index)
            case Said():
                pass
    return starts[::-1]


def fits(provider: str, model: str, request: ModelRequest, *, context_told: int | None = None) -> bool:
    """Tell whether prompt and reply together fit what the model reads at once; True where that is not known."""
    window = _window(provider, model, context_told)
    return window is None or estimated_tokens(request, provider) + request.max_tokens <= window


def within_context(provider: str, request: ModelRequest, *, context_told: int | None = None) -> ModelRequest:
    """Return the request with as much of its newest history as the model can read with the reply; see `windowed`."""
    window = _window(provider, request.model, context_told)
    return request if window is None else windowed(request, max(window - request.max_tokens, 0), provider)


def with_half_the_history(request: ModelRequest, provider: str) -> ModelRequest:
    """Return the request with about the newer half of its messages; its last one stays."""
    fixed = _fixed_tokens(request, provider)
    return windowed(request, fixed + (estimated_tokens(request, provider) - fixed) // 2, provider)


def _window(provider: str, model: str, told: int | None) -> int | None:
    """Return how many tokens a model reads at once, None where that is not known.

    What the table does not say may be told: a model on one's own machine reads as much as it was loaded with, and some
    providers' lists say it of theirs.
    """
    known = context_tokens(provider, model)
    return told if known is None else known
