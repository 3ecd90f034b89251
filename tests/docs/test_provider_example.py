"""The example of a provider is one: compiled, named by its one line and set up, it gives a reply."""

from __future__ import annotations

import ast
import asyncio
import sys
from contextlib import aclosing
from pathlib import Path
from types import ModuleType

import pytest

from chaffer.bootstrap import open_models
from chaffer.errors import ChafferError, Code
from chaffer.llm.requests import Ending, Finish, Item, ModelRequest, Said
from chaffer.settings import load_settings
from chaffer.vendors import VENDORS
from tests.docs.reading import Page
from tests.support.standin import MODEL, standing_in
from tests.support.standin_scripts import Answer, always

PAGE = Page("docs/providers.md")
KEY = "sk-of-acme-3a7c"


@pytest.fixture
def name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """Put the example's module where its line says, the line where the page says, and return the vendor's name."""
    (source,) = PAGE.blocks("python")
    (line,) = PAGE.blocks("text")
    ((vendor, place),) = ast.literal_eval(f"{{{line}}}").items()
    module = ModuleType(place)
    exec(compile(source, place, "exec"), vars(module))  # noqa: S102  Our own page.
    monkeypatch.setitem(sys.modules, place, module)
    monkeypatch.setitem(VENDORS, vendor, place)
    monkeypatch.chdir(tmp_path)
    return str(vendor)


async def asked(vendor: str, words: str) -> tuple[list[Item], tuple[str, ...]]:
    """Return the reply of the vendor's configured model, and the models it lists."""
    async with open_models(load_settings()) as models:
        request = ModelRequest(models.model(vendor, None), (Said("user", words),), 50)
        async with aclosing(models.provider(vendor).stream(request)) as items:
            reply = [item async for item in items]
        return reply, (await models.status(vendor)).models


def test_provider_of_the_example_replies(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with standing_in(always(Answer("Good morning!", letters=4))) as server:
        monkeypatch.setenv(f"{name.upper()}_API_KEY", KEY)
        monkeypatch.setenv(f"{name.upper()}_BASE_URL", server.url)
        monkeypatch.setenv(f"{name.upper()}_DEFAULT_MODEL", MODEL)
        (*texts, ending), listed = asyncio.run(asked(name, "Good morning?"))
    assert "".join(map(str, texts)) == "Good morning!"
    assert isinstance(ending, Ending)
    assert ending.finish is Finish.COMPLETE
    assert (server.asked[0].user, server.asked[0].headers["authorization"]) == ("Good morning?", f"Bearer {KEY}")
    assert listed == (MODEL, "other")


def test_provider_of_the_example_is_set_up_by_a_file_too(name: str) -> None:
    with standing_in(always(Answer("Hi"))) as server:
        lines = {"API_KEY": KEY, "BASE_URL": server.url, "DEFAULT_MODEL": MODEL}
        Path(".env").write_text("".join(f"{name.upper()}_{end}={value}\n" for end, value in lines.items()))
        reply, _ = asyncio.run(asked(name, "Hi?"))
    assert reply[0] == "Hi"


def test_provider_of_the_example_without_a_key_says_what_to_set(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{name.upper()}_DEFAULT_MODEL", MODEL)
    with pytest.raises(ChafferError, match=f"set {name.upper()}_API_KEY") as raised:
        asyncio.run(asked(name, "Hi?"))
    assert raised.value.code is Code.LLM_PROVIDER_DISABLED


def test_setting_of_a_new_vendor_that_is_wrong_is_named_and_not_shown(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"{name.upper()}_BASE_URL", "nowhere")
    with pytest.raises(ChafferError) as raised:
        asyncio.run(asked(name, "Hi?"))
    assert (raised.value.code, raised.value.details[0].field) == (Code.VALIDATION_ERROR, f"{name.upper()}_BASE_URL")
