"""What is said when products were found: the one to take and why, what speaks against it, and the runner-up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from chaffer.counting import counted, listed
from chaffer.draws import Draws
from chaffer.money import formatted
from chaffer.shopping.catalogue.fitting import NO
from chaffer.shopping.catalogue.products import Product, standing
from chaffer.shopping.catalogue.searching import Constraints, Need, Sort
from chaffer.shopping.catalogue.units import folded_text
from chaffer.shopping.questions import AdvisoryQuestion
from chaffer.shopping.speech import templates
from chaffer.shopping.speech.naming import attributes_of, rating_of, trait, traits

_FEW_REVIEWS: Final = 20
_FEW_LEFT: Final = 3
_MOST_WISHES: Final = 5
_MOST_TRAITS: Final = 2
_PICKS: Final = {
    Sort.CHEAPEST: templates.CHEAPEST,
    Sort.DEAREST: templates.DEAREST,
    Sort.BEST_RATED: templates.BEST_RATED,
    Sort.LEAST: templates.BY_ATTRIBUTE,
    Sort.MOST: templates.BY_ATTRIBUTE,
}


def recommendation(question: AdvisoryQuestion, draws: Draws) -> Iterator[str]:
    """Yield what is said of the first match, sentence by sentence."""
    return _Recommendation(question, draws, question.constraints or Constraints()).sentences()


def reasons(question: AdvisoryQuestion, draws: Draws) -> Iterator[str]:
    """Yield why the first match is recommended, and what speaks against it."""
    return _Recommendation(question, draws, question.constraints or Constraints()).reasons()


@dataclass(frozen=True, slots=True)
class _Recommendation:
    """A recommendation while it is put into words."""

    question: AdvisoryQuestion
    draws: Draws
    wanted: Constraints

    @property
    def pick(self) -> Product:
        """Return the recommended product."""
        return self.question.matches[0].product

    @property
    def others(self) -> tuple[Product, ...]:
        """Return the other products that fit, best first."""
        return tuple(match.product for match in self.question.matches[1:])

    def sentences(self) -> Iterator[str]:
        """Yield the sentences."""
        wordings = self._picking(templates.PICK)
        yield self._say(wordings, "pick", **self._in_short(self.pick), total=f"{self.question.total:,}")
        yield from self._for_it()
        against = self._against()
        if against is not None:
            yield against[0]
        yield from self._runner_up(None if against is None else against[1])
        yield self._say(templates.WHAT_NEXT, "next")

    def reasons(self) -> Iterator[str]:
        """Yield the sentences that tell why it is this one."""
        yield self._say(self._picking(templates.BECAUSE), "because", **self._in_short(self.pick))
        yield from self._for_it()
        against = self._against()
        if against is not None:
            yield against[0]

    def _picking(self, by_value: templates.Wordings) -> templates.Wordings:
        """Return the wordings for the pick by the order that was asked for, else by value."""
        if not self.others:
            return templates.ONLY_ONE
        is_told = not self.wanted.sort_by or traits(self.pick, [self.wanted.sort_by])
        return _PICKS.get(self.wanted.sort, by_value) if is_told else by_value

    def _for_it(self) -> Iterator[str]:
        wishes = traits(self.pick, (need.name for need in self.wanted.needs[:_MOST_WISHES] if self._is_wished(need)))
        if wishes:
            yield self._say(templates.WISHES, "wishes", traits=listed(wishes))
        limit, price = self.wanted.max_price_minor, self._price(self.pick)
        if limit is not None and price < limit:
            currency = self.pick.currency
            left = formatted(limit - price, currency)
            yield self._say(templates.WITHIN_LIMIT, "limit", left=left, limit=formatted(limit, currency))
        brand = self.pick.brand
        if folded_text(brand) in map(folded_text, self.question.context.preferences.liked_brands):
            yield self._say(templates.LIKED_BRAND, "brand", brand=brand)

    def _is_wished(self, need: Need) -> bool:
        """Tell whether what the pick has there was wished: who does not want white did not ask for black."""
        return not need.excluded or folded_text(attributes_of(self.pick).get(need.name, NO)) == NO

    def _against(self) -> tuple[str, Product | None] | None:
        """Return what speaks most against the pick, with the product that is better in it if there is one."""
        return self._scarce() or self._better()

    def _scarce(self) -> tuple[str, None] | None:
        pieces = self.pick.pieces
        if not pieces:
            return self._say(templates.SOLD_OUT, "stock"), None
        if pieces == 1:
            return self._say(templates.LAST_PIECE, "stock"), None
        if pieces <= _FEW_LEFT:
            return self._say(templates.FEW_LEFT, "stock", pieces=counted(pieces, "piece", "pieces")), None
        if self.pick.rating is not None and 0 < self.pick.reviews < _FEW_REVIEWS:
            people = counted(self.pick.reviews, "person", "people")
            return self._say(templates.FEW_REVIEWS, "few reviews", people=people), None
        return None

    def _better(self) -> tuple[str, Product] | None:
        own, price = standing(self.pick), self._price(self.pick)
        loved = max(self.others, key=standing, default=self.pick)
        if standing(loved) > own and self._price(loved) > price:
            more = formatted(self._price(loved) - price, loved.currency)
            words = {"name": loved.name, "rated": rating_of(loved), "more": more}
            return self._say(templates.RATED_BETTER, "rated better", **words), loved
        cheap = min(self.others, key=self._price, default=self.pick)
        if self._price(cheap) < price:
            less = formatted(price - self._price(cheap), cheap.currency)
            return self._say(templates.COSTS_LESS, "costs less", name=cheap.name, less=less), cheap
        return None

    def _runner_up(self, named: Product | None) -> Iterator[str]:
        """Yield what is said of the best of the others, unless it was named already."""
        other = next((other for other in self.others if other is not named), None)
        if other is None:
            return
        yield self._say(templates.RUNNER_UP, "runner-up", **self._in_short(other))
        known = attributes_of(self.pick)
        own = [trait(name, text) for name, text in attributes_of(other).items() if known.get(name, text) != text]
        if own:
            yield self._say(templates.INSTEAD, "instead", traits=listed(own[:_MOST_TRAITS]))

    def _in_short(self, product: Product) -> dict[str, str]:
        price = formatted(self._price(product), product.currency)
        by = self.wanted.sort_by
        told = "".join(traits(product, [by]))
        return {"name": product.name, "price": price, "rated": rating_of(product), "attribute": by, "trait": told}

    def _price(self, product: Product) -> int:
        return product.price_for(self.wanted.quantity)

    def _say(self, wordings: templates.Wordings, purpose: str, **words: str) -> str:
        return self.draws.part(wordings, purpose, self.question.context.turn).format(**words)
