"""docker-compose.yml, as far as it can be checked without an engine."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
KNOWN = {field.validation_alias.choices[0] for field in Settings.model_fields.values()}  # type: ignore[union-attr]


def test_all_that_the_platform_needs_is_there() -> None:
    assert {
        "postgres",
        "redis",
        "api",
        "worker",
        "migrate",
        "langfuse-web",
        "langfuse-worker",
        "clickhouse",
        "langfuse-redis",
        "minio",
    } == set(SERVICES)


def test_each_service_waits_for_services_that_exist_and_say_that_they_are_well() -> None:
    for name, service in SERVICES.items():
        for other, wait in service.get("depends_on", {}).items():
            assert other in SERVICES, name
            if wait["condition"] == "service_healthy":
                assert "healthcheck" in SERVICES[other], f"{name} waits for {other}"


@pytest.mark.parametrize("name", ["api", "worker", "migrate"])
def test_our_services_get_only_settings_that_we_know(name: str) -> None:
    assert set(SERVICES[name]["environment"]) <= KNOWN


def test_no_secret_is_written_into_the_file_and_no_port_leaves_this_machine() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    for value in re.findall(r"(?:PASSWORD|SECRET|KEY): (.+)", text):
        assert value.startswith("${"), value
    for service in SERVICES.values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))


def test_langfuse_sends_nothing_home_and_its_queue_evicts_nothing() -> None:
    assert SERVICES["langfuse-web"]["environment"]["TELEMETRY_ENABLED"] == "false"
    assert "noeviction" in SERVICES["langfuse-redis"]["command"]


def test_the_example_lists_every_setting_and_no_other() -> None:
    text = (ROOT / ".env.example").read_text()
    assert set(re.findall(r"^#?([A-Z_]+)=", text, re.MULTILINE)) == KNOWN
