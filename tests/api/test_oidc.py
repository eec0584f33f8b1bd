"""Tokens of an identity provider: a small one of our own, on this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from api.auth import OidcTokens, Principal
from api.errors import Problem
from ledger_core.dates import FixedClock

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def jwks_url() -> Iterator[str]:
    keys = {"keys": [{**json.loads(RSAAlgorithm.to_jwk(KEY.public_key())), "kid": "one", "use": "sig"}]}

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(keys).encode())

        def log_message(self, *_: Any) -> None:
            """Nothing to say."""

    server = HTTPServer(("127.0.0.1", 0), Keys)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/keys"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def tokens(jwks_url: str, clock: FixedClock) -> OidcTokens:
    return OidcTokens(issuer="https://id.example", audience="cashline", jwks_url=jwks_url, clock=clock)


def _token(clock: FixedClock, key: Any = KEY, **changes: Any) -> str:
    now = int(clock.now().timestamp())
    claims = {
        "iss": "https://id.example",
        "aud": "cashline",
        "sub": "somebody",
        "iat": now,
        "exp": now + 300,
        "cashline_customer_id": "cus_anna",
        **changes,
    }
    return jwt.encode(claims, key, algorithm="RS256", headers={"kid": "one"})


async def test_a_token_of_the_provider_stands_for_its_customer_or_specialist(
    tokens: OidcTokens, clock: FixedClock
) -> None:
    assert await tokens.read(_token(clock)) == Principal("customer", "cus_anna")
    colleague = _token(clock, cashline_customer_id=None, cashline_specialist_id="spe_1")
    assert await tokens.read(colleague) == Principal("specialist", "spe_1")


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://elsewhere.example"},
        {"aud": "another"},
        {"cashline_customer_id": None},
        {"cashline_customer_id": ["cus_anna"]},
        {"key": OTHER},
    ],
    ids=["issuer", "audience", "no customer", "several customers", "another key"],
)
async def test_any_other_token_is_no_entry(
    tokens: OidcTokens, clock: FixedClock, wrong: dict[str, Any]
) -> None:
    with pytest.raises(Problem) as refused:
        await tokens.read(_token(clock, **wrong))
    assert refused.value.code == "unauthenticated"


async def test_its_time_is_ours(tokens: OidcTokens, clock: FixedClock) -> None:
    token = _token(clock)
    clock.advance(timedelta(seconds=301))
    with pytest.raises(Problem) as refused:
        await tokens.read(token)
    assert refused.value.code == "token_expired"


async def test_a_token_signed_with_the_public_key_as_a_secret_is_no_entry(
    tokens: OidcTokens, clock: FixedClock
) -> None:
    header, body, _ = _token(clock).split(".")
    forged = jwt.encode({"sub": "x"}, "s" * 32, algorithm="HS256", headers={"kid": "one"})
    for token in (forged, f"{header}.{body}.", "x", "a.b.c"):
        with pytest.raises(Problem) as refused:
            await tokens.read(token)
        assert refused.value.code == "unauthenticated"
