"""How a chat is shown: the assistant's words as they come, a line for each tool, news of negotiations."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Final

from rich.text import Text

from chaffer.cli.client import Document
from chaffer.cli.talks import Frames, Silence
from chaffer.cli.terminal import err, is_terminal, out
from chaffer.cli.visits import Show, Shown
from chaffer.plain_text import harmless, shortened

_ASIDE: Final = "dim"
_STYLES: Final[Mapping[str, str]] = {
    "shopping": "bold cyan",
    "negotiation": "bold magenta",
    "billing": "bold green",
    "insights": "bold blue",
}
_LONGEST_ARGUMENTS: Final = 100
_ENDS: Final[Mapping[str, str]] = {"completed": "done", "failed": "could not be done", "declined": "not allowed"}


def show_of(shown: Shown) -> Show:
    """Return what shows the frames of a chat as the caller wants to see them."""
    if shown.as_json:
        return Frames()
    return Silence() if shown.quiet else ChatShow()


class ChatShow:
    """Prints what the assistant says, word by word on a terminal, else message by message; beside it, what it does."""

    def __init__(self) -> None:
        """Print messages on standard output, and on standard error, if somebody watches, what tools are called."""
        self._live = is_terminal(sys.stdout)
        self._watched = is_terminal(sys.stderr)
        self._agent = ""
        self._text = ""

    def see(self, frame: Document) -> None:
        """Print what a frame tells."""
        match frame["type"]:
            case "token":
                self._say(str(frame["agent_type"]), str(frame["content"]))
            case "restart" if self._text:
                self._restart()
            case "tool_call":
                self._close()
                if self._watched:
                    err().print(Text(_tool(frame), style=_ASIDE))
            case "complete" | "stopped":
                self._close(" [stopped]" if frame["type"] == "stopped" else "")
            case _:
                self._close()
                _print_beside(frame)

    def _say(self, agent: str, content: str) -> None:
        if self._live:
            front = "" if self._text else speaker(agent)
            out().print(Text.assemble(front, in_lines(content)), end="", soft_wrap=True)
        self._agent = agent
        self._text += content

    def _restart(self) -> None:
        if self._live:
            out().print(Text("\n- begins again", style=_ASIDE))
        self._text = ""

    def _close(self, note: str = "") -> None:
        """End the message that was begun, if any."""
        if self._text:
            said = Text() if self._live else Text.assemble(speaker(self._agent), in_lines(self._text))
            out().print(said.append(note, style=_ASIDE))
        self._text = ""


def speaker(agent: str | None) -> Text:
    """Return the name before what somebody said; None is the person."""
    return Text("You: ", style="bold") if agent is None else Text(f"{harmless(agent)}: ", _STYLES.get(agent, "bold"))


def in_lines(text: str) -> str:
    """Return a text in its lines, set in, so that none of them looks like another speaker's."""
    return "\n  ".join(harmless(line) for line in text.split("\n"))


def print_message(message: Document) -> None:
    """Print a message that was said before."""
    out().print(Text.assemble(speaker(message["agent_type"]), in_lines(str(message["content"]))))


def _tool(frame: Document) -> str:
    """Return the line of a tool that is called, has ended, or waits."""
    name, status = harmless(str(frame["name"])), str(frame["status"])
    if status in _ENDS:
        return f"- {name}: {_ENDS[status]}"
    given = ", ".join(f"{key} {harmless(str(value))}" for key, value in frame["arguments"].items())
    return shortened(f"- {name}: {given}" if given else f"- {name}", _LONGEST_ARGUMENTS)


def _print_beside(frame: Document) -> None:
    """Print what is neither said nor done."""
    match frame["type"]:
        case "error":
            fault = frame["error"]
            err().print(f"No answer: {harmless(str(frame['message']))} ({fault['code']})")
            for action in fault["suggestedActions"]:
                err().print(f"  {harmless(str(action))}", style=_ASIDE)
        case "news":
            style = "bold red" if frame["invoice"] is None else "bold green"
            out().print(Text(in_lines(str(frame["message"])), style=style))
        case "reset":
            err().print("That position is not known here. What came before is not shown: chaffer conversations show")
        case _:
            pass
