"""By what products divide, a fact a line: counted as they stand. How many products there are, beside their words."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# An attribute named `brand` or `category` would be counted as the product's own.
_BY_LINE = {
    "sqlite": "json_array('category', json_extract(body, '$[1]')) || char(10) || "
    "json_array('brand', json_extract(body, '$[0]')) || coalesce((SELECT char(10) || "
    "group_concat(json_array(key, value), char(10)) "
    "FROM json_each(product_facets.body, '$[2]') WHERE key NOT IN ('brand', 'category')), '')",
    "postgresql": "CAST(json_build_array('category', CAST(body AS json) ->> 1) AS text) || chr(10) || "
    "CAST(json_build_array('brand', CAST(body AS json) ->> 0) AS text) || coalesce((SELECT chr(10) || "
    "string_agg(CAST(json_build_array(key, value) AS text), chr(10)) "
    "FROM json_each_text(CAST(body AS json) -> 2) WHERE key NOT IN ('brand', 'category')), '')",
}


_COUNT = "INSERT INTO words (word, products) SELECT '', count(*) FROM products HAVING count(*) > 0"


def upgrade() -> None:
    """Write every row anew, and count the products."""
    op.execute(f"UPDATE product_facets SET body = {_BY_LINE[op.get_bind().dialect.name]}")  # noqa: S608  Our own words.
    op.execute(_COUNT)
