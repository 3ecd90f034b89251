"""Two-agent runs: two bots talk on a topic, in turns, until a number of turns, a stop, or a fault.

What lives here: the events, rules, questions and flow of a run, and what may be asked of runs. What does not: models
(`llm`), HTTP (`api`), the forms in which a run is exported (`exports`).
"""
