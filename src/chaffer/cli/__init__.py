"""The command line: what a person types, and what a terminal shows.

Commands speak the HTTP API, either to a server (`--url`) or to the same application inside their own process, so both
give the same documents. No rule of the market lives here.
"""
