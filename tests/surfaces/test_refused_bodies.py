"""Bodies that are wrong in every way: refused with the field named, or legal, and never a fault of ours."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.support.markets import scenario
from tests.support.server import Surface, opened, play, posted

INITIALIZE = "/api/v1/simulation/initialize"
JSON = {"content-type": "application/json"}
CANARY = "sk-canary-5f0c"

Place = tuple[str | int, ...]

# As JSON text, since Python's own writer would not write some of them.
WRONG = {
    "null": "null",
    "true": "true",
    "list": "[]",
    "object": "{}",
    "text": '"x"',
    "text of a number": '"12"',
    "empty text": '""',
    "spaces": '"  "',
    "NUL": '"a\\u0000b"',
    "lone surrogate": '"\\ud800"',
    "line break": '"a\\nb"',
    "long text": f'"{"k" * 5000}"',
    "minus one": "-1",
    "zero": "0",
    "minus zero": "-0.0",
    "three decimals": "1.005",
    "too much": "1000000001",
    "1e400": "1e400",
    "-1e400": "-1e400",
    "NaN": "NaN",
    "Infinity": "Infinity",
    "400 digits": "1" * 400,
    "nested": "[" * 100 + "]" * 100,
}


def whole() -> dict[str, Any]:
    """Return a body with every field that there is."""
    mind = {"provider": "builtin", "model": "linear", "api_key": CANARY, "temperature": 0.5, "max_tokens": 100}
    body = scenario(llm_config=mind, negotiation={"max_rounds": 3, "timeout_minutes": 5, "reply_order": "arrival"})
    body["user_id"] = "somebody"
    body["buyer"]["llm_config"] = dict(mind)
    body["sellers"] = body["sellers"][:2]
    for seller in body["sellers"]:
        seller["inventory"] = seller["inventory"][:1]
    body["sellers"][0]["llm_config"] = dict(mind)
    return body


def places(value: Any, at: Place = ()) -> Iterator[Place]:
    """Yield the place of every branch and leaf of a body."""
    if at:
        yield at
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in parts:
        yield from places(part, (*at, name))


def with_raw(body: dict[str, Any], place: Place, raw: str) -> bytes:
    """Return the body as JSON with that text in that place."""
    changed = copy.deepcopy(body)
    part: Any = changed
    for name in place[:-1]:
        part = part[name]
    part[place[-1]] = "@@here@@"
    return json.dumps(changed).replace('"@@here@@"', raw).encode()


def path_of(place: Place) -> str:
    """Return `sellers[0].name`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).removeprefix(".")


def fields(answer: httpx2.Response) -> list[str]:
    """Return the fields that an error names."""
    return [detail["field"] for detail in answer.json()["error"]["details"]]


def is_named(place: Place, named: list[str]) -> bool:
    """Tell whether an error names that place or a part of it."""
    path = path_of(place)
    return any(field == path or field.startswith((f"{path}.", f"{path}[")) for field in named)


PLACES = list(places(whole()))


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_value_in_any_field_is_refused_by_name_or_is_legal(tmp_path: Path, wrong: str) -> None:
    """Issue 2: wrong types in every field; CONTRACT §1, Errors and Money."""

    async def case(at: Surface) -> None:
        legal = []
        for place in PLACES:
            answer = await at.client.post(INITIALIZE, content=with_raw(whole(), place, WRONG[wrong]), headers=JSON)
            if answer.status_code == 201:
                legal.append(path_of(place))
                continue
            assert answer.status_code == 400, (place, answer.text)
            error = answer.json()["error"]
            assert error["code"] == "VALIDATION_ERROR", (place, error)
            assert is_named(place, fields(answer)), (place, error["details"])
            assert CANARY not in answer.text
            assert "k" * 200 not in answer.text
        assert set(legal) <= fields_that_may_be(wrong)
        assert CANARY not in at.log.getvalue()

    play(tmp_path, case)


_MINDS = ("llm_config", "buyer.llm_config", "sellers[0].llm_config")
_OPTIONAL = {
    *_MINDS,
    *(f"{mind}.{name}" for mind in _MINDS for name in ("provider", "model", "api_key", "temperature", "max_tokens")),
    *("negotiation.max_rounds", "negotiation.timeout_minutes", "seed", "user_id"),
}
_KEYS = {f"{mind}.api_key" for mind in _MINDS}
_NAMES = {
    "user_id",
    *(f"{one}.name" for one in ("buyer", "sellers[0]", "sellers[1]")),
    *(f"buyer.shopping_list[{n}].{field}" for n in (0, 1) for field in ("item_id", "item_name")),
    *(f"sellers[{n}].inventory[0].{field}" for n in (0, 1) for field in ("item_id", "item_name")),
}
_TEMPERATURES = {f"{mind}.temperature" for mind in _MINDS}
_FREE = {"buyer.budget_range.min", *(f"sellers[{n}].inventory[0].cost_price" for n in (0, 1))}


def fields_that_may_be(wrong: str) -> set[str]:
    """Return the fields that may have a value that is wrong elsewhere."""
    return {
        "null": _OPTIONAL,
        "object": {*_MINDS, "negotiation"},
        "text": _NAMES | _KEYS,
        "text of a number": _NAMES | _KEYS,
        "spaces": _KEYS,
        "NUL": _KEYS,
        "line break": _KEYS,
        "zero": _FREE | _TEMPERATURES | {"seed"},
        "minus zero": _FREE | _TEMPERATURES,
        "three decimals": {"negotiation.timeout_minutes"},
        "too much": {"seed"},
    }.get(wrong, set())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b"\xff\xfe{}",
        b'{"buyer": "\xc3\x28"}',
        b"\xef\xbb\xbf{}",
        b"[" * 10_000 + b"]" * 10_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b'{"buyer":' + b"[" * 100_000,
        b"1" * 5_000,
        b'{"\\ud800": 1}',
        b'{"\\u0000": 1}',
        b"{} {}",
        b"NaN",
    ],
    ids=lambda body: repr(body[:12]),
)
def test_what_is_no_market_is_refused_with_a_sentence(tmp_path: Path, body: bytes) -> None:
    """Issue 2: depth 10 000, invalid UTF-8 and the like: no 5xx, every error in the envelope with the field named."""

    async def case(at: Surface) -> None:
        made = await opened(at.client)
        for path in (INITIALIZE, f"{made.room}/message"):
            answer = await at.client.post(path, content=body, headers=JSON)
            assert answer.status_code == 400, answer.text
            assert answer.json()["error"]["code"] == "VALIDATION_ERROR"
            assert fields(answer)

    play(tmp_path, case)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "json"])
def test_a_body_of_another_content_type_is_refused(tmp_path: Path, kind: str) -> None:
    """A page elsewhere may send plain text across sites without asking; it is no request of ours."""

    async def case(at: Surface) -> None:
        headers = {"content-type": kind} if kind else {}
        answer = await at.client.post(INITIALIZE, content=json.dumps(scenario()).encode(), headers=headers)
        assert answer.status_code == 400
        assert fields(answer) == ["body"]
        assert "Content-Type: application/json" in answer.json()["error"]["message"]

    play(tmp_path, case)


def test_fields_nobody_declared_are_refused_by_name_wherever_they_stand(tmp_path: Path) -> None:
    """CONTRACT §1: so a misspelt setting is not silently dropped."""

    async def case(at: Surface) -> None:
        objects = [(), *(place for place in PLACES if isinstance(_at(whole(), place), dict))]
        assert len(objects) > 12
        for place in objects:
            body = whole()
            _at(body, place)["max_ronds"] = 3
            answer = await at.client.post(INITIALIZE, json=body)
            assert answer.status_code == 400
            assert path_of((*place, "max_ronds")) in fields(answer)
        made = await opened(at.client)
        for path, sent in (("message", {"message": "x"}), ("decide", {})):
            answer = await at.client.post(f"{made.room}/{path}", json={**sent, "force_select_seler": "x"})
            assert answer.status_code == 400
            assert fields(answer) == ["force_select_seler"]

    play(tmp_path, case)


def _at(body: Any, place: Place) -> Any:
    for name in place:
        body = body[name]
    return body


def test_a_field_name_as_long_as_the_body_is_not_sent_back(tmp_path: Path) -> None:
    """CONTRACT §1: a refused body is never echoed."""

    async def case(at: Surface) -> None:
        answer = await at.client.post(INITIALIZE, json={"k" * 500_000: 1})
        assert answer.status_code == 400
        assert len(answer.content) < 2_000

    play(tmp_path, case)


@pytest.mark.parametrize(
    ("names", "field"),
    [
        (("John Doe", "TechStore", "techstore"), "sellers[1].name"),
        (("John Doe", "Tech Store", "TECHSTORE"), "sellers[1].name"),
        (("TechStore", "tech store", "Other"), "sellers[0].name"),
        (("A", "Straße", "STRASSE"), "sellers[1].name"),
        (("A", "ﬁne", "FINE"), None),
    ],
)
def test_names_that_a_mention_could_not_tell_apart_are_refused(
    tmp_path: Path, names: tuple[str, str, str], field: str | None
) -> None:
    """CONTRACT §2: names are unique in a session after folding case and dropping spaces."""

    async def case(at: Surface) -> None:
        body = whole()
        body["buyer"]["name"], body["sellers"][0]["name"], body["sellers"][1]["name"] = names
        answer = await at.client.post(INITIALIZE, json=body)
        assert answer.status_code == 400
        assert field is None or fields(answer) == [field]

    play(tmp_path, case)


def test_the_same_item_twice_in_a_stock_is_refused_without_repeating_it(tmp_path: Path) -> None:
    """CONTRACT §1: the field is named, its value is not sent back."""

    async def case(at: Surface) -> None:
        body = whole()
        item = {**body["sellers"][0]["inventory"][0], "item_id": CANARY}
        body["sellers"][0]["inventory"] = [item, dict(item)]
        answer = await at.client.post(INITIALIZE, json=body)
        assert fields(answer) == ["sellers[0].inventory[1].item_id"]
        assert CANARY not in answer.text

    play(tmp_path, case)


@pytest.mark.parametrize(
    ("message", "is_legal"),
    [
        ("x", True),
        ("é" * 1000, True),
        ("two\nlines", True),
        ("x" * 1001, False),
        ("", False),
        (" \n\t ", False),
        ("a\x00b", False),
        (12, False),
        (None, False),
        (["x"], False),
    ],
)
def test_a_message_has_1_to_1000_characters(tmp_path: Path, message: object, is_legal: object) -> None:
    """Specification §4.2 and CONTRACT §2: a client's message has 1–1000 characters."""

    async def case(at: Surface) -> None:
        made = await opened(at.client)
        await posted(at.client, f"{made.room}/start")
        answer = await at.client.post(f"{made.room}/message", json={"message": message})
        assert answer.status_code == (201 if is_legal else 400)
        assert is_legal or fields(answer) == ["message"]

    play(tmp_path, case, builtin_chars_per_second=5)


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/api/v1/simulation?limit=0", "limit"),
        ("/api/v1/simulation?limit=101", "limit"),
        ("/api/v1/simulation?limit=x", "limit"),
        ("/api/v1/simulation?limit=1e400", "limit"),
        ("/api/v1/simulation?after=-1", "after"),
        ("/api/v1/simulation?after=%00", "after"),
        ("/api/v1/simulation?after=99999999999999999999999", "after"),
        ("/api/v1/simulation?user_id=%00", "user_id"),
        ("/api/v1/simulation?user_id=", "user_id"),
        ("/api/v1/logs?limit=0", "limit"),
        ("/api/v1/logs?after=" + "9" * 201, "after"),
    ],
)
def test_a_wrong_parameter_is_refused_by_name(tmp_path: Path, path: str, field: str) -> None:
    """CONTRACT §1: `limit` ≤ 100; a cursor is one that a page gave."""

    async def case(at: Surface) -> None:
        answer = await at.client.get(path)
        assert answer.status_code == 400
        assert field in fields(answer)

    play(tmp_path, case, durable=True)
