"""The longest message that is taken is answered soon: nobody else's request waits for it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Final

import pytest

from chaffer.assistant.plan import LONGEST_MESSAGE
from tests.support.server import Surface, play, posted
from tests.support.shop import furnish

SECONDS: Final = 10.0
"""Several times what an answer takes on a busy machine; what looked at a text from each of its characters took 40."""
TEXTS: Final = {
    "figures": "find me laptops " + "1" * LONGEST_MESSAGE,
    "number words": "twenty one " * LONGEST_MESSAGE,
    "no number there is": "laptops under " + "9" * 400,
    "joints": "find me a laptop" + " and what " * LONGEST_MESSAGE,
}


@pytest.mark.parametrize(("path", "field"), [("/api/chat", "message"), ("/api/shopping", "query")])
def test_no_message_holds_the_server_up(tmp_path: Path, path: str, field: str) -> None:
    async def case(at: Surface) -> None:
        await furnish(at)
        for name, text in TEXTS.items():
            begun = time.process_time()
            answer: dict[str, Any] = await posted(at.client, path, {field: text[:LONGEST_MESSAGE]})
            assert answer, name
            assert time.process_time() - begun < SECONDS, name

    play(tmp_path, case)
