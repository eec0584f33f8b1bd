"""What can be done to a line, one command per file: read, decide, append, in the caller's transaction."""
