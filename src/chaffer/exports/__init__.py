"""What leaves the program as files: the logs of negotiations. Everything here is made from a view, never from the journal."""
