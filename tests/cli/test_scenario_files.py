"""A bad scenario is refused with a sentence that names file, field, limit and value."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from chaffer.cli.scenario_files import Overrides, read_scenario
from chaffer.errors import ChafferError, Code, Detail
from tests.cli.conftest import Chaffer

Market = dict[str, Any]


def written(folder: Path, market: object, name: str = "market.json") -> str:
    path = folder / name
    path.write_text(market if isinstance(market, str) else json.dumps(market), encoding="utf-8")
    return str(path)


def refusal(name: str) -> ChafferError:
    with pytest.raises(ChafferError) as caught:
        read_scenario(name, Overrides())
    assert caught.value.code is Code.VALIDATION_ERROR
    return caught.value


def changed(market: Market, path: str, value: object) -> Market:
    *front, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    copied: Any = copy.deepcopy(market)
    place = copied
    for part in front:
        place = place[part]
    place[last] = value
    return dict(copied)


def test_missing_file_is_named(tmp_path: Path) -> None:
    name = str(tmp_path / "nowhere.json")
    assert refusal(name).message == f"{name} cannot be read: No such file or directory. Check the path."


def test_place_of_broken_json_is_named(tmp_path: Path) -> None:
    name = written(tmp_path, '{"buyer": {\n  "name": }}')
    assert refusal(name).message == f"{name} is not valid JSON: Expecting value at line 2, column 11. Correct it."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"seed": NaN}', "NaN is no JSON number"),
        ('{"seed": -Infinity}', "-Infinity is no JSON number"),
        ('{"seed": 1, "seed": 2}', "the field 'seed' stands twice in one object"),
        ("[" * 100_000, "nested too deeply"),
        ('{"seed": ' + "9" * 5000 + "}", "is not valid JSON"),
    ],
)
def test_json_that_is_none_is_refused(tmp_path: Path, text: str, said: str) -> None:
    name = written(tmp_path, text)
    message = refusal(name).message
    assert message.startswith(name)
    assert said in message


def test_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "picture.json").write_bytes(b"\x89PNG\xff")
    assert "is not UTF-8 text: byte 0 does not fit" in refusal(str(tmp_path / "picture.json")).message


def test_file_that_is_too_large_is_refused_with_the_limit(tmp_path: Path) -> None:
    name = written(tmp_path, " " * 1_000_001)
    assert "has more than 1000000 bytes" in refusal(name).message


def test_document_that_is_no_object_is_refused(tmp_path: Path) -> None:
    assert "must hold one JSON object" in refusal(written(tmp_path, [1, 2])).message


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("buyer.name", "", 'buyer.name must have 1 to 50 characters: letters, digits, space, - _ \' . &; got ""'),
        ("buyer.name", 7, "buyer.name must be a string; got 7"),
        (
            "sellers.0.inventory.0.least_price",
            15,
            "sellers[0].inventory[0].least_price must be above cost_price (20) and below selling_price (40); got 15",
        ),
        (
            "sellers.1.inventory.0.selling_price",
            20,
            "sellers[1].inventory[0].selling_price must be above cost_price (20); got 20",
        ),
        ("buyer.budget_range.max", 20, "buyer.budget_range.max must be above min (20); got 20"),
        ("buyer.budget_range.max", "many", 'buyer.budget_range.max must be a number; got "many"'),
        ("buyer.budget_range.min", 1.005, "buyer.budget_range.min must have at most two decimals; got 1.005"),
        ("buyer.budget_range.max", 2_000_000_000, "buyer.budget_range.max must not exceed 1000000000; got 2000000000"),
        ("negotiation.max_rounds", 51, "negotiation.max_rounds must be at most 50; got 51"),
        ("sellers.0.profile.priority", "greed", "'customer_retention' or 'maximize_profit'; got \"greed\""),
        ("llm_config.provider", "oracle", 'bedrock, langchain; got "oracle"'),
        ("sellers.0.colour", "red", "sellers[0].colour is not a known field; check its spelling."),
        ("sellers.0.inventory", {}, "sellers[0].inventory must be a list; got an object of 0 fields"),
        ("sellers.1.name", "corner  SHOP", "sellers[1].name must differ from that of sellers[0]"),
    ],
)
def test_field_limit_and_value_are_named(
    tmp_path: Path, small_market: Market, path: str, value: object, said: str
) -> None:
    name = written(tmp_path, changed(small_market, path, value))
    message = refusal(name).message
    assert message.startswith(f"{name} was refused: ")
    assert said in message


@pytest.mark.parametrize(
    ("path", "literal", "said"),
    [
        ("buyer.budget_range.max", "1e400", "must not exceed 1000000000; got 1e400"),
        ("buyer.budget_range.max", "1e999999999", "must not exceed 1000000000; got 1e999999999"),
        ("buyer.budget_range.min", "1.00500000000000000001", "two decimals; got 1.00500000000000000001"),
        ("llm_config.temperature", "1e400", "llm_config.temperature must be a finite number; got 1e400"),
        ("llm_config.temperature", "1.10", "llm_config.temperature must be at most 1; got 1.10"),
        ("negotiation.max_rounds", "5.00E1", "negotiation.max_rounds must be a whole number; got 5.00E1"),
    ],
)
def test_value_is_told_as_it_is_written(
    tmp_path: Path, small_market: Market, path: str, literal: str, said: str
) -> None:
    """Issue: bad files: the value that is told is the one that a person finds in the file."""
    text = json.dumps(changed(small_market, path, "a number")).replace('"a number"', literal)
    assert said in refusal(written(tmp_path, text)).message


def test_numbers_that_are_written_otherwise_are_sent_as_they_are(tmp_path: Path, small_market: Market) -> None:
    text = json.dumps(changed(small_market, "buyer.budget_range.max", "a number")).replace('"a number"', "1.0050E2")
    sent = json.dumps(read_scenario(written(tmp_path, text), Overrides()).document)
    assert json.loads(sent)["buyer"]["budget_range"]["max"] == 100.5


def test_missing_field_is_named(tmp_path: Path, small_market: Market) -> None:
    del small_market["buyer"]["budget_range"]
    assert "buyer.budget_range is required" in refusal(written(tmp_path, small_market)).message


def test_every_refused_field_is_told(tmp_path: Path, small_market: Market) -> None:
    market = changed(changed(small_market, "buyer.name", ""), "sellers.0.inventory.0.least_price", 15)
    error = refusal(written(tmp_path, market))
    assert "(1 more below)" in error.message
    assert [detail.field for detail in error.details] == ["buyer.name", "sellers[0].inventory[0].least_price"]


def test_key_of_a_provider_is_never_shown(tmp_path: Path, small_market: Market) -> None:
    market = changed(small_market, "llm_config", {"provider": "lm_studio", "api_key": ["sk-canary"]})
    error = refusal(written(tmp_path, market))
    assert error.details[0].field == "llm_config.api_key"
    assert "canary" not in error.message + str(error.details)


def test_refusal_of_the_api_gets_the_name_of_the_file(tmp_path: Path, small_market: Market) -> None:
    scenario = read_scenario(written(tmp_path, small_market), Overrides())
    error = ChafferError(Code.VALIDATION_ERROR, "no", details=(Detail("seed", "is not wanted"),))
    assert scenario.blaming(error).message == f"{scenario.file} was refused: seed is not wanted; got 1. Correct it."
    other = ChafferError(Code.LLM_TIMEOUT, "slow")
    assert scenario.blaming(other) is other


def test_options_take_the_place_of_the_files_values(tmp_path: Path, small_market: Market) -> None:
    market = changed(small_market, "llm_config", {"provider": "lm_studio", "model": "llama", "temperature": 0.2})
    market = changed(market, "sellers.0.llm_config", {"provider": "lm_studio"})
    file = read_scenario(written(tmp_path, market), Overrides(provider="builtin", seed=9, rounds=2))
    config = {name: value for name, value in file.document["llm_config"].items() if value is not None}
    assert config == {"provider": "builtin", "temperature": 0.2}
    assert "llm_config" not in file.document["sellers"][0]
    assert (file.document["seed"], file.document["negotiation"]["max_rounds"]) == (9, 2)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--provider", "builtin", "--model", "none"], "--model must be one of boulware, "),
        (["--provider", "nope"], "--provider must be one of builtin, lm_studio, "),
        (["--user-id", ""], '--user-id must have at least 1 character; got "". Correct it.'),
    ],
    ids=["model", "provider", "user id"],
)
def test_an_option_that_is_refused_is_named_in_the_files_place(
    chaffer: Chaffer, tmp_path: Path, small_market: Market, options: list[str], said: str
) -> None:
    """The file is right: who was told that it was refused would look for the fault there."""
    name = written(tmp_path, small_market)
    ran = chaffer("sessions", "open", name, *options)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(said)
    assert name not in ran.err


def test_bad_scenario_ends_with_code_2_and_no_traceback(chaffer: Chaffer, tmp_path: Path, small_market: Market) -> None:
    name = written(tmp_path, changed(small_market, "sellers.0.inventory.0.least_price", 15))
    ran = chaffer("negotiate", name)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        f"{name} was refused: sellers[0].inventory[0].least_price must be above cost_price (20) "
        "and below selling_price (40); got 15. Correct it.\n"
    )


def test_eleven_sellers_are_refused_with_limit_and_value(
    chaffer: Chaffer, tmp_path: Path, small_market: Market
) -> None:
    many = [{**small_market["sellers"][0], "name": f"Shop {number}"} for number in range(11)]
    name = written(tmp_path, changed(small_market, "sellers", many))
    ran = chaffer("negotiate", name)
    assert ran.code == 2
    assert ran.err.startswith(f"{name} was refused: ")
    assert "at most 10 sellers; got 11" in ran.err


@pytest.mark.parametrize("place", ["", "llm_config.", "buyer.", "buyer.llm_config.", "sellers.1.llm_config."])
@pytest.mark.parametrize("name", ["api_kye", "apikey", "API_KEY"])
def test_value_of_a_misspelt_key_is_never_shown(tmp_path: Path, small_market: Market, place: str, name: str) -> None:
    """CONTRACT §1: a refused body is never echoed (it may hold a key)."""
    if "llm_config" in place:
        small_market = changed(small_market, f"{place.removesuffix('.')}", {"provider": "lm_studio"})
    file = written(tmp_path, changed(small_market, f"{place}{name}", "sk-canary"))
    with pytest.raises(ChafferError) as caught:
        read_scenario(file, Overrides())
    assert "canary" not in repr(caught.value.details) + caught.value.message
    assert f"{name} is not a known field; check its spelling" in caught.value.message


def test_misspelt_key_is_refused_without_its_value(chaffer: Chaffer, tmp_path: Path, small_market: Market) -> None:
    file = written(tmp_path, changed(small_market, "llm_config", {"provider": "lm_studio", "api_kye": "sk-canary"}))
    ran = chaffer("negotiate", file)
    assert (ran.code, ran.out) == (2, "")
    assert "llm_config.api_kye is not a known field; check its spelling" in ran.err
    assert "canary" not in ran.err


def test_scenario_from_standard_input_is_called_so(chaffer: Chaffer) -> None:
    ran = chaffer("negotiate", "-", stdin="{")
    assert ran.code == 2
    assert ran.err.startswith("standard input is not valid JSON: ")
