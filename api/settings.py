"""Settings, read from the environment once, at start; a wrong value names itself."""

from __future__ import annotations

import re
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AliasChoices,
    Field,
    HttpUrl,
    PostgresDsn,
    RedisDsn,
    SecretStr,
    ValidationError,
    field_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url


class SettingsError(Exception):
    """A setting has a wrong value; the message names the variable and what it should be."""


def _named(name: str, **rules: object) -> object:
    return Field(validation_alias=AliasChoices(name), **rules)  # type: ignore[call-overload]


class Settings(BaseSettings):
    """Everything the environment decides. Without DATABASE_URL the embedded Postgres is used."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, env_ignore_empty=True)

    home: Annotated[Path, _named("CASHLINE_HOME")] = Path(".cashline")
    host: Annotated[str, _named("CASHLINE_HOST")] = "127.0.0.1"
    port: Annotated[int, _named("CASHLINE_PORT", ge=1, le=65535)] = 8000
    log_level: Annotated[Literal["debug", "info", "warning", "error"], _named("CASHLINE_LOG_LEVEL")] = "info"
    turns_per_minute: Annotated[int, _named("CASHLINE_TURNS_PER_MINUTE", ge=1)] = 60
    """Messages and decisions of one customer, over all their conversations."""
    worker: Annotated[bool, _named("CASHLINE_WORKER")] = True
    """Whether this process also does the background work."""

    database_url: Annotated[PostgresDsn | None, _named("DATABASE_URL")] = None
    batch_database_url: Annotated[PostgresDsn | None, _named("CASHLINE_BATCH_DATABASE_URL")] = None
    owner_database_url: Annotated[PostgresDsn | None, _named("CASHLINE_OWNER_DATABASE_URL")] = None
    database_pool: Annotated[int, _named("CASHLINE_DATABASE_POOL", ge=1, le=90)] = 12
    bank_files: Annotated[Path | None, _named("CASHLINE_BANK_FILES")] = None
    """Folder for the files of the bank, `outgoing` and `incoming`; none: in embedded mode a simulated bank."""
    redis_url: Annotated[RedisDsn | None, _named("REDIS_URL")] = None

    openai_api_key: Annotated[SecretStr | None, _named("OPENAI_API_KEY")] = None
    openai_base_url: Annotated[HttpUrl | None, _named("OPENAI_BASE_URL")] = None
    model: Annotated[str | None, _named("CASHLINE_MODEL")] = None
    """Name of the chat model; none: the built-in planner alone."""
    fallback_model: Annotated[str | None, _named("CASHLINE_FALLBACK_MODEL")] = None
    """Of a second provider, asked when the first does not answer; by default at the same address with the same key."""
    fallback_base_url: Annotated[HttpUrl | None, _named("CASHLINE_FALLBACK_BASE_URL")] = None
    fallback_api_key: Annotated[SecretStr | None, _named("CASHLINE_FALLBACK_API_KEY")] = None
    embedding_model: Annotated[str | None, _named("CASHLINE_EMBEDDING_MODEL")] = None
    """Name of an embedding model behind OPENAI_BASE_URL; none: MiniLM on this machine."""

    langfuse_public_key: Annotated[str | None, _named("LANGFUSE_PUBLIC_KEY")] = None
    langfuse_secret_key: Annotated[SecretStr | None, _named("LANGFUSE_SECRET_KEY")] = None
    langfuse_base_url: Annotated[HttpUrl | None, _named("LANGFUSE_BASE_URL")] = None

    smtp_url: Annotated[SecretStr | None, _named("CASHLINE_SMTP_URL")] = None
    """Where one-time codes and notices leave by e-mail; the demo shows them on a page instead."""
    mail_from: Annotated[str | None, _named("CASHLINE_MAIL_FROM")] = None

    checkpoint_key: Annotated[SecretStr | None, _named("CASHLINE_CHECKPOINT_KEY")] = None
    """Encrypts the conversations' checkpoints; 64 hex digits. Unset: a key under CASHLINE_HOME."""
    accounts_key: Annotated[SecretStr | None, _named("CASHLINE_ACCOUNTS_KEY")] = None
    """Seals bank account numbers; 64 hex digits, older keys after commas. Unset: a key under CASHLINE_HOME."""
    oidc_issuer: Annotated[str | None, _named("CASHLINE_OIDC_ISSUER")] = None
    oidc_audience: Annotated[str | None, _named("CASHLINE_OIDC_AUDIENCE")] = None
    oidc_jwks_url: Annotated[HttpUrl | None, _named("CASHLINE_OIDC_JWKS_URL")] = None

    @field_validator("host")
    @classmethod
    def _host_is_an_address(cls, value: str) -> str:
        if value != "localhost":
            ip_address(value)
        return value

    @field_validator("checkpoint_key")
    @classmethod
    def _key_is_hex(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.fullmatch(r"[0-9a-fA-F]{64}", value.get_secret_value()):
            raise ValueError("should be 64 hex digits")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _mail_server_is_an_address(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.match(r"smtps?://.+", value.get_secret_value()):
            raise ValueError("should be smtp://user:password@host:port, or smtps://")
        return value

    @field_validator("accounts_key")
    @classmethod
    def _keys_are_hex(cls, value: SecretStr | None) -> SecretStr | None:
        keys = [] if value is None else value.get_secret_value().split(",")
        if not all(re.fullmatch(r"[0-9a-fA-F]{64}", key) for key in keys):
            raise ValueError("should be 64 hex digits, older keys after commas")
        return value

    @property
    def embedded(self) -> bool:
        """Whether Postgres is ours to start, and dev login answers."""
        return self.database_url is None

    def url(self, role: Literal["app", "batch", "owner"]) -> str:
        """The database URL of a role, when it is not embedded; by default only the user differs."""
        assert self.database_url is not None
        given = {
            "app": self.database_url,
            "batch": self.batch_database_url,
            "owner": self.owner_database_url,
        }[role]
        if given is not None:
            return str(given)
        whole = make_url(str(self.database_url)).set(username=f"cashline_{role}")
        return whole.render_as_string(hide_password=False)


def read_settings() -> Settings:
    """The settings of this process. Raises SettingsError."""
    try:
        settings = Settings(_env_file=".env")  # type: ignore[call-arg]
    except ValidationError as problem:
        wrong = [
            f"{error['loc'][0]}: {error['msg'].removeprefix('Value error, ')}" for error in problem.errors()
        ]
        raise SettingsError("\n".join(wrong)) from None
    return _checked(settings)


def _checked(settings: Settings) -> Settings:
    if not settings.embedded and not (
        settings.oidc_issuer and settings.oidc_audience and settings.oidc_jwks_url
    ):
        raise SettingsError(
            "CASHLINE_OIDC_ISSUER, CASHLINE_OIDC_AUDIENCE, CASHLINE_OIDC_JWKS_URL: needed with DATABASE_URL,"
            " since there is no dev login outside embedded mode"
        )
    if not settings.embedded and settings.checkpoint_key is None:
        raise SettingsError("CASHLINE_CHECKPOINT_KEY: needed with DATABASE_URL, the same for every process")
    if not settings.embedded and settings.accounts_key is None:
        raise SettingsError("CASHLINE_ACCOUNTS_KEY: needed with DATABASE_URL, the same for every process")
    if settings.model and not settings.openai_api_key:
        raise SettingsError("OPENAI_API_KEY: needed with CASHLINE_MODEL")
    if bool(settings.smtp_url) != bool(settings.mail_from):
        raise SettingsError("CASHLINE_SMTP_URL, CASHLINE_MAIL_FROM: set both or neither")
    if settings.fallback_base_url and not settings.fallback_api_key:
        # the key of one provider is never sent to another
        raise SettingsError("CASHLINE_FALLBACK_API_KEY: needed with CASHLINE_FALLBACK_BASE_URL")
    if bool(settings.langfuse_public_key) != bool(settings.langfuse_secret_key):
        raise SettingsError("LANGFUSE_PUBLIC_KEY, LANGFUSE_SECRET_KEY: set both or neither")
    return settings
