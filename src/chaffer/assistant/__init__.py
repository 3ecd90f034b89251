"""The supervisor chat: a person talks with one assistant, behind which specialists use tools.

Here live a conversation's events, rules, flow and use cases, the tools' types, and the built-in mind. What a tool does
is done by the other features, through the `Toolbox` that bootstrap gives.
"""
