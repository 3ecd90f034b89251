"""`chaffer chat` and `chaffer conversations`: the assistant, and what the API can do with what was said to it."""

from __future__ import annotations

from typing import Annotated

import typer

from chaffer.cli.parameters import (
    After,
    AsJson,
    AsJsonLines,
    Format,
    Key,
    Limit,
    MaxTokens,
    MindModel,
    MindProvider,
    OutFile,
    Quiet,
    Seed,
    Temperature,
    Url,
    UserId,
    Whose,
    WordsOfATurn,
    ending_of,
    given,
    mind,
    opened_with,
    run,
)

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="List, show, search and steer conversations with the assistant."
)

ConversationId = Annotated[str, typer.Argument(metavar="CONVERSATION", help="Id of a conversation.")]
CallId = Annotated[
    str | None, typer.Option("--call", metavar="ID", help="The tool call, by its id. Default: the one that waits.")
]
Title = Annotated[str | None, typer.Option(metavar="TEXT", help="A title. Default: made of what is said first.")]


def chat(  # noqa: PLR0913  One for each option.
    words: WordsOfATurn = None,
    *,
    conversation: Annotated[str | None, typer.Option(metavar="ID", help="A conversation to go on with.")] = None,
    user_id: Whose = None,
    provider: MindProvider = None,
    model: MindModel = None,
    temperature: Temperature = None,
    max_tokens: MaxTokens = None,
    seed: Seed = None,
    key: Key = None,
    url: Url = None,
    as_json: AsJsonLines = False,
    quiet: Quiet = False,
) -> None:
    """Ask the assistant: it shops, sends agents to haggle, and knows your invoices. Ctrl-C stops an answer."""
    from chaffer.cli.chat import conversation as talk  # noqa: PLC0415
    from chaffer.cli.chat import one_turn  # noqa: PLC0415
    from chaffer.cli.shop import Wish, words_from  # noqa: PLC0415
    from chaffer.cli.visits import Shown  # noqa: PLC0415

    opening = opened_with(mind(provider, model, temperature, max_tokens), seed, user_id, goes_on=conversation)
    wish = Wish(conversation, opening, user_id, url)
    said = words_from(words)
    shown = Shown(as_json=as_json, quiet=quiet)
    run(talk(wish, shown) if said is None else one_turn(said, wish, key, shown))


@app.command("list")
def list_(
    user_id: UserId = None, limit: Limit = 20, after: After = None, url: Url = None, *, as_json: AsJson = False
) -> None:
    """List conversations, pinned ones first, then those with the newest message."""
    from chaffer.cli.client import Page  # noqa: PLC0415
    from chaffer.cli.conversations import list_conversations  # noqa: PLC0415

    run(list_conversations(url, Page(limit, after, user_id), None, as_json=as_json))


@app.command()
def search(
    words: Annotated[list[str], typer.Argument(metavar="WORDS", help="Words that stand in a title or in a message.")],
    user_id: UserId = None,
    limit: Limit = 20,
    after: After = None,
    url: Url = None,
    *,
    as_json: AsJson = False,
) -> None:
    """List the conversations in which all these words stand, and where."""
    from chaffer.cli.client import Page  # noqa: PLC0415
    from chaffer.cli.conversations import list_conversations  # noqa: PLC0415

    run(list_conversations(url, Page(limit, after, user_id), " ".join(words), as_json=as_json))


@app.command("open")
def open_(
    title: Title = None, user_id: Whose = None, key: Key = None, url: Url = None, *, as_json: AsJson = False
) -> None:
    """Open a conversation before anything is said."""
    from chaffer.cli.conversations import open_conversation  # noqa: PLC0415

    run(open_conversation(url, given({"title": title, "user_id": user_id}), key, as_json=as_json))


@app.command()
def show(
    conversation: ConversationId,
    limit: Limit = 50,
    before: Annotated[int | None, typer.Option(min=0, metavar="N", help="Only messages before this number.")] = None,
    url: Url = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show the last messages, what waits for your approval, and the negotiations that go on."""
    from chaffer.cli.conversations import show_conversation  # noqa: PLC0415

    run(show_conversation(url, conversation, limit, before, as_json=as_json))


@app.command()
def follow(
    conversation: ConversationId,
    after: Annotated[
        str | None, typer.Option(metavar="ID", help="Go on behind this frame: its `event_id`, which --json prints.")
    ] = None,
    url: Url = None,
    *,
    as_json: AsJsonLines = False,
) -> None:
    """Follow a conversation from its last turn on, until nothing comes any more before you speak."""
    from chaffer.cli.conversations import follow_conversation  # noqa: PLC0415

    run(follow_conversation(url, conversation, after, as_json=as_json))


@app.command()
def approve(
    conversation: ConversationId,
    call: CallId = None,
    url: Url = None,
    *,
    as_json: AsJsonLines = False,
    quiet: Quiet = False,
) -> None:
    """Let the assistant do what it asked for, and show what follows."""
    _answer(conversation, call, url, approve=True, as_json=as_json, quiet=quiet)


@app.command()
def decline(
    conversation: ConversationId,
    call: CallId = None,
    url: Url = None,
    *,
    as_json: AsJsonLines = False,
    quiet: Quiet = False,
) -> None:
    """Do not let the assistant do what it asked for, and show what follows."""
    _answer(conversation, call, url, approve=False, as_json=as_json, quiet=quiet)


def _answer(conversation: str, call: str | None, url: str | None, *, approve: bool, as_json: bool, quiet: bool) -> None:
    from chaffer.cli.conversations import answer_approval  # noqa: PLC0415
    from chaffer.cli.visits import Shown  # noqa: PLC0415

    run(answer_approval(url, conversation, call, Shown(as_json=as_json, quiet=quiet), approve=approve))


@app.command()
def stop(conversation: ConversationId, url: Url = None, *, as_json: AsJson = False) -> None:
    """Leave the answer off that is being made; what was said of it is kept."""
    from chaffer.cli.conversations import stop_answer  # noqa: PLC0415

    run(stop_answer(url, conversation, as_json=as_json))


@app.command()
def rename(
    conversation: ConversationId,
    title: Annotated[list[str], typer.Argument(metavar="TITLE", help="Its new title.")],
    url: Url = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Give a conversation a title."""
    from chaffer.cli.conversations import change_conversation  # noqa: PLC0415

    run(change_conversation(url, conversation, {"title": " ".join(title)}, as_json=as_json))


@app.command()
def pin(conversation: ConversationId, url: Url = None, *, as_json: AsJson = False) -> None:
    """Pin a conversation above the others."""
    from chaffer.cli.conversations import change_conversation  # noqa: PLC0415

    run(change_conversation(url, conversation, {"pinned": True}, as_json=as_json))


@app.command()
def unpin(conversation: ConversationId, url: Url = None, *, as_json: AsJson = False) -> None:
    """Pin a conversation no more."""
    from chaffer.cli.conversations import change_conversation  # noqa: PLC0415

    run(change_conversation(url, conversation, {"pinned": False}, as_json=as_json))


@app.command()
def delete(conversation: ConversationId, url: Url = None, *, as_json: AsJson = False) -> None:
    """Delete a conversation with all that was said; what was bought stays, and negotiations go on."""
    from chaffer.cli.conversations import delete_conversation  # noqa: PLC0415

    run(delete_conversation(url, conversation, as_json=as_json))


@app.command()
def export(
    conversation: ConversationId,
    form: Format = None,
    out: OutFile = "-",
    url: Url = None,
) -> None:
    """Write a conversation to a file: the same bytes as the API's."""
    from chaffer.cli.conversations import export_conversation  # noqa: PLC0415

    run(export_conversation(url, conversation, form or ending_of(out) or "md", out))


@app.command()
def tools(url: Url = None, *, as_json: AsJson = False) -> None:
    """List what the assistant can do, and which of it asks for your approval first."""
    from chaffer.cli.conversations import list_tools  # noqa: PLC0415

    run(list_tools(url, as_json=as_json))
