"""Products, by what they are found and what they mean, where their pieces lie, and what persons like."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_FTS5 = (
    "CREATE VIRTUAL TABLE product_words USING fts5(name, kind, facts, description, tokenize = \"ascii tokenchars '.'\")"
)
_WORDS = {
    "sqlite": (_FTS5,),
    "postgresql": (
        "CREATE TABLE product_words (product BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)",
        "CREATE INDEX product_words_by_word ON product_words USING gin (words)",
    ),
}


def upgrade() -> None:
    """Create the tables, and the columns of the stock that lies on a shelf."""
    _create_products()
    _create_words()
    _create_vectors()
    op.create_table(
        "preferences",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("owner"),
    )
    op.add_column("stock", sa.Column("shelf_product", sa.Text(), nullable=True))
    op.add_column("stock", sa.Column("shelf_seller", sa.Text(), nullable=True))


def _create_products() -> None:
    op.create_table(
        "products",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("brand", sa.Text(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("pieces", sa.BigInteger(), nullable=False),
        sa.Column("most_of_one", sa.BigInteger(), nullable=False),
        sa.Column("rating", sa.Double(), nullable=True),
        sa.Column("by_standing", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("id"),
    )
    op.create_index(
        "products_by_price", "products", ["category", "price_minor", "most_of_one", "brand", "rating", "by_standing"]
    )
    op.create_index(
        "products_by_standing", "products", ["category", "by_standing", "most_of_one", "price_minor", "brand", "rating"]
    )
    op.create_index("products_by_brand", "products", ["brand", "category"])
    op.create_table(
        "product_bodies",
        sa.Column("product", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("product"),
    )
    op.create_table(
        "product_offers",
        sa.Column("product", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seller", sa.Text(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("pieces", sa.BigInteger(), nullable=False),
        sa.Column("cost_minor", sa.BigInteger(), nullable=False),
        sa.Column("least_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("product", "seller"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "product_attributes",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("product", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("number", sa.Double(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name", "product"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "product_sellers",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("speaking_style", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def _create_words() -> None:
    op.create_table(
        "product_values",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("products", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "category", "name", "text"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "words",
        sa.Column("word", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("products", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("word"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "word_trigrams",
        sa.Column("trigram", sa.Text(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("trigram", "word"),
        sqlite_with_rowid=False,
    )
    for statement in _WORDS[op.get_bind().dialect.name]:
        op.execute(statement)


def _create_vectors() -> None:
    place = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "product_vectors",
        sa.Column("place", place, autoincrement=True, nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("place"),
        sqlite_autoincrement=True,
    )
    op.create_index("product_vectors_by_product", "product_vectors", ["model", "product_id"], unique=True)
    op.create_index("product_vectors_by_place", "product_vectors", ["model", "place"])
