"""Traces of turns through the Langfuse SDK: to a server when keys are set, else to a local sink.

`python -m agent.tracing [--last N]` prints the local sink as trees. What goes out is masked first; a token, a key
or a full message is never put on a span by the callers.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, Protocol

from langfuse import Langfuse, propagate_attributes
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from agent.rails.pii import mask
from ledger_core.ids import new_id

Kind = Literal["span", "generation", "tool", "guardrail", "retriever", "agent"]
SHUTDOWN_SECONDS_MAX = 2
OBSERVATION = "langfuse.observation."
OBSERVATION_OUTPUT = f"{OBSERVATION}output"
TOLD = (f"{OBSERVATION}metadata", f"{OBSERVATION}model", f"{OBSERVATION}usage")
"""what else the sink keeps of a span: prompts and their hashes, the model, its tokens"""


class Span(Protocol):
    """What callers may do with a span: add to it."""

    def update(self, **fields: Any) -> Any: ...


class LocalSink(SpanExporter):
    """Appends one JSON line per span to a file; old traces are cut when it has grown past its bound."""

    BYTES_MAX = 20_000_000

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        rows = [json.dumps(_row(span), ensure_ascii=False) for span in spans]
        with self._lock:
            if self._path.exists() and self._path.stat().st_size > self.BYTES_MAX:
                self._path.replace(self._path.with_suffix(".old.jsonl"))
            with self._path.open("a", encoding="utf-8") as sink:
                sink.write("\n".join(rows) + "\n")
        return SpanExportResult.SUCCESS


def _row(span: ReadableSpan) -> dict[str, Any]:
    assert span.context is not None
    attributes = dict(span.attributes or {})
    return {
        "trace_id": f"{span.context.trace_id:032x}",
        "span_id": f"{span.context.span_id:016x}",
        "parent_id": f"{span.parent.span_id:016x}" if span.parent else None,
        "name": span.name,
        "start_ns": span.start_time,
        "end_ns": span.end_time,
        "output": attributes.get(OBSERVATION_OUTPUT),
        "session": attributes.get("session.id"),
        "more": {
            key.removeprefix(OBSERVATION): value for key, value in attributes.items() if key.startswith(TOLD)
        },
    }


def _mask(*, data: Any, **_: Any) -> Any:
    if isinstance(data, str):
        return mask(data).text
    if isinstance(data, dict):
        return {key: _mask(data=value) for key, value in data.items()}
    if isinstance(data, list):
        return [_mask(data=value) for value in data]
    return data


class Tracer:
    """Spans of turns. Without keys they go to the sink at `local`; with neither, the SDK is off."""

    def __init__(
        self,
        *,
        local: Path | None = None,
        public_key: str | None = None,
        secret_key: str | None = None,
        host: str | None = None,
    ) -> None:
        to_server = bool(public_key and secret_key)
        # the SDK keeps one set of resources per public key for the life of the process: each sink needs its own
        own_key = new_id("local")
        self._client = Langfuse(
            public_key=public_key or own_key,
            secret_key=secret_key or own_key,
            host=host,
            tracing_enabled=to_server or local is not None,
            span_exporter=LocalSink(local) if local is not None and not to_server else None,
            tracer_provider=TracerProvider(),
            mask=_mask,
        )
        self.server = self._client if to_server else None
        """the client, when it talks to a server; managed prompts come from there"""

    @contextmanager
    def turn(self, conversation_id: str, turn_id: str, customer_id: str) -> Iterator[str]:
        """The root span of a turn; gives its trace id."""
        with (
            self._client.start_as_current_observation(
                name="turn", as_type="agent", metadata={"turn_id": turn_id}
            ),
            propagate_attributes(session_id=conversation_id, user_id=customer_id),
        ):
            yield self._client.get_current_trace_id() or turn_id

    @contextmanager
    def span(self, name: str, *, kind: Kind = "span") -> Iterator[Span]:
        with self._client.start_as_current_observation(name=name, as_type=kind) as span:
            yield span

    def event(self, name: str, output: dict[str, Any]) -> None:
        self._client.create_event(name=name, output=output)

    def close(self) -> None:
        """Sends what waits, for at most SHUTDOWN_SECONDS_MAX: a dead server must not hold up a stop."""
        worker = threading.Thread(target=self._client.shutdown, daemon=True)
        worker.start()
        worker.join(SHUTDOWN_SECONDS_MAX)


def trees(rows: Sequence[dict[str, Any]], last: int) -> Iterator[str]:
    """The newest `last` traces as indented lines: name, milliseconds, output."""
    by_trace: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_trace.setdefault(row["trace_id"], []).append(row)
    for trace_id in list(by_trace)[-last:]:
        spans = by_trace[trace_id]
        yield f"trace {trace_id}"
        known = {span["span_id"] for span in spans}
        roots = [span for span in spans if span["parent_id"] not in known]
        for root in sorted(roots, key=lambda span: span["start_ns"]):
            yield from _branch(root, spans, 1)


def _branch(span: dict[str, Any], spans: Sequence[dict[str, Any]], depth: int) -> Iterator[str]:
    took_us = (span["end_ns"] - span["start_ns"]) // 1000
    output = f"  {span['output'][:100]}" if span["output"] else ""
    yield f"{'  ' * depth}{span['name']}  {took_us // 1000}.{took_us % 1000 // 100} ms{output}"
    children = [child for child in spans if child["parent_id"] == span["span_id"]]
    for child in sorted(children, key=lambda item: item["start_ns"]):
        yield from _branch(child, spans, depth + 1)


def main(arguments: Sequence[str]) -> None:
    """Prints the local sink of CASHLINE_HOME."""
    last = int(arguments[arguments.index("--last") + 1]) if "--last" in arguments else 5
    path = Path(os.environ.get("CASHLINE_HOME", ".cashline")) / "traces.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    sys.stdout.write("\n".join(trees(rows, last)) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
