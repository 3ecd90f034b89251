"""A reply's prose while it is being written: said as soon as the typed fields before it are known and valid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Protocol

from chaffer.conversation.policy import Voice
from chaffer.llm.json_reader import Found, Piece, Value, Whole
from chaffer.llm.prose import Limits, Prose
from chaffer.llm.replies import buyer_limits, buyer_message, must_not, seller_limits
from chaffer.llm.reply_fields import intent_of, price_minor
from chaffer.negotiation.questions import BuyerReply, BuyerTurn, Intent, SellerReply, SellerTurn


class LiveProse(Protocol):
    """Takes in what is found of a reply. Raises UnfitReplyError as soon as something in it breaks a limit."""

    def take(self, found: Found) -> None:
        """Say what can be said by now."""
        ...

    @property
    def said(self) -> Sequence[str]:
        """Return what was said, by message."""
        ...


class SellerProse:
    """The one message of a seller's reply."""

    def __init__(self, turn: SellerTurn, voice: Voice) -> None:
        """Say it to that voice."""
        self._turn = turn
        self._prose = Prose(lambda words: voice.say(0, words))

    def take(self, found: Found) -> None:
        """Say what can be said by now. Raises UnfitReplyError."""
        if found.path == ("price",) and isinstance(found, Whole):
            price = price_minor(found.value, "price")
            must_not(self._turn.price_objection(price))
            self._prose.open(seller_limits(self._turn, price))
        elif found.path == ("message",):
            if isinstance(found, Piece):
                self._prose.add(found.text)
            else:
                self._prose.close()

    @property
    def said(self) -> Sequence[str]:
        """Return what was said."""
        return (self._prose.said,) if self._prose.said else ()

    def was_said(self, text: str, limits: Limits) -> bool:
        """Tell whether the message was just this text, said to its end within just these limits."""
        return self._prose.was(text, limits)


class BuyerProse:
    """The messages of the buyer's reply: each is addressed before its words."""

    def __init__(self, turn: BuyerTurn, voice: Voice) -> None:
        """Say them to that voice."""
        self._turn = turn
        self._voice = voice
        self._may_speak = False
        self._fields: defaultdict[int, dict[str, Value]] = defaultdict(dict)
        self._prose: dict[int, Prose] = {}

    def take(self, found: Found) -> None:
        """Say what can be said by now. Raises UnfitReplyError."""
        if found.path == ("decision",) and isinstance(found, Whole):
            self._may_speak = intent_of(found.value) is Intent.HAGGLE and not self._turn.must_decide
        elif len(found.path) > 1 and found.path[0] == "messages" and isinstance(found.path[1], int):
            self._take_of_message(found, found.path[1])

    def _take_of_message(self, found: Found, number: int) -> None:
        rest = found.path[2:]
        if rest == ("text",):
            prose = self._prose_of(number)
            if isinstance(found, Piece):
                prose.add(found.text)
            else:
                prose.close()
        elif isinstance(found, Whole) and rest in {("to",), ("price",)}:
            self._fields[number][str(rest[0])] = found.value
            if self._fields[number].keys() == {"to", "price"}:
                self._open(number)
        elif isinstance(found, Whole) and not rest and not self._prose_of(number).is_open:
            self._open(number)
            self._prose_of(number).close()

    def _open(self, number: int) -> None:
        if not self._may_speak or number > len(self._turn.rivals):
            return
        message = buyer_message(self._turn, self._fields[number])
        self._voice.address(number, frozenset(message.to))
        self._prose_of(number).open(buyer_limits(self._turn, message))

    def _prose_of(self, number: int) -> Prose:
        if number not in self._prose:
            self._prose[number] = Prose(lambda words: self._voice.say(number, words))
        return self._prose[number]

    @property
    def said(self) -> Sequence[str]:
        """Return what was said, up to the last message of which something was."""
        last = max((number for number, prose in self._prose.items() if prose.said), default=-1)
        return tuple(self._prose_of(number).said for number in range(last + 1))

    def was_said(self, text: str, limits: Limits) -> bool:
        """Tell whether a message was just this text, said to its end within just these limits."""
        return any(prose.was(text, limits) for prose in self._prose.values())


def say_all(reply: SellerReply | BuyerReply, voice: Voice) -> None:
    """Say the reply's words at once."""
    if isinstance(reply, SellerReply):
        voice.say(0, reply.text)
        return
    for number, message in enumerate(reply.messages):
        voice.address(number, frozenset(message.to))
        voice.say(number, message.text)


def words_of(reply: SellerReply | BuyerReply) -> tuple[str, ...]:
    """Return the reply's words, by message."""
    return (reply.text,) if isinstance(reply, SellerReply) else tuple(message.text for message in reply.messages)
