"""What a server sends is believed in bounds: it breaks no room, uses up no memory, and steers no other call."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from pydantic import ValidationError

from chaffer.errors import ChafferError, Code
from chaffer.llm.faults import Callee, ModelFaultError, OptionRefusedError, PromptTooLongError
from chaffer.llm.provider import Provider, Timeouts
from chaffer.llm.providers import lm_studio, openai
from chaffer.llm.refused_options import MOST_MODELS, RefusedOptions
from chaffer.llm.requests import Ending, Item, ModelRequest, Said
from chaffer.llm.vendor import VendorConfig
from chaffer.llm.wires.anthropic_messages import AnthropicMessages
from chaffer.llm.wires.chat_completions import ChatCompletions
from chaffer.llm.wires.converse import Converse
from chaffer.llm.wires.fields import count, micros, name_or_none
from chaffer.validation import LlmConfig
from tests.support.loopback import Loopback, Reply, Request, answering
from tests.support.model_calls import REQUEST
from tests.support.wire_readings import CALLEE

TYPE = {"content-type": "text/event-stream"}
WORDS = b'data: {"model":"m","choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'

Came = list[Item] | ChafferError


async def items_of(provider: Provider, request: ModelRequest = REQUEST) -> list[Item]:
    return [item async for item in provider.stream(request)]


def asked(
    answer: Callable[[Request], Reply], *requests: ModelRequest
) -> tuple[list[list[Item] | ChafferError], Loopback]:
    """Return what each call brings, one after another, and the server."""

    async def case() -> tuple[list[list[Item] | ChafferError], Loopback]:
        came: list[list[Item] | ChafferError] = []
        async with answering(answer) as there, asyncio.timeout(20):
            provider = lm_studio.provider(VendorConfig("lm_studio", Timeouts(), f"{there.url}/v1"))
            for request in requests:
                try:
                    came.append(await items_of(provider, request))
                except ChafferError as fault:
                    came.append(fault)
            await provider.aclose()
            return came, there

    return asyncio.run(case())


def brought(stream: bytes, headers: dict[str, str] | None = None) -> list[Item]:
    (came,), _ = asked(lambda _: Reply(stream, headers={**TYPE, **(headers or {})}), REQUEST)
    if isinstance(came, ChafferError):
        raise came
    return came


@pytest.mark.parametrize(
    "fields",
    [
        b'"usage":{"cost":1e308}',
        b'"usage":{"cost":1' + b"0" * 400 + b"}",
        b'"usage":{"cost":NaN}',
        b'"usage":{"prompt_tokens":1' + b"0" * 400 + b',"completion_tokens":1000000001}',
        b'"model":"\\ud800"',
        b'"model":"\\u0000\\u001b\\n"',
    ],
)
def test_numbers_and_names_that_nobody_can_keep_are_as_good_as_missing(fields: bytes) -> None:
    finish = b'"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]'
    text, ending = brought(b"data: {" + finish + b"," + fields + b"}\n\ndata: [DONE]\n\n")
    assert text == "Hi"
    assert isinstance(ending, Ending)
    assert msgspec.json.encode(ending)
    usage = ending.usage
    assert (ending.model, usage.prompt_tokens, usage.completion_tokens, usage.cost_micros) == (
        REQUEST.model,
        None,
        None,
        None,
    )


def test_sensible_numbers_and_names_stay() -> None:
    assert (micros(0.00014), micros(1_000_000), micros(1_000_001), micros(-1)) == (140, 10**12, None, None)
    assert (count(0), count(10**9), count(10**9 + 1), count(-1)) == (0, 10**9, None, None)
    assert name_or_none("meta/llama-3 Größe 😀") == "meta/llama-3 Größe 😀"
    assert name_or_none("a\ud800b\x00\u202ec") == "abc"
    assert name_or_none("x" * 100_000) == "x" * 200
    assert name_or_none(5) is None


class _Raising:
    """A reading that raises what nobody foresaw."""

    def __init__(self, error: Exception) -> None:
        self._error = error
        self.is_done = False

    def take(self, _: str) -> Any:
        raise self._error


@pytest.mark.parametrize("error", [ValueError(), OverflowError(), RecursionError(), KeyError()])
def test_what_reading_raises_is_nonsense_and_a_slip_of_ours_is_not(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ChatCompletions, "reading", lambda *_: _Raising(error))
    with pytest.raises(KeyError if isinstance(error, KeyError) else ModelFaultError) as raised:
        brought(WORDS)
    assert getattr(raised.value, "code", Code.LLM_BAD_GATEWAY) is Code.LLM_BAD_GATEWAY


def saying(text: str) -> ModelRequest:
    return replace(REQUEST, messages=(Said("user", text),))


def refusal(**error: Any) -> Reply:
    return Reply(json.dumps({"error": error}).encode(), 400)


def test_a_prompt_that_is_quoted_switches_nothing_off() -> None:
    def answer(request: Request) -> Reply:
        said = json.loads(request.body)["messages"][-1]["content"]
        return refusal(message=f"Invalid prompt: {said}") if "grammar" in said else Reply(WORDS, headers=TYPE)

    came, there = asked(answer, saying("a laptop"), saying("an English grammar book"), saying("a laptop"))
    assert [isinstance(each, ChafferError) for each in came] == [False, True, False]
    formats = ["response_format" in json.loads(request.body) for request in there.asked]
    assert formats == [True, True, False, True]


def test_what_helped_is_kept_of_the_models_asked_last() -> None:
    known = RefusedOptions()
    for number in range(MOST_MODELS):
        known.note(f"model {number}", frozenset({"temperature"}))
    assert known.of("model 0")
    known.note("one more", frozenset({"temperature"}))
    known.note("model 0", frozenset({"response_format"}))
    assert len(known) == MOST_MODELS
    assert known.of("model 1") == frozenset()
    assert known.of("model 0") == {"temperature", "response_format"}


def told(status: int, error: object, *asked_with: str) -> ModelFaultError:
    callee = Callee("openai", "m", "Wait.", Timeouts(), asked=asked_with)
    return callee.refused(status, {}, json.dumps({"error": error}).encode())


@pytest.mark.parametrize("words", ["context window", "insufficient_quota", "unknown model", "Context Length"])
@pytest.mark.parametrize("before", ["", "The input was not taken. " * 10])
def test_words_of_the_prompt_say_nothing_about_it(words: str, before: str) -> None:
    asked_with = ("Be brief.", f"I sell one {words.upper()}.")
    said = f"{before}Invalid: {asked_with[1]}"
    for fault in (told(400, {"message": said}, *asked_with), told(400, said, *asked_with)):
        assert type(fault) is ModelFaultError
        assert (fault.code, fault.is_transient) == (Code.LLM_BAD_GATEWAY, False)
    failed = told(500, {"message": said}, *asked_with)
    assert (failed.code, failed.is_transient) == (Code.LLM_PROVIDER_UNAVAILABLE, True)
    reported = Callee("openai", "m", "Wait.", Timeouts(), asked=asked_with).reported({"message": said})
    assert not isinstance(reported, PromptTooLongError)


@pytest.mark.parametrize(
    ("status", "error", "kind", "code"),
    [
        (400, {"code": "context_length_exceeded", "message": "x" * 9000}, PromptTooLongError, Code.LLM_BAD_GATEWAY),
        (400, {"type": "exceed_context_size_error"}, PromptTooLongError, Code.LLM_BAD_GATEWAY),
        (400, {"param": "temperature", "message": "no"}, OptionRefusedError, Code.LLM_BAD_GATEWAY),
        (422, [{"loc": ["body", "response_format"], "msg": "no"}], OptionRefusedError, Code.LLM_BAD_GATEWAY),
        (429, {"code": "insufficient_quota"}, ModelFaultError, Code.INVALID_API_KEY),
        (
            400,
            {"message": "Provider returned error", "metadata": {"raw": '{"error":{"message":"prompt is too long"}}'}},
            PromptTooLongError,
            Code.LLM_BAD_GATEWAY,
        ),
        (400, {"message": '{"error": ' * 500}, ModelFaultError, Code.LLM_BAD_GATEWAY),
        (400, {"message": "[" * 100_000}, ModelFaultError, Code.LLM_BAD_GATEWAY),
    ],
)
def test_fields_and_beginnings_are_read(status: int, error: object, kind: type[ModelFaultError], code: Code) -> None:
    fault = told(status, error, "a context window, insufficient_quota, temperature")
    assert (type(fault), fault.code) == (kind, code)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (
            {"code": 403, "message": "Your input was flagged", "metadata": {"reasons": ["x"], "flagged_input": "x"}},
            Code.LLM_BAD_GATEWAY,
        ),
        ({"code": 403, "message": "no", "metadata": {"reasons": ["violence"]}}, Code.LLM_BAD_GATEWAY),
        ({"code": 403, "message": "Key limit exceeded"}, Code.INVALID_API_KEY),
    ],
)
def test_a_moderation_is_told_from_a_bad_key(error: dict[str, Any], code: Code) -> None:
    callee = Callee("openrouter", "m", "Wait.", Timeouts())
    for fault in (callee.refused(403, {}, json.dumps({"error": error}).encode()), callee.reported(error)):
        assert fault.code is code
        assert ("filter stopped it" in fault.message) == (code is Code.LLM_BAD_GATEWAY)


def test_no_cookie_comes_back() -> None:
    kept = {**TYPE, "set-cookie": "sid=of-one; Path=/"}

    async def case() -> list[Request]:
        async with answering(lambda _: Reply(WORDS, headers=kept)) as there, asyncio.timeout(20):
            provider = openai.provider(VendorConfig("openai", Timeouts(), f"{there.url}/v1"))
            for number in range(3):
                await items_of(provider, replace(REQUEST, key=f"key-{number}"))
            await provider.aclose()
            return there.asked

    heads = [request.headers for request in asyncio.run(case())]
    assert [head["authorization"] for head in heads] == ["Bearer key-0", "Bearer key-1", "Bearer key-2"]
    assert not any("cookie" in head for head in heads)
    assert {head["accept-encoding"] for head in heads} == {"identity"}


@pytest.mark.parametrize(("coding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_what_is_packed_all_the_same_is_read(coding: str, pack: Callable[[bytes], bytes]) -> None:
    assert brought(pack(WORDS), {"content-encoding": coding})[0] == "Hi"


def test_a_little_that_unpacks_to_very_much_is_refused_early(monkeypatch: pytest.MonkeyPatch) -> None:
    bursts: list[int] = []
    feed = ChatCompletions().decoder().__class__.feed

    def counted(decoder: Any, chunk: bytes) -> list[str]:
        bursts.append(len(chunk))
        return feed(decoder, chunk)

    monkeypatch.setattr("chaffer.llm.wires.sse_lines.SseDecoder.feed", counted)
    with pytest.raises(ModelFaultError) as raised:
        brought(gzip.compress(b": still here\n\n" * 10_000_000), {"content-encoding": "gzip"})
    assert raised.value.code is Code.LLM_BAD_GATEWAY
    assert all(size <= 2**20 + 2**18 for size in bursts), "not all of it is unpacked at once"


def test_what_is_packed_again_and_again_is_not_unpacked() -> None:
    with pytest.raises(ModelFaultError, match="encoding that cannot be read"):
        brought(gzip.compress(gzip.compress(WORDS)), {"content-encoding": "gzip, gzip"})


@pytest.mark.parametrize(
    ("wire", "field", "name"),
    [
        (ChatCompletions(), "data", "id"),
        (AnthropicMessages(), "data", "id"),
        (Converse(), "modelSummaries", "modelId"),
    ],
)
def test_only_names_are_listed_and_not_too_many(wire: Any, field: str, name: str) -> None:
    ids = ["good", "x" * 201, "line\nbreak", "\ud800", "", 5, "also good", *map(str, range(10_000))]
    body = json.dumps({field: [{name: each} for each in ids]}).encode()
    models = wire.models_of(body, CALLEE)
    assert models[:3] == ("good", "also good", "0")
    assert len(models) == 5000


def test_calls_one_after_another_share_a_connection() -> None:
    ports: set[int] = set()

    async def case() -> None:
        async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            ports.add(writer.get_extra_info("peername")[1])
            while head := (await reader.readuntil(b"\r\n\r\n")).lower():
                await reader.readexactly(int(head.partition(b"content-length: ")[2].split()[0]))
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n")
                writer.write(b"content-length: %d\r\n\r\n" % len(WORDS) + WORDS)

        server = await asyncio.start_server(converse, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        provider = lm_studio.provider(VendorConfig("lm_studio", Timeouts(), url))
        async with asyncio.timeout(20):
            for _ in range(32):
                await items_of(provider)
            assert len(ports) == 1
            await asyncio.gather(*(items_of(provider) for _ in range(8)))
            assert len(ports) <= 8, "the one that was open serves again"
        await provider.aclose()
        server.close()

    asyncio.run(case())


def test_halves_of_a_character_come_together() -> None:
    halves = [*map(json.dumps, ("Grüße ", "\ud83d", "\ude00", "!", "\ud83d", "\ud83d\ude00", "\ude00")), '"\\ud83d"']
    events = b"".join(b'data: {"choices":[{"delta":{"content":%s}}]}\n\n' % half.encode() for half in halves)
    *texts, ending = brought(events + b'data: {"choices":[{"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n')
    assert isinstance(ending, Ending)
    assert "".join(map(str, texts)) == "Grüße 😀!\ufffd😀\ufffd\ufffd"


def test_arguments_of_a_tool_have_whole_characters() -> None:
    reading = ChatCompletions().reading(CALLEE)
    pieces = ['{"a": "', "\ud83d", "\ude00", '"}']
    for number, piece in enumerate(pieces):
        call = {"index": 0, "id": "c\x00" if number == 0 else None, "function": {"name": "f", "arguments": piece}}
        reading.take(json.dumps({"choices": [{"delta": {"tool_calls": [call]}}]}))
    (call_made,) = reading.take('{"choices": [{"finish_reason": "tool_calls"}]}').calls
    assert (call_made.call_id, call_made.arguments) == ("c", '{"a": "😀"}')


@pytest.mark.parametrize("url", ["http://localhost:99999/v1", "http://h:0/v1", "http:///v1", "http://[::1/v1"])
def test_what_is_no_address_disables_the_provider(url: str) -> None:
    with pytest.raises(ChafferError, match="LM_STUDIO_BASE_URL is no address") as raised:
        lm_studio.provider(VendorConfig("lm_studio", base_url=url))
    assert raised.value.code is Code.LLM_PROVIDER_DISABLED


def test_a_key_in_an_address_is_not_shown() -> None:
    provider = lm_studio.provider(VendorConfig("lm_studio", base_url="http://me:hidden@h:1/v1?api_key=hidden#hidden"))
    assert provider.base_url == "http://h:1/v1"
    assert "hidden" not in provider.remedy


@pytest.mark.parametrize("name", ["a\x00b", "a\nb", "\x1b[31m", "   ", "\u202e"])
def test_a_scenario_names_no_model_that_cannot_be_shown(name: str) -> None:
    with pytest.raises(ValidationError, match="printable"):
        LlmConfig(provider="openai", model=name)
    assert LlmConfig(provider="openai", model="meta/llama-3:größer").model == "meta/llama-3:größer"
