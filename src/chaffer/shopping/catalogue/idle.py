"""Words that carry no wish, folded and without apostrophes: no product is sought by them, and none is misspelt."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_ASKING: Final = """
about any anything around best between can could do does dollars euro euros find get gets give had has have hello help
hey hi i im least like likes look looking looks max maximum may me might min minimum my need needs ok over please pls
recommend search searching sell shall should show some something suggest tell than thank thanks there under up us want
wants we what where which will would you your
"""
_ASKING_ABROAD: Final = """
auch bitte brauche danke eine einem einen einer eines gibt habe haben ich kaufen mochte sie suche suchen zeig zeige
avez besoin bonjour cherche chercher des je jai merci svp trouver une veux voudrais vous
"""
_ENGLISH: Final = """
a able actual actually afford ah all already alright also always am an and anymore anyone anyway approx approximately
are as asap ask at available away back bad basically be because been before being bit brand brands brilliant bring
broke broken bucks budget but buy buying by cant category check choice choose come condition constraint cool cost
costing costs course currency currently day days deal dear definitely did didnt died doesnt doing done dont dunno each
either else enough er especially even ever every everyone everything exactly excellent except extra feel few fine first
fit for found from gave getting given go going gonna got guess havent having he helpful her here him his hm hmm
honestly hope hopefully how however id idea ideal ideally if ill imagine important in including increase instead
interested into is isnt it item items its ive job just keep kind kinda kinds know last latest let lets liked limit
little long lot lots love low lower luck made mainly make makes many matter matters maybe mean means mind mine model
models mostly much must myself nah necessarily needed neither never next no none nope nor not nothing now obviously
occasionally of off offer offers often oh okay on once one ones only onto option options or order other others
otherwise our out own pay per person piece pieces plz possible possibly prefer preferably preferred price priced prices
pricing probably product products purchase put quite raise range rather really reasonable reasonably recently
recommendation recommendations recommended regarding replace replacement requirement requirements right roughly said
same say see seem seems selling send sent set she shop shopping showing simply so somebody somehow someone sometimes
soon sorry sort spend spending still stock stuff such suggestion suggestions suitable super sure take taking that thats
the their them then theres these they thing things think this those though through time times to today together too
total toward tried try trying two type ugh uh um understand until upon use useful user using usually various very via w
wanna wanted wanting was way week weeks well went were weve whatever whats when whether while who whole whom whose why
wish with within without wonder wondering wont work working works worth wouldnt x ya yeah year years yep yes yet yo
youd youre youve
"""
_CIRCUMSTANCES: Final = """
birthday boyfriend brother child children christmas dad daughter decent family father folks friend friends gift gifts
girl girlfriend girls good great guy guys happy home husband kid kids life man mess mom money mother mum new nice old
online perfect present sir sister solid son special used wife woman
"""
_GERMAN: Final = """
aber alle als also am an auf aus bei beim bin bis brauch brauchen da das dass dein dem den der des die doch dort du
durch eher ein er es etwas euro fur gern gerne guten gut gute guter gutes gunstiges hat hatte hier ihr im in ist ja
kann kein konnen konnte lieber mal man marke mehr mein meine meinen meiner mich mir mit nach neue neuen neuer neues
nicht noch nur ob oder ohne preis preislich schon sehr sein sich sind so soll sollte sollten stuck tag uber um und uns
unter viel vielleicht vom von vor war was wenn welche welcher welches wer wie will wir wird wo wurde wurden zeigen zu
zum zur zwischen dafur dazu
"""
_FRENCH: Final = """
ai aime aimerais au aux avec bien bon bonne ca ce cela ces cet cette dans de du elle en entre est et etre faut il ils j
jaimerais juste seulement uniquement aussi la le les leur lui ma mais me mes moi moins mon ne nous on ou par pas peu
plait plus pour pourrais prix puis quel quelle quelque quelques qui quoi recherche sa sans se ses si son sont sur ta te
tes toi ton tout tu un voulez vos votre y dun dune dau quelquechose stp
"""
_COMMON: Final = """
after again against almost along although among another apart apply aside bigger black blue brown bunch cable careful
case charge cheap cheaper cheapest clean clear close color colour comfortable compare correct cover daily delivery
depth desktop detail difference different dinner double drive early easily easier either email empty energy evening
event exact expect expensive extremely faster feature features field fight final floor focus forget front games glass
green group hands happen hardly heavy height house hours huge image inside inches issue kitchen large larger later
learn learning leave less lesson light lighter lightweight listen listening local lower lowest match matter matters
medium mention metal middle minute minutes mobile month months morning mostly movie movies music needing night noise
normal number office offer parents party pattern perhaps phone photo photos pictures place plain plane plastic plenty
point pointer popular power powerful present pretty pricey problem quality question quick quickly quiet quieter raise
reach ready reason recent regular return room round running screen second seller shape share sharp shipping short
similar simple since sized small smaller smart smooth sound sounds space speed spent stand standard start steel still
stone store storage strong stronger student studio study style sturdy support table taste thick thicker thinner third
three throw tight today tough touch train travel traveling travelling truly trust twice usual value version video
videos voice warranty watch watching water weather weekend weigh weight white whiter window windows winter wired
wireless wonderful wooden world worry worse wrist write writing wrong young younger razor
"""


ASKING: Final = frozenset(f"{_ASKING} {_ASKING_ABROAD}".split())
"""They do no more than ask, and are no nouns in another language."""

FUNCTION_WORDS: Final = ASKING.union(f"{_ENGLISH} {_GERMAN} {_FRENCH}".split())
"""They mean nothing by themselves."""

IDLE: Final = FUNCTION_WORDS.union(_CIRCUMSTANCES.split())
"""They find nothing, though a catalogue may know some of them as values."""

COMMON: Final = IDLE.union(_COMMON.split())
"""Ordinary words, which nobody misspelt."""

NOUNS: Final = frozenset(["bin", "fur", "hat", "pour", "tag", "ton", "war"])
"""German and French words that are something else in English."""
_FOREIGN: Final = frozenset(f"{_ASKING_ABROAD} {_GERMAN} {_FRENCH}".split()).difference(NOUNS, _ENGLISH.split())
_ENGLISH_ALONE: Final = IDLE - NOUNS


def idle_in(said: str, words: Iterable[str]) -> frozenset[str]:
    """Return what is idle in a sentence of these words: `hat` in `was hat sie`, and `für`, not in `a white hat`."""
    is_accented = any(sign.isalpha() and not sign.isascii() for sign in said)
    return IDLE if is_accented or not _FOREIGN.isdisjoint(words) else _ENGLISH_ALONE
