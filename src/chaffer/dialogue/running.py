"""How the engine runs runs: the minds of the bots, and what is due when a run breaks or ends."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from chaffer.conversation.keys import MindsAndKeys
from chaffer.conversation.late_flows import imported_flow
from chaffer.conversation.live import LiveConversation
from chaffer.dialogue.commands import EndRun
from chaffer.dialogue.events import Bot, RunStatus
from chaffer.dialogue.rules import Run
from chaffer.errors import Code

if TYPE_CHECKING:
    from chaffer.dialogue.questions import Speaker


class Speakers(MindsAndKeys, Protocol):
    """Where the minds of bots come from."""

    async def speaker(self, run: Run, index: int, bot: Bot) -> Speaker:
        """Return the mind of a bot for a turn. Raises ChafferError when it cannot be had here."""
        ...


@dataclass(frozen=True, slots=True)
class RunFlow:
    """Runs runs, as the engine asks."""

    speakers: Speakers

    async def run(self, live: LiveConversation) -> None:
        """Run it from where it stands to its end."""
        flow = await asyncio.to_thread(imported_flow, "chaffer.dialogue.flow")
        await flow.talk_to_the_end(flow.Talk(live, self.speakers.speaker))

    async def fail(self, live: LiveConversation) -> None:
        """End the run as an error, because its flow broke."""
        reason = "Something broke on our side; the server's log tells what."
        await live.submit(EndRun(RunStatus.ERROR, reason, Code.INTERNAL_ERROR.value), as_owner=True)

    async def ended(self, live: LiveConversation) -> None:
        """Forget the keys that came with the run: nobody is asked any more. All else is in its journal."""
        self.speakers.forget(live.conversation_id)
