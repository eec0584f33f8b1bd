"""The specialist's desk: the queue, the tools of a colleague, the second person's yes or no. Specialists only."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from api.auth import Principal, who_is_asking
from api.errors import PROBLEMS, Problem
from api.schemas import Empty, IdInPath, OutcomeOut, ToolCall
from api.services import Given, Services
from ledger_core.ids import new_id
from ledger_core.store.postgres import specialist
from tools.context import Caller
from tools.outcomes import Outcome
from tools.provenance import ledger_from

router = APIRouter(prefix="/v1/copilot", tags=["copilot"])


async def asking_specialist(principal: Annotated[Principal, Depends(who_is_asking)]) -> str:
    """The id of the specialist who is asking. Raises Problem forbidden for a customer."""
    if principal.role != "specialist":
        raise Problem("forbidden", "These pages are for colleagues.")
    return principal.id


SpecialistId = Annotated[str, Depends(asking_specialist)]


@router.get("/queue")
async def read_queue(services: Given, specialist_id: SpecialistId, queue: str | None = None) -> JSONResponse:
    """What waits for people: hand-offs, duties with their clocks, approvals."""
    return await _call(services, _caller(specialist_id), "list_queue", ToolCall(arguments={"queue": queue}))


@router.post("/customers/{customer_id}/tools/{tool}", responses={200: {"model": OutcomeOut}})
async def call_tool(
    services: Given, specialist_id: SpecialistId, customer_id: IdInPath, tool: str, body: ToolCall
) -> JSONResponse:
    """Calls a specialist's tool about a customer. What is filled in here counts as entered by the specialist's hand.

    The same key again gives the first answer. Above the specialist's own limit the answer is `needs_confirmation`:
    the act waits for a second person.
    """
    return await _call(services, _caller(specialist_id, customer_id, body.conversation_id), tool, body)


@router.post("/approvals/{approval_id}/approve", responses={200: {"model": OutcomeOut}})
async def approve(
    services: Given, specialist_id: SpecialistId, approval_id: IdInPath, body: Empty | None = None
) -> JSONResponse:
    """Carries out what a colleague asked for, as the second person, once; a repeat gets the first answer."""
    return _answer(await services.assistant.executor.approve(_caller(specialist_id), approval_id))


@router.post("/approvals/{approval_id}/reject", responses={200: {"model": OutcomeOut}})
async def reject(
    services: Given, specialist_id: SpecialistId, approval_id: IdInPath, body: Empty | None = None
) -> JSONResponse:
    """Drops what a colleague asked for; who asked may take it back by this too."""
    return _answer(await services.assistant.executor.reject(_caller(specialist_id), approval_id))


def _caller(specialist_id: str, customer_id: str | None = None, conversation_id: str | None = None) -> Caller:
    desk = conversation_id or f"desk_{specialist_id}"
    return Caller(specialist(specialist_id), desk, new_id("turn"), customer_id=customer_id)


async def _call(services: Services, caller: Caller, tool: str, body: ToolCall) -> JSONResponse:
    outcome = await services.assistant.executor.call(
        caller,
        tool,
        body.arguments,
        call_id=new_id("call"),
        key=body.key or new_id("key"),
        provenance=ledger_from(colleague=[body.arguments]),
    )
    return _answer(outcome)


def _answer(outcome: Outcome) -> JSONResponse:
    """A lawful no is an answer; what failed is a problem."""
    body: dict[str, Any] = outcome.to_json()
    if outcome.kind == "failed":
        code = body["code"] if body["code"] in PROBLEMS else "unavailable"
        raise Problem(code, PROBLEMS[code][1] + ".")
    return JSONResponse(
        {"kind": outcome.kind, **body} if outcome.kind != "done" else {"kind": "done", "result": body}
    )
