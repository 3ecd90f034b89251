"""The wire of Amazon Bedrock.

Source of the shapes: the Amazon Bedrock API reference, «ConverseStream».
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import ClassVar

from tests.support import event_stream_frames as frames
from tests.support.model_servers.dialect import PROMPT_TOKENS, Dialect, joined


class ConverseDialect(Dialect):
    """ConverseStream, as Amazon Bedrock writes it: JSON in binary frames."""

    content_type = "application/vnd.amazon.eventstream"

    _FINISHES: ClassVar = {
        "stop": "end_turn",
        "length": "max_tokens",
        "tool_calls": "tool_use",
        "content_filter": "content_filtered",
    }

    @property
    def system(self) -> str:
        return joined(self.body.get("system", []))

    @property
    def user(self) -> str:
        return next(joined(said["content"]) for said in self.body["messages"] if said["role"] == "user")

    def begins(self) -> Iterator[bytes]:
        yield frames.event("messageStart", {"role": "assistant", "p": "abcdef"})

    def says(self, text: str | None) -> bytes:
        return frames.event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": text}, "p": "abc"})

    def in_latin_1(self, text: str) -> bytes:
        document = {"contentBlockIndex": 0, "delta": {"text": text}}
        return frames.event_of_bytes("contentBlockDelta", json.dumps(document, ensure_ascii=False).encode("latin-1"))

    def calls(self, index: int, name: str, pieces: list[str]) -> Iterator[bytes]:
        start = {"toolUse": {"toolUseId": f"tooluse_{index}_{name}", "name": name}}
        yield frames.event("contentBlockStart", {"contentBlockIndex": index + 1, "start": start})
        for piece in pieces:
            delta = {"toolUse": {"input": piece}}
            yield frames.event("contentBlockDelta", {"contentBlockIndex": index + 1, "delta": delta})
        yield frames.event("contentBlockStop", {"contentBlockIndex": index + 1})

    def ends(self, finish: str, tokens: int) -> Iterator[bytes]:
        yield frames.event("contentBlockStop", {"contentBlockIndex": 0})
        yield frames.event("messageStop", {"stopReason": self._FINISHES.get(finish, finish)})
        usage = {"inputTokens": PROMPT_TOKENS, "outputTokens": tokens, "totalTokens": PROMPT_TOKENS + tokens}
        yield frames.event("metadata", {"usage": usage, "metrics": {"latencyMs": 5}})

    def refuses(self) -> Iterator[bytes]:
        yield from self.ends("guardrail_intervened", 7)

    def malformed(self) -> bytes:
        whole = self.says("a frame whose check sum is wrong")
        return whole[:-1] + bytes([whole[-1] ^ 0xFF])

    def crashes(self, words: str) -> bytes:
        return frames.exception("internalServerException", words)

    def limits(self, words: str) -> bytes:
        return frames.exception("throttlingException", words)

    def without_choices(self) -> bytes:
        return b"".join((*self.begins(), *list(self.ends("stop", 0))[1:]))

    def without_end(self) -> bytes:
        return b"\x7f\xff\xff\xff" + self.says("x" * 300_000)[4:]

    def pulse(self) -> bytes:
        return frames.event("contentBlockStop", {"contentBlockIndex": 7})

    @property
    def too_long(self) -> str:
        return "Input is too long for requested model."

    def error(self, status: int, words: str) -> bytes:
        del status
        return json.dumps({"message": words}).encode()
