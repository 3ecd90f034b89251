"""`chaffer catalog`: the products that the assistant searches, in and out as files, and what they are."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from chaffer.cli.parameters import After, AsJson, Limit, Url, run

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Import, export, search and clear the catalogue.")

_FORMATS: Final = ("jsonl", "csv", "google-tsv", "google-xml")


def _known(form: str | None) -> str | None:
    if form is not None and form not in _FORMATS:
        issue = f"it must be one of {', '.join(_FORMATS)}; got {form!r}"
        raise typer.BadParameter(issue)
    return form


def _column(mapping: str) -> tuple[str, str]:
    """Return a column and its field. Raises BadParameter for a text that is no COLUMN=FIELD."""
    from chaffer.shopping.catalogue.feeds.records import FIELD_NAMES, field_named  # noqa: PLC0415

    column, _, name = mapping.rpartition("=")
    field = field_named(name)
    if not column.strip() or field is None:
        fields = f"{', '.join(FIELD_NAMES)} or attributes.NAME"
        issue = f"--map must be COLUMN=FIELD, the field one of {fields}; got {mapping!r}"
        raise typer.BadParameter(issue)
    return column, field


@app.command("import")
def import_(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The file, or - for standard input.")],
    form: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            callback=_known,
            help="jsonl, csv, google-tsv or google-xml. Default: what the file begins as.",
        ),
    ] = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="COLUMN=FIELD",
            help="Which field a column of a table is, as in 'Price (EUR)=price' or 'RAM=attributes.memory'.",
        ),
    ] = None,
    seller: Annotated[
        str, typer.Option(metavar="NAME", help="Who sells what the file names no seller for.")
    ] = "Catalogue",
    *,
    whole: Annotated[
        bool, typer.Option("--all-or-nothing", help="Import nothing where a single row is refused.")
    ] = False,
    report: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Write every refused row to this file, a JSON document a line."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Take products from a file: CSV, JSON Lines, or Google Merchant's TSV or XML. Those with known ids are replaced.

    An import that was interrupted goes on where it was when the same command is given again.
    """
    from chaffer.cli.catalog_import import ImportWish, import_file  # noqa: PLC0415

    renamed = tuple(map(_column, mapping or ()))
    run(import_file(ImportWish(file, form, renamed, seller, whole, report), as_json=as_json))


@app.command()
def export(
    form: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            callback=_known,
            help="jsonl, csv, google-tsv or google-xml. Default: as --out ends, else jsonl.",
        ),
    ] = None,
    out: Annotated[str, typer.Option("--out", "-o", metavar="FILE", help="Where to; - is standard output.")] = "-",
    *,
    with_private: Annotated[
        bool, typer.Option("--with-private", help="With costs, least prices, and how sellers haggle.")
    ] = False,
) -> None:
    """Write all products to a file, over or not. JSON Lines with --with-private keeps everything."""
    from chaffer.cli.catalog_export import export_catalogue  # noqa: PLC0415

    run(export_catalogue(form, out, with_private=with_private))


@app.command()
def search(  # noqa: PLR0913  One for each option.
    words: Annotated[list[str] | None, typer.Argument(metavar="[WORDS]", help="What to look for.")] = None,
    *,
    as_words: Annotated[
        bool, typer.Option("--words", help="Look for the words as they stand; else they are read as a sentence.")
    ] = False,
    category: Annotated[str | None, typer.Option(metavar="NAME", help="Only of this category.")] = None,
    brand: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Only of these brands.")] = None,
    min_price: Annotated[float | None, typer.Option(metavar="AMOUNT", min=0, help="Lowest price of a piece.")] = None,
    max_price: Annotated[float | None, typer.Option(metavar="AMOUNT", min=0, help="Highest price of a piece.")] = None,
    min_rating: Annotated[float | None, typer.Option(metavar="STARS", min=0, max=5, help="Lowest rating.")] = None,
    attribute: Annotated[
        list[str] | None,
        typer.Option(metavar="NEED", help="As in use:gaming, 'memory:>=16 GB', 'screen size:13..14.5 in', -curved."),
    ] = None,
    quantity: Annotated[
        int | None, typer.Option(min=1, max=10_000, metavar="N", help="So many pieces from one seller.")
    ] = None,
    sold_out: Annotated[bool, typer.Option("--sold-out", help="Also what nobody has in stock.")] = False,
    sort: Annotated[
        str | None, typer.Option(metavar="ORDER", help="relevance, cheapest, dearest, best_rated, least or most.")
    ] = None,
    sort_by: Annotated[
        str | None, typer.Option(metavar="ATTRIBUTE", help="What least and most order by, as weight.")
    ] = None,
    limit: Limit = 20,
    after: After = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """List products that fit what you say, as in: chaffer catalog search 15-inch laptop under 1500."""
    from chaffer.cli.catalog import search_products  # noqa: PLC0415

    wanted = {
        "query": " ".join(words or ()) or None,
        "sentence": not as_words,
        "category": category,
        "brand": brand or None,
        "min_price": min_price,
        "max_price": max_price,
        "min_rating": min_rating,
        "attribute": attribute or None,
        "quantity": quantity,
        "in_stock": False if sold_out else None,
        "sort": sort,
        "sort_by": sort_by,
        "limit": limit,
        "after": after,
    }
    run(search_products(url, wanted, as_json=as_json))


@app.command()
def show(
    product: Annotated[str, typer.Argument(metavar="PRODUCT", help="Id of a product.")],
    url: Url = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show a product, what it is like, and who sells it."""
    from chaffer.cli.catalog import show_product  # noqa: PLC0415

    run(show_product(url, product, as_json=as_json))


@app.command()
def embed(*, as_json: AsJson = False) -> None:
    """Have products found by their meaning, too: make vectors of those that are new or changed. Goes on if interrupted.

    The endpoint is that of EMBEDDINGS_BASE_URL.
    """
    from chaffer.cli.catalog_embed import embed_catalogue  # noqa: PLC0415

    run(embed_catalogue(as_json=as_json))


@app.command()
def stats(url: Url = None, *, as_json: AsJson = False) -> None:
    """Show how many products, offers and sellers there are, and in which categories."""
    from chaffer.cli.catalog import show_stats  # noqa: PLC0415

    run(show_stats(url, as_json=as_json))


@app.command()
def clear(*, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Remove every product and seller. Deals and invoices stay."""
    from chaffer.cli.catalog import clear_catalogue  # noqa: PLC0415
    from chaffer.cli.environment import settings_here  # noqa: PLC0415

    if not yes:
        typer.confirm("Remove every product of the catalogue?", abort=True, err=True)
    run(clear_catalogue(settings_here()))
