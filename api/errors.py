"""From meaning to HTTP: the one table, and the handlers that answer with RFC 9457 problem details."""

from __future__ import annotations

from typing import Any

import psycopg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

log = structlog.get_logger()

PROBLEMS: dict[str, tuple[int, str]] = {
    "empty_text": (422, "The message is empty"),
    "text_too_long": (422, "The message is too long"),
    "invalid_request": (422, "The request is not understood"),
    "body_too_large": (413, "The body is too large"),
    "unauthenticated": (401, "Log in first"),
    "token_expired": (401, "The token has expired"),
    "forbidden": (403, "Not allowed"),
    "not_found": (404, "Not found"),
    "method_not_allowed": (405, "Not a way to use this address"),
    "conversation_busy": (409, "The last message is still being answered"),
    "client_turn_reused": (409, "This client_turn_id was used for another message"),
    "confirmation_invalid": (409, "The confirmation is not valid"),
    "code_needed": (409, "A one-time code is needed"),
    "code_invalid": (409, "The code is not right"),
    "code_expired": (409, "The code has expired"),
    "code_locked": (429, "Too many wrong codes"),
    "code_limited": (429, "Too many codes were sent"),
    "code_not_needed": (409, "This proposal needs no code"),
    "no_contact": (409, "There is no way to send a code"),
    "proposal_expired": (409, "The proposal has expired"),
    "proposal_void": (409, "The proposal is void"),
    "already_decided": (409, "The proposal was decided before"),
    "approval_expired": (409, "The request for approval has expired"),
    "approval_void": (409, "The request for approval is void"),
    "key_reused": (409, "This key was used for another call"),
    "busy": (503, "The books are busy: try again"),
    "rate_limited": (429, "Too many messages"),
    "unavailable": (503, "Not available right now"),
    "internal": (500, "Something went wrong"),
}
"""code → (status, title). Codes are the contract; titles and details are for people."""

MEANINGS = {
    "line_not_found": "not_found",
    "line_not_open_yet": "not_found",
    "books_busy": "unavailable",
    "statement_timed_out": "unavailable",
}
"""Codes of the packages below that have another name on the wire."""

UNREACHABLE = (OperationalError, InterfaceError, PoolTimeout, psycopg.OperationalError)
"""What the database's absence looks like, through SQLAlchemy and on the driver's own connections."""

_OF_STATUS = {404: "not_found", 405: "method_not_allowed", 401: "unauthenticated", 403: "forbidden"}


class Problem(Exception):
    """A request that is answered with a problem. code: a key of PROBLEMS."""

    def __init__(self, code: str, detail: str, *, headers: dict[str, str] | None = None) -> None:
        assert code in PROBLEMS, code
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.headers = headers


def problem_of(error: Exception) -> Problem:
    """The problem that an exception means; `internal` for one that nobody foresaw."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, UNREACHABLE):
        return Problem("unavailable", "The books can't be reached right now. Nothing was changed.")
    code = getattr(error, "code", None)
    meaning = MEANINGS.get(code, code) if isinstance(code, str) else None
    if meaning in PROBLEMS:
        return Problem(meaning, PROBLEMS[meaning][1] + ".")
    return Problem("internal", "Something went wrong on our side. Nothing was changed.")


def problem_body(problem: Problem, trace_id: str) -> dict[str, Any]:
    """The problem as JSON."""
    status, title = PROBLEMS[problem.code]
    return {
        "type": f"urn:cashline:problem:{problem.code}",
        "title": title,
        "status": status,
        "detail": problem.detail,
        "code": problem.code,
        "trace_id": trace_id,
    }


def problem_response(problem: Problem, trace_id: str) -> JSONResponse:
    """The problem as an answer."""
    headers = dict(problem.headers or {})
    status, _ = PROBLEMS[problem.code]
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(
        problem_body(problem, trace_id), status, media_type="application/problem+json", headers=headers
    )


def report(error: Exception, trace_id: str) -> Problem:
    """The problem that an exception means; one that nobody foresaw is logged with its traceback."""
    problem = problem_of(error)
    if problem.code in ("internal", "unavailable"):
        log.error("request failed", code=problem.code, trace_id=trace_id, exc_info=error)
    return problem


def trace_id_of(request: Request) -> str:
    trace_id: str = request.scope["state"]["trace_id"]
    return trace_id


def _from_validation(error: RequestValidationError) -> Problem:
    """Names the field and what is wrong with it, never the value."""
    first = error.errors()[0]
    place, *path = (str(part) for part in first["loc"])
    field = ".".join(path) or place
    if place == "path":
        return Problem("not_found", "There is nothing with this id.")
    reason = str(first["msg"]).removeprefix("Value error, ")
    if path == ["text"] and first["type"] in ("string_too_long", "text_too_long"):
        return Problem("text_too_long", "Keep a message under 24,000 characters.")
    if path == ["text"] and first["type"] in ("missing", "string_too_short", "empty_text"):
        return Problem("empty_text", "Write something first.")
    return Problem("invalid_request", f"{field}: {reason}")


def install_handlers(app: FastAPI) -> None:
    """What FastAPI itself refuses becomes a problem too; `middleware` does the same for everything else."""

    async def on_validation(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        return problem_response(_from_validation(error), trace_id_of(request))

    async def on_http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        code = _OF_STATUS.get(error.status_code, "invalid_request" if error.status_code < 500 else "internal")
        return problem_response(Problem(code, PROBLEMS[code][1] + "."), trace_id_of(request))

    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(HTTPException, on_http)
