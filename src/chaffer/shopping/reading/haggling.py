"""Whether a shopper asks what came of the buyers that they sent: `how much did I save?`."""

from __future__ import annotations

from chaffer.shopping.questions import Context
from chaffer.shopping.reading.language.outcomes import OF_HAGGLING, OF_WHAT_WENT_ON
from chaffer.shopping.reading.sentences import Sentence


def asks_of_haggling(context: Context) -> bool:
    """Tell whether the shopper's words ask what came of their negotiations."""
    words = Sentence(context.text).words
    was_sent = bool(context.haggled) or context.news is not None
    lists = (OF_HAGGLING, OF_WHAT_WENT_ON) if was_sent else (OF_HAGGLING,)
    return any(phrases.at(words, at) is not None for phrases in lists for at in range(len(words)))
