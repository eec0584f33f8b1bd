// <cashline-chat>: the conversation. Give it `authorize`, then call open().
import { renderAgenda, renderHandoff } from "./agenda.js";
import { Client, Problem } from "./client.js";
import { h } from "./dom.js";
import { Popover } from "./figures.js";
import { ProposalCard } from "./proposal.js";
import { strings } from "./strings.js";
import { TurnView, customerMessage } from "./turn_view.js";
import { TEXT_MAX, buildView, buildWelcome } from "./view.js";

const STYLES = new URL("./chat.css", import.meta.url).href;

export class CashlineChat extends HTMLElement {
  /** Async function giving an access token; called again once when a token has expired. */
  authorize = null;
  /** First name for the greeting. */
  customerName = "";
  /** The conversation to go on with; null starts one with the first message. */
  conversationId = null;

  #client;
  #running = false;
  #card = null;
  #sources;

  constructor() {
    super();
    this.attachShadow({ mode: "open" });
  }

  /** Shows the conversation, with its earlier messages when conversationId is set. */
  async open() {
    this.language = (this.lang || document.documentElement.lang || "en").slice(0, 2);
    this.t = strings(this.language);
    this.#client = new Client(this.authorize, this.getAttribute("base") ?? "");
    this.#running = false;
    this.#card = null;
    this.#sources = new Popover(this.t);
    this.view = buildView(this.t, { send: () => this.#submit(), person: () => this.#say(this.t.personText) });
    this.view.input.addEventListener("input", () => this.#sizeInput());
    this.shadowRoot.replaceChildren(h("link", { rel: "stylesheet", href: STYLES }), this.view.root, this.#sources.node);
    if (this.conversationId && (await this.#restore())) return;
    this.conversationId = null;
    this.view.messages.replaceChildren(buildWelcome(this.t, this.customerName, (text) => this.#say(text)));
  }

  /** Puts the cursor into the message field. */
  focus() {
    this.view?.input.focus();
  }

  async #restore() {
    let messages;
    try {
      ({ messages } = await this.#client.get(`/v1/conversations/${this.conversationId}/messages`));
    } catch {
      return false;
    }
    if (!messages.length) return false;
    for (const message of messages) {
      if (message.role === "customer") this.view.messages.append(customerMessage(message.text, this.t));
      else this.#draw(this.#newTurnView(), message.turn ?? { reply: { text: message.text, blocks: [] } });
    }
    this.#scroll();
    return true;
  }

  #submit() {
    const text = this.view.input.value.trim();
    if (!text || this.#running) return;
    this.view.input.value = "";
    this.#sizeInput();
    this.#say(text);
  }

  async #say(text) {
    if (this.#running) return;
    this.view.messages.querySelector(".welcome")?.remove();
    this.view.messages.append(customerMessage(text, this.t));
    const body = { text, client_turn_id: crypto.randomUUID() };
    await this.#run(async (onEvent) => {
      this.conversationId ??= (await this.#client.post("/v1/conversations", {})).conversation_id;
      this.#tell("cashline-conversation", { conversationId: this.conversationId });
      return this.#client.turn(`/v1/conversations/${this.conversationId}/turns`, body, onEvent);
    });
  }

  async #decide(card, decision) {
    if (this.#running) return;
    if (decision === "confirm" && card.proposal.needs_code && !card.code) return this.#sendCode(card);
    card.busy(true);
    const ran = await this.#run(async (onEvent) => {
      const { id } = card.proposal;
      if (decision === "decline") return this.#client.turn(`/v1/proposals/${id}/decline`, {}, onEvent);
      const token = card.proposal.confirmation_token
        ?? (await this.#client.get(`/v1/proposals/${id}`)).confirmation_token;
      card.proposal.confirmation_token = null;
      const yes = { confirmation_token: token, ...(card.proposal.needs_code && { code: card.code }) };
      return this.#client.turn(`/v1/proposals/${id}/confirm`, yes, onEvent);
    }, { retry: () => this.#decide(card, decision), beside: ofCode });
    card.busy(false);
    if (ofCode(ran.code)) return card.codeProblem(this.t.problems[ran.code]);
    if (ran.turn) card.settle(decision === "decline" ? "declined" : settled(ran.turn));
    else if (["proposal_expired", "proposal_void", "already_decided"].includes(ran.code)) card.settle("lapsed");
    if (matchMedia("(pointer: fine)").matches) this.focus();
  }

  /** Has a one-time code sent, and asks for it on the card. */
  async #sendCode(card) {
    card.busy(true);
    try {
      const sent = await this.#client.post(`/v1/proposals/${card.proposal.id}/code`, {});
      card.askCode(sent);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (["proposal_expired", "proposal_void", "already_decided"].includes(error.code)) card.settle("lapsed");
      else card.codeProblem(this.t.problems[error.code] ?? error.message);
    } finally {
      card.busy(false);
      this.#scroll();
    }
  }

  /** Runs one turn with its live view; returns {turn} or {code} of the problem. beside: codes that are told elsewhere. */
  async #run(request, { retry, beside = () => false } = {}) {
    this.#busy(true);
    const shown = this.#newTurnView();
    this.#scroll();
    this.#announce(this.t.steps.start);
    try {
      const turn = await request((event) => {
        this.#announce(shown.follow(event));
        this.#scroll();
      });
      this.#busy(false);
      this.#draw(shown, turn);
      this.#reveal(shown.node);
      this.#announce(spoken(turn, this.t));
      this.#tell("cashline-turn", turn);
      return { turn };
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (beside(error.code)) {
        shown.node.remove();
        return { code: error.code };
      }
      const again = () => {
        shown.node.remove();
        (retry ?? (() => this.#run(request)))();
      };
      shown.fail(this.t.problems[error.code] ?? error.message, error.status >= 500 || !error.status ? again : null);
      this.#announce(this.t.problems[error.code] ?? error.message);
      this.#scroll();
      return { code: error.code };
    } finally {
      this.#busy(false);
    }
  }

  #newTurnView() {
    const shown = new TurnView(this.t, this.language, this.#sources);
    this.view.messages.append(shown.node);
    return shown;
  }

  #draw(shown, turn) {
    shown.finish(turn, (label) => this.#say(label), (path, body) => this.#client.post(path, body));
    renderAgenda(this.view, turn, this.t, this.language);
    renderHandoff(this.view, turn.handoff, this.t);
    if (!turn.proposal) return;
    if (this.#card && !this.#card.node.dataset.state) this.#card.settle("lapsed");
    const card = new ProposalCard(turn.proposal, this.t, this.language, 
      (decision) => this.#decide(card, decision), () => this.#sendCode(card));
    this.#card = card;
    if (turn.proposal.status && turn.proposal.status !== "open") card.settle(turn.proposal.status);
    shown.node.append(card.node);
  }

  #busy(isBusy) {
    this.#running = isBusy;
    this.view.root.setAttribute("aria-busy", String(isBusy));
    this.#sizeInput();
  }

  #sizeInput() {
    const { input, send, hint } = this.view;
    send.disabled = this.#running || input.value.trim() === "";
    input.style.height = "auto";
    input.style.height = `${Math.min(input.scrollHeight, 160)}px`;
    const left = TEXT_MAX - input.value.length;
    hint.textContent = left < 400 ? this.t.left(left) : this.t.hint;
  }

  #scroll() {
    this.view.log.scrollTop = this.view.log.scrollHeight;
  }

  /** Shows the end of the conversation, or the beginning of an answer that is taller than the window. */
  #reveal(node) {
    const { log } = this.view;
    const top = node.getBoundingClientRect().top - log.getBoundingClientRect().top + log.scrollTop;
    log.scrollTop = Math.min(log.scrollHeight, node.offsetHeight > log.clientHeight - 24 ? top - 12 : log.scrollHeight);
  }

  #announce(text) {
    if (text) this.view.announcer.textContent = text;
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}

/** Problems with the one-time code, which the card itself tells. */
function ofCode(code) {
  return ["code_needed", "code_invalid", "code_expired", "code_locked"].includes(code);
}

/** A confirmation may be answered with new terms instead: then the old card is no longer open. */
function settled(turn) {
  return turn.status === "done" ? "confirmed" : "lapsed";
}

/** The reply as a screen reader hears it. */
function spoken(turn, t) {
  const proposal = turn.proposal ? ` ${t.proposal}: ${turn.proposal.summary}. ${t.confirm} / ${t.decline}.` : "";
  return turn.reply.text.replaceAll("*", "") + proposal;
}
