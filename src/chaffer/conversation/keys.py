"""Keys that came with a request: what they are while they live, and what a store keeps of one, sealed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NoReturn, Protocol

from chaffer.conversation.journal import Effect
from chaffer.conversation.minds import ModelChoice

_MASK: Final = "********"
_LANGCHAIN: Final = "langchain"
"""The one provider that reaches many vendors: a key is for one of them."""


class Secret:
    """A text that is shown only to who asks for it by name: no repr, format, pickle or copy of it holds the text."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        """Hide a text."""
        self._text = text

    def reveal(self) -> str:
        """Return the text."""
        return self._text

    def __repr__(self) -> str:
        """Return a mask."""
        return _MASK

    def __reduce__(self) -> NoReturn:
        """Raise TypeError: what is pickled or deeply copied ends where nobody looks after it."""
        msg = "A secret is neither pickled nor copied."
        raise TypeError(msg)


@dataclass(frozen=True, slots=True)
class GivenKey:
    """A key that came with a request, for one provider; the journal names its slot and nothing else of it.

    `model` is that of the configuration it came with, None for the configured one.
    """

    slot: str
    provider: str
    secret: Secret
    model: str | None = None


def vendor_behind(provider: str, model: str | None) -> str:
    """Return who is sent the key of a model, where that is not its provider alone: `openai` of `openai:gpt-4.1-mini`.

    Empty where the provider says it all, and where the model is left to the settings.
    """
    return model.partition(":")[0] if provider == _LANGCHAIN and model is not None else ""


@dataclass(frozen=True, slots=True)
class KeepSealedKey(Effect):
    """Keep a key for a session, sealed so that the store cannot read it, until the session is deleted.

    `slot` names whose key it is, and is no secret. It takes the place of the one that was kept there before.
    """

    session_id: str
    slot: str
    provider: str
    ciphertext: bytes = field(repr=False)


class MindsAndKeys(Protocol):
    """What minds are had by: whether one can be asked, and the keys that came for it with a request."""

    async def check(self, mind: ModelChoice, key: str | None) -> None:
        """Raise the fault of a mind that cannot be asked now; `key` is the one that came with the request."""
        ...

    async def kept_key(self, session_id: str, mind: ModelChoice) -> str | None:
        """Return the key that a conversation has for a mind, or None. Raises ChafferError when it is gone."""
        ...

    def keep(self, session_id: str, keys: Sequence[GivenKey]) -> Sequence[Effect]:
        """Keep the keys that came with a request, and return what is to be written with what it begins."""
        ...

    def forget(self, session_id: str) -> None:
        """Forget the keys of a conversation, and of all that belongs to it."""
        ...


class SealedKeys(Protocol):
    """Where sealed keys are kept."""

    async def find_sealed_key(self, session_id: str, slot: str, provider: str) -> bytes | None:
        """Return what is kept of a key, or None."""
        ...
