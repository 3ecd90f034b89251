"""`chaffer shop`, `chaffer shopping` and `chaffer preferences`: to buy by talking; and what the API can do with it."""

from __future__ import annotations

from typing import Annotated

import typer

from chaffer.cli.parameters import (
    After,
    AsJson,
    AsJsonLines,
    Key,
    Limit,
    MaxTokens,
    MindModel,
    MindProvider,
    Quiet,
    Seed,
    Temperature,
    Url,
    UserId,
    Whose,
    WordsOfATurn,
    given,
    mind,
    opened_with,
    run,
)

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="List, show, follow and steer shopping sessions.")
preferences = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Show, set and forget what is known of a shopper's taste."
)

ThreadId = Annotated[str, typer.Argument(metavar="SESSION", help="Id of a shopping session.")]
_FIELDS = ("liked_brands", "disliked_brands", "max_budget", "min_rating", "required")


def shop(  # noqa: PLR0913  One for each option.
    words: WordsOfATurn = None,
    *,
    session: Annotated[str | None, typer.Option(metavar="ID", help="A shopping session to go on with.")] = None,
    provider: MindProvider = None,
    model: MindModel = None,
    temperature: Temperature = None,
    max_tokens: MaxTokens = None,
    seed: Seed = None,
    user_id: Whose = None,
    key: Key = None,
    url: Url = None,
    as_json: AsJsonLines = False,
    quiet: Quiet = False,
) -> None:
    """Tell the assistant what you look for, and have it found, explained, and haggled for. Ctrl-C loses nothing."""
    from chaffer.cli.shop import Wish, conversation, one_turn, words_from  # noqa: PLC0415
    from chaffer.cli.visits import Shown  # noqa: PLC0415

    opening = opened_with(mind(provider, model, temperature, max_tokens), seed, user_id, goes_on=session)
    wish = Wish(session, opening, user_id, url)
    said = words_from(words)
    shown = Shown(as_json=as_json, quiet=quiet)
    run(conversation(wish, shown) if said is None else one_turn(said, wish, key, shown))


@app.command("list")
def list_(
    user_id: UserId = None, limit: Limit = 20, after: After = None, url: Url = None, *, as_json: AsJson = False
) -> None:
    """List shopping sessions, newest first."""
    from chaffer.cli.client import Page  # noqa: PLC0415
    from chaffer.cli.threads import list_threads  # noqa: PLC0415

    run(list_threads(url, Page(limit, after, user_id), as_json=as_json))


@app.command()
def show(session: ThreadId, url: Url = None, *, as_json: AsJson = False) -> None:
    """Show all that was said, what is known of the shopper, and the question that waits."""
    from chaffer.cli.threads import show_thread  # noqa: PLC0415

    run(show_thread(url, session, as_json=as_json))


@app.command()
def follow(
    session: ThreadId,
    after: Annotated[
        str | None, typer.Option(metavar="ID", help="Go on behind this frame: its `event_id`, which --json prints.")
    ] = None,
    url: Url = None,
    *,
    as_json: AsJsonLines = False,
) -> None:
    """Follow a session from its last turn on, until nothing comes any more before you speak."""
    from chaffer.cli.threads import follow_thread  # noqa: PLC0415

    run(follow_thread(url, session, after, as_json=as_json))


@app.command()
def answer(
    session: ThreadId,
    words: Annotated[list[str], typer.Argument(metavar="WORDS", help="The answer: an option, or words of your own.")],
    thread: Annotated[
        str | None, typer.Option(metavar="ID", help="The question, by its `thread_id`. Default: the one that waits.")
    ] = None,
    url: Url = None,
    *,
    as_json: AsJsonLines = False,
    quiet: Quiet = False,
) -> None:
    """Answer a question of the assistant, and show what follows."""
    from chaffer.cli.threads import answer_thread  # noqa: PLC0415
    from chaffer.cli.visits import Shown  # noqa: PLC0415

    run(answer_thread(url, session, " ".join(words), thread, Shown(as_json=as_json, quiet=quiet)))


@app.command()
def negotiate(
    session: ThreadId,
    product: Annotated[str, typer.Argument(metavar="PRODUCT", help="Id of a product.")],
    *,
    quantity: Annotated[int, typer.Option(min=1, max=10_000, metavar="N", help="So many pieces.")] = 1,
    budget: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1_000_000_000,
            metavar="AMOUNT",
            help="At most that for all. Default: what the shopper said, or spends.",
        ),
    ] = None,
    key: Key = None,
    url: Url = None,
    as_json: AsJsonLines = False,
    quiet: Quiet = False,
) -> None:
    """Send a buyer to a product's sellers, and show how they haggle and how it ends."""
    from chaffer.cli.threads import haggle_in_thread  # noqa: PLC0415
    from chaffer.cli.visits import Shown  # noqa: PLC0415

    order = given({"product_id": product, "quantity": quantity, "budget": budget})
    run(haggle_in_thread(url, session, order, key, Shown(as_json=as_json, quiet=quiet)))


@app.command()
def delete(session: ThreadId, url: Url = None, *, as_json: AsJson = False) -> None:
    """Delete a session with all that was said; what was learned and what was bought stay."""
    from chaffer.cli.threads import delete_thread  # noqa: PLC0415

    run(delete_thread(url, session, as_json=as_json))


@preferences.command("show")
def show_taste(user_id: Whose = None, url: Url = None, *, as_json: AsJson = False) -> None:
    """Show what is known of a shopper's taste."""
    from chaffer.cli.tastes import Whose as Of  # noqa: PLC0415
    from chaffer.cli.tastes import show_preferences  # noqa: PLC0415

    run(show_preferences(Of(user_id, url), as_json=as_json))


@preferences.command("set")
def set_taste(  # noqa: PLR0913  One for each option.
    *,
    like: Annotated[
        list[str] | None, typer.Option(metavar="BRAND", help="A liked brand; may stand several times.")
    ] = None,
    dislike: Annotated[list[str] | None, typer.Option(metavar="BRAND", help="A disliked brand; the same.")] = None,
    max_budget: Annotated[
        float | None, typer.Option(metavar="AMOUNT", min=0, max=1_000_000_000, help="What is usually spent.")
    ] = None,
    category: Annotated[str | None, typer.Option(metavar="NAME", help="Where that budget holds.")] = None,
    min_rating: Annotated[float | None, typer.Option(metavar="STARS", min=0, max=5, help="Lowest rating.")] = None,
    require: Annotated[
        list[str] | None,
        typer.Option(metavar="NEED", help="As in use:gaming, 'memory:>=16 GB', 'screen size:13..14.5 in', -curved."),
    ] = None,
    user_id: Whose = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Put what is given in the place of what was known; what is left out stays."""
    from chaffer.cli.tastes import Whose as Of  # noqa: PLC0415
    from chaffer.cli.tastes import needs_of, set_preferences  # noqa: PLC0415

    changes = {
        "liked_brands": like,
        "disliked_brands": dislike,
        "max_budget": max_budget,
        "budget_category": category,
        "min_rating": min_rating,
        "required": None if require is None else needs_of(require),
    }
    run(set_preferences(Of(user_id, url), given(changes), as_json=as_json))


@preferences.command("forget")
def forget_taste(
    fields: Annotated[
        list[str] | None, typer.Argument(metavar="[FIELD]", help=f"Of {', '.join(_FIELDS)}. Default: all.")
    ] = None,
    user_id: Whose = None,
    url: Url = None,
) -> None:
    """Forget what is known of a shopper's taste, or parts of it."""
    from chaffer.cli.tastes import Whose as Of  # noqa: PLC0415
    from chaffer.cli.tastes import forget_preferences  # noqa: PLC0415

    for name in fields or ():
        if name not in _FIELDS:
            issue = f"it must be one of {', '.join(_FIELDS)}; got {name!r}"
            raise typer.BadParameter(issue)
    run(forget_preferences(Of(user_id, url), fields or ()))
