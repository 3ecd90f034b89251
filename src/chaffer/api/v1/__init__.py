"""The marketplace over HTTP, `/api/v1`."""
