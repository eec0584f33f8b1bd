"""Is it alive, is it ready, how is it doing."""

from __future__ import annotations

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from api.services import Given

router = APIRouter(tags=["health"])
_PING = text("SELECT 1")


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz")
async def readyz(services: Given) -> JSONResponse:
    """Ready when the database answers, the rails are loaded, the background work has caught up; else 503."""
    checks = {
        "database": await _database_answers(services),
        "rails": services.readiness.rails,
        "worker": services.readiness.worker,
    }
    ready = all(checks.values())
    return JSONResponse({"status": "ready" if ready else "starting", **checks}, 200 if ready else 503)


async def _database_answers(services: Given) -> bool:
    try:
        async with services.engine.connect() as conn:
            await conn.execute(_PING)
    except (SQLAlchemyError, OSError):
        return False
    return True


@router.get("/metrics")
async def metrics() -> Response:
    """Prometheus text."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
