"""Conversations and turns."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from api.auth import CustomerId
from api.errors import trace_id_of
from api.schemas import Conversation, Empty, IdInPath, Messages, Turn, TurnRequest
from api.services import Given, RatedCustomerId
from api.sse import stream

router = APIRouter(prefix="/v1/conversations", tags=["conversations"])

TURN_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "model": Turn,
        "content": {"text/event-stream": {"schema": {"type": "string", "description": "AG-UI events"}}},
    }
}


def wants_stream(request: Request) -> bool:
    return "text/event-stream" in request.headers.get("accept", "")


@router.post("", status_code=201)
async def open_conversation(
    services: Given, customer_id: CustomerId, body: Empty | None = None
) -> Conversation:
    """Opens a conversation of the customer who is asking."""
    return Conversation(conversation_id=await services.assistant.open_conversation(customer_id))


@router.post("/{conversation_id}/turns", responses=TURN_ANSWERS, response_model=None)
async def take_turn(
    services: Given,
    customer_id: RatedCustomerId,
    conversation_id: IdInPath,
    body: TurnRequest,
    request: Request,
) -> Response:
    """Answers one message: JSON, or AG-UI events when the client accepts text/event-stream."""
    run = partial(
        services.assistant.turn,
        customer_id=customer_id,
        conversation_id=conversation_id,
        text=body.text,
        client_turn_id=body.client_turn_id,
    )
    if wants_stream(request):
        return await stream(lambda emit: run(emit=emit), trace_id_of(request))
    return JSONResponse(await run())


@router.get("/{conversation_id}/messages")
async def list_messages(services: Given, customer_id: CustomerId, conversation_id: IdInPath) -> Messages:
    """The transcript, oldest first; each answer with its turn."""
    return Messages.model_validate(
        {"messages": await services.assistant.messages(customer_id, conversation_id)}
    )
