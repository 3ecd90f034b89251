"""What is asked of the chat and of conversations, as JSON documents."""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from chaffer.assistant.events import Line, Role
from chaffer.assistant.titles import LONGEST_TITLE
from chaffer.validation import Document, LlmConfig, Seed, UserName, misplaced, printable, visible

LONGEST_MESSAGE: Final = 10_000
LONGEST_HISTORY: Final = 200

Words = Annotated[str, Field(min_length=1, max_length=LONGEST_MESSAGE), AfterValidator(visible)]
Id = Annotated[str, Field(min_length=1, max_length=100)]
Title = Annotated[str, Field(min_length=1, max_length=LONGEST_TITLE), AfterValidator(printable)]


class HistoryLine(Document):
    """Something that was said before, elsewhere."""

    role: Literal["user", "assistant"]
    content: Words

    def line(self) -> Line:
        """Return it as a line of the conversation."""
        return Line(Role(self.role), self.content)


class ChatMessage(Document):
    """What a person says. Without a conversation one is begun; only then `history` and a model can be given.

    The stored conversation is the history of one that is named: what is sent beside it is not believed.
    """

    message: Words
    conversation_id: Id | None = None
    user_id: UserName | None = None
    history: Annotated[list[HistoryLine], Field(default_factory=list, max_length=LONGEST_HISTORY)]
    llm_config: LlmConfig | None = None
    seed: Seed | None = None

    @model_validator(mode="after")
    def _begins_or_goes_on(self) -> Self:
        if self.conversation_id is not None:
            for name in ("llm_config", "seed"):
                if getattr(self, name) is not None:
                    raise misplaced(name, "holds for a whole conversation: give it when that is begun")
        return self


class NewConversation(Document):
    """A conversation that begins without words."""

    user_id: UserName | None = None
    title: Title | None = None
    llm_config: LlmConfig | None = None
    seed: Seed | None = None


class ConversationPatch(Document):
    """What is to be different about a conversation."""

    title: Title | None = None
    pinned: bool | None = None


class ApprovalReply(Document):
    """Whether a tool may be called; `tool_call_id` is that of the frame that asked."""

    conversation_id: Id
    user_id: UserName | None = None
    tool_call_id: Id
    approve: Annotated[bool, Field(strict=True)]


class StopOrder(Document):
    """A conversation whose answer is to be left off."""

    conversation_id: Id
    user_id: UserName | None = None
