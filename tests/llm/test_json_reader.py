"""JSON is read while it is written, and forgivingly; what was read once does not change."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chaffer.llm.json_reader import DEEPEST, Found, JsonReader, MalformedError, Piece, Whole, objects_in

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abcdef"), inner, max_size=4),
    max_leaves=12,
)


def _depth(value: object) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(_depth, inner), default=0)


def read(*pieces: str) -> tuple[JsonReader, list[Found]]:
    reader = JsonReader()
    found = [item for piece in pieces for item in reader.feed(piece)]
    return reader, [*found, *reader.finish()]


@given(members=st.dictionaries(st.sampled_from("abc"), PLAIN, max_size=3), data=st.data())
def test_what_is_written_is_read_at_any_split(members: dict[str, object], data: st.DataObject) -> None:
    text = json.dumps(members, ensure_ascii=data.draw(st.booleans()), indent=data.draw(st.sampled_from([None, 1])))
    assume(_depth(members) < DEEPEST)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    reader, found = read(*pieces)
    assert reader.document == members
    texts = {item.path: "" for item in found if isinstance(item, Piece)}
    for item in found:
        if isinstance(item, Piece):
            texts[item.path] += item.text
    assert {item.path: item.value for item in found if isinstance(item, Whole) and item.path in texts} == texts


def test_a_field_is_known_before_the_next_one_is_written() -> None:
    reader = JsonReader()
    assert reader.feed('{"price": 10') == []
    assert reader.feed("50,") == [Whole(("price",), Decimal(1050))]
    assert reader.feed(' "message": "Go') == [Piece(("message",), "Go")]
    assert reader.feed("od") == [Piece(("message",), "od")]


@pytest.mark.parametrize(
    ("text", "document"),
    [
        ('Sure!\n```json\n{"a": 1}\n```', {"a": 1}),
        ('<think>{"a": 2}</think>{"a": 1}', {"a": 1}),
        ('<THINKING> x <b> </thinking>\n{"a": 1}', {"a": 1}),
        ("{'a': 'it\\'s', 'b': 'it's'}", {"a": "it's", "b": "it's"}),
        ("{a: 1, b: True, c: None}", {"a": 1, "b": True, "c": None}),
        ('{"a": 1,, "b": [1, 2,],}', {"a": 1, "b": [1, 2]}),
        ('{"a": 1 "b": 2}', {"a": 1, "b": 2}),
        ('{/* x */ "a": 1, // y\n "b": 2}', {"a": 1, "b": 2}),
        ('{"A ": 1}', {"a": 1}),
        ("{“a”: “b”}", {"a": "b"}),
        ('{"a": "line\nbreak"}', {"a": "line\nbreak"}),
        ('{"a": "\\ud83d\\udc4b \\u00e9 \\q"}', {"a": "👋 é q"}),
        ('{"a": "\\ud83d x \\udc4b"}', {"a": "\ufffd x \ufffd"}),
        ('{"a": $1050}', {"a": "$1050"}),
        ('{"a": 1, "a": 2}', {"a": 1}),
        ('{"a": {"b": [1', None),
        ('{"a": 1}{"a": 2} and more', {"a": 1}),
        ('{"a": -Infinity}', {"a": Decimal("-Infinity")}),
        ('{"a": "cut', None),
        ('{"a": 1, "b', None),
        ("[1, 2]", None),
        ("no object", None),
        ('{"a" = 1}', None),
        ('{"a": ' + "9" * 100 + "}", None),
        ("[" * 100 + '{"a": ' + "[" * 100, None),
    ],
)
def test_what_models_write_is_understood_or_refused(text: str, document: object) -> None:
    if document is None:
        with pytest.raises(MalformedError):
            read(text)
    else:
        assert read(text)[0].document == document
        assert read(*text)[0].document == document, "letter by letter"


def test_open_brackets_are_forgiven_and_told() -> None:
    reader, _ = read('{"a": 1, "b": [{"c": "d"')
    assert reader.document == {"a": 1, "b": [{"c": "d"}]}
    assert not reader.is_closed
    assert read('{"a": 1}')[0].is_closed


def test_nan_is_a_number_that_is_none() -> None:
    value = (read('{"a": NaN}')[0].document or {})["a"]
    assert isinstance(value, Decimal)
    assert value.is_nan()


def test_a_key_that_comes_twice_tells_nothing_the_second_time() -> None:
    _, found = read('{"price": 5, "message": "a", "price": 6, "message": "b"}')
    assert [item for item in found if item.path == ("price",)] == [Whole(("price",), Decimal(5))]
    assert "b" not in repr(found)


def test_an_object_behind_other_braces_is_found() -> None:
    text = 'My {answer}: {"x": {"price": 1}} or {"price": 2}'
    assert [list(found) for found in objects_in(text, may_be_open=False)] == [["x"], ["price"], ["price"]]


def test_what_follows_thoughts_comes_first() -> None:
    found = objects_in('{"price": 1} no </think> {"price": 2}', may_be_open=False)
    assert [item["price"] for item in found] == [2, 1]
