"""Two-agent runs over HTTP and WebSocket."""
