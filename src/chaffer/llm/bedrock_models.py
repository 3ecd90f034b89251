"""Which models of Amazon Bedrock can be asked: those of the region, and the inference profiles that lead to more.

Source of the shapes: the Amazon Bedrock API reference, «ListFoundationModels» and «ListInferenceProfiles».
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from chaffer.errors import Code
from chaffer.llm.around import Around
from chaffer.llm.faults import Callee, ModelFaultError, Nonsense
from chaffer.llm.http_call import Clock, answer_to, body_of
from chaffer.llm.http_client import Client
from chaffer.llm.http_provider import Wiring
from chaffer.llm.requests import Item, ModelRequest
from chaffer.llm.wires.converse import Converse
from chaffer.llm.wires.fields import mapping, names_in, text_or_none

_MODELS: Final = "foundation-models?byOutputModality=TEXT"
_PROFILES: Final = "inference-profiles?maxResults=1000&type=SYSTEM_DEFINED"
"""Profiles that an account made itself have ids that say nothing; they are asked by their ARN."""

_BYTES: Final = 4_000_000
_MOST_PAGES: Final = 10
_BEHIND: Final = ":foundation-model/"
"""What stands before a model's id in its ARN."""
_NO_PROFILES: Final = frozenset({Code.INVALID_API_KEY, Code.LLM_BAD_GATEWAY})
"""The list may not be read, or there is none at this address."""


class BedrockModels:
    """Both lists of one region. One of them may be refused: policies often allow only what is needed to ask."""

    def __init__(self, wiring: Wiring, wire: Converse, address: str) -> None:
        """Prepare the connection to where the lists are; AWS has another host for them than for calls."""
        config = wiring.config
        self._client = Client(address, config.timeouts, {"accept": "application/json"})
        self._wire = wire
        self._authorize = wiring.authorize
        self._timeouts = config.timeouts
        self._callee = Callee(config.name, "", wiring.remedy, config.timeouts, wiring.key_remedy)

    async def ids(self, key: str | None) -> tuple[str, ...]:
        """Return the ids that a call may name: of models that stream text, and of profiles that lead to such.

        Raises ModelFaultError, LLM_PROVIDER_DISABLED; that one list may not be read is no fault.
        """
        denied: ModelFaultError | None = None
        models: tuple[str, ...] = ()
        known: set[str | None] | None = None
        try:
            body = await self._body(_MODELS, key)
            models, known = self._wire.models_of(body, self._callee), self._streaming(body)
        except ModelFaultError as fault:
            if fault.code is not Code.INVALID_API_KEY:
                raise
            denied = fault
        try:
            profiles = await self._profiles(key)
        except ModelFaultError as fault:
            if denied is not None:
                raise denied from None
            if fault.code not in _NO_PROFILES:
                raise
            return models
        return names_in([*models, *(each.get("inferenceProfileId") for each in profiles if _leads_to(each, known))])

    async def aclose(self) -> None:
        """Close the connection."""
        await self._client.aclose()

    async def _profiles(self, key: str | None) -> list[Mapping[str, Any]]:
        """Return all pages of the profiles; what a list without end has is enough."""
        found: list[Mapping[str, Any]] = []
        path = _PROFILES
        for _ in range(_MOST_PAGES):
            page = self._page(await self._body(path, key))
            found += self._objects(page, "inferenceProfileSummaries")
            token = text_or_none(page.get("nextToken"))
            if token is None:
                break
            # Written as signatures have it, else AWS finds another one.
            path = f"{_PROFILES}&nextToken={quote(token, safe='')}"
        return found

    def _streaming(self, body: bytes) -> set[str | None]:
        """Return the ids of all models that stream text, also of those that are asked by a profile's id only."""
        models = self._objects(self._page(body), "modelSummaries")
        return {
            text_or_none(each.get("modelId")) for each in models if each.get("responseStreamingSupported") is not False
        }

    async def _body(self, path: str, key: str | None) -> bytes:
        call = self._client.call("GET", path)
        await self._authorize(call, key)
        clock = Clock(self._timeouts)
        async with answer_to(self._client, call, self._callee, clock) as response:
            return await body_of(response, _BYTES, self._callee, clock)

    def _page(self, body: bytes) -> Mapping[str, Any]:
        try:
            return mapping(json.loads(body))
        except (ValueError, RecursionError):
            raise self._callee.nonsense(Nonsense.NO_LIST) from None

    def _objects(self, page: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
        """Return the objects of a page's list. Raises ModelFaultError where it has none."""
        listed = page.get(name)
        if not isinstance(listed, list):
            raise self._callee.nonsense(Nonsense.NO_LIST)
        return [mapping(each) for each in listed]


@dataclass(frozen=True, slots=True)
class ListingBedrock(Around):
    """The provider, whose models are told by both lists."""

    listed: BedrockModels

    async def models(self, key: str | None = None) -> Sequence[str]:
        """Return the ids of the models and profiles it lists. Raises ModelFaultError."""
        return await self.listed.ids(key)

    def stream(self, request: ModelRequest) -> AsyncGenerator[Item, None]:
        """Return the reply as the provider gives it."""
        return self.provider.stream(request)

    async def aclose(self) -> None:
        """Close all connections."""
        await self.listed.aclose()
        await self.provider.aclose()


def _leads_to(profile: Mapping[str, Any], known: set[str | None] | None) -> bool:
    """Tell whether one of a profile's models is among the known ones, which None stands for all."""
    if known is None:
        return True
    listed = profile.get("models")
    arns = (mapping(model).get("modelArn") for model in listed) if isinstance(listed, list) else ()
    return any(str(arn).partition(_BEHIND)[2] in known for arn in arns)
