"""The documentation pages work with no internet: all that they name is served from here."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import pytest

from chaffer.api.pages import ASSETS
from tests.support.server import Surface, got, play

NAMED = re.compile(r'(?:href|src|spec-url)="([^"]+)"')
KINDS = {".js": "text/javascript", ".css": "text/css", ".png": "image/png", ".json": "application/json"}


@pytest.mark.parametrize("page", ["/api/docs", "/api/redoc"])
def test_every_asset_a_page_names_is_served_here(tmp_path: Path, page: str) -> None:
    """Issue 2: Swagger at `/api/docs`, ReDoc at `/api/redoc`, assets served locally."""

    async def case(at: Surface) -> None:
        answer = await at.client.get(page)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/html")
        assert "://" not in answer.text
        named = NAMED.findall(answer.text)
        scripts = [(await at.client.get(path)).text for path in named if path.endswith("begin.js")]
        named += [path for script in scripts for path in re.findall(r'url: "([^"]+)"', script)]
        assert "/openapi.json" in named
        assert len(named) >= 2
        for path in named:
            assert path.startswith("/")
            asset = await at.client.get(path)
            assert asset.status_code == 200, path
            assert asset.headers["content-type"].startswith(KINDS[Path(path).suffix])
            assert asset.content

    play(tmp_path, case)


@pytest.mark.parametrize("page", ["/api/docs", "/api/redoc"])
def test_a_page_may_load_from_and_talk_to_this_server_alone(tmp_path: Path, page: str) -> None:
    """Issue 2: they work with no internet; a style sheet or a script cannot fetch from elsewhere either."""

    async def case(at: Surface) -> None:
        answer = await at.client.get(page)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "http" not in policy
        assert "*" not in policy
        assert "unsafe" not in policy
        for name in ("swagger-ui.css",):
            style = (await at.client.get(f"{ASSETS}/{name}")).text
            assert not re.search(r"@import|url\((?!['\"]?data:)", style)

    play(tmp_path, case)


@pytest.mark.parametrize("page", ["/api/docs", "/api/redoc"])
def test_the_styles_that_stand_in_a_page_are_allowed_and_no_others(tmp_path: Path, page: str) -> None:
    """Seen in a browser: Swagger UI puts in none, ReDoc empty ones, which its scripts fill."""

    async def case(at: Surface) -> None:
        answer = await at.client.get(page)
        allowed = set(re.findall(r"'(sha256-[^']+)'", answer.headers["content-security-policy"]))
        styles = {*re.findall("<style>(.*)</style>", answer.text), *([""] if page == "/api/redoc" else [])}
        assert allowed == {f"sha256-{b64encode(sha256(style.encode()).digest()).decode()}" for style in styles}
        assert " style=" not in answer.text

    play(tmp_path, case)


@pytest.mark.parametrize("name", ["nothing.js", "..%2Fapp.py", "__init__.py", "..%5Ccore.py"])
def test_nothing_else_is_served_beside_the_assets(tmp_path: Path, name: str) -> None:
    """The folder of the package that brings the pages holds more than pages need."""

    async def case(at: Surface) -> None:
        assert (await at.client.get(f"{ASSETS}/{name}")).status_code == 404

    play(tmp_path, case)


def test_the_document_that_is_served_is_the_committed_one_with_this_server_s_name(tmp_path: Path) -> None:
    """CONTRACT §7: the OpenAPI document is at `/openapi.json`."""

    async def case(at: Surface) -> None:
        document = await got(at.client, "/openapi.json")
        assert document["openapi"].startswith("3.1")
        assert document["info"]["title"] == "My market"
        assert "StreamEvents" in document["components"]["schemas"]
        assert "ErrorEnvelope" in document["components"]["schemas"]

    play(tmp_path, case, app_name="My market")
