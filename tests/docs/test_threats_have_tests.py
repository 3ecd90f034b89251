"""Beside every threat in the threat model stands a test, and it is there."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from tests.docs.reading import Page
from tools.environment import ROOT

ROW = re.compile(r"^\| (?!threat|---)(.+) \| (.+) \| (.+) \|$", re.MULTILINE)
ROWS = ROW.findall(Page("docs/security.md").text)
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


@cache
def names_in(path: str) -> set[str]:
    """Return the names of the tests of a file."""
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    functions = ast.FunctionDef | ast.AsyncFunctionDef
    return {node.name for node in tree.body if isinstance(node, functions)}


@pytest.mark.parametrize(("threat", "stopped_by", "shown_by"), ROWS, ids=[row[0][:60] for row in ROWS])
def test_every_threat_has_what_stops_it_and_a_test_that_is_there(threat: str, stopped_by: str, shown_by: str) -> None:
    """Issue 4: the threat model with a test beside each threat."""
    assert threat
    assert stopped_by
    named = NAMED.findall(shown_by)
    assert ", ".join(f"`{path}::{name}`" for path, name in named) == shown_by
    assert [f"{path}::{name}" for path, name in named if name not in names_in(path)] == []


def test_threats_of_every_attacker_are_told() -> None:
    sections = Page("docs/security.md").text.split("\n## ")[1:]
    attackers = [section for section in sections if "| threat |" in section]
    assert len(attackers) == 7
    assert all(len(ROW.findall(section)) >= 4 for section in attackers)
    assert len(ROWS) >= 50
    assert any(section.startswith("Not defended") for section in sections)
