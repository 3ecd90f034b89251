"""How a reply of a model came about, as the operator's record tells it."""

from __future__ import annotations

import time

from chaffer.conversation.minds import Making
from chaffer.exports.making import making_export
from chaffer.llm.provider import Provider
from chaffer.llm.requests import Ending, Finish, Usage
from tests.support.model_calls import called, seat
from tests.support.standin import MODEL


def test_a_first_token_is_never_told_later_than_the_end() -> None:
    first = 0.0104
    ending = Ending(Finish.COMPLETE, MODEL, Usage(1, 1), first, first)

    async def told(provider: Provider) -> Making:
        return seat(provider).making(ending, 1, time.monotonic() - first)

    making = called("http://127.0.0.1:9", told)
    assert making.latency_seconds >= first == making.first_token_seconds
    export = making_export(making)
    assert export is not None
    assert export.latency_seconds >= (export.first_token_seconds or 0) > 0
