"""Files that a browser saves and does not show."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import Path, Response

from chaffer.exports.exporter import MEDIA_TYPES, ExportFile, Format

Form = Annotated[Format, Path(description="What the file is to be.")]

FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The file. The schema of the JSON is docs/export.schema.json, docs/exports.md tells more.",
        "content": {media_type.partition(";")[0]: {} for media_type in MEDIA_TYPES.values()},
    }
}
PDF: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The file.", "content": {MEDIA_TYPES[Format.PDF]: {}}}
}


def download(file: ExportFile) -> Response:
    """Return the answer that has a browser save a file, keep no copy, and take it for nothing but what it is."""
    return Response(
        file.content,
        media_type=file.media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{file.name}"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
    )
