"""What the page on the chat tells people to type leads from a wish to an invoice."""

from __future__ import annotations

import json
import re
import shutil

import pytest

from tests.docs.conftest import Shell
from tests.docs.reading import Page
from tests.docs.test_readme_runs import free_port

PAGE = Page("docs/chat.md")
(WAY,) = (block for block in PAGE.blocks("sh") if "curl" in block)


@pytest.mark.skipif(shutil.which("curl") is None, reason="these commands of the page call curl")
def test_way_from_a_wish_to_an_invoice_is_walked_as_shown(shell: Shell) -> None:
    port = free_port()
    pasted = WAY.replace("http://127.0.0.1:8000", f"http://127.0.0.1:{port}")
    assert pasted.startswith("chaffer serve &\n")
    told = shell.run(f"export PORT={port}\ntrap 'kill $(jobs -p); wait' EXIT\n{pasted}")
    frames = [json.loads(line.removeprefix("data: ")) for line in told.splitlines() if line.startswith("data: ")]
    kinds = [frame["type"] for frame in frames]
    assert [kind for kind in kinds if kind != "token"] == ["start", "tool_call", "tool_call", "complete", "news"]
    assert re.search(r"^Send a buyer to haggle for 2 × .+\?", told, re.MULTILINE)
    assert "\napproved\n" in told
    number = frames[-1]["invoice"]
    assert number in told.partition(frames[-1]["message"])[2], "the invoice is listed"
    assert told.splitlines()[-1].lower() == "find me a quiet keyboard under 120"
