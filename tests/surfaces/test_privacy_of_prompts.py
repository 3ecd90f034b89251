"""What is really sent to models in drawn markets: a leak is a number found in the prompt of whom it is hidden from."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.canaries import SHOPS, Canaries, drawn
from tests.support.server import Surface, opened, play, posted
from tests.support.standin import standing_in
from tests.support.standin_scripts import Answer, Asked, haggles
from tests.support.streams import Reader

BUYER = "John Doe"


@dataclass
class Heard:
    """What an agent's model was sent: each prompt, with the prices that the model had named itself by then."""

    prompts: list[tuple[str, frozenset[float]]] = field(default_factory=list)
    named: frozenset[float] = frozenset()

    def has(self, amount: float) -> bool:
        """Tell whether an amount was sent in whatever form, and not only as the model's own words, by chance."""
        forms = {f"{amount:.2f}", f"{amount:,.2f}", f"{amount:g}", f"{round(amount * 100)}"}
        written = re.compile(rf"(?<![\d.,])({'|'.join(map(re.escape, forms))})(?!\d)")
        return any(amount not in named and written.search(prompt) for prompt, named in self.prompts)


def played(of: Canaries, folder: Path) -> dict[str, Heard]:
    """Play a market whose agents are all models, and return what each of them heard."""
    names = [BUYER, *(name for name, _, _ in SHOPS[: len(of.sellers)])]
    heard = {name: Heard() for name in names}

    def haggling(asked: Asked) -> Answer:
        answer = haggles(asked)
        one = next(heard[name] for name in names if f"You are {name}," in asked.system)
        one.prompts.append((f"{asked.system}\n{asked.user}", one.named))
        one.named |= {float(price) for price in re.findall(r'"price": ([\d.]+)', answer.text)}
        return answer

    body = of.body | {"llm_config": {"provider": "lm_studio", "model": "stand-in"}}

    async def case(at: Surface) -> None:
        market = await opened(at.client, body)
        await posted(at.client, f"{market.session}/start")
        await Reader(at.client, f"{market.session}/stream").read()

    with standing_in(haggling) as model:
        play(folder, case, lm_studio_base_url=model.url)
    assert all(one.prompts for one in heard.values())
    return heard


@pytest.mark.parametrize("seed", [*range(8), *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(8, 200))])
def test_no_model_is_sent_a_number_that_is_hidden_from_its_agent(seed: int, tmp_path: Path) -> None:
    """Issue 2, Visibility: prompts that were sent hold no other seller's numbers, no budget, no cost or least price."""
    of = drawn(seed)
    heard = played(of, tmp_path)
    sold = {seller["name"]: seller["inventory"] for seller in of.body["sellers"]}
    limits = [item[name] for items in sold.values() for item in items for name in ("cost_price", "least_price")]
    assert [limit for limit in limits if heard[BUYER].has(limit)] == []
    for seller, own in sold.items():
        others = [item for other, items in sold.items() if other != seller for item in items]
        hidden = [item[name] for item in others for name in ("cost_price", "least_price", "selling_price")]
        assert [amount for amount in (*hidden, *of.budget) if heard[seller].has(amount)] == []
        assert any(heard[seller].has(item["selling_price"]) for item in own), "its own it is told"
