"""The rules of a run: who speaks when, what a change reaches, and that what is over is over."""

from __future__ import annotations

from functools import reduce
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from msgspec.structs import replace
from pydantic import ValidationError

from chaffer.conversation.codec import Codec
from chaffer.dialogue.commands import AskStop, EndRun, PatchBot, RunCommand, SayBetween, SpeakTurn
from chaffer.dialogue.events import Bot, BotPatched, Cut, PersonSpoke, RunEnded, RunStatus, TurnSpoken
from chaffer.dialogue.plan import RunCreate
from chaffer.dialogue.rules import MAX_REVISIONS, MAX_SAID, AskBot, Run, RunKind, evolve, next_step, unfinished
from chaffer.errors import ChafferError, Code
from tests.support.talks import MAKING, started

KIND = RunKind()


def given(run: Run, *commands: RunCommand) -> Run:
    """Return the run after commands, none of which may be refused."""
    for command in commands:
        run = reduce(evolve, KIND.decide(run, command).events, run)
    return run


def spoken(turn: int, text: str = "Hello.", **changes: Any) -> SpeakTurn:
    """Return what a bot said in a turn."""
    return SpeakTurn(
        **{"turn": turn, "message_id": f"m{turn}", "text": text, "attempt": 1000, "making": MAKING, **changes}
    )


def prompted(prompt: str, index: int = 0) -> PatchBot:
    """Return the change of a bot's prompt."""
    return PatchBot(index, lambda bot: replace(bot, prompt=prompt))


def refused(run: Run, command: RunCommand) -> Code:
    """Return the code with which a command is refused."""
    with pytest.raises(ChafferError) as refusal:
        KIND.decide(run, command)
    return refusal.value.code


def test_bots_speak_in_turns_until_all_turns_were_spoken() -> None:
    run = evolve(None, started(max_turns=3))
    asked = []
    while (step := next_step(run)) is not None:
        asked.append((step.turn, step.index))
        run = given(run, spoken(step.turn))
    assert asked == [(0, 0), (1, 1), (2, 0)]
    assert run.ended == RunEnded(RunStatus.COMPLETED, "All 3 turns were spoken.", 3)


def test_a_turn_that_is_not_due_is_not_spoken() -> None:
    run = given(evolve(None, started()), spoken(0))
    assert refused(run, spoken(0)) is Code.CONFLICT
    assert refused(run, spoken(2)) is Code.CONFLICT


@pytest.mark.parametrize(("due", "index", "effective"), [(0, 0, 2), (0, 1, 1), (1, 0, 2), (1, 1, 3)])
def test_a_change_in_mid_turn_holds_from_that_bots_next_turn(due: int, index: int, effective: int) -> None:
    run = given(evolve(None, started(max_turns=9)), *map(spoken, range(due)))
    (patched,) = KIND.decide(run, prompted("new", index)).events
    assert (patched.revision, patched.effective_turn) == (1, effective)
    after = evolve(run, patched)
    before = started().bots[index]
    assert [after.bot(index, turn).prompt for turn in range(effective, effective + 3)] == ["new"] * 3
    assert after.bot(index, effective - 1) == before
    assert after.bot(1 - index) == run.bot(1 - index)


def test_two_changes_of_one_turn_build_on_each_other() -> None:
    run = given(evolve(None, started()), prompted("one"), PatchBot(0, lambda bot: replace(bot, name="Eve")))
    assert (run.bot(0).prompt, run.bot(0).name) == ("one", "Eve")
    assert [one.revision for one in run.revisions[0]] == [0, 1, 2]


ONE_NAME = [("Bob", "bOB"), ("Eve", "Eve "), ("Zo\u00e9", "Zoe\u0301"), ("Eve", "\uff25\uff56\uff45")]
"""Names that nobody tells apart: by case, by spaces, by how a letter with its mark is written, by width."""


@pytest.mark.parametrize(("one", "other"), ONE_NAME)
def test_two_bots_of_one_name_are_refused(one: str, other: str) -> None:
    run = given(evolve(None, started()), PatchBot(1, lambda bot: replace(bot, name=one)))
    assert refused(run, PatchBot(0, lambda bot: replace(bot, name=other))) is Code.VALIDATION_ERROR
    with pytest.raises(ValidationError, match="must differ"):
        RunCreate.model_validate({"topic": "Tea?", "bots": [{"name": one}, {"name": other}]})


def test_nobody_is_changed_or_spoken_to_without_end() -> None:
    run = given(evolve(None, started()), *[prompted("again")] * MAX_REVISIONS)
    assert refused(run, prompted("once more")) is Code.VALIDATION_ERROR
    run = given(run, *[SayBetween("m", "Pat", "Hi")] * MAX_SAID)
    assert refused(run, SayBetween("m", "Pat", "Hi")) is Code.VALIDATION_ERROR


def test_stop_twice_is_no_error_and_changes_nothing() -> None:
    stop = EndRun(RunStatus.CANCELLED, "stopped")
    run = given(evolve(None, started()), stop)
    assert KIND.decide(run, stop).events == ()
    assert KIND.decide(run, EndRun(RunStatus.ERROR, "fault", "LLM_TIMEOUT")).events == ()
    assert run.status is RunStatus.CANCELLED


def test_a_stop_is_asked_for_once_and_not_of_what_is_over() -> None:
    run = given(evolve(None, started()), AskStop())
    assert run.stop_asked
    assert KIND.decide(run, AskStop()).events == ()
    run = given(evolve(None, started()), EndRun(RunStatus.CANCELLED, "stopped"))
    assert KIND.decide(run, AskStop()).events == ()


def test_what_was_said_of_a_turn_is_kept_when_the_run_is_stopped() -> None:
    run = given(evolve(None, started()), spoken(0))
    said = unfinished(run, "m1", "I was ju", 1000, Cut.STOPPED)
    events = KIND.decide(run, EndRun(RunStatus.CANCELLED, "stopped", said=said)).events
    assert [type(event) for event in events] == [TurnSpoken, RunEnded]
    assert (events[0].index, events[0].text, events[0].cut) == (1, "I was ju", Cut.STOPPED)
    assert events[0].making is None, "what it took is not known"
    assert events[1].turns == 2


@pytest.mark.parametrize(("turn", "text"), [(0, "of the turn before"), (1, ""), (1, " \n")])
def test_what_is_no_part_of_the_due_turn_is_not_kept(turn: int, text: str) -> None:
    run = given(evolve(None, started()), spoken(0))
    (ended,) = KIND.decide(run, EndRun(RunStatus.CANCELLED, "stopped", said=spoken(turn, text))).events
    assert ended == RunEnded(RunStatus.CANCELLED, "stopped", 1)


def test_nothing_comes_after_the_end() -> None:
    run = given(evolve(None, started(max_turns=1)), spoken(0))
    for command in (spoken(1), prompted("new"), SayBetween("m", "Pat", "Hi")):
        assert refused(run, command) is Code.CONFLICT


class RunMachine(RuleBasedStateMachine):
    """Commands in any order: turns alternate, nothing follows the end, and the journal leads to the same state."""

    @initialize(turns=st.integers(1, 8))
    def begin(self, turns: int) -> None:
        """Begin a run."""
        self.journal: list[Any] = [started(max_turns=turns)]
        self.run = evolve(None, self.journal[0])
        self.hears: dict[int, Bot] = {}

    def give(self, command: RunCommand) -> bool:
        """Give a command, and tell whether it was taken."""
        before = self.run
        try:
            events = KIND.decide(before, command).events
        except ChafferError as refusal:
            if refusal.code is not Code.CONFLICT:
                raise
            return False
        assert before.is_open or not events, "ended is ended"
        for event in events:
            self.journal.append(event)
            self.run = evolve(self.run, event)
        return True

    @rule(turn=st.integers(0, 9))
    def speak(self, turn: int) -> None:
        """Have any turn spoken; only the one that is due is taken."""
        due = next_step(self.run)
        if due is not None:
            self.hears.setdefault(due.turn, self.run.bot(due.index, due.turn))
        assert self.give(spoken(turn)) == (due is not None and due.turn == turn)

    @rule(index=st.integers(0, 1), prompt=st.text(max_size=3))
    def patch(self, index: int, prompt: str) -> None:
        """Change a bot; who speaks now speaks on as it was."""
        due = next_step(self.run)
        speaking = None if due is None else self.run.bot(due.index, due.turn)
        assert self.give(prompted(prompt, index)) == (due is not None)
        if due is not None:
            assert self.run.bot(due.index, due.turn) == speaking
            assert self.run.bot(index).prompt == prompt

    @rule()
    def say(self) -> None:
        """Speak between the bots."""
        assert self.give(SayBetween("m", "Pat", "Hi")) == self.run.is_open

    @rule(half=st.booleans())
    def stop(self, half: bool) -> None:  # noqa: FBT001  Hypothesis gives by name.
        """Stop, with or without half a message."""
        said = unfinished(self.run, "half", "I was", 1000, Cut.STOPPED) if half else None
        assert self.give(EndRun(RunStatus.CANCELLED, "stopped", said=said))
        assert not self.run.is_open

    @rule()
    def ask_stop(self) -> None:
        """Ask for a stop; that alone ends nothing."""
        before = self.run.is_open
        assert self.give(AskStop())
        assert self.run.is_open == before
        assert self.run.stop_asked or not before

    @invariant()
    def turns_alternate(self) -> None:
        """Turns count from 0 without a gap, and each is the other bot's."""
        turns = [event for event in self.journal if isinstance(event, TurnSpoken)]
        assert [event.turn for event in turns] == list(range(len(turns)))
        assert all(event.index == event.turn % 2 for event in turns)
        assert self.run.turn == len(turns) <= self.run.terms.max_turns
        step = next_step(self.run)
        assert step is None or step == AskBot(len(turns), len(turns) % 2)

    @invariant()
    def revisions_count(self) -> None:
        """Revisions of a bot count without a gap, and never take effect in a turn that was due before."""
        for index in (0, 1):
            mine = [event for event in self.journal if isinstance(event, BotPatched) and event.index == index]
            assert [event.revision for event in mine] == list(range(1, len(mine) + 1))
            assert [event.effective_turn for event in mine] == sorted(event.effective_turn for event in mine)
        assert self.run.said_between == sum(isinstance(event, PersonSpoke) for event in self.journal)

    @invariant()
    def journal_leads_here(self) -> None:
        """What is written and read again leads to the same state, and at most one end is in it, the last."""
        codec = Codec({type(event) for event in self.journal})
        again = [codec.load(*codec.dump(event)) for event in self.journal]
        assert reduce(evolve, again, None) == self.run
        ends = [isinstance(event, RunEnded) for event in self.journal]
        assert sum(ends[:-1]) == 0
        assert ends[-1] == (not self.run.is_open)


TestRunMachine = RunMachine.TestCase
