"""What runs conversations in this process: the engine with its leases, and the housekeeping over time.

Rules and flows live with their features; nothing here knows what a conversation is about.
"""
