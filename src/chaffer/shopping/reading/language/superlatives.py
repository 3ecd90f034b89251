"""Words that want the most or the least of something: `the lightest`, `the longest` of what is named behind."""

from __future__ import annotations

from typing import Final

from chaffer.shopping.reading.language.comparisons import Aspect, Trend
from chaffer.shopping.reading.phrases import Phrases, all_meaning
from chaffer.shopping.reading.sentences import word_set

WORDS: Final = Phrases(
    all_meaning(Trend(Aspect.SIZE, is_more=True), "biggest, largest, größte, größten, größter")
    | all_meaning(Trend(Aspect.SIZE, is_more=False), "smallest, tiniest, most compact, kleinste, kleinsten, kleinster")
    | all_meaning(Trend(Aspect.WEIGHT, is_more=False), "lightest, most portable, leichteste, leichtesten, leichtester")
    | all_meaning(Trend(Aspect.WEIGHT, is_more=True), "heaviest")
    | all_meaning(
        Trend(Aspect.NOISE, is_more=False), "quietest, most quiet, most silent, leiseste, leisesten, leisester"
    )
    | all_meaning(Trend(Aspect.NOISE, is_more=True), "loudest")
    | all_meaning(Trend(Aspect.SPEED, is_more=True), "fastest, quickest")
    | all_meaning(Trend(Aspect.POWER, is_more=True), "most powerful, strongest, stärkste, stärksten, stärkster")
    | all_meaning(
        Trend(Aspect.BATTERY, is_more=True), "longest lasting, longest-lasting, lasts longest, lasts the longest"
    )
)
"""By themselves."""

MOST: Final = word_set("""
    most longest largest biggest highest greatest meiste meisten längste längsten höchste höchsten größte größten
    """)
LEAST: Final = word_set("""
    least lowest shortest smallest fewest wenigste wenigsten kürzeste niedrigste kleinste kleinsten
    """)
BEST: Final = frozenset({"best"})
"""Before the name of an attribute; the best is the most only of what is better with more."""
