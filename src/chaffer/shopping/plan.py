"""What is asked of the shopping surface, as JSON documents."""

from __future__ import annotations

from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, model_validator

from chaffer.shopping.catalogue.searching import Need
from chaffer.shopping.catalogue.units import folded_text, in_unit, unit_of
from chaffer.shopping.preferences import MOST_BRANDS, MOST_NEEDS
from chaffer.validation import Document, LlmConfig, Money, Seed, UserName, misplaced, printable, visible

LONGEST_QUERY: Final = 10_000


def _known_unit(word: str) -> str:
    if word and unit_of(word) is None:
        msg = "must be a unit as products have it, such as GB, in or kg, or left out"
        raise ValueError(msg)
    return word


Words = Annotated[str, Field(min_length=1, max_length=LONGEST_QUERY), AfterValidator(visible)]
Id = Annotated[str, Field(min_length=1, max_length=100)]
Brand = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(printable)]
Brands = Annotated[list[Brand], Field(max_length=MOST_BRANDS)]
Text = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(printable), AfterValidator(folded_text)]
Number = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]
Rating = Annotated[float, Field(ge=0, le=5, allow_inf_nan=False)]
Unit = Annotated[str, Field(max_length=10), AfterValidator(_known_unit)]


class AttributeNeed(Document):
    """What an attribute must be: one of the texts, or a number between the bounds, inclusive, in the unit."""

    name: Text
    texts: Annotated[list[Text], Field(default_factory=list, max_length=20)]
    at_least: Number | None = None
    at_most: Number | None = None
    unit: Unit = ""
    excluded: bool = False

    def need(self) -> Need:
        """Return the need, its bounds in the unit of their kind: GB for TB."""
        unit, factor = unit_of(self.unit) or ("", 1.0)
        least, most = (
            None if bound is None else in_unit(bound, unit, factor).number for bound in (self.at_least, self.at_most)
        )
        return Need(self.name, tuple(self.texts), least, most, unit, self.excluded)


class PreferencesPatch(Document):
    """A person's preferences as they are to be; what is left out stays, and null forgets."""

    liked_brands: Brands | None = None
    disliked_brands: Brands | None = None
    max_budget: Annotated[Money, Field(gt=0)] | None = None
    budget_category: Brand | None = None
    min_rating: Rating | None = None
    required: Annotated[list[AttributeNeed], Field(max_length=MOST_NEEDS)] | None = None

    @model_validator(mode="after")
    def _takes_sides(self) -> Self:
        liked = {folded_text(brand) for brand in self.liked_brands or ()}
        for index, brand in enumerate(self.disliked_brands or ()):
            if folded_text(brand) in liked:
                place = f"disliked_brands[{index}]"
                raise misplaced(place, "must not be liked, too")
        return self


class GivenPreferences(PreferencesPatch):
    """The same beside a query, with whose they are."""

    user_id: UserName | None = None


class ShoppingQuery(Document):
    """What a shopper says. Without a session one is begun, and only then a model can be chosen."""

    query: Words
    session_id: Id | None = None
    user_preferences: GivenPreferences | None = None
    llm_config: LlmConfig | None = None
    seed: Seed | None = None
    user_id: UserName | None = None

    @model_validator(mode="after")
    def _begins_or_goes_on(self) -> Self:
        if self.session_id is not None:
            for name in ("llm_config", "seed"):
                if getattr(self, name) is not None:
                    raise misplaced(name, "holds for a whole session: give it when the session is begun")
        return self


class QuestionReply(Document):
    """What a shopper answers to a question; `thread_id` is the interrupt's."""

    session_id: Id
    thread_id: Id
    user_input: Words


class HaggleOrder(Document):
    """A product that a buyer is to haggle for; `budget` is for all pieces, by default from what the shopper said."""

    product_id: Id
    quantity: Annotated[int, Field(ge=1, le=10_000, strict=True)] = 1
    budget: Annotated[Money, Field(gt=0)] | None = None
