"""The duplicate check: no eight lines of code stand twice in src.

Compared is what the lines say: comments, docstrings, blank lines, indentation, imports and lines of brackets alone do
not count.
"""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Final

from tools.environment import ROOT

LEAST_LINES: Final = 8
_SILENT: Final = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
_BRACKETS: Final = frozenset("()[]{},:")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of code as it is compared."""

    path: Path
    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Run:
    """Lines that stand at two places: where each begins, and how many they are."""

    first: Line
    second: Line
    length: int


def code_of(path: Path) -> list[Line]:
    """Return the lines of a module that count, in order."""
    source = path.read_text(encoding="utf-8")
    left_out = _left_out(ast.parse(source))
    words: defaultdict[int, list[str]] = defaultdict(list)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in _SILENT and token.start[0] not in left_out:
            words[token.start[0]].append(token.string)
    return [
        Line(path, number, " ".join(said)) for number, said in sorted(words.items()) if not _BRACKETS.issuperset(said)
    ]


def _left_out(module: ast.Module) -> set[int]:
    """Return the numbers of the lines that hold imports and docstrings, or any other text that is a statement."""
    nodes = [
        node
        for node in ast.walk(module)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str))
    ]
    return {number for node in nodes for number in range(node.lineno, (node.end_lineno or node.lineno) + 1)}


def runs(modules: Iterable[list[Line]], least_lines: int = LEAST_LINES) -> Iterator[Run]:
    """Yield each run of at least so many equal lines once, as long as it is."""
    lines = list(modules)
    places: defaultdict[tuple[str, ...], list[tuple[int, int]]] = defaultdict(list)
    for which, module in enumerate(lines):
        for start in range(len(module) - least_lines + 1):
            places[tuple(line.text for line in module[start : start + least_lines])].append((which, start))
    pairs = {pair for found in places.values() for pair in combinations(found, 2)}
    for (a, i), (b, j) in sorted(pairs):
        if ((a, i - 1), (b, j - 1)) in pairs:
            continue
        length = 0
        while ((a, i + length), (b, j + length)) in pairs:
            length += 1
        yield Run(lines[a][i], lines[b][j], length + least_lines - 1)


def main() -> int:
    """Print what stands twice in src; return the exit code."""
    found = list(runs(code_of(path) for path in sorted((ROOT / "src").rglob("*.py"))))
    for run in found:
        first, second = (f"{line.path.relative_to(ROOT)}:{line.number}" for line in (run.first, run.second))
        print(f"{first} and {second}: the same {run.length} lines of code. Which concept do they share?")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
