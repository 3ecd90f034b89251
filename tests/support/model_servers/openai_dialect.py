"""The wire of OpenAI.

Sources of the shapes: OpenAI's «Create chat completion» and its chunk object, OpenRouter's «Errors and debugging».
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.support.model_servers.dialect import PROMPT_TOKENS, Dialect, sse


class OpenAiDialect(Dialect):
    """Chat completions, as LM Studio, OpenRouter and OpenAI write them."""

    @property
    def system(self) -> str:
        return "".join(str(said["content"]) for said in self.body["messages"] if said["role"] == "system")

    @property
    def user(self) -> str:
        return next(str(said["content"]) for said in self.body["messages"] if said["role"] == "user")

    def begins(self) -> Iterator[bytes]:
        yield from ()

    def says(self, text: str | None) -> bytes:
        return self._choice({"role": "assistant", "content": text})

    def calls(self, index: int, name: str, pieces: list[str]) -> Iterator[bytes]:
        head = {"index": index, "id": f"call_{index}_{name}", "type": "function"}
        yield self._choice({"tool_calls": [{**head, "function": {"name": name, "arguments": ""}}]})
        for piece in pieces:
            yield self._choice({"tool_calls": [{"index": index, "function": {"arguments": piece}}]})

    def ends(self, finish: str, tokens: int) -> Iterator[bytes]:
        yield self._choice({}, finish)
        usage = {"prompt_tokens": PROMPT_TOKENS, "completion_tokens": tokens, "total_tokens": PROMPT_TOKENS + tokens}
        yield sse({"model": self.model, "choices": [], "usage": usage}) + b"data: [DONE]\n\n"

    def refuses(self) -> Iterator[bytes]:
        yield self._choice({"refusal": "I cannot help with that."})
        yield from self.ends("stop", 7)

    def malformed(self) -> bytes:
        return b'data: {"choices": [{"delta": \n\n'

    def crashes(self, words: str) -> bytes:
        return sse({"error": {"message": words, "type": "server_error", "code": None}}, "error")

    def limits(self, words: str) -> bytes:
        choices = [{"index": 0, "delta": {"content": ""}, "finish_reason": "error"}]
        return sse({"error": {"code": 429, "message": words}, "choices": choices})

    def without_choices(self) -> bytes:
        return sse({"model": self.model, "choices": []}) * 3 + b"data: [DONE]\n\n"

    def without_end(self) -> bytes:
        return b"data: " + b"x" * 300_000

    def pulse(self) -> bytes:
        return b": PROCESSING\n\n"

    @property
    def too_long(self) -> str:
        return "This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens."

    def error(self, status: int, words: str) -> bytes:
        return json.dumps({"error": {"message": words, "type": "invalid_request_error", "code": status}}).encode()

    def _choice(self, delta: dict[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        chunk = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": self.model, "choices": [choice]}
        return sse(chunk)
