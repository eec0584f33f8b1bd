"""The one Alembic environment of all packages; `migrating.py` hands it connection and schema."""

from alembic import context

_settings = context.config.attributes
context.configure(
    connection=_settings["connection"],
    version_table="alembic_version",
    version_table_schema=_settings["schema"],
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
