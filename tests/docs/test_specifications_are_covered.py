"""Beside every section of the specifications stands where it is implemented and a test, and both are there."""

from __future__ import annotations

import re

import pytest

from tests.docs.reading import Page, missing_tests, named_tests
from tools.environment import ROOT

PAGE = Page("docs/specification-coverage.md")
ROW = re.compile(r"^\| (?!section|---)(.+) \| (.+) \| (.+) \| (.+) \|$", re.MULTILINE)
ROWS = ROW.findall(PAGE.text)
NONE = "-"
SECTIONS = {
    "Marketplace": [str(number) for number in range(1, 18)],
    "Model layer": [
        *("Provider architecture", "LM Studio", "OpenRouter", "Streaming", "Health", "Error", "Testing", "Setup"),
        *(
            "Environment",
            "Running",
            "API",
            "Architecture",
            "Windows ARM",
            "Next steps",
            "Troubleshooting",
            "Contributing",
        ),
    ],
    "Two-agent runs": [str(number) for number in range(12)],
    "Shopping assistant": ["Overview", "1.1", "1.2", "2.1", "3.1", "4.1", "Checklist"],
    "Supervisor chat": [
        *("Features", "Architecture", "Installation", "Running", "Health check", "Chat streaming", "Conversation"),
        *("Error handling", "Streaming format", "Configuration", "Logging", "Testing", "Deployment", "Monitoring"),
        *("Security", "Troubleshooting", "Support"),
    ],
}


@pytest.mark.parametrize(("section", "where", "shown_by", "otherwise"), ROWS, ids=[row[0] for row in ROWS])
def test_every_section_has_a_place_and_a_test_that_are_there(
    section: str, where: str, shown_by: str, otherwise: str
) -> None:
    """Issue 6: where it is implemented, which test shows it, what is not true yet."""
    assert section
    places = re.findall(r"`([^`]+)`", where)
    assert [place for place in places if not any((ROOT / top / place).exists() for top in ("", "src/chaffer"))] == []
    assert places or "](" in where or otherwise != NONE
    if shown_by == NONE:
        assert otherwise != NONE
        return
    assert ", ".join(f"`{name}`" for name in named_tests(shown_by)) == shown_by
    assert missing_tests(shown_by) == []


@pytest.mark.parametrize("specification", SECTIONS)
def test_no_section_of_a_specification_is_left_out(specification: str) -> None:
    rows = ROW.findall(PAGE.text.partition(f"\n## {specification}\n")[2].partition("\n## ")[0])
    told = [row[0] for row in rows]
    assert [one for one in SECTIONS[specification] if not any(re.match(rf"{one}\b", name) for name in told)] == []
