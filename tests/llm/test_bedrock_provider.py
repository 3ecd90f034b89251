"""Bedrock over a real connection: calls that AWS would know by their signature, and secrets that show nowhere."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import threading
import time
from collections.abc import Callable
from contextlib import aclosing, suppress
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from chaffer.errors import ChafferError, Code
from chaffer.llm.authorization import Call
from chaffer.llm.aws_signature import KEPT_SECONDS, AwsCredentials, AwsKeys, NoKeysError, sign
from chaffer.llm.faults import ModelFaultError, UnaskedError
from chaffer.llm.provider import Provider
from chaffer.llm.providers import bedrock
from chaffer.llm.requests import Ending, Finish, Item, ModelRequest, ReplyFormat, Said
from chaffer.llm.vendor import VendorConfig
from chaffer.llm.wires.converse import Converse
from tests.support import event_stream_frames as frames
from tests.support.bedrock import ACCESS, MODEL, SECRET, TOKEN, provider_at, signature_of
from tests.support.loopback import Reply, Request, answering

pytestmark = pytest.mark.usefixtures("no_credentials")

CANARIES = (ACCESS, SECRET, TOKEN)
REQUEST = ModelRequest(MODEL, (Said("user", "Grüße"),), 50, reply_format=ReplyFormat("offer", {"type": "object"}))
TYPE = {"content-type": "application/vnd.amazon.eventstream"}
BEGINNING = frames.event("messageStart", {"role": "assistant"}) + frames.event(
    "contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "Hello."}}
)
WHOLE = Reply(
    BEGINNING
    + frames.event("messageStop", {"stopReason": "end_turn"})
    + frames.event("metadata", {"usage": {"inputTokens": 3, "outputTokens": 2, "totalTokens": 5}}),
    headers=TYPE,
)


async def items_of(provider: Provider, request: ModelRequest = REQUEST) -> list[Item]:
    async with aclosing(provider.stream(request)) as items:
        return [item async for item in items]


def called(
    answer: Callable[[Request], Reply] = lambda _: WHOLE, request: ModelRequest = REQUEST, **config: Any
) -> tuple[list[Item], list[Request]]:
    """Return what a call brings and what the server was asked."""

    async def case() -> tuple[list[Item], list[Request]]:
        async with answering(answer) as there, asyncio.timeout(20):
            provider = provider_at(there, **config)
            try:
                return await items_of(provider, request), there.asked
            finally:
                await provider.aclose()

    return asyncio.run(case())


@pytest.mark.usefixtures("credentials")
@pytest.mark.parametrize("model", [MODEL, "arn:aws:bedrock:eu-central-1:1:inference-profile/eu.some é~model"])
def test_a_call_bears_the_signature_that_aws_would_compute(model: str) -> None:
    _, (asked,) = called(request=ModelRequest(model, REQUEST.messages, 50))
    kind, _, told = asked.headers["authorization"].partition(" ")
    fields = dict(part.split("=", 1) for part in told.split(", "))
    key, _, scope = fields["Credential"].partition("/")
    assert (kind, key) == ("AWS4-HMAC-SHA256", ACCESS)
    assert scope == f"{asked.headers['x-amz-date'][:8]}/eu-central-1/bedrock/aws4_request"
    assert asked.headers["x-amz-security-token"] == TOKEN
    assert {"host", "x-amz-date", "x-amz-security-token"} <= set(fields["SignedHeaders"].split(";"))
    assert fields["Signature"] == signature_of(asked, SECRET, fields["SignedHeaders"], scope)


@pytest.mark.usefixtures("credentials")
def test_a_reply_comes_whole() -> None:
    (text, ending), (asked,) = called()
    assert text == "Hello."
    assert isinstance(ending, Ending)
    assert (ending.finish, ending.model) == (Finish.COMPLETE, MODEL)
    assert (ending.usage.prompt_tokens, ending.usage.completion_tokens) == (3, 2)
    assert asked.target == "/model/amazon.nova-lite-v1%3A0/converse-stream"
    assert asked.headers["accept"].startswith("application/vnd.amazon.eventstream")


@pytest.mark.usefixtures("credentials")
@pytest.mark.parametrize("config", [{"key": "bedrock-api-key-1"}, {"request": True}])
def test_an_api_key_takes_the_place_of_credentials(config: dict[str, Any]) -> None:
    if config.pop("request", False):
        config["request"] = ModelRequest(MODEL, REQUEST.messages, 50, key="bedrock-api-key-1")
    _, (asked,) = called(**config)
    assert asked.headers["authorization"] == "Bearer bedrock-api-key-1"
    assert not any(name.startswith("x-amz") for name in asked.headers)


@pytest.mark.usefixtures("credentials")
def test_botocores_own_client_asks_and_hears_the_same() -> None:
    def asked_by_botocore(url: str) -> list[dict[str, Any]]:
        session = botocore.session.Session()
        client = session.create_client("bedrock-runtime", region_name="eu-central-1", endpoint_url=url)
        told = json.loads(Converse().outgoing(REQUEST, frozenset()).body)
        return list(client.converse_stream(modelId=MODEL, **told)["stream"])

    async def case() -> tuple[list[dict[str, Any]], list[Item], list[Request]]:
        async with answering(lambda _: WHOLE) as there, asyncio.timeout(20):
            provider = provider_at(there)
            items = await items_of(provider)
            await provider.aclose()
            return await asyncio.to_thread(asked_by_botocore, there.url), items, there.asked

    events, (text, _), (ours, botocores) = asyncio.run(case())
    assert [event["contentBlockDelta"]["delta"]["text"] for event in events if "contentBlockDelta" in event] == [text]
    assert events[-1]["metadata"]["usage"]["inputTokens"] == 3
    assert (ours.method, ours.target) == (botocores.method, botocores.target)
    assert json.loads(ours.body) == json.loads(botocores.body)
    scopes = [asked.headers["authorization"].split("/")[2:4] for asked in (ours, botocores)]
    assert scopes == [["eu-central-1", "bedrock"]] * 2


@pytest.mark.usefixtures("credentials")
def test_a_format_that_is_refused_is_left_out() -> None:
    refusal = Reply(
        json.dumps({"message": "The model returned the following errors: output_config.format: no"}).encode(),
        status=400,
        headers={"x-amzn-errortype": "ValidationException"},
    )
    (text, _), asked = called(lambda request: refusal if b"outputConfig" in request.body else WHOLE)
    assert (text, len(asked)) == ("Hello.", 2)


@pytest.mark.usefixtures("credentials")
def test_refused_credentials_come_with_what_to_do() -> None:
    refusal = Reply(json.dumps({"message": TOKEN}).encode(), 403, {"x-amzn-errortype": "ExpiredTokenException"})
    with pytest.raises(ModelFaultError) as raised:
        called(lambda _: refusal)
    assert raised.value.code is Code.INVALID_API_KEY
    assert "access to the model" in raised.value.message
    assert TOKEN not in raised.value.message


@pytest.mark.usefixtures("credentials")
def test_no_secret_is_shown_or_logged(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    # An earlier test may have quieted them, as the program does; botocore's is the provider's to quiet.
    monkeypatch.setattr(logging.getLogger("botocore"), "level", logging.NOTSET)
    for name in (None, "aiohttp", "asyncio"):
        caplog.set_level(logging.DEBUG, logger=name)
    called()
    assert caplog.records, "the call is logged at DEBUG, or this shows nothing"
    shown = caplog.text + "".join(f"{record.__dict__}" for record in caplog.records) + repr(AwsKeys(*CANARIES))
    assert not [canary for canary in CANARIES if canary in shown]


@pytest.mark.usefixtures("credentials")
def test_leaving_closes_the_connection() -> None:
    async def case() -> float:
        async with answering(lambda _: Reply(BEGINNING, headers=TYPE, stays_open=True)) as there, asyncio.timeout(20):
            provider = provider_at(there)
            async with aclosing(provider.stream(REQUEST)) as items:
                assert await anext(items) == "Hello."
            begun = time.monotonic()
            await there.left.wait()
            await provider.aclose()
            return time.monotonic() - begun

    assert asyncio.run(case()) < 1.0


def test_a_profile_of_the_files_is_used(tmp_path: Path) -> None:
    written = f"[other]\naws_access_key_id = {ACCESS}\naws_secret_access_key = {SECRET}\n"
    (tmp_path / "credentials").write_text(written)
    _, (asked,) = called(profile="other")
    assert f"Credential={ACCESS}/" in asked.headers["authorization"]
    assert "x-amz-security-token" not in asked.headers


def _never_asked(request: Request) -> Reply:
    pytest.fail(f"{request.method} {request.target} was sent without credentials")


def test_without_credentials_nothing_is_sent_and_it_says_what_to_do(tmp_path: Path) -> None:
    def error(profile: str = "") -> ChafferError:
        with pytest.raises(ChafferError) as raised:
            called(_never_asked, profile=profile)
        assert raised.value.code is Code.LLM_PROVIDER_DISABLED
        assert "AWS_ACCESS_KEY_ID" in raised.value.message
        return raised.value

    error()
    assert "ProfileNotFound" in error("nobody").message
    program = f"{sys.executable} -c \"import sys; sys.exit('{SECRET}')\""
    (tmp_path / "config").write_text(f"[profile broken]\ncredential_process = {program}\n")
    broken = error("broken")
    assert SECRET not in f"{broken.message}{broken!r}{broken.__cause__}"


def test_without_botocore_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "botocore.session", None)
    with pytest.raises(ChafferError) as raised:
        called()
    assert raised.value.code is Code.LLM_PROVIDER_DISABLED
    assert "chaffer[bedrock]" in raised.value.message
    (text, _), _ = called(key="bedrock-api-key-1")
    assert text == "Hello."


@pytest.mark.parametrize("region", ["", "here", "us-east-1.evil.example/", "us-east-1\n"])
def test_without_a_region_it_is_not_served(region: str) -> None:
    with pytest.raises(ChafferError) as raised:
        bedrock.provider(VendorConfig("bedrock", extras={"region": region}))
    assert raised.value.code is Code.LLM_PROVIDER_DISABLED
    assert "AWS_REGION" in raised.value.message


@pytest.mark.parametrize("region", ["us-east-1", "ap-southeast-2", "us-gov-west-1", "mx-central-1", "us-iso-east-1"])
def test_the_address_is_that_of_the_region(region: str) -> None:
    provider = bedrock.provider(VendorConfig("bedrock", extras={"region": region}))
    assert provider.base_url.rstrip("/") == f"https://bedrock-runtime.{region}.amazonaws.com"
    assert not provider.lists_all


def test_credentials_are_looked_up_once_and_off_the_loop() -> None:
    now, threads = [0.0], list[str]()

    def find() -> AwsKeys:
        threads.append(threading.current_thread().name)
        return AwsKeys(*CANARIES)

    async def case() -> None:
        found = AwsCredentials("bedrock", None, "us-east-1", 5.0, find, lambda: now[0])
        await asyncio.gather(*(found.keys() for _ in range(20)))
        assert len(threads) == 1
        now[0] = KEPT_SECONDS - 0.1
        await found.keys()
        assert len(threads) == 1
        now[0] = KEPT_SECONDS
        await asyncio.gather(*(found.keys() for _ in range(20)))
        assert len(threads) == 2

    asyncio.run(case())
    assert threading.main_thread().name not in threads


def test_missing_credentials_are_looked_for_again() -> None:
    there = [False]

    def find() -> AwsKeys:
        if not there[0]:
            raise NoKeysError
        return AwsKeys(*CANARIES)

    async def case() -> None:
        found = AwsCredentials("bedrock", None, "us-east-1", 5.0, find)
        with pytest.raises(ChafferError):
            await found.keys()
        there[0] = True
        assert (await found.keys()).access_key == ACCESS

    asyncio.run(case())


def test_credentials_that_take_too_long_are_a_fault_that_may_pass() -> None:
    enough, searches = threading.Event(), list[str]()

    def find() -> AwsKeys:
        searches.append("begun")
        enough.wait(20)
        return AwsKeys(*CANARIES)

    async def case() -> None:
        found = AwsCredentials("bedrock", None, "us-east-1", 0.05, find)
        try:
            for _ in range(3):
                with pytest.raises(UnaskedError) as raised:
                    await found.keys()
                assert (raised.value.code, raised.value.is_transient) == (Code.LLM_PROVIDER_UNAVAILABLE, True)
            assert searches == ["begun"]
        finally:
            enough.set()
        async with asyncio.timeout(5):
            keys = None
            while keys is None:
                with suppress(ModelFaultError):
                    keys = await found.keys()
        assert keys == AwsKeys(*CANARIES)
        assert searches == ["begun"]

    asyncio.run(case())


def test_a_call_that_is_signed_again_bears_one_signature() -> None:
    call = Call("POST", "https://bedrock-runtime.us-east-1.amazonaws.com/model/x/converse-stream", {}, b"{}")
    for _ in range(2):
        sign(call, AwsKeys(ACCESS, SECRET), "us-east-1")
    assert [name.lower() for name in call.headers].count("authorization") == 1
    assert "x-amz-security-token" not in call.headers


@pytest.mark.usefixtures("credentials")
@pytest.mark.parametrize("model", [".", ".."])
def test_a_name_that_would_lead_elsewhere_is_no_model(model: str) -> None:
    with pytest.raises(ChafferError) as raised:
        called(_never_asked, request=ModelRequest(model, REQUEST.messages, 50))
    assert raised.value.code is Code.VALIDATION_ERROR
    assert "has no model" in raised.value.message
