"""What kinds of products are called in English, German and French: whichever a catalogue uses, all are known."""

from __future__ import annotations

from typing import Final

from chaffer.shopping.reading.phrases import phrases_in
from chaffer.shopping.reading.sentences import word_set

SAME_KIND: Final[tuple[tuple[str, ...], ...]] = (
    phrases_in("""
        laptop, notebook, notebook computer, laptop computer, portable computer, ultrabook, chromebook,
        ordinateur portable, ordinateurs portables, pc portable, lap top, note book, laptop pc
        """),
    phrases_in("""
        smartphone, smart phone, phone, cell phone, cellphone, mobile phone, mobile, handset, mobiltelefon, handy,
        handys, telefon, telephone, téléphone, téléphone portable
        """),
    phrases_in("tablet, tablet computer, tablet pc, tablette, tablettes, tablette tactile"),
    phrases_in("""
        monitor, display, screen, computer monitor, computer screen, pc monitor, pc screen, computer display,
        external monitor, bildschirm, bildschirme, monitore, écran, écrans, écran pc, moniteur, moniteurs,
        écran d'ordinateur
        """),
    phrases_in("keyboard, key board, computer keyboard, tastatur, tastaturen, clavier, claviers"),
    phrases_in("mouse, mice, mouses, computer mouse, pc mouse, maus, mäuse, computermaus, souris"),
    phrases_in("""
        headphone, headphones, head phones, headset, earphone, earphones, ear phones, kopfhörer, casque, casques,
        casque audio, écouteurs, écouteur
        """),
    phrases_in("""
        camera, photo camera, digital camera, photographic camera, kamera, kameras, digitalkamera, fotoapparat,
        fotokamera, appareil photo, appareils photo, caméra, caméras
        """),
    phrases_in("""
        coffee machine, coffee maker, coffeemaker, coffee brewer, kaffeemaschine, kaffeemaschinen, machine à café,
        machines à café, cafetière, cafetières, coffeemachine
        """),
    phrases_in("vacuum cleaner, vacuum, vac, hoover, staubsauger, aspirateur, aspirateurs, vacuum machine"),
    phrases_in("""
        backpack, back pack, rucksack, rucksäcke, knapsack, daypack, day pack, bookbag, book bag, school bag,
        schoolbag, laptop bag, sac à dos, sacs à dos
        """),
    phrases_in("""
        office chair, desk chair, computer chair, task chair, swivel chair, work chair, chair, office seat, desk seat,
        bürostuhl, bürostühle, schreibtischstuhl, drehstuhl, stuhl, stühle, chaise de bureau, chaises de bureau,
        fauteuil de bureau, siège de bureau, chaise
        """),
    phrases_in("television, tv, telly, tv set, fernseher, téléviseur, télévision, télé"),
    phrases_in("speaker, loudspeaker, lautsprecher, enceinte, enceintes, haut-parleur"),
    phrases_in("printer, drucker, imprimante"),
    phrases_in("router, wifi router, wlan-router, routeur"),
    phrases_in("smartwatch, smart watch, montre connectée"),
    phrases_in("watch, wristwatch, armbanduhr, uhr, montre"),
    phrases_in("refrigerator, fridge, kühlschrank, réfrigérateur, frigo"),
    phrases_in("washing machine, washer, waschmaschine, lave-linge, machine à laver"),
    phrases_in("dishwasher, geschirrspüler, spülmaschine, lave-vaisselle"),
    phrases_in("microwave, microwave oven, mikrowelle, micro-ondes"),
    phrases_in("toaster, grille-pain"),
    phrases_in("hair dryer, hairdryer, haartrockner, sèche-cheveux"),
    phrases_in("kettle, wasserkocher, bouilloire"),
    phrases_in("sofa, couch, settee, canapé"),
    phrases_in("desk, schreibtisch, bureau"),
    phrases_in("lamp, lampe"),
    phrases_in("bicycle, bike, fahrrad, vélo"),
    phrases_in("shoe, schuh, schuhe, chaussure, chaussures"),
    phrases_in("sneaker, running shoe, turnschuh, baskets"),
    phrases_in("jacket, jacke, veste"),
    phrases_in("trousers, pants, pantalon"),
    phrases_in("sweater, jumper, pullover"),
    phrases_in("t-shirt, tshirt"),
    phrases_in("shirt, hemd, chemise"),
    phrases_in("book, buch, bücher, livre"),
    phrases_in("guitar, gitarre, guitare"),
    phrases_in("suitcase, luggage, koffer, valise"),
)
"""Groups of names. The plural with -s is known by itself."""

KINDS_OF: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "earbuds": ("headphone", ("in-ear",)),
    "earbud": ("headphone", ("in-ear",)),
    "ear buds": ("headphone", ("in-ear",)),
    "in-ear monitors": ("headphone", ("in-ear",)),
    "iems": ("headphone", ("in-ear",)),
    "buds": ("headphone", ("in-ear",)),
    "in-ear-kopfhörer": ("headphone", ("in-ear",)),
    "gaming headset": ("headphone", ("gaming",)),
    "espresso machine": ("coffee machine", ("espresso",)),
    "espresso maker": ("coffee machine", ("espresso",)),
    "espressomaschine": ("coffee machine", ("espresso",)),
    "machine à expresso": ("coffee machine", ("espresso",)),
    "kaffeevollautomat": ("coffee machine", ("fully automatic",)),
    "vollautomat": ("coffee machine", ("fully automatic",)),
    "bean to cup machine": ("coffee machine", ("fully automatic",)),
    "pod machine": ("coffee machine", ("capsule",)),
    "capsule machine": ("coffee machine", ("capsule",)),
    "kapselmaschine": ("coffee machine", ("capsule",)),
    "machine à capsules": ("coffee machine", ("capsule",)),
    "filterkaffeemaschine": ("coffee machine", ("filter",)),
    "robovac": ("vacuum cleaner", ("robot",)),
    "saugroboter": ("vacuum cleaner", ("robot",)),
    "staubsaugerroboter": ("vacuum cleaner", ("robot",)),
    "aspirateur robot": ("vacuum cleaner", ("robot",)),
    "akkustaubsauger": ("vacuum cleaner", ("cordless",)),
    "stick vacuum": ("vacuum cleaner", ("cordless",)),
    "aspirateur balai": ("vacuum cleaner", ("cordless",)),
    "action cam": ("camera", ("action",)),
    "actioncam": ("camera", ("action",)),
    "systemkamera": ("camera", ("mirrorless",)),
    "spiegelreflexkamera": ("camera", ("dslr",)),
    "appareil photo reflex": ("camera", ("dslr",)),
    "appareil photo hybride": ("camera", ("mirrorless",)),
    "gaming pc portable": ("laptop", ("gaming",)),
    "work laptop": ("laptop", ("office",)),
    "business laptop": ("laptop", ("office",)),
    "school laptop": ("laptop", ("student",)),
    "gaming-laptop": ("laptop", ("gaming",)),
    "gamingmaus": ("mouse", ("gaming",)),
}
"""Names of a special kind: of what it is one, and by which value of an attribute."""

ACCESSORIES: Final = word_set("""
    stand bag case cover sleeve charger cable adapter pad mat arm mount dock lens tripod strap holder protector
    cleaning pods beans filters accessories accessory skin bracket hub riser keycaps cushion mousepad descaler
    charging stands cases covers cables chargers adapters mounts bags lenses tripods straps pads repair
    """)
"""What follows the name of a kind and makes it another one: a laptop stand is no laptop."""
