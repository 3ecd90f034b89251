"""The kernel: what every conversation is, whatever it is about.

Here live the journal's protocol, the fold, the live conversation with its feed, views, mentions, and the protocols of
policies and engines. Nothing here knows of prices, products, models, SQL or HTTP.
"""
