"""The vendors, a module each: `provider(config)` returns one without contacting anybody.

`chaffer.vendors` names these modules; each is imported when its first model is asked.
"""
