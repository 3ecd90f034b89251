"""The ledger: budgets, stock, purchases and invoices. What it commits cannot break a budget or sell a piece twice.

Here live its records, its pure rules and its protocol; the tables are in `chaffer.storage`.
"""
