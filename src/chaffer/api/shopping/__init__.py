"""The shopping assistant over HTTP: threads, the catalogue, and what is known of a shopper."""
