"""Products: what is known of them, how they are searched, and how they come in and go out as files."""
