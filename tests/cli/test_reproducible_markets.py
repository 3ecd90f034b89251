"""Two markets with one seed differ in ids and times only: their whole logs are compared, and what was printed."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Final

from tests.cli.conftest import Chaffer
from tests.cli.test_markets import SCENARIOS

HEX: Final = "[0-9a-f]"
ID: Final = re.compile(
    rf"{HEX}{{8}}(?:-{HEX}{{4}}){{3}}-{HEX}{{12}}|(?:msg_{HEX}{{24}}|buyer_{HEX}{{8}})|room_\w+_{HEX}{{16}}"
)
TIME: Final = re.compile(r'"\d{4}-\d\d-\d\dT[^"]*Z"|(?<=_seconds": )[\d.e-]+')
WORDS: Final = re.compile(r'"text": ".+"')


def without_ids_and_times(texts: list[str]) -> list[str]:
    """Return texts with the ids numbered as they first appear, and every time and duration told as one."""
    numbers: dict[str, int] = {}
    return [
        TIME.sub("TIME", ID.sub(lambda found: f"id {numbers.setdefault(found[0], len(numbers))}", text))
        for text in texts
    ]


def played(chaffer: Chaffer, folder: Path, name: str, seed: str) -> list[str]:
    """Play a market, and return what was printed and all logs, the rooms' in the order of their items' names."""
    ran = chaffer("negotiate", str(SCENARIOS / name), "--provider", "builtin", "--seed", seed, "--json")
    logs = [path.read_text(encoding="utf-8") for path in sorted((folder / "logs").glob("session_*/*.json"))]
    shutil.rmtree(folder / "logs")
    return without_ids_and_times([ran.out, ran.err, *logs])


def test_same_seed_says_bids_and_decides_the_same_in_the_same_order(chaffer: Chaffer, tmp_path: Path) -> None:
    """CONTRACT §2, Reproducible: two runs differ in ids and times only; every event, word and bid is alike."""
    first, again = (played(chaffer, tmp_path, "ten-sellers.json", "11") for _ in range(2))
    assert len(first) == 2 + 8 + 1, "what was printed, the rooms, the summary"
    assert sum(text.count('"seller_replied"') for text in first) > 100
    assert first == again


def test_another_seed_says_something_else(chaffer: Chaffer, tmp_path: Path) -> None:
    """What is compared is told by the seed: were no word left of the logs, every market would be alike."""
    one, other = (WORDS.findall("".join(played(chaffer, tmp_path, "demo.json", seed))) for seed in "12")
    assert one
    assert one != other
