"""The marketplace: sessions, rooms, typed offers, and the agents who haggle over them.

`rules.py`, `room.py`, `strategies/` and `speech/` are pure; `flow.py` alone knows LangGraph; `scenario.py` alone reads
outside JSON. Models, storage and HTTP are elsewhere.
"""
