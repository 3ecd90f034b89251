"""Conversations over HTTP: open, look, list, search, rename, pin, export, delete."""

from __future__ import annotations

from typing import Annotated

from fastapi import Body, Query, Response
from pydantic import AfterValidator, Field

from chaffer.api.chat.dependencies import MyChats, named_in
from chaffer.api.chat.documents import conversation_begun, conversation_summary, message_list
from chaffer.api.chat.examples import PIN, TITLE
from chaffer.api.chat.looking import look_at
from chaffer.api.chat.schemas import (
    ConversationDeleted,
    ConversationList,
    ConversationState,
    ConversationSummary,
    MessageList,
)
from chaffer.api.dependencies import After, Calling, PageSize, Running
from chaffer.api.downloads import FILE, Form, download
from chaffer.api.idempotency import Creating, documented
from chaffer.api.problems import problems
from chaffer.api.routing import routes_under
from chaffer.assistant.plan import ConversationPatch, NewConversation
from chaffer.assistant.visibility import chat_sight
from chaffer.conversation.views import OPERATOR, view_for
from chaffer.errors import Code
from chaffer.exports.chat_export import chat_export
from chaffer.exports.exporter import chat_file
from chaffer.validation import visible

router = routes_under("/api/conversations", "conversations")

_NAMED = problems(Code.VALIDATION_ERROR, Code.CONVERSATION_NOT_FOUND)
Before = Annotated[Annotated[int, Field(ge=0)] | None, Query(description="`next_before` of the page behind it.")]
Words = Annotated[
    Annotated[str, Field(min_length=1, max_length=200), AfterValidator(visible)] | None,
    Query(description="Words, all of which stand in its title and messages together."),
]


@router.get("", summary="List conversations", responses=problems(Code.VALIDATION_ERROR))
async def list_conversations(
    chats: MyChats, limit: PageSize = 50, after: After = None, query: Words = None
) -> ConversationList:
    """List conversations, pinned ones first, then those with the newest message; with `query`, search in them."""
    page = await chats.list_chats(query=query, limit=limit, after=after)
    return ConversationList(
        conversations=[conversation_summary(found) for found in page.chats], next_after=page.next_after
    )


@router.post(
    "",
    summary="Open a conversation",
    **documented(ConversationSummary),
    responses=problems(
        Code.VALIDATION_ERROR,
        Code.LLM_PROVIDER_DISABLED,
        Code.INVALID_API_KEY,
        Code.LLM_BAD_GATEWAY,  # Not those of a provider that is away: the built-in mind answers until it is back.
        Code.CONFLICT,
        Code.IDEMPOTENCY_KEY_REUSED,
    ),
)
async def open_conversation(
    new: Annotated[NewConversation, Body(openapi_examples=TITLE)],
    creating: Creating,
    chaffer: Running,
    chats: MyChats,
    caller: Calling,
) -> Response:
    """Open a conversation before anything is said; `POST /api/chat/stream` does so by itself."""
    mine = named_in(chats, caller, new.user_id)
    owner = mine.scope or caller.owner()
    return await creating.once(
        owner,
        chaffer.possessions.beginning(caller, 0, kept=1),
        lambda keep: mine.open(new, owner=owner, remember=keep),
        conversation_begun,
    )


@router.get(
    "/{conversation_id}/export.{form}",
    summary="Export a conversation",
    response_class=Response,
    responses=_NAMED | FILE,
)
async def export(conversation_id: str, form: Form, chats: MyChats) -> Response:
    """Return a conversation as a file.

    Markdown and PDF are transcripts, CSV has a row for every message, JSON has all, what tools returned too.
    """
    live = await chats.chat(conversation_id)
    return download(await chat_file(chat_export(view_for(OPERATOR, live.feed.records, chat_sight)), form))


@router.get("/{conversation_id}", summary="Look at a conversation", responses=_NAMED)
async def look(
    conversation_id: str, chaffer: Running, chats: MyChats, limit: PageSize = 50, before: Before = None
) -> ConversationState:
    """Return a conversation with its last messages, what waits for your approval, and the negotiations that go on."""
    return await look_at(chats, chaffer.news, conversation_id, chaffer.now(), limit=limit, before=before)


@router.patch("/{conversation_id}", summary="Rename or pin a conversation", responses=_NAMED | problems(Code.CONFLICT))
async def change(
    conversation_id: str,
    patch: Annotated[ConversationPatch, Body(openapi_examples=PIN)],
    chaffer: Running,
    chats: MyChats,
    caller: Calling,
) -> ConversationSummary:
    """Give a conversation a title, or pin it above the others; what is left out stays."""
    async with chaffer.possessions.storing(caller):
        return conversation_summary(await chats.change(conversation_id, patch))


@router.delete("/{conversation_id}", summary="Delete a conversation", responses=_NAMED)
async def delete(conversation_id: str, chats: MyChats) -> ConversationDeleted:
    """Delete a conversation with all that was said. What was bought stays, and negotiations go on."""
    await chats.delete(conversation_id)
    return ConversationDeleted(id=conversation_id, message="The conversation was deleted.")


@router.get("/{conversation_id}/messages", summary="Page through messages", responses=_NAMED)
async def messages(conversation_id: str, chats: MyChats, limit: PageSize = 50, before: Before = None) -> MessageList:
    """Return the last messages, or the last before a number, in the order in which they were said."""
    return message_list(await chats.messages(conversation_id, limit=limit, before=before))
