"""The schema of a database: which one it has, and bringing it up to date."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, Engine, text

from chaffer.errors import ChafferError, Code
from chaffer.storage.row_security import check_that_rows_are_ours, secure_rows
from chaffer.storage.tables import metadata

if TYPE_CHECKING:
    from alembic.config import Config

HEAD: Final = "0010"
"""The newest migration; the schema of a database that names it needs none."""

_MIGRATION_LOCK: Final = 0x63_68_61_66


def migrate(engine: Engine) -> None:
    """Bring the schema up to date. Several processes may do so at once; one does, the others wait.

    Raises VALIDATION_ERROR when this program does not know the schema, which a newer one has made, and when the tables
    are another user's.
    """
    with engine.execution_options(reads_only=True).connect() as connection:
        if _version(connection) == HEAD:
            return
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        version = _version(connection)
        if version is None:
            _create(connection)
        elif version != HEAD:
            upgrade(connection, version)


def _version(connection: Connection) -> str | None:
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    check_that_rows_are_ours(connection)
    version: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return version


def _create(connection: Connection) -> None:
    """Make an empty database what the migrations would make it, without the 10 MB that Alembic takes."""
    metadata.create_all(connection, checkfirst=False)
    connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})
    secure_rows(connection)


def upgrade(connection: Connection, version: str | None) -> None:
    """Run the migrations that a database of that version lacks; None is an empty one. Raises VALIDATION_ERROR."""
    # Alembic takes a quarter of a second to import, and only an old database needs it.
    from alembic import command  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = alembic_config(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if version is not None and version not in known:
        raise ChafferError(
            Code.VALIDATION_ERROR,
            f"The database has schema {version}, and this program knows {HEAD} at most. Install a newer Chaffer, or "
            "name another DATA_DIR or DATABASE_URL.",
        )
    command.upgrade(config, "head")


def alembic_config(connection: Connection) -> Config:
    """Return Alembic's configuration for the migrations that ship with this package."""
    from alembic.config import Config  # noqa: PLC0415  As above.

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
