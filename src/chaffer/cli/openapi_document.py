"""`chaffer openapi`: the document of the HTTP API, as it is committed."""

from __future__ import annotations

import sys
from pathlib import Path

from chaffer.api.openapi import document_text
from chaffer.cli.outcomes import Outcome
from chaffer.errors import ChafferError, Code


def write_document(output: Path | None) -> None:
    """Print the document, or write it to a file. Raises VALIDATION_ERROR when that cannot be written."""
    if output is None:
        sys.stdout.write(document_text())
        return
    try:
        output.write_text(document_text(), encoding="utf-8", newline="\n")
    except OSError as fault:
        message = f"{output} cannot be written: {fault.strerror}. Name a file in a folder that you may write to."
        raise ChafferError(Code.VALIDATION_ERROR, message) from None


def check_document(path: Path) -> Outcome:
    """Tell whether a file is the document of this program. Raises VALIDATION_ERROR when it cannot be read."""
    try:
        committed = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        message = f"{path} cannot be read: {fault}. `chaffer openapi --output {path}` writes it."
        raise ChafferError(Code.VALIDATION_ERROR, message) from None
    if committed == document_text():
        sys.stderr.write(f"{path} is up to date.\n")
        return Outcome.DONE
    sys.stderr.write(f"{path} is not up to date. `chaffer openapi --output {path}` writes it anew.\n")
    return Outcome.FAULT
