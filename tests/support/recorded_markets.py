"""Rooms of models played against recordings, and the program that makes tests/recordings anew.

No model of a vendor speaks in them: what is recorded is the stand-in of these tests, asked over the real wire.
`python -m tests.support.recorded_markets` records it again, after a prompt was changed on purpose.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import asdict, replace

from chaffer.negotiation.events import SellerReplied
from tests.support.model_markets import Played, play
from tests.support.standin_scripts import Answer, Asked, Script, always, haggles, says

RECORDINGS: Final = Path(__file__).parents[1] / "recordings"
THREE_SELLERS: Final = RECORDINGS / "three_sellers"


def carelessly() -> Script:
    """Return the script of a market whose models haggle well and write badly, and whose server fails once."""
    failed = False

    def script(asked: Asked) -> Answer:
        nonlocal failed
        if asked.is_buyer and asked.facts["round"] == 2 and not failed:
            failed = True
            return Answer(status=503, headers={"Retry-After": "0"})
        text = haggles(asked).text
        if "You are Shop 1," in asked.system:
            return Answer(f"Here is my offer:\n```json\n{text}\n```\nThat is all.")
        if "You are Shop 2," in asked.system:
            return Answer(text.replace("}", ",}"))
        if "You are Shop 3," in asked.system and not asked.is_again and asked.facts["round"] == 1:
            return says(price=1.0)(asked)
        if "You are Shop 3," in asked.system and not asked.is_again and asked.facts["round"] == 2:
            return Answer(text[: len(text) // 2], finish_reason="length")
        return Answer(text)

    return script


_UNSTEADY: Final = {"message_id", "draft_id", "purchase_id", "invoice_id", "duration_seconds"}


def steady(played: Played) -> list[str]:
    """Return all events of a room, but for what differs between two runs: ids, times, and the order of arrival."""
    terms = played.room.terms
    ids = {terms.room_id: "the room", terms.session_id: "the session", terms.buyer.buyer_id: "the buyer"}
    pattern = re.compile("|".join(map(re.escape, ids)))
    events = (f"{type(record.event).__name__} {_steady(record.event)}" for record in played.records)
    return sorted(pattern.sub(lambda found: ids[found[0]], event) for event in events)


def _steady(event: Struct) -> dict[str, object]:
    fields = {name: value for name, value in asdict(event).items() if not name.endswith("_at")}
    if isinstance(event, SellerReplied):
        del fields["turn"]  # Its place among the replies of the round is that of its arrival.
    if (making := fields.get("making")) is not None:
        fields["making"] = replace(making, latency_seconds=0.0, first_token_seconds=None)
    return {name: value for name, value in fields.items() if name not in _UNSTEADY}


def play_again(recordings: Path, folder: Path) -> Played:
    """Play a room of three sellers and a buyer from recordings to its end; any model that is asked after all fails."""
    return play(always(Answer(status=500)), folder, chaffer_replay=recordings, llm_max_retries=1)


def main() -> None:
    shutil.rmtree(THREE_SELLERS, ignore_errors=True)
    with tempfile.TemporaryDirectory() as work:
        played = play(carelessly(), Path(work), chaffer_record=THREE_SELLERS)
    assert played.room.deal is not None
    [file] = THREE_SELLERS.iterdir()
    count = sum(bool(json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines())
    print(f"{count} exchanges in {file.rename(file.with_name('stand-in.jsonl'))}")  # noqa: T201  A program.


if __name__ == "__main__":
    main()
