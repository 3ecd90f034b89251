"""The rules of a run, pure: whose turn it is, what a command leads to, and what a run is after an event."""

from __future__ import annotations

from typing import Any, Final, assert_never

from msgspec import Struct
from msgspec.structs import replace

from chaffer.conversation.journal import EffectRefusedError
from chaffer.conversation.live import Verdict
from chaffer.conversation.mentions import folded
from chaffer.dialogue.commands import AskStop, EndRun, PatchBot, RunCommand, SayBetween, SpeakTurn
from chaffer.dialogue.events import (
    RUN,
    Bot,
    BotPatched,
    Cut,
    PersonSpoke,
    RunEnded,
    RunEvent,
    RunStarted,
    RunStatus,
    StopAsked,
    TurnSpoken,
)
from chaffer.errors import ChafferError, Code, Detail, unfit

BOTS: Final = 2
STOPPED: Final = "The run was stopped by hand."
MAX_REVISIONS: Final = 200
MAX_SAID: Final = 200
"""So often a run is patched, and so many sentences persons put into it: both are kept for good."""


class Run(Struct, frozen=True):
    """A run as it stands. `turn` is the one that is due; `revisions` are each bot's, oldest first.

    With `stop_asked` nobody is asked any more, and whoever runs it ends it.
    """

    terms: RunStarted
    revisions: tuple[tuple[BotPatched, ...], tuple[BotPatched, ...]]
    turn: int = 0
    said_between: int = 0
    stop_asked: bool = False
    ended: RunEnded | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether anything can still happen."""
        return self.ended is None

    @property
    def status(self) -> RunStatus:
        """Return where the run stands."""
        return RunStatus.RUNNING if self.ended is None else self.ended.status

    def bot(self, index: int, turn: int | None = None) -> Bot:
        """Return a bot as it holds in a turn; without one, as its newest revision says."""
        held = [one for one in self.revisions[index] if turn is None or one.effective_turn <= turn]
        return held[-1].bot


class AskBot(Struct, frozen=True):
    """A bot is to be asked for its turn."""

    turn: int
    index: int


def next_step(run: Run) -> AskBot | None:
    """Return what is due, or None when the run is over."""
    return AskBot(run.turn, run.turn % BOTS) if run.is_open else None


def unfinished(run: Run, message_id: str, text: str, attempt: int, cut: Cut) -> SpeakTurn:
    """Return the turn that is due with what had been said of it."""
    return SpeakTurn(run.turn, message_id, text, attempt, None, cut)


def decide(run: Run, command: RunCommand) -> Verdict:
    """Return what the command leads to.

    Raises CONFLICT when the run is over, VALIDATION_ERROR for a change that leads to no bot, or when a run was changed
    or spoken to too often.
    """
    if isinstance(command, EndRun):
        return _end(run, command)
    if isinstance(command, AskStop):
        return Verdict() if run.stop_asked or run.ended is not None else Verdict((StopAsked(),))
    if run.ended is not None:
        raise over(run)
    match command:
        case SpeakTurn():
            return _speak(run, command)
        case PatchBot():
            return _patch(run, command)
        case SayBetween():
            return _say(run, command)
        case _:
            assert_never(command)


def over(run: Run) -> ChafferError:
    """Return why nothing can be done with a run that has ended."""
    message = f"Run {run.terms.run_id} is over: it is {run.status}. Start another one; this one can be exported."
    return ChafferError(Code.CONFLICT, message)


def _speak(run: Run, command: SpeakTurn) -> Verdict:
    if command.turn != run.turn:
        raise ChafferError(Code.CONFLICT, f"Turn {command.turn} is not due: turn {run.turn} is.")
    turns = command.turn + 1
    if turns < run.terms.max_turns:
        return Verdict((_spoken(command),))
    return Verdict((_spoken(command), RunEnded(RunStatus.COMPLETED, f"All {turns} turns were spoken.", turns)))


def _spoken(command: SpeakTurn) -> TurnSpoken:
    return TurnSpoken(
        turn=command.turn,
        index=command.turn % BOTS,
        message_id=command.message_id,
        text=command.text,
        attempt=command.attempt,
        making=command.making,
        cut=command.cut,
    )


def _patch(run: Run, command: PatchBot) -> Verdict:
    if not 0 <= command.index < BOTS:
        raise unfit(Detail("index", "must be 0 or 1"))
    revision = len(run.revisions[command.index])
    if revision > MAX_REVISIONS:
        raise unfit(Detail("index", f"this bot was changed {MAX_REVISIONS} times, which is the most"))
    patched = BotPatched(
        command.index, revision, _next_turn_of(run, command.index), command.changed(run.bot(command.index))
    )
    if folded(patched.bot.name) == folded(run.bot(1 - command.index).name):
        raise unfit(Detail("name", "must differ from the other bot's"))
    return Verdict((patched,), command.effects)


def _next_turn_of(run: Run, index: int) -> int:
    """Return the first turn that a change of a bot can reach: the one that is due is taken to be under way."""
    return run.turn + 1 if (run.turn + 1) % BOTS == index else run.turn + BOTS


def _say(run: Run, command: SayBetween) -> Verdict:
    if run.said_between >= MAX_SAID:
        raise unfit(Detail("text", f"persons have put {MAX_SAID} sentences into this run, which is the most"))
    spoke = PersonSpoke(command.message_id, command.name, command.text, run.turn)
    return Verdict((spoke,), () if command.kept is None else (command.kept(spoke),))


def _end(run: Run, command: EndRun) -> Verdict:
    if run.ended is not None:
        return Verdict()
    said = command.said
    if said is None or said.turn != run.turn or not said.text.strip():
        return Verdict((RunEnded(command.status, command.reason, run.turn, command.code),))
    return Verdict((_spoken(said), RunEnded(command.status, command.reason, run.turn + 1, command.code)))


def evolve(run: Run | None, event: RunEvent) -> Run:
    """Return the run after an event; the first one begins it."""
    if isinstance(event, RunStarted):
        first, second = (BotPatched(index, 0, 0, bot) for index, bot in enumerate(event.bots))
        return Run(event, ((first,), (second,)))
    assert run is not None  # noqa: S101  A journal begins with RunStarted.
    match event:
        case TurnSpoken():
            return replace(run, turn=event.turn + 1)
        case BotPatched():
            one, other = run.revisions
            revisions = ((*one, event), other) if event.index == 0 else (one, (*other, event))
            return replace(run, revisions=revisions)
        case PersonSpoke():
            return replace(run, said_between=run.said_between + 1)
        case StopAsked():
            return replace(run, stop_asked=True)
        case RunEnded():
            return replace(run, ended=event)
        case _:
            assert_never(event)


class RunKind:
    """The rules of a run, as the kernel asks for them."""

    name = RUN
    under_way = RunStatus.RUNNING.value

    def decide(self, state: Run, command: RunCommand) -> Verdict:
        """Return what the command leads to. Raises as `decide` does."""
        return decide(state, command)

    def evolve(self, state: Run | None, event: RunEvent) -> Run:
        """Return the run after the event."""
        return evolve(state, event)

    def status(self, state: Run) -> str:
        """Return the status that lists show."""
        return state.status.value

    def is_over(self, state: Run) -> bool:
        """Tell whether the run is over."""
        return not state.is_open

    def refused(self, command: Any, refusal: EffectRefusedError) -> None:  # noqa: ANN401  Of any command of a run.
        """Return None: the caller sees the refusal of an effect."""
        del command, refusal
