"""The models that Bedrock lists: those that can be asked, and the profiles that lead to them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import replace

import botocore.session
import pytest

from chaffer.errors import Code
from chaffer.llm.faults import ModelFaultError
from tests.support.bedrock import MODEL, SECRET, provider_at, signature_of
from tests.support.loopback import Reply, Request, answering

pytestmark = pytest.mark.usefixtures("no_credentials")

NOVA, CLAUDE, COHERE = "us.amazon.nova-lite-v1:0", "us.anthropic.claude-sonnet-5-v1:0", "us.cohere.embed-v4:0"
MODELS = {
    "modelSummaries": [
        {"modelId": MODEL, "inferenceTypesSupported": ["ON_DEMAND"], "responseStreamingSupported": True},
        {"modelId": CLAUDE.removeprefix("us."), "inferenceTypesSupported": ["INFERENCE_PROFILE"]},
        {"modelId": "silent", "responseStreamingSupported": False},
    ]
}


def profile(name: str) -> dict[str, object]:
    arns = [f"arn:aws:bedrock:{region}::foundation-model/{name[3:]}" for region in ("us-east-1", "us-west-2")]
    return {"inferenceProfileId": name, "status": "ACTIVE", "models": [{"modelArn": arn} for arn in arns]}


def denied(_: str = "") -> Reply:
    return Reply(b'{"message": "not authorized"}', 403, {"x-amzn-errortype": "AccessDeniedException"})


def told(document: object) -> Reply:
    return Reply(json.dumps(document).encode())


def listing(
    models: Reply, profiles: Callable[[str], Reply], and_botocore: Callable[[str], object] | None = None
) -> tuple[Sequence[str], list[Request]]:
    """Return which models are listed where the lists are answered so, and what the server was asked."""

    async def case() -> tuple[Sequence[str], list[Request]]:
        def answer(request: Request) -> Reply:
            return profiles(request.target) if request.target.startswith("/inference-profiles") else models

        async with answering(answer) as there, asyncio.timeout(20):
            provider = provider_at(there)
            try:
                listed = await provider.models()
                if and_botocore is not None:
                    await asyncio.to_thread(and_botocore, there.url)
                return listed, there.asked
            finally:
                await provider.aclose()

    return asyncio.run(case())


@pytest.mark.usefixtures("credentials")
def test_models_and_the_profiles_that_lead_to_them_are_listed() -> None:
    def botocores(url: str) -> None:
        client = botocore.session.Session().create_client("bedrock", region_name="eu-central-1", endpoint_url=url)
        client.list_foundation_models(byOutputModality="TEXT")
        client.list_inference_profiles(maxResults=1000, typeEquals="SYSTEM_DEFINED")

    profiles = {"inferenceProfileSummaries": [profile(NOVA), profile(CLAUDE), profile(COHERE)]}
    models, asked = listing(told(MODELS), lambda _: told(profiles), botocores)
    assert models == (MODEL, NOVA, CLAUDE), "none that embeds, streams nothing, or is asked by another name"
    assert [(each.method, each.target) for each in asked[:2]] == [(each.method, each.target) for each in asked[2:]]
    assert asked[0].target == "/foundation-models?byOutputModality=TEXT"
    assert all(each.headers["authorization"].startswith("AWS4-HMAC-SHA256 ") for each in asked)


@pytest.mark.usefixtures("credentials")
def test_every_page_of_the_profiles_is_read_and_signed() -> None:
    token = "a/b+c=="

    def page(target: str) -> Reply:
        if "nextToken" in target:
            return told({"inferenceProfileSummaries": [profile(CLAUDE)]})
        return told({"inferenceProfileSummaries": [profile(NOVA)], "nextToken": token})

    models, asked = listing(told(MODELS), page)
    assert models == (MODEL, NOVA, CLAUDE)
    assert asked[2].target.endswith("&nextToken=a%2Fb%2Bc%3D%3D")
    # AWS signs the parts of a query in their order, not as they were sent.
    path, _, query = asked[2].target.partition("?")
    sorted_as_signed = replace(asked[2], target=f"{path}?{'&'.join(sorted(query.split('&')))}")
    fields = dict(part.split("=", 1) for part in asked[2].headers["authorization"].partition(" ")[2].split(", "))
    scope = fields["Credential"].partition("/")[2]
    assert fields["Signature"] == signature_of(sorted_as_signed, SECRET, fields["SignedHeaders"], scope)


@pytest.mark.usefixtures("credentials")
def test_pages_without_end_are_left() -> None:
    models, asked = listing(
        told(MODELS), lambda _: told({"inferenceProfileSummaries": [profile(NOVA)], "nextToken": "again"})
    )
    assert set(models) == {MODEL, NOVA}
    assert len(asked) == 11


@pytest.mark.usefixtures("credentials")
@pytest.mark.parametrize("profiles", [denied(), Reply(b"", 404), Reply(b"<html>"), told({}), told([])])
def test_models_are_listed_where_the_profiles_may_not_be_read(profiles: Reply) -> None:
    models, _ = listing(told(MODELS), lambda _: profiles)
    assert models == (MODEL,)


@pytest.mark.usefixtures("credentials")
def test_profiles_are_listed_where_the_models_may_not_be_read() -> None:
    models, _ = listing(denied(), lambda _: told({"inferenceProfileSummaries": [profile(NOVA), profile(CLAUDE)]}))
    assert models == (NOVA, CLAUDE)


@pytest.mark.usefixtures("credentials")
@pytest.mark.parametrize(
    ("models", "profiles", "code"),
    [
        (denied(), denied(), Code.INVALID_API_KEY),
        (denied(), Reply(b"", 404), Code.INVALID_API_KEY),
        (Reply(b"", 500), told({"inferenceProfileSummaries": []}), Code.LLM_PROVIDER_UNAVAILABLE),
        (told({"modelSummaries": "none"}), told({"inferenceProfileSummaries": []}), Code.LLM_BAD_GATEWAY),
        (told(MODELS), Reply(b"", 503), Code.LLM_PROVIDER_UNAVAILABLE),
    ],
)
def test_what_is_more_than_a_list_that_may_not_be_read_is_told(models: Reply, profiles: Reply, code: Code) -> None:
    with pytest.raises(ModelFaultError) as raised:
        listing(models, lambda _: profiles)
    assert raised.value.code is code


@pytest.mark.usefixtures("credentials")
def test_only_names_are_listed_of_what_a_server_makes_up() -> None:
    odd = {
        "inferenceProfileSummaries": [5, {}, {"inferenceProfileId": 7, "models": 3}, profile("us.\n"), profile(NOVA)]
    }
    models, _ = listing(told({"modelSummaries": [{"modelId": []}, {"modelId": MODEL}]}), lambda _: told(odd))
    assert models == (MODEL, NOVA)
