"""Where conversations and the books are kept: in memory, in SQLite, in PostgreSQL.

Here live the tables, the statements and the migrations. What may be written is decided elsewhere, by pure rules.
"""
