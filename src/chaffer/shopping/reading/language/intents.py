"""Words that tell what a person wants: to search, to go on, to ask, to buy, or just to be polite."""

from __future__ import annotations

from typing import Final

from chaffer.shopping.reading.phrases import any_of
from chaffer.shopping.reading.sentences import word_set

OPENING: Final = any_of("""
    i need, i'm looking for, looking for, i am looking for, i want, find me, show me, search for, search, find,
    i'd like, i would like, we need, we want, i'm searching for, shopping for, recommend, recommend me,
    can you recommend, suggest, do you have, have you got, do you sell, in the market for, i'm after, i am after,
    looking to buy, want to buy, need to buy, get me, need, i wanna, i could use, help me find, got any, any good,
    what is the best, what's the best, which is the best, best, where can i find, can i get, i'm interested in,
    interested in, give me, ich suche, suche, ich brauche, brauche, ich möchte, ich hätte gern, zeig mir, zeige mir,
    hast du, habt ihr, gibt es, ich will, je cherche, cherche, je veux, je voudrais, j'ai besoin, montre-moi,
    il me faut, montrez-moi, avez-vous, trouve-moi, want, buy a, buy an, buy some, order a
    """)
"""A search begins so, though it may go on from the last one, too."""

SEEKING_ANEW: Final = any_of("""
    looking for, search for, search, searching for, shopping for, find me, find, show me, in the market for, i'm after,
    i am after, do you have, have you got, do you sell, where can i find, ich suche, suche, zeig mir, zeige mir,
    hast du, habt ihr, gibt es, je cherche, cherche, montre-moi, montrez-moi, avez-vous, trouve-moi
    """)
"""Who says so of a thing that is not known here wants that thing, and nothing that has it."""

CONTINUING: Final = any_of("""
    only, but, also, with, without, and, too, as well, what about, how about, instead of, make it, make that, no, not,
    rather, preferably, same but, anything, something, ones, one, under, below, over, above, just, nur, aber, auch,
    mit, ohne, seulement, mais, avec, sans, are there any, is there a, is there any, in, it should, it must, must,
    should, nothing
    """)
"""Somebody who begins so goes on from the last search."""

INSTEAD: Final = any_of("""
    instead, start over, new search, forget that, forget it, stattdessen, plutôt, reset
    """)

OTHERWISE: Final = any_of("""
    something else, anything else, other brand, other brands, another brand, different brand, different brands,
    other makes, another make, other manufacturers, another manufacturer, different manufacturer, other options,
    another option, show me others, show me another, other ones, another one, a different one, something different,
    others, alternatives, an alternative, alternative, what else, different options, other models, other than that,
    more options, not this one, not that one, not this brand, not that brand, next one, other choices, other products,
    something from another company, another company, different company, other suggestions, etwas anderes, was anderes,
    andere marke, andere marken, autre chose, autre marque, autres marques, une autre marque, d'autres marques,
    eine andere marke, don't like this brand, don't like the brand, don't like that brand, don't like its brand,
    not the brand, wrong brand
    """)
"""Anything but what was recommended."""

GREETING: Final = any_of("""
    hi, hello, hey, good morning, good evening, good afternoon, good day, how are you, hiya, how do you do,
    who are you, what are you, what can you do, what do you do, are you a bot, yo, are you human, are you a robot,
    are you real, help, can you help me, can you help, what's up, nice to meet you, how's it going, how is it going,
    greetings, bye, goodbye, see you, good night, hallo, guten tag, guten morgen, guten abend, moin, servus,
    wie geht's, wer bist du, tschüss, bonjour, salut, bonsoir, ça va, comment ça va, qui es-tu, au revoir, ciao, hola,
    sup, what's your name, what is your name, how does this work, how do you work, ping, test, anyone there,
    are you there, nice day, lol, haha, ok, okay, have a nice day, are you an ai, are you ai, can i ask you something,
    i have a question, what is this
    """)

VAGUE: Final = any_of("""
    surprise me, inspire me, i'm bored, i am bored, bored, meh, a gift, gift, gifts, a present, present, presents,
    ideas, any ideas, something, anything, i don't know what i want, überrasch mich, mir ist langweilig, geschenk,
    ein geschenk, irgendwas, surprends-moi, un cadeau, cadeau, quelque chose
    """)
"""Who says so, and nothing of what it should be, is to be asked for that."""

MORE_OF_THEM: Final = word_set("more next further mehr weitere weiteren encore")
"""Words that want what stands behind what was shown, where nothing else is said but a number and `AROUND_MORE`."""
AROUND_MORE: Final = word_set("""
    show me us please pls can could you i we see get give have want need let lets some any a few ones of them these
    those the results result products page list and ok okay yes is are there zeig zeige mir bitte noch davon montre moi
    en d'autres
    """)

KNOWN_OF_ME: Final = any_of("""
    what do you know about me, what do you know of me, what have you learned about me, what have you learnt about me,
    what do you remember about me, what do you remember of me, what are my preferences, show my preferences,
    show me my preferences, list my preferences, tell me my preferences, was weißt du über mich, que sais-tu de moi,
    forget my preferences, forget all my preferences, reset my preferences, clear my preferences,
    delete my preferences, change my preferences, edit my preferences, forget my taste, forget me,
    forget everything about me, forget what you know about me, forget what you know of me
    """)
"""A shopper asks what was learned of them, or to forget it."""

THANKING: Final = any_of("""
    thanks, thank you, thx, ty, cheers, many thanks, thanks a lot, thank you so much, tysm, thank you very much,
    much appreciated, appreciate it, that helps, that was helpful, very helpful, danke, danke schön, vielen dank,
    merci, merci beaucoup, thanks a bunch, that's all, that is all, i'm done, you've been helpful, you were helpful,
    great help, thankyou, gracias, thanks so much, no more questions, all good, nothing else
    """)

BUYING: Final = any_of("""
    buy, order, purchase, checkout, check out, i'll take, i will take, i'd take, add to cart, add it to my cart,
    add to basket, put it in my cart, get me, i want to buy, take it, i'll buy, haggle, negotiate, bargain with,
    make an offer, make them an offer, place the order, deal, place an order, let's do it, let's go with, go with,
    go for, i'll have, i'll go with, sold, i'll go for, get it for me, get it, ship it, pay for, i'm buying,
    i would like to buy, reserve, i want that one, i want this one, i want the, we'll take, i take,
    talk to the seller, contact the seller, talk to the sellers, get me a better price, get a better price,
    get a discount, kaufen, kaufe, bestellen, bestelle, ich nehme, nehme ich, acheter, j'achète, je prends, commander,
    je le prends, den nehme ich, die nehme ich, das nehme ich, wrap it up, take that, take this, take the, add it
    """)

ASKING: Final = word_set("""
    how what whats which why does do is are can could will would has have when where who whose did was were should
    isnt doesnt hows wheres tell explain describe wie welche welcher welches warum ist hat kann wo wann comment quel
    quelle pourquoi combien quoi est peut
    """)
"""First words of questions."""

SEEKING: Final = any_of("""
    do you have, have you got, do you sell, are there, is there, got, can you show, could you show, can you find,
    could you find, any, can i see, can i get, can i have, what about, how about, anything, do they come, gibt es,
    hast du, habt ihr, avez-vous, can you recommend, could you recommend, could you help, can you help, what else,
    something, which other, what other, anything else, will you show, would you recommend
    """)
"""A question that begins so asks for products, and not about them."""

COMPARING: Final = any_of("""
    compare, comparison, which has, which have, which would, would you pick, would you choose, which do you,
    difference, differences, differ, vs, versus, compared to, compare to, which one, which is, which of, better than,
    or the, side by side, tell me more, more about, more details, details, more info, more information, pros and cons,
    what do you think, why this, why did you, why do you, why not, unterschied, unterschiede, vergleiche, vergleich,
    différence, comparer, compare les, worth it, explain, tell me about, describe, specs, specifications,
    different from, stack up, what's the catch, drawbacks, downsides, advantages, how good is
    """)
"""Somebody asks about products."""

ABOUT_SHOPPING: Final = word_set("""
    warranty shipping delivery return returns stock available availability seller sellers price cost costs much
    rating rated reviews review colors colours color colour brand sells deliver ship guarantee discount heavy big
    large long fast good loud last wide tall weigh made work works compatible support supports come comes include
    includes cheaper better lighter bigger quieter smaller faster left lightest cheapest worth durable pieces sturdy
    comfortable kostet wiegt coûte
    """)
"""What is asked of a product, besides its attributes."""

OFF_TOPIC: Final = any_of("""
    weather, joke, poem, song, story, president, capital of, recipe, news, football, soccer, translate, python,
    javascript, politics, religion, meaning of life, write me, write a, essay, who won, stock market, bitcoin,
    horoscope, math, solve, history of, who is the, who was, sing, lyrics, medical, doctor, lawyer, election, war,
    god, philosophy, astrology, code for, wetter, witz, gedicht, météo, blague, poème, what time is it,
    what day is it, girlfriend advice, system prompt, your instructions, previous instructions, how old are you,
    population of, flight, book a flight, hotel, restaurant, pizza, play a game, tell me a, who invented,
    movie tonight
    """)

ALL: Final = (OPENING, CONTINUING, INSTEAD, OTHERWISE, GREETING, THANKING, BUYING, COMPARING, OFF_TOPIC)
