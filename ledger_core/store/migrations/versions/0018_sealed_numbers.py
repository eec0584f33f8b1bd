"""Account numbers are sealed (`bank.vault`); the rows that are there first."""

from alembic import op
from sqlalchemy import text

from ledger_core.bank.numbers import row_name
from ledger_core.bank.vault import vault_of

revision = "core_0018"
down_revision = "core_0017"


def upgrade() -> None:
    """The database cannot seal: only a process that has the key can."""
    conn = op.get_bind()
    conn.execute(text("SET LOCAL cashline.role = 'system'"))
    conn.execute(text("ALTER TABLE core.account_numbers ADD COLUMN key_id text, ADD COLUMN sealed bytea"))
    clear = conn.execute(text("SELECT bank_account_id, version, account FROM core.account_numbers")).all()
    for bank_account_id, version, account in clear:
        sealed = vault_of().seal(account, row_name(bank_account_id, version))
        conn.execute(
            text(
                "UPDATE core.account_numbers SET key_id = :key_id, sealed = :sealed"
                " WHERE bank_account_id = :bank_account_id AND version = :version"
            ),
            {
                "key_id": sealed.key_id,
                "sealed": sealed.data,
                "bank_account_id": bank_account_id,
                "version": version,
            },
        )
    conn.execute(
        text(
            "ALTER TABLE core.account_numbers DROP COLUMN account,"
            " ALTER COLUMN key_id SET NOT NULL, ALTER COLUMN sealed SET NOT NULL"
        )
    )
    conn.execute(text("RESET cashline.role"))
