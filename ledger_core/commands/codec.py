"""Results and inputs as plain JSON and back, and the hash by which a repeated input is known."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


def encode(value: Any) -> Any:
    """Integers, strings, booleans, None, lists and dicts; dates become ISO strings."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: encode(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [encode(item) for item in value]
    if isinstance(value, Mapping):
        return {name: encode(item) for name, item in value.items()}
    return value


def decode(kind: type[T], stored: Mapping[str, Any]) -> T:
    """The dataclass that `encode` wrote, by the types of its fields."""
    hints = get_type_hints(kind)
    return kind(**{name: _decode(hints[name], value) for name, value in stored.items()})


def input_hash(command: str, line_id: str, inputs: Mapping[str, Any]) -> str:
    """The same for the same command, line and arguments, in any order; who asks and when do not count."""
    return hashlib.sha256(_canonical([command, line_id, inputs]).encode()).hexdigest()


_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=encode).encode


def _decode(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    if get_origin(hint) in (Union, UnionType):
        hint = next(arm for arm in get_args(hint) if arm is not type(None))
    if hint is date:
        return date.fromisoformat(value)
    if get_origin(hint) is tuple:
        return tuple(_decode(get_args(hint)[0], item) for item in value)
    if is_dataclass(hint) and isinstance(hint, type):
        return decode(hint, value)
    return value
