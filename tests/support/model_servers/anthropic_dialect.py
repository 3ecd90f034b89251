"""The wire of Anthropic.

Sources of the shapes: Anthropic's «Streaming messages» and «Errors».
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, ClassVar

from tests.support.model_servers.dialect import PROMPT_TOKENS, Dialect, joined, sse


class AnthropicDialect(Dialect):
    """Messages, as Anthropic writes them: blocks that begin, go on and stop, and pings between them."""

    _FINISHES: ClassVar = {
        "stop": "end_turn",
        "length": "max_tokens",
        "tool_calls": "tool_use",
        "content_filter": "refusal",
    }
    _KINDS: ClassVar = {
        400: "invalid_request_error",
        401: "authentication_error",
        403: "permission_error",
        404: "not_found_error",
        413: "request_too_large",
        429: "rate_limit_error",
        529: "overloaded_error",
    }

    @property
    def system(self) -> str:
        return joined(self.body.get("system", ""))

    @property
    def user(self) -> str:
        return next(joined(said["content"]) for said in self.body["messages"] if said["role"] == "user")

    def begins(self) -> Iterator[bytes]:
        usage = {"input_tokens": PROMPT_TOKENS, "cache_read_input_tokens": 0, "output_tokens": 1}
        head = {"id": "msg_1", "type": "message", "role": "assistant", "model": self.model, "content": []}
        message = {**head, "stop_reason": None, "stop_sequence": None, "usage": usage}
        yield self._event("message_start", message=message)
        yield self._event("content_block_start", index=0, content_block={"type": "text", "text": ""})
        yield self._event("ping")

    def says(self, text: str | None) -> bytes:
        return self._event("content_block_delta", index=0, delta={"type": "text_delta", "text": text})

    def calls(self, index: int, name: str, pieces: list[str]) -> Iterator[bytes]:
        block = {"type": "tool_use", "id": f"toolu_{index}_{name}", "name": name, "input": {}}
        yield self._event("content_block_start", index=index + 1, content_block=block)
        for piece in pieces:
            delta = {"type": "input_json_delta", "partial_json": piece}
            yield self._event("content_block_delta", index=index + 1, delta=delta)
        yield self._event("content_block_stop", index=index + 1)

    def ends(self, finish: str, tokens: int) -> Iterator[bytes]:
        yield self._event("content_block_stop", index=0)
        delta = {"stop_reason": self._FINISHES.get(finish, finish), "stop_sequence": None}
        yield self._event("message_delta", delta=delta, usage={"output_tokens": tokens})
        yield self._event("message_stop")

    def refuses(self) -> Iterator[bytes]:
        yield from self.ends("refusal", 7)

    def malformed(self) -> bytes:
        return b'event: content_block_delta\ndata: {"type": "content_block_delta", "delta": \n\n'

    def crashes(self, words: str) -> bytes:
        return self._event("error", error={"type": "api_error", "message": words})

    def limits(self, words: str) -> bytes:
        return self._event("error", error={"type": "overloaded_error", "message": words})

    def without_choices(self) -> bytes:
        head = next(self.begins())
        return b"".join((head, *list(self.ends("stop", 0))[1:]))

    def without_end(self) -> bytes:
        return b"event: content_block_delta\ndata: " + b"x" * 300_000

    def pulse(self) -> bytes:
        return self._event("ping")

    @property
    def too_long(self) -> str:
        return "prompt is too long: 209001 tokens > 200000 maximum"

    def error(self, status: int, words: str) -> bytes:
        told = {"type": self._KINDS.get(status, "api_error"), "message": words}
        return json.dumps({"type": "error", "error": told, "request_id": "req_1"}).encode()

    @staticmethod
    def _event(kind: str, **fields: Any) -> bytes:
        return sse({"type": kind, **fields}, kind)
