"""The SQL beside this file."""

from ledger_core.store.migrating import run_sql_beside

revision = "servicing_0003"
down_revision = "servicing_0002"


def upgrade() -> None:
    run_sql_beside(__file__)
