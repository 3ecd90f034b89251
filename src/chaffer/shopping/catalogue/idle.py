"""Words that carry no wish, folded and without apostrophes: no product is sought by them, and none is misspelt."""

from __future__ import annotations

from typing import Final

_ENGLISH: Final = """
a able about actual actually afford ah all already alright also always am an and any anymore anyone anything anyway
approx approximately are around as asap ask at available away back bad basically be because been before being best
between bit brand brands brilliant bring broke broken bucks budget but buy buying by can cant category check choice
choose come condition constraint cool cost costing costs could course currency currently day days deal dear definitely
did didnt died do does doesnt doing dollars done dont dunno each either else enough er especially euro euros even ever
every everyone everything exactly excellent except extra feel few find fine first fit for found from gave get gets
getting give given go going gonna got guess had has have havent having he hello help helpful her here hey hi him his
hm hmm honestly hope hopefully how however i id idea ideal ideally if ill im imagine important in including increase
instead interested into is isnt it item items its ive job just keep kind kinda kinds know last latest least let lets
like liked likes limit little long look looking looks lot lots love low lower luck made mainly make makes many matter
matters max maximum may maybe me mean means might min mind mine minimum model models mostly much must my myself nah
necessarily need needed needs neither never next no none nope nor not nothing now obviously occasionally of off offer
offers often oh ok okay on once one ones only onto option options or order other others otherwise our out over own pay
per person piece pieces please pls plz possible possibly prefer preferably preferred price priced prices pricing
probably product products purchase put quite raise range rather really reasonable reasonably recently recommend
recommendation recommendations recommended regarding replace replacement requirement requirements right roughly said
same say search searching see seem seems sell selling send sent set shall she shop shopping should show showing simply
so some somebody somehow someone something sometimes soon sorry sort spend spending still stock stuff such suggest
suggestion suggestions suitable super sure take taking tell than thank thanks that thats the their them then there
theres these they thing things think this those though through time times to today together too total toward tried try
trying two type ugh uh um under understand until up upon us use useful user using usually various very via w wanna
want wanted wanting wants was way we week weeks well went were weve what whatever whats when where whether which while
who whole whom whose why will wish with within without wonder wondering wont work working works worth would wouldnt x
ya yeah year years yep yes yet yo you youd your youre youve
"""
_CIRCUMSTANCES: Final = """
birthday boyfriend brother child children christmas dad daughter decent family father folks friend friends gift gifts
girl girlfriend girls good great guy guys happy home husband kid kids life man mess mom money mother mum new nice old
online perfect present sir sister solid son special used wife woman
"""
_GERMAN: Final = """
aber alle als also am an auch auf aus bei beim bin bitte bis brauch brauche brauchen da danke das dass dein dem den
der des die doch dort du durch eher ein eine einem einen einer eines er es etwas euro fur gern gerne gibt guten gut
gute guter gutes gunstiges habe haben hat hatte hier ich ihr im in ist ja kann kaufen kein konnen konnte lieber mal
man marke mehr mein meine meinen meiner mich mir mit mochte nach neue neuen neuer neues nicht noch nur ob oder ohne
preis preislich schon sehr sein sich sie sind so soll sollte sollten stuck suche suchen tag uber um und uns unter viel
vielleicht vom von vor war was wenn wer wie will wir wird wo wurde wurden zeig zeige zeigen zu zum zur zwischen dafur
dazu
"""
_FRENCH: Final = """
ai aime aimerais au aux avec avez besoin bien bon bonjour bonne ca ce cela ces cet cette cherche chercher dans de des
du elle en entre est et etre faut il ils j je jai jaimerais juste seulement uniquement aussi la le les leur lui ma
mais me merci mes moi moins mon ne nous on ou par pas peu plait plus pour pourrais prix puis quel quelle quelque
quelques qui quoi recherche sa sans se ses si son sont sur ta te tes toi ton tout trouver tu un une veux voudrais vous
voulez vos votre y dun dune dau quelquechose svp stp
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


FUNCTION_WORDS: Final = frozenset(f"{_ENGLISH} {_GERMAN} {_FRENCH}".split())
"""They mean nothing by themselves."""

IDLE: Final = FUNCTION_WORDS.union(_CIRCUMSTANCES.split())
"""They find nothing, though a catalogue may know some of them as values."""

COMMON: Final = IDLE.union(_COMMON.split())
"""Ordinary words, which nobody misspelt."""
