"""The project's pages as tests read them: links, code, and what the code names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tools.environment import ROOT

_FENCE = re.compile(r"^(`{3,})(\w*)\n(.*?)^\1$", re.DOTALL | re.MULTILINE)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_TEST = re.compile(r"`(tests/[\w/]+\.py::test_\w+)`")
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Page:
    """A page of Markdown, by its path from the root."""

    path: str

    @property
    def text(self) -> str:
        return (ROOT / self.path).read_text(encoding="utf-8")

    @property
    def prose(self) -> str:
        """Return the text without its blocks of code."""
        return _FENCE.sub("", self.text)

    def blocks(self, language: str) -> list[str]:
        """Return the blocks of code in a language, in order."""
        return [code for _, found, code in _FENCE.findall(self.text) if found == language]

    def code(self) -> Iterator[str]:
        """Yield all that is set as code, in lines and in blocks, but for what a terminal or a prompt showed."""
        yield from _SPAN.findall(self.prose)
        yield from (code for _, language, code in _FENCE.findall(self.text) if language not in {"text", "mermaid"})

    def links(self) -> list[str]:
        """Return the targets of the links to other files and to headings."""
        targets = _LINK.findall(_SPAN.sub("", self.prose))
        return [target for target in targets if "://" not in target]

    def anchors(self) -> set[str]:
        """Return the headings as links name them."""
        plain = (re.sub(r"[^\w\s-]", "", heading.lower()) for heading in _HEADING.findall(self.prose))
        return {re.sub(r"\s+", "-", heading.strip()) for heading in plain}


def pages() -> list[Page]:
    """Return all pages of the project."""
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "scenarios").glob("*.md")]
    return [Page(str(path.relative_to(ROOT).as_posix())) for path in sorted(found)]


def target_of(page: Page, link: str) -> tuple[Path, str]:
    """Return the file that a link leads to, and the heading in it."""
    file, _, anchor = link.partition("#")
    here = ROOT / page.path
    return (here.parent / file if file else here), anchor


def named_tests(text: str) -> list[str]:
    """Return the tests that a text names, as `tests/FILE.py::test_NAME`."""
    return _TEST.findall(text)


def missing_tests(text: str) -> list[str]:
    """Return those of the tests that a text names which are not there."""
    named = (name.split("::") for name in named_tests(text))
    return [f"{path}::{name}" for path, name in named if name not in _tests_in(path)]


@cache
def _tests_in(path: str) -> set[str]:
    file = ROOT / path
    tree = ast.parse(file.read_text("utf-8") if file.exists() else "")
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
