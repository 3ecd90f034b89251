"""The table of prices is dated and sane, and a cost is what the table says or nothing."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaffer.llm.meter import Tariffs
from chaffer.llm.prices import LOCAL, MOST_MICROS, TELLING, context_tokens, cost_micros, find_price, price_table
from chaffer.llm.requests import Usage
from chaffer.vendors import PROVIDERS, VENDORS

ROWS: list[dict[str, Any]] = tomllib.loads(
    files("chaffer.llm").joinpath("prices.toml").read_text("utf-8"), parse_float=Decimal
)["models"]
RATES = {"input", "cached_input", "output"}
FIELDS = RATES | {"provider", "id", "also", "context_tokens", "looked_up", "source", "above"}
COUNTS = st.integers(min_value=0, max_value=10_000_000)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['provider']} {row['id']}")
def test_every_row_says_where_and_when_it_was_looked_up_and_has_no_absurd_price(row: dict[str, Any]) -> None:
    assert set(row) <= FIELDS
    assert row["provider"] in VENDORS
    assert row["provider"] not in LOCAL | TELLING
    assert row["source"].startswith("https://")
    assert type(row["looked_up"]) is date
    assert date(2026, 1, 1) <= row["looked_up"] <= datetime.now(UTC).date()
    above = row.get("above", {})
    assert set(above) <= RATES | {"prompt_tokens"}
    for rates in (row, {**row, **above}):
        assert {"input", "output"} <= set(rates)
        assert all(0 < rates[name] <= 1000 for name in RATES & set(rates))
        assert rates.get("cached_input", rates["input"]) <= rates["input"] <= rates["output"]
    assert all(above[name] > row[name] for name in RATES & set(above))
    assert 1_000 < row.get("context_tokens", 2_000) <= 10_000_000


def test_no_model_has_two_rows() -> None:
    names = [(row["provider"], name) for row in ROWS for name in (row["id"], *row.get("also", ()))]
    assert len(names) == len(set(names)) == len(price_table())


def test_the_vendors_that_send_bills_and_tell_no_cost_have_rows() -> None:
    assert {row["provider"] for row in ROWS} == set(VENDORS) - LOCAL - TELLING - {"langchain"}


def test_a_cost_is_that_of_the_table_rounded_up() -> None:
    usage = Usage(prompt_tokens=1000, completion_tokens=100, cached_tokens=400)
    assert cost_micros("openai", "gpt-5-nano", usage) == 600 * 0.05 + 400 * 0.005 + 100 * 0.4 == 72
    assert cost_micros("openai", "gpt-5-nano", Usage(1, 0)) == 1  # 0.05
    assert cost_micros("openai", "gpt-5-nano", Usage(0, 0)) == 0


def test_cached_tokens_without_a_price_of_their_own_cost_what_others_do() -> None:
    assert cost_micros("openai", "gpt-4", Usage(10, 1, cached_tokens=10)) == 360


def test_a_provider_that_counts_more_cached_tokens_than_prompt_does_not_make_it_cheaper_than_cached() -> None:
    assert cost_micros("openai", "gpt-4.1-mini", Usage(100, 0, cached_tokens=900)) == 10


@pytest.mark.parametrize(("prompt_tokens", "cost"), [(100_000, 10_000 + 5), (100_001, 50_001 + 25)])
def test_a_long_prompt_costs_the_rate_of_long_prompts_for_all_of_it(prompt_tokens: int, cost: int) -> None:
    assert cost_micros("anthropic", "claude-haiku-5-5", Usage(prompt_tokens, 10)) == cost


@pytest.mark.parametrize("family", [("gpt-4.1", "-mini", "-nano"), ("gpt-4o", "-mini")])
def test_every_size_of_a_family_has_its_price_and_the_smaller_cost_less(family: tuple[str, ...]) -> None:
    sizes = (family[0], *(f"{family[0]}{size}" for size in family[1:]))
    costs = [cost_micros("openai", f"{model}-2026-01-01", Usage(1000, 1000)) or 0 for model in sizes]
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] > 0


def test_a_snapshot_with_a_row_of_its_own_costs_what_that_says() -> None:
    assert cost_micros("openai", "gpt-4o-2024-05-13", Usage(1000, 1000)) == 20_000
    assert cost_micros("openai", "gpt-4o-2024-11-20", Usage(1000, 1000)) == 12_500


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("openai", "gpt-5-nano-2025-08-07"),
        ("langchain", "openai:gpt-5-nano"),
        ("langchain", "openai:gpt-5-nano-2025-08-07"),
    ],
)
def test_a_dated_snapshot_and_the_bridge_cost_what_the_model_does(provider: str, model: str) -> None:
    assert find_price(provider, model) is price_table()["openai", "gpt-5-nano"]
    assert context_tokens(provider, model) == 400_000


def test_a_region_of_bedrock_that_has_the_same_price_is_known_and_another_is_not() -> None:
    assert find_price("bedrock", "us.amazon.nova-lite-v1:0") == find_price("bedrock", "amazon.nova-lite-v1:0")
    assert find_price("bedrock", "eu.amazon.nova-lite-v1:0") is None


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("openai", "gpt-5-nano-pro"),
        ("openai", "gpt-5-nano-20250807"),
        ("openai", "gpt-5-nano-2025-08-07-preview"),
        ("openai", "xgpt-5-nano"),
        ("openai", "GPT-5-nano"),
        ("openai", "gpt-4.1-audio"),
        ("openai", "gpt-4-turbo"),
        ("openai", "gpt-4-0613"),
        ("openai", "claude-haiku-4-5"),
        ("openai", ""),
        ("anthropic", "claude-haiku-4"),
        ("anthropic", "claude-haiku-4-5-2025-10-01"),
        ("bedrock", "amazon.nova-lite-v1:0-20250101"),
        ("langchain", "gpt-5-nano"),
        ("langchain", "ollama:gpt-5-nano"),
        ("openrouter", "openai/gpt-5-nano"),
        ("lm_studio", "gpt-5-nano"),
        ("builtin", "gpt-5-nano"),
        ("nobody", "gpt-5-nano"),
    ],
)
def test_a_model_that_is_not_in_the_table_costs_nobody_knows_what(provider: str, model: str) -> None:
    assert cost_micros(provider, model, Usage(1000, 1000)) is None
    assert context_tokens(provider, model) is None


@given(provider=st.sampled_from(PROVIDERS), model=st.text(), usage=st.builds(Usage, cost_micros=COUNTS))
def test_what_the_provider_tells_wins(provider: str, model: str, usage: Usage) -> None:
    assert cost_micros(provider, model, usage) == usage.cost_micros


@pytest.mark.parametrize("usage", [Usage(), Usage(prompt_tokens=5), Usage(completion_tokens=5)])
def test_without_both_counts_there_is_no_cost(usage: Usage) -> None:
    assert cost_micros("openai", "gpt-5-nano", usage) is None


@given(row=st.sampled_from(ROWS), prompt=COUNTS, cached=COUNTS, completion=COUNTS)
def test_costs_are_whole_never_negative_and_more_tokens_never_cost_less(
    row: dict[str, Any], prompt: int, cached: int, completion: int
) -> None:
    cost = cost_micros(row["provider"], row["id"], Usage(prompt, completion, cached))
    more = cost_micros(row["provider"], row["id"], Usage(prompt + 1, completion + 1, cached))
    assert type(cost) is int
    assert more is not None
    assert 0 <= cost <= more


@pytest.mark.parametrize("absurd", [10**20, 10**400])
@pytest.mark.parametrize("usage", [Usage(1, 1), Usage(0, 1), Usage(1, 0), Usage(1, 1, 1)])
def test_no_call_costs_more_than_anybody_could_pay(absurd: int, usage: Usage) -> None:
    counts = [(count or 0) * absurd for count in (usage.prompt_tokens, usage.completion_tokens, usage.cached_tokens)]
    assert cost_micros("openai", "gpt-5.5", Usage(*counts)) == MOST_MICROS
    assert cost_micros("openai", "unknown", Usage(*counts)) is None
    assert cost_micros("openrouter", "any", replace(usage, cost_micros=absurd)) == MOST_MICROS
    assert Tariffs().most_micros("openrouter", "any", replace(usage, cost_micros=absurd)) == MOST_MICROS


def test_what_may_be_spent_is_bounded_where_a_told_cost_makes_it_absurd() -> None:
    tariffs = Tariffs()
    tariffs.listen("openrouter", "any", Usage(1, 1, cost_micros=MOST_MICROS))
    assert tariffs.most_micros("openrouter", "any", Usage(10**9, 10**9)) == MOST_MICROS


def test_no_call_costs_less_than_nothing() -> None:
    assert cost_micros("openrouter", "any", Usage(cost_micros=-5)) == 0
