"""The one seam to intelligence: a policy is asked a typed question and replies, saying its prose meanwhile."""

from __future__ import annotations

from typing import Protocol, TypeVar

QuestionT_contra = TypeVar("QuestionT_contra", contravariant=True)
ReplyT_co = TypeVar("ReplyT_co", covariant=True)


class Voice(Protocol):
    """Where a policy says its prose while it is being generated.

    A reply may have several messages, numbered 0, 1, …: each is addressed before its first word is said.
    """

    def address(self, message: int, hearers: frozenset[str]) -> None:
        """Name the agents, by id, who may hear that message; before this only its speaker's side does."""
        ...

    def say(self, message: int, delta: str) -> None:
        """Add text to that message. What is said is seen at once and cannot be taken back, only restarted."""
        ...

    def restart(self) -> None:
        """Begin a new attempt: readers drop what was said so far in this turn."""
        ...


class Policy(Protocol[QuestionT_contra, ReplyT_co]):
    """An agent's mind: rules, a model, a recording."""

    async def ask(self, question: QuestionT_contra, voice: Voice) -> ReplyT_co:
        """Answer the question, saying the reply's prose to `voice` as it comes. Raises ChafferError on a fault."""
        ...
