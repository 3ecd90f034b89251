"""What the exit code of a market says: a deal is a deal, also beside a room that failed."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Chaffer, Ran
from tests.support.model_markets import market_of_models
from tests.support.standin import standing_in
from tests.support.standin_scripts import Answer, Asked, Script, haggles, says

LEAVES: Script = says(decision="leave", accept_seller=None)


def negotiated(chaffer: Chaffer, folder: Path, script: Script) -> Ran:
    """Play a market of two items whose models follow the script."""
    market = market_of_models(sellers=1, rounds=2)
    market["buyer"]["shopping_list"].append({"item_id": "item_002", "item_name": "Mouse", "quantity_needed": 1})
    stock = market["sellers"][0]["inventory"]
    stock.append({**stock[0], "item_id": "item_002", "item_name": "Mouse"})
    market["buyer"]["budget_range"]["max"] = 9_000
    (folder / "market.json").write_text(json.dumps(market), encoding="utf-8")
    with standing_in(script) as server:
        return chaffer("negotiate", "market.json", env={"LM_STUDIO_BASE_URL": server.url, "LLM_MAX_RETRIES": "0"})


def dies_of(item: str, otherwise: Script) -> Script:
    """Return the script by which the buyer's model dies in the middle of the room of that item."""

    def script(asked: Asked) -> Answer:
        return Answer(status=400) if asked.is_buyer and item in asked.system else otherwise(asked)

    return script


def test_a_deal_beside_a_room_that_failed_ends_with_code_0_and_the_failure_is_told(
    chaffer: Chaffer, tmp_path: Path
) -> None:
    """Issue: exit code 0, deal(s)."""
    ran = negotiated(chaffer, tmp_path, dies_of("Mouse", haggles))
    assert ran.code == 0
    told = sorted(ran.err.splitlines())
    assert told[0].startswith("1 x Laptop: deal with Shop 1 at ")
    assert told[1].startswith("1 x Mouse: failed: ")
    words = " ".join(ran.out.split())
    assert "1 x Mouse failed" in words
    assert "lm_studio (model 'stand-in') did not take our request (status 400)" in words


def test_a_model_that_dies_in_the_middle_ends_with_code_1_where_there_is_no_deal(
    chaffer: Chaffer, tmp_path: Path
) -> None:
    """Issue: exit code 1, fault."""
    ran = negotiated(chaffer, tmp_path, dies_of("Mouse", LEAVES))
    assert ran.code == 1
    assert "1 x Laptop: no deal: " in ran.err
    assert "1 x Mouse: failed: " in ran.err
    assert "Traceback" not in ran.err


def test_a_buyer_that_leaves_every_room_ends_with_code_3(chaffer: Chaffer, tmp_path: Path) -> None:
    """Issue: exit code 3, no deal."""
    ran = negotiated(chaffer, tmp_path, LEAVES)
    assert ran.code == 3
    assert ran.err.count(": no deal: ") == 2
