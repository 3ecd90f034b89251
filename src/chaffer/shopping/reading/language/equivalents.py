"""Words for the same attribute, or the same value of one: whichever of these a catalogue uses, all are known."""

from __future__ import annotations

from typing import Final

from chaffer.shopping.reading.phrases import phrases_in

SAME_ATTRIBUTE: Final[tuple[tuple[str, ...], ...]] = (
    # What products have or have not.
    phrases_in("""
        noise cancelling, noise cancellation, active noise cancelling, active noise cancellation, anc,
        noise reduction, noise cancel, noise blocking, noise isolating, geräuschunterdrückung, noise suppression,
        réduction de bruit, réducteur de bruit, rauschunterdrückung, nc, noise free
        """),
    phrases_in("""
        touchscreen, touch screen, touch display, touch panel, touch, touch-enabled, écran tactile, tactile,
        touch input, touch capable
        """),
    phrases_in("""
        pen support, pen, stylus, stylus support, pen input, supports a pen, supports pen, stift, stylet,
        stiftunterstützung, stifteingabe, pencil, pencil support, supports a stylus, s pen
        """),
    phrases_in("5g, 5g support, 5g capable, 5g network, 5g ready, 5g enabled, 5g connectivity"),
    phrases_in("curved, curved screen, curved panel, curved display, gebogen, gekrümmt, incurvé"),
    phrases_in("quiet, silent, quiet keys, silent keys, noiseless, low noise, leise, silencieux, silencieuse"),
    phrases_in("""
        backlit, backlight, backlighting, back light, back lit, back lighting, illuminated, lit keys, backlit keys,
        beleuchtet, beleuchtung, rétroéclairé, rétroéclairage, light up, key lighting
        """),
    phrases_in("ergonomic, ergonomics, ergonomically shaped, ergo, ergonomisch, ergonomique"),
    phrases_in("""
        stabilized, image stabilization, stabilization, stabilizer, optical stabilization, ibis, ois,
        image stabilizer, in-body stabilization, stabilisiert, bildstabilisator, stabilisé, image stabilized,
        optical image stabilization, image stabilising
        """),
    phrases_in("""
        milk frother, frother, milk foamer, milk foam, milk steamer, steam wand, froths milk, milchaufschäumer,
        milchschäumer, mousseur, mousseur à lait, milk frothing, froth milk
        """),
    phrases_in("""
        self-emptying, self emptying, self-empty, self empty, auto-empty, auto emptying, empties itself,
        selbstentleerend, absaugstation, auto empty, emptying station, auto-emptying, empty itself, emptying itself,
        self-empties, automatic emptying, empties automatically
        """),
    phrases_in("""
        waterproof, water proof, water-resistant, water resistant, rainproof, rain proof, weatherproof, wasserdicht,
        wasserfest, étanche, imperméable, watertight, water tight, weather proof
        """),
    phrases_in("headrest, head rest, neck rest, neckrest, head support, kopfstütze, appui-tête, appuie-tête"),
    phrases_in("""
        adjustable armrests, adjustable arms, adjustable arm rests, adjustable armrest, movable armrests,
        verstellbare armlehnen, accoudoirs réglables, armrests that adjust, armrests adjustable,
        armrests are adjustable, height-adjustable armrests
        """),
    # Values.
    phrases_in("""
        wireless, bluetooth, cordless, cable-free, cable free, without a cable, without cable, without cables,
        without wires, without a cord, no cable, no cables, no wires, wire free, wire-free, kabellos, kabellose,
        kabelloser, kabelloses, drahtlos, drahtlose, sans fil, funk, untethered, no wire, no cord, funkmaus
        """),
    phrases_in("""
        wired, cabled, corded, with a cable, with cable, with a cord, kabelgebunden, filaire, with a wire, mit kabel,
        avec fil, usb cable
        """),
    phrases_in("mechanical, mech, mechanical switches, mechanisch, mechanische, mécanique"),
    phrases_in("tenkeyless, tkl, ten keyless, without numpad, without a numpad, no numpad, 80%, 87 keys"),
    phrases_in("full size, full-sized, fullsize, with numpad, with a numpad, 104 keys, 100%, full layout"),
    phrases_in("60%, 60 percent, sixty percent"),
    phrases_in("over-ear, over the ear, overear, around-ear, around ear, circumaural, full-size headphones"),
    phrases_in("on-ear, on the ear, onear, supra-aural"),
    phrases_in("in-ear, in the ear, inear, earbud, earbuds, earplugs, in-ears, intra-auriculaire"),
    phrases_in("4k, uhd, ultra hd, 2160p, 4k uhd, 3840x2160"),
    phrases_in("1440p, qhd, wqhd, quad hd, 2k, 2560x1440"),
    phrases_in("1080p, full hd, fhd, fullhd, 1080, 1920x1080"),
    phrases_in("mirrorless, spiegellos, hybride"),
    phrases_in("dslr, slr, reflex, single lens reflex"),
    phrases_in("compact, point and shoot, point-and-shoot, kompakt, kompaktkamera"),
    phrases_in("action, action cam, action camera, sports camera"),
    phrases_in("capsule, pod, pods, capsules, single serve, kapsel, kapseln, nespresso-style, k-cup"),
    phrases_in("filter, drip, drip coffee, filter coffee, pour over, filterkaffee"),
    phrases_in("""
        fully automatic, fully-automatic, full automatic, super automatic, superautomatic, bean to cup, bean-to-cup,
        vollautomat, vollautomatisch, automatique, automatic
        """),
    phrases_in("espresso, expresso"),
    phrases_in("robot, robotic, roboter, robo, roomba"),
    phrases_in("cordless, stick, battery-powered, battery powered, akku, sans fil, wireless, kabellos"),
    phrases_in("canister, cylinder, bodenstaubsauger, traîneau"),
    phrases_in("upright, stand-up"),
    phrases_in("""
        gaming, for gaming, game, games, gamer, gamers, for playing games, play games, esports, video games,
        playing games, jeux, zum zocken, zocken, zum spielen, spiele, für spiele, jeux vidéo, gamen
        """),
    phrases_in("""
        office, office work, for the office, for work, business, business use, productivity, working from home,
        work from home, home office, homeoffice, fürs büro, für die arbeit, büro, pour le travail, bureau,
        bureautique, pour travailler, spreadsheets, work purposes
        """),
    phrases_in("""
        creative, creative work, photo editing, video editing, graphic design, content creation, designers, creators,
        creator, photoshop, creatives, kreativ, bildbearbeitung, videoschnitt, editing, editing photos,
        editing videos, edit photos, edit videos, montage vidéo
        """),
    phrases_in("""
        student, students, for school, for college, for university, for uni, for my studies, college, university,
        studying, for studying, school work, schoolwork, uni, studium, fürs studium, für die uni, étudiant,
        pour les études, school, homework
        """),
    phrases_in("dedicated, discrete, dedicated gpu, dedicated graphics card, graphics card, discrete gpu"),
    phrases_in("integrated, onboard, on-board, built-in graphics, integrated gpu"),
    phrases_in("leather, leder, cuir, leatherette"),
    phrases_in("mesh, netz, netzgewebe, filet, mesh back"),
    phrases_in("fabric, cloth, textile, stoff, tissu, upholstered"),
    phrases_in("ips, ips panel"),
    phrases_in("oled, oled panel"),
    phrases_in("grey, gray, grau, gris, grise, graphite"),
    phrases_in("black, schwarz, schwarze, schwarzer, schwarzen, schwarzes, noir, noire"),
    phrases_in("white, weiß, weiss, weiße, weißer, weißen, blanc, blanche"),
    phrases_in("blue, blau, blaue, blauer, blauen, blaues, bleu, bleue"),
    phrases_in("red, rot, rote, roter, roten, rotes, rouge"),
    phrases_in("green, grün, grüne, grüner, grünen, vert, verte"),
    phrases_in("silver, silber, silbern, argent, argenté"),
    phrases_in("brown, braun, braune, marron, brun"),
    phrases_in("pink, rosa, rose"),
    phrases_in("yellow, gelb, jaune"),
    phrases_in("purple, violet, lila"),
    phrases_in("orange"),
    # Names of attributes.
    phrases_in("""
        memory, ram, working memory, main memory, arbeitsspeicher, mémoire, mémoire vive, memory ram, ddr4, ddr5
        """),
    phrases_in("""
        storage, ssd, hard drive, hard disk, hdd, disk, disk space, drive, storage space, nvme, ssd storage, speicher,
        speicherplatz, stockage, internal storage, space, festplatte, ssd drive, disque dur, disque, rom,
        flash storage
        """),
    phrases_in("""
        screen size, screen, display, display size, size, diagonal, screen diagonal, bildschirm, écran,
        bildschirmgröße, displaygröße, taille d'écran, bildschirmdiagonale
        """),
    phrases_in("laptop size, laptop compartment, size, laptop, notebook, laptops"),
    phrases_in("weight, weighs, weigh, weighing, in weight, gewicht, wiegt, poids, pèse, mass, heavy, wiegen"),
    phrases_in("""
        battery life, battery, battery runtime, runtime, run time, hours of battery, akkulaufzeit, laufzeit,
        autonomie, akku, play time, playtime, playback, running time, endurance, runs, battery lasts, lasts, batterie,
        lasting, run, lasting battery, last
        """),
    phrases_in("battery, battery capacity, battery life, battery size, batterie, akku, akkukapazität, akkulaufzeit"),
    phrases_in("refresh rate, refresh, frame rate, bildwiederholrate, fréquence, taux de rafraîchissement"),
    phrases_in("resolution, megapixels, sensor resolution, auflösung, résolution, sensor"),
    phrases_in("camera, main camera, rear camera, kamera, appareil photo, back camera, cameras"),
    phrases_in("sensor, dpi, sensitivity, sensor resolution, resolution"),
    phrases_in("processor, cpu, chip, prozessor, processeur"),
    phrases_in("graphics, gpu, graphics card, video card, graphic card, grafikkarte, grafik, carte graphique"),
    phrases_in("video, video resolution, video recording, films, records, shoots, filming, recording"),
    phrases_in("panel, panel type, screen type"),
    phrases_in("switch, switches, key switches, keys, schalter"),
    phrases_in("layout, form factor, keyboard size"),
    phrases_in("connection, connectivity, verbindung, connexion"),
    phrases_in("color, colour, colors, farbe, couleur, finish"),
    phrases_in("type, kind, style, form"),
    phrases_in("use, usage, purpose, use case, verwendung"),
    phrases_in("material, upholstery, matériau, covering"),
    phrases_in("pressure, pump pressure, druck, pression, pump"),
    phrases_in("water tank, tank, water reservoir, reservoir, wassertank, réservoir, water container, capacity"),
    phrases_in("suction, suction power, power, saugkraft, saugleistung, puissance, puissance d'aspiration"),
    phrases_in("noise level, noise, loudness, lautstärke, volume, niveau sonore, bruit, sound level"),
    phrases_in("dust container, dust bin, dustbin, dust box, bin, dust bag, staubbehälter, bac à poussière"),
    phrases_in("volume, capacity, size, volumen, contenance, litres, fassungsvermögen"),
    phrases_in("""
        max load, maximum load, load, load capacity, weight capacity, carrying capacity, weight limit, holds,
        supports, carries, belastbar, tragkraft, charge maximale, hold, support, capacity, belastbarkeit,
        weight rating, max weight, maximum weight
        """),
)
"""Groups of phrases. Forms of a word, as `colour` and `colors`, are known by themselves."""

WHEN_ASKED: Final[dict[str, tuple[str, ...]]] = {
    "office": ("work", "job", "working", "arbeit", "travail"),
    "gaming": ("play", "playing", "spielen", "jouer"),
    "student": ("study", "learning", "studies", "lernen", "apprendre"),
    "creative": ("photos", "videos", "art", "drawing", "music"),
    "dedicated": ("separate", "own"),
}
"""Words that mean a value only in the answer to a question about it."""
