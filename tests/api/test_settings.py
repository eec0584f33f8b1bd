"""The environment: what it means, and what it may not say."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.settings import Settings, SettingsError, read_settings

PRODUCTION = {
    "DATABASE_URL": "postgresql://cashline_app:p%40ss@db:6432/cashline?sslmode=require",
    "CASHLINE_OIDC_ISSUER": "https://id.example",
    "CASHLINE_OIDC_AUDIENCE": "cashline",
    "CASHLINE_OIDC_JWKS_URL": "https://id.example/keys",
    "CASHLINE_CHECKPOINT_KEY": "0" * 64,
    "CASHLINE_ACCOUNTS_KEY": f"{'1' * 64},{'0' * 64}",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """An environment without any of our settings, in a folder without a .env."""
    for field in Settings.model_fields.values():
        monkeypatch.delenv(field.validation_alias.choices[0], raising=False)  # type: ignore[union-attr]
    monkeypatch.chdir(tmp_path)
    return monkeypatch


def test_an_empty_environment_is_a_whole_installation(environment: pytest.MonkeyPatch) -> None:
    settings = read_settings()
    assert settings.embedded
    assert (settings.host, settings.port, settings.worker) == ("127.0.0.1", 8000, True)
    assert settings.model is None


def test_a_name_without_our_prefix_means_nothing(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("HOME", "/somewhere")
    environment.setenv("PORT", "1")
    assert read_settings().home == Path(".cashline")


def test_each_role_has_its_own_user_on_the_same_database(environment: pytest.MonkeyPatch) -> None:
    for name, value in PRODUCTION.items():
        environment.setenv(name, value)
    settings = read_settings()
    assert settings.url("batch") == "postgresql://cashline_batch:p%40ss@db:6432/cashline?sslmode=require"
    environment.setenv("CASHLINE_OWNER_DATABASE_URL", "postgresql://root@elsewhere/cashline")
    assert read_settings().url("owner") == "postgresql://root@elsewhere/cashline"


@pytest.mark.parametrize("missing", [name for name in PRODUCTION if name != "DATABASE_URL"])
def test_outside_embedded_mode_nothing_that_guards_the_door_may_be_missing(
    environment: pytest.MonkeyPatch, missing: str
) -> None:
    for name, value in PRODUCTION.items():
        if name != missing:
            environment.setenv(name, value)
    with pytest.raises(SettingsError, match=missing):
        read_settings()


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"CASHLINE_MODEL": "some-model"}, "OPENAI_API_KEY"),
        ({"LANGFUSE_PUBLIC_KEY": "pk"}, "LANGFUSE_SECRET_KEY"),
        ({"CASHLINE_HOST": "everywhere"}, "CASHLINE_HOST"),
        ({"CASHLINE_TURNS_PER_MINUTE": "0"}, "CASHLINE_TURNS_PER_MINUTE"),
    ],
)
def test_what_does_not_go_together_is_named(
    environment: pytest.MonkeyPatch, given: dict[str, str], named: str
) -> None:
    for name, value in given.items():
        environment.setenv(name, value)
    with pytest.raises(SettingsError, match=named):
        read_settings()


def test_secrets_do_not_show_when_settings_are_printed(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("OPENAI_API_KEY", "sk-secret")
    assert "sk-secret" not in repr(read_settings())


def test_the_example_as_it_stands_changes_nothing(environment: pytest.MonkeyPatch) -> None:
    example = Path(__file__).resolve().parents[2] / ".env.example"
    assert Settings(_env_file=example) == read_settings()  # type: ignore[call-arg]
