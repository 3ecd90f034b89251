"""How Alembic reaches the database: over the connection that the program hands it, in its transaction."""

from __future__ import annotations

from alembic import context

from chaffer.storage.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True)
context.run_migrations()
