"""The sentences of the built-in supervisor, each in several wordings, by what they say.

Fields in braces are filled in by whoever says them. A name that ends in `_ONE` is of a single thing.
"""

from __future__ import annotations

from typing import Final

Wordings = tuple[str, ...]

PICK: Final[Wordings] = (
    "I would take the {name}: {facts}.",
    "My pick is the {name}: {facts}.",
    "I recommend the {name}: {facts}.",
)
HAS: Final[Wordings] = ("It has: {traits}.", "What it brings: {traits}.", "In short: {traits}.")
OTHERS: Final[Wordings] = ("Also worth a look:", "These fit, too:", "Close behind:")
MORE: Final[Wordings] = ("{total} fit in all.", "There are {total} in all that fit.")
HAGGLE_NEXT: Final[Wordings] = (
    "Shall I have somebody haggle for it?",
    "Shall I send a buyer to haggle for it, or do you want something changed?",
    "Do you want me to haggle for it, or shall we look on?",
)
NOTHING_FOUND: Final[Wordings] = (
    "I found nothing in the catalogue that fits all of that.",
    "I am sorry, nothing in the catalogue fits all of that.",
)
RELAX: Final[Wordings] = (
    "What you could give up, and how many would fit then: {relaxations}.",
    "Without one of these there would be some: {relaxations}.",
)
SHOWN: Final[Wordings] = ("The {name}: {facts}.", "About the {name}: {facts}.")
SOLD_BY: Final[Wordings] = ("Sold by {sellers}.", "You get it from {sellers}.")
SOLD_OUT: Final[Wordings] = ("It is sold out everywhere at the moment.", "Nobody has it in stock right now.")
NO_SUCH_PLACE: Final[Wordings] = ("There is no such place in the list, so I took what there is.",)
COMPARED: Final[Wordings] = ("Side by side:", "Here is how they differ:", "The comparison:")
NO_DIFFERENCE: Final[Wordings] = ("Beyond that I know of no difference between them.",)
KEPT: Final[Wordings] = ("Noted. {known}", "I will remember that. {known}", "Got it. {known}")
KNOWN: Final[Wordings] = ("What I know of your taste: {known}", "I know this of your taste: {known}")
NOTHING_KEPT: Final[Wordings] = ("I know of no preferences of yours now.",)
TELL_TASTE: Final[Wordings] = (
    (
        "To change it, tell me what you like, what you avoid, or what you usually pay; all of it can also be edited or "
        "forgotten among your preferences."
    ),
)

STARTED: Final[Wordings] = (
    (
        "A buyer is on its way: it haggles for {pieces} of the {name}, with {budget} to spend at most. The lowest list "
        "price is {price} a piece. I will tell you here what comes of it."
    ),
    (
        "Done, the haggling for {pieces} of the {name} has begun, from {price} a piece down and with a budget of "
        "{budget}. You will hear from me here."
    ),
)
NO_ROOMS: Final[Wordings] = (
    "No negotiation is going on at the moment.",
    "There is no negotiation under way just now.",
)
GOING_ON: Final[Wordings] = (
    "The haggling for {pieces} of the {name} is in round {round}.",
    "Round {round} of the haggling for {pieces} of the {name}.",
)
OFFERED: Final[Wordings] = ("On the table: {offers}.", "The offers so far: {offers}.", "So far: {offers}.")
NO_OFFERS: Final[Wordings] = ("Nobody has made an offer yet.", "There is no offer yet.")
ACCEPT_NEXT: Final[Wordings] = (
    "I can accept the best one, or walk away: say so.",
    "Say “accept the best offer” if that is good enough, or “walk away”.",
)
DEAL: Final[Wordings] = (
    "Deal! {seller} sells you {pieces} of the {name} at {price} a piece, {total} in all.",
    "It is a deal with {seller}: {pieces} of the {name} for {total}, that is {price} a piece.",
)
DEAL_SAVED: Final[Wordings] = ("That is {saved} below list price.", "You saved {saved} against the list price.")
DEAL_INVOICE: Final[Wordings] = ("The invoice is {invoice}.", "You find it on invoice {invoice}.")
NO_DEAL: Final[Wordings] = (
    "The haggling for the {name} is over without a deal{reason}.",
    "There was no deal for the {name}{reason}.",
)

INVOICES: Final[Wordings] = ("Your invoices{which}:", "Here are your invoices{which}:")
INVOICES_TOTAL: Final[Wordings] = (
    "Together {total}, of which {unpaid} is unpaid.",
    "That is {total}, {unpaid} of it unpaid.",
)
INVOICES_UNPAID: Final[Wordings] = ("Together {total}, all of it unpaid.", "That makes {total} to be paid.")
INVOICES_SETTLED: Final[Wordings] = (
    "Together {total}; nothing of it is unpaid.",
    "That is {total}, and all of it is settled.",
)
NO_INVOICES: Final[Wordings] = ("You have no invoices{which}.", "There are no invoices{which}.")
OLDER: Final[Wordings] = ("There are older ones, too.", "Older ones are not in this list.")
INVOICE: Final[Wordings] = (
    "Invoice {number} of {date}, {status}: {pieces} of {item} from {seller} at {price} a piece, {total} in all.",
    "{number} is {status}. {seller} sold you {pieces} of {item} on {date} at {price} a piece: {total} in all.",
)
TAX: Final[Wordings] = ("It contains {tax} of tax.",)
SAVED: Final[Wordings] = ("You saved {saved} against the list price.", "That was {saved} below list price.")
PAID_ON: Final[Wordings] = ("It was paid on {date}.",)
CANCELLED_ON: Final[Wordings] = ("It was cancelled on {date}{note}.",)
PAY_NEXT: Final[Wordings] = ("Say “pay it” when it is settled.", "If it is settled, say “pay it”.")
NOW_PAID: Final[Wordings] = (
    "Invoice {number} over {total} is recorded as paid.",
    "Done: {number} from {seller}, {total}, is now recorded as paid.",
)
PURCHASES: Final[Wordings] = ("What you bought{which}:", "Your purchases{which}:")
PURCHASES_TOTAL: Final[Wordings] = ("Together {total}.", "That makes {total}.")
PURCHASES_SAVED: Final[Wordings] = (
    "Together {total}, {saved} below list prices.",
    "That makes {total}, with {saved} saved.",
)
NO_PURCHASES: Final[Wordings] = ("You bought nothing{which}.", "There are no purchases{which}.")

SPENT: Final[Wordings] = (
    "{when} you spent {spent} on {purchases}, {saved} less than at list prices.",
    "{when} it was {spent} on {purchases}; against list prices you saved {saved}.",
)
SAVED_FIRST: Final[Wordings] = (
    "{when} you saved {saved} against list prices: you spent {spent} on {purchases}.",
    "You saved {saved} {when_behind}: {purchases} for {spent} instead of {listed}.",
)
SPENT_NOTHING: Final[Wordings] = ("{when} you spent nothing.", "{when} there is nothing on the books.")
BY_ROW: Final = {"month": "By month:", "seller": "By seller:", "category": "By category:"}
MOST: Final[Wordings] = ("Most went to {name}: {spent}.", "{name} comes first, with {spent}.")

DECLINED: Final[Wordings] = ("All right, I left it. Nothing was done.", "As you wish: nothing was done.")
NOT_SOUGHT: Final[Wordings] = (
    "I did not understand that. Tell me what to find, or ask about your negotiations, invoices or spending.",
    "That I cannot make out. Name what you are looking for, or ask about a negotiation, an invoice or your spending.",
)
REFUSED: Final[Wordings] = ("That did not work. {message}", "I could not do that. {message}")

ASK_PRODUCT: Final[Wordings] = (
    "Gladly, but for what? Tell me first what you are looking for.",
    "Let us find something first: what do you need?",
)
NOTHING_THERE: Final[Wordings] = (
    "The last search found nothing, so there is no product to speak of. What shall be different?",
    "There is none to speak of: nothing fitted the last search. What can you do without?",
)
ASK_SEVERAL: Final[Wordings] = ("Which of them shall I compare: {choices}?",)
ASK_PLACE: Final[Wordings] = ("There is no such place in the list. Which one do you mean: {choices}?",)
ASK_ROOM: Final[Wordings] = (
    "No negotiation is going on at the moment. Shall I open one? Tell me for what.",
    "There is no negotiation under way. What would you like me to haggle for?",
)
ASK_WHICH_ROOM: Final[Wordings] = ("Several negotiations go on. Which one do you mean: {choices}?",)
ASK_WHICH_INVOICE: Final[Wordings] = ("Which invoice do you mean: {choices}?", "Which of them: {choices}?")
NOTHING_UNPAID: Final[Wordings] = ("Nothing is unpaid.", "There is no unpaid invoice.")
ASK_PREFERENCE: Final[Wordings] = (
    "What shall I remember? I can keep brands you like or avoid, a budget, and a lowest rating.",
)
NO_CANCELLING: Final[Wordings] = (
    "I cannot cancel or give back what was bought. I can show you the invoice, or record that it is paid.",
)
NOT_LOOKED_UP: Final[Wordings] = ("I could not look everything up in one go. Ask me again for the rest.",)

HELLO: Final[Wordings] = (
    "Hello! I find products, have them haggled down, and keep an eye on your invoices and spending. What can I do?",
    "Hi there! What can I do for you: find something, haggle, or look into your invoices and spending?",
    "Good to see you. Shall I find something, haggle for it, or tell you about your money?",
)
THANKS: Final[Wordings] = (
    "You are welcome. Tell me if you need anything else.",
    "My pleasure! I am here if something else comes up.",
    "Glad to help.",
)
BYE: Final[Wordings] = ("Goodbye! Your conversation stays here.", "See you! I keep all this for when you are back.")
YES: Final[Wordings] = (
    (
        "What shall I do? If I asked whether to spend money: words alone do not approve that, so nothing was done. "
        "Tell me again what you want, and approve it where you are asked."
    ),
)
NO: Final[Wordings] = ("All right. Tell me if you need anything else.", "Fine. I am here when you need me.")
SMALLTALK: Final[Wordings] = (
    "I am all right, thank you. What can I do for you: find something, haggle, or look into your money?",
    "All well here. Shall I find something for you, or look into your invoices?",
)
HELP: Final[Wordings] = (
    (
        "I find products: “find me a quiet keyboard”, “compare them”. I have them haggled down: “haggle for it”, “how "
        "is it going?”, “accept the best offer”. I keep your invoices: “what invoices do I have?”, “pay it”. And I "
        "tell what you spent and saved: “how much did I save this month?”. Before anything is bought or paid I ask you."
    ),
)
WHO: Final[Wordings] = (
    (
        "I am the built-in assistant. There is no language model behind me, only rules, so plain words suit me best. I "
        "find products, haggle for them, and know your invoices and your spending."
    ),
)
OFF_TOPIC: Final[Wordings] = (
    (
        "That is beyond me. I can find products, have them haggled down, show and settle invoices, and tell what you "
        "spent and saved."
    ),
    "I cannot help with that. What I can do: find products, haggle, keep your invoices, and sum up your spending.",
)
