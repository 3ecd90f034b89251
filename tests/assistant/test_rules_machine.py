"""A state machine over the rules: whatever is asked of a conversation in whatever order, no money moves unasked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from functools import reduce
from typing import Any, Final, get_args

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from chaffer.assistant.chat import Chat, Node, Turn, evolve, next_step
from chaffer.assistant.commands import (
    AnswerApproval,
    AskAssistant,
    AskStop,
    ChatCommand,
    ConcludeHaggle,
    PinChat,
    Record,
    RenameChat,
    StepEvent,
)
from chaffer.assistant.events import (
    ApprovalAnswered,
    ApprovalAsked,
    Call,
    ChatAnswered,
    ChatEvent,
    ChatFailed,
    ChatOpened,
    ChatStatus,
    ChatStopped,
    HaggleConcluded,
    HandedOver,
    Handover,
    HistorySummarised,
    Line,
    ModelLeft,
    PersonAsked,
    ReportMade,
    Role,
    ToolBegun,
    ToolEnded,
    ToolsChosen,
)
from chaffer.assistant.indexing import IndexMessage
from chaffer.assistant.results import NegotiationsStanding, NegotiationStarted, Result, ToolRefused
from chaffer.assistant.rules import MOST_TOOL_CALLS, ChatKind
from chaffer.assistant.tools import (
    AcceptOffer,
    ListInvoices,
    OpenNegotiation,
    PayInvoice,
    SearchProducts,
    Specialist,
    SpendingSummary,
    WalkAway,
    Wish,
    spec_of,
)
from chaffer.conversation.codec import Codec
from chaffer.conversation.minds import Making, ModelChoice
from chaffer.errors import ChafferError, Code
from tests.support.markets import START

CODEC: Final = Codec(get_args(ChatEvent))
MAKING: Final = Making("builtin", "rules", 1, 0.0)
DONE: Final = NegotiationsStanding(())
DECLINED: Final = ToolRefused("DECLINED", "No.")

OWN: Final[dict[Specialist, tuple[Wish, ...]]] = {
    Specialist.SHOPPING: (SearchProducts("keyboard"),),
    Specialist.NEGOTIATION: (OpenNegotiation("p1"), AcceptOffer("room"), WalkAway("room")),
    Specialist.BILLING: (PayInvoice("INV-2026-000001"), ListInvoices()),
    Specialist.INSIGHTS: (SpendingSummary(),),
}
WISHES: Final = st.sampled_from([wish for own in OWN.values() for wish in own])
SPECIALISTS: Final = st.sampled_from([Specialist.BILLING, Specialist.NEGOTIATION, *Specialist])
AGENTS: Final = st.sampled_from([*Specialist, "supervisor"])
STARTED: Final = [NegotiationStarted(f"room_{n}", "market", "p1", "P1", 1, 100_00, 120_00, "USD") for n in (1, 2)]
RESULTS: Final[st.SearchStrategy[Result]] = st.sampled_from([DONE, *STARTED, DECLINED])
LATER: Final = START + timedelta(hours=1)
TEXTS: Final = st.sampled_from(["There.", "", " "])
RARELY: Final = st.sampled_from([False, False, False, True])


class Conversation(RuleBasedStateMachine):
    """A conversation, with commands in any order, of which the flow's are mostly those that are due."""

    @initialize(lines=st.integers(min_value=0, max_value=3))
    def open(self, lines: int) -> None:
        """Open it."""
        said = tuple(Line(Role.PERSON, f"line {number}") for number in range(lines))
        mind = ModelChoice("builtin", None, 0.7, 500)
        opened = ChatOpened("chat", "user", "", "USD", mind, 7, START, said)
        self.kind = ChatKind()
        self.events: list[ChatEvent] = [opened]
        self.chat: Chat = evolve(None, opened)
        self.indexed = lines
        self.names = 0
        self.allowed: dict[str, Wish] = {}

    def named(self) -> str:
        """Return a name that nothing has."""
        self.names += 1
        return f"name_{self.names}"

    def give(self, command: ChatCommand) -> None:
        """Give a command, hold its events against the conversation before them, and go on from them."""
        try:
            verdict = self.kind.decide(self.chat, command)
        except ChafferError as refusal:
            assert refusal.code is Code.CONFLICT  # noqa: PT017  All others are raised on.
            return
        for event in verdict.events:
            self.check(event)
            self.chat = evolve(self.chat, event)
            self.events.append(event)
        for effect in verdict.effects:
            if isinstance(effect, IndexMessage):
                assert effect.number == self.indexed, "numbers of messages have no gap"
                self.indexed += 1

    def check(self, event: ChatEvent) -> None:
        """Hold an event against the conversation as it was before it."""
        turn = self.chat.turn
        match event:
            case PersonAsked() | ChatAnswered() | ChatStopped() | ChatFailed():
                assert turn is None or not turn.begun, "a turn ended while a tool was called"
            case ApprovalAnswered(_, call_id, approved):
                assert self.chat.approval is not None
                if approved:
                    self.allowed[call_id] = self.chat.approval.wish
            case ApprovalAsked(wish=wish):
                assert turn is not None
                assert type(wish) is type(turn.calls[0].wish)
            case ToolBegun(_, call_id):
                assert turn is not None
                assert not turn.stop_asked
                wish = turn.calls[0].wish
                if spec_of(wish).commits_money:
                    assert self.allowed.pop(call_id) == wish, "what is done is what was allowed, once"
            case ToolEnded(_, _, result) if not isinstance(result, ToolRefused):
                assert turn is not None
                assert turn.begun
            case _:
                pass

    def record(self, event: StepEvent) -> None:
        """Record a step of the flow."""
        self.give(Record(event))

    @property
    def number(self) -> int:
        """Return the number of the last turn."""
        return self.chat.turns - 1

    @rule(data=st.data())
    def goes_on(self, data: st.DataObject) -> None:
        """Let the flow or the person do what is due."""
        step = next_step(self.chat)
        if step is None:
            self.person_goes_on(data)
        elif self.turn().stop_asked:
            self.record(ChatStopped(self.number, self.named(), 0, data.draw(TEXTS), "supervisor"))
        elif step is Node.SUPERVISOR:
            to = data.draw(st.lists(SPECIALISTS, min_size=int(not data.draw(RARELY)), max_size=4))
            self.record(HandedOver(self.number, tuple(Handover(one, "do it") for one in to), MAKING))
        elif step is Node.TOOLS:
            self.tools_go_on(self.turn().calls[0], data)
        elif step is Node.ANSWER:
            self.record(ChatAnswered(self.number, self.named(), 0, "There.", self.turn().agent, MAKING))
        else:
            self.specialist_goes_on(Specialist(step.value), data)

    def person_goes_on(self, data: st.DataObject) -> None:
        """Say something, or answer to what is asked, perhaps too late."""
        asked = self.chat.approval
        if asked is None or data.draw(RARELY):
            self.give(AskAssistant(self.named(), "Pay it"))
        else:
            at = LATER if data.draw(RARELY) else START
            self.give(AnswerApproval(asked.call_id, not data.draw(RARELY), at))

    def tools_go_on(self, call: Call, data: st.DataObject) -> None:
        """Ask for an approval, begin a tool, or end it."""
        turn, call_id = self.turn(), call.call_id
        if turn.begun or turn.approved is False:
            result = data.draw(RESULTS) if turn.begun else DECLINED
            self.record(ToolEnded(self.number, call_id, result))
        elif spec_of(call.wish).commits_money and turn.approved is None:
            budget = data.draw(st.integers(min_value=1, max_value=3))
            wish = OpenNegotiation("p1", 1, budget) if isinstance(call.wish, OpenNegotiation) else call.wish
            self.record(ApprovalAsked(self.number, call_id, self.named(), "May it?", wish, LATER))
        else:
            self.record(ToolBegun(self.number, call_id))

    def specialist_goes_on(self, who: Specialist, data: st.DataObject) -> None:
        """Choose tools, report, or answer."""
        if data.draw(RARELY):
            alone = self.turn().agent == who
            said = ChatAnswered(self.number, self.named(), 0, "There.", who.value, MAKING)
            self.record(said if alone else ReportMade(self.number, who, "Done.", MAKING))
            return
        wishes = data.draw(st.lists(st.sampled_from(OWN[who]), min_size=1, max_size=5))
        self.record(ToolsChosen(self.number, who, tuple(Call(self.named(), wish) for wish in wishes), MAKING))

    @rule(what=st.sampled_from(["approve", "speak", "approve", "conclude", "approve", "pin", "stop"]), data=st.data())
    def person_meddles(self, what: str, data: st.DataObject) -> None:
        """Let the person do anything at any time."""
        match what:
            case "speak":
                self.give(AskAssistant(self.named(), "Hello"))
            case "approve":
                calls = [
                    call.call_id for event in self.events if isinstance(event, ToolsChosen) for call in event.calls
                ]
                self.give(AnswerApproval(data.draw(st.sampled_from([*calls, "none"])), data.draw(st.booleans()), START))
            case "stop":
                self.give(AskStop())
            case "pin":
                self.give(PinChat(data.draw(st.booleans())))
                self.give(RenameChat(self.named()))
            case _:
                room = data.draw(st.sampled_from(STARTED)).room_id
                self.give(ConcludeHaggle(HaggleConcluded(room, self.named(), "Deal!", "completed")))

    @rule(ahead=st.sampled_from([0] * 8 + [-1, 1]), data=st.data())
    def flow_meddles(self, ahead: int, data: st.DataObject) -> None:
        """Record anything at any time, of tools above all while there are calls."""
        number = self.number + ahead
        calls = () if self.chat.turn is None else self.chat.turn.calls
        of_tools = calls and not data.draw(RARELY)
        self.record(data.draw(self.of_tools(number, calls) if of_tools else self.anything(number)))

    def of_tools(self, number: int, calls: Sequence[Call]) -> st.SearchStrategy[StepEvent]:
        """Return events of tools, mostly of the call that is due."""
        its, ids = st.just(number), st.sampled_from([calls[0].call_id] * 4 + [calls[-1].call_id, "none"])
        wishes = st.one_of(WISHES, st.just(calls[0].wish))
        return st.one_of(
            st.builds(ToolBegun, its, ids),
            st.builds(ToolEnded, its, ids, RESULTS),
            st.builds(ApprovalAsked, its, ids, self.new_names(), TEXTS, wishes, st.just(LATER)),
        )

    def anything(self, number: int) -> st.SearchStrategy[StepEvent]:
        """Return events of all kinds."""
        made = st.lists(st.builds(Call, self.new_names(), WISHES), max_size=14).map(tuple)
        handed = st.lists(st.builds(Handover, SPECIALISTS, st.just("do it")), max_size=6).map(tuple)
        its, by = st.just(number), st.just(MAKING)
        return st.one_of(
            st.builds(HistorySummarised, its, st.integers(min_value=-2, max_value=3), TEXTS, by),
            st.builds(HandedOver, its, handed, by),
            st.builds(ToolsChosen, its, SPECIALISTS, made, by),
            st.builds(ToolBegun, its, st.just("none")),
            st.builds(ReportMade, its, SPECIALISTS, TEXTS, by),
            st.builds(ModelLeft, its, st.just("LLM_TIMEOUT"), st.just("too slow")),
            st.builds(ChatAnswered, its, self.new_names(), st.just(0), TEXTS, AGENTS, by),
            st.builds(ChatStopped, its, self.new_names(), st.just(0), TEXTS, AGENTS),
            st.builds(ChatFailed, its, st.just("INTERNAL_ERROR"), st.just("It broke.")),
        )

    def new_names(self) -> st.SearchStrategy[str]:
        """Return names that nothing has."""
        return st.builds(lambda: self.named())  # noqa: PLW0108  A new one for each that is drawn.

    def turn(self) -> Turn:
        """Return the turn that is under way."""
        assert self.chat.turn is not None
        return self.chat.turn

    @invariant()
    def a_turn_has_its_bounds(self) -> None:
        """Calls and handovers of a turn are bounded, and every one is made, begun and ended at most once."""
        turn = self.chat.turn
        if turn is not None:
            assert len(turn.outcomes) + len(turn.calls) <= MOST_TOOL_CALLS
            assert len(turn.handovers or ()) <= 4
        for kind in (ApprovalAsked, ApprovalAnswered, ToolBegun, ToolEnded):
            times = Counter(event.call_id for event in self.events if isinstance(event, kind))
            assert all(number == 1 for number in times.values())

    @invariant()
    def its_status_says_who_has_the_word(self) -> None:
        """A step is due while an answer is made, and only then."""
        assert (next_step(self.chat) is not None) == (self.chat.status is ChatStatus.ANSWERING)
        assert (self.chat.approval is not None) == (self.chat.status is ChatStatus.WAITING)
        assert self.chat.messages == self.indexed

    def teardown(self) -> None:
        """Fold the journal's texts to the same conversation, and bring the turn to its end step by step."""
        if not hasattr(self, "chat"):
            return
        read = [CODEC.load(*CODEC.dump(event)) for event in self.events]
        assert reduce(evolve, read, None) == self.chat
        for _ in range(8 * MOST_TOOL_CALLS):
            step = next_step(self.chat)
            if step is None:
                return
            before = len(self.events)
            self.take(step)
            assert len(self.events) > before, f"nothing can be done at {step}"
        raise AssertionError(self.chat.turn)

    def take(self, step: Node) -> None:
        """Do what is due, choosing tools as long as that may be."""
        turn = self.chat.turn
        assert turn is not None
        number = turn.number
        if turn.begun:
            self.record(ToolEnded(number, turn.calls[0].call_id, DONE))
        elif turn.stop_asked:
            self.record(ChatStopped(number, self.named(), 0, "", turn.agent))
        elif step is Node.SUPERVISOR:
            self.record(HandedOver(number, tuple(Handover(one, "do it") for one in Specialist), MAKING))
        elif step is Node.TOOLS:
            self.record(ToolEnded(number, turn.calls[0].call_id, DECLINED))
        elif step is Node.ANSWER or (turn.agent != "supervisor" and len(turn.outcomes) == MOST_TOOL_CALLS):
            self.record(ChatAnswered(number, self.named(), 0, "There.", turn.agent, MAKING))
        elif len(turn.outcomes) < MOST_TOOL_CALLS:
            who = Specialist(step.value)
            self.record(ToolsChosen(number, who, (Call(self.named(), OWN[who][0]),), MAKING))
        else:
            self.record(ReportMade(number, Specialist(step.value), "Done.", MAKING))


TestConversation: Any = Conversation.TestCase
TestConversation.settings = settings(stateful_step_count=60, max_examples=25, deadline=None)
