"""A run as JSON documents: the body of `POST /api/run`, and of the call that changes a bot."""

from __future__ import annotations

from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, model_validator

from chaffer.conversation.mentions import folded
from chaffer.validation import (
    ApiKey,
    Document,
    MaxTokens,
    ModelName,
    ProviderName,
    Seed,
    Temperature,
    UserName,
    misplaced,
    printable,
    visible,
)

LONGEST_TOPIC: Final = 4_000
LONGEST_PROMPT: Final = 20_000
LONGEST_SENTENCE: Final = 1_000
MOST_TURNS: Final = 1_000
"""No setting raises the turns of a run above this."""


Name = Annotated[str, Field(min_length=1, max_length=50), AfterValidator(printable)]
Topic = Annotated[str, Field(min_length=1, max_length=LONGEST_TOPIC), AfterValidator(visible)]
Prompt = Annotated[str, Field(max_length=LONGEST_PROMPT), AfterValidator(lambda text: visible(text) if text else text)]
Sentence = Annotated[str, Field(min_length=1, max_length=LONGEST_SENTENCE), AfterValidator(visible)]


class BotConfig(Document):
    """A bot; what is left out comes from the settings. The prompt is given to its model as the system prompt."""

    name: Name | None = None
    provider: ProviderName | None = None
    model: ModelName | None = None
    prompt: Prompt = ""
    temperature: Temperature | None = None
    max_tokens: MaxTokens | None = None
    api_key: ApiKey | None = Field(default=None, repr=False)


class RunCreate(Document):
    """Two bots and what they are to talk about. Turns count both bots' messages."""

    topic: Topic
    max_turns: Annotated[int, Field(ge=1, le=MOST_TURNS, strict=True)] = 10
    bots: Annotated[list[BotConfig], Field(min_length=2, max_length=2)]
    seed: Seed | None = None
    user_id: UserName | None = None

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        first, second = (bot.name for bot in self.bots)
        if first is not None and second is not None and folded(first) == folded(second):
            where = "bots[1].name"
            raise misplaced(where, "must differ from the other bot's")
        return self


class BotPatch(Document):
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


class Interjection(Document):
    """A sentence that a person puts between the bots."""

    text: Sentence
    name: Name = "Someone"
