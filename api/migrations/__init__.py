"""What the API processes share on Postgres: rate counters, and the queue of background jobs."""

SCHEMA = "shared"
