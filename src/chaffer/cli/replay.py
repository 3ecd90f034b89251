"""`chaffer replay`: the log of a room played back at the pace of a reader."""

from __future__ import annotations

import asyncio
import re
import sys
from typing import Final

from chaffer.cli.moments import Said, Saying
from chaffer.cli.outcomes import Outcome
from chaffer.cli.recordings import Recording, board_of_recording, moments_of
from chaffer.cli.report import print_results
from chaffer.cli.shows import Show, opened_show
from chaffer.cli.terminal import is_terminal, out, pace

CHARS_PER_SECOND: Final = 60.0
"""A brisk reader's pace."""

PAUSE_SECONDS: Final = 0.25

_WORDS: Final = re.compile(r"\S+\s*")


async def replay(recording: Recording, speed: float | None) -> Outcome:
    """Play the recording and print its result; with a speed of 0, or with none where nobody watches, at once."""
    live = is_terminal(sys.stdout)
    speed = pace(speed, live=live)
    board = board_of_recording(recording)
    with opened_show(board, out(), live=live) as show:
        for moment in moments_of(recording):
            if speed and isinstance(moment, Said):
                await _say(show, moment, recording.terms.buyer.buyer_id, speed)
            show.see(moment)
    out().print()
    print_results(board, out())
    return Outcome.DONE


async def _say(show: Show, said: Said, buyer_id: str, speed: float) -> None:
    """Let a message appear word by word."""
    offset = 0
    for word in _WORDS.findall(said.text):
        show.see(Saying(said.room_id, said.message_id, said.seller_id or buyer_id, 0, offset, word))
        offset += len(word)
        await asyncio.sleep(len(word) / (CHARS_PER_SECOND * speed))
    await asyncio.sleep(PAUSE_SECONDS / speed)
