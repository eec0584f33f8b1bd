"""Proposals: exact terms, and the customer's yes or no to them."""

from __future__ import annotations

from functools import partial
from typing import Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from api.auth import CustomerId
from api.errors import trace_id_of
from api.routes.conversations import TURN_ANSWERS, wants_stream
from api.schemas import CodeSent, Confirmation, Empty, IdInPath, ProposalOut
from api.services import Given, RatedCustomerId, Services
from api.sse import stream

router = APIRouter(prefix="/v1/proposals/{proposal_id}", tags=["proposals"])


@router.get("")
async def read_proposal(services: Given, customer_id: CustomerId, proposal_id: IdInPath) -> ProposalOut:
    """The proposal with a fresh confirmation token; the one before no longer confirms."""
    return ProposalOut.model_validate(await services.assistant.proposal(customer_id, proposal_id))


@router.post("/code", status_code=201)
async def send_code(
    services: Given, customer_id: RatedCustomerId, proposal_id: IdInPath, body: Empty | None = None
) -> CodeSent:
    """Sends the customer a one-time code for a proposal with `needs_code`; the one before no longer counts."""
    return CodeSent.model_validate(await services.assistant.send_code(customer_id, proposal_id))


@router.post("/confirm", responses=TURN_ANSWERS, response_model=None)
async def confirm(
    services: Given, customer_id: RatedCustomerId, proposal_id: IdInPath, body: Confirmation, request: Request
) -> Response:
    """Carries out exactly these terms, once; a repeat gets the first answer."""
    yes = {"confirmation_token": body.confirmation_token, "code": body.code}
    return await _decide(services, customer_id, proposal_id, "confirm", yes, request)


@router.post("/decline", responses=TURN_ANSWERS, response_model=None)
async def decline(
    services: Given,
    customer_id: RatedCustomerId,
    proposal_id: IdInPath,
    request: Request,
    body: Empty | None = None,
) -> Response:
    """Drops the proposal; nothing was changed."""
    no = {"confirmation_token": None, "code": None}
    return await _decide(services, customer_id, proposal_id, "decline", no, request)


async def _decide(
    services: Services,
    customer_id: str,
    proposal_id: str,
    decision: Literal["confirm", "decline"],
    proof: dict[str, str | None],
    request: Request,
) -> Response:
    run = partial(
        services.assistant.decide,
        customer_id=customer_id,
        proposal_id=proposal_id,
        decision=decision,
        confirmation_token=proof["confirmation_token"],
        code=proof["code"],
    )
    if wants_stream(request):
        return await stream(lambda emit: run(emit=emit), trace_id_of(request))
    return JSONResponse(await run())
