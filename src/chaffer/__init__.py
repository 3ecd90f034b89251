"""Chaffer: markets of AI agents. The tree is named after what the product does; start at docs/architecture.md."""
