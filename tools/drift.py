"""Committed files that code generates: `python -m tools.drift` fails where one differs, `--write` writes them anew.

To add one, write a function that returns its text, and give it a line in GENERATED, which imports it when it is called.
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Final

from tools.environment import ROOT

_SHOWN_LINES: Final = 30


@dataclass(frozen=True, slots=True)
class Generated:
    """A committed file, by its path from the root, and what makes its text."""

    path: str
    text: Callable[[], str]


def _by(module: str, function: str) -> Callable[[], str]:
    """Return a call of a function of tools/documents/; its module is imported then."""

    def text() -> str:
        made: str = getattr(import_module(f"tools.documents.{module}"), function)()
        return made

    return text


def _openapi() -> str:
    document_text: Callable[[], str] = import_module("chaffer.api.openapi").document_text
    return document_text()


GENERATED: Final = (
    Generated("benchmarks/requests/schema.json", _by("request_schema", "request_schema_text")),
    Generated("benchmarks/requests_chat/schema.json", _by("request_schema", "sentence_schema_text")),
    Generated("openapi.json", _openapi),
    Generated(".env.example", _by("settings_pages", "env_example")),
    Generated("docs/architecture.md", _by("drawings", "architecture_page")),
    Generated("docs/chaffer.postman_collection.json", _by("postman", "collection_text")),
    Generated("docs/command-line.md", _by("command_reference", "command_line_page")),
    Generated("docs/errors.md", _by("tables", "errors_page")),
    Generated("docs/events.md", _by("tables", "events_page")),
    Generated("docs/export.schema.json", _by("export_schema", "export_schema_text")),
    Generated("docs/log.schema.json", _by("log_schema", "log_schema_text")),
    Generated("docs/prompts.md", _by("prompt_examples", "prompts_page")),
    Generated("docs/recording.schema.json", _by("recording_schema", "recording_schema_text")),
    Generated("docs/settings.md", _by("settings_pages", "settings_page")),
    Generated("src/chaffer/shopping/catalogue/sample.jsonl", _by("sample_catalogue", "sample_text")),
)


def drift_of(generated: Generated, root: Path = ROOT) -> str:
    """Return how the committed file differs from what the code says, as the front of a diff; empty if it does not."""
    path = root / generated.path
    committed = path.read_text(encoding="utf-8") if path.exists() else ""
    lines = difflib.unified_diff(
        committed.splitlines(), generated.text().splitlines(), f"{generated.path}, committed", "generated", lineterm=""
    )
    return "\n".join(list(lines)[:_SHOWN_LINES])


def write(generated: Generated, root: Path = ROOT) -> None:
    """Write the file anew."""
    path = root / generated.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(generated.text(), encoding="utf-8", newline="\n")


def main(arguments: Iterable[str]) -> int:
    """Write the files, or print which differ and how; return the exit code."""
    if "--write" in arguments:
        for generated in GENERATED:
            write(generated)
        return 0
    found = [drift for generated in GENERATED if (drift := drift_of(generated))]
    print(*found, sep="\n")
    if found:
        print("Code and committed files differ. `make generate` writes them anew; look at the difference.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
