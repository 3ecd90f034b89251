"""A run as JSON documents: the body of `POST /api/run`, and of the call that changes a bot."""

from __future__ import annotations

from typing import Annotated, Final, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from chaffer.conversation.mentions import folded
from chaffer.validation import ProviderName, misplaced, printable

LONGEST_TOPIC: Final = 4_000
LONGEST_PROMPT: Final = 20_000
LONGEST_SENTENCE: Final = 1_000
MOST_TURNS: Final = 1_000
"""No setting raises the turns of a run above this."""


def _visible(text: str) -> str:
    if not any(sign.isprintable() and not sign.isspace() for sign in text):
        msg = "must have a visible character"
        raise ValueError(msg)
    if "\x00" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        msg = "must be Unicode text without NUL and without half characters"
        raise ValueError(msg)
    return text


Name = Annotated[str, Field(min_length=1, max_length=50), AfterValidator(printable)]
ModelName = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(printable)]
ApiKey = Annotated[str, Field(min_length=1, max_length=500)]
Topic = Annotated[str, Field(min_length=1, max_length=LONGEST_TOPIC), AfterValidator(_visible)]
Prompt = Annotated[str, Field(max_length=LONGEST_PROMPT), AfterValidator(lambda text: _visible(text) if text else text)]
Sentence = Annotated[str, Field(min_length=1, max_length=LONGEST_SENTENCE), AfterValidator(_visible)]
Temperature = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False, strict=True)]
MaxTokens = Annotated[int, Field(ge=1, le=32_000, strict=True)]


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BotConfig(_Document):
    """A bot; what is left out comes from the settings. The prompt is given to its model as the system prompt."""

    name: Name | None = None
    provider: ProviderName | None = None
    model: ModelName | None = None
    prompt: Prompt = ""
    temperature: Temperature | None = None
    max_tokens: MaxTokens | None = None
    api_key: ApiKey | None = Field(default=None, repr=False)


class RunCreate(_Document):
    """Two bots and what they are to talk about. Turns count both bots' messages."""

    topic: Topic
    max_turns: Annotated[int, Field(ge=1, le=MOST_TURNS, strict=True)] = 10
    bots: Annotated[list[BotConfig], Field(min_length=2, max_length=2)]
    seed: Annotated[int, Field(ge=0, lt=2**53, strict=True)] | None = None
    user_id: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(printable)] | None = None

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        first, second = (bot.name for bot in self.bots)
        if first is not None and second is not None and folded(first) == folded(second):
            where = "bots[1].name"
            raise misplaced(where, "must differ from the other bot's")
        return self


class BotPatch(_Document):
    """What is to change of a bot, from its next turn on; what is left out stays."""

    name: Name | None = None
    provider: ProviderName | None = None
    model: ModelName | None = None
    prompt: Prompt | None = None
    temperature: Temperature | None = None
    max_tokens: MaxTokens | None = None
    api_key: ApiKey | None = Field(default=None, repr=False)

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.model_fields_set:
            msg = "must name at least one field to change"
            raise ValueError(msg)
        emptied = next(
            (name for name in sorted(self.model_fields_set - {"model"}) if getattr(self, name) is None), None
        )
        if emptied is not None:
            raise misplaced(emptied, "must not be null; leave out what stays")
        return self


class Interjection(_Document):
    """A sentence that a person puts between the bots."""

    text: Sentence
    name: Name = "Someone"
