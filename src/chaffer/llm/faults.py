"""What can go wrong with a provider, as errors of the one vocabulary, and which of it may pass by itself.

The texts name the provider, what happened and what to do. They hold neither prompt nor reply, and of a provider's error
its status alone: some providers quote the prompt in it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from chaffer.errors import ChafferError, Code, Detail

LONGEST_RETRY_AFTER_SECONDS: Final = 60.0

_REFUSED: Final = frozenset({401, 403})
_NOT_FOUND: Final = 404
_REQUEST_TIMEOUT: Final = 408
_TOO_MANY: Final = 429
_CLIENT_FAULT: Final = 400
_SERVER_FAULT: Final = 500
_GATEWAY_TIMEOUT: Final = 504
_TOO_LARGE: Final = 413

_TOO_LONG_SIGNS: Final = (
    "context length",
    "context_length",
    "context size",
    "context window",
    "context the overflows",
    "context overflow",
    "n_ctx",
    "prompt is too long",
    "too many tokens",
)
_NO_MODEL_SIGNS: Final = ("model_not_found", "no models loaded", "model not found", "unknown model")
_OPTIONAL_SIGNS: Final = {
    "response_format": ("response_format", "json_schema", "structured output", "grammar"),
    "stream_options": ("stream_options", "include_usage"),
}


class ModelFaultError(ChafferError):
    """A call to a model failed. `is_transient`: the same call may succeed in a moment."""

    def __init__(
        self,
        code: Code,
        message: str,
        *,
        is_transient: bool = False,
        retry_after_seconds: float | None = None,
        details: tuple[Detail, ...] = (),
    ) -> None:
        """Bear what an error bears, and whether it is worth trying again."""
        super().__init__(code, message, details=details, retry_after_seconds=retry_after_seconds)
        self.is_transient = is_transient


class PromptTooLongError(ModelFaultError):
    """The prompt does not fit the model; a shorter one may."""


class OptionRefusedError(ModelFaultError):
    """The provider does not know one of the request's optional fields; without it, it may answer."""

    def __init__(self, code: Code, message: str, option: str) -> None:
        """Bear the field's name."""
        super().__init__(code, message)
        self.option = option


class Nonsense(StrEnum):
    """What was answered that is no answer; each finishes «… answered»."""

    NO_JSON = "with something that is no JSON in its stream"
    NO_OBJECT = "with a chunk that is no object in its stream"
    NO_LIST = "with something that is no list of models"
    LONG_EVENT = "with an event that is too long"
    WITHOUT_END = "without end"
    ENCODING = "in an encoding that cannot be read"


class Withheld(StrEnum):
    """Why there is no reply."""

    FILTERED = "its filter stopped it"
    REFUSED = "the model refused"


@dataclass(frozen=True, slots=True)
class Callee:
    """Whom a fault is about. `model` is empty where none was asked."""

    provider: str
    model: str
    remedy: str
    timeout_seconds: float

    def unreachable(self) -> ModelFaultError:
        """Return the fault of a connection that could not be made."""
        message = f"{self.provider} cannot be reached. {self.remedy}"
        return ModelFaultError(Code.LLM_PROVIDER_UNAVAILABLE, message, is_transient=True)

    def too_slow(self) -> ModelFaultError:
        """Return the fault of a reply that did not come, or did not end, in time."""
        message = (
            f"{self.provider} did not finish a reply of model {self.model!r} within {self.timeout_seconds:g} s. "
            "Choose a smaller or faster model, or allow more time."
        )
        return ModelFaultError(Code.LLM_TIMEOUT, message, is_transient=True)

    def broke_off(self) -> ModelFaultError:
        """Return the fault of a stream that ended before the reply did."""
        message = f"{self.provider} cut the reply of model {self.model!r} off before its end. Look at its log."
        return ModelFaultError(Code.LLM_BAD_GATEWAY, message, is_transient=True)

    def nonsense(self, what: Nonsense) -> ModelFaultError:
        """Return the fault of an answer that is none."""
        message = f"{self.provider} answered {what}. Check that its address is that of an OpenAI-compatible server."
        return ModelFaultError(Code.LLM_BAD_GATEWAY, message)

    def withheld(self, why: Withheld) -> ModelFaultError:
        """Return the fault of a reply that was filtered or refused."""
        message = f"{self.provider} withheld the reply of model {self.model!r}: {why}. Choose another model."
        return ModelFaultError(Code.LLM_BAD_GATEWAY, message)

    def too_long(self) -> ModelFaultError:
        """Return the fault of a prompt that does not fit the model."""
        message = (
            f"The prompt does not fit model {self.model!r} of {self.provider}. Load it with a longer context, "
            "or choose another model."
        )
        return PromptTooLongError(Code.LLM_BAD_GATEWAY, message)

    def refused(self, status: int, headers: Mapping[str, str], body: bytes) -> ModelFaultError:
        """Return the fault that an HTTP status other than 200 stands for."""
        told = body.decode("utf-8", "replace").casefold()
        if status in _REFUSED:
            return ModelFaultError(
                Code.INVALID_API_KEY, f"{self.provider} refused the key (status {status}). Check the key."
            )
        if status in {_TOO_MANY, _REQUEST_TIMEOUT} or status >= _SERVER_FAULT:
            return self._overloaded(status, headers, told)
        if status == _TOO_LARGE or _names(told, _TOO_LONG_SIGNS):
            return self.too_long()
        if status == _NOT_FOUND or _names(told, _NO_MODEL_SIGNS):
            return self._unknown_model(status)
        return self._misunderstood(status, told)

    def reported(self, error: object) -> ModelFaultError:
        """Return the fault that an error inside a stream stands for, which may bear a status as its `code`."""
        told = json.dumps(error, default=str).casefold()
        status = error.get("code") if isinstance(error, Mapping) else None
        if isinstance(status, int) and _CLIENT_FAULT <= status < 600:  # noqa: PLR2004  The end of HTTP's statuses.
            return self.refused(status, {}, told.encode())
        if _names(told, _TOO_LONG_SIGNS):
            return self.too_long()
        message = f"{self.provider} reported an error while model {self.model!r} was answering. Look at its log."
        return ModelFaultError(Code.LLM_BAD_GATEWAY, message, is_transient=True)

    def _overloaded(self, status: int, headers: Mapping[str, str], told: str) -> ModelFaultError:
        if status >= _SERVER_FAULT and _names(told, _TOO_LONG_SIGNS):
            return self.too_long()
        slow = status in {_REQUEST_TIMEOUT, _GATEWAY_TIMEOUT}
        what = "limits our calls" if status == _TOO_MANY else "took too long" if slow else "failed"
        return ModelFaultError(
            Code.LLM_TIMEOUT if slow else Code.LLM_PROVIDER_UNAVAILABLE,
            f"{self.provider} {what} (status {status}). Try again in a while. {self.remedy}",
            is_transient=True,
            retry_after_seconds=retry_after(headers.get("retry-after")),
        )

    def _unknown_model(self, status: int) -> ModelFaultError:
        if not self.model:
            return self.nonsense(Nonsense.NO_LIST)
        return ModelFaultError(
            Code.VALIDATION_ERROR,
            f"{self.provider} has no model {self.model!r} at its address (status {status}). Load it, or name another.",
            details=(Detail("llm_config.model", "must be a model that the provider has"),),
        )

    def _misunderstood(self, status: int, told: str) -> ModelFaultError:
        message = f"{self.provider} did not take our request (status {status}). Try another model."
        for option, signs in _OPTIONAL_SIGNS.items():
            if _names(told, signs):
                return OptionRefusedError(Code.LLM_BAD_GATEWAY, message, option)
        return ModelFaultError(Code.LLM_BAD_GATEWAY, message)


def retry_after(value: str | None) -> float | None:
    """Return the seconds of a Retry-After header, at most LONGEST_RETRY_AFTER_SECONDS; None for a date or nonsense."""
    try:
        seconds = float(value or "")
    except ValueError:
        return None
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER_SECONDS) if math.isfinite(seconds) else None


def _names(told: str, signs: tuple[str, ...]) -> bool:
    return any(sign in told for sign in signs)
