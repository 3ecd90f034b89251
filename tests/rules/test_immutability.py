"""What a turn makes anew is a value: it is never changed, and it equals nothing but its own kind."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from chaffer.conversation.live import Verdict
from chaffer.conversation.minds import Making
from chaffer.dialogue.commands import RunCommand
from chaffer.dialogue.events import Bot, RunEvent
from chaffer.dialogue.rules import AskBot, Run
from chaffer.negotiation.commands import BeginRound, RoomCommand, Utterance
from chaffer.negotiation.events import Offer, RoomEvent, RoundStarted
from chaffer.negotiation.room import Room, Seat, Step
from chaffer.negotiation.session import SessionOpened
from chaffer.negotiation.strategies import Situation

KINDS: tuple[type[Any], ...] = (
    *(SessionOpened, *get_args(RoomEvent), *get_args(RoomCommand), *get_args(Step)),
    *(Utterance, Offer, Making, Verdict, Seat, Room, Situation),
    *(*get_args(RunEvent), *get_args(RunCommand), Bot, Run, AskBot),
)


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_turn_makes_cannot_be_changed(kind: type[Any]) -> None:
    fields = kind.__match_args__
    made = kind(*fields)
    for name in (*fields, "remark"):
        with pytest.raises(AttributeError):
            setattr(made, name, "another")
        with pytest.raises(AttributeError):
            delattr(made, name)
    assert made == kind(*fields)


def test_values_of_two_kinds_are_not_equal_although_their_fields_are() -> None:
    values: list[object] = [BeginRound(1, 500, 900), RoundStarted(1, 500, 900)]
    assert values[0] != values[1]
    assert values == [BeginRound(1, 500, 900), RoundStarted(1, 500, 900)]
    steps = [kind for kind in get_args(Step) if not kind.__match_args__]
    assert len({kind() for kind in steps}) == len(steps) > 1
