"""A market as a JSON document: the body of `POST /simulation/initialize`, and a scenario file of the command line."""

from __future__ import annotations

from typing import Annotated, Final, Self

from pydantic import (
    AfterValidator,
    Field,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from chaffer.conversation.mentions import folded, is_name
from chaffer.money import plain
from chaffer.negotiation.terms import Priority, ReplyOrder, SpeakingStyle
from chaffer.validation import Document, LlmConfig, Money, UserName, misplaced, printable

MAX_SELLERS: Final = 10
MAX_ROUNDS: Final = 50


def _name(text: str) -> str:
    if not is_name(text):
        msg = "must have 1 to 50 characters: letters, digits, space, - _ ' . &"
        raise ValueError(msg)
    return text


Name = Annotated[
    str,
    AfterValidator(_name),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 50, "pattern": r"^[\w \-'.&]+$"}),
]
ItemId = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(printable)]
ItemName = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(printable)]
Pieces = Annotated[int, Field(ge=1, le=1_000_000, strict=True)]


class ShoppingItem(Document):
    """One line of the shopping list."""

    item_id: ItemId
    item_name: ItemName
    quantity_needed: Pieces


class BudgetRange(Document):
    """`max` binds the whole session; `min` is where the buyer would like to end, private and no constraint."""

    min: Annotated[Money, Field(ge=0)]
    max: Annotated[Money, Field(gt=0)]

    @field_validator("max")
    @classmethod
    def _above_min(cls, value: int, info: ValidationInfo) -> int:
        low = info.data.get("min")
        if low is not None and value <= low:
            msg = f"must be above min ({plain(low)}); got {plain(value)}"
            raise ValueError(msg)
        return value


class BuyerConfig(Document):
    """The buyer, what it needs, and what it may spend."""

    name: Name
    shopping_list: Annotated[list[ShoppingItem], Field(min_length=1, max_length=50)]
    budget_range: BudgetRange
    llm_config: LlmConfig | None = None


class InventoryItem(Document):
    """What a seller stocks; `cost_price < least_price < selling_price`."""

    item_id: ItemId
    item_name: ItemName
    cost_price: Annotated[Money, Field(ge=0)]
    selling_price: Annotated[Money, Field(gt=0)]
    least_price: Annotated[Money, Field(gt=0)]
    quantity_available: Pieces

    @field_validator("selling_price")
    @classmethod
    def _above_cost(cls, value: int, info: ValidationInfo) -> int:
        cost = info.data.get("cost_price")
        if cost is not None and value <= cost:
            msg = f"must be above cost_price ({plain(cost)}); got {plain(value)}"
            raise ValueError(msg)
        return value

    @field_validator("least_price")
    @classmethod
    def _between(cls, value: int, info: ValidationInfo) -> int:
        cost, selling = info.data.get("cost_price"), info.data.get("selling_price")
        if cost is not None and selling is not None and not cost < value < selling:
            msg = (
                f"must be above cost_price ({plain(cost)}) and below selling_price ({plain(selling)}); "
                f"got {plain(value)}"
            )
            raise ValueError(msg)
        return value


class SellerProfile(Document):
    """What the seller is after and how it talks."""

    priority: Priority
    speaking_style: SpeakingStyle


class SellerConfig(Document):
    """A seller and its stock."""

    name: Name
    inventory: Annotated[list[InventoryItem], Field(min_length=1, max_length=200)]
    profile: SellerProfile
    llm_config: LlmConfig | None = None

    @field_validator("inventory")
    @classmethod
    def _each_once(cls, value: list[InventoryItem]) -> list[InventoryItem]:
        first: dict[str, int] = {}
        for index, item in enumerate(value):
            other = first.setdefault(item.item_id, index)
            if other != index:
                place, issue = f"[{index}].item_id", f"must differ from that of [{other}]"
                raise misplaced(place, issue)
        return value


class NegotiationConfig(Document):
    """How a room is run; what is left out comes from the settings."""

    max_rounds: Annotated[int, Field(ge=1, le=MAX_ROUNDS, strict=True)] | None = None
    timeout_minutes: Annotated[float, Field(gt=0, le=24 * 60, allow_inf_nan=False, strict=True)] | None = None
    reply_order: ReplyOrder = ReplyOrder.SHUFFLED


class Scenario(Document):
    """A market: one buyer, its shopping list, and the sellers."""

    buyer: BuyerConfig
    sellers: Annotated[list[SellerConfig], Field(min_length=1, json_schema_extra={"maxItems": MAX_SELLERS})]
    llm_config: LlmConfig | None = None
    negotiation: NegotiationConfig = NegotiationConfig()
    seed: Annotated[int, Field(ge=0, le=2**53, strict=True)] | None = None
    user_id: UserName | None = None

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        seen = {folded(self.buyer.name): "the buyer"}
        for index, seller in enumerate(self.sellers):
            other = seen.setdefault(folded(seller.name), f"sellers[{index}]")
            if other != f"sellers[{index}]":
                issue = f"must differ from that of {other} in more than case and spaces"
                place = f"sellers[{index}].name"
                raise misplaced(place, issue)
        return self
