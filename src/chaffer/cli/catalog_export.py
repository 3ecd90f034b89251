"""What `chaffer catalog export` does."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from chaffer.cli.catalog import open_catalogue
from chaffer.cli.environment import settings_here
from chaffer.cli.outcomes import Outcome
from chaffer.cli.terminal import err
from chaffer.errors import ChafferError, Code, Detail
from chaffer.shopping.catalogue.exporting import exported
from chaffer.shopping.catalogue.feeds.formats import Format, format_of_name

_STANDARD_OUTPUT: Final = "-"


async def export_catalogue(form: str | None, out: str, *, with_private: bool) -> Outcome:
    """Write the catalogue to a file, whole or not at all, or to standard output."""
    format_ = Format(form) if form is not None else format_of_name(out)
    async with open_catalogue(settings_here()) as catalogue:
        pieces = exported(catalogue, format_, with_private=with_private)
        if out != _STANDARD_OUTPUT:
            size = await _write_file(pieces, Path(out))
            err().print(f"Wrote {out} ({size:,} bytes).")
            return Outcome.DONE
        sys.stdout.flush()
        async for piece in pieces:
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
    return Outcome.DONE


async def _write_file(pieces: AsyncIterator[bytes], path: Path) -> int:
    """Write a file beside the place and put it there when it is whole; a device or a pipe is written to."""
    is_place = await asyncio.to_thread(_is_place_of_file, path)
    part = path.with_name(f"{path.name}.part") if is_place else path
    size = 0
    try:
        with await asyncio.to_thread(part.open, "wb") as file:
            async for piece in pieces:
                size += file.write(piece)
        if is_place:
            part.replace(path)
    except OSError as fault:
        message = f"{path} could not be written: {fault.strerror}. Name another file with --out."
        raise ChafferError(Code.VALIDATION_ERROR, message, details=(Detail("--out", "cannot be written"),)) from None
    finally:
        if is_place:
            part.unlink(missing_ok=True)
    return size


def _is_place_of_file(path: Path) -> bool:
    return path.is_file() or not path.exists()
