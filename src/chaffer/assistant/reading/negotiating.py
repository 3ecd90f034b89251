"""What a person wants of a negotiation: to open one, to know how it stands, to accept, to walk away."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from chaffer.assistant.reading.limits import limits_in, pieces_in
from chaffer.assistant.reading.memory import Memory, Room
from chaffer.assistant.reading.naming import seller_in
from chaffer.assistant.reading.pointing import has_place, product_meant
from chaffer.assistant.reading.steps import Ask, Lack, Lookup, Step
from chaffer.assistant.reading.wording import phrases
from chaffer.assistant.tools import AcceptOffer, NegotiationStatus, OpenNegotiation, WalkAway

HAGGLING: Final = phrases(
    r"haggl\w*", r"negotiat\w*", r"bargain(?:ing|ed)?(?! (?-i:[A-Z][a-z]))(?= |$|[.,?!])",
    r"beat (?:\w+ )?(?:\w+ )?down",
    r"(?:bring|get|push|talk|knock) (?:\w+ ){0,7}down", r"(?:knock|talk|get) (?:\w+ ){0,3}off",
    r"(?:a|any) (?:better|lower|good) (?:price|deal|offer)", r"lower price", r"better price",
    r"(?:get|have|give me|ask for|want) (?:an?|any|some) (?:\w+ )?discount",
    r"send (?:an?|the|my|your) (?:agent|buyer)s?", r"make (?:me|us) a deal",
)  # fmt: skip
OFFERS: Final = phrases(
    r"offers?", r"offered", r"walk away", r"call (?:it|everything|the \w+(?: \w+)?) off", r"counter ?offers?",
    r"accept", r"sellers? (?:say|said|saying|answer\w*|repl\w+)", r"news from the sellers?", r"deal",
)  # fmt: skip
_WALK: Final = phrases(
    r"walk(?:ing)? away", r"call (?:it|everything|the \w+(?: \w+)?|that) off", r"no deal", r"leave it",
    r"(?:stop|quit|end|cancel|abort|drop|abandon|leave|close|break off|give up(?: on)?) (?:(?:the|this|that|my|all) )*"
    r"(?:haggl\w*|negotiat\w*|bargain\w*|room|talks?|deal|it)",
    r"(?:don't|do not|no longer) (?:want|need) (?:it|that|this|them)", r"forget (?:about )?(?:it|that|the \w+)",
    r"not interested any ?more",
)  # fmt: skip
_ACCEPT: Final = phrases(
    r"accept\w*", r"take (?:it|that|the|this|[\w&'.]++(?: [\w&'.]++){0,3}) ?(?:\w+ )?(?:offer|price|deal|bid)",
    r"(?:take|go (?:with|for)|choose|pick|settle for|close with|let's (?:do|take)|agree (?:to|with)|buy from)",
    r"say yes to", r"(?:close|seal) the deal", r"i agree", r"it'?s a deal", r"deal",
)  # fmt: skip
_OFFER_ACCEPTED: Final = phrases(r"accept\w*", r"(?:take|go with|agree to) (?:\S+ ){0,4}(?:offer|price|deal|bid)s?")
_ASKING: Final = re.compile(
    r"^(?:and |so |ok,? )?(?:how|what|where|which|any|did|do|has|have|is|are|show|list|tell|who)\b", re.IGNORECASE
)
_STAND: Final = phrases(
    r"how(?: is|'s) (?:it|that|everything) (?:going|coming|doing)", r"any (?:news|progress|update|luck)", r"status",
    r"where do we stand", r"(?:lowest|best|cheapest) (?:price|bid) (?:so far|now|at the moment|yet)",
    r"how far (?:are|did)",
)  # fmt: skip
_STATUS: Final = phrases(
    r"how(?: is|'s| are| did| has| far)", r"status", r"any (?:news|progress|update|luck|offers?)",
    r"where do we stand", r"what(?: is|'s| are|'re)? .{0,100}offer\w*", r"(?:show|see|list|tell)\b.{0,100}offers?",
    r"offers?$", r"still (?:haggl|negotiat)\w+", r"progress", r"news",
    r"(?:lowest|best|cheapest|highest) (?:offer|price|bid)", r"going", r"my negotiations?",
)  # fmt: skip


def asks_how_it_stands(text: str) -> bool:
    """Tell whether words ask how a negotiation stands, where one was opened."""
    return _STAND.search(text) is not None


def is_of_room(text: str) -> bool:
    """Tell whether words are of a negotiation where one goes on: `walk away`, `how is it going?`, `take the best`."""
    return any(pattern.search(text) for pattern in (_WALK, _STAND, _ACCEPT))


def read_negotiation(text: str, memory: Memory) -> Step:
    """Return what is to be done about a negotiation."""
    rooms = memory.rooms
    asks = _ASKING.search(text) is not None
    if _WALK.search(text) and not asks:
        return _with_room(text, memory, lambda room: WalkAway(room.room_id))
    accepts = (_ACCEPT if rooms else _OFFER_ACCEPTED).search(text)
    if accepts and not asks and not HAGGLING.search(text):
        seller = seller_in(text, memory)
        return _with_room(text, memory, lambda room: AcceptOffer(room.room_id, seller))
    opens = HAGGLING.search(text) and not re.search(
        r"\b(?:the|my|this|that|our) (?:negotiation|haggling|bargaining)", text, re.IGNORECASE
    )
    if (asks and not opens) or (_STATUS.search(text) and (asks or not opens)):
        return NegotiationStatus()
    return _opened(text, memory)


def _opened(text: str, memory: Memory) -> Step:
    if not memory.products:
        return Ask(Lack.PRODUCT)
    product, rest = product_meant(text, memory)
    if product is None or (has_place(text) and rest == text):
        return Ask(Lack.PLACE, tuple(one.name for one in memory.products))
    limits = limits_in(rest)
    searched = 1 if memory.search is None else memory.search.quantity
    quantity = pieces_in(limits.rest) or searched
    budget = limits.most_minor
    if budget is not None and limits.each and not limits.total:
        budget *= quantity
    return OpenNegotiation(product.product_id, quantity, budget or None)


def _with_room(text: str, memory: Memory, wish: Callable[[Room], AcceptOffer | WalkAway]) -> Step:
    """Return what is to be done in the negotiation that is meant; it is looked up where none is known here."""
    rooms = memory.rooms
    named = [room for room in rooms if _is_named(room, text)]
    if len(rooms) == 1 or len(named) == 1:
        return wish((named or list(rooms))[0])
    if rooms:
        return Ask(Lack.WHICH_ROOM, tuple(room.product_name for room in rooms))
    return Ask(Lack.ROOM) if memory.looked_up else Lookup(NegotiationStatus())


def _is_named(room: Room, text: str) -> bool:
    said = set(re.findall(r"\w{3,}", text.lower()))
    return not said.isdisjoint(re.findall(r"\w{3,}", room.product_name.lower()))
