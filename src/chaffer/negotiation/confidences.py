"""What sellers told the buyer in confidence, and the filter that keeps its words from telling one what another said.

A seller's words are a confidence towards every other seller. A text of the buyer betrays one when it shares a run of
RUN letters with them, whatever stands between the letters: case, spaces, punctuation, accents, what nobody sees and
letters of other scripts that look alike make no difference, and words may be cut or glued. RUN is about five or six
English words: shorter runs are stock phrases to which two speakers come alone («thank you for your offer», «what is
your best price»), longer ones are clauses of somebody's own. An ideograph counts as three letters and a kana as two,
since they say as much: eight and twelve of them are a run. Shorter ones are caught where they are more than chance: a
message that is no longer as a whole, and a code, such as QZX-4711 or an address of e-mail.

The words of names (the item's, the buyer's, the sellers') are no confidence, and their letters do not count. What all
hearers know is none either: what they said themselves, and what the buyer told them before, a person in its place too.

Not caught: a paraphrase, a translation, a run with words put into it, and fewer letters than RUN.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Self

from chaffer.amounts.letters import Letters
from chaffer.amounts.measures import MONEY_BEFORE
from chaffer.conversation.journal import Recorded
from chaffer.negotiation.events import BuyerSpoke, SellerReplied
from chaffer.negotiation.terms import RoomTerms

RUN: Final = 24
"""So many letters in a row are somebody's own words."""

SHORTEST_MESSAGE: Final = 12
SHORTEST_CODE: Final = 6
LONGEST_WORD: Final = 40
"""A longer word is read in pieces, so that a text without spaces does not wait for its end."""

_SHORTEST_NAME: Final = 3
"""A shorter word of a name, such as the 2 of Shop 2, is one only behind another: else it may be part of a code."""

_IDEOGRAPHS: Final = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_KANA: Final = "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff"
_WORD: Final = re.compile(
    rf"(?P<ideograph>[{_IDEOGRAPHS}])|(?P<kana>[{_KANA}])|[^\W_{_IDEOGRAPHS}{_KANA}]{{1,{LONGEST_WORD}}}"
)
_LETTERS_IN: Final = {"ideograph": 3, "kana": 2}
_TOKEN: Final = re.compile(r"[^\W_]+(?:[-_/@.+#&][^\W_]+)*")
_MIXED: Final = re.compile(r"(?=\D*\d)(?=[\d\W_]*[^\W\d_])")
_MEASURE: Final = re.compile(r"\d+[^\W\d_]+")
_JOINED: Final = re.compile(r"[@_]")
_HEAD: Final = re.compile(r"[^\W\d_]*")


class ConfidenceBrokenError(Exception):
    """A text tells some of its hearers what another seller said."""

    def __init__(self, words: str) -> None:
        """Bear the words that it repeats."""
        super().__init__(f"the words {words!r} are another seller's")
        self.words = words


class _Spelling:
    """The letters that count of a text that grows, one behind the other, and where its words begin."""

    def __init__(self, names: frozenset[str]) -> None:
        """Leave the words of names out."""
        self._names = names
        self._text = Letters()
        self._taken = 0
        self._places: list[int] = []
        self._in_name = False
        self.letters = ""
        self.starts: list[int] = []

    def add(self, text: str, *, is_whole: bool) -> None:
        """Take more of the text in. What may still become a longer word waits until the text is whole."""
        self._text.add(_lower(text))
        read = self._text.read
        spelt = [self.letters]
        length, taken = len(self.letters), len(read)
        for match in _WORD.finditer(read, self._taken):
            start, end = match.span()
            if end == len(read) and not is_whole and match.lastgroup is None and end - start < LONGEST_WORD:
                taken = start
                break
            word = match.group().casefold()
            self._in_name = word in self._names and (
                self._in_name or bool(match.lastgroup) or len(word) >= _SHORTEST_NAME
            )
            if self._in_name:
                continue
            word *= _LETTERS_IN.get(match.lastgroup or "", 1)
            self.starts.append(length)
            self._places += range(start, end) if len(word) == end - start else [start] * len(word)
            spelt.append(word)
            length += len(word)
        self._taken = taken
        self.letters = "".join(spelt)

    @property
    def read(self) -> str:
        """Return the text as it is read, with all that stands between its letters."""
        return self._text.read

    def place(self, letter: int) -> int:
        """Return where in the text that letter stands."""
        return self._text.place(self._places[letter])


def _lower(text: str) -> str:
    """Return the text in small letters, each in its place: capitals of other scripts look like other letters."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(small if len(small := letter.lower()) == 1 else letter for letter in text)


def _words(text: str) -> Iterator[str]:
    return (match.group().casefold() for match in _WORD.finditer(Letters(_lower(text)).read))


class Confidences:
    """What the sellers of one room said, and who of them knows what. Grows with the room.

    What was said is read once, when it is first asked for: a room whose buyer is no model does not pay for it.
    """

    def __init__(self, terms: RoomTerms) -> None:
        """Know nothing yet but who sits at the table."""
        self._terms = terms
        self._names: frozenset[str] | None = None
        self._taken = 0
        self._said: set[str] = set()
        self._known = dict.fromkeys(terms.names, "")
        self.lengths: set[int] = set()

    @property
    def names(self) -> frozenset[str]:
        """Return the words of names."""
        if self._names is None:
            terms = self._terms
            names = (terms.item_name, terms.buyer.name, *terms.names.values())
            self._names = frozenset(word for name in names for word in _words(name))
        return self._names

    def after(self, records: Sequence[Recorded]) -> Self:
        """Take in what was recorded since the last time; `records` are all of the room's, from its first."""
        for record in records[self._taken :]:
            event = record.event
            if isinstance(event, SellerReplied):
                for text in (event.text, event.offer.conditions or ""):
                    self._hear(event.seller_id, text)
            elif isinstance(event, BuyerSpoke):
                self._tell(event.hearers, self._spelt(event.text).letters)
        self._taken = len(records)
        return self

    def broken_by(self, letters: str, end: int, hearers: Iterable[str]) -> int:
        """Return the length of a run that ends there and that not all hearers know to have been said, or 0."""
        for length in self.lengths:
            run = letters[end - length : end] if length <= end else ""
            if run in self._said and not all(run in self._known.get(hearer, "") for hearer in hearers):
                return length
        return 0

    def _hear(self, seller_id: str, text: str) -> None:
        spelling = self._spelt(text)
        runs = [*_runs(spelling), *self._codes(spelling.read)]
        self._said.update(runs)
        self.lengths.update(map(len, runs))
        self._tell((seller_id,), spelling.letters)

    def _tell(self, sellers: Iterable[str], letters: str) -> None:
        for seller_id in sellers:
            self._known[seller_id] += f"{letters}\n"

    def _spelt(self, text: str) -> _Spelling:
        spelling = _Spelling(self.names)
        spelling.add(text, is_whole=True)
        return spelling

    def _codes(self, read: str) -> Iterator[str]:
        """Yield the words of letters and digits, and what is joined by `@` or `_`; no counts, sizes and prices."""
        for token in _TOKEN.findall(read):
            if not (_MIXED.match(token) or _JOINED.search(token)):
                continue
            code = self._spelt(token).letters
            is_mixed = _MIXED.match(code) and not _MEASURE.fullmatch(code) and not MONEY_BEFORE.search(_head(token))
            if SHORTEST_CODE <= len(code) < RUN and (is_mixed or _JOINED.search(token)):
                yield code


def _head(token: str) -> str:
    head = _HEAD.match(token)
    return head.group() if head is not None else ""


def _runs(spelling: _Spelling) -> Iterator[str]:
    """Yield the run that begins with each word of a text; of a short text, all of it."""
    letters = spelling.letters
    if SHORTEST_MESSAGE <= len(letters) < RUN:
        yield letters
    for start in spelling.starts:
        if start + RUN > len(letters):
            return
        yield letters[start : start + RUN]


class ConfidenceFilter:
    """Lets the buyer's text through as it is generated, but holds back what may still become a run.

    A text is shown RUN letters late, so that of a run that betrays a confidence no letter is seen. The cost is that of
    the text, and no work grows with the history but a search in what a hearer knows where it shares a run.
    """

    def __init__(self, confidences: Confidences, hearers: Sequence[str]) -> None:
        """Keep these confidences from these sellers, named by id."""
        self._confidences = confidences
        self._hearers = hearers
        self._spelling = _Spelling(confidences.names)
        self._text = ""
        self._judged = 0
        self._shown = 0

    def feed(self, delta: str) -> str:
        """Return what may be shown now. Raises ConfidenceBrokenError once a run is whole that betrays a confidence."""
        if not self._confidences.lengths:  # No seller has spoken: nothing can be told.
            return delta
        self._text += delta
        self._judge(is_whole=False, delta=delta)
        open_letters = self._judged - RUN + 1
        return self._released(self._spelling.place(open_letters)) if open_letters > 0 else ""

    def finish(self, last: str = "") -> str:
        """Take the last of the text in, and return the rest. Raises ConfidenceBrokenError."""
        if not self._confidences.lengths:
            return last
        self._text += last
        self._judge(is_whole=True, delta=last)
        return self._released(len(self._text))

    def _released(self, end: int) -> str:
        shown, self._shown = self._shown, max(self._shown, end)
        return self._text[shown : self._shown]

    def _judge(self, *, is_whole: bool, delta: str) -> None:
        spelling = self._spelling
        spelling.add(delta, is_whole=is_whole)
        for end in range(self._judged + 1, len(spelling.letters) + 1):
            length = self._confidences.broken_by(spelling.letters, end, self._hearers)
            if length:
                raise ConfidenceBrokenError(self._text[spelling.place(end - length) : spelling.place(end - 1) + 1])
        self._judged = len(spelling.letters)
