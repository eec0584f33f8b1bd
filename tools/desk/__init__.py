"""What human colleagues do: adjust within limits, decide disputes, note, and work the queue."""
