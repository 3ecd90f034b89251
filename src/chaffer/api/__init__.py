"""The HTTP API: requests in, commands to the use cases, documents and streams out. FastAPI is imported nowhere else."""
