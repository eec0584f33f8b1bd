"""Migrations: one runner for all packages, forward only, each package in its own Postgres schema.

A package that owns tables has `<package>/migrations/__init__.py` with `SCHEMA = "…"`, and
`<package>/migrations/versions/0001_what.py` with `revision`, `down_revision` and `upgrade()`; the SQL lies
beside it as `0001_what.sql` and is run by `run_sql_beside(__file__)`.
"""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path

from alembic import command, op
from alembic.config import Config
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

PACKAGES = ("ledger_core.store", "tools", "tools.knowledge", "agent", "api")
"""In the order in which they migrate."""

_ENVIRONMENT = Path(__file__).parent / "alembic"
_LOCK_TIMEOUT = text("SET lock_timeout = '10s'")
_ONE_AT_A_TIME = text("SELECT pg_advisory_lock(hashtext('cashline.migrations'))")


def packages_with_migrations() -> tuple[str, ...]:
    """The packages of PACKAGES that are there and have migrations."""
    return tuple(name for name in PACKAGES if _find_versions(name) is not None)


def migrate_now(url: str, package: str) -> None:
    """Bring a package's schema to its newest version; run as the owner role. Blocks.

    Two processes that migrate at once take turns.
    """
    versions = _find_versions(package)
    assert versions is not None, f"{package} has no migrations"
    schema = importlib.import_module(f"{package}.migrations").SCHEMA
    config = Config()
    config.set_main_option("script_location", str(_ENVIRONMENT))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", str(versions))
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(_ONE_AT_A_TIME)
        connection.execute(_LOCK_TIMEOUT)
        connection.exec_driver_sql(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
        connection.commit()
        config.attributes["connection"] = connection
        config.attributes["schema"] = schema
        command.upgrade(config, "head")
        connection.commit()
    engine.dispose()


def run_sql_beside(migration_file: str) -> None:
    """Run the `.sql` file that lies beside a migration and has its name."""
    sql = Path(migration_file).with_suffix(".sql").read_bytes()
    driver = op.get_bind().connection.driver_connection
    assert driver is not None
    driver.execute(sql)


def _find_versions(package: str) -> Path | None:
    parent = package.rpartition(".")[0]
    if parent and importlib.util.find_spec(parent) is None:
        return None
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    versions = Path(spec.submodule_search_locations[0]) / "migrations" / "versions"
    return versions if versions.is_dir() else None
