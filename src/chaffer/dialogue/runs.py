"""The use cases of runs: what a person or a program can ask, whatever the surface."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import msgspec

from chaffer.conversation.beginning import begin
from chaffer.conversation.engine import Engine
from chaffer.conversation.journal import ConversationGoneError, Journal, Opening, Page, RememberAnswer
from chaffer.conversation.keys import GivenKey, Secret
from chaffer.conversation.live import LiveConversation
from chaffer.conversation.mentions import folded
from chaffer.conversation.minds import ModelChoice
from chaffer.conversation.owned import find_owned, submitted
from chaffer.dialogue.commands import AskStop, EndRun, PatchBot, SayBetween
from chaffer.dialogue.events import RUN, Bot, BotPatched, PersonSpoke, RunStarted, RunStatus
from chaffer.dialogue.plan import BotConfig, BotPatch, RunCreate
from chaffer.dialogue.rules import STOPPED, Run, decide
from chaffer.dialogue.running import Speakers
from chaffer.errors import ChafferError, Code, Detail, unfit
from chaffer.ids import new_id
from chaffer.vendors import KEYLESS

OWNER_SECONDS: Final = 8.0
"""How long a run that another process runs is left to that process to be ended: it looks twice a second."""


@dataclass(frozen=True, slots=True)
class RunDefaults:
    """What a plan that is silent gets, from the settings. `max_turns` is the most that a run may have."""

    provider: str
    temperature: float
    max_tokens: int
    max_turns: int


@dataclass(frozen=True, slots=True)
class Runs:
    """The use cases over their parts. `scope` is the owner whose runs alone are there; None for everybody's."""

    journal: Journal
    engine: Engine
    speakers: Speakers
    defaults: RunDefaults
    now: Callable[[], datetime]
    scope: str | None = None

    def of(self, scope: str | None) -> Runs:
        """Return the use cases narrowed to one owner's runs; of None, to none."""
        return replace(self, scope=scope)

    async def start(
        self, plan: RunCreate, *, owner: str, remember: Callable[[RunStarted], RememberAnswer] | None = None
    ) -> RunStarted:
        """Begin a run, and return how it began; it goes on apart from this call.

        Raises VALIDATION_ERROR, and the fault of a model provider that cannot be reached.
        """
        if plan.max_turns > self.defaults.max_turns:
            raise unfit(Detail("max_turns", f"must be at most {self.defaults.max_turns}; got {plan.max_turns}"))
        bots = [_bot(config, index, self.defaults) for index, config in enumerate(plan.bots)]
        if folded(bots[0].name) == folded(bots[1].name):
            raise unfit(Detail("bots[1].name", "must differ from the other bot's"))
        keys = [
            _key(config.api_key, index, bot.mind)
            for index, (config, bot) in enumerate(zip(plan.bots, bots, strict=True))
        ]
        for index, (bot, key) in enumerate(zip(bots, keys, strict=True)):
            await self._check(bot.mind, None if key is None else key.secret.reveal(), f"bots[{index}]")
        started = RunStarted(
            run_id=new_id(),
            owner=owner,
            topic=plan.topic,
            max_turns=plan.max_turns,
            bots=(bots[0], bots[1]),
            seed=secrets.randbits(53) if plan.seed is None else plan.seed,
            started_at=self.now(),
        )
        opening = Opening(started.run_id, RUN, owner, (started,), RunStatus.RUNNING.value)
        kept = () if remember is None else (remember(started),)
        given = [key for key in keys if key is not None]
        await begin(self.journal, self.speakers, [opening], started.started_at, given, kept)
        await self.engine.start(started.run_id)
        return started

    async def run(self, run_id: str) -> LiveConversation:
        """Return a run. Raises RUN_NOT_FOUND."""
        live = await find_owned(self.journal, self.engine, run_id, kind=RUN, scope=self.scope)
        if live is None:
            raise _no_run(run_id)
        return live

    async def list_runs(
        self, *, owner: str | None, limit: int, after: str | None
    ) -> tuple[Page, list[LiveConversation]]:
        """Return a page of runs, newest first, each as it stands; within a scope, that owner's."""
        whose = owner if self.scope is None else self.scope
        page = await self.journal.list(RUN, owner=whose, limit=limit, after=after)
        runs = []
        for head in page.heads:
            with suppress(ConversationGoneError):  # deleted since the page was read
                runs.append(await self.engine.open(head.conversation_id))
        return page, runs

    async def patch(self, run_id: str, index: int, patch: BotPatch) -> BotPatched:
        """Change a bot from its next turn on, and return how it will be.

        Raises RUN_NOT_FOUND, CONFLICT when the run is over, VALIDATION_ERROR, and the fault of a model that cannot be
        asked.
        """
        live = await self.run(run_id)

        def changed(bot: Bot) -> Bot:
            return _patched(bot, patch, index, self.defaults)

        decide(live.state, PatchBot(index, changed))  # What the rules refuse asks no provider and replaces no key.
        bot = changed(live.state.bot(index))
        key = _key(patch.api_key, index, bot.mind)
        if {"provider", "model", "api_key"} & patch.model_fields_set:
            given = await self.speakers.kept_key(run_id, bot.mind) if key is None else key.secret.reveal()
            await self._check(bot.mind, given, "")
        effects = self.speakers.keep(run_id, [key]) if key is not None else ()
        try:
            (record,) = await submitted(live, PatchBot(index, changed, tuple(effects)), _no_run)
        finally:
            if not live.state.is_open:
                self.speakers.forget(run_id)
        patched: BotPatched = record.event
        return patched

    async def say(
        self, run_id: str, text: str, name: str, *, remember: Callable[[PersonSpoke], RememberAnswer] | None = None
    ) -> PersonSpoke:
        """Put a person's sentence between the bots. Raises RUN_NOT_FOUND, CONFLICT when the run is over."""
        live = await self.run(run_id)
        (record,) = await submitted(live, SayBetween(new_id(), name, text, remember), _no_run)
        spoke: PersonSpoke = record.event
        return spoke

    async def stop(self, run_id: str) -> Run:
        """End a run where it stands, what is being said included, and return it; a run that is over stays as it is.

        By then the connection to the model is closed. Raises RUN_NOT_FOUND.
        """
        live = await self.run(run_id)
        live.halt()
        if live.state.is_open and not await self.engine.start(run_id):
            await _ask_owner(live)
        await self.engine.join(run_id)
        # Changes nothing where its flow has ended it.
        await submitted(live, EndRun(RunStatus.CANCELLED, STOPPED), _no_run)
        ended: Run = live.state
        return ended

    async def delete(self, run_id: str) -> None:
        """Stop a run, close its streams and free what it takes. Raises RUN_NOT_FOUND."""
        await self.stop(run_id)
        await self.journal.delete([run_id])
        self.speakers.forget(run_id)
        await self.engine.forget(run_id)

    async def _check(self, mind: ModelChoice, key: str | None, place: str) -> None:
        """Raise the fault of a mind that cannot be asked now, its fields named as they stand in the request."""
        try:
            await self.speakers.check(mind, key)
        except ChafferError as fault:
            details = tuple(
                Detail(".".join(filter(None, (place, wrong.field.removeprefix("llm_config").strip(".")))), wrong.issue)
                for wrong in fault.details
            )
            raise ChafferError(
                fault.code, fault.message, details=details, retry_after_seconds=fault.retry_after_seconds
            ) from None


def _bot(config: BotConfig, index: int, defaults: RunDefaults) -> Bot:
    provider = config.provider or defaults.provider
    mind = ModelChoice(
        provider=provider,
        model=config.model,
        temperature=defaults.temperature if config.temperature is None else config.temperature,
        max_tokens=defaults.max_tokens if config.max_tokens is None else config.max_tokens,
        key_slot=_slot(index) if config.api_key is not None and provider not in KEYLESS else None,
    )
    return Bot(config.name or f"Bot {index + 1}", config.prompt, mind)


def _patched(bot: Bot, patch: BotPatch, index: int, defaults: RunDefaults) -> Bot:
    """Return the bot as the patch makes it; with another provider, model and key do not stay."""
    mind = bot.mind
    if patch.provider not in {None, mind.provider}:
        mind = replace(mind, provider=patch.provider or defaults.provider, model=None, key_slot=None)
    if "model" in patch.model_fields_set:
        mind = replace(mind, model=patch.model)
    if patch.api_key is not None and mind.provider not in KEYLESS:
        mind = replace(mind, key_slot=_slot(index))
    if patch.temperature is not None:
        mind = replace(mind, temperature=patch.temperature)
    if patch.max_tokens is not None:
        mind = replace(mind, max_tokens=patch.max_tokens)
    prompt = bot.prompt if patch.prompt is None else patch.prompt
    return msgspec.structs.replace(bot, name=patch.name or bot.name, prompt=prompt, mind=mind)


def _slot(index: int) -> str:
    return f"bot{index}"


def _key(text: str | None, index: int, mind: ModelChoice) -> GivenKey | None:
    if text is None or mind.key_slot is None:
        return None
    return GivenKey(_slot(index), mind.provider, Secret(text), mind.model)


async def _ask_owner(live: LiveConversation) -> None:
    """Have the process that runs it stop it, and wait for that; one that is dead or stands still does not answer."""
    await submitted(live, AskStop(), _no_run)
    with suppress(TimeoutError):
        async with asyncio.timeout(OWNER_SECONDS):
            await live.wait_until_over()


def _no_run(run_id: str) -> ChafferError:
    return ChafferError(
        Code.RUN_NOT_FOUND,
        f"There is no run {run_id!r}; it may have been deleted or have expired. GET /api/runs lists the runs.",
    )
