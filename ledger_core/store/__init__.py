"""The books on Postgres: the embedded server, the tables, one way to read a line, one way to append."""
