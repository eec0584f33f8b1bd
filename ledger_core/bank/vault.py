"""Account numbers at rest: sealed for the one row they stand in, opened only to write and to check bank files."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger_core.errors import NumbersSealed
from ledger_core.keys import load_or_make_key

_NONCE_BYTES = 12
_KEY_NAME = "accounts.key"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed account number, and which key opens it."""

    key_id: str
    data: bytes


class Vault:
    """AES-256-GCM under a ring of keys: the first seals, each opens what it sealed."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self.key_id = _id_of(keys[0])
        """of the key that seals"""
        self._ring = {_id_of(key): AESGCM(key) for key in keys}

    def seal(self, account: str, row: str) -> Sealed:
        """row: which row it is for; in another it does not open."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        data = self._ring[self.key_id].encrypt(nonce, account.encode(), row.encode())
        return Sealed(self.key_id, nonce + data)

    def holds(self, key_id: str) -> bool:
        """Whether it has the key that opens what was sealed by that one."""
        return key_id in self._ring

    def open(self, sealed: Sealed, row: str) -> str:
        """The number again. Raises NumbersSealed without its key, or where it was sealed for another row."""
        key = self._ring.get(sealed.key_id)
        if key is None:
            raise NumbersSealed(f"no key {sealed.key_id} for account numbers")
        try:
            return key.decrypt(sealed.data[:_NONCE_BYTES], sealed.data[_NONCE_BYTES:], row.encode()).decode()
        except InvalidTag:
            raise NumbersSealed(f"the account number of {row} is not what was sealed") from None


def vault_of(environment: Mapping[str, str] = os.environ) -> Vault:
    """Of CASHLINE_ACCOUNTS_KEY: 64 hex digits, older keys after commas; else of a key under CASHLINE_HOME."""
    return _vault(environment.get("CASHLINE_ACCOUNTS_KEY", ""), environment.get("CASHLINE_HOME", ".cashline"))


@cache
def _vault(keys: str, home: str) -> Vault:
    if not keys:
        return Vault([load_or_make_key(Path(home), _KEY_NAME)])
    return Vault([bytes.fromhex(key) for key in keys.split(",")])


def _id_of(key: bytes) -> str:
    return hashlib.sha256(key).hexdigest()[:8]
