"""What leaves the program as files: the logs of negotiations. All of it is made from a view, never from the journal."""
