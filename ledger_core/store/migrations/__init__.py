"""The books' own migrations, in the Postgres schema named here."""

SCHEMA = "core"
