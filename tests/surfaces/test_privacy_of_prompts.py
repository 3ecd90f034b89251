"""What is really sent to models in drawn markets: a leak is a number found in the prompt of whom it is hidden from."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.support.canaries import SHOPS, Canaries, drawn
from tests.support.server import Surface, opened, play, posted
from tests.support.standin import standing_in
from tests.support.standin_scripts import haggles
from tests.support.streams import Reader

BUYER = "John Doe"


def prompts_of(of: Canaries, folder: Path) -> dict[str, str]:
    """Play a market whose agents are all models, and return what each was sent, as one text."""
    body = of.body | {"llm_config": {"provider": "lm_studio", "model": "stand-in"}}

    async def case(at: Surface) -> None:
        market = await opened(at.client, body)
        await posted(at.client, f"{market.session}/start")
        await Reader(at.client, f"{market.session}/stream").read()

    with standing_in(haggles) as model:
        play(folder, case, lm_studio_base_url=model.url)
    names = [BUYER, *(name for name, _, _ in SHOPS[: len(of.sellers)])]
    sent = [f"{asked.system}\n{asked.user}" for asked in model.asked]
    told = {name: "\n".join(text for text in sent if f"You are {name}," in text) for name in names}
    assert all(told.values())
    return told


def found(amounts: Iterable[float], text: str) -> list[float]:
    """Return the amounts that stand in a text, written in whatever way."""
    return [amount for amount in amounts if re.search(rf"(?<![\d.,])({_written(amount)})(?!\d)", text)]


def _written(amount: float) -> str:
    return "|".join(map(re.escape, {f"{amount:.2f}", f"{amount:,.2f}", f"{amount:g}", f"{round(amount * 100)}"}))


@pytest.mark.parametrize("seed", range(8))
def test_no_model_is_sent_a_number_that_is_hidden_from_its_agent(seed: int, tmp_path: Path) -> None:
    """Issue 2, Visibility: prompts that were sent hold no other seller's numbers, no budget, no cost or least price."""
    of = drawn(seed)
    told = prompts_of(of, tmp_path)
    sold = {seller["name"]: seller["inventory"] for seller in of.body["sellers"]}
    limits = [item[name] for items in sold.values() for item in items for name in ("cost_price", "least_price")]
    assert found(limits, told[BUYER]) == []
    for seller, own in sold.items():
        others = [item for other, items in sold.items() if other != seller for item in items]
        hidden = [item[name] for item in others for name in ("cost_price", "least_price", "selling_price")]
        assert found([*hidden, *of.budget], told[seller]) == []
        assert found([item["selling_price"] for item in own], told[seller]), "its own it is told"
