"""docs/command-line.md: what each command takes, from the commands themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chaffer.cli.main import parser
from tools.documents.sections import page_with, table


def commands() -> Iterator[tuple[str, Any]]:
    """Yield every command by its full name, `chaffer sessions open`, in the order of the help."""
    yield from _below("chaffer", parser())


def command_line_page() -> str:
    """Return docs/command-line.md with the reference of the commands written anew."""
    return page_with("docs/command-line.md", {"commands": "\n\n".join(_told(*found) for found in commands())})


# Typer carries the parser's classes under a private name, so a command is known here by what it has.
def _below(name: str, command: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401
    children = getattr(command, "commands", None)
    if children is None:
        yield name, command
        return
    for child_name, child in children.items():
        yield from _below(f"{name} {child_name}", child)


def _told(name: str, command: Any) -> str:  # noqa: ANN401
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    words = " ".join([name, *(_placeholder(argument) for argument in arguments)])
    rows = [(f"`{_placeholder(argument)}`", argument.help or "") for argument in arguments]
    rows += [(_option(p), _meaning(p)) for p in command.params if p.param_type_name == "option"]
    return f"### `{words}`\n\n{command.help}\n\n{table(('takes', ''), rows)}"


def _placeholder(argument: Any) -> str:  # noqa: ANN401
    return str(argument.metavar or argument.name.upper())


def _option(option: Any) -> str:  # noqa: ANN401
    names = ", ".join(f"`{name}`" for name in option.opts)
    return names if option.is_flag else f"{names} `{option.metavar or option.name.upper()}`"


def _meaning(option: Any) -> str:  # noqa: ANN401
    """Return the help of an option with its limits and its default, where it has them."""
    told = [option.help or ""]
    if option.max is not None:
        told.append(f"{option.min} to {option.max}.")
    if not option.is_flag and option.default is not None:
        told.append(f"Default: {option.default}.")
    return " ".join(told)
