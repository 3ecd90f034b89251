"""What can go wrong with a provider, as errors of the one vocabulary, and which of it may pass by itself.

The texts name the provider, what happened and what to do. They hold neither prompt nor reply, and of a provider's error
its status alone: some providers quote the prompt in it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Final

from chaffer.errors import ChafferError, Code, Detail
from chaffer.llm.complaints import Complaint, complaint_of
from chaffer.llm.provider import Timeouts

LONGEST_RETRY_AFTER_SECONDS: Final = 86_400.0
"""More is not believed, and nobody waits that long."""

_REFUSED: Final = frozenset({401, 403})
_FORBIDDEN: Final = 403
_NOT_FOUND: Final = 404
_REQUEST_TIMEOUT: Final = 408
_TOO_MANY: Final = 429
_CLIENT_FAULT: Final = 400
_SERVER_FAULT: Final = 500
_GATEWAY_TIMEOUT: Final = 504
_TOO_LARGE: Final = 413
_NO_CREDIT: Final = 402

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
    "exceed context limit",
    "input is too long",
    "number of input tokens exceed",
    "expected maxlength",
)
_NO_MODEL_SIGNS: Final = (
    "model_not_found",
    "no models loaded",
    "model not found",
    "unknown model",
    "model identifier is invalid",
    "on-demand throughput",
    "support the model that you provided",
)
_NO_CREDIT_SIGNS: Final = ("credit balance is too low", "reached your specified api usage limits", "insufficient_quota")
_FILTER_CODES: Final = ("content_filter", "content_policy_violation")
_FLAGGED_SIGNS: Final = ("was flagged",)
_OPTIONAL_SIGNS: Final = {
    "response_format": (
        "response_format",
        "output_config",
        "outputconfig",
        "output_format",
        "json_schema",
        "structured output",
        "grammar",
    ),
    "stream_options": ("stream_options", "include_usage"),
    "system": ("support system messages", "support system prompt"),
    "temperature": ("temperature",),
}
"""By the optional field's name, which every wire calls alike, what is said where it is not taken."""

_MEANT: Final = {
    "servicequotaexceededexception": 429,
    "modelerrorexception": 502,
    "modelstreamerrorexception": 502,
}
"""AWS's errors whose statuses say less than their names, which are in the head `x-amzn-errortype`."""


class ModelFaultError(ChafferError):
    """A call to a model failed. `is_transient`: the same call may succeed in a moment.

    `is_of_host`: it speaks of the host and not of this call; such faults in a row mean that the host is down.
    """

    def __init__(
        self,
        code: Code,
        message: str,
        *,
        is_transient: bool = False,
        is_of_host: bool = False,
        retry_after_seconds: float | None = None,
        details: tuple[Detail, ...] = (),
    ) -> None:
        """Bear what an error bears, whether it is worth trying again, and whether the host is to blame."""
        super().__init__(code, message, details=details, retry_after_seconds=retry_after_seconds)
        self.is_transient = is_transient
        self.is_of_host = is_of_host


class UnaskedError(ModelFaultError):
    """The call failed before its host was asked, and says nothing of it."""


class PromptTooLongError(ModelFaultError):
    """The prompt does not fit the model; a shorter one may."""


class OptionRefusedError(ModelFaultError):
    """The provider does not know one of the request's optional fields; without it, it may answer."""

    def __init__(self, code: Code, message: str, option: str) -> None:
        """Bear the field's name."""
        super().__init__(code, message)
        self.option = option


class Stage(StrEnum):
    """What was waited for too long; each finishes «… did not …»."""

    FIRST = "begin its reply"
    BETWEEN = "go on with its reply"
    WHOLE = "finish its reply"


class Nonsense(StrEnum):
    """What was answered that is no answer; each finishes «… answered»."""

    NO_JSON = "with something that is no JSON in its stream"
    NO_OBJECT = "with a chunk that is no object in its stream"
    NO_LIST = "with something that is no list of models"
    NO_VECTORS = "with something that is no list of vectors"
    NO_STREAM = "with something else than a stream"
    MALFORMED = "with a stream that cannot be taken apart"
    WITHOUT_END = "without end"
    ENCODING = "in an encoding that cannot be read"


class Withheld(StrEnum):
    """Why there is no reply."""

    FILTERED = "its filter stopped it"
    REFUSED = "the model refused"


@dataclass(frozen=True, slots=True)
class Callee:
    """Whom a fault is about. `model` is empty where none was asked.

    `asked` are the texts that it was asked with: what it says in their words says nothing about them.
    """

    provider: str
    model: str
    remedy: str
    timeouts: Timeouts
    key_remedy: str = "Check the key."
    asked: tuple[str, ...] = field(default=(), repr=False)

    @property
    def _who(self) -> str:
        return f"{self.provider} (model {self.model!r})" if self.model else self.provider

    def unreachable(self) -> ModelFaultError:
        """Return the fault of a connection that could not be made."""
        message = f"{self._who} cannot be reached. {self.remedy}"
        return ModelFaultError(Code.LLM_PROVIDER_UNAVAILABLE, message, is_transient=True, is_of_host=True)

    def too_slow(self, stage: Stage) -> ModelFaultError:
        """Return the fault of a reply that did not come, go on or end in time."""
        seconds = {
            Stage.FIRST: self.timeouts.first_token,
            Stage.BETWEEN: self.timeouts.between_tokens,
            Stage.WHOLE: self.timeouts.total,
        }[stage]
        of_model = f" of model {self.model!r}" if self.model else ""
        message = (
            f"{self.provider} did not {stage}{of_model} within {seconds:g} s. "
            "Choose a smaller or faster model, or allow more time."
        )
        return ModelFaultError(Code.LLM_TIMEOUT, message, is_transient=True, is_of_host=True)

    def broke_off(self) -> ModelFaultError:
        """Return the fault of a stream that ended before the reply did."""
        message = f"{self.provider} cut the reply of model {self.model!r} off before its end. Look at its log."
        return ModelFaultError(Code.LLM_BAD_GATEWAY, message, is_transient=True)

    def empty(self, *, is_cut: bool) -> ModelFaultError:
        """Return the fault of a reply without a word in it; `is_cut` where it ran into `max_tokens` all the same."""
        why = "used up max_tokens before its first word: allow more" if is_cut else "said nothing: try another model"
        message = f"{self.provider} sent an empty reply: model {self.model!r} {why}."
        return ModelFaultError(Code.LLM_BAD_GATEWAY, message, is_transient=not is_cut)

    def nonsense(self, what: Nonsense) -> ModelFaultError:
        """Return the fault of an answer that is none."""
        message = f"{self._who} answered {what}. Check its address: something else may be listening there."
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
        return self._refused(status, headers, complaint_of(body.decode("utf-8", "replace")))

    def _refused(self, status: int, headers: Mapping[str, str], told: Complaint) -> ModelFaultError:
        status = _MEANT.get(headers.get("x-amzn-errortype", "").partition(":")[0].casefold(), status)
        if self._is_filtered(status, told):
            return self.withheld(Withheld.FILTERED)
        return self._refused_key(status) if status in _REFUSED else self._failed(status, headers, told)

    def _failed(self, status: int, headers: Mapping[str, str], told: Complaint) -> ModelFaultError:
        if status == _NO_CREDIT or told.names(_NO_CREDIT_SIGNS, self.asked):
            return self._without_credit(status)
        if status in {_TOO_MANY, _REQUEST_TIMEOUT} or status >= _SERVER_FAULT:
            return self._overloaded(status, headers, told)
        if status == _TOO_LARGE or told.names(_TOO_LONG_SIGNS, self.asked):
            return self.too_long()
        if status == _NOT_FOUND or told.names(_NO_MODEL_SIGNS, self.asked):
            return self.unknown_model(status)
        return self._misunderstood(status, told)

    def reported(self, error: object) -> ModelFaultError:
        """Return the fault that an error inside a stream stands for, which may bear a status as its `code`."""
        told = complaint_of(error)
        status = error.get("code") if isinstance(error, Mapping) else None
        if isinstance(status, int) and _CLIENT_FAULT <= status < 600:  # noqa: PLR2004  The end of HTTP's statuses.
            return self._refused(status, {}, told)
        if told.names(_TOO_LONG_SIGNS, self.asked):
            return self.too_long()
        message = f"{self.provider} reported an error while model {self.model!r} was answering. Look at its log."
        return ModelFaultError(Code.LLM_BAD_GATEWAY, message, is_transient=True)

    def _is_filtered(self, status: int, told: Complaint) -> bool:
        """Tell whether a moderation stopped the request; some say so with the status of a refused key."""
        if status == _FORBIDDEN and (told.is_of_filter or told.names(_FLAGGED_SIGNS, self.asked)):
            return True
        return status in {_CLIENT_FAULT, _FORBIDDEN} and any(code in told.codes for code in _FILTER_CODES)

    def _overloaded(self, status: int, headers: Mapping[str, str], told: Complaint) -> ModelFaultError:
        if status >= _SERVER_FAULT and told.names(_TOO_LONG_SIGNS, self.asked):
            return self.too_long()
        slow = status in {_REQUEST_TIMEOUT, _GATEWAY_TIMEOUT}
        what = "limits our calls" if status == _TOO_MANY else "took too long" if slow else "failed"
        return ModelFaultError(
            Code.LLM_TIMEOUT if slow else Code.LLM_PROVIDER_UNAVAILABLE,
            f"{self._who} {what} (status {status}). Try again in a while. {self.remedy}",
            is_transient=True,
            is_of_host=status != _TOO_MANY,
            retry_after_seconds=retry_after(headers.get("retry-after"), datetime.now(UTC)),
        )

    def _refused_key(self, status: int) -> ModelFaultError:
        message = f"{self._who} refused the key (status {status}). {self.key_remedy}"
        return ModelFaultError(Code.INVALID_API_KEY, message)

    def _without_credit(self, status: int) -> ModelFaultError:
        message = f"{self._who} says that the key's credit is used up (status {status}). Top it up, or raise its limit."
        return ModelFaultError(Code.INVALID_API_KEY, message)

    def unknown_model(self, status: int | None = None) -> ModelFaultError:
        """Return the fault of a model that the provider does not have; without a status it was not even asked."""
        if not self.model:
            return self.nonsense(Nonsense.NO_LIST)
        told, kind = ("", UnaskedError) if status is None else (f" (status {status})", ModelFaultError)
        return kind(
            Code.VALIDATION_ERROR,
            f"{self.provider} has no model {self.model!r} at its address{told}. Load it, or name another.",
            details=(Detail("llm_config.model", "must be a model that the provider has"),),
        )

    def _misunderstood(self, status: int, told: Complaint) -> ModelFaultError:
        message = f"{self._who} did not take our request (status {status}). Try another model."
        for option, signs in _OPTIONAL_SIGNS.items():
            if told.names(signs):
                return OptionRefusedError(Code.LLM_BAD_GATEWAY, message, option)
        return ModelFaultError(Code.LLM_BAD_GATEWAY, message)


def retry_after(value: str | None, now_at: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for, in seconds or as a date; None for nonsense.

    At most LONGEST_RETRY_AFTER_SECONDS, and 0 for what is past (RFC 9110, section 10.2.3).
    """
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        seconds = _seconds_until(value, now_at)
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER_SECONDS) if math.isfinite(seconds) else None


def _seconds_until(date: str, now_at: datetime) -> float:
    try:
        until_at = parsedate_to_datetime(date)
    except (ValueError, OverflowError):
        return math.nan
    # A date without a zone is in UTC: of HTTP's three formats, one names none.
    return (until_at if until_at.tzinfo is not None else until_at.replace(tzinfo=UTC)).timestamp() - now_at.timestamp()
