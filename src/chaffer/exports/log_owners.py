"""Whose logs are whose: an index of empty files, so that one owner's logs are found without a look at all others'.

It is a folder `owners` beside the folders of the sessions, with a folder for every owner, whose name is a digest (an
owner's name may be anything), and in it a file for every session, whose name is its id. It is made anew from the logs
themselves where it is missing: of logs that are older than it, or when somebody has removed it.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Final

SUMMARY: Final = "summary.json"
SESSION: Final = "session_"
ROOM: Final = "negotiation_"

_INDEX: Final = "owners"


class LogOwners:
    """The index over the logs below one folder. All of it touches the disk: call it in a thread."""

    def __init__(self, folder: Path) -> None:
        """Stand over the folder of the logs, there or not."""
        self._folder = folder
        self._index = folder / _INDEX

    def note(self, session_id: str, owner: str) -> None:
        """Note whose logs those of a session are, before they are written. Raises OSError."""
        self._make()
        _note(self._index, session_id, owner)

    def owns(self, owner: str, session_id: str) -> bool:
        """Tell whether the logs of a session are that owner's; no more is looked up of another's than of none."""
        self._make()
        return (_of(self._index, owner) / session_id).exists()

    def session_ids(self, owner: str) -> list[str]:
        """Return the sessions whose logs are that owner's, newest first."""
        self._make()
        place = _of(self._index, owner)
        return sorted((entry.name for entry in os.scandir(place)), reverse=True) if place.is_dir() else []

    def forget(self, session_id: str) -> None:
        """Forget a session, before its logs are removed."""
        owner = _owner_told_by(self._folder / f"{SESSION}{session_id}")
        if owner is not None:
            (_of(self._index, owner) / session_id).unlink(missing_ok=True)

    def _make(self) -> None:
        """Make the index from the logs, unless it is there or there are no logs. Raises OSError."""
        if self._index.is_dir() or not self._folder.is_dir():
            return
        with tempfile.TemporaryDirectory(dir=self._folder, prefix=f"{_INDEX}.") as scratch:
            made = Path(scratch) / _INDEX
            made.mkdir()
            for entry in os.scandir(self._folder):
                owner = _owner_told_by(Path(entry.path)) if entry.name.startswith(SESSION) else None
                if owner is not None:
                    _note(made, entry.name.removeprefix(SESSION), owner)
            try:
                made.rename(self._index)
            except OSError:
                if not self._index.is_dir():  # else another process was faster
                    raise


def _of(index: Path, owner: str) -> Path:
    """Return the folder of an owner."""
    return index / hashlib.blake2b(owner.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _note(index: Path, session_id: str, owner: str) -> None:
    place = _of(index, owner)
    place.mkdir(parents=True, exist_ok=True)
    (place / session_id).touch()


def _owner_told_by(folder: Path) -> str | None:
    """Return the owner that a session's logs name: the summary, or what a crash left without one, its rooms' logs."""
    for path in (folder / SUMMARY, *sorted(folder.glob(f"{ROOM}*.json"))):
        try:
            document = json.loads(path.read_bytes())
            owner = document["owner"] if path.name == SUMMARY else document["events"][0]["data"]["terms"]["owner"]
        except (OSError, ValueError, KeyError, IndexError, TypeError):
            continue
        if isinstance(owner, str):
            return owner
    return None
