"""Which wire is spoken at which path."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import unquote

from tests.support.model_servers.anthropic_dialect import AnthropicDialect
from tests.support.model_servers.converse_dialect import ConverseDialect
from tests.support.model_servers.dialect import Dialect
from tests.support.model_servers.openai_dialect import OpenAiDialect

_CONVERSE: Final = re.compile(r"/model/([^/]+)/converse-stream")
_BY_PATH: Final[dict[str, Callable[[dict[str, Any], str], Dialect]]] = {
    "/v1/chat/completions": OpenAiDialect,
    "/v1/messages": AnthropicDialect,
}


def is_asked(path: str) -> bool:
    """Tell whether a model is asked at this path."""
    return path in _BY_PATH or _CONVERSE.fullmatch(path) is not None


def dialect_of(path: str, body: dict[str, Any]) -> Dialect:
    """Return the dialect in which a question at this path is answered."""
    bedrock = _CONVERSE.fullmatch(path)
    if bedrock is not None:
        return ConverseDialect(body, unquote(bedrock[1]))
    return _BY_PATH[path](body, str(body.get("model", "")))
