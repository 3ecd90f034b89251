"""The shopping assistant: a thread in which a person says what they want, and a catalogue of products to find it in.

Here live the thread's events, rules and flow, what its nodes ask, the built-in answers, and what is known of products.
The wires to models are in `chaffer.llm`, the tables in `chaffer.storage`, and the market that haggles elsewhere: a
thread reaches it through a protocol alone.
"""
