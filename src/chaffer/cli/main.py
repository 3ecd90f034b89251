"""The command `chaffer`: its commands, and the one place where errors become sentences and exit codes.

What a command does is imported when it runs, so that `chaffer --help` answers at once.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any, Final

import typer
from typer.exceptions import TyperException

from chaffer.cli import (
    catalog_commands,
    chat_commands,
    invoice_commands,
    ledger_commands,
    log_commands,
    market_commands,
    model_commands,
    room_commands,
    run_commands,
    server_commands,
    session_commands,
    shop_commands,
)
from chaffer.cli.export_command import export
from chaffer.cli.outcomes import Outcome, outcome_of, sentences
from chaffer.cli.terminal import prepare_streams
from chaffer.errors import ChafferError
from chaffer.plain_text import harmless

HELP: Final = """Markets of AI agents: one buyer haggles with up to ten sellers, and code keeps every limit.

Begin with: chaffer demo"""

EPILOG: Final = "Exit codes: 0 done, or deal(s); 3 no deal, or stopped; 2 bad input; 1 fault; 130 interrupted."

app = typer.Typer(
    name="chaffer",
    help=HELP,
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(market_commands.demo)
app.command()(market_commands.negotiate)
app.command()(market_commands.replay)
app.command()(run_commands.run)
app.command()(shop_commands.shop)
app.command()(chat_commands.chat)
app.command()(model_commands.models)
app.command()(model_commands.ask)
app.command()(server_commands.serve)
app.command()(server_commands.hash_password)
app.add_typer(session_commands.app, name="sessions")
app.add_typer(room_commands.app, name="rooms")
app.add_typer(run_commands.app, name="runs")
app.add_typer(shop_commands.app, name="shopping")
app.add_typer(shop_commands.preferences, name="preferences")
app.add_typer(chat_commands.app, name="conversations")
app.add_typer(log_commands.app, name="logs")
app.add_typer(invoice_commands.app, name="invoices")
app.command()(invoice_commands.purchases)
app.command()(invoice_commands.spending)
app.add_typer(ledger_commands.app, name="ledger")
app.add_typer(catalog_commands.app, name="catalog")
app.command()(export)
app.command()(server_commands.status)
app.command()(server_commands.me)
app.command()(server_commands.settings)
app.command()(server_commands.openapi)


def _version_asked(wanted: bool) -> None:  # noqa: FBT001  So calls the parser.
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415

        sys.stdout.write(f"chaffer {version('chaffer')}\n")
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version_asked, is_eager=True, help="Print the version and leave.")
    ] = False,
    trace: Annotated[bool, typer.Option("--trace", help="After a fault, print where it happened.")] = False,
) -> None:
    del version, trace  # The one is done by now; the other is read where faults are caught.


@cache
def parser() -> Any:  # noqa: ANN401  Typer carries the parser's classes under a private name.
    """Return the parser of all commands, which takes 40 ms to be made."""
    return typer.main.get_command(app)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code."""
    prepare_streams()
    given = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(_ended_quietly(given))


def _ended_quietly(arguments: list[str]) -> int:
    """Return the exit code; a reader of our output that has left is no error of ours."""
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = int(Outcome.DONE)
    return code


def _run(arguments: list[str]) -> int:
    try:
        with parser().make_context("chaffer", arguments) as context:
            parser().invoke(context)
    except typer.Exit as left:
        return left.exit_code
    except TyperException as misuse:
        return _tell_misuse(misuse)
    except ChafferError as error:
        return _tell(sentences(error), outcome_of(error))
    except (KeyboardInterrupt, typer.Abort):
        return _tell(["Interrupted."], Outcome.INTERRUPTED)
    except BrokenPipeError:
        raise
    except Exception as fault:
        return _tell_fault(fault, with_trace="--trace" in arguments)
    return int(Outcome.DONE)


def _tell_misuse(misuse: TyperException) -> int:
    """Tell what is wrong with the arguments, with the value that was given."""
    if type(misuse).__name__ == "NoArgsIsHelpError":
        return _tell([misuse.format_message()], Outcome.BAD_INPUT)
    sentence = misuse.format_message()
    errors = getattr(misuse.__cause__, "errors", None)
    if errors is not None:
        from chaffer.validation import details_of  # noqa: PLC0415  Takes Pydantic, which a good call may not need.

        named, found = sentence.partition(": ")[0], errors()
        sentence = f"{named}: it {details_of(found)[0].issue}; got {harmless(str(found[0]['input']))!r}"
    context = getattr(misuse, "ctx", None)
    hint = [] if context is None else [f"See: {context.command_path} --help"]
    return _tell([sentence, *hint], Outcome.BAD_INPUT)


def _tell_fault(fault: Exception, *, with_trace: bool) -> int:
    """Tell of a fault of ours: what kind it is, and how to see more."""
    if with_trace:
        traceback.print_exception(fault)
    line = f"Chaffer broke: {type(fault).__name__}: {harmless(str(fault))}. This is a fault of the program, not yours."
    more = [] if with_trace else ["Run `chaffer --trace ...` to see where it happened, and report it."]
    return _tell([line, *more], Outcome.FAULT)


def _tell(lines: list[str], outcome: Outcome) -> int:
    sys.stderr.write("\n".join(lines) + "\n")
    return int(outcome)


if __name__ == "__main__":
    main()
