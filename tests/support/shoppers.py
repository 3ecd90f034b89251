"""Shoppers who talk to the plain reading alone: what is searched is found in the sample by trying every product."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from msgspec.structs import replace as with_fields

from chaffer.shopping.catalogue.fitting import fits
from chaffer.shopping.catalogue.products import Product
from chaffer.shopping.catalogue.searching import Constraints, Need, Vocabulary
from chaffer.shopping.events import Choice, Intent, Match, Worth
from chaffer.shopping.preferences import PreferenceChange, Preferences, changed
from chaffer.shopping.questions import Context, FeedbackQuestion, Planned, PlanningQuestion, RoutingQuestion
from chaffer.shopping.reading import learn, plan, products_named, route
from tests.support import sample_catalogue

MOST_SHOWN = 10


def has(name: str) -> Need:
    return Need(name, ("yes",))


def lacks(name: str) -> Need:
    return Need(name, ("yes",), excluded=True)


def of(name: str, *texts: str) -> Need:
    return Need(name, texts)


def span(name: str, unit: str, low: float | None, high: float | None = None) -> Need:
    return Need(name, at_least=low, at_most=high, unit=unit)


@dataclass
class Shopper:
    """A conversation: the products that fit are shown in the order of the sample, the first one is recommended."""

    vocabulary: Vocabulary = field(default_factory=sample_catalogue.vocabulary)
    preferences: Preferences = field(default_factory=Preferences)
    constraints: Constraints | None = None
    shown: tuple[Match, ...] = ()
    intent: Intent = Intent.SMALLTALK
    noted: tuple[str, ...] = ()
    learned: PreferenceChange = field(default_factory=PreferenceChange)

    def context(self, text: str) -> Context:
        return Context(
            session_id="session",
            turn=0,
            seed=1,
            text=text,
            history=(),
            shown=self.shown,
            recommended_id=self.shown[0].product.product_id if self.shown else None,
            constraints=self.constraints,
            vocabulary=self.vocabulary,
            preferences=self.preferences,
            currency=self.vocabulary.currency,
        )

    @property
    def recommended(self) -> Product:
        return self.shown[0].product

    def routed(self, text: str) -> Intent:
        return route(RoutingQuestion(self.context(text)))

    def says(self, *texts: str) -> Constraints:
        """Say one thing after the other, and return what is searched in the end, without the words of the text."""
        for text in texts:
            context = self.context(text)
            self.intent = route(RoutingQuestion(context))
            if self.intent is Intent.FEEDBACK:
                self.learned = learn(FeedbackQuestion(context))
                self.preferences = changed(self.preferences, self.learned)
                context = replace(context, preferences=self.preferences)
            if self.intent.searches:
                self._search(plan(PlanningQuestion(context, self.intent)))
        assert self.constraints is not None
        return with_fields(self.constraints, text="")

    def answers(self, choice: Choice, text: str) -> Constraints:
        self._search(plan(PlanningQuestion(self.context(text), Intent.SEARCH, choice)))
        assert self.constraints is not None
        return with_fields(self.constraints, text="")

    def points_at(self, text: str) -> list[int]:
        """Return the places, from 1 on, of the shown products that a text names."""
        places = {match.product.product_id: place for place, match in enumerate(self.shown, start=1)}
        return [places[match.product.product_id] for match in products_named(self.context(text))]

    def _search(self, planned: Planned) -> None:
        self.constraints, self.noted = planned.constraints, planned.noted
        found = [product for product in sample_catalogue.products() if fits(product, planned.constraints)]
        self.shown = tuple(Match(product, 0.5, Worth(0.5, 0.5, 0.5)) for product in found[:MOST_SHOWN])


def searched(text: str) -> Constraints:
    """Return what is searched for a sentence that begins a conversation."""
    return Shopper().says(text)


def in_order(constraints: Constraints) -> Constraints:
    """Return constraints with their needs in the order of names, as that of needs means nothing."""
    return with_fields(constraints, needs=tuple(sorted(constraints.needs, key=lambda need: need.name)))
