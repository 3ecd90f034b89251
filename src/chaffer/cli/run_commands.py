"""`chaffer run` and `chaffer runs`: two bots talk; and what the API can do with runs."""

from __future__ import annotations

from typing import Annotated

import typer

from chaffer.cli.parameters import After, AsJson, AsJsonLines, Key, Limit, Seed, Url, UserId
from chaffer.cli.parameters import run as run_to_end

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="List, show, follow and steer runs of two bots.")

RunId = Annotated[str, typer.Argument(metavar="RUN", help="Id of a run.")]
Minds = Annotated[
    list[str] | None,
    typer.Option(
        "--bot",
        metavar="PROVIDER[:MODEL]",
        help="Who thinks for the bots: once for both, or twice. Default: builtin, which is scripted and needs no key.",
    ),
]
Names = Annotated[list[str] | None, typer.Option("--name", metavar="NAME", help="The bots' names, one each.")]
Prompts = Annotated[
    list[str] | None, typer.Option("--prompt", metavar="TEXT", help="The bots' instructions, once for each.")
]
PromptFiles = Annotated[
    list[str] | None, typer.Option("--prompt-file", metavar="FILE", help="The same, from files; - is standard input.")
]
Temperatures = Annotated[
    list[float] | None,
    typer.Option("--temperature", metavar="T", min=0, max=1, help="Once for both bots, or twice."),
]
MostTokens = Annotated[
    list[int] | None,
    typer.Option("--max-tokens", metavar="N", min=1, max=32_000, help="Longest message: once for both, or twice."),
]


def run(  # noqa: PLR0913  One for each option.
    *,
    topic: Annotated[str | None, typer.Option(metavar="TEXT", help="What they are to talk about.")] = None,
    bot: Minds = None,
    name: Names = None,
    prompt: Prompts = None,
    prompt_file: PromptFiles = None,
    turns: Annotated[int | None, typer.Option(min=1, metavar="N", help="Messages of both in all. Default: 10.")] = None,
    temperature: Temperatures = None,
    max_tokens: MostTokens = None,
    seed: Seed = None,
    file: Annotated[
        str | None, typer.Option(metavar="FILE", help="A run file, or - for standard input; options go before it.")
    ] = None,
    user_id: Annotated[str | None, typer.Option("--user-id", metavar="ID", help="Whose it is.")] = None,
    key: Key = None,
    url: Url = None,
    as_json: AsJsonLines = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing; the exit code tells.")] = False,
) -> None:
    """Have two bots talk on a topic, and show it live. Ctrl-C stops them; what was said is kept."""
    from chaffer.cli.run_plans import BotWishes, RunWishes, plan_of  # noqa: PLC0415
    from chaffer.cli.talking import Shown, talk  # noqa: PLC0415

    bots = BotWishes(bot or (), name or (), prompt or (), prompt_file or (), temperature or (), max_tokens or ())
    own: dict[str, object] = {"topic": topic, "max_turns": turns, "seed": seed, "user_id": user_id}
    plan = plan_of(RunWishes(file, bots, own))
    run_to_end(talk(plan, url, key, Shown(as_json=as_json, quiet=quiet)))


@app.command("list")
def list_(
    user_id: UserId = None,
    limit: Limit = 20,
    after: After = None,
    url: Url = None,
    *,
    as_json: AsJson = False,
) -> None:
    """List runs, newest first."""
    from chaffer.cli.client import Page  # noqa: PLC0415
    from chaffer.cli.runs import list_runs  # noqa: PLC0415

    run_to_end(list_runs(url, Page(limit, after, user_id), as_json=as_json))


@app.command()
def show(run: RunId, url: Url = None, *, as_json: AsJson = False) -> None:
    """Show where a run stands, its bots, and all that was said."""
    from chaffer.cli.runs import show_run  # noqa: PLC0415

    run_to_end(show_run(url, run, as_json=as_json))


@app.command()
def follow(
    run: RunId,
    after: Annotated[
        str | None, typer.Option(metavar="ID", help="Go on behind this frame: its `event_id`, which --json prints.")
    ] = None,
    url: Url = None,
    *,
    as_json: AsJsonLines = False,
) -> None:
    """Follow a run from its beginning to its end."""
    from chaffer.cli.runs import follow_run  # noqa: PLC0415

    run_to_end(follow_run(url, run, after, as_json=as_json))


@app.command()
def stop(run: RunId, url: Url = None, *, as_json: AsJson = False) -> None:
    """End a run where it stands; what was said is kept."""
    from chaffer.cli.runs import stop_run  # noqa: PLC0415

    run_to_end(stop_run(url, run, as_json=as_json))


@app.command()
def patch(  # noqa: PLR0913  One for each option.
    run: RunId,
    index: Annotated[int, typer.Argument(metavar="BOT", min=0, max=1, help="0 for the first bot, 1 for the second.")],
    *,
    bot: Annotated[str | None, typer.Option(metavar="PROVIDER[:MODEL]", help="Who thinks for it.")] = None,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="Its name.")] = None,
    prompt: Annotated[str | None, typer.Option(metavar="TEXT", help="Its instructions.")] = None,
    prompt_file: Annotated[str | None, typer.Option(metavar="FILE", help="The same, from a file.")] = None,
    temperature: Annotated[float | None, typer.Option(metavar="T", min=0, max=1, help="Its temperature.")] = None,
    max_tokens: Annotated[int | None, typer.Option(metavar="N", min=1, max=32_000, help="Its longest message.")] = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Change a bot from its next turn on; what is left out stays."""
    from chaffer.cli.run_plans import BotWishes, bot_changes  # noqa: PLC0415
    from chaffer.cli.runs import patch_run  # noqa: PLC0415

    wishes = BotWishes(
        minds=[bot] if bot is not None else [],
        names=[name] if name is not None else [],
        prompts=[prompt] if prompt is not None else [],
        prompt_files=[prompt_file] if prompt_file is not None else [],
        temperatures=[temperature] if temperature is not None else [],
        max_tokens=[max_tokens] if max_tokens is not None else [],
    )
    changes = bot_changes(wishes)[0]
    run_to_end(patch_run(url, run, index, changes, as_json=as_json))


@app.command()
def say(
    run: RunId,
    text: Annotated[str, typer.Argument(help="The sentence; the bots hear it from the next turn on.")],
    name: Annotated[str, typer.Option(metavar="NAME", help="Who says it.")] = "Someone",
    key: Key = None,
    url: Url = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Put a sentence between the bots."""
    from chaffer.cli.runs import say_in_run  # noqa: PLC0415

    run_to_end(say_in_run(url, run, {"text": text, "name": name}, key, as_json=as_json))


@app.command()
def delete(run: RunId, url: Url = None, *, as_json: AsJson = False) -> None:
    """Stop a run and delete all that was said."""
    from chaffer.cli.runs import delete_run  # noqa: PLC0415

    run_to_end(delete_run(url, run, as_json=as_json))
