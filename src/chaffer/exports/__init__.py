"""What leaves the program as files: logs and exports. All of it is made from a view, never from the journal."""
