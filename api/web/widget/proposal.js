// The proposal card: the exact terms, and the only two answers that count.
import { ICONS, h, icon } from "./dom.js";
import { clock } from "./format.js";
import { renderInline } from "./text.js";

/** A card for one proposal. decide("confirm" | "decline") is called once per press. */
export class ProposalCard {
  constructor(proposal, t, language, decide) {
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
      this.actions, this.foot, this.outcome);
  }

  #footnote() {
    const { t, proposal, language } = this;
    const until = proposal.expires_at ? ` ${t.until(clock(proposal.expires_at, language))}` : "";
    return t.proposalNote + until;
  }

  /** The exact terms, as the server words them in the customer's language. */
  #terms(rows) {
    return h("dl", { class: "terms" }, rows.map(({ label, value }) =>
      h("div", { class: value.length > 34 ? "prose" : null }, h("dt", {}, label), h("dd", {}, value))));
  }

  busy(isBusy) {
    for (const button of [this.confirm, this.decline]) button.disabled = isBusy;
    this.node.setAttribute("aria-busy", String(isBusy));
  }

  /** state: confirmed, declined or anything else, which is shown as no longer open. The card stays as a record of what was decided. */
  settle(outcome) {
    const state = ["confirmed", "declined"].includes(outcome) ? outcome : "lapsed";
    this.node.dataset.state = state;
    this.actions.hidden = true;
    this.foot.hidden = true;
    this.outcome.hidden = false;
    this.outcome.replaceChildren(icon(state === "confirmed" ? ICONS.check : ICONS.close), this.t[state]);
  }
}
