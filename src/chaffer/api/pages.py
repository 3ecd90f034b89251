"""The documentation pages, Swagger UI and ReDoc, with all they need served from here: they work with no internet."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Final

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse, Response

from chaffer.errors import ChafferError, Code

router = APIRouter(include_in_schema=False)

ASSETS: Final = "/api/docs/assets"

_KINDS: Final = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "redoc.standalone.js": "text/javascript",
    "favicon.png": "image/png",
}
_BEGIN: Final = (
    'window.ui = SwaggerUIBundle({url: "/openapi.json", dom_id: "#swagger-ui", deepLinking: true, '
    "presets: [SwaggerUIBundle.presets.apis], tryItOutEnabled: true});"
)
_MARGIN: Final = "body { margin: 0; }"


def _policy(*styles: str) -> str:
    """Return what a page may do: load from here, and have no style in it but these, to the letter."""
    digests = (b64encode(sha256(style.encode()).digest()).decode() for style in styles)
    allowed = " ".join(["style-src 'self'", *(f"'sha256-{digest}'" for digest in digests)])
    return (
        f"default-src 'none'; script-src 'self'; {allowed}; img-src 'self' data:; font-src 'self' data:; "
        "connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


_SWAGGER: Final = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Chaffer API</title>
<link rel="icon" href="{ASSETS}/favicon.png">
<link rel="stylesheet" href="{ASSETS}/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="{ASSETS}/swagger-ui-bundle.js"></script>
<script src="{ASSETS}/begin.js"></script>
</body>
</html>
"""

_REDOC: Final = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Chaffer API</title>
<link rel="icon" href="{ASSETS}/favicon.png">
<style>{_MARGIN}</style>
</head>
<body>
<redoc spec-url="/openapi.json" native-scrollbars></redoc>
<script src="{ASSETS}/redoc.standalone.js"></script>
</body>
</html>
"""


@router.get("/api/docs")
async def swagger() -> HTMLResponse:
    """Return the page of Swagger UI."""
    return _page(_SWAGGER, _policy())


@router.get("/api/redoc")
async def redoc() -> HTMLResponse:
    """Return the page of ReDoc. It puts in empty styles, and fills them by script."""
    return _page(_REDOC, _policy(_MARGIN, ""))


@router.get(ASSETS + "/{name}")
async def asset(name: str) -> Response:
    """Return a script, style or picture of the pages."""
    if name == "begin.js":
        return Response(_BEGIN, media_type="text/javascript")
    kind = _KINDS.get(name)
    if kind is None:
        raise ChafferError(Code.NOT_FOUND, "There is no such asset. The pages are at /api/docs and /api/redoc.")
    return FileResponse(_folder() / name, media_type=kind, headers={"Cache-Control": "max-age=86400"})


def _page(html: str, policy: str) -> HTMLResponse:
    return HTMLResponse(html, headers={"Content-Security-Policy": policy})


def _folder() -> Path:
    """Return where the package that carries both interfaces keeps their files; none of its code is run."""
    return Path(str(files("fastapi_offline"))) / "static"
