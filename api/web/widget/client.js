// Talks to the API: one bearer token, renewed once when it has expired, problems as typed errors.
import { readEvents } from "./stream.js";

export class Problem extends Error {
  constructor(code, detail, status) {
    super(detail);
    this.code = code;
    this.status = status;
  }
}

export class Client {
  #authorize;
  #token = null;

  /** authorize: async () → access token. base: the API's origin, empty for our own. */
  constructor(authorize, base = "") {
    this.#authorize = authorize;
    this.base = base;
  }

  async get(path) {
    return (await this.#send("GET", path)).json();
  }

  async post(path, body) {
    return (await this.#send("POST", path, body)).json();
  }

  /** Sends a turn, hands on each event, returns the finished turn. */
  async turn(path, body, onEvent) {
    const response = await this.#send("POST", path, body, "text/event-stream");
    let turn = null;
    for await (const event of readEvents(response.body)) {
      if (event.type === "RUN_ERROR") throw new Problem(event.code ?? "internal", event.message, 500);
      if (event.type === "CUSTOM" && event.name === "cashline.turn") turn = event.value;
      else onEvent(event);
    }
    if (!turn) throw new Problem("cut", "The answer was cut off.", 0);
    return turn;
  }

  async #send(method, path, body, accept = "application/json", renewed = false) {
    this.#token ??= await this.#authorize();
    const headers = { Accept: accept, Authorization: `Bearer ${this.#token}` };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    let response;
    try {
      response = await fetch(this.base + path, { method, headers, body: body && JSON.stringify(body) });
    } catch {
      throw new Problem("offline", "We can't be reached right now.", 0);
    }
    if (response.ok) return response;
    const problem = await response.json().catch(() => ({}));
    if (response.status === 401 && !renewed) {
      this.#token = null;
      return this.#send(method, path, body, accept, true);
    }
    throw new Problem(problem.code ?? "internal", problem.detail ?? response.statusText, response.status);
  }
}
