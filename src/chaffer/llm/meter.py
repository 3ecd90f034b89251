"""What one call to a model may use at most, and what it used: as the provider told it, else by estimate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from chaffer.errors import Code
from chaffer.ledger.model_usage import Used
from chaffer.llm.context import estimated_tokens, thousandths
from chaffer.llm.faults import ModelFaultError, OptionRefusedError, PromptTooLongError
from chaffer.llm.prices import LOCAL, MOST_MICROS, TELLING, cost_micros, find_price
from chaffer.llm.requests import ModelRequest, Usage

_UNBILLED: Final = frozenset(
    {Code.LLM_PROVIDER_UNAVAILABLE, Code.LLM_PROVIDER_DISABLED, Code.INVALID_API_KEY, Code.VALIDATION_ERROR}
)
"""Faults of calls that no model was given: of them nothing counts, unless something arrived all the same."""


@dataclass(frozen=True, slots=True)
class Bound:
    """What a call may use at most. `cost_micros` is None where nobody can say before the provider does."""

    tokens: int
    cost_micros: int | None


class Tariffs:
    """What calls may cost: by the table, or by what a provider that tells its costs told last of a model."""

    def __init__(self) -> None:
        """Begin with the table alone."""
        self._told: dict[tuple[str, str], Usage] = {}

    def knows(self, provider: str, model: str) -> bool:
        """Tell whether the cost of a model's calls is known at the latest when they have ended."""
        return provider in LOCAL | TELLING or find_price(provider, model) is not None

    def listen(self, provider: str, model: str, usage: Usage) -> None:
        """Take note of a cost that a provider told."""
        if provider in TELLING and usage.cost_micros is not None and usage.prompt_tokens and usage.completion_tokens:
            self._told[provider, model] = usage

    def most_micros(self, provider: str, model: str, usage: Usage) -> int | None:
        """Return what so many tokens cost, or at most may cost, in millionths of a dollar; None if nobody can say.

        Each of a told call's two rates is at most its whole cost over the tokens of that sort that were not cached.
        """
        if provider in LOCAL:
            return 0
        cost = cost_micros(provider, model, usage)
        told = self._told.get((provider, model))
        if cost is not None or told is None:
            return cost
        paid, prompt, completion = told.cost_micros or 0, told.prompt_tokens or 1, told.completion_tokens or 1
        fresh = max(prompt - (told.cached_tokens or 0), 1)
        most = -(-paid * (usage.prompt_tokens or 0) // fresh) - (-paid * (usage.completion_tokens or 0) // completion)
        return min(most, MOST_MICROS)


class Call:
    """A call that does not count, because nothing is limited."""

    __slots__ = ()

    def asked(self) -> None:
        """Note that the request is about to be sent: from now on it may cost."""

    def heard(self, text: str) -> None:
        """Note text that arrived, also the arguments of a tool that is called."""

    def told(self, usage: Usage) -> None:
        """Note what the provider says was used."""


class Meter(Call):
    """A call that counts."""

    __slots__ = ("_prompt_tokens", "_provider", "_request", "_tariffs", "_thousandths", "_told", "_was_asked")

    def __init__(self, provider: str, request: ModelRequest, tariffs: Tariffs) -> None:
        """Estimate the prompt."""
        self._provider = provider
        self._request = request
        self._tariffs = tariffs
        self._prompt_tokens = estimated_tokens(request, provider)
        self._thousandths = 0
        self._told = Usage()
        self._was_asked = False

    @property
    def bound(self) -> Bound:
        """Return what the call may use at most, by the estimate of its prompt and the longest reply it allows."""
        most = Usage(self._prompt_tokens, self._request.max_tokens)
        cost = self._tariffs.most_micros(self._provider, self._request.model, most)
        return Bound(self._prompt_tokens + self._request.max_tokens, cost)

    def asked(self) -> None:
        """Note that the request is about to be sent."""
        self._was_asked = True

    def heard(self, text: str) -> None:
        """Note text that arrived."""
        self._thousandths += thousandths(self._provider, text)

    def told(self, usage: Usage) -> None:
        """Note what the provider says was used."""
        self._told = usage.over(self._told)
        self._tariffs.listen(self._provider, self._request.model, usage)

    def used(self, fault: BaseException | None = None) -> Used:
        """Return what the call used. What was not told is what the estimate says of the prompt and of what arrived."""
        if self._told == Usage() and not self._thousandths and not self._may_be_billed(fault):
            return Used()
        told = self._told
        usage = replace(
            told,
            prompt_tokens=self._prompt_tokens if told.prompt_tokens is None else told.prompt_tokens,
            completion_tokens=-(-self._thousandths // 1000)
            if told.completion_tokens is None
            else told.completion_tokens,
        )
        cost = self._tariffs.most_micros(self._provider, self._request.model, usage)
        return Used((usage.prompt_tokens or 0) + (usage.completion_tokens or 0), cost or 0)

    def _may_be_billed(self, fault: BaseException | None) -> bool:
        match fault:
            case None:
                return True
            case PromptTooLongError() | OptionRefusedError():
                return False
            case ModelFaultError(code=code):
                return self._was_asked and code not in _UNBILLED
            case _:
                return self._was_asked
