"""Every edge of a turn, and nothing else.

listen ─┐
        ├─► plan ⇄ act        listen  input rails, understanding, agenda, obligations
decide ─┘    │                 decide  a confirmation or refusal of the stored proposal
             ▼                 plan    a chat model: a provider, or the built-in planner
          compose ──► end      act     the executor
             └──► plan         compose words, figures, output rails; a draft that fails goes back once
"""

from __future__ import annotations

from functools import cache
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from agent.nodes.act import act
from agent.nodes.compose import compose
from agent.nodes.decide import decide
from agent.nodes.listen import listen
from agent.nodes.plan import plan
from agent.state import TurnContext, TurnState


def entry(state: TurnState) -> str:
    return "decide" if state["turn"].get("decision") else "listen"


def after_listen(state: TurnState) -> str:
    if state["turn"].get("decision"):
        return "decide"
    return "compose" if state["turn"].get("blocked") else "plan"


def after_plan(state: TurnState) -> str:
    last = state["messages"][-1] if state["messages"] else None
    return "act" if getattr(last, "tool_calls", None) else "compose"


def after_compose(state: TurnState) -> str:
    return "plan" if state["turn"].get("redo") else END


@cache
def builder() -> StateGraph[TurnState, TurnContext]:
    graph: StateGraph[TurnState, TurnContext] = StateGraph(TurnState, context_schema=TurnContext)
    for node in (listen, decide, plan, act, compose):
        graph.add_node(node.__name__, node)
    graph.add_conditional_edges(START, entry, ["listen", "decide"])
    graph.add_conditional_edges("listen", after_listen, ["decide", "plan", "compose"])
    graph.add_edge("decide", "plan")
    graph.add_conditional_edges("plan", after_plan, ["act", "compose"])
    graph.add_edge("act", "plan")
    graph.add_conditional_edges("compose", after_compose, ["plan", END])
    return graph


@cache
def _compiled() -> CompiledStateGraph[Any, Any, Any, Any]:
    return builder().compile()


def compiled(saver: BaseCheckpointSaver[str] | None) -> CompiledStateGraph[Any, Any, Any, Any]:
    """The graph over one saver; compiled once, since that takes as long as a turn."""
    return _compiled().copy(update={"checkpointer": saver})
