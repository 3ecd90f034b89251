"""Every way in which a model's server fails, and what a provider has to make of it, whatever its wire."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, Final

from chaffer.errors import Code
from chaffer.llm.provider import Timeouts
from tests.support.standin_scripts import Answer, Asked, Script

CANARY_REPLY: Final = "Good morning, REPLY-CANARY-3e5d! "
PATIENT: Final = Timeouts(connect=5, first_token=10, between_tokens=10, total=20)
IMPATIENT: Final = Timeouts(connect=5, first_token=0.4, between_tokens=0.4, total=0.9)


@dataclass(frozen=True)
class Fault:
    """A script, and the error that comes of it.

    `told` are words of its message; the server asks for a `wait` between two numbers of seconds. Where it may tell a
    status in its own way, `or_code` is that status's.
    """

    script: Script
    code: Code
    is_transient: bool
    or_code: Code | None = None
    told: str = ""
    wait: tuple[float, float] | None = None


def quoting(asked: Asked) -> str:
    """Return words that repeat all that was asked, and who asked, as no server should."""
    shown = " ".join(f"{name}={value}" for name, value in asked.headers.items())
    return f"{asked.system} {asked.user} {shown}"


def _refuses(status: int, words: str = "", **headers: str) -> Script:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda asked: Answer(
        status=status, headers=sent, body=asked.dialect.error(status, f"{words} {quoting(asked)}")
    )


def _until_in_a_minute(asked: Asked) -> Answer:
    until_at = datetime.now(UTC) + timedelta(seconds=60)
    return _refuses(429, retry_after=format_datetime(until_at, usegmt=True))(asked)


def _streams(parts: Callable[[Asked], list[bytes]], **answer: Any) -> Script:
    """Return the script that begins to speak, and goes on with these parts."""

    def script(asked: Asked) -> Answer:
        begun = [*asked.dialect.begins(), asked.dialect.says(CANARY_REPLY)]
        return Answer(raw=b"".join([*begun, *parts(asked)]), **answer)

    return script


def _encoded(change: Callable[[bytes], bytes]) -> Script:
    return lambda asked: Answer(
        raw=change(asked.dialect.whole(CANARY_REPLY * 50)), headers={"content-encoding": "gzip"}
    )


def _spoilt(content: bytes) -> bytes:
    """Return what begins as gzip does, and has blocks of a kind that there is none of."""
    return gzip.compress(content)[:10] + b"\xff" * 200


def _unavailable(script: Script, told: str, **more: Any) -> Fault:
    return Fault(script, Code.LLM_PROVIDER_UNAVAILABLE, is_transient=True, told=told, **more)


def _too_slow(script: Script, told: str = "within") -> Fault:
    return Fault(script, Code.LLM_TIMEOUT, is_transient=True, told=told)


def _bad(script: Script, told: str, *, is_transient: bool = False) -> Fault:
    return Fault(script, Code.LLM_BAD_GATEWAY, is_transient=is_transient, told=told)


def _html(asked: Asked) -> bytes:
    return f"<html><body><h1>Bad Gateway</h1>{quoting(asked)}</body></html>".encode()


_HTML: Final = {"content-type": "text/html; charset=utf-8"}

REFUSALS: Final[dict[str, Fault]] = {
    "429": _unavailable(_refuses(429), "limits our calls"),
    "429, seconds": _unavailable(_refuses(429, retry_after="7"), "limits our calls", wait=(7, 7)),
    "429, a date": _unavailable(_until_in_a_minute, "limits our calls", wait=(50, 60)),
    "429, 9999": _unavailable(_refuses(429, retry_after="9999"), "limits our calls", wait=(9999, 9999)),
    "401": Fault(_refuses(401), Code.INVALID_API_KEY, is_transient=False, told="refused the key"),
    "403": Fault(_refuses(403), Code.INVALID_API_KEY, is_transient=False, told="refused the key"),
    "404 model": Fault(
        _refuses(404, "The model does not exist."), Code.VALIDATION_ERROR, is_transient=False, told="name another"
    ),
    "400": _bad(_refuses(400, "Something in it was wrong."), "did not take our request"),
    "400 context length": _bad(lambda asked: _refuses(400, asked.dialect.too_long)(asked), "The prompt does not fit"),
    "500": _unavailable(_refuses(500), "status 500"),
    "503": _unavailable(_refuses(503), "status 503"),
    "529": _unavailable(_refuses(529), "status 529"),
    "504": Fault(_refuses(504), Code.LLM_TIMEOUT, is_transient=True, told="took too long"),
    "502, a page of HTML": _unavailable(
        lambda asked: Answer(status=502, headers=_HTML, body=_html(asked)), "status 502"
    ),
    "a redirect": _bad(lambda _: Answer(status=302, headers={"location": "/elsewhere"}), "status 302"),
}

BROKEN_STREAMS: Final[dict[str, Fault]] = {
    "an empty reply": _bad(lambda _: Answer(raw=b""), "before its end", is_transient=True),
    "no word": _bad(lambda _: Answer(""), "said nothing", is_transient=True),
    "no word within max_tokens": _bad(lambda _: Answer("", finish_reason="length"), "max_tokens"),
    "no choices": _bad(lambda asked: Answer(raw=asked.dialect.without_choices()), "", is_transient=True),
    "null content": _bad(
        lambda asked: Answer(
            raw=b"".join((*asked.dialect.begins(), asked.dialect.says(None), *asked.dialect.ends("stop", 0)))
        ),
        "said nothing",
        is_transient=True,
    ),
    "no finish reason": _bad(lambda _: Answer(CANARY_REPLY, finish_reason=None), "before its end", is_transient=True),
    "cut off": _bad(_streams(lambda _: [], disconnects=True), "before its end", is_transient=True),
    "a malformed chunk": _bad(_streams(lambda asked: [asked.dialect.malformed()]), ""),
    "a chunk without end": _bad(_streams(lambda asked: [asked.dialect.without_end()]), ""),
    "a refusal": _bad(_streams(lambda asked: list(asked.dialect.refuses())), "withheld"),
    "a content filter": _bad(_streams(lambda asked: list(asked.dialect.ends("content_filter", 7))), "withheld"),
    "an error in the stream": Fault(
        _streams(lambda asked: [asked.dialect.crashes(quoting(asked))]),
        Code.LLM_BAD_GATEWAY,
        is_transient=True,
        or_code=Code.LLM_PROVIDER_UNAVAILABLE,
    ),
    "a limit in the stream": _unavailable(_streams(lambda asked: [asked.dialect.limits(quoting(asked))]), ""),
    "words without end": _bad(lambda _: Answer(endless="and on and on " * 100), "without end"),
    "a page of HTML": _bad(lambda asked: Answer(raw=_html(asked), headers=_HTML), "something else than a stream"),
    "a reply in one piece": _bad(
        lambda _: Answer(raw=b'{"reply": "whole"}', headers={"content-type": "application/json"}),
        "something else than a stream",
    ),
    "a lying encoding": _bad(_encoded(lambda content: content), "encoding"),
    "a spoilt encoding": _bad(_encoded(_spoilt), "encoding"),
    "a cut encoding": _bad(_encoded(lambda content: gzip.compress(content)[:200]), "before its end", is_transient=True),
}

DELAYS: Final[dict[str, Fault]] = {
    "no head": _too_slow(lambda _: Answer(hangs="at once"), "begin its reply"),
    "no first token": _too_slow(lambda _: Answer(hangs="after")),
    "a pulse and no token": _too_slow(lambda asked: Answer(pulse=asked.dialect.pulse(), pace=0.05)),
    "no further token": _too_slow(lambda _: Answer(CANARY_REPLY, hangs="after"), "go on with its reply"),
    "a pulse and no further token": _too_slow(
        lambda asked: Answer(CANARY_REPLY, pulse=asked.dialect.pulse(), pace=0.05)
    ),
    "a drip": _too_slow(lambda _: Answer(endless="drip ", pace=0.05), "finish its reply"),
    "an error page that does not end": _too_slow(
        lambda _: Answer(status=500, headers={"content-length": "1000"}, body=b"{")
    ),
}
"""What takes longer than IMPATIENT allows."""

FAULTS: Final[dict[str, Fault]] = {**REFUSALS, **BROKEN_STREAMS}
"""What shows at once."""
