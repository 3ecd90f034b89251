"""The stand-in speaks each wire as vendors do: their own clients read it, and take its errors for errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any, Final

import botocore.session
import openai
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EventStreamError

from tests.support.model_servers.dialect import PROMPT_TOKENS
from tests.support.model_servers.faults import BROKEN_STREAMS, REFUSALS
from tests.support.standin import MODEL, StandIn, standing_in
from tests.support.standin_scripts import Answer, Asked, always

WORDS: Final = "Grüße, 你好 👋"
SYSTEM: Final = "Be brief."


@pytest.fixture(scope="module")
def server() -> Iterator[StandIn]:
    with standing_in() as running:
        yield running


def calling_tools(asked: Asked) -> Answer:
    dialect = asked.dialect
    calls = dialect.calls(0, "weather", ['{"city": ', '"Zürich"}'])
    return Answer(raw=b"".join([*dialect.begins(), *calls, *dialect.ends("tool_calls", 7)]))


@pytest.fixture(scope="module")
def bedrock(server: StandIn) -> Iterator[Any]:
    session = botocore.session.get_session()
    once = Config(retries={"total_max_attempts": 1}, proxies={})
    keys = {"aws_access_key_id": "AKIA", "aws_secret_access_key": "secret"}
    client = session.create_client("bedrock-runtime", "eu-west-1", endpoint_url=server.root, config=once, **keys)
    yield client
    client.close()


def conversed(client: Any) -> list[dict[str, Any]]:
    messages = [{"role": "user", "content": [{"text": WORDS}]}]
    answer = client.converse_stream(modelId=f"{MODEL}:0", system=[{"text": SYSTEM}], messages=messages)
    with closing(answer["stream"]) as events:
        return list(events)


def test_botocore_reads_its_stream(server: StandIn, bedrock: Any) -> None:
    server.script = always(Answer(WORDS, letters=3))
    events = {name: told for event in conversed(bedrock) for name, told in event.items()}
    assert events["messageStart"] == {"role": "assistant"}
    assert events["messageStop"] == {"stopReason": "end_turn"}
    assert events["metadata"]["usage"]["inputTokens"] == PROMPT_TOKENS
    deltas = [event["contentBlockDelta"]["delta"] for event in conversed(bedrock) if "contentBlockDelta" in event]
    assert "".join(delta["text"] for delta in deltas) == WORDS
    asked = server.asked[-1]
    assert (asked.dialect.model, asked.system, asked.user) == (f"{MODEL}:0", SYSTEM, WORDS)


def test_botocore_reads_its_tool_calls(server: StandIn, bedrock: Any) -> None:
    server.script = calling_tools
    events = conversed(bedrock)
    deltas = [event["contentBlockDelta"]["delta"] for event in events if "contentBlockDelta" in event]
    assert "".join(delta["toolUse"]["input"] for delta in deltas) == '{"city": "Zürich"}'


@pytest.mark.parametrize("what", ["an error in the stream", "a limit in the stream"])
def test_botocore_takes_its_errors_inside_a_stream_for_errors(server: StandIn, bedrock: Any, what: str) -> None:
    server.script = BROKEN_STREAMS[what].script
    with pytest.raises(EventStreamError):
        conversed(bedrock)


def test_botocore_takes_its_refusals_for_refusals(server: StandIn, bedrock: Any) -> None:
    server.script = REFUSALS["429"].script
    with pytest.raises(ClientError, match=SYSTEM):
        conversed(bedrock)


@pytest.fixture
def client(server: StandIn) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=server.url, api_key="sk-test", max_retries=0) as opened:
        yield opened


def completed(client: openai.OpenAI) -> list[Any]:
    stream = client.chat.completions.create(
        model=MODEL,
        messages=[{"role": "system", "content": SYSTEM}, {"role": "user", "content": WORDS}],
        stream=True,
        stream_options={"include_usage": True},
    )
    return list(stream)


def test_the_client_of_openai_reads_its_stream(server: StandIn, client: openai.OpenAI) -> None:
    server.script = always(Answer(WORDS, letters=3))
    chunks = completed(client)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == WORDS
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].usage.prompt_tokens == PROMPT_TOKENS


def test_the_client_of_openai_reads_its_tool_calls(server: StandIn, client: openai.OpenAI) -> None:
    server.script = calling_tools
    deltas = [chunk.choices[0].delta for chunk in completed(client) if chunk.choices]
    pieces = [call.function for delta in deltas for call in delta.tool_calls or ()]
    assert pieces[0].name == "weather"
    assert "".join(piece.arguments for piece in pieces) == '{"city": "Zürich"}'


@pytest.mark.parametrize("what", ["an error in the stream", "a limit in the stream"])
def test_the_client_of_openai_takes_its_errors_for_errors(server: StandIn, client: openai.OpenAI, what: str) -> None:
    server.script = BROKEN_STREAMS[what].script
    with pytest.raises(openai.APIError):
        completed(client)


def test_the_client_of_openai_takes_its_refusals_for_refusals(server: StandIn, client: openai.OpenAI) -> None:
    server.script = REFUSALS["429, seconds"].script
    with pytest.raises(openai.RateLimitError) as raised:
        completed(client)
    assert raised.value.response.headers["retry-after"] == "7"
