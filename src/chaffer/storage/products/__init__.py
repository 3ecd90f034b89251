"""The catalogue where it is kept: what is searched in SQL and how, what is put into it, the shelves, and memory.

What the words of a product are, and what a constraint means, is told in `chaffer.shopping.catalogue`.
"""
