"""Step-up: a one-time code that proves, at this moment, who confirms a risky act.

Six digits, single use, ten minutes, bound to one proposal, kept as a salted hash. A new one voids the last; wrong
guesses and codes per hour are counted in the database. Limits are in `rules.yaml`. The code exists in the clear in
two places only: the message to the customer, and the request that confirms.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.ids import new_id
from ledger_core.queries import profile
from ledger_core.store.postgres import named_queries
from tools.contract import Confirm, Tool
from tools.notify import Recipient
from tools.profile import masked_email, masked_phone
from tools.rules import rules

_SQL: Final = named_queries(Path(__file__).parent / "sql" / "step_up.sql")
_SIX_DIGITS: Final = re.compile(r"[0-9]{6}\Z")


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """A code to be sent. Its own words do not show it."""

    code: str = field(repr=False)
    to: Recipient
    expires_at: datetime


def needs_code(tool: Tool, terms: dict[str, Any]) -> bool:
    """Whether these terms are confirmed only with a code: by the tool, or from an amount on."""
    if tool.confirm is Confirm.STEP_UP:
        return True
    limit = rules().step_up.from_cents.get(tool.name)
    return limit is not None and terms.get("amount_cents", 0) >= limit


async def issue(conn: AsyncConnection, proposal_id: str, customer_id: str, now: datetime) -> IssuedCode | str:
    """A new code for the proposal, which voids the last; or why not: code_limited, no_contact."""
    to = await recipient(conn, customer_id)
    if to is None:
        return "no_contact"
    since = now - timedelta(hours=1)
    sent = await conn.scalar(_SQL["sent_since"], {"customer_id": customer_id, "since": since})
    if sent >= rules().step_up.codes_per_hour:
        return "code_limited"
    code, salt = f"{secrets.randbelow(1_000_000):06d}", secrets.token_bytes(16)
    expires_at = now + timedelta(minutes=rules().step_up.lifetime_minutes)
    await conn.execute(_SQL["replace"], {"proposal_id": proposal_id})
    await conn.execute(
        _SQL["add"],
        {
            "code_id": new_id("code"),
            "proposal_id": proposal_id,
            "customer_id": customer_id,
            "salt": salt,
            "code_hash": await _hashed(code, salt, proposal_id),
            "attempts_left": rules().step_up.attempts,
            "created_at": now,
            "expires_at": expires_at,
        },
    )
    return IssuedCode(code, to, expires_at)


async def spend(conn: AsyncConnection, proposal_id: str, code: str | None, now: datetime) -> str | None:
    """None when the code is right, and it is used up; else why not, and a wrong guess is counted.

    code_needed, code_expired, code_locked, code_invalid. The proposal's row is locked by the caller.
    """
    row = (await conn.execute(_SQL["open"], {"proposal_id": proposal_id})).one_or_none()
    if row is None or not code:
        return "code_needed"
    if row.expires_at <= now:
        return "code_expired"
    if row.attempts_left == 0:
        return "code_locked"
    given = await _hashed(code, bytes(row.salt), proposal_id) if _SIX_DIGITS.match(code) else b""
    if not hmac.compare_digest(bytes(row.code_hash), given):
        await conn.execute(_SQL["count_guess"], {"code_id": row.code_id})
        return "code_invalid"
    await conn.execute(_SQL["use"], {"code_id": row.code_id})
    return None


async def recipient(conn: AsyncConnection, customer_id: str) -> Recipient | None:
    """Where a code goes: the e-mail on record, else the phone; None without either."""
    person = await profile.customer(conn, customer_id)
    if person is None:
        return None
    if person.email:
        return Recipient("email", person.email, masked_email(person.email) or "", person.language)
    if person.phone:
        return Recipient("text", person.phone, masked_phone(person.phone) or "", person.language)
    return None


async def _hashed(code: str, salt: bytes, proposal_id: str) -> bytes:
    """Costly on purpose, so beside the loop: six digits are few to try."""
    salted = salt + proposal_id.encode()
    return await asyncio.to_thread(hashlib.scrypt, code.encode(), salt=salted, n=2**12, r=8, p=1, dklen=32)
