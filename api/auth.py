"""Who is asking: bearer tokens, made here in embedded mode, by the bank's identity provider in production."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Literal, Protocol

import jwt
from fastapi import Depends, Request

from api.errors import Problem
from ledger_core.dates import Clock

LIFETIME = timedelta(hours=1)
EMBEDDED_ISSUER = "cashline-embedded"
AUDIENCE = "cashline"
# The clock is passed in, so the library's own look at the machine's clock is off and ours follows.
_REQUIRED: Any = {
    "require": ["exp", "iat", "sub"],
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
}
_LEEWAY_SECONDS = 30


@dataclass(frozen=True)
class Principal:
    """Who is asking: a customer or a specialist, by their id."""

    role: Literal["customer", "specialist"]
    id: str


class Tokens(Protocol):
    """Reads bearer tokens. Raises Problem: unauthenticated, token_expired."""

    async def read(self, token: str) -> Principal: ...


class EmbeddedTokens:
    """Tokens signed with the key of this installation."""

    def __init__(self, key: bytes, clock: Clock) -> None:
        self._key = key
        self._clock = clock

    def issue(self, principal: Principal) -> str:
        """A token for one hour."""
        now = self._clock.now()
        claims = {
            "iss": EMBEDDED_ISSUER,
            "aud": AUDIENCE,
            "sub": principal.id,
            "role": principal.role,
            "iat": int(now.timestamp()),
            "exp": int((now + LIFETIME).timestamp()),
        }
        return jwt.encode(claims, self._key, algorithm="HS256")

    async def read(self, token: str) -> Principal:
        claims = _decode(token, self._key, ["HS256"], EMBEDDED_ISSUER, AUDIENCE)
        _check_time(claims, self._clock)
        role, subject = claims.get("role"), claims["sub"]
        if role not in ("customer", "specialist") or not isinstance(subject, str):
            raise Problem("unauthenticated", "The token names no customer and no specialist.")
        return Principal(role, subject)


class OidcTokens:
    """Tokens of an OpenID Connect provider, checked against its published keys.

    The claim `cashline_customer_id` or `cashline_specialist_id` says whom the subject stands for.
    """

    def __init__(self, *, issuer: str, audience: str, jwks_url: str, clock: Clock) -> None:
        self._issuer = issuer
        self._audience = audience
        self._keys = jwt.PyJWKClient(jwks_url, cache_keys=True, timeout=5)
        self._clock = clock

    async def read(self, token: str) -> Principal:
        try:
            key = await asyncio.to_thread(self._keys.get_signing_key_from_jwt, token)
        except jwt.PyJWKClientConnectionError:
            raise Problem("unavailable", "The identity provider's keys can't be read right now.") from None
        except jwt.PyJWTError:
            raise Problem("unauthenticated", "The token is not one of ours.") from None
        claims = _decode(token, key.key, ["RS256", "ES256"], self._issuer, self._audience)
        _check_time(claims, self._clock)
        for role in ("customer", "specialist"):
            subject = claims.get(f"cashline_{role}_id")
            if isinstance(subject, str) and subject:
                return Principal(role, subject)  # type: ignore[arg-type]
        raise Problem("unauthenticated", "The token names no customer and no specialist.")


def _decode(token: str, key: Any, algorithms: list[str], issuer: str, audience: str) -> dict[str, Any]:
    try:
        claims: dict[str, Any] = jwt.decode(
            token, key, algorithms=algorithms, issuer=issuer, audience=audience, options=_REQUIRED
        )
    except jwt.PyJWTError:
        raise Problem("unauthenticated", "The token is not one of ours.") from None
    return claims


def _check_time(claims: dict[str, Any], clock: Clock) -> None:
    now = clock.now().timestamp()
    expires, begins = claims["exp"], claims.get("nbf", claims["iat"])
    if not isinstance(expires, int) or not isinstance(begins, int) or begins > now + _LEEWAY_SECONDS:
        raise Problem("unauthenticated", "The token is not valid yet.")
    if expires <= now:
        raise Problem("token_expired", "The token has expired: log in again.")


async def who_is_asking(request: Request) -> Principal:
    """The principal of the request's bearer token. Raises Problem: unauthenticated, token_expired."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Problem("unauthenticated", "Send a bearer token.")
    tokens: Tokens = request.app.state.services.tokens
    return await tokens.read(token.strip())


async def asking_customer(principal: Annotated[Principal, Depends(who_is_asking)]) -> str:
    """The id of the customer who is asking. Raises Problem forbidden for a specialist."""
    if principal.role != "customer":
        raise Problem("forbidden", "These pages are the customer's own.")
    return principal.id


CustomerId = Annotated[str, Depends(asking_customer)]
