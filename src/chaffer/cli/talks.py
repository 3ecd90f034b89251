"""How a run is shown: word by word on a terminal, message by message elsewhere, or as its frames."""

from __future__ import annotations

from typing import Final, Protocol

from rich.console import Console
from rich.text import Text

from chaffer.cli.client import Document
from chaffer.cli.terminal import print_json_line
from chaffer.plain_text import harmless

_STYLES: Final = {"bot0": "bold cyan", "bot1": "bold magenta", "person": "bold yellow"}
_ASIDE: Final = "dim italic"
_CUTS: Final = {"length": "cut at its longest length", "stopped": "stopped here", "fault": "broke off here"}


class Speakers:
    """The names of a run's bots, which may change from turn to turn."""

    def __init__(self) -> None:
        """Know nobody yet."""
        self._by_turn: dict[int, str] = {}
        self._now: dict[str, str] = {}

    def learn(self, state: Document) -> None:
        """Take in how a run stands."""
        self._now = {str(bot["role"]): str(bot["name"]) for bot in state["bots"]}
        said = (line for line in state["transcript"] if line["role"] in self._now)
        self._by_turn.update({int(line["turn"]): str(line["name"]) for line in said})

    def name(self, role: str, turn: int) -> str:
        """Return the name of who speaks a turn, fit to be shown."""
        return harmless(self._by_turn.setdefault(turn, self._now.get(role, role)))


class Talk(Protocol):
    """Shows the frames of a run as they come."""

    def see(self, frame: Document) -> None:
        """Show a frame."""
        ...


class Frames:
    """Prints every frame as a line of JSON."""

    def see(self, frame: Document) -> None:
        """Print it."""
        print_json_line(frame)


class Silence:
    """Shows nothing; the exit code tells."""

    def see(self, frame: Document) -> None:
        """Let it pass."""


class Lines:
    """Prints a line for everything that was said, once it is whole; for pipes and files."""

    def __init__(self, console: Console, speakers: Speakers) -> None:
        """Print there."""
        self._console = console
        self._speakers = speakers
        self._text = ""

    def see(self, frame: Document) -> None:
        """Take the frame in and print what is whole."""
        match frame["type"]:
            case "token":
                self._text += str(frame["delta"])
            case "restart":
                self._text = ""
            case "turn_complete":
                front = _front(frame, self._speakers)
                self._console.print(front.append_text(Text(harmless(self._text))).append_text(_cut(frame)))
                self._text = ""
            case _:
                line = _aside(frame)
                if line is not None:
                    self._console.print(line)


class Words:
    """Prints what is said as it is said; for terminals."""

    def __init__(self, console: Console, speakers: Speakers) -> None:
        """Print there."""
        self._console = console
        self._speakers = speakers
        self._speaks = False
        self._began = False

    def see(self, frame: Document) -> None:
        """Print what the frame adds."""
        match frame["type"]:
            case "token":
                self._say(frame)
            case "restart":
                self._break()
                self._console.print(Text("- begins again", style=_ASIDE))
                self._began = False
            case "turn_complete":
                if self._speaks:
                    self._console.print(_cut(frame))
                self._speaks = self._began = False
            case _:
                line = _aside(frame)
                if line is not None:
                    self._break()
                    self._console.print(line)

    def _say(self, frame: Document) -> None:
        if not self._speaks:
            goes_on = Text("... " if self._began else "")
            self._console.print(_front(frame, self._speakers).append_text(goes_on), end="", soft_wrap=True)
        self._speaks = self._began = True
        self._console.print(Text(harmless(str(frame["delta"]))), end="", soft_wrap=True)

    def _break(self) -> None:
        """End the line of who speaks, for somebody else's."""
        if self._speaks:
            self._console.print()
        self._speaks = False


def _front(frame: Document, speakers: Speakers) -> Text:
    role = str(frame["role"])
    return Text.assemble((f"{speakers.name(role, int(frame['turn']))}: ", _STYLES.get(role, "bold")))


def _cut(frame: Document) -> Text:
    why = _CUTS.get(str(frame.get("cut")))
    return Text("") if why is None else Text(f" [{why}]", style=_ASIDE)


def _aside(frame: Document) -> Text | None:
    """Return the line of a frame that is no message of a bot, or None where there is nothing to see."""
    match frame["type"]:
        case "start":
            return Text(f"{harmless(str(frame['topic']))}\n", style="bold")
        case "said":
            return Text.assemble((f"{harmless(str(frame['name']))}: ", _STYLES["person"]), harmless(str(frame["text"])))
        case "patched":
            changed = f"- bot {frame['index']} is changed, from its turn {frame['effective_turn']} on"
            return Text(changed, style=_ASIDE)
        case _:
            return None
