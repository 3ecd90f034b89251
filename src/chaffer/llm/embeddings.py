"""An endpoint that tells the meaning of texts as vectors: OpenAI's `/embeddings`, as many other servers have it too.

What it uses counts against the caps of the day; it is asked on behalf of no room and no session.

Source of the shapes: OpenAI's API reference, «Create embeddings».
"""

from __future__ import annotations

import asyncio
import json
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from chaffer.llm.authorization import KeyInHead
from chaffer.llm.caps import Caps
from chaffer.llm.faults import Callee, Nonsense, Stage
from chaffer.llm.http_call import Clock, answer_to, body_of
from chaffer.llm.http_client import Client
from chaffer.llm.http_provider import without_key
from chaffer.llm.provider import Timeouts
from chaffer.llm.requests import ModelRequest, Said, Usage
from chaffer.llm.retry import Patience, Retries, persistently
from chaffer.llm.wires.fields import count, mapping
from chaffer.shopping.catalogue.vectors import unit_vector

NAME: Final = "embeddings"
BATCH: Final = 64
"""So many texts are sent at once."""

LONGEST_TEXT: Final = 2_000
"""What of a text is sent, in characters: about 500 tokens, which every such model reads."""

_SETTING: Final = "EMBEDDINGS_API_KEY"
_REMEDY: Final = "Look at EMBEDDINGS_BASE_URL and EMBEDDINGS_MODEL; the search goes on by words alone."
_MOST_BYTES: Final = 32_000_000
_FEWEST_NUMBERS: Final = 8
_MOST_NUMBERS: Final = 8_192
_UNREADABLE: Final = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)


@dataclass(frozen=True, slots=True)
class EmbeddingsConfig:
    """Where the endpoint is and which model is asked. Without a key none is sent: one's own machine asks for none."""

    base_url: str
    model: str
    key: str | None = field(default=None, repr=False)
    timeouts: Timeouts = field(default_factory=Timeouts)
    patience: Patience = field(default_factory=lambda: Patience(3, 2.0))


class Embeddings:
    """The endpoint. It is made without contacting anybody."""

    def __init__(self, config: EmbeddingsConfig, caps: Caps) -> None:
        """Prepare the connections.

        Who asks for no key sends no bill; others are counted at OpenAI's prices, whoever answers.
        """
        self._config = config
        self._caps = caps
        self._biller = "lm_studio" if config.key is None else "openai"
        self._authorize = without_key if config.key is None else KeyInHead(NAME, _SETTING, configured=config.key)
        self._client = Client(config.base_url, config.timeouts, {})

    @property
    def model(self) -> str:
        """Return the model that is asked: vectors of different models have nothing in common."""
        return self._config.model

    async def vectors(self, texts: Sequence[str]) -> list[array[float]]:
        """Return a vector of length 1 for each of at most BATCH texts, tried again where that may help.

        Raises ModelFaultError.
        """
        callee = self._callee(texts, self._config.timeouts)
        return await persistently(lambda: self._asked(texts, callee), Retries(self._config.patience), lambda: None)

    async def vector(self, text: str, seconds: float) -> array[float]:
        """Return the vector of one text, asked for once and within so many seconds. Raises ModelFaultError."""
        callee = self._callee([text], replace(self._config.timeouts, first_token=seconds, total=seconds))
        try:
            async with asyncio.timeout(seconds):  # Also while calls under way may use up what the caps leave.
                return (await self._asked([text], callee))[0]
        except TimeoutError:
            raise callee.too_slow(Stage.WHOLE) from None

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    def _callee(self, texts: Sequence[str], timeouts: Timeouts) -> Callee:
        return Callee(NAME, self._config.model, _REMEDY, timeouts, f"Check {_SETTING}.", tuple(texts))

    async def _asked(self, texts: Sequence[str], callee: Callee) -> list[array[float]]:
        model, sent = self._config.model, [text[:LONGEST_TEXT] for text in texts]
        counted = ModelRequest(model, tuple(Said("user", text) for text in sent), max_tokens=0)
        async with self._caps.call(self._biller, counted) as use:
            use.asked()
            content = await self._answer(json.dumps({"model": model, "input": sent}).encode(), callee)
            try:
                answer = json.loads(content)
                use.told(_usage_of(answer))
                return _vectors_of(answer, len(texts))
            except _UNREADABLE:
                raise callee.nonsense(Nonsense.NO_VECTORS) from None

    async def _answer(self, body: bytes, callee: Callee) -> bytes:
        clock = Clock(callee.timeouts)
        call = self._client.call("POST", "embeddings", body)
        await self._authorize(call, None)
        async with answer_to(self._client, call, callee, clock) as response:
            return await body_of(response, _MOST_BYTES, callee, clock)


def _usage_of(answer: Any) -> Usage:  # noqa: ANN401  What JSON holds.
    """Return what an answer says was used: vectors take no tokens."""
    return Usage(prompt_tokens=count(mapping(mapping(answer).get("usage")).get("prompt_tokens")), completion_tokens=0)


def _vectors_of(answer: Any, wanted: int) -> list[array[float]]:  # noqa: ANN401  What JSON holds.
    """Return the vectors in an answer, in the order of the texts. Raises ValueError and its like for any other."""
    data = answer["data"]
    found = {item.get("index", number): unit_vector(item["embedding"]) for number, item in enumerate(data)}
    vectors = [found[number] for number in range(wanted)]
    lengths = {len(vector) for vector in vectors}
    if len(data) != wanted or len(lengths) != 1 or not _FEWEST_NUMBERS <= min(lengths) <= _MOST_NUMBERS:
        msg = "there has to be a vector for each text, all of the same length"
        raise ValueError(msg)
    return vectors
