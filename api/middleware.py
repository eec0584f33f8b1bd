"""What surrounds every request: a trace id, security headers, a bound on the body, a count and a duration."""

from __future__ import annotations

import secrets
import time

from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import Problem, problem_response, report

BODY_BYTES_MAX = 64 * 1024

REQUESTS = Counter("cashline_requests_total", "Requests answered", ["method", "route", "status"])
SECONDS = Histogram("cashline_request_seconds", "Time to the end of the answer", ["route"])

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


class Surround:
    """The outermost layer of the app."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        trace_id = secrets.token_hex(16)
        scope.setdefault("state", {})["trace_id"] = trace_id
        started, status = time.monotonic(), 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                extra = {**HEADERS, "x-trace-id": trace_id}
                if scope["path"].startswith("/v1/"):
                    extra["cache-control"] = "no-store"
                message = {**message, "headers": [*message["headers"], *_encoded(extra)]}
            await send(message)

        try:
            await _bounded(self._app, scope, receive, send_with_headers)
        except Exception as error:  # the edge of the process: whatever happened, the client gets a problem
            problem = report(error, trace_id)
            if status:  # the answer had begun, so it can only be cut
                raise
            await problem_response(problem, trace_id)(scope, receive, send_with_headers)
        finally:
            route = getattr(scope.get("route"), "path", "unmatched")
            REQUESTS.labels(scope["method"], route, status).inc()
            SECONDS.labels(route).observe(time.monotonic() - started)


async def _bounded(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Reads the body before the app does, and refuses it when it is too large."""
    if scope["method"] in ("GET", "HEAD", "OPTIONS"):
        await app(scope, receive, send)
        return
    body = await _read(scope, receive)
    if body is None:
        raise Problem(
            "body_too_large", f"A body may have {BODY_BYTES_MAX} bytes.", headers={"connection": "close"}
        )
    first: Message | None = {"type": "http.request", "body": body, "more_body": False}

    async def replay() -> Message:
        nonlocal first
        if first is None:
            return await receive()
        message, first = first, None
        return message

    await app(scope, replay, send)


async def _read(scope: Scope, receive: Receive) -> bytes | None:
    """The whole body; None when it is over the bound."""
    declared = dict(scope["headers"]).get(b"content-length", b"0")
    if declared.isdigit() and int(declared) > BODY_BYTES_MAX:
        return None
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        part = message.get("body", b"")
        size += len(part)
        if size > BODY_BYTES_MAX:
            return None
        parts.append(part)
        more = message.get("more_body", False)
    return b"".join(parts)


def _encoded(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in headers.items()]
