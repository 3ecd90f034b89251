from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from chaffer.errors import ChafferError, Code
from chaffer.shopping.catalogue.searching import Constraints
from chaffer.shopping.events import AdviceGiven, Intent, ProductsCollected, QuestionAsked, StepBegun
from chaffer.shopping.plan import QuestionReply, ShoppingQuery
from chaffer.shopping.preferences import PreferenceChange
from chaffer.shopping.questions import (
    AdvisoryQuestion,
    PlanningQuestion,
    RoutingQuestion,
)
from chaffer.shopping.reading.known import known_of
from chaffer.storage.memory import MemoryStore
from tests.support.markets import START
from tests.support.scripted_shopping import LAPTOPS, SELLERS, ScriptedMind, opened


def run(case: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(30):
            await case()

    asyncio.run(bounded())


def narrow() -> Constraints:
    """Return constraints so specific that no question is worth asking."""
    return Constraints(category="Laptops", max_price_minor=1_500_00, min_rating=3.5, brands=("Lenovo",), quantity=1)


def test_a_turn_is_answered_by_a_product_that_was_found() -> None:
    async def case() -> None:
        async with opened(ScriptedMind(plans=[narrow()])) as shop:
            session_id, advice = await shop.say("a laptop")
            assert isinstance(advice, AdviceGiven)
            live = await shop.live(session_id)
            (found,) = [one.event for one in live.feed.records if isinstance(one.event, ProductsCollected)]
            assert advice.product_id == found.matches[0].product.product_id
            assert all(match.product.price_minor <= 1_500_00 for match in found.matches)
            steps = [one.event.node.value for one in live.feed.records if isinstance(one.event, StepBegun)]
            assert steps == ["router", "planning", "collection", "advisory"]

    run(case)


def test_a_wide_search_asks_and_the_answer_narrows_it() -> None:
    async def case() -> None:
        mind = ScriptedMind(plans=[Constraints(category="Laptops"), narrow()])
        async with opened(mind) as shop:
            session_id, question = await shop.say("a laptop")
            assert isinstance(question, QuestionAsked)
            assert question.options[-1] == "No preference"
            reply = QuestionReply(session_id=session_id, thread_id=question.thread_id, user_input="the first")
            _, advice = await shop.threads.outcome(await shop.threads.answer(reply))
            assert isinstance(advice, AdviceGiven)
            replanned = [one for one in mind.asked if isinstance(one, PlanningQuestion)][1]
            assert replanned.answered == question.choice
            assert replanned.context.text == "the first"

    run(case)


def test_of_two_answers_at_once_one_wins() -> None:
    async def case() -> None:
        async with opened(ScriptedMind(plans=[Constraints(category="Laptops"), narrow()])) as shop:
            session_id, question = await shop.say("a laptop")
            assert isinstance(question, QuestionAsked)
            reply = QuestionReply(session_id=session_id, thread_id=question.thread_id, user_input="the first")
            answers = await asyncio.gather(*(shop.threads.answer(reply) for _ in range(5)), return_exceptions=True)
            refused = [one for one in answers if isinstance(one, ChafferError)]
            assert [one.code for one in refused] == [Code.CONFLICT] * 4

    run(case)


def test_a_question_of_another_session_is_not_found() -> None:
    async def case() -> None:
        async with opened(ScriptedMind(plans=[Constraints(category="Laptops")])) as shop:
            _, question = await shop.say("a laptop")
            other, _ = await shop.say("a laptop")
            assert isinstance(question, QuestionAsked)
            reply = QuestionReply(session_id=other, thread_id=question.thread_id, user_input="x")
            with pytest.raises(ChafferError) as refusal:
                await shop.threads.answer(reply)
            assert refusal.value.code is Code.THREAD_NOT_FOUND

    run(case)


def test_an_expired_question_is_told_as_expired() -> None:
    async def case() -> None:
        async with opened(ScriptedMind(plans=[Constraints(category="Laptops")])) as shop:
            session_id, question = await shop.say("a laptop")
            assert isinstance(question, QuestionAsked)
            shop.clock[0] = START + timedelta(hours=2)
            reply = QuestionReply(session_id=session_id, thread_id=question.thread_id, user_input="x")
            with pytest.raises(ChafferError, match="expired"):
                await shop.threads.answer(reply)

    run(case)


def test_an_answer_survives_a_restart_between_question_and_answer() -> None:
    async def case() -> None:
        mind = ScriptedMind(plans=[Constraints(category="Laptops"), narrow()])
        async with opened(mind) as shop:
            session_id, question = await shop.say("a laptop")
            store = shop.store
        assert isinstance(question, QuestionAsked)
        async with opened(mind, store) as shop:
            reply = QuestionReply(session_id=session_id, thread_id=question.thread_id, user_input="the first")
            _, advice = await shop.threads.outcome(await shop.threads.answer(reply))
            assert isinstance(advice, AdviceGiven)

    run(case)


def test_a_turn_that_was_cut_off_goes_on_and_nothing_that_was_recorded_is_asked_again() -> None:
    async def case() -> None:
        mind = ScriptedMind(plans=[narrow()], gate=asyncio.Event())
        async with opened(mind) as shop:
            said = await shop.threads.speak(ShoppingQuery(query="a laptop"), owner="user")
            await mind.advising.wait()
            store = shop.store
        mind.gate = None
        async with opened(mind, store) as shop:
            _, advice = await shop.threads.outcome(await shop.threads.turn(said.conversation_id, said.turn))
            assert isinstance(advice, AdviceGiven)
            assert [type(one) for one in mind.asked] == [
                RoutingQuestion,
                PlanningQuestion,
                AdvisoryQuestion,
                AdvisoryQuestion,
            ]

    run(case)


def test_the_fault_of_a_mind_ends_the_turn_and_the_next_one_is_answered() -> None:
    async def case() -> None:
        fault = ChafferError(Code.LLM_PROVIDER_UNAVAILABLE, "Nobody there.")
        async with opened(ScriptedMind(plans=[narrow()]), fault=fault) as shop:
            said = await shop.threads.speak(ShoppingQuery(query="a laptop"), owner="user")
            begun = await shop.threads.turn(said.conversation_id, said.turn)
            with pytest.raises(ChafferError, match="Nobody there") as told:
                await shop.threads.outcome(begun)
            assert told.value.code is Code.LLM_PROVIDER_UNAVAILABLE
            shop.assistants.fault = None
            _, advice = await shop.say("a laptop", said.conversation_id)
            assert isinstance(advice, AdviceGiven)

    run(case)


class HeldUp(MemoryStore):
    """A store in which a lease is given back when a test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()

    async def release(self, conversation_id: str, holder: str) -> None:
        await self.gate.wait()
        await super().release(conversation_id, holder)


def test_words_that_come_while_a_broken_flow_ends_are_answered() -> None:
    async def case() -> None:
        store = HeldUp()
        await store.products.put(LAPTOPS, SELLERS)
        broken = ScriptedMind(plans=[])
        async with opened(broken, store, lease_seconds=300) as shop:
            try:
                said = await shop.threads.speak(ShoppingQuery(query="a laptop"), owner="user")
                with pytest.raises(ChafferError) as fault:
                    await shop.threads.outcome(await shop.threads.turn(said.conversation_id, 0))
                assert fault.value.code is Code.INTERNAL_ERROR
                broken.plans = [narrow()]
                answer = asyncio.create_task(shop.say("a laptop", said.conversation_id))
                live = await shop.live(said.conversation_id)
                while live.state.turns < 2:  # noqa: ASYNC110  A thread sets no event here.
                    await asyncio.sleep(0)
            finally:
                store.gate.set()
            assert isinstance((await answer)[1], AdviceGiven)

    run(case)


def test_turns_in_quick_succession_are_all_answered() -> None:
    async def case() -> None:
        async with opened(ScriptedMind(plans=[narrow()])) as shop:
            session_id, _ = await shop.say("a laptop")
            for _ in range(20):
                _, advice = await shop.say("another", session_id)
                assert isinstance(advice, AdviceGiven)

    run(case)


def test_what_feedback_teaches_is_known_in_other_threads() -> None:
    async def case() -> None:
        mind = ScriptedMind(Intent.FEEDBACK, plans=[narrow()], change=PreferenceChange(dislike=("Acer",)))
        async with opened(mind) as shop:
            await shop.say("no Acer")
            assert (await shop.store.preferences("user")).disliked_brands == ("Acer",)
            mind.asked.clear()
            await shop.say("a laptop")
            planning = next(one for one in mind.asked if isinstance(one, PlanningQuestion))
            assert planning.context.preferences.disliked_brands == ("Acer",)

    run(case)


def test_nothing_found_tells_what_to_give_up() -> None:
    async def case() -> None:
        impossible = Constraints(category="Laptops", max_price_minor=1_00, min_rating=3.0, brands=("Lenovo",))
        async with opened(ScriptedMind(plans=[impossible])) as shop:
            session_id, advice = await shop.say("a laptop for a dollar")
            assert isinstance(advice, AdviceGiven)
            assert advice.product_id is None
            live = await shop.live(session_id)
            (found,) = [one.event for one in live.feed.records if isinstance(one.event, ProductsCollected)]
            assert found.matches == ()
            assert "the limit of $1.00" in [one.what for one in found.relaxations]

    run(case)


@pytest.mark.parametrize("intent", [Intent.QUESTION, Intent.BUY])
def test_who_speaks_of_more_products_than_were_shown_is_told_how_many_were(intent: Intent) -> None:
    async def case() -> None:
        async with opened(mind := ScriptedMind(plans=[narrow()])) as shop:
            session_id, _ = await shop.say("a laptop")
            shown = len((await shop.live(session_id)).state.shown.matches)
            mind.intent = intent
            await shop.say("the tenth one", session_id)
            question = mind.asked[-1]
            assert isinstance(question, AdvisoryQuestion)
            assert question.noted == (f"I showed you only {shown} products.",)
            assert not question.asked_about

    run(case)


def test_the_catalogues_names_are_made_ready_before_any_mind_reads() -> None:
    async def case() -> None:
        async with opened(ScriptedMind(plans=[narrow()])) as shop:
            known_of.cache_clear()
            await shop.say("a laptop")
            assert known_of.cache_info().misses == 1
            known_of(await shop.store.products.vocabulary())
            assert known_of.cache_info().misses == 1

    run(case)


def test_a_deleted_thread_ends_whoever_waits_for_it() -> None:
    async def case() -> None:
        mind = ScriptedMind(plans=[narrow()], gate=asyncio.Event())
        async with opened(mind) as shop:
            said = await shop.threads.speak(ShoppingQuery(query="a laptop"), owner="user")
            begun = await shop.threads.turn(said.conversation_id, said.turn)
            waiting = asyncio.ensure_future(shop.threads.outcome(begun))
            await mind.advising.wait()
            await shop.threads.delete(said.conversation_id)
            with pytest.raises(ChafferError) as gone:
                await waiting
            assert gone.value.code is Code.SESSION_NOT_FOUND

    run(case)
