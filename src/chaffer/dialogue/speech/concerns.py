"""What a scripted speaker can weigh: a concern, the words it is known by, and what there is to say of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Concern:
    """A concern. `gains` finish «With this side, …», `losses` «With that side, …», `scene` «Think of …»."""

    name: str
    words: str
    gains: tuple[str, str, str]
    losses: tuple[str, str, str]
    scene: str


_CONCERNS: Final = (
    Concern(
        "cost",
        "cost costs price prices money budget cheap expensive economic economics economy afford finance financial tax",
        ("the bill stays small over the years", "fewer coins leave the purse", "what is spent comes back"),
        ("somebody else gets the bill", "the expensive part comes later", "the sums are done when it is too late"),
        "a household that counts its coins at the end of the month",
    ),
    Concern(
        "jobs",
        "job jobs employment workers worker wages wage salary salaries career careers labour labor industry",
        ("people keep a trade they can live on", "there is honest work to do", "a good hand finds a good wage"),
        ("whole trades are swept aside", "the newest worker is the first to go", "wages are what gives way"),
        "a town with one large workshop and a long main street",
    ),
    Concern(
        "health",
        "health healthy medicine medical disease sleep body diet fitness wellbeing well-being illness stress",
        ("people sleep better and live longer", "the body gets what it needs", "fewer of us end up in a waiting room"),
        ("the doctor hears of it ten years later", "the body keeps the score", "tired people get more tired"),
        "a night nurse at the end of her third shift",
    ),
    Concern(
        "safety",
        "safety safe danger dangerous risk risks risky accident accidents security secure harm war weapons",
        ("a mistake can still be mended", "fewer people get hurt", "there is a brake within reach"),
        ("one bad day undoes ten good years", "nobody looks until something breaks", "the brake comes after the crash"),
        "a bridge that thousands cross without a thought",
    ),
    Concern(
        "fairness",
        "fair fairness justice just equality equal rights right poor rich inequality law laws ethics ethical moral",
        ("those with the least gain the most", "the rules are the same for all", "nobody pays for another's comfort"),
        ("the strong write the rules", "those who are absent pay", "the poor wait longest, as ever"),
        "two children, one cake and one knife",
    ),
    Concern(
        "freedom",
        "freedom free liberty autonomy privacy private choice surveillance control government state individual",
        ("people decide for themselves", "a door stays open that others would shut", "nobody has to ask for leave"),
        ("one rule is made to fit everybody", "somebody is always watching", "it is decided over our heads"),
        "somebody who wants to live a little differently from the street",
    ),
    Concern(
        "nature",
        "nature natural environment environmental climate planet earth animals animal forest forests ocean energy "
        "pollution green carbon sustainability sustainable waste water",
        ("less is thrown away", "the river stays clear", "what grows is given time to grow"),
        ("the mess is left to our grandchildren", "a field is gone for good", "the air pays what we do not"),
        "a farmer who has kept a diary of the rain for forty years",
    ),
    Concern(
        "learning",
        "learn learning teach teaching school schools education student students knowledge skill skills reading study "
        "science university history",
        ("people learn by doing it", "a curious mind has something to chew on", "what is learnt stays learnt"),
        ("people forget how it is done", "the answer comes before the question", "practice is what gets lost"),
        "a pupil who gets it wrong twice and right for ever after",
    ),
    Concern(
        "time",
        "hours hour speed fast slow quick quickly patience deadline efficient efficiency productivity schedule commute",
        ("the afternoon belongs to us again", "what took a week takes a day", "nobody stands in line for it"),
        ("the hours go, and nobody knows where", "haste makes it twice the work", "we wait, and call it progress"),
        "a parent with twenty minutes between two errands",
    ),
    Concern(
        "quality",
        "quality reliable reliability craft durable performance taste flavour flavor precision detail excellence bugs",
        ("the work is good enough to sign", "the small things are right too", "it lasts until it is inherited"),
        ("it is made to be replaced", "good enough becomes the best there is", "the details are left to luck"),
        "a chair that was made to be sat on by three generations",
    ),
    Concern(
        "trust",
        "trust honest honesty truth lies lie media news reputation transparency transparent evidence facts corruption",
        ("a word counts for something", "people can check what they are told", "promises are kept in daylight"),
        ("nobody knows whom to believe", "the small print does the talking", "doubt spreads faster than the truth"),
        "a shopkeeper who lets you pay next week",
    ),
    Concern(
        "beauty",
        "beauty beautiful art arts music painting design style culture film films novel novels literature aesthetic",
        (
            "there is something to look up for",
            "the ordinary day has some colour",
            "it pleases and needs no reason",
        ),
        ("everything comes out grey", "nobody stops to look", "charm is counted as waste"),
        "a tune that somebody hums without knowing it",
    ),
    Concern(
        "community",
        "community family families friends friend neighbours neighbors neighbourhood children child parents loneliness "
        "lonely society social city cities town team teams village",
        ("people meet who would not have met", "nobody is left to sit alone", "the street looks after itself"),
        ("everybody is on his own", "the square stands empty", "we lose sight of each other"),
        "a bench where the same three people sit each evening",
    ),
    Concern(
        "progress",
        "progress innovation innovative technology technological future invention new machines machine ai robots robot "
        "research growth modern digital internet",
        ("something is tried that was never tried", "the next step becomes possible", "tomorrow gets a vote"),
        ("we polish the old one once more", "the clever ones go elsewhere", "the future is put off till later"),
        "somebody in a garage who has failed nine times",
    ),
)

CONCERNS: Final[Mapping[str, Concern]] = {concern.name: concern for concern in _CONCERNS}

CONCERN_OF: Final[Mapping[str, str]] = {
    word: concern.name for concern in _CONCERNS for word in (concern.name, *concern.words.split())
}


def named(word: str) -> Concern:
    """Return the concern that a prompt names by a word of its own."""
    return Concern(
        word,
        word,
        (f"more is done for {word}", f"there is room for {word}", f"{word} will not be forgotten"),
        (f"too little is left for {word}", f"nobody speaks up for {word}", f"{word} will have to wait"),
        f"somebody to whom {word} means something every day",
    )
