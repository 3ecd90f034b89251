"""Sections of a page that code writes, between two comments: `<!-- generated: NAME -->` and `<!-- end: NAME -->`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from chaffer.conversation.prompts import Prompt
from tools.environment import ROOT


def page_with(path: str, sections: Mapping[str, str], root: Path = ROOT) -> str:
    """Return a committed page with its generated sections written anew; what people wrote around them stays.

    Raises LookupError for a section that the page has no place for.
    """
    text = (root / path).read_text(encoding="utf-8")
    for name, section in sections.items():
        begin, end = f"<!-- generated: {name} -->", f"<!-- end: {name} -->"
        before, found, rest = text.partition(f"{begin}\n")
        _, closed, after = rest.partition(end)
        if not found or not closed:
            msg = f"{path} has no place for the section {name!r}: put {begin} and {end} on lines of their own."
            raise LookupError(msg)
        text = f"{before}{begin}\n\n{section.strip()}\n\n{end}{after}"
    return text


def table(columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Return a Markdown table; a bar in a cell is escaped."""
    lines = [columns, tuple("---" for _ in columns), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def prompt_block(prompt: Prompt) -> str:
    """Return a prompt as it is sent, in Markdown."""
    return f"System:\n\n```text\n{prompt.system}\n```\n\nUser:\n\n```text\n{prompt.user}\n```"


def json_block(document: object) -> str:
    """Return a document as a block of JSON, in Markdown."""
    return f"```json\n{json.dumps(document, indent=1, ensure_ascii=False)}\n```"
