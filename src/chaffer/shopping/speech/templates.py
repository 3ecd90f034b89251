"""The sentences of the built-in assistant, each in several wordings, by what they say.

Fields in braces are filled in by whoever says them. None of the sentences makes a claim by itself: what is true of some
product alone comes in with a field.
"""

from __future__ import annotations

from typing import Final

Wordings = tuple[str, ...]

PICK: Final[Wordings] = (
    "I would take the {name}: {price}, {rated}.",
    "My pick is the {name} at {price}, {rated}.",
    "The {name} gives you the most for your money: {price}, {rated}.",
    "Of the {total} that fit, I would take the {name}: {price}, {rated}.",
    "I recommend the {name}. It costs {price} and is {rated}.",
)
CHEAPEST: Final[Wordings] = (
    "The cheapest that fits is the {name}: {price}, {rated}.",
    "For the least money you get the {name}: {price}, {rated}.",
)
DEAREST: Final[Wordings] = (
    "At the top of the range stands the {name}: {price}, {rated}.",
    "The most expensive that fits is the {name}: {price}, {rated}.",
)
BEST_RATED: Final[Wordings] = (
    "People like the {name} best: {rated}, for {price}.",
    "Nothing that fits has a better standing than the {name}: {rated}, for {price}.",
)
BY_ATTRIBUTE: Final[Wordings] = (
    "Going by the {attribute}, I would take the {name}: {trait}. It costs {price} and is {rated}.",
    "By its {attribute}, the {name} comes first: {trait}. It costs {price} and is {rated}.",
)
BECAUSE: Final[Wordings] = (
    "By price, rating and fit together, the {name} comes first: {price}, {rated}.",
    "Because of what you get for your money: the {name} costs {price} and is {rated}.",
)
ONLY_ONE: Final[Wordings] = (
    "One product fits: the {name}, for {price}, {rated}.",
    "There is one that fits, the {name}: {price}, {rated}.",
)
WISHES: Final[Wordings] = (
    "As you wished: {traits}.",
    "What you asked for is there: {traits}.",
    "It is what you wanted: {traits}.",
)
WITHIN_LIMIT: Final[Wordings] = (
    "That is {left} under your limit of {limit}.",
    "You stay {left} below your limit of {limit}.",
    "It leaves you {left} of your budget of {limit}.",
)
LIKED_BRAND: Final[Wordings] = ("And it is from {brand}, which you like.", "You like {brand}, so it fits there, too.")
FEW_REVIEWS: Final[Wordings] = (
    "Mind that only {people} rated it so far.",
    "One caution: its rating comes from only {people}.",
)
FEW_LEFT: Final[Wordings] = ("There are only {pieces} left.", "Be quick: only {pieces} are left.")
LAST_PIECE: Final[Wordings] = ("It is the last piece.", "Be quick, this is the last piece.")
SOLD_OUT: Final[Wordings] = (
    "It is out of stock everywhere at the moment.",
    "The catch: it is sold out everywhere right now.",
)
RATED_BETTER: Final[Wordings] = (
    "Against it speaks that people like the {name} more: {rated}. That one costs {more} more.",
    "If stars count most for you, consider the {name}: {rated}, for {more} more.",
)
COSTS_LESS: Final[Wordings] = (
    "Against it speaks the price: the {name} costs {less} less.",
    "If the price decides, there is the {name}, for {less} less.",
)
RUNNER_UP: Final[Wordings] = (
    "Close behind comes the {name}: {price}, {rated}.",
    "Second comes the {name}: {price}, {rated}.",
    "The next best is the {name}: {price}, {rated}.",
)
INSTEAD: Final[Wordings] = ("What it has instead: {traits}.", "What is different there: {traits}.")
WHAT_NEXT: Final[Wordings] = (
    "Shall I have somebody haggle for it, or do you want something changed?",
    "Is that it, or what should be different?",
    "Do you want it, or shall we look on?",
    "What do you think?",
)
CORRECTED: Final[Wordings] = ("I looked for “{text}”.", "I took it to mean “{text}”.")

EMPTY: Final[Wordings] = (
    "The catalogue is empty: there is nothing that I could find for you.",
    "I can find nothing yet, because the catalogue is empty.",
)
NOTHING: Final[Wordings] = (
    "I am sorry, nothing in the catalogue fits all of that.",
    "I found nothing that fits all of it.",
    "Nothing fits every one of your wishes, I am afraid.",
)
NOT_HERE: Final[Wordings] = (
    "I found nothing for “{text}” in the catalogue. What else could help you?",
    "There is nothing for “{text}” in the catalogue, I am afraid. Can you say it in other words?",
)
WITHOUT: Final[Wordings] = (
    "Give up {what}, and {products} would fit.",
    "If you give up {what}, {products} would fit.",
)
WHICH_TO_GIVE_UP: Final[Wordings] = ("Which of these could you do without?", "Where can you give way?")
NO_SINGLE_WISH: Final[Wordings] = (
    "No single wish is to blame, so tell me which of them matters most.",
    "Giving up one wish would not help; which one matters most to you?",
)

COMPARED: Final[Wordings] = ("Side by side:", "Here is how they differ:", "The difference in short:")
ALIKE: Final[Wordings] = ("Both of them: {traits}.", "What they share: {traits}.")
ALL_ALIKE: Final[Wordings] = ("All of them: {traits}.", "What they share: {traits}.")
VERDICT: Final[Wordings] = (
    "By price, rating and fit together, I would take the {name}.",
    "All in all my choice is the {name}.",
    "If you ask me, take the {name}.",
)

NOTHING_SHOWN: Final[Wordings] = (
    "There is nothing on the table at the moment. What are you looking for?",
    "I have nothing to show you just now. What do you need?",
)
NOTHING_THERE: Final[Wordings] = (
    "Your last search found nothing, so there is no product to speak of. What shall be different?",
    "There is none to speak of: nothing fitted your last search. Where can you give way?",
)
THAT_ONE: Final[Wordings] = ("Do you mean that one?", "Is it that one?")
WHICH_ONE: Final[Wordings] = ("Which of them do you mean?", "Which one is it?")
NOT_TOLD: Final[Wordings] = (
    "The catalogue does not say anything about that for the {name}: {what}.",
    "What I know of the {name} does not tell: {what}.",
)
DESCRIBED: Final[Wordings] = (
    "The {name} costs {price} and is {rated}.",
    "About the {name}: it costs {price} and is {rated}.",
)

HELLO: Final[Wordings] = (
    "Hello! Tell me what you are looking for, and I search the catalogue for it.",
    "Hi there! What can I find for you?",
    "Good to see you. What are you shopping for?",
)
WHO_I_AM: Final[Wordings] = (
    (
        "I am the built-in shopping assistant. There is no language model behind me, only rules and the catalogue, so "
        "plain words suit me best: what it should be, what it may cost, what it must have."
    ),
)
SMALLTALK: Final[Wordings] = (
    "I am all right, thank you. I am better at shopping than at small talk: what can I find for you?",
    "Nice of you to say. Is there something I can look for?",
    "Always happy to chat, but happier to search. What do you need?",
)
WELCOME: Final[Wordings] = (
    "You are welcome. Tell me if you need anything else.",
    "My pleasure! I am here if something else comes up.",
    "Glad to help.",
)
OFF_TOPIC: Final[Wordings] = (
    "That is beyond me: I only know my way around the catalogue. Is there something you would like to buy?",
    "I can only help with shopping. What are you looking for?",
    "I had better stay with what I know, which is products. What do you need?",
)

BUY: Final[Wordings] = (
    "Good choice. Open a negotiation for the {name}: a buyer then haggles for you with {sellers}, from {price} down.",
    "Let us bring the {name} down from {price}: open a negotiation, and a buyer haggles for you with {sellers}.",
)
CANNOT_BUY: Final[Wordings] = (
    "The {name} is sold out everywhere, so there is nobody to haggle with. Shall I look for something like it?",
)
BUY_WHAT: Final[Wordings] = (
    "Gladly, but what? Tell me first what you are looking for.",
    "Let us find something first. What do you need?",
)
