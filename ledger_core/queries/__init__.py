"""Read models: what a line looks like to the person who asks."""
