"""What a feature asks of whatever runs its flows."""

from __future__ import annotations

from typing import Any, Protocol


class Engine(Protocol):
    """Runs flows apart from any request, one owner a conversation."""

    async def open(self, conversation_id: str) -> Any:  # noqa: ANN401  A LiveConversation of the caller's own kind.
        """Return the live conversation, the same object for all callers of this process. Raises ConversationGone."""
        ...

    async def start(self, conversation_id: str) -> bool:
        """Run the conversation's flow in this process; False when another process owns it. Running twice is once."""
        ...

    async def join(self, conversation_id: str) -> None:
        """Wait until the conversation's flow no longer runs in this process."""
        ...

    async def forget(self, conversation_id: str) -> None:
        """Stop the flow if one runs, close the streams, and drop the conversation from memory."""
        ...

    def is_followed(self, conversation_id: str) -> bool:
        """Tell whether somebody follows the conversation in this process."""
        ...
