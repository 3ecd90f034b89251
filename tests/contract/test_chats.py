"""Conversations with the assistant as lists show them: their order, their pages, their messages, and no others'."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from chaffer.assistant.events import Role
from chaffer.assistant.indexing import IndexChat, Indexed, IndexMessage, IndexPage, PinIndexed, RetitleChat
from chaffer.conversation.journal import Effect, EffectRefusedError, PositionConflictError
from chaffer.errors import ChafferError, Code
from chaffer.storage.chats import in_order
from chaffer.storage.memory import MemoryStore
from tests.contract.stores import START, Place, Store, account, adding, opening, purchase


async def opened(store: Store, name: str, *said: str, owner: str = "ann", title: str = "", minute: int = 0) -> None:
    """Open a conversation in which this was said."""
    told = (IndexChat(name, owner, title), *(message(name, number, words) for number, words in enumerate(said)))
    await store.create([opening(name, kind="chat", owner=owner)], START + timedelta(minutes=minute), told)


def message(name: str, number: int, words: str, **changes: Any) -> IndexMessage:
    """Return a message to be shown, of the person and the assistant in turn."""
    role, agent = (Role.ASSISTANT, "shopping") if number % 2 else (Role.PERSON, "")
    return IndexMessage(name, number, f"{name}_{number}", role, words, agent, **changes)


async def told(store: Store, name: str, *effects: Effect, minute: int = 60) -> None:
    """Append an event with effects."""
    head = await store.find(name)
    assert head is not None
    await store.append(adding(head.position, "x", to=name, at=START + timedelta(minutes=minute), effects=effects))


async def listed(store: Store, owner: str | None = "ann", **changes: Any) -> IndexPage:
    """Return a page."""
    return await store.chats.list_chats(owner, **{"query": None, "limit": 10, "after": None, **changes})


def names(found: Sequence[Indexed]) -> str:
    """Return the ids in their order."""
    return " ".join(chat.conversation_id for chat in found)


async def found(store: Store, query: str, owner: str | None = "ann") -> str:
    """Return which conversations a search finds."""
    return names((await listed(store, owner, query=query)).chats)


async def preview(store: Store, query: str) -> str:
    """Return what a search shows of the one conversation that it finds."""
    (chat,) = (await listed(store, query=query)).chats
    return chat.preview


def test_pinned_conversations_come_first_and_then_those_of_the_newest_message(place: Place) -> None:
    async def case(store: Store) -> None:
        for minute, name in enumerate("abcd"):
            await opened(store, name, "hello", minute=minute)
        assert names((await listed(store)).chats) == "d c b a"
        await told(store, "a", message("a", 1, "again"))
        await told(store, "b", PinIndexed("b", pinned=True), minute=61)
        assert names((await listed(store)).chats) == "b a d c"
        await told(store, "b", PinIndexed("b", pinned=False), minute=62)
        assert names((await listed(store)).chats) == "a d c b"

    place.run(case)


def test_a_conversation_is_shown_with_its_title_its_last_words_and_its_times(place: Place) -> None:
    async def case(store: Store) -> None:
        await opened(store, "a", title="Größe")
        assert await store.chats.find_chat("a") == Indexed(
            "a", "ann", "Größe", pinned=False, messages=0, preview="", created_at=START, updated_at=START
        )
        await told(store, "a", message("a", 0, "  a quiet\n\nkeyboard \t please " + "ä" * 200, title="Keyboards"))
        chat = await store.chats.find_chat("a")
        assert chat is not None
        assert (chat.title, chat.messages, chat.created_at) == ("Keyboards", 1, START)
        assert chat.updated_at == START + timedelta(hours=1)
        assert chat.preview == "a quiet keyboard please " + "ä" * 135 + "…"
        assert (await listed(store)).chats == [chat]
        assert await store.chats.find_chat("b") is None

    place.run(case)


def test_pages_show_every_conversation_once_though_messages_come_meanwhile(place: Place) -> None:
    async def case(store: Store) -> None:
        for minute, name in enumerate("abcdefg"):
            await opened(store, name, "hello", minute=minute)
        await told(store, "b", PinIndexed("b", pinned=True))
        first = await listed(store, limit=2)
        assert names(first.chats) == "b g"
        await told(store, "g", message("g", 1, "the last of the page moves up"))
        await told(store, "d", message("d", 1, "and so does one that was not shown"))
        second = await listed(store, limit=2, after=first.next_after)
        assert names(second.chats) == "f e"
        last = await listed(store, limit=2, after=second.next_after)
        assert (names(last.chats), last.next_after) == ("c a", None)

    place.run(case)


def test_the_first_page_may_end_among_the_pinned_and_times_may_be_the_same(place: Place) -> None:
    async def case(store: Store) -> None:
        for name in "abcde":
            await opened(store, name, "hello")
        for name in "bd":
            await told(store, name, PinIndexed(name, pinned=True))
        page = await listed(store, limit=1)
        shown = [*page.chats]
        while page.next_after is not None:
            page = await listed(store, limit=1, after=page.next_after)
            shown += page.chats
        assert names(shown) == "d b e c a"

    place.run(case)


def test_a_cursor_that_no_page_gave_is_refused(place: Place) -> None:
    async def case(store: Store) -> None:
        for after in ("", "a", "1.2", "2-1.a", "1-a.b", "1-" + "9" * 19 + ".a", "0-1"):
            with pytest.raises(ChafferError) as refused:
                await listed(store, after=after)
            assert refused.value.code is Code.VALIDATION_ERROR

    place.run(case)


def test_everybody_sees_their_own_alone(place: Place) -> None:
    async def case(store: Store) -> None:
        await opened(store, "a", "a keyboard", title="Desk")
        await opened(store, "b", "my keyboard", owner="bob", title="Bob's desk", minute=1)
        for query in (None, "keyboard", "keyb", "desk"):
            assert names((await listed(store, "ann", query=query)).chats) == "a"
            assert names((await listed(store, "bob", query=query)).chats) == "b"
            assert names((await listed(store, None, query=query)).chats) == "b a"
            assert (await listed(store, "nobody", query=query)).chats in ([], ())
        assert await found(store, "bob") == ""

    place.run(case)


def test_a_search_finds_all_words_in_title_and_messages_together_the_last_by_its_beginning(place: Place) -> None:
    async def case(store: Store) -> None:
        await opened(store, "a", "a quiet keyboard, please", "The Größe is 1.5 m: the WH-1000XM5", title="My Café desk")
        await opened(store, "b", "two mice and a keyboard", "none", minute=1)
        searches = {
            "keyboard": "b a",
            "KEYBOARDS": "b a",
            "keyb": "b a",
            "keyb quiet": "",
            "quiet keyb": "a",
            "cafe keyboard": "a",
            "Café GRÖSSE quiet": "a",
            "grosse": "a",
            "wh1000xm5": "a",
            "1.5": "a",
            "mouse": "b",
            "the": "",
            "the keyboard": "b a",
            "keyboard the": "",
            "board": "",
            "keyboard invoice": "",
            "%": "",
            "' OR 2": "",
            '"*': "",
            " ": "b a",
        }
        assert {query: await found(store, query) for query in searches} == searches

    place.run(case)


def test_a_search_goes_on_page_by_page(place: Place) -> None:
    async def case(store: Store) -> None:
        for minute, name in enumerate("abcde"):
            await opened(store, name, "none" if name == "c" else "a keyboard", minute=minute)
        first = await listed(store, query="keyboard", limit=2)
        second = await listed(store, query="keyboard", limit=2, after=first.next_after)
        assert (names(first.chats), names(second.chats), second.next_after) == ("e d", "b a", None)

    place.run(case)


def test_a_search_shows_what_stands_around_the_most_of_the_words(place: Place) -> None:
    async def case(store: Store) -> None:
        before, behind = "many words before it " * 9, " and as many behind it" * 9
        said = ("a keyboard", f"{before}\n«Quiet Keyboards» {behind}", "something quiet", "the end")
        await opened(store, "a", *said, title="On a desk")
        shown = await preview(store, "keyboard quie")
        assert shown.startswith("… words before it many words before it «Quiet Keyboards» and as many behind it and")
        assert shown.endswith("…")
        assert len(shown) <= 160
        assert await preview(store, "quiet") == "something quiet"
        assert await preview(store, "desk") == "the end"

    place.run(case)


def test_every_database_finds_and_shows_what_memory_finds_by_looking_at_everything(lasting_place: Place) -> None:
    async def case(store: Store) -> None:
        draw, memory = random.Random(7), MemoryStore()
        words = ["keyboard", "keyboards", "keys", "Café", "cafe", "1.5", "15", "wh-1000xm5", "the", "this", "mice", "…"]
        for number in range(25):
            said = [" ".join(draw.choices(words, k=4)) for _ in range(draw.randrange(4))]
            title, owner, minute = draw.choice(words), draw.choice("ab"), draw.randrange(9)
            for each in (store, memory):
                await opened(each, f"chat_{number}", *said, title=title, owner=owner, minute=minute)
        queries = [" ".join(draw.choices([*words, "ke", "caf", "t"], k=draw.randrange(1, 4))) for _ in range(60)]
        for query, whose in ((query, whose) for query in queries for whose in ("a", None)):
            page, expected = await listed(store, whose, query=query), await listed(memory, whose, query=query)
            shown = [(chat.conversation_id, chat.preview) for chat in page.chats]
            assert shown == [(chat.conversation_id, chat.preview) for chat in expected.chats], query

    lasting_place.run(case)


def test_a_conversation_is_found_by_its_title_of_now(place: Place) -> None:
    async def case(store: Store) -> None:
        await opened(store, "a", title="Keyboards")
        await told(store, "a", message("a", 0, "an offer", title="Offers"))
        assert (await found(store, "keyboard"), await found(store, "offer")) == ("", "a")
        await told(store, "a", RetitleChat("a", "Laptops"))
        assert (await found(store, "laptop"), await found(store, "offer")) == ("a", "a")
        assert (await listed(store)).chats[0].title == "Laptops"
        await told(store, "a", RetitleChat("a", ""))
        assert await found(store, "laptop") == ""

    place.run(case)


def test_what_is_deleted_is_found_no_more_and_what_stays_is(place: Place) -> None:
    async def case(store: Store) -> None:
        for name in "abc":
            await opened(store, name, "a keyboard", "yes", title="Desk")
        await store.delete(["a", "c", "unknown"])
        assert (await found(store, "keyboard"), await found(store, "desk")) == ("b", "b")
        for name, expected in {"a": 0, "b": 2, "c": 0}.items():
            assert len((await store.chats.list_messages(name, limit=9, before=None)).messages) == expected
            assert (await store.chats.find_chat(name) is not None) == bool(expected)
        await opened(store, "c", "a mouse")
        assert await found(store, "keyboard") == "b"

    place.run(case)


def test_messages_are_read_from_the_last_one_on(place: Place) -> None:
    async def case(store: Store) -> None:
        await opened(store, "a", *(f"word {number}" for number in range(7)))
        await opened(store, "b", "of another")
        page = await store.chats.list_messages("a", limit=3, before=None)
        assert [said.text for said in page.messages] == ["word 4", "word 5", "word 6"]
        assert (page.messages[1].role, page.messages[1].agent) == (Role.ASSISTANT, "shopping")
        assert (page.messages[0].message_id, page.messages[0].said_at) == ("a_4", START)
        assert page.before == 4
        page = await store.chats.list_messages("a", limit=3, before=page.before)
        assert ([said.number for said in page.messages], page.before) == ([1, 2, 3], 1)
        page = await store.chats.list_messages("a", limit=3, before=page.before)
        assert ([said.number for said in page.messages], page.before) == ([0], None)
        for name, before in (("a", 0), ("unknown", None)):
            nothing = await store.chats.list_messages(name, limit=3, before=before)
            assert (list(nothing.messages), nothing.before) == ([], None)

    place.run(case)


def test_what_was_not_appended_is_not_shown(place: Place) -> None:
    async def case(store: Store) -> None:
        await opened(store, "a", "hello")
        await store.create([opening()], START, [account()])
        with pytest.raises(PositionConflictError):
            await store.append(adding(7, "late", to="a", effects=(message("a", 1, "late"),)))
        with pytest.raises(EffectRefusedError):
            await told(store, "a", message("a", 1, "refused", title="refused"), purchase(price=10**9))
        assert await found(store, "late") == await found(store, "refused") == ""
        chat = await store.chats.find_chat("a")
        assert chat is not None
        assert (chat.messages, chat.preview, chat.updated_at) == (1, "hello", START)

    place.run(case)


def test_both_of_two_processes_see_what_one_wrote(lasting_place: Place) -> None:
    async def case(one: Store, two: Store) -> None:
        await opened(one, "a", "hello")
        await told(two, "a", message("a", 1, "a keyboard"))
        assert await found(one, "keyboard") == "a"
        await two.delete(["a"])
        assert await found(one, "keyboard") == ""

    lasting_place.run_two(case)


@pytest.mark.parametrize("said", ["' \\ \" : * & | ! <->", "\u02bctis", "\ud7ff\ufffd", "键盘 " * 3, "x" * 100_000])
def test_whatever_is_said_can_be_shown_and_what_letters_it_has_be_found(lasting_place: Place, said: str) -> None:
    async def case(store: Store) -> None:
        await opened(store, "a", said, title=said)
        await found(store, said)
        assert (await store.chats.list_messages("a", limit=1, before=None)).messages[0].text == said

    lasting_place.run(case)


def test_words_of_deleted_conversations_are_in_no_table(database_url: str, lasting_place: Place) -> None:
    async def case(store: Store) -> None:
        for name in "ab":
            await opened(store, name, "a keyboard", "yes", title="Desk")
        await store.delete(["a"])
        await told(store, "b", RetitleChat("b", "Other"))

    lasting_place.run(case)
    engine = create_engine(database_url)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT words FROM chat_words ORDER BY rowid")).scalars().all()
    engine.dispose()
    assert [[word.strip("'")[4:] for word in row.split()] for row in rows] == [
        ["other"],
        ["keyboard"],
        ["yes"],
    ]


@pytest.mark.parametrize("owner", ["ann", None])
def test_a_page_is_read_in_the_order_of_an_index(database_url: str, owner: str | None) -> None:
    """No list is sorted, and of other owners nothing is read."""
    engine = create_engine(database_url)
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":  # which reads small tables whole, unless it is told not to
            connection.execute(text("SET enable_seqscan = off"))
        query = in_order(owner, (True, 5, "a")).limit(3).compile(connection, compile_kwargs={"literal_binds": True})
        explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
        plan = " ".join(str(row) for row in connection.execute(text(f"{explain} {query}")))
    engine.dispose()
    assert ("chats_in_order" if owner is None else "chats_of_owner") in plan, plan
    assert "sort" not in plan.lower().replace("order by", "sort"), plan


def test_searches_at_once_with_appends_see_whole_conversations(lasting_place: Place) -> None:
    async def case(one: Store, two: Store) -> None:
        await opened(one, "a", "word 0")

        async def talk() -> None:
            for number in range(1, 15):
                await told(one, "a", message("a", number, f"word {number}"))

        async def look() -> None:
            for _ in range(15):
                page = await listed(two, query="word")
                assert names(page.chats) == "a"
                last = page.chats[0].messages - 1
                assert page.chats[0].preview == f"word {last}"

        await asyncio.gather(talk(), look())

    lasting_place.run_two(case)
