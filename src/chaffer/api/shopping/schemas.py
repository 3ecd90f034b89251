"""The documents of shopping."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from chaffer.api.v1.schemas import Amount, Moment
from chaffer.shopping.catalogue.searching import Sort
from chaffer.shopping.events import Intent, Node, ThreadStatus

Score = Annotated[float, Field(ge=0, le=1, description="Computed from price, rating and fit; see the documentation.")]


class SellerOffer(BaseModel):
    """What a seller asks for a product, a piece, and how many it has."""

    seller: str
    price: Amount
    stock: int


class ProductDocument(BaseModel):
    """A product. Its price is the lowest of those who have it in stock, or of all where nobody has."""

    id: str
    name: str
    brand: str
    category: str
    description: str
    price: Amount
    currency: str
    rating: float | None
    reviews: int
    attributes: dict[str, str]
    sellers: list[SellerOffer]
    url: str
    image: str


class MatchedProduct(ProductDocument):
    """A product that fits what was asked for, as it was then."""

    value_score: Score


class NeedDocument(BaseModel):
    """What an attribute must be: one of the texts, or a number between the bounds, inclusive, in the unit."""

    name: str
    texts: list[str] = []
    at_least: float | None = None
    at_most: float | None = None
    unit: str = ""
    excluded: bool = False


class ConstraintsDocument(BaseModel):
    """What was searched: all of it is kept to, but `text`, which ranks, and `sort`, which orders."""

    text: str
    category: str | None
    brands: list[str]
    not_brands: list[str]
    not_products: list[str] = Field(default=[], description="Ids of products that the shopper did not like.")
    min_price: Amount | None
    max_price: Amount | None
    min_rating: float | None
    needs: list[NeedDocument]
    quantity: int
    in_stock: bool
    sort: Sort
    sort_by: str = Field("", description="The attribute of which the least or the most is wanted.")


class Recommendation(BaseModel):
    """The product that is recommended, one of those that were found, and why."""

    recommended_product: ProductDocument
    value_score: Score
    reasoning: str = Field(description="How the score came about, in a line.")
    explanation: str = Field(description="What the shopper was told.")


class RelaxationDocument(BaseModel):
    """What can be given up where nothing fits, and how many products there are then."""

    what: str
    total_results: int


class ShoppingResult(BaseModel):
    """The answer to a turn. `recommendation` is null where nothing fits; `relaxations` tell then what to give up."""

    status: Literal["completed"] = "completed"
    session_id: str
    turn: int
    user_query: str
    intent: Intent
    message_id: str
    message: str = Field(description="What the shopper was told; all `chunk`s of the stream put together.")
    matched_products: list[MatchedProduct]
    recommendation: Recommendation | None
    total_results: int
    constraints: ConstraintsDocument | None = Field(description="Null where nothing was searched.")
    corrected_query: str | None = Field(description="The words that were searched in place of misspelt ones.")
    relaxations: list[RelaxationDocument]
    notes: list[str] = Field(description="How the shopper was understood, where that may surprise.")


class InterruptDocument(BaseModel):
    """A question to the shopper; answer it by `POST /api/shopping/resume`."""

    type: Literal["interrupt"] = "interrupt"
    node: Node
    message: str
    thread_id: str
    options: list[str]
    expires_at: Moment | None


class ShoppingInterrupted(BaseModel):
    """A turn that waits for the shopper's answer."""

    status: Literal["interrupted"] = "interrupted"
    session_id: str
    turn: int
    user_query: str
    interrupt: InterruptDocument


class TurnBegun(BaseModel):
    """What is kept under an Idempotency-Key of a turn."""

    session_id: str
    turn: int


class PreferencesDocument(BaseModel):
    """What is known of a shopper's taste, over all sessions. The budget holds in its category, null for everywhere."""

    liked_brands: list[str]
    disliked_brands: list[str]
    max_budget: Amount | None
    budget_category: str | None
    min_rating: float | None
    required: list[NeedDocument]


class UserPreferences(PreferencesDocument):
    """The preferences of a user."""

    user_id: str


class HistoryEntry(BaseModel):
    """Something that was said in a session, word for word."""

    role: Literal["user", "ai"]
    content: str
    message_id: str
    timestamp: Moment
    turn: int | None = Field(description="Null for news of a negotiation.")
    recommendation: Recommendation | None = None


class NegotiationInfo(BaseModel):
    """A negotiation that was opened from a session. It goes on at `/api/v1/negotiation/{room_id}`."""

    negotiation_session_id: str
    room_id: str
    product_id: str
    product_name: str
    quantity: int
    budget: Amount
    list_price: Amount
    stream_url: str


class ShoppingSessionSummary(BaseModel):
    """A shopping session as a list shows it."""

    session_id: str
    user_id: str
    status: ThreadStatus
    turns: int
    created_at: Moment
    updated_at: Moment
    title: str = Field(description="What was said first, shortened.")


class ShoppingSessionState(ShoppingSessionSummary):
    """A shopping session with all that was said, what is known of its user, and what it waits for."""

    conversation_history: list[HistoryEntry]
    user_preferences: PreferencesDocument
    constraints: ConstraintsDocument | None
    interrupt: InterruptDocument | None
    negotiations: list[NegotiationInfo] = Field(description="Those that go on.")
    position: str = Field(description="The stream id up to which this state tells all.")


class ShoppingSessionList(BaseModel):
    """A page of shopping sessions, newest first."""

    sessions: list[ShoppingSessionSummary]
    next_after: str | None


class ShoppingSessionDeleted(BaseModel):
    """A session that is gone."""

    session_id: str
    message: str


class FacetValue(BaseModel):
    """A value, and how many of the counted products have it."""

    value: str
    count: int


class FacetDocument(BaseModel):
    """How products divide by a property; for numbers `low` and `high` are in `unit`."""

    name: str
    values: list[FacetValue]
    missing: int
    unit: str
    low: float | None
    high: float | None


class FacetsDocument(BaseModel):
    """How the products that fit divide: of the best `counted` ones, which are all while it equals `total`."""

    counted: int
    low_price: Amount | None
    high_price: Amount | None
    facets: list[FacetDocument]


class Understood(BaseModel):
    """How a sentence was read: as what is searched, the same in words, and what may surprise."""

    constraints: ConstraintsDocument
    words: list[str]
    notes: list[str]


class ProductList(BaseModel):
    """A page of products, best first."""

    products: list[ProductDocument]
    total: int
    next_after: str | None
    corrected: str | None = Field(description="The words that were searched in place of misspelt ones.")
    is_partial: bool = Field(description="Whether no product has all the words: these have some of them.")
    understood: Understood | None = Field(description="With `sentence=true`.")
    facets: FacetsDocument | None = Field(description="With `facets=true`.")


class CategoryCount(BaseModel):
    """A category, and how many products it has."""

    name: str
    products: int


class CatalogueStats(BaseModel):
    """What the catalogue holds. `revision` changes when products come or go."""

    products: int
    in_stock: int
    offers: int
    sellers: int
    categories: list[CategoryCount]
    revision: int
