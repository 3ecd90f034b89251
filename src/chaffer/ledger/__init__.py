"""The ledger: budgets, stock, purchases and invoices. What it commits cannot break a budget or sell a piece twice.

Here live its records, its pure rules (what may be bought, how invoices come about and what they post), the check of all
books, its protocol and its use cases; the tables are in `chaffer.storage`.
"""
