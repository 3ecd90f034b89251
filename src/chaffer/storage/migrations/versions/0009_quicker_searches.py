"""By what products divide, pieces at the price; on PostgreSQL, all that a search looks at in one row or one index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_FILL = {
    "sqlite": "INSERT INTO product_facets SELECT product, "
    "json_array(json_extract(body, '$.brand'), json_extract(body, '$.category'), json_extract(body, '$.attributes')) "
    "FROM product_bodies",
    "postgresql": "INSERT INTO product_facets SELECT product, "
    "json_build_array(told -> 'brand', told -> 'category', told -> 'attributes') "
    "FROM (SELECT product, CAST(body AS json) AS told FROM product_bodies) AS bodies",
}
_COUNT = (
    "UPDATE products SET pieces_at_price = (SELECT max(product_offers.pieces) FROM product_offers "
    "WHERE product_offers.product = products.key AND product_offers.price_minor = products.price_minor)"
)
_BY_PRICE = "category, price_minor, most_of_one, brand, rating, by_standing"
_BY_STANDING = "category, by_standing, most_of_one, price_minor, brand, rating"
_POSTGRESQL = (
    "ALTER TABLE product_facets ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE products ADD COLUMN words TSVECTOR",
    "UPDATE products SET words = product_words.words FROM product_words WHERE product_words.product = products.key",
    "ALTER TABLE products ALTER COLUMN words SET NOT NULL",
    "DROP TABLE product_words",
    "CREATE INDEX products_by_word ON products USING gin (words)",
    "DROP INDEX products_by_price",
    "DROP INDEX products_by_standing",
    f"CREATE INDEX products_by_price ON products ({_BY_PRICE}) INCLUDE (key, pieces_at_price)",
    f"CREATE INDEX products_by_standing ON products ({_BY_STANDING}) INCLUDE (key, pieces_at_price)",
    "ALTER TABLE product_attributes DROP CONSTRAINT product_attributes_pkey",
    "ALTER TABLE product_attributes ADD PRIMARY KEY (name, product) INCLUDE (text, number, unit)",
    "CREATE STATISTICS product_attributes_alike (mcv) ON name, text, number, unit FROM product_attributes",
)


def upgrade() -> None:
    """Fill the table by the bodies and count by the offers; on PostgreSQL, move the words and make indexes anew."""
    op.create_table(
        "product_facets",
        sa.Column("product", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("product"),
    )
    server = op.get_bind().dialect.name
    op.execute(_FILL[server])
    op.alter_column("products", "pieces", new_column_name="pieces_at_price")
    op.execute(_COUNT)
    if server == "postgresql":
        for statement in _POSTGRESQL:
            op.execute(statement)
