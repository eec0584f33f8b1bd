"""The demo page, the widget's files, the reference of the API: all served from here."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles

WEB = Path(__file__).parent.parent / "web"

router = APIRouter(include_in_schema=False)
files = StaticFiles(directory=WEB)


@router.get("/")
async def demo_page() -> FileResponse:
    return FileResponse(WEB / "demo" / "index.html")


@router.get("/docs")
async def reference() -> FileResponse:
    return FileResponse(WEB / "docs" / "index.html")
