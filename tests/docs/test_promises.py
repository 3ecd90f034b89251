"""Whatever a person can set, meet or type stands in the documents."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from chaffer.api.chat.frames import Frame as ChatFrame
from chaffer.api.envelope import STATUS
from chaffer.api.runs.frames import Frame as RunFrame
from chaffer.api.shopping.frames import Frame as ShoppingFrame
from chaffer.api.v1.book_schemas import InvoiceDocument
from chaffer.api.v1.stream_events import StreamEvents
from chaffer.cli.outcomes import Outcome
from chaffer.errors import Code
from chaffer.negotiation.scenario import Scenario
from chaffer.negotiation.strategies import STRATEGIES
from chaffer.settings import Settings
from tests.docs.reading import Page
from tools.documents.command_reference import commands
from tools.documents.sections import page_with
from tools.environment import ROOT

SETTINGS = [name.upper() for name in Settings.model_fields]


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_is_explained_and_in_the_example_file(name: str) -> None:
    assert re.search(rf"^\| `{name}` \| .+ \| .+ \| .+ \|$", Page("docs/settings.md").text, re.MULTILINE)
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert re.search(rf"^# .+\n{name}=", example, re.MULTILINE)


def test_example_file_names_no_setting_that_there_is_not() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert re.findall(r"^([A-Z_]+)=", example, re.MULTILINE) == SETTINGS


def test_example_file_as_it_stands_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*SETTINGS, "API_HOST", "API_PORT"):
        monkeypatch.delenv(name, raising=False)
    assert Settings(_env_file=ROOT / ".env.example") == Settings(_env_file=None)


@pytest.mark.parametrize("code", Code)
def test_every_error_code_is_explained_with_its_status(code: Code) -> None:
    assert f"| `{code}` | {STATUS[code]} |" in Page("docs/errors.md").text


@pytest.mark.parametrize("name", StreamEvents.model_fields)
def test_every_event_is_explained_with_its_fields(name: str) -> None:
    page = Page("docs/events.md").text
    section = page.partition(f"### `{name}`\n")[2].partition("\n###")[0]
    assert section
    model = StreamEvents.model_fields[name].annotation
    assert model is not None
    assert name == "reset" or all(f"| `{field}` |" in section for field in model.model_fields)


@pytest.mark.parametrize("name", StreamEvents.model_fields)
def test_front_end_guide_listens_to_every_event(name: str) -> None:
    listening = re.search(r"const NAMES = \[(.*?)\];", Page("docs/frontend-guide.md").text, re.DOTALL)
    assert listening is not None
    assert f'"{name}"' in listening[1]


FRAMES = [("docs/runs.md", each) for each in get_args(RunFrame)]
FRAMES += [("docs/shopping.md", each) for each in get_args(ShoppingFrame)]
FRAMES += [("docs/chat.md", each) for each in get_args(ChatFrame)]


@pytest.mark.parametrize(("page", "frame"), FRAMES, ids=lambda value: getattr(value, "__name__", value))
def test_every_frame_is_explained_with_its_fields(page: str, frame: type[BaseModel]) -> None:
    name = frame.model_fields["type"].default
    row = re.search(rf"^\| `{name}` \| (.+) \|$", Page(page).text, re.MULTILINE)
    assert row is not None
    assert all(f"`{field}`" in row[1] for field in frame.model_fields if field not in {"type", "event_id"})


def test_example_of_an_invoice_is_one() -> None:
    (example,) = map(json.loads, Page("docs/invoices.md").blocks("json"))
    assert InvoiceDocument.model_validate(example).model_dump(mode="json") == example


@pytest.mark.parametrize("name", [name for name, _ in commands()])
def test_every_command_is_explained(name: str) -> None:
    assert re.search(rf"^### `{name}[ `]", Page("docs/command-line.md").text, re.MULTILINE)


@pytest.mark.parametrize("outcome", Outcome)
def test_every_exit_code_is_explained(outcome: Outcome) -> None:
    assert f"| {outcome.value} |" in Page("docs/command-line.md").text


def test_every_field_of_a_scenario_is_explained() -> None:
    section = Page("docs/command-line.md").text.partition("## Scenario files")[2]
    schema = Scenario.model_json_schema()
    models = [schema, *(model for model in schema["$defs"].values() if "properties" in model)]
    fields = {field for model in models for field in model["properties"]}
    unexplained = {field for field in fields if not re.search(rf"[`.\"]{field}[`.\[\"]", section)}
    assert unexplained == set()


@pytest.mark.parametrize("name", STRATEGIES)
def test_every_strategy_is_explained_with_its_formula(name: str) -> None:
    assert f"| `{name}` |" in Page("docs/strategies.md").text


def test_prompts_that_are_shown_hold_none_of_the_private_numbers_beside_them() -> None:
    page = Page("docs/prompts.md")
    private = {
        number for row in re.findall(r"^\| \w+ \| (\d+) \| (\d+) \| \d+ \|$", page.text, re.MULTILINE) for number in row
    }
    private |= set(re.findall(r"budget, (\d+), and its ceiling per unit, (\d+)", page.text)[0])
    private |= {
        number
        for row in re.findall(r"^\| [\w ]+ \| [A-Z]\w+ \| (\d+) \| (\d+) \|$", page.text, re.MULTILINE)
        for number in row
    }
    assert len(private) == 12
    prompts = page.blocks("text")
    assert len(prompts) == 15
    assert private.isdisjoint(re.findall(r"\d+(?:\.\d+)?", "\n".join(prompts).replace(",", "")))


def test_page_without_a_place_for_a_generated_section_is_named(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("# A page\n", encoding="utf-8")
    with pytest.raises(LookupError, match=r"page\.md has no place for the section 'flow'"):
        page_with("page.md", {"flow": "drawing"}, tmp_path)


def test_generated_section_is_written_anew_and_the_rest_stays(tmp_path: Path) -> None:
    page = "before\n<!-- generated: flow -->\nold \\1\n<!-- end: flow -->\nafter\n"
    (tmp_path / "page.md").write_text(page, encoding="utf-8")
    written = page_with("page.md", {"flow": r"new \1"}, tmp_path)
    assert written == "before\n<!-- generated: flow -->\n\nnew \\1\n\n<!-- end: flow -->\nafter\n"
