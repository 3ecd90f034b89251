"""LangChain's chat models, made by the ids that `init_chat_model` takes, and what an integration's exceptions mean.

No text of an exception gets into a message: it may quote a prompt or a key.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from functools import partial
from importlib.util import find_spec
from typing import Any, Final, Protocol, cast

import structlog

from chaffer.errors import ChafferError, Code, Detail
from chaffer.llm.authorization import is_sendable
from chaffer.llm.detached import detached
from chaffer.llm.faults import Callee, ModelFaultError, Stage
from chaffer.llm.requests import ModelRequest

MOST_KEPT: Final = 32
MOST_MADE_AT_ONCE: Final = 32
"""A package that hangs while a model is made keeps a thread: with so many of these, others wait for one to end."""

_ID: Final = re.compile(r"(?P<integration>[a-z][a-z0-9_]{0,39}):\S{1,200}")
_TOLD: Final = 4_096
_STATUSES: Final = range(400, 600)

_SYNONYMS: Final[Mapping[str, tuple[str, ...]]] = {
    "api_key": ("api_key",),
    "base_url": ("base_url", "api_base", "endpoint_url", "endpoint"),
    "max_retries": ("max_retries",),
    "max_tokens": ("max_tokens", "max_completion_tokens", "max_output_tokens", "num_predict", "max_new_tokens"),
    "stream_usage": ("stream_usage",),
    "temperature": ("temperature",),
}
"""What integrations call the parameters that are given here, the usual name first."""

_MEANT: Final = (
    ("auth", 401),
    ("permissiondenied", 403),
    ("ratelimit", 429),
    ("resourceexhausted", 429),
    ("throttl", 429),
    ("modelnotfound", 404),
)
"""Parts of the names of exceptions that bear no status, and the status that they mean."""

_log = structlog.get_logger("chaffer.llm")


class ChatModel(Protocol):
    """As much of a LangChain runnable as is used here."""

    def astream(self, messages: Sequence[Mapping[str, Any]], /) -> AsyncIterator[Any]:
        """Yield the reply in chunks."""
        ...

    def stream(self, messages: Sequence[Mapping[str, Any]], /) -> Iterator[Any]:
        """Yield the reply in chunks, blocking."""
        ...

    def bind(self, **kwargs: Any) -> ChatModel:  # noqa: ANN401  As LangChain has it.
        """Return the model with arguments for every call."""
        ...

    def bind_tools(self, tools: Sequence[Mapping[str, Any]], **kwargs: Any) -> ChatModel:  # noqa: ANN401
        """Return the model with tools that it may call."""
        ...


Initialize = Callable[..., ChatModel]

_Which = tuple[str, float | None, int, bytes | None]
"""A model's id, its parameters, and the digest of its key."""


def init_chat_model() -> Initialize:
    """Return LangChain's own way of making models, which imports the model's package. Imports LangChain."""
    from langchain.chat_models import init_chat_model as initialize  # noqa: PLC0415  Takes a second, on a thread.

    return cast("Initialize", initialize)


def require_langchain(provider: str) -> None:
    """Raise LLM_PROVIDER_DISABLED when LangChain is not installed."""
    if find_spec("langchain") is None:
        raise _not_installed(provider, "langchain")


def is_blocking(model: ChatModel) -> bool:
    """Tell whether a model has no way of its own that does not block: LangChain would run it on the loop's threads."""
    from langchain.chat_models import BaseChatModel as Base  # noqa: PLC0415  Was imported when the model was made.

    kind = type(model)
    if not issubclass(kind, Base) or kind._astream is not Base._astream:  # noqa: SLF001  What integrations override.
        return False
    return kind._stream is not Base._stream or kind._agenerate is Base._agenerate  # noqa: SLF001


class ChatModels:
    """Makes models and keeps the newest; two requests share one when model, parameters and key are the same.

    A model that is being made is made to its end, also when nobody waits for it any more: it holds up no other model.
    Keys are kept by the models alone, as long as they are kept; here they are known by their digest.
    """

    def __init__(self, provider: str, base_url: str | None, initializer: Callable[[], Initialize]) -> None:
        """Know how to make models; nothing is imported before the first."""
        self._provider = provider
        self._base_url = base_url
        self._initializer = initializer
        self._kept: OrderedDict[_Which, ChatModel] = OrderedDict()
        self._making: dict[_Which, asyncio.Future[ChatModel]] = {}

    async def get(self, request: ModelRequest, key: str | None) -> ChatModel:
        """Return the model of a request, however long it takes to make: who waits may leave at any time.

        Raises VALIDATION_ERROR, INVALID_API_KEY, LLM_PROVIDER_DISABLED.
        """
        if key is not None and not is_sendable(key):
            raise ChafferError(Code.INVALID_API_KEY, f"The key for {self._provider} has characters that no key has.")
        digest = None if key is None else hashlib.sha256(key.encode()).digest()
        which = (request.model, request.temperature, request.max_tokens, digest)
        while which not in self._kept:
            if which in self._making or len(self._making) < MOST_MADE_AT_ONCE:
                return await asyncio.shield(self._making.get(which) or self._begun(which, request, key))
            await asyncio.wait(self._making.values(), return_when=asyncio.FIRST_COMPLETED)
        self._kept.move_to_end(which)
        return self._kept[which]

    def forget(self) -> None:
        """Forget all models, also those that are still being made. Their connections, their packages' own, close."""
        self._kept.clear()
        self._making.clear()

    def _begun(self, which: _Which, request: ModelRequest, key: str | None) -> asyncio.Future[ChatModel]:
        making = detached(partial(self._made, request, key), f"making {request.model}")
        self._making[which] = making
        making.add_done_callback(partial(self._end, which))
        return making

    def _end(self, which: _Which, made: asyncio.Future[ChatModel]) -> None:
        """Keep what was made, unless all was forgotten meanwhile."""
        if self._making.get(which) is not made:
            return
        del self._making[which]
        if made.exception() is None:
            self._kept[which] = made.result()
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)

    def _made(self, request: ModelRequest, key: str | None) -> ChatModel:
        integration = integration_of(request.model)
        if not integration:
            message = f"{self._provider} needs a model as `package:model`, such as `openai:gpt-4.1-mini`."
            raise ChafferError(Code.VALIDATION_ERROR, message, details=(_DETAIL,))
        try:
            return self._initialized(request, key)
        except ChafferError:
            raise
        except ImportError as error:
            package = _package_of(error) or f"langchain-{integration.replace('_', '-')}"
            raise _not_installed(self._provider, package) from None
        except Exception as error:  # noqa: BLE001  Every package has exceptions of its own for a key that is missing.
            raise self._not_made(request.model, error) from None

    def _initialized(self, request: ModelRequest, key: str | None) -> ChatModel:
        initialize = self._initializer()
        given: dict[str, object] = {
            "api_key": key,
            "base_url": self._base_url,
            "max_retries": 0,
            "max_tokens": request.max_tokens,
            "stream_usage": True,
            "temperature": request.temperature,
        }
        given = {name: value for name, value in given.items() if value is not None}
        # What a class does not know it may refuse, drop, or send on to be refused: so one is made to see what it knows.
        known = _parameters(type(_first(initialize, request.model, key)))
        taken = {name: next((word for word in _SYNONYMS[name] if word in known), None) for name in given}
        if key is not None and taken["api_key"] is None:
            message = (
                f"Model {request.model!r} of {self._provider} takes no `api_key`. Leave it out, and set its package's "
                "own environment variables."
            )
            raise ChafferError(Code.LLM_PROVIDER_DISABLED, message)
        return initialize(request.model, **{word: given[name] for name, word in taken.items() if word is not None})

    def _not_made(self, model: str, error: Exception) -> ChafferError:
        _log.warning("langchain.not_made", model=model, kind=type(error).__name__)
        message = (
            f"Model {model!r} of {self._provider} could not be set up ({type(error).__name__}). Is it written as "
            "`package:model`, and is its key set, by its package's environment variable or by `api_key`?"
        )
        return ChafferError(Code.LLM_PROVIDER_DISABLED, message, details=(_DETAIL,))


_DETAIL: Final = Detail("llm_config.model", "must be a model as LangChain's init_chat_model takes it")


def integration_of(model: str) -> str:
    """Return the part of an id that names the integration, empty where the id is none."""
    match = _ID.fullmatch(model)
    return "" if match is None else match["integration"]


def _first(initialize: Initialize, model: str, key: str | None) -> ChatModel:
    """Return a model with as few parameters as it can be made with."""
    if key is not None:
        try:
            return initialize(model, api_key=key)
        except ValueError:  # What Pydantic raises for a parameter that is none, too.
            pass
    return initialize(model)


def _parameters(kind: type) -> frozenset[str]:
    """Return the names that a class of models, which is one of Pydantic's, takes its parameters by."""
    fields: Mapping[str, Any] = getattr(kind, "model_fields", {})
    by_name = getattr(kind, "model_config", {}).get("populate_by_name", False)
    return frozenset(
        name
        for field, info in fields.items()
        for name in {info.alias or field, field if by_name or info.alias is None else info.alias}
    )


def _not_installed(provider: str, package: str) -> ChafferError:
    packages = package if package == "langchain" else f"langchain {package}"
    message = f"{provider} needs a package that is not installed: pip install {packages}. `builtin` needs none."
    return ChafferError(Code.LLM_PROVIDER_DISABLED, message)


def _package_of(error: ImportError) -> str:
    """Return the distribution of the module that is missing, by the custom of LangChain's integrations."""
    cause = error.__cause__ if isinstance(error.__cause__, ImportError) else error
    return (cause.name or "").partition(".")[0].replace("_", "-")


def fault_of(error: Exception, callee: Callee, *, stage: Stage, has_begun: bool) -> ModelFaultError:
    """Return the fault that an integration's exception stands for, by its status, else by its name."""
    name = "".join(kind.__name__ for kind in type(error).__mro__[:-3]).casefold()
    _log.warning("langchain.failed", model=callee.model, kind=type(error).__name__)
    status, headers = _status_of(error)
    if status is None and isinstance(error.__cause__, Exception):  # Google's package wraps what its client raised.
        status, headers = _status_of(error.__cause__)
    told = str(error)[:_TOLD].encode("utf-8", "replace")
    if status is None:
        status = next((meant for part, meant in _MEANT if part in name), None)
    if status is not None:
        return callee.refused(status, headers, told)
    if "contextoverflow" in name:
        return callee.too_long()
    if "connecttimeout" in name:
        return callee.unreachable()
    if isinstance(error, TimeoutError) or "timeout" in name:
        return callee.too_slow(stage)
    if isinstance(error, OSError) or "connect" in name or "protocol" in name or "readerror" in name:
        return callee.broke_off() if has_begun else callee.unreachable()
    return callee.reported({"code": getattr(error, "code", None), "message": told.decode("utf-8", "replace")})


def _status_of(error: Exception) -> tuple[int | None, Mapping[str, str]]:
    """Return the HTTP status of an exception, and the head of the answer, wherever integrations keep them."""
    response = getattr(error, "response", None)
    if isinstance(response, Mapping):  # As botocore has it.
        told = response.get("ResponseMetadata") or {}
        candidates, headers = [told.get("HTTPStatusCode")], told.get("HTTPHeaders")
    else:
        places = ((error, "status_code"), (response, "status_code"), (error, "status"), (error, "http_status"))
        candidates = [getattr(place, name, None) for place, name in places] + [getattr(error, "code", None)]
        headers = getattr(response, "headers", None)
    status = next((code for code in candidates if isinstance(code, int) and code in _STATUSES), None)
    return status, {str(name).lower(): str(value) for name, value in dict(headers or {}).items()}
