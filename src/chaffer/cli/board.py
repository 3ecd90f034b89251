"""What is on show while a market plays: its rooms, who offers what, and what is being said. No terminal in here."""

from __future__ import annotations

from dataclasses import dataclass, field

from chaffer.cli.moments import BudgetChanged, Corrected, Moment, Remarked, RoomOver, RoundBegan, Said, Saying


@dataclass(slots=True)
class Stall:
    """A seller in one room: its list price, None where it is not known, and what it offers now."""

    seller_id: str
    name: str
    list_minor: int | None
    price_minor: int | None = None
    left: bool = False


@dataclass(slots=True)
class Utterance:
    """A message while it is being said."""

    speaker: str
    attempt: int
    text: str = ""


@dataclass(slots=True)
class RoomOnShow:
    """A room as its spectators see it."""

    room_id: str
    item: str
    quantity: int
    max_rounds: int
    stalls: dict[str, Stall]
    status: str
    reason: str = ""
    round: int = 0
    messages: int = 0
    corrections: list[Corrected] = field(default_factory=list)
    over: RoomOver | None = None
    speaking: dict[str, Utterance] = field(default_factory=dict)

    @property
    def best(self) -> Stall | None:
        """Return the stall with the lowest standing offer; of equals the first."""
        standing = [stall for stall in self.stalls.values() if stall.price_minor is not None and not stall.left]
        return min(standing, key=lambda stall: stall.price_minor or 0, default=None)

    @property
    def saved_minor(self) -> int:
        """Return what the deal saved against the chosen seller's own list price; 0 without a deal."""
        listed = self.chosen_list_minor
        if listed is None or self.over is None or self.over.price_minor is None:
            return 0
        return (listed - self.over.price_minor) * self.quantity

    @property
    def chosen_list_minor(self) -> int | None:
        """Return the list price of the seller that got the deal, or None."""
        stall = None if self.over is None else self.stalls.get(self.over.seller_id or "")
        return None if stall is None else stall.list_minor

    @property
    def is_open(self) -> bool:
        """Tell whether the room can still change."""
        return self.over is None and self.status in {"pending", "active", "started"}

    def name_of(self, sender_id: str, buyer: str) -> str:
        """Return how a speaker is called."""
        stall = self.stalls.get(sender_id)
        return buyer if stall is None else stall.name


@dataclass(slots=True)
class Board:
    """All rooms on show, in the order of the shopping list. The budget is None where its viewer may not see it."""

    buyer: str
    currency: str
    budget_minor: int | None
    remaining_minor: int | None
    rooms: dict[str, RoomOnShow]

    def see(self, moment: Moment) -> None:
        """Take a moment in. Rooms that are not on show are passed over."""
        room = self.rooms.get(moment.room_id)
        if room is None:
            return
        match moment:
            case RoundBegan():
                room.round = max(room.round, moment.round)
                room.status = "active"
            case Saying():
                self._hear(room, moment)
            case Said():
                _take_message(room, moment)
            case Corrected() | Remarked():
                _take_remark(room, moment)
            case BudgetChanged():
                self.remaining_minor = moment.remaining_minor
            case RoomOver():
                self._close(room, moment)

    def _hear(self, room: RoomOnShow, moment: Saying) -> None:
        spoken = room.speaking.get(moment.message_id)
        if spoken is None or spoken.attempt < moment.attempt:
            spoken = Utterance(room.name_of(moment.sender_id, self.buyer), moment.attempt)
            room.speaking[moment.message_id] = spoken
        if spoken.attempt == moment.attempt:
            spoken.text = spoken.text[: moment.offset] + moment.delta

    def _close(self, room: RoomOnShow, moment: RoomOver) -> None:
        room.over, room.status, room.reason = moment, moment.status, moment.reason
        room.round = max(room.round, moment.rounds)
        room.speaking.clear()

    @property
    def is_over(self) -> bool:
        """Tell whether every room has ended or never could begin."""
        return not any(room.is_open for room in self.rooms.values())

    @property
    def on_stage(self) -> RoomOnShow | None:
        """Return the first room that is under way, else the one that ended last in the list, else the first."""
        under_way = (room for room in self.rooms.values() if room.is_open and room.round)
        ended = [room for room in self.rooms.values() if room.over is not None]
        return next(under_way, None) or (ended[-1] if ended else next(iter(self.rooms.values()), None))


def _take_message(room: RoomOnShow, moment: Said) -> None:
    room.speaking.pop(moment.message_id, None)
    room.messages += 1
    if moment.seller_id is None or moment.price_minor is None:
        return
    stall = room.stalls.setdefault(moment.seller_id, Stall(moment.seller_id, moment.speaker, None))
    stall.price_minor = moment.price_minor


def _take_remark(room: RoomOnShow, moment: Corrected | Remarked) -> None:
    if isinstance(moment, Corrected):
        room.corrections.append(moment)
        return
    stall = room.stalls.get(moment.seller_left or "")
    if stall is not None:
        stall.left = True
