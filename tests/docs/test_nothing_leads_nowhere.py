"""What the documents name is there: links, files, paths of the API, commands, tasks, settings."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

from chaffer.api.envelope import ErrorEnvelope
from chaffer.errors import Code
from chaffer.negotiation.scenario import Scenario
from chaffer.settings import Settings
from tests.docs.reading import Page, pages, target_of
from tools.documents.command_reference import commands
from tools.environment import ROOT
from tools.tasks import TASKS

PAGES = pages()
by_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path)

# Variables that others understand: the shell, the terminal, the installers, the database, and the tests.
OTHERS_VARIABLES = {
    *("NO_COLOR", "FORCE_COLOR", "UV_DEFAULT_INDEX", "PIP_INDEX_URL", "POSTGRES_PASSWORD", "API_HOST", "API_PORT"),
}
SOURCES = ("", "src/chaffer/", "docs/")


@by_page
def test_every_link_leads_to_a_file_and_a_heading(page: Page) -> None:
    for link in page.links():
        file, anchor = target_of(page, link)
        assert file.exists(), f"{page.path} links to {link}"
        if anchor:
            there = Page(str(file.resolve().relative_to(ROOT).as_posix()))
            assert anchor in there.anchors(), f"{page.path} links to {link}"


@by_page
def test_every_module_that_is_named_is_there(page: Page) -> None:
    for code in page.code():
        for name in re.findall(r"(?<![\w./-])[\w-]+(?:/[\w-]+)*\.py\b", code):
            places = [ROOT / f"{folder}{name}" for folder in SOURCES]
            assert any(place.exists() for place in places) or any(ROOT.glob(f"src/**/{name}")), f"{page.path}: {name}"


@by_page
def test_every_path_of_the_api_that_is_named_is_served(page: Page) -> None:
    document = json.loads((ROOT / "openapi.json").read_text(encoding="utf-8"))
    served = {re.sub(r"\{\w+\}", "*", path) for path in document["paths"]}
    for code in page.code():
        for path in re.findall(r"(?:/api/v1|\$API)((?:/(?:\$?\{\w+\}|\$\w+|[\w-]+)(?:\.(?:\{\w+\}|[a-z]+))?)+)", code):
            assert "/api/v1" + re.sub(r"\$?\{\w+\}|\$[A-Z]+", "*", path) in served, f"{page.path}: {path}"


@cache
def known_commands() -> Mapping[tuple[str, ...], Any]:
    return {tuple(name.split()[1:]): command for name, command in commands()}


@by_page
def test_every_command_that_is_named_can_be_typed(page: Page) -> None:
    known = known_commands()
    first_words = {words[0] for words in known}
    for code in page.code():
        for line in re.findall(r"(?:^|[ =(/])chaffer ([a-z].*)$", code, re.MULTILINE):
            words = line.split("#")[0].split("|")[0].split()
            name = next((tuple(words[:n]) for n in (2, 1) if tuple(words[:n]) in known), (words[0],))
            assert words[0] in first_words, f"{page.path}: chaffer {line}"
            taken = {option for p in known[name].params for option in p.opts} if name in known else set()
            given = {word.split("=")[0] for word in words if word.startswith("--")}
            assert given <= taken | {"--help"}, f"{page.path}: chaffer {line}"


@by_page
def test_every_task_that_is_named_can_be_run(page: Page) -> None:
    for code in page.code():
        for name in re.findall(r"(?:^|CI=true )make ([a-z-]+)|dev\.py ([a-z-]+)", code, re.MULTILINE):
            assert "".join(name) in TASKS, f"{page.path}: {''.join(name)}"


@by_page
def test_every_setting_and_code_that_is_named_is_there(page: Page) -> None:
    known = {name.upper() for name in Settings.model_fields} | set(Code) | OTHERS_VARIABLES
    for code in page.code():
        for name in re.findall(r"^([A-Z]+(?:_[A-Z]+)+)(?:=.*)?$", code):
            assert name in known, f"{page.path}: {name}"


@by_page
def test_json_in_the_documents_can_be_read(page: Page) -> None:
    for block in page.blocks("json"):
        json.loads(block)


def test_tree_in_the_architecture_is_the_tree_of_the_code() -> None:
    (tree,) = Page("docs/architecture.md").blocks("text")
    _, *lines = tree.splitlines()
    drawn: set[str] = set()
    folder = ""
    for line in lines:
        names = re.findall(r"(?<= )[a-z_]+(?:\.py|/)", line)
        is_inside = line.startswith("    ")
        drawn |= {(folder if is_inside else "") + name.rstrip("/") for name in names}
        folder = folder if is_inside else names[0]
    source = ROOT / "src/chaffer"
    assert {name for name in drawn if not (source / name).exists()} == set()
    there = {path.name for path in source.iterdir() if path.name not in {"__init__.py", "__pycache__", "py.typed"}}
    assert {name for name in drawn if "/" not in name} == there


def test_example_of_an_error_has_the_shape_of_errors() -> None:
    (example,) = Page("docs/errors.md").blocks("json")
    assert ErrorEnvelope.model_validate_json(example).error.code is Code.VALIDATION_ERROR


def test_example_of_a_scenario_is_one() -> None:
    (example,) = Page("docs/command-line.md").blocks("json")
    assert Scenario.model_validate_json(example).seed == 7


def test_every_scenario_file_is_introduced() -> None:
    page = Page("scenarios/README.md").text
    assert all(f"| `{path.name}` |" in page for path in (ROOT / "scenarios").glob("*.json"))
