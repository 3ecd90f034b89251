"""The words of the scripted speaker: what it takes from its prompt and the topic, and the sentences it has. Pure.

`character.py` reads the prompt, `subject.py` the topic, `lexicon.py` and `concerns.py` hold the words they know,
`sentences.py` the sentences, and `composing.py` makes a message of them. Nothing here understands what it reads.
"""

from __future__ import annotations

from chaffer.dialogue.speech.composing import scripted_message
from chaffer.dialogue.speech.fitting import fitted

__all__ = ["fitted", "scripted_message"]
