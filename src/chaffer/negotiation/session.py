"""A marketplace session: one buyer, its shopping list, and a room for every line of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final

from msgspec import Struct

from chaffer.conversation.journal import EffectRefusedError, Opening
from chaffer.conversation.keys import GivenKey
from chaffer.conversation.live import Verdict
from chaffer.conversation.minds import ModelChoice
from chaffer.errors import ChafferError, Code, Detail
from chaffer.ids import new_buyer_id, new_id, new_room_id
from chaffer.ledger.books import Account, Claim, OpenAccount, Shelf, StockLine
from chaffer.negotiation.casting import Casting, seller_id_of
from chaffer.negotiation.events import RoomOpened
from chaffer.negotiation.scenario import Scenario, SellerConfig, ShoppingItem
from chaffer.negotiation.terms import Buyer, RoomTerms, Seller
from chaffer.vendors import BUILTIN

SESSION: Final = "session"
ROOM: Final = "room"

NOT_STOCKED: Final = "No sellers have this item in inventory"
TOO_FEW: Final = "No seller has the needed quantity of this item"


@dataclass(frozen=True, slots=True)
class SellerName:
    """A seller of the session, as everybody may see it."""

    seller_id: str
    name: str


class SessionOpened(Struct, frozen=True):
    """A session was opened. Rooms stand in the order of the shopping list; keys of providers are never here."""

    session_id: str
    owner: str
    opened_at: datetime
    buyer: Buyer
    sellers: tuple[SellerName, ...]
    room_ids: tuple[str, ...]
    provider: str
    currency: str
    seed: int
    in_sequence: bool


class SessionKind:
    """The rules of a session: it is opened, and nothing more happens to it; its rooms live."""

    name = SESSION
    under_way = None

    def decide(self, state: SessionOpened, command: object) -> Verdict:
        """Refuse: a session takes no commands of its own."""
        raise ChafferError(Code.CONFLICT, f"Session {state.session_id} takes no {type(command).__name__}.")

    def evolve(self, state: SessionOpened | None, event: SessionOpened) -> SessionOpened:
        """Return the event, which is all there is to know."""
        del state
        return event

    def status(self, state: SessionOpened) -> str:
        """Return `open`; whether the session is completed follows from its rooms."""
        del state
        return "open"

    def is_over(self, state: SessionOpened) -> bool:
        """Return False: a session ends when it is deleted."""
        del state
        return False

    def refused(self, command: object, refusal: EffectRefusedError) -> None:
        """Return None: the caller sees the refusal."""
        del command, refusal


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a scenario that is silent gets, from the settings."""

    provider: str
    temperature: float
    max_tokens: int
    max_rounds: int
    max_sellers: int
    timeout_minutes: float
    currency: str
    tax_percent: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session about to be written: its event, its rooms' events, its account.

    `minds` are those that will be asked, each with the field of the scenario that names it, and `keys` what came with
    the request to ask them with. `ordered_by` is the conversation that the session belongs to, if any.
    """

    session: SessionOpened
    rooms: tuple[RoomOpened, ...]
    account: OpenAccount
    minds: Mapping[ModelChoice, str]
    keys: tuple[GivenKey, ...] = field(repr=False)
    ordered_by: str | None = None

    def key_of(self, mind: ModelChoice) -> str | None:
        """Return the key that came with the request for a mind, or None."""
        return next((given.secret.reveal() for given in self.keys if given.slot == mind.key_slot), None)

    def openings(self) -> tuple[Opening, ...]:
        """Return the conversations to create."""
        session = self.session
        rooms = (
            Opening(
                conversation_id=room.terms.room_id,
                kind=ROOM,
                owner=session.owner,
                events=(room,),
                status="pending" if room.terms.sellers else "no_sellers_available",
                parent_id=session.session_id,
            )
            for room in self.rooms
        )
        return (Opening(session.session_id, SESSION, session.owner, (session,), "open", self.ordered_by), *rooms)


@dataclass(frozen=True, slots=True)
class Ordered:
    """What a conversation ordered of the catalogue: the categories of the products, by their ids."""

    conversation_id: str
    categories: Mapping[str, str]


def plan_session(
    scenario: Scenario,
    defaults: Defaults,
    *,
    owner: str,
    opened_at: datetime,
    chance: int,
    ordered: Ordered | None = None,
) -> NewSession:
    """Return the session that a scenario asks for; `chance` is the seed when the scenario names none.

    Where a conversation ordered it, its items are products of the catalogue, by id, its sellers those of the catalogue,
    by name, and they sell the pieces that lie there. Raises MAX_SELLERS_EXCEEDED.
    """
    if len(scenario.sellers) > defaults.max_sellers:
        raise ChafferError(
            Code.MAX_SELLERS_EXCEEDED,
            f"A session takes at most {defaults.max_sellers} sellers; got {len(scenario.sellers)}. Remove some.",
            details=(Detail("sellers", f"must have at most {defaults.max_sellers}; got {len(scenario.sellers)}"),),
        )
    casting = Casting(scenario, new_buyer_id(), defaults)
    budget = scenario.buyer.budget_range
    buyer = Buyer(
        buyer_id=casting.buyer_id,
        name=scenario.buyer.name,
        budget_minor=budget.max,
        wish_minor=budget.min,
        mind=casting.buyer(),
    )
    session_id = new_id()
    providers = {buyer.mind.provider, *(casting.seller(number).provider for number in range(len(scenario.sellers)))}
    in_sequence = scenario.seed is not None and providers == {BUILTIN}
    seed = scenario.seed if scenario.seed is not None else chance
    is_ordered = ordered is not None
    categories = {} if ordered is None else ordered.categories
    rooms = tuple(
        _room(
            casting,
            line,
            RoomFrame(session_id, owner, buyer, index, seed, in_sequence, is_ordered, categories.get(line.item_id)),
        )
        for index, line in enumerate(scenario.buyer.shopping_list)
    )
    session = SessionOpened(
        session_id=session_id,
        owner=owner,
        opened_at=opened_at,
        buyer=buyer,
        sellers=tuple(SellerName(seller_id_of(i), seller.name) for i, seller in enumerate(scenario.sellers)),
        room_ids=tuple(room.terms.room_id for room in rooms),
        provider=casting.session().provider,
        currency=defaults.currency,
        seed=seed,
        in_sequence=in_sequence,
    )
    account = OpenAccount(_account(session, rooms), _stock(scenario, on_shelves=is_ordered))
    minds = casting.places(_numbers(scenario, rooms))
    ordered_by = None if ordered is None else ordered.conversation_id
    return NewSession(session, rooms, account, minds, casting.keys(minds), ordered_by)


def _numbers(scenario: Scenario, rooms: tuple[RoomOpened, ...]) -> list[int]:
    """Return the places in the scenario of the sellers that take part in a room, in the order of the rooms."""
    numbers = {seller_id_of(number): number for number in range(len(scenario.sellers))}
    return [numbers[seller.seller_id] for room in rooms for seller in room.terms.sellers]


@dataclass(frozen=True, slots=True)
class RoomFrame:
    """What all rooms of a session share, and the place of one among them."""

    session_id: str
    owner: str
    buyer: Buyer
    index: int
    seed: int
    in_sequence: bool
    is_ordered: bool
    category: str | None


def _room(casting: Casting, line: ShoppingItem, frame: RoomFrame) -> RoomOpened:
    scenario, defaults = casting.scenario, casting.defaults
    sellers = tuple(
        seller
        for number, config in enumerate(scenario.sellers)
        if (seller := _seller(number, config, line, casting.seller(number)))
    )
    rules = scenario.negotiation
    terms = RoomTerms(
        room_id=new_room_id(line.item_name),
        session_id=frame.session_id,
        owner=frame.owner,
        index=frame.index,
        item_id=line.item_id,
        item_name=line.item_name,
        quantity=line.quantity_needed,
        currency=defaults.currency,
        buyer=frame.buyer,
        sellers=sellers,
        max_rounds=rules.max_rounds or defaults.max_rounds,
        timeout_seconds=60 * (rules.timeout_minutes or defaults.timeout_minutes),
        reply_order=rules.reply_order,
        seed=frame.seed,
        in_sequence=frame.in_sequence,
        is_ordered=frame.is_ordered,
        category=frame.category,
        tax_percent=defaults.tax_percent,
    )
    stocked = any(item.item_id == line.item_id for config in scenario.sellers for item in config.inventory)
    reason = None if sellers else TOO_FEW if stocked else NOT_STOCKED
    return RoomOpened(terms, reason)


def _seller(number: int, config: SellerConfig, line: ShoppingItem, mind: ModelChoice) -> Seller | None:
    """Return the seller's place in a room, or None when it does not stock enough of the item."""
    item = next((item for item in config.inventory if item.item_id == line.item_id), None)
    if item is None or item.quantity_available < line.quantity_needed:
        return None
    return Seller(
        seller_id=seller_id_of(number),
        name=config.name,
        priority=config.profile.priority,
        style=config.profile.speaking_style,
        cost_minor=item.cost_price,
        list_minor=item.selling_price,
        least_minor=item.least_price,
        pieces=item.quantity_available,
        mind=mind,
    )


def _account(session: SessionOpened, rooms: tuple[RoomOpened, ...]) -> Account:
    claims = tuple(
        Claim(room.terms.room_id, room.terms.lowest_list_minor * room.terms.quantity)
        for room in rooms
        if room.terms.sellers
    )
    return Account(session.session_id, session.buyer.budget_minor, 0, claims)


def _stock(scenario: Scenario, *, on_shelves: bool) -> tuple[StockLine, ...]:
    return tuple(
        StockLine(
            seller_id_of(number),
            item.item_id,
            item.quantity_available,
            Shelf(item.item_id, seller.name) if on_shelves else None,
        )
        for number, seller in enumerate(scenario.sellers)
        for item in seller.inventory
    )
