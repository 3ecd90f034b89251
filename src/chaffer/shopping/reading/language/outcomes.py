"""Words by which a shopper asks what came of the buyers that they sent."""

from __future__ import annotations

from typing import Final

from chaffer.shopping.reading.phrases import any_of

OF_HAGGLING: Final = any_of("""
    how much did i save, how much did we save, how much have i saved, how much was saved, what did i save,
    did i save, did we save, how much did i pay, what did i pay, what have i paid, how did the negotiation go,
    how did the negotiations go, how did the haggling go, how is the negotiation, how's the negotiation,
    is the negotiation, did the negotiation, what came of the negotiation, outcome of the negotiation,
    result of the negotiation, did we get a deal, did you get a deal, did i get a deal, did we make a deal,
    was there a deal, what is the invoice, what's the invoice, my invoice, the invoice number, which invoice,
    what did i buy, what have i bought, wie viel habe ich gespart, wie lief die verhandlung,
    combien ai-je économisé, comment s'est passée la négociation
    """)

OF_WHAT_WENT_ON: Final = any_of("""
    how did it go, how did that go, how is it going, how's it going, any news, what happened, what came of it,
    did it work, is it done, is it over, did i get it, did you get it, who sold it, final price, what was the outcome,
    what was the result, wie lief es, was ist daraus geworden, comment ça s'est passé
    """)
"""They ask for that where a buyer was sent, and for anything else before."""
