"""The pages: everything from here, nothing from elsewhere, and headers that hold them to it."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

WEB = Path(__file__).resolve().parents[2] / "api" / "web"
FILES = sorted(path for path in WEB.rglob("*") if path.suffix in {".js", ".css", ".html", ".svg"})
NAMESPACES = ("http://www.w3.org/2000/svg",)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(WEB)))
def test_no_file_asks_anything_of_another_origin(path: Path) -> None:
    text = path.read_text()
    for namespace in NAMESPACES:
        text = text.replace(namespace, "")
    assert re.findall(r"https?://\S+|url\(|@import", text) == []


@pytest.mark.parametrize("path", [path for path in FILES if path.suffix == ".js"], ids=lambda path: path.name)
def test_what_a_module_imports_is_there(path: Path) -> None:
    for target in re.findall(r"""(?:from|import)\s+["']([^"']+)["']""", path.read_text()):
        found = WEB / target.removeprefix("/web/") if target.startswith("/") else path.parent / target
        assert found.exists(), target


@pytest.mark.parametrize("path", [path for path in FILES if path.suffix == ".js"], ids=lambda path: path.name)
def test_no_module_writes_markup_from_strings(path: Path) -> None:
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", path.read_text())


@pytest.mark.parametrize("page", ["/", "/docs"])
async def test_a_page_comes_with_a_policy_that_lets_only_our_own_files_run(
    api: httpx.AsyncClient, page: str
) -> None:
    answer = await api.get(page)
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert answer.status_code == 200
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    for path in re.findall(r"""(?:src|href)="(/web/[^"]+)\"""", answer.text):
        assert (await api.get(path)).status_code == 200


@pytest.mark.parametrize(
    "style", [WEB / "widget" / "chat.css", WEB / "demo" / "demo.css"], ids=lambda p: p.name
)
def test_text_and_controls_have_the_contrast_of_wcag_aa(style: Path) -> None:
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", style.read_text()))
    white, paper = "#ffffff", colours["paper"]
    for ink in ("ink", "muted", "brand"):
        assert contrast(colours[ink], white) >= 4.5
        assert contrast(colours[ink], paper) >= 4.5
    assert contrast(white, colours["brand-deep"]) >= 4.5
    if "warn-ink" in colours:
        assert contrast(colours["warn-ink"], colours["warn-soft"]) >= 4.5
    assert contrast("#8b9993", white) >= 2.9, "the outline of a field is told from its ground"


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours. Source: WCAG 2.2, relative luminance."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


async def test_the_reference_lists_every_address_of_the_contract(api: httpx.AsyncClient) -> None:
    paths = set((await api.get("/openapi.json")).json()["paths"])
    assert {
        "/v1/dev/login",
        "/v1/dev/customers",
        "/v1/conversations",
        "/v1/conversations/{conversation_id}/turns",
        "/v1/conversations/{conversation_id}/messages",
        "/v1/proposals/{proposal_id}",
        "/v1/proposals/{proposal_id}/confirm",
        "/v1/proposals/{proposal_id}/decline",
        "/v1/lines",
        "/v1/lines/{line_id}",
        "/v1/lines/{line_id}/activity",
        "/v1/lines/{line_id}/statements",
        "/v1/lines/{line_id}/statements/{number}",
        "/healthz",
        "/readyz",
        "/metrics",
    } <= paths


async def test_health_and_metrics_answer_without_a_token(api: httpx.AsyncClient) -> None:
    assert (await api.get("/healthz")).json() == {"status": "ok"}
    ready = await api.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")
    assert "cashline_requests_total" in (await api.get("/metrics")).text


async def test_it_is_not_ready_before_the_background_work_has_caught_up(
    api: httpx.AsyncClient, services: object
) -> None:
    services.readiness.worker = False  # type: ignore[attr-defined]
    answer = await api.get("/readyz")
    assert (answer.status_code, answer.json()["worker"]) == (503, False)
