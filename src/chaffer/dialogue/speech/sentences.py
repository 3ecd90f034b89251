"""The sentences of a scripted speaker, the plainest of each kind first.

Fields in braces: `topic`, `mine` and `theirs` (the two sides), `name` and `other` (the bots), `concern`, `gain`, `loss`
and `scene` of it, `echo` (a word that the other said), `person` and `words` (who listens, and what was said by them).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from chaffer.dialogue.speech.lexicon import Manner, Stance

_FIELD: Final = re.compile(r"\{\w+\}")

OPENING: Final = (
    "I am {name}, a scripted speaker, and on {topic} I side with {mine}.",
    "{name} here, speaking from a script: on {topic}, my choice is {mine}.",
    "As {name}, and as scripted as a speaker can be, I stand for {mine} when it comes to {topic}.",
    "On {topic} I take {mine}, {other}, as far as a scripted speaker can take anything.",
    "Let me begin with {mine}, for that is where my script puts me on {topic}.",
    "Mine is a scripted voice, {other}, but a clear one: {mine}, when we talk of {topic}.",
)

ADMISSION: Final = (
    "I speak from a script, by the way.",
    "I am a scripted speaker, I should say.",
    "You talk to a script here, {other}, just so that you know.",
    "What I say is scripted, and I do not hide it.",
)

REMARK: Final[Mapping[Stance, tuple[str, ...]]] = {
    Stance.FOR: (
        "I expect more good than harm from it.",
        "I have seen too many good things talked to death.",
        "Hope is not proof, but it is where one starts.",
        "I would rather be wrong with {mine} than right too late.",
    ),
    Stance.AGAINST: (
        "I have my doubts, and I mean to voice them.",
        "Somebody has to look for the crack before we step on the ice.",
        "What sounds easy about {theirs} is what worries me.",
        "I will be convinced when I am, and not before.",
    ),
    Stance.CURIOUS: (
        "Mostly I am here to ask.",
        "I know less than I want to, so bear with my questions.",
        "Show me where I go wrong, and I will follow you.",
        "Questions carry me further than answers do.",
    ),
    Stance.CAUTIOUS: (
        "I would rather go slowly.",
        "I say so with care, for both sides have something.",
        "Small steps can be taken back, and large ones cannot.",
        "Let us weigh it before we wish for it.",
    ),
    Stance.OPEN: (
        "Let us see how far that carries.",
        "I am ready to hear the other half.",
        "Convince me, if you can.",
        "That is my start, and we shall see about the end.",
    ),
}

TAKING_UP: Final = (
    "You speak of {echo}, {other}.",
    "I noted {echo} in what you said.",
    "About {echo}: that is worth a second look.",
    "{echo} is a good word to stop at.",
    "Let me take up {echo}.",
    "When you say {echo}, I hear half of the story.",
    "You bring up {echo}, and not without cause.",
    "Much hangs on {echo} in your last answer, {other}.",
    "I have turned {echo} over in my mind.",
    "What you call {echo} looks different from here.",
    "So it comes down to {echo} for you.",
    "I would not build so much on {echo}.",
    "{echo}, you say, and I had to think about that.",
    "Fine, let it be {echo} for a moment.",
    "Nobody could accuse you of forgetting {echo}.",
    "If {echo} were all of it, we could go home now.",
)

PERSON: Final = (
    "{person} says {words}, and that deserves an answer.",
    "I heard {person}: {words}.",
    "With {words}, {person} has put a finger on it.",
    "Let me answer {person} first, who says {words}.",
    "{person} is right to bring that in: {words}.",
    "Before I go on: {person} said {words}.",
)

REASON: Final = (
    "With {mine}, {gain}.",
    "Think of {concern}: with {mine}, {gain}.",
    "What counts for me is {concern}, and with {theirs}, {loss}.",
    "With {theirs}, {loss}, and with {mine}, {gain}.",
    "I look at {concern} first, and there I see that with {mine}, {gain}.",
    "My trouble with {theirs} is {concern}, because {loss}.",
    "Take {theirs}, and {loss}.",
    "Where {concern} is at stake, I stay with {mine}, so that {gain}.",
    "If you ask me about {concern}, it is simple: with {mine}, {gain}.",
    "It is {concern} that keeps me with {mine}, since otherwise {loss}.",
    "Try {theirs} for a year, and you will find that {loss}.",
    "Give {mine} a chance, and {gain}.",
)

QUESTION: Final = (
    "What would {theirs} do for {concern}?",
    "How would you answer somebody for whom {concern} comes first?",
    "Who looks after {concern} if {theirs} has its way?",
    "If {loss}, who will put it right?",
    "What would have to happen for you to give up {theirs}?",
    "Can you name one case in which {theirs} was good for {concern}?",
    "Would you say the same if {concern} were all you had?",
    "Where do you draw the line, once {loss}?",
    "Is {concern} a small thing to you, or only a distant one?",
    "What do you say to {scene}?",
    "Why should anybody wait for {theirs}, when with {mine}, {gain}?",
    "How long may it go on that {loss}?",
)

EXAMPLE: Final = (
    "Think of {scene}.",
    "Take {scene} as an example.",
    "An example helps: {scene}.",
    "I always come back to {scene}.",
    "Picture {scene}, and ask again.",
    "For {concern}, my picture is {scene}.",
    "Imagine {scene}, on an ordinary Tuesday.",
    "Let me show you {concern} from close by: {scene}.",
    "There is a case that I cannot forget: {scene}.",
    "You know the kind I mean: {scene}.",
)

MORAL: Final = (
    "There, with {mine}, {gain}.",
    "In such a place you notice when {loss}.",
    "That is where {mine} shows what it is worth: {gain}.",
    "Ask there about {theirs}, and you will hear that {loss}.",
    "No theory helps once {loss}.",
    "That is all that I mean by {concern}.",
    "One such case says more about {concern} than ten tables.",
    "It is for them that I hold on to {mine}.",
    "Nobody there asks what is right on paper, only whether {gain}.",
    "And there you have my whole case for {mine}.",
)

CONCEDING: Final = (
    "You have a point with {echo}.",
    "I grant you {echo}, {other}.",
    "On {echo} we are closer than it sounds.",
    "I was too quick about {echo}, I admit it.",
    "{echo} counts, and I will not deny it.",
    "Very well, {echo} goes to you.",
    "I have no good answer to {echo}.",
    "If I had to lose on one thing, it would be {echo}.",
    "Said as you say it, {echo} does trouble me.",
    "I give you {echo}, and gladly.",
)

HOLDING_ON: Final = (
    "Still, with {theirs}, {loss}.",
    "It does not change {concern}, though: with {mine}, {gain}.",
    "But on {concern} I stay where I am, with {mine}.",
    "Yet I would not pay for it with {concern}.",
    "That makes {theirs} better, and not yet good.",
    "All the same, {loss}.",
    "Only do not ask me to forget {concern} over it.",
    "And yet, give me {mine}, so that {gain}.",
    "It moves me a step, and {concern} holds me back.",
    "Even so, I would sleep better with {mine}.",
)

WEIGHING: Final = (
    "On {concern}, {mine} weighs more than {theirs}.",
    "Put {mine} and {theirs} on the scales of {concern}, and they do not balance.",
    "The difference between {mine} and {theirs} is {concern}.",
    "Of the two, {theirs} promises more, and {mine} keeps it: {gain}.",
    "For {concern} I would take half of {mine} over all of {theirs}.",
    "What speaks for {theirs} is habit, and what speaks for {mine} is {concern}.",
    "Between {mine} and {theirs} there is room, but not on {concern}.",
    "Count it as you like: with one, {gain}, and with the other, {loss}.",
    "I weigh {concern} twice, and {mine} wins both times.",
    "If there were a third way beside {mine} and {theirs}, it would still owe us {concern}.",
)

CLOSING: Final = (
    "To sum up: on {topic} I stay with {mine}, for the sake of {concern}.",
    "In short, {mine}: with it, {gain}.",
    "My last word on {topic} is {mine}, and my reason is {concern}.",
    "I end where I began, with {mine}, and I have learnt something about {theirs} on the way.",
    "So much for {topic}: {mine} for me, and {concern} above all.",
    "When all is said about {topic}, I would choose {mine} again.",
)

FAREWELL: Final = (
    "Thank you, {other}.",
    "You argued well for your side, {other}.",
    "Let others judge, {other}, and thank you.",
    "It was good to think aloud with you, {other}.",
)

LEADS: Final[Mapping[Manner, tuple[str, ...]]] = {
    Manner.PLAIN: ("To my mind,", "As I see it,", "Look,", "Mind you,"),
    Manner.FORMAL: (
        "With respect,",
        "If I may,",
        "Permit me to say so:",
        "For the record,",
        "One thing more:",
        "In all fairness,",
    ),
    Manner.BLUNT: ("Plainly,", "Face it:", "Spare me the rest:", "Enough of that:", "No way round it:", "Come on,"),
    Manner.WARM: ("My dear,", "Glad you ask:", "Kindly meant:", "Bless you,", "Dear friend,", "Gently, now:"),
    Manner.FUNNY: (
        "Joking aside, if I can,",
        "My parrot says so too:",
        "Hold my hat:",
        "Laugh if you like:",
        "As my bathtub likes to say,",
        "Drum roll, please:",
    ),
    Manner.POETIC: (
        "Softly, as the evening comes,",
        "O patient listener,",
        "Leaf by leaf,",
        "As rivers know,",
        "Hear the bell:",
        "Under any moon,",
    ),
    Manner.PIRATE: ("Arr,", "Shiver me timbers,", "Avast,", "By the black flag,", "Ahoy, matey:", "Blow me down,"),
}
"""What may go before a sentence, which then begins small."""


def all_templates() -> Iterator[str]:
    """Yield every sentence, without the names of its fields."""
    pools = (OPENING, ADMISSION, *REMARK.values(), TAKING_UP, PERSON, REASON, QUESTION, EXAMPLE, MORAL, CONCEDING)
    for pool in (*pools, HOLDING_ON, WEIGHING, CLOSING, FAREWELL, *LEADS.values()):
        for template in pool:
            yield _FIELD.sub(" ", template)
