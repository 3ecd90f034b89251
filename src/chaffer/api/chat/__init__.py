"""The supervisor chat and its conversations over HTTP."""
