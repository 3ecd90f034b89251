"""`chaffer ask`: one question to a model, its reply printed as it comes, and what it took."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from chaffer.bootstrap import open_models
from chaffer.cli.environment import settings_here
from chaffer.cli.outcomes import Outcome
from chaffer.cli.scenario_files import STANDARD_INPUT, read_file
from chaffer.cli.terminal import print_json
from chaffer.errors import ChafferError, Code
from chaffer.llm.halves import Halves
from chaffer.llm.prices import LOCAL, cost_micros
from chaffer.llm.requests import Ending, Item, ModelRequest, Said, ToolCall, Usage
from chaffer.logbook import open_logbook
from chaffer.plain_text import harmless
from chaffer.vendors import BUILTIN

LARGEST_QUESTION_BYTES: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom to ask, what and how; an empty model is the configured one, and what is None is left to others."""

    provider: str
    model: str
    question: str
    system: str = ""
    max_tokens: int | None = None
    temperature: float | None = None


def question_of(argument: str) -> str:
    """Return the question: the argument, or what standard input has. Raises VALIDATION_ERROR when it is empty."""
    question = argument
    if argument == STANDARD_INPUT:
        try:
            question = read_file(argument, largest=LARGEST_QUESTION_BYTES).decode("utf-8-sig")
        except UnicodeDecodeError:
            message = "The question on standard input is no UTF-8. Save it as UTF-8."
            raise ChafferError(Code.VALIDATION_ERROR, message) from None
    if not question.strip():
        raise ChafferError(Code.VALIDATION_ERROR, "The question is empty. Write what the model shall answer.")
    return question


async def ask(wanted: Wanted, *, as_json: bool) -> Outcome:
    """Print the reply as it comes, and what it took on standard error; with `as_json` one document in place of both.

    A reply that ran into its longest length is a fault. Raises ChafferError when there is none.
    """
    if wanted.provider == BUILTIN:
        message = (
            f"`{BUILTIN}` is rules for haggling and no model: it answers no questions. Name another provider; "
            "`chaffer models` shows which are set up."
        )
        raise ChafferError(Code.VALIDATION_ERROR, message)
    settings = settings_here()
    open_logbook("WARNING", "text", with_places=settings.debug)
    async with open_models(settings) as models:
        request = ModelRequest(
            model=models.model(wanted.provider, wanted.model or None),
            messages=(Said("user", wanted.question),),
            max_tokens=wanted.max_tokens or settings.llm_default_max_tokens,
            system=wanted.system,
            temperature=wanted.temperature,
        )
        text, ending = await _heard(models.provider(wanted.provider).stream(request), shown=not as_json)
    _tell(wanted.provider, request, text, ending, as_json=as_json)
    return Outcome.FAULT if ending.is_cut else Outcome.DONE


async def _heard(items: AsyncGenerator[Item, None], *, shown: bool) -> tuple[str, Ending]:
    """Return the whole text and how it ended; `shown` prints each piece at once. Leaving closes the connection."""
    text, halves = "", Halves()
    try:
        async with aclosing(items):
            async for item in items:
                match item:
                    case str():
                        delta = halves.joined(item)
                        text += delta
                        if shown:
                            _print(_fit(delta))
                    case Ending():
                        return text + halves.rest(), item
                    case ToolCall():
                        pass
    finally:
        if shown and text and not text.endswith("\n"):
            _print("\n")
    message = "The reply broke off without an end. Look at the provider's log."
    raise ChafferError(Code.LLM_BAD_GATEWAY, message)


def _print(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _fit(text: str) -> str:
    """Return a model's text as a terminal may show it, its lines kept."""
    return "\n".join(harmless(line) for line in text.split("\n"))


def _tell(provider: str, request: ModelRequest, text: str, ending: Ending, *, as_json: bool) -> None:
    usage = ending.usage
    micros = None if provider in LOCAL else cost_micros(provider, request.model, usage)
    if as_json:
        print_json(
            {
                "provider": provider,
                "model": ending.model or request.model,
                "text": text,
                "finish": ending.finish.value,
                "prompt_tokens": usage.prompt_tokens,
                "completion_tokens": usage.completion_tokens,
                "cached_tokens": usage.cached_tokens,
                "first_token_seconds": ending.first_token_seconds,
                "latency_seconds": ending.latency_seconds,
                "cost_dollars": None if micros is None else micros / 1_000_000,
            }
        )
    else:
        facts = [harmless(ending.model or request.model), _tokens(usage), *_seconds(ending), _cost(micros)]
        sys.stderr.write(", ".join(filter(None, facts)) + "\n")
    if ending.is_cut:
        sys.stderr.write(f"The reply was cut at {request.max_tokens} tokens. Allow more with --max-tokens.\n")


def _tokens(usage: Usage) -> str:
    counts = ((usage.prompt_tokens, "in"), (usage.completion_tokens, "out"))
    told = [f"{count} {way}" for count, way in counts if count is not None]
    return f"tokens {' and '.join(told)}" if told else "tokens not told"


def _seconds(ending: Ending) -> list[str]:
    first = ending.first_token_seconds
    told = [] if first is None else [f"first text after {first:.2f} s"]
    return [*told, f"{ending.latency_seconds:.2f} s in all"]


def _cost(micros: int | None) -> str:
    """Return the cost as people read it; empty where it is not known, and where nobody sends a bill."""
    return "" if micros is None else f"${Decimal(micros).scaleb(-6):f}"
