"""How long threads of the shopping assistant and chats stay after their last word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from chaffer.bootstrap import Chaffer
from tests.support.houses import House, keep_house
from tests.support.server import posted


@dataclass(frozen=True)
class Surface:
    """A surface whose conversations go on for ever: how something is said there, and the setting of its retention."""

    path: str
    says: str
    id: str
    setting: str
    default_days: int

    async def say(self, house: House, conversation_id: str | None = None) -> str:
        """Say something and await the answer; return the conversation's id."""
        more = {} if conversation_id is None else {self.id: conversation_id}
        told = await posted(house.client, self.path, {self.says: "a laptop for at most 900", **more})
        spoken_in = str(told[self.id])
        await house.chaffer.engine.join(spoken_in)
        return spoken_in


SHOPPING: Final = Surface("/api/shopping", "query", "session_id", "shopping_retention_days", 30)
CHAT: Final = Surface("/api/chat", "message", "conversation_id", "chat_retention_days", 0)
both = pytest.mark.parametrize("surface", [SHOPPING, CHAT], ids=["shopping", "chat"])


@both
def test_one_goes_when_nothing_was_said_in_it_for_its_days(tmp_path: Path, surface: Surface) -> None:
    """CONTRACT §2, Retention: `SHOPPING_RETENTION_DAYS`, `CHAT_RETENTION_DAYS`."""

    async def case(house: House, _: Chaffer) -> None:
        quiet, spoken_in = await surface.say(house), await surface.say(house)
        await house.after(days=5)
        await surface.say(house, spoken_in)
        assert await house.has(quiet)
        await house.after(seconds=1)
        assert not await house.has(quiet)
        await house.after(days=5, seconds=-1)
        assert await house.has(spoken_in)
        await house.after(seconds=1)
        assert not await house.has(spoken_in)

    keep_house(tmp_path, case, **{surface.setting: 5})


@both
def test_unless_it_is_set_threads_stay_for_30_days_and_chats_for_ever(tmp_path: Path, surface: Surface) -> None:
    async def case(house: House, _: Chaffer) -> None:
        conversation = await surface.say(house)
        await house.after(days=surface.default_days or 9_999)
        assert await house.has(conversation)
        await house.after(seconds=1)
        assert await house.has(conversation) is (surface.default_days == 0)

    keep_house(tmp_path, case)


def test_one_in_which_something_is_said_while_others_are_removed_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def case(house: House, chaffer: Chaffer) -> None:
        spoken_in, quiet = await CHAT.say(house), await CHAT.say(house)
        delete = chaffer.journal.delete

        async def speak_then_delete(ids: Sequence[str]) -> None:
            await CHAT.say(house, spoken_in)
            await delete(ids)

        monkeypatch.setattr(chaffer.journal, "delete", speak_then_delete)
        await house.after(days=6)
        assert not await house.has(quiet)
        assert await house.has(spoken_in)

    keep_house(tmp_path, case, chat_retention_days=5)
