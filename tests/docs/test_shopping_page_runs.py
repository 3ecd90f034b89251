"""What the page on shopping tells people to type leads from a wish to a deal."""

from __future__ import annotations

import json
import re
import shutil

import pytest

from tests.docs.conftest import Shell
from tests.docs.reading import Page
from tests.docs.test_readme_runs import free_port

PAGE = Page("docs/shopping.md")
(WAY,) = (block for block in PAGE.blocks("sh") if "curl" in block)


@pytest.mark.skipif(shutil.which("curl") is None, reason="these commands of the page call curl")
def test_way_from_a_wish_to_a_deal_is_walked_as_shown(shell: Shell) -> None:
    port = free_port()
    pasted = WAY.replace("http://127.0.0.1:8000", f"http://127.0.0.1:{port}")
    assert pasted.startswith("chaffer serve &\n")
    told = shell.run(f"export PORT={port}\ntrap 'kill $(jobs -p); wait' EXIT\n{pasted}")
    question, *_ = [line for line in told.splitlines() if line.endswith("?")]
    assert re.search(r"gaming|inch", question)
    assert "Value score 0." in told
    frames = [json.loads(line.removeprefix("data: ")) for line in told.splitlines() if line.startswith("data: ")]
    assert [frame["type"] for frame in frames if frame["type"] != "chunk"] == [
        "start",
        *["progress"] * 4,
        "complete",
        "news",
    ]
    assert frames[-2]["result"]["constraints"]["max_price"] == 1500
    assert frames[-1]["invoice_id"]
    assert told.splitlines()[-1] == frames[-1]["message"]
