"""What a shopper wants with a sentence: told by its wishes, and by the words around them."""

from __future__ import annotations

from typing import Final

from chaffer.shopping.catalogue.idle import IDLE
from chaffer.shopping.events import Intent
from chaffer.shopping.questions import Context, RoutingQuestion
from chaffer.shopping.reading.brands import Stance
from chaffer.shopping.reading.haggling import asks_of_haggling
from chaffer.shopping.reading.known import known_of
from chaffer.shopping.reading.language.intents import (
    ABOUT_SHOPPING,
    ASKING,
    BUYING,
    COMPARING,
    CONTINUING,
    GREETING,
    INSTEAD,
    KNOWN_OF_ME,
    OFF_TOPIC,
    OPENING,
    SEEKING,
    THANKING,
    VAGUE,
)
from chaffer.shopping.reading.language.pointers import IT, NUMBERED, STANDING_FOR
from chaffer.shopping.reading.opinions import Opinion, opinion_in
from chaffer.shopping.reading.phrases import Phrases, is_said
from chaffer.shopping.reading.pointing import is_bare_why, names_place, products_named
from chaffer.shopping.reading.sentences import Sentence, words_of
from chaffer.shopping.reading.things import names_another, names_thing
from chaffer.shopping.reading.wishes import Wishes, wishes_in

_SHORT: Final = 6
"""A sentence of so many words can be a whole answer."""
_MOST_LEADING: Final = 3
_UNNAMED: Final = frozenset({"something", "anything"})
"""What is called so is wished for, and no praise: `something nice`."""


def route(question: RoutingQuestion) -> Intent:
    """Return what a shopper wants with what they said."""
    context = question.context
    current = None if context.constraints is None else context.constraints.category
    wishes = wishes_in(context.text, known_of(context.vocabulary), context.currency, current=current)
    heard = _Heard(context, Sentence(context.text), wishes, opinion_in(context.text))
    if not heard.sentence.words:
        return Intent.SMALLTALK
    if heard.is_purchase():
        return Intent.BUY
    if heard.is_opinion():
        return Intent.FEEDBACK
    if heard.is_question():
        return Intent.QUESTION
    if wishes.is_empty:
        return heard.courtesy() or heard.pointed() or heard.unknown()
    return heard.search()


def asks_what_is_known(text: str) -> bool:
    """Tell whether a shopper asks what is known of them."""
    return is_said(Sentence(text), KNOWN_OF_ME)


class _Heard:
    """A sentence with what was made of it."""

    def __init__(self, context: Context, sentence: Sentence, wishes: Wishes, opinion: Opinion) -> None:
        self.context = context
        self.sentence = sentence
        self.wishes = wishes
        self.opinion = opinion
        self.is_first = context.constraints is None

    def has(self, phrases: Phrases[bool]) -> bool:
        """Tell whether one of the phrases is said."""
        return is_said(self.sentence, phrases)

    def asks(self) -> bool:
        """Tell whether it is put as a question."""
        words = [word for word in self.sentence.words if word not in {"and", "so", "ok", "okay", "but", "then", "hm"}]
        return self.sentence.said.rstrip().endswith("?") or (bool(words) and words[0] in ASKING)

    def asks_of_haggling(self) -> bool:
        """Tell whether it asks what came of the negotiations, and wishes nothing besides."""
        wishes = self.wishes
        has_wish = bool(wishes.needs or wishes.lifted or wishes.compared or wishes.wants_other)
        is_priced = wishes.prices.low_minor is not None or wishes.prices.high_minor is not None
        return not (has_wish or is_priced or self.names_new_kind()) and asks_of_haggling(self.context)

    def is_purchase(self) -> bool:
        """Tell whether what was shown is to be bought, and nothing else to be looked for."""
        if not self.has(BUYING) or self.asks():
            return False
        stances = {one.stance for one in self.wishes.brands}
        if Stance.DISLIKED in stances or stances == {Stance.UNWANTED}:
            return False
        is_pointed = bool(products_named(self.context)) or self.has(IT)
        others = set(words_of(self.wishes.text)) - BUYING.words()
        is_plain = self.wishes.category is None and not others and not self.wishes.needs
        names_another = self.wishes.category is not None and (not is_pointed or self.names_new_kind())
        return not names_another and (is_pointed or (is_plain and len(self.sentence) <= _SHORT))

    def is_opinion(self) -> bool:
        """Tell whether it says what the shopper thinks, of a brand or of what was shown."""
        wishes = self.wishes
        has_view = any(one.stance in {Stance.LIKED, Stance.DISLIKED, Stance.FORGOTTEN} for one in wishes.brands)
        if self.names_new_kind() or (self.asks() and not has_view and not self.opinion.rejects):
            return False
        complains = any(one.is_complaint for one in wishes.compared) or any(one.is_disliked for one in wishes.needs)
        complains = complains or bool(wishes.faults)
        is_lasting = bool(wishes.needs or wishes.brands or wishes.rating or wishes.prices.high_minor)
        is_for_good = self.opinion.is_for_good and is_lasting
        if has_view or ((complains or is_for_good) and not self.is_first):
            return True
        is_plain = wishes.prices.high_minor is None and not wishes.needs and not wishes.compared and not wishes.brands
        is_wish = wishes.wants_other or not _UNNAMED.isdisjoint(self.sentence.words)
        judged = self.opinion.rejects or (self.opinion.praises and is_plain and not is_wish)
        return not self.is_first and judged and not self.has(THANKING) and (is_plain or self.opinion.rejects)

    def names_new_kind(self) -> bool:
        """Tell whether it names a kind of product that was not the last one searched."""
        return self.wishes.category is not None and (self.is_first or self.wishes.category != self.category())

    def names_another(self) -> bool:
        """Tell whether it names a thing that is clearly another one, though nothing here is called so: `a TV`."""
        return names_another(self.sentence, self.wishes, known_of(self.context.vocabulary))

    def category(self) -> str | None:
        """Return the category of the last search."""
        return None if self.context.constraints is None else self.context.constraints.category

    def is_question(self) -> bool:
        """Tell whether it asks about products that were shown, or what came of a negotiation."""
        if self.asks_of_haggling():
            return True
        if self.is_first or not (self.asks() or self.has(COMPARING)):
            return False
        if self.wishes.category not in {None, self.category()} or self.wishes.wants_other:
            return False
        pointed = bool(products_named(self.context)) or self.has(IT) or is_bare_why(self.sentence)
        if self.seeks() and not self.has(COMPARING) and not (pointed and self.wishes.is_empty):
            return False
        is_about = not ABOUT_SHOPPING.isdisjoint(self.sentence.words) or bool(self.wishes.needs)
        return (self.has(COMPARING) or pointed or is_about) and not self.has(OFF_TOPIC)

    def seeks(self) -> bool:
        """Tell whether a question asks for products and not about them: `are there any in black?`."""
        words = self.sentence.words
        return any(SEEKING.at(words, at) is not None for at in range(min(_MOST_LEADING, len(words))))

    def courtesy(self) -> Intent | None:
        """Return the intent of a sentence of mere courtesies."""
        if self.has(KNOWN_OF_ME) and not self.wishes.text:
            return Intent.SMALLTALK
        if self.has(THANKING):
            return Intent.THANKS
        is_short = len(self.sentence) <= _SHORT and not self.wishes.text
        is_mere = not self.is_vague() and (is_short or not self.has(OPENING))
        if self.has(GREETING) and is_mere and not self.has(OFF_TOPIC):
            return Intent.SMALLTALK
        return None

    def pointed(self) -> Intent | None:
        """Return the intent of a sentence that names a place in the list and nothing else: `show me the second`."""
        others = [word for word in words_of(self.wishes.text) if word not in NUMBERED and not word.isdigit()]
        return Intent.QUESTION if not self.is_first and not others and names_place(self.sentence) else None

    def is_vague(self) -> bool:
        """Tell whether it wants products and says nothing of them: `a gift for dad`, `surprise me`."""
        return self.has(VAGUE) and not self.wishes.text

    def unknown(self) -> Intent:
        """Return the intent of a sentence without a wish that is known here."""
        seeks = self.has(OPENING) or self.is_vague() or self.seeks()
        if self.has(OFF_TOPIC) or (self.asks() and not seeks):
            return Intent.OFF_TOPIC
        if not self.wishes.text and (self.has(OPENING) or self.is_vague()):
            return Intent.SEARCH if self.is_first else Intent.REFINE
        if not self.wishes.text:
            return Intent.SMALLTALK
        if self.is_first or self.names_another():
            return Intent.SEARCH
        # Whoever names nothing that is known here, but begins to search, searches something else; of a thing that what
        # is searched may have, planning finds out.
        goes_on = self.has(IT) or not STANDING_FOR.isdisjoint(self.sentence.words) or not self.has(OPENING)
        return Intent.REFINE if goes_on or names_thing(self.sentence, self.wishes) else Intent.SEARCH

    def search(self) -> Intent:
        """Return whether a search begins anew or goes on."""
        wishes = self.wishes
        if self.is_first or self.names_new_kind() or self.names_another():
            return Intent.SEARCH
        is_bound_to_last = bool(wishes.compared or wishes.lifted or wishes.wants_other or wishes.more is not None)
        if is_bound_to_last:
            return Intent.REFINE
        begins = OPENING.at(self.sentence.words, _first_telling(self.sentence)) is not None
        if wishes.category is not None and begins and not self.continues():
            return Intent.SEARCH
        if self.has(INSTEAD) and wishes.text and wishes.category is None:
            return Intent.SEARCH
        return Intent.REFINE

    def continues(self) -> bool:
        """Tell whether it begins with a word that goes on from what was said before, as `only` and `but`."""
        words = self.sentence.words
        return "only" in words or "instead" in words or CONTINUING.at(words, 0) is not None


def _first_telling(sentence: Sentence) -> int:
    """Return where a sentence begins, greetings and the like left out."""
    for at, word in enumerate(sentence.words):
        if OPENING.at(sentence.words, at) is not None or word not in IDLE:
            return at
    return 0
