"""Who may ask, and for how long."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import httpx
import jwt
import pytest

from api.auth import EmbeddedTokens, Principal
from api.services import Services
from ledger_core.dates import FixedClock
from ledger_core.keys import load_or_make_key

HOUR = timedelta(hours=1)


def _forged(tokens: EmbeddedTokens, **changes: object) -> str:
    claims = jwt.decode(tokens.issue(Principal("customer", "cus_anna")), options={"verify_signature": False})
    return jwt.encode({**claims, **changes}, b"x" * 32, algorithm="HS256")


async def _code(api: httpx.AsyncClient, header: str | None) -> tuple[int, str]:
    answer = await api.get("/v1/lines", headers={"Authorization": header} if header else {})
    assert answer.headers.get("www-authenticate") == "Bearer"
    return answer.status_code, answer.json()["code"]


async def test_a_token_is_good_for_an_hour(
    api: httpx.AsyncClient, tokens: EmbeddedTokens, clock: FixedClock
) -> None:
    header = f"Bearer {tokens.issue(Principal('customer', 'cus_anna'))}"
    clock.advance(HOUR - timedelta(seconds=1))
    assert (await api.get("/v1/lines", headers={"Authorization": header})).status_code == 200
    clock.advance(timedelta(seconds=1))
    assert await _code(api, header) == (401, "token_expired")


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Basic YTpi", "Bearer a.b.c", "Bearer \u00ff"]
)
async def test_no_token_is_no_entry(api: httpx.AsyncClient, header: str | None) -> None:
    encoded = header.encode("latin-1") if header else None
    answer = await api.get("/v1/lines", headers={b"Authorization": encoded} if encoded else {})
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


async def test_an_altered_token_is_no_entry(api: httpx.AsyncClient, tokens: EmbeddedTokens) -> None:
    good = tokens.issue(Principal("customer", "cus_anna"))
    head, body, signature = good.split(".")
    other = _forged(tokens, sub="cus_ben").split(".")[1]
    unsigned = jwt.encode({"sub": "cus_anna", "role": "customer"}, None, algorithm="none")
    for token in (
        f"{head}.{other}.{signature}",
        f"{head}.{body}.{signature[:-2]}",
        _forged(tokens),
        unsigned,
    ):
        assert await _code(api, f"Bearer {token}") == (401, "unauthenticated")


async def test_a_token_for_somebody_else_is_no_entry(api: httpx.AsyncClient, clock: FixedClock) -> None:
    now = int(clock.now().timestamp())
    claims = {"iss": "cashline-embedded", "aud": "cashline", "sub": "cus_anna", "iat": now, "exp": now + 60}
    for wrong in ({"aud": "other"}, {"iss": "other"}, {"role": "root"}, {"role": "customer", "exp": "soon"}):
        token = jwt.encode({**claims, **wrong}, b"k" * 32, algorithm="HS256")
        assert (await _code(api, f"Bearer {token}"))[1] == "unauthenticated"


async def test_a_specialist_does_not_act_as_a_customer(
    api: httpx.AsyncClient, tokens: EmbeddedTokens
) -> None:
    header = {"Authorization": f"Bearer {tokens.issue(Principal('specialist', 'spe_1'))}"}
    answer = await api.post("/v1/conversations", json={}, headers=header)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_the_demo_login_gives_a_token_that_works(api: httpx.AsyncClient) -> None:
    answer = await api.post("/v1/dev/login", json={"customer_id": "cus_anna"})
    header = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    assert (await api.get("/v1/lines", headers=header)).json()["lines"] == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "invalid_request"),
        ({"customer_id": "cus_anna", "specialist_id": "spe_1"}, "invalid_request"),
        ({"customer_id": 7}, "invalid_request"),
        ({"customer_id": "cus_nobody"}, "not_found"),
        ({"customer_id": "cus_anna", "admin": True}, "invalid_request"),
    ],
)
async def test_the_demo_login_knows_whom_it_lets_in(
    api: httpx.AsyncClient, body: dict[str, object], code: str
) -> None:
    assert (await api.post("/v1/dev/login", json=body)).json()["code"] == code


async def test_the_demo_login_answers_on_this_machine_alone(
    api: httpx.AsyncClient, services: Services
) -> None:
    app = api._transport.app  # type: ignore[attr-defined]
    body = {"customer_id": "cus_anna"}
    abroad = httpx.ASGITransport(app, client=("203.0.113.9", 1))
    async with httpx.AsyncClient(transport=abroad, base_url="http://127.0.0.1:8000") as client:
        assert (await client.post("/v1/dev/login", json=body)).status_code == 404
        assert (await client.get("/v1/dev/customers")).status_code == 404
    # a page elsewhere whose name was pointed at this machine
    assert (await api.post("/v1/dev/login", json=body, headers={"Host": "evil.example"})).status_code == 404


def test_a_key_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    first = load_or_make_key(tmp_path, "jwt.key")
    assert load_or_make_key(tmp_path, "jwt.key") == first
    assert load_or_make_key(tmp_path, "other.key") != first
    assert (tmp_path / "keys" / "jwt.key").stat().st_mode & 0o777 == 0o600
    assert {path.name for path in (tmp_path / "keys").iterdir()} == {"jwt.key", "other.key"}
