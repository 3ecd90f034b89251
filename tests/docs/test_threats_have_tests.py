"""Beside every threat in the threat model stands a test, and it is there."""

from __future__ import annotations

import re

import pytest

from tests.docs.reading import Page, missing_tests, named_tests

ROW = re.compile(r"^\| (?!threat|---)(.+) \| (.+) \| (.+) \|$", re.MULTILINE)
ROWS = ROW.findall(Page("docs/security.md").text)


@pytest.mark.parametrize(("threat", "stopped_by", "shown_by"), ROWS, ids=[row[0][:60] for row in ROWS])
def test_every_threat_has_what_stops_it_and_a_test_that_is_there(threat: str, stopped_by: str, shown_by: str) -> None:
    """Issue 4: the threat model with a test beside each threat."""
    assert threat
    assert stopped_by
    assert ", ".join(f"`{name}`" for name in named_tests(shown_by)) == shown_by
    assert missing_tests(shown_by) == []


def test_threats_of_every_attacker_are_told() -> None:
    sections = Page("docs/security.md").text.split("\n## ")[1:]
    attackers = [section for section in sections if "| threat |" in section]
    assert len(attackers) == 7
    assert all(len(ROW.findall(section)) >= 4 for section in attackers)
    assert len(ROWS) >= 50
    assert any(section.startswith("Not defended") for section in sections)
