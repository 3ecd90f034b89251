"""`chaffer catalog embed` against a stand-in endpoint: what is new is embedded once, and a fault has its exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Chaffer
from tests.support.loopback import Loopback, Reply, Request
from tests.support.meanings import endpoint, vectors_for

CANARY_KEY = "sk-KEY-CANARY-51aa"


def at(there: Loopback) -> dict[str, str]:
    """Return the environment in which that endpoint is asked."""
    return {"EMBEDDINGS_BASE_URL": f"{there.url}/v1", "EMBEDDINGS_MODEL": "tiny", "EMBEDDINGS_API_KEY": CANARY_KEY}


def line(product_id: str, name: str) -> str:
    sellers = [{"seller": "Shop", "price": 20, "stock": 3}]
    row = {"id": product_id, "name": name, "brand": "No brand", "category": "Other", "sellers": sellers}
    return json.dumps({**row, "description": "A thing.", "currency": "USD", "attributes": {}})


@pytest.fixture
def stocked(chaffer: Chaffer, tmp_path: Path) -> Path:
    """Return a file of three products that were imported."""
    file = tmp_path / "products.jsonl"
    file.write_text("\n".join(line(f"p{n}", f"Thing {n}") for n in range(3)), encoding="utf-8")
    ran = chaffer("catalog", "import", str(file))
    assert ran.code == 0, ran.err
    return file


def test_products_are_embedded_once(chaffer: Chaffer, stocked: Path) -> None:
    with endpoint() as there:
        first = chaffer("catalog", "embed", env=at(there))
        assert (first.code, first.err) == (0, "")
        assert "3 of 3 products embedded" in first.out
        again = chaffer("catalog", "embed", "--json", env=at(there))
        assert json.loads(again.out) == {"model": "tiny", "products": 3, "embedded": 0}
        assert len(there.asked) == 1
        stocked.write_text(f"{stocked.read_text('utf-8')}\n{line('p1', 'Another')}", encoding="utf-8")
        chaffer("catalog", "import", str(stocked))
        assert json.loads(chaffer("catalog", "embed", "--json", env=at(there)).out)["embedded"] == 1
        assert CANARY_KEY in there.asked[0].headers["authorization"]


def test_without_an_endpoint_the_settings_to_set_are_named(chaffer: Chaffer) -> None:
    ran = chaffer("catalog", "embed")
    assert ran.code == 2
    assert "EMBEDDINGS_BASE_URL" in ran.err


def test_half_a_setting_is_refused_before_anything_is_opened(chaffer: Chaffer) -> None:
    ran = chaffer("catalog", "embed", env={"EMBEDDINGS_BASE_URL": "http://127.0.0.1:9/v1"})
    assert ran.code == 2
    assert "EMBEDDINGS_MODEL" in ran.err


@pytest.mark.parametrize(("status", "code"), [(401, 2), (500, 1)])
def test_a_fault_of_the_endpoint_ends_it_with_its_code_and_shows_no_key(
    chaffer: Chaffer, stocked: Path, status: int, code: int
) -> None:
    def refuses(request: Request) -> Reply:
        return Reply(request.headers["authorization"].encode(), status)

    assert stocked.exists()
    with endpoint(refuses) as there:
        ran = chaffer("catalog", "embed", env={**at(there), "LLM_MAX_RETRIES": "0"})
    assert ran.code == code
    assert CANARY_KEY not in ran.err + ran.out
    assert "Traceback" not in ran.err


def test_the_cap_of_a_day_ends_it_and_holds_for_the_next_command(chaffer: Chaffer, stocked: Path) -> None:
    assert stocked.exists()
    with endpoint() as there:
        env = {**at(there), "LLM_MAX_TOKENS_PER_DAY": "1"}
        assert chaffer("catalog", "embed", env=env).code == 0
        stocked.write_text(f"{stocked.read_text('utf-8')}\n{line('p1', 'Another')}", encoding="utf-8")
        chaffer("catalog", "import", str(stocked))
        ran = chaffer("catalog", "embed", env=env)
    assert "LLM_MAX_TOKENS_PER_DAY" in ran.err
    assert ran.code != 0
    assert len(there.asked) == 1


def test_what_was_interrupted_goes_on(chaffer: Chaffer, tmp_path: Path) -> None:
    file = tmp_path / "many.jsonl"
    file.write_text("\n".join(line(f"p{n:03}", f"Thing {n}") for n in range(100)), encoding="utf-8")
    chaffer("catalog", "import", str(file))
    calls: list[int] = []

    def once(request: Request) -> Reply:
        calls.append(len(json.loads(request.body)["input"]))
        return vectors_for(request) if len(calls) != 2 else Reply(b"{}", 500)

    with endpoint(once) as there:
        env = {**at(there), "LLM_MAX_RETRIES": "0"}
        assert chaffer("catalog", "embed", env=env).code == 1
        assert json.loads(chaffer("catalog", "embed", "--json", env=env).out)["embedded"] == 36
    assert calls == [64, 36, 36]
