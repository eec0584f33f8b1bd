"""A local stand-in for an OpenAI-compatible embeddings endpoint."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest


@pytest.fixture
def embeddings_endpoint() -> Iterator[tuple[str, list[dict[str, object]]]]:
    """Its base URL and the requests it has seen; it answers two rows, in the wrong order."""
    asked: list[dict[str, object]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            rows = [{"object": "embedding", "index": i, "embedding": [2 * (1 - i), 2 * i]} for i in (1, 0)]
            usage = {"prompt_tokens": 2, "total_tokens": 2}
            body = json.dumps({"object": "list", "model": "small", "data": rows, "usage": usage}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1", asked
    server.shutdown()
    thread.join()
    server.server_close()
