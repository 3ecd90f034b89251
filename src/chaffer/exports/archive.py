"""The archive: logs of negotiations on disk, one folder a session, each file written whole or not at all."""

from __future__ import annotations

import asyncio
import copy
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import structlog

from chaffer.conversation.engine import Engine
from chaffer.conversation.journal import ConversationGoneError, Journal
from chaffer.conversation.live import LiveConversation
from chaffer.conversation.views import OPERATOR, view_for
from chaffer.errors import BAD_CURSOR, ChafferError, Code, Detail, unfit
from chaffer.exports.log_owners import ROOM, SESSION, SUMMARY, LogOwners
from chaffer.exports.room_log import SCHEMA_VERSION, dump_log, log_for_owner, log_of
from chaffer.ledger.books import Ledger
from chaffer.negotiation.summary import SessionSummary, summarise
from chaffer.negotiation.visibility import RoomSight

_SAFE: Final = re.compile(r"[A-Za-z0-9_\-]{1,100}")
_CURSOR: Final = re.compile(r"[0-9a-f\-]{36}")
_DRAFTS: Final = "drafts"
_LONGEST_WRITE: Final = timedelta(minutes=5)

_log = structlog.get_logger("chaffer.archive")


@dataclass(frozen=True, slots=True)
class ArchivedSession:
    """A session in the archive: its logs by room, and when the last of them was written."""

    session_id: str
    room_ids: tuple[str, ...]
    has_summary: bool
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class LogRetention:
    """How long logs are kept and served, 0 meaning for ever, and how many bytes of them an owner may have.

    Over `most_bytes` the newest sessions' stay, and at least one's.
    """

    kept: timedelta
    served: timedelta
    most_bytes: int | None = None


class Archive:
    """Writes and serves logs below one folder: `session_<id>/negotiation_<room_id>.json` and `summary.json`.

    Narrowed by `of` it serves those of one owner: another's are not there. Logs survive their session, so whose they
    are is kept beside them, by `LogOwners`.
    """

    def __init__(
        self,
        folder: Path,
        engine: Engine,
        journal: Journal,
        ledger: Ledger,
        now: Callable[[], datetime],
        retention: LogRetention,
        *,
        enabled: bool,
    ) -> None:
        """Keep logs in `folder` when `enabled`, and serve what is there."""
        self._folder = folder
        self._drafts = folder / _DRAFTS
        self._engine = engine
        self._journal = journal
        self._ledger = ledger
        self._now = now
        self._enabled = enabled
        self._retention = retention
        self._writing = asyncio.Lock()
        self._owners = LogOwners(folder)
        self._scope: str | None = None

    def of(self, scope: str | None) -> Archive:
        """Return the archive narrowed to one owner's logs; of None, to none."""
        narrowed = copy.copy(self)
        narrowed._scope = scope  # noqa: SLF001  It is one of ours.
        return narrowed

    def path_of(self, session_id: str) -> Path:
        """Return the folder of a session's logs, there or not. Raises LOG_NOT_FOUND for an id that is none."""
        return self._folder / f"{SESSION}{_checked(session_id)}"

    def kept_since(self) -> datetime | None:
        """Return since when a room must have ended for its log to be kept; None where any is."""
        return self._now() - self._retention.kept if self._retention.kept else None

    async def keep(self, session_id: str) -> None:
        """Write the logs of the session's ended rooms that have none, and its summary; twice does no harm.

        Rooms that ended too long ago have had theirs: it is not written again, nor is a summary of such rooms alone.
        A disk that is full or a folder that cannot be written is logged and does not stop a negotiation.
        """
        if not self._enabled:
            return
        try:
            session = await self._engine.open(session_id)
            rooms: list[LiveConversation] = [await self._engine.open(key) for key in session.state.room_ids]
            account = await self._ledger.account(session_id)
        except (ConversationGoneError, ChafferError):
            return  # deleted meanwhile; its logs were kept before
        files = {f"{ROOM}{live.conversation_id}.json": live for live in rooms if self._is_due(live)}
        if not files:
            return
        summary = summarise(session.state, [live.state for live in rooms], account)
        try:
            async with self._writing:
                await asyncio.to_thread(self._write, self.path_of(session_id), session.state.owner, files, summary)
        except OSError as fault:
            _log.error("log.not_saved", session_id=session_id, why=fault.strerror, hint="free the disk or set LOGS_DIR")

    def _is_due(self, room: LiveConversation) -> bool:
        """Tell whether a room's log is to be there: it has ended, and not too long ago."""
        since = self.kept_since()
        return not room.state.is_open and (since is None or room.feed.records[-1].at > since)

    def _write(self, folder: Path, owner: str, files: dict[str, LiveConversation], summary: SessionSummary) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._owners.note(folder.name.removeprefix(SESSION), owner)
        for name, live in files.items():
            if not (folder / name).exists():
                seen = view_for(OPERATOR, live.feed.records, RoomSight(live.state.terms))
                write_whole(folder / name, dump_log(log_of(seen)), self._drafts)
        content = json.dumps(
            {"schema_version": SCHEMA_VERSION, "owner": owner, **asdict(summary)}, ensure_ascii=False, indent=1
        )
        write_whole(folder / SUMMARY, content.encode(), self._drafts)
        if self._retention.most_bytes is not None:
            self._make_room(owner, self._retention.most_bytes)

    def _make_room(self, owner: str, most_bytes: int) -> None:
        """Remove the owner's oldest logs, as long as all of them take more than may be."""
        held = 0
        for number, session_id in enumerate(self._owners.session_ids(owner)):
            folder = self.path_of(session_id)
            held += sum(path.stat().st_size for path in folder.glob("*"))
            if number and held > most_bytes:
                self._remove(session_id)

    def _remove(self, session_id: str) -> None:
        self._owners.forget(session_id)
        shutil.rmtree(self.path_of(session_id), ignore_errors=True)

    async def lacks(self, session_id: str, room_ids: Sequence[str]) -> bool:
        """Tell whether one of these ended rooms has no log, as after a crash or a full disk."""
        if not self._enabled:
            return False
        return await asyncio.to_thread(self._lacks, self.path_of(session_id), room_ids)

    @staticmethod
    def _lacks(folder: Path, room_ids: Sequence[str]) -> bool:
        return not all((folder / f"{ROOM}{room_id}.json").exists() for room_id in room_ids)

    async def room_log(self, session_id: str, room_id: str) -> bytes:
        """Return a room's log, as its owner may see it.

        Raises LOG_NOT_FOUND when there is none, or it is too old to be served.

        Whoever asks at the very moment in which a room ends gets the log, too: it is then written at once.
        """
        name = f"{ROOM}{_checked(room_id)}.json"
        await self._check(session_id, name)
        if await self.lacks(session_id, [room_id]):
            await self.keep(session_id)
        return await asyncio.to_thread(self._read, session_id, name)

    async def _check(self, session_id: str, name: str) -> None:
        """Raise LOG_NOT_FOUND for a session beyond the scope; of one that is there, its logs may be about to be."""
        folder = self.path_of(session_id)
        if self._scope is None or await asyncio.to_thread(self._owners.owns, self._scope, session_id):
            return
        head = await self._journal.find(session_id)
        if head is None or head.owner != self._scope:
            raise _no_log(folder / name)

    def _read(self, session_id: str, name: str) -> bytes:
        path = self.path_of(session_id) / name
        try:
            if self._is_served(_saved_at(path)):
                return log_for_owner(path.read_bytes(), name)
        except OSError:
            pass
        raise _no_log(path)

    async def session_logs(self, session_id: str) -> ArchivedSession:
        """Return what the archive has of a session. Raises LOG_NOT_FOUND."""
        folder = self.path_of(session_id)
        await self._check(session_id, "")
        found = await asyncio.to_thread(self._look, folder)
        if found is None:
            raise _no_log(folder)
        return found

    async def list_sessions(
        self, owner: str | None, limit: int, after: str | None
    ) -> tuple[list[ArchivedSession], str | None]:
        """Return archived sessions, newest first, of one owner when given, and the cursor of the next page or None.

        Within a scope they are that owner's. Session ids sort by time, so the names of the folders are the order.
        Raises VALIDATION_ERROR for a cursor that is none.
        """
        if after is not None and not _CURSOR.fullmatch(after):
            raise unfit(Detail("after", BAD_CURSOR))
        whose = owner if self._scope is None else self._scope
        return await asyncio.to_thread(self._page, whose, limit, after)

    def _page(self, owner: str | None, limit: int, after: str | None) -> tuple[list[ArchivedSession], str | None]:
        found: list[ArchivedSession] = []
        names = self._names() if owner is None else [f"{SESSION}{key}" for key in self._owners.session_ids(owner)]
        for name in names:
            if after is not None and name >= f"{SESSION}{after}":
                continue
            archived = self._look(self._folder / name)
            if archived is None:
                continue
            if len(found) == limit:
                return found, found[-1].session_id
            found.append(archived)
        return found, None

    def _names(self) -> list[str]:
        if not self._folder.is_dir():
            return []
        return sorted(
            (entry.name for entry in os.scandir(self._folder) if entry.name.startswith(SESSION)), reverse=True
        )

    def _look(self, folder: Path) -> ArchivedSession | None:
        try:
            saved = {entry.name: _saved_at(Path(entry.path)) for entry in os.scandir(folder)}
        except OSError:
            return None
        saved = {name: at for name, at in saved.items() if name.endswith(".json")}
        if not saved or not self._is_served(max(saved.values())):
            return None
        rooms = sorted(name.removeprefix(ROOM).removesuffix(".json") for name in saved if name != SUMMARY)
        return ArchivedSession(folder.name.removeprefix(SESSION), tuple(rooms), SUMMARY in saved, max(saved.values()))

    def _is_served(self, saved_at: datetime) -> bool:
        return not self._retention.served or self._now() - saved_at <= self._retention.served

    async def sweep(self) -> int:
        """Remove logs that were kept long enough, and what a crash left half written; return of how many sessions."""
        async with self._writing:
            return await asyncio.to_thread(self._sweep, self.kept_since())

    def _sweep(self, since: datetime | None) -> int:
        for draft in self._drafts.glob("*"):
            if _saved_at(draft) < self._now() - _LONGEST_WRITE:
                draft.unlink(missing_ok=True)
        old = [name for name in self._names() if not self._is_kept(name, since)] if since is not None else []
        for name in old:
            self._remove(name.removeprefix(SESSION))
        return len(old)

    def _is_kept(self, name: str, since: datetime) -> bool:
        return any(_saved_at(path) >= since for path in (self._folder / name).iterdir())


def write_whole(path: Path, content: bytes, drafts: Path) -> None:
    """Write a file so that it is there whole or not at all, whatever happens meanwhile. Raises OSError.

    It is written among the `drafts`, on the same disk, of which a crash may leave one behind.
    """
    drafts.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=drafts, prefix=f"{path.stem}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _saved_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _checked(name: str) -> str:
    """Return an id that may stand in a path. Raises LOG_NOT_FOUND for any other text."""
    if not _SAFE.fullmatch(name):
        raise _no_log()
    return name


def _no_log(path: Path | None = None) -> ChafferError:
    which = path.name if path else "of that name"
    message = f"There is no saved log {which}. Logs are written when a negotiation ends, and served for a limited time."
    return ChafferError(Code.LOG_NOT_FOUND, message)
