"""What one seller said reaches no other in the buyer's words, in whatever disguise, and ordinary words pass."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaffer.conversation.journal import Recorded
from chaffer.negotiation.confidences import RUN, ConfidenceBrokenError, ConfidenceFilter, Confidences
from chaffer.negotiation.events import BuyerSpoke, Offer, SellerReplied
from tests.support.markets import START, seller, terms

TABLE = terms(seller(1), seller(2), seller(3), item_name="Ergonomic Office Chair de Luxe")
ONE, TWO, THREE = "seller_001", "seller_002", "seller_003"
SECRET = "our warehouse in Lyon was flooded on Tuesday"

Said = tuple[str, str] | tuple[tuple[str, ...], str]
"""Who speaks and what: a seller by id, or the buyer to those who hear it."""


def recorded(*said: Said, conditions: str | None = None) -> list[Recorded]:
    offer = Offer(100_000, 2, conditions, 5)
    events = [
        SellerReplied(f"m{n}", n, 1, who, text, offer, n)
        if isinstance(who, str)
        else BuyerSpoke(f"m{n}", n, 1, text, (), who, None)
        for n, (who, text) in enumerate(said, start=1)
    ]
    return [Recorded(position, START, event) for position, event in enumerate(events, start=1)]


def after(*said: Said, conditions: str | None = None) -> Confidences:
    return Confidences(TABLE).after(recorded(*said, conditions=conditions))


def shown(confidences: Confidences, hearers: Sequence[str], text: str, cuts: Sequence[int] = ()) -> tuple[str, bool]:
    """Return what is shown of a text that comes in pieces, and whether it betrays nothing."""
    places = [0, *sorted(cut % (len(text) + 1) for cut in cuts), len(text)]
    words = ConfidenceFilter(confidences, hearers)
    seen = ""
    try:
        for start, end in pairwise(places):
            seen += words.feed(text[start:end])
        return seen + words.finish(), True
    except ConfidenceBrokenError:
        return seen, False


def passes(confidences: Confidences, hearers: Sequence[str], text: str) -> bool:
    seen, is_fit = shown(confidences, hearers, text)
    assert seen == text or not is_fit
    return is_fit


BETRAYED = [
    (SECRET, f"I heard that {SECRET}."),
    (SECRET, f"I HEARD: {SECRET.upper()}!"),
    (SECRET, "Our... warehouse, in (Lyon); was - flooded; on Tuesday?"),
    (SECRET, "Ourwarehouse inLyonwas flood edonTuesday."),
    (SECRET, " ".join(SECRET.replace(" ", ""))),
    (SECRET, "\u200b".join(SECRET)),
    (SECRET, "our ware\u00adhouse in Ly\u2060on was floo\ufeffded on Tues\u200dday"),
    (SECRET, SECRET.translate(str.maketrans("aeo", "\u0430\u0435\u043e"))),
    (SECRET, "".join(chr(ord(c) + 0xFEE0) if c.isalpha() else c for c in SECRET)),
    (SECRET, "\u0301".join(SECRET)),
    (SECRET, "our \U0001f600 warehouse \U0001f600 in @Shop 2 Lyon was (John) flooded."),
    (SECRET, "They say: warehouse in Lyon was flooded on, well, some day."),
    (f"For you, dear friend: {SECRET}. What now?", f"Guess what: {SECRET}!"),
    ("Unser Lager in Köln ist überschwemmt und muss geräumt werden", "Lager in Koln ist uberschwemmt und muss!"),
    ("Наш склад в Лионе затопило во вторник", "Слышал: наш склад в Лионе затопило во вторник".upper()),
    ("我们在里昂的仓库星期二被水淹了。", "听说他们在里昂的仓库星期二被水淹了, 是吗?"),
    ("リヨンの倉庫が火曜日に水浸しになりました", "実は、リヨンの倉庫が火曜日に水浸しらしい"),
    ("โกดังของเราในลียงถูกน้ำท่วมเมื่อวันอังคาร", "เขาบอกว่า โกดังของเราในลียงถูกน้ำท่วมเมื่อวันอังคาร"),
    ("리옹에 있는 우리 창고가 화요일에 침수되었습니다", "들었어요: 리옹에 있는 우리 창고가 화요일에!"),
    ("Ask for QZX-4711 at the door.", "I am to ask for qzx 4711, they say."),
    ("Ask for QZX-4711 at the door.", "Q.Z.X.4.7.1.1"),
    ("Write to jane@example.org, please.", "Shall I write to Jane at example? jane @ example . org"),
    ("My login is kim_lee.", "It is kim_lee there."),
    ("Zyzzyva quokka!", "Does zyzzyva-quokka mean anything to you?"),
]
"""What Shop 1 said, and in which words the buyer would tell Shop 2."""


@pytest.mark.parametrize(("said", "text"), BETRAYED)
def test_what_one_seller_said_is_told_to_no_other(said: str, text: str) -> None:
    told = after((TWO, "Good day to you."), (ONE, said))
    assert not passes(told, (TWO,), text)
    assert not passes(told, (ONE, TWO), text), "one hearer who knows it does not make it known"
    assert passes(told, (ONE,), text), "its own words"


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("Thank you for your offer of 900. What is your best price?", "Thank you for your offer. And your best price?"),
        ("I can offer you 900 apiece.", "I can offer you 800 apiece."),
        ("Let us meet in the middle, my friend.", "Could we meet in the middle?"),
        ("What do you say to that, John Doe?", "@Shop 2, what do you say?"),
        ("For the Ergonomic Office Chair de Luxe I want 900.", "For the Ergonomic Office Chair de Luxe I pay 800."),
        ("It comes with a 24-month warranty at 1180USD.", "Is there a 24 month warranty? No 1180 USD, please."),
        ("Shop 1 sells what John Doe wants.", "Shop 1 sells what, says John Doe?"),
        ("我们的仓库被水淹了, 真的。", "你的仓库被水淹了吗?"),
        ("Take it or leave it. The price is 900.", "I will leave it."),
        ("", "Hello, is anybody there, dear Shop 2, to answer me?"),
    ],
)
def test_what_two_may_say_by_chance_passes(said: str, text: str) -> None:
    assert passes(after((ONE, said)), (TWO,), text)


@pytest.mark.parametrize("known", [(TWO, f"I know: {SECRET}."), ((TWO,), f"By hand: {SECRET}."), ((TWO, ONE), SECRET)])
def test_what_the_hearer_knows_may_be_said(known: Said) -> None:
    told = after((ONE, SECRET), known)
    assert passes(told, (TWO,), f"As was said, {SECRET}.")
    assert not passes(told, (TWO, THREE), f"As was said, {SECRET}.")


def test_what_a_hearer_was_told_in_pieces_it_does_not_know_as_a_whole() -> None:
    pieces = ["our warehouse in Lyon", "house in Lyon was", "was flooded on Tuesday"]
    told = after((ONE, SECRET), *(((TWO,), piece) for piece in pieces))
    assert all(passes(told, (TWO,), piece) for piece in pieces)
    assert not passes(told, (TWO,), SECRET)


def test_the_conditions_of_an_offer_are_words_too() -> None:
    assert not passes(after((ONE, "900."), conditions=f"Since {SECRET}, cash."), (TWO,), f"I hear that {SECRET}.")


def test_what_was_said_later_is_taken_in_and_nothing_is_read_twice() -> None:
    records = recorded((ONE, "Good day."), ((TWO,), "Hello."), (ONE, SECRET))
    told = Confidences(TABLE).after(records[:2])
    assert passes(told, (TWO,), SECRET)
    read = [*[None] * 2, records[2]]
    assert not passes(told.after(read), (TWO,), SECRET)  # type: ignore[arg-type]  # what was read is not looked at


def test_a_text_without_spaces_does_not_wait_for_its_end() -> None:
    words = ConfidenceFilter(after((ONE, SECRET)), (TWO,))
    assert len(words.feed("a" * 300)) > 200


WORDS = [
    "amber", "bicycle", "cinder", "dolphin", "ember", "fjord", "glacier", "harbour", "igloo", "juniper", "kestrel",
    "lantern", "meadow", "nectar", "orchid", "pebble", "quartz", "raven", "saffron", "thistle", "umbra", "velvet",
]  # fmt: skip
FILLERS = st.lists(
    st.sampled_from(["well,", "so", "my", "friend:", "today", "@Shop 2", "-", "800", "yes!"]), max_size=9
)


def _lookalike(word: str) -> str:
    return word.replace("a", "\u0430")


def _hyphenated(word: str) -> str:
    return "\u00ad".join(word)


BETWEEN = st.sampled_from([" ", ", ", "-", "", "\u200b", "  \n", " … ", "\u2060 "])
SPELT: st.SearchStrategy[Callable[[str], str]] = st.sampled_from(
    [str.lower, str.upper, str.title, _hyphenated, _lookalike]
)
CUTS = st.lists(st.integers(0, 500), max_size=30)


@given(
    said=st.permutations(WORDS),
    stretch=st.tuples(st.integers(0, len(WORDS) - 6), st.integers(5, 8)),
    before=FILLERS,
    after_it=FILLERS,
    data=st.data(),
    cuts=CUTS,
)
def test_no_letter_of_what_is_betrayed_is_shown_at_any_split(
    said: list[str],
    stretch: tuple[int, int],
    before: list[str],
    after_it: list[str],
    data: st.DataObject,
    cuts: list[int],
) -> None:
    start, count = stretch
    words = said[start : start + count]
    disguised = "".join(data.draw(SPELT)(word) + data.draw(BETWEEN) for word in words)
    lead = "".join(f"{word} " for word in before)
    text = f"{lead}{disguised} {' '.join(after_it)}"
    seen, is_fit = shown(after((ONE, " ".join(said))), (TWO,), text, cuts)
    assert is_fit == (len("".join(words)) < RUN)
    assert is_fit or lead.startswith(seen)
    assert not is_fit or seen == text


MOVES = st.lists(
    st.tuples(
        st.sampled_from([ONE, TWO, THREE, (ONE,), (TWO,), (THREE,), (ONE, TWO), (ONE, TWO, THREE)]),
        st.lists(st.one_of(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6), st.integers(0, 9)), max_size=5),
    ),
    max_size=14,
)


@given(moves=MOVES, cuts=CUTS)
def test_in_random_conversations_exactly_what_a_hearer_does_not_know_is_kept(
    moves: list[tuple[str | tuple[str, ...], list[list[str] | int]]], cuts: list[int]
) -> None:
    """Everybody repeats at random what was said before: what goes through is compared with a search by hand."""
    said: list[Said] = []
    records: list[Recorded] = []
    kept = Confidences(TABLE)
    for who, pieces in moves:
        words = [w for piece in pieces for w in (said[piece % len(said)][1].split() if isinstance(piece, int) and said
                                                 else piece if isinstance(piece, list) else [])]  # fmt: skip
        text = " ".join(words[:60])
        if isinstance(who, str):
            said.append((who, text))
        else:
            seen, is_fit = shown(kept.after(records), who, text, cuts)
            assert is_fit == (not _betrays(said, who, text))
            if not is_fit:
                continue
            assert seen == text
            said.append((who, text))
        records = recorded(*said)


def _betrays(said: Sequence[Said], hearers: tuple[str, ...], text: str) -> bool:
    spoken = text.replace(" ", "")
    for hearer in hearers:
        known = [t.replace(" ", "") for who, t in said if who == hearer or (isinstance(who, tuple) and hearer in who)]
        for who, theirs in said:
            letters = theirs.replace(" ", "")
            if not isinstance(who, str):
                continue
            starts = [len(theirs[: m.start()].replace(" ", "")) for m in re.finditer(r"\w+", theirs)]
            runs = {letters[at : at + RUN] for at in starts if at + RUN <= len(letters)}
            runs |= {letters} if 12 <= len(letters) < RUN else set()
            if any(run in spoken and not any(run in each for each in known) for run in runs):
                return True
    return False
