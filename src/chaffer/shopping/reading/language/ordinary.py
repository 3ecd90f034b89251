"""Words of the language, which are names only where they are written as names."""

from __future__ import annotations

from typing import Final

from chaffer.shopping.catalogue.idle import COMMON, FUNCTION_WORDS
from chaffer.shopping.reading.language import bounds, comparisons, intents, lifts, sorts

HOLLOW: Final = FUNCTION_WORDS.union(
    *(phrases.words() for phrases in (bounds.BEFORE, bounds.BEHIND, sorts.SORTS)),
)
"""By these no attribute and no category is known, whatever a catalogue calls them."""

ORDINARY: Final = HOLLOW.union(
    COMMON,
    *(
        phrases.words()
        for phrases in (lifts.BEFORE, lifts.BEHIND, lifts.SUBJECTS, lifts.WHOLE, comparisons.WORDS, *intents.ALL)
    ),
)
"""And a brand of such words alone is one only where it is written as the catalogue spells it."""
