"""What can be asked of a run; `rules.decide` answers with events or a refusal."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from chaffer.conversation.journal import Effect
from chaffer.conversation.minds import Making
from chaffer.dialogue.events import Bot, Cut, PersonSpoke, RunStatus


class SpeakTurn(Struct, frozen=True):
    """Record what a bot said in its turn; how it came about is not known of what is `cut` by a stop or a fault."""

    turn: int
    message_id: str
    text: str
    attempt: int
    making: Making | None
    cut: Cut | None = None


class PatchBot(Struct, frozen=True):
    """Change a bot from its next turn on. `changed` makes the new bot of the one that holds by then."""

    index: int
    changed: Callable[[Bot], Bot]
    effects: tuple[Effect, ...] = ()


class SayBetween(Struct, frozen=True):
    """Put a person's sentence between the bots."""

    message_id: str
    name: str
    text: str
    kept: Callable[[PersonSpoke], Effect] | None = None


class AskStop(Struct, frozen=True):
    """Ask the process that runs it to stop the run: that one knows what is being said."""


class EndRun(Struct, frozen=True):
    """End the run; one that is over stays as it is. `said` is what had been said of the turn that is due, if any."""

    status: RunStatus
    reason: str
    code: str | None = None
    said: SpeakTurn | None = None


RunCommand = SpeakTurn | PatchBot | SayBetween | AskStop | EndRun
