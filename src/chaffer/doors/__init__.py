"""The doors of the house: who may come in, as whom, how often, and how much one owner may hold. No HTTP here."""
