"""What people say when they shop, as data: phrases and what they mean, in English and the commonest German and French.

How they are read stands beside, in `chaffer.shopping.reading`; the names of a catalogue come from the catalogue.
"""
