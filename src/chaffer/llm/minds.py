"""Which minds there are: built-in strategies always, language models where a provider is configured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from chaffer.conversation.minds import ModelChoice
from chaffer.dialogue.questions import SCRIPTED
from chaffer.errors import ChafferError, Code, Detail, unfit
from chaffer.negotiation.built_in import BUYERS_OWN, SELLERS_OWN, BuiltInBuyer, BuiltInSeller, strategy_named
from chaffer.negotiation.terms import RoomTerms, Seller
from chaffer.shopping.questions import RULES
from chaffer.vendors import BUILTIN

if TYPE_CHECKING:
    from chaffer.assistant.events import ChatOpened
    from chaffer.assistant.questions import SupervisorMind
    from chaffer.conversation.keys import GivenKey, KeepSealedKey
    from chaffer.dialogue.events import Bot
    from chaffer.dialogue.questions import Speaker
    from chaffer.dialogue.rules import Run
    from chaffer.llm.asking import Seat
    from chaffer.llm.catalogue import Catalogue, ProviderStatus
    from chaffer.llm.keys import KeyRing
    from chaffer.negotiation.questions import BuyerMind, SellerMind
    from chaffer.shopping.events import ThreadOpened
    from chaffer.shopping.questions import AssistantMind


@dataclass(frozen=True, slots=True)
class ModelMinds:
    """Makes minds; `builtin_chars_per_second` is the pace at which built-in agents speak, 0 for at once."""

    catalogue: Catalogue
    builtin_chars_per_second: float
    keys: KeyRing

    async def buyer(self, terms: RoomTerms) -> BuyerMind:
        """Return the mind of a room's buyer. Raises LLM_PROVIDER_DISABLED, VALIDATION_ERROR."""
        mind = terms.buyer.mind
        if mind.provider == BUILTIN:
            return BuiltInBuyer(mind.model or BUYERS_OWN, self.builtin_chars_per_second)
        from chaffer.llm.negotiators import ModelBuyer  # noqa: PLC0415  Prompts and wires only where a model speaks.

        return ModelBuyer(await self.seat(terms.session_id, terms.room_id, mind))

    async def seller(self, terms: RoomTerms, seller: Seller) -> SellerMind:
        """Return the mind of a room's seller. Raises LLM_PROVIDER_DISABLED, VALIDATION_ERROR."""
        mind = seller.mind
        if mind.provider == BUILTIN:
            strategy = mind.model or SELLERS_OWN[seller.priority]
            return BuiltInSeller(strategy, self.builtin_chars_per_second)
        from chaffer.llm.negotiators import ModelSeller  # noqa: PLC0415

        return ModelSeller(await self.seat(terms.session_id, terms.room_id, mind))

    async def check(self, mind: ModelChoice, key: str | None) -> None:
        """Raise the fault of a mind that cannot be asked now, with the key that came with the request if one did."""
        if mind.provider == BUILTIN:
            if mind.model is not None:
                strategy_named(mind.model)
            return
        status = await self.catalogue.status(mind.provider, key)
        if status.fault is not None:
            raise status.fault
        model = self.catalogue.model(mind.provider, mind.model)
        self.catalogue.caps.check(mind.provider, model)
        if mind.model is not None and self.catalogue.provider(mind.provider).lists_all:
            _must_be_listed(mind.provider, model, status)

    def keep(self, session_id: str, keys: Sequence[GivenKey]) -> tuple[KeepSealedKey, ...]:
        """Keep the keys that came with a session's request, and return what is to be written with the session."""
        return tuple(
            sealed
            for given in keys
            for sealed in self.keys.keep(
                session_id,
                given.slot,
                given.provider,
                self._host_of(given.provider, given.model),
                given.secret.reveal(),
            )
        )

    def forget(self, session_id: str) -> None:
        """Forget a session's keys."""
        self.keys.forget(session_id)

    def _host_of(self, provider: str, model: str | None) -> str:
        from chaffer.llm.keys import host_of  # noqa: PLC0415  Only where a request bore a key.

        return host_of(provider, self.catalogue.model(provider, model), self.catalogue.provider(provider).base_url)

    async def kept_key(self, session_id: str, mind: ModelChoice) -> str | None:
        """Return the key that came with a request for this mind; None where none did. Raises LLM_PROVIDER_DISABLED."""
        if mind.key_slot is None:
            return None
        host = self._host_of(mind.provider, mind.model)
        return await self.keys.get(session_id, mind.key_slot, mind.provider, host)

    async def seat(self, session_id: str, conversation_id: str, mind: ModelChoice) -> Seat:
        """Return where a model sits, on that account. Raises LLM_PROVIDER_DISABLED, VALIDATION_ERROR."""
        from chaffer.llm.asking import Seat  # noqa: PLC0415
        from chaffer.llm.requests import Account  # noqa: PLC0415

        model = self.catalogue.model(mind.provider, mind.model)
        choice = replace(mind, model=model)
        account = Account(session_id, conversation_id)
        key = await self.kept_key(session_id, mind)
        gateway, patience = self.catalogue.provider(mind.provider), self.catalogue.patience
        window = self.catalogue.context_tokens(mind.provider, model)
        return Seat(gateway, choice, account, patience, window, gateway.retried, key)


@dataclass(frozen=True, slots=True)
class _Cast:
    """What makers of minds share whose built-in mind is one alone: `_own` is its name, `_role` what it is."""

    minds: ModelMinds
    _own: ClassVar[str]
    _role: ClassVar[str]

    async def check(self, mind: ModelChoice, key: str | None) -> None:
        """Raise the fault of a mind that cannot be asked now, with the key that came with the request if one did."""
        if mind.provider != BUILTIN:
            await self.minds.check(mind, key)
        elif mind.model not in {None, self._own}:
            issue = f"must be {self._own!r} or left out: {BUILTIN} has no other {self._role}"
            raise unfit(Detail("llm_config.model", issue))

    async def kept_key(self, session_id: str, mind: ModelChoice) -> str | None:
        """Return the key that a conversation has for a mind; None where it has none. Raises LLM_PROVIDER_DISABLED."""
        return await self.minds.kept_key(session_id, mind)

    def keep(self, session_id: str, keys: Sequence[GivenKey]) -> tuple[KeepSealedKey, ...]:
        """Keep the keys that came with a request, and return what is to be written with the conversation it opens."""
        return self.minds.keep(session_id, keys)

    def forget(self, session_id: str) -> None:
        """Forget a conversation's keys."""
        self.minds.forget(session_id)


class ModelSpeakers(_Cast):
    """Makes the minds of runs' bots."""

    __slots__ = ()
    _own = SCRIPTED
    _role = "speaker"

    async def speaker(self, run: Run, index: int, bot: Bot) -> Speaker:
        """Return the mind of a bot. Raises LLM_PROVIDER_DISABLED, VALIDATION_ERROR."""
        del index
        if bot.mind.provider == BUILTIN:
            from chaffer.dialogue.built_in import BuiltInSpeaker  # noqa: PLC0415  Its words only where they are said.

            return BuiltInSpeaker(self.minds.builtin_chars_per_second)
        from chaffer.llm.speakers import ModelSpeaker  # noqa: PLC0415  As above.

        run_id = run.terms.run_id
        return ModelSpeaker(await self.minds.seat(run_id, run_id, bot.mind))


class ModelAssistants(_Cast):
    """Makes the minds of shoppers' assistants."""

    __slots__ = ()
    _own = RULES
    _role = "assistant"

    async def assistant(self, terms: ThreadOpened) -> AssistantMind:
        """Return the mind of a thread's assistant. Raises LLM_PROVIDER_DISABLED, VALIDATION_ERROR."""
        from chaffer.shopping.built_in import BuiltInAssistant  # noqa: PLC0415  As above.

        plain = BuiltInAssistant(self.minds.builtin_chars_per_second)
        if terms.mind.provider == BUILTIN:
            return plain
        from chaffer.llm.shopping_assistant import ModelAssistant  # noqa: PLC0415  As above.

        return ModelAssistant(await self.minds.seat(terms.session_id, terms.session_id, terms.mind), plain)


class ModelSupervisors(_Cast):
    """Makes the minds behind the supervisor chat."""

    __slots__ = ()
    _own = RULES
    _role = "assistant"

    async def supervisor(self, terms: ChatOpened, turn: int) -> SupervisorMind:
        """Return the mind of a conversation for a turn. Raises LLM_PROVIDER_DISABLED, VALIDATION_ERROR."""
        if terms.mind.provider == BUILTIN:
            return self.plain()
        from chaffer.llm.supervisor import ModelSupervisor  # noqa: PLC0415  As above.

        chat_id = terms.conversation_id
        # Caps on a room are caps on a turn: a conversation goes on for ever.
        return ModelSupervisor(await self.minds.seat(chat_id, f"{chat_id}/{turn}", terms.mind), self.plain())

    def plain(self) -> SupervisorMind:
        """Return the built-in mind."""
        from chaffer.assistant.built_in import BuiltInSupervisor  # noqa: PLC0415  As above.

        return BuiltInSupervisor(self.minds.builtin_chars_per_second)


def _must_be_listed(provider: str, model: str, status: ProviderStatus) -> None:
    if model in status.models or not status.models:
        return
    known = ", ".join(status.models[:20])
    raise ChafferError(
        Code.VALIDATION_ERROR,
        f"{provider} has no model {model!r}; it lists {known}. Load it, or name one of these.",
        details=(Detail("llm_config.model", f"must be one of {known}"),),
    )
