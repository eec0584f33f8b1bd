// The proposal card: the exact terms, and the only two answers that count.
import { ICONS, h, icon } from "./dom.js";
import { clock } from "./format.js";
import { renderInline } from "./text.js";

/** A card for one proposal. decide("confirm" | "decline") is called once per press, sendCode() for a one-time code. */
export class ProposalCard {
  /** The six digits as typed so far; empty until a code was asked for. */
  get code() {
    return this.codeInput?.value.trim() ?? "";
  }

  constructor(proposal, t, language, decide, sendCode) {
    this.sendCode = sendCode;
    this.press = () => decide("confirm");
    this.proposal = proposal;
    this.t = t;
    this.language = language;
    const id = `proposal-${proposal.id}`;
    this.confirm = h("button", { type: "button", class: "primary", onclick: () => decide("confirm") }, t.confirm);
    this.decline = h("button", { type: "button", class: "secondary", onclick: () => decide("decline") }, t.decline);
    this.outcome = h("p", { class: "outcome", hidden: true });
    this.actions = h("div", { class: "actions" }, this.confirm, this.decline);
    this.foot = h("p", { class: "foot" }, this.#footnote());
    this.node = h("section", { class: "proposal", "aria-labelledby": id },
      h("p", { class: "kicker" }, t.proposal),
      h("h3", { id }, renderInline(proposal.summary)),
      this.#terms(proposal.rows ?? []),
      this.step = h("div", { class: "step-up", hidden: true }),
      this.actions, this.foot, this.outcome);
  }

  #footnote() {
    const { t, proposal, language } = this;
    const until = proposal.expires_at ? ` ${t.until(clock(proposal.expires_at, language))}` : "";
    return t.proposalNote + (proposal.needs_code ? ` ${t.codeNote}` : "") + until;
  }

  /** The exact terms, as the server words them in the customer's language. */
  #terms(rows) {
    return h("dl", { class: "terms" }, rows.map(({ label, value }) =>
      h("div", { class: value.length > 34 ? "prose" : null }, h("dt", {}, label), h("dd", {}, value))));
  }

  /** Asks for the code. sent: where it went, masked, and until when it counts. */
  askCode(sent) {
    const { t } = this;
    const id = `code-${this.proposal.id}`;
    this.codeInput = h("input", {
      id, type: "text", inputmode: "numeric", autocomplete: "one-time-code", maxlength: "6", "aria-describedby": `${id}-why`,
    });
    this.codeInput.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !this.confirm.disabled) this.press();
    });
    this.problem = h("p", { class: "code-problem", role: "alert" });
    this.again = h("button", { type: "button", class: "plain", onclick: () => this.sendCode() }, t.codeAgain);
    this.step.replaceChildren(
      h("label", { for: id }, t.codeLabel),
      h("p", { id: `${id}-why`, class: "code-why" }, t.codeSent(sent.sent_to, clock(sent.expires_at, this.language))),
      h("div", { class: "code-row" }, this.codeInput, this.again), this.problem);
    this.step.hidden = false;
    this.codeInput.focus();
  }

  /** What is wrong with the code; the field is emptied for another. */
  codeProblem(text) {
    if (!this.codeInput) {
      this.step.replaceChildren(h("p", { class: "code-problem", role: "alert" }, text));
      this.step.hidden = false;
      return;
    }
    this.problem.textContent = text;
    this.codeInput.value = "";
    this.codeInput.focus();
  }

  busy(isBusy) {
    for (const button of [this.confirm, this.decline, this.again]) if (button) button.disabled = isBusy;
    this.node.setAttribute("aria-busy", String(isBusy));
  }

  /** state: confirmed, declined or anything else, which is shown as no longer open. The card stays as a record of what was decided. */
  settle(outcome) {
    const state = ["confirmed", "declined"].includes(outcome) ? outcome : "lapsed";
    this.node.dataset.state = state;
    this.actions.hidden = true;
    this.foot.hidden = true;
    this.step.hidden = true;
    this.outcome.hidden = false;
    this.outcome.replaceChildren(icon(state === "confirmed" ? ICONS.check : ICONS.close), this.t[state]);
  }
}
