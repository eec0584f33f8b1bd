// The proposal card: the exact terms, and the only two answers that count.
import { ICONS, h, icon } from "./dom.js";
import { clock, day, money, rate, words } from "./format.js";
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
      this.#terms(proposal.terms),
      this.actions, this.foot, this.outcome);
  }

  #footnote() {
    const { t, proposal, language } = this;
    const until = proposal.expires_at ? ` ${t.until(clock(proposal.expires_at, language))}` : "";
    return t.proposalNote + until;
  }

  #terms(terms) {
    const rows = Object.entries(terms ?? {}).filter(([, value]) => value !== null && value !== "");
    const plain = rows.filter(([, value]) => !Array.isArray(value));
    const lists = rows.filter(([, value]) => Array.isArray(value) && value.length);
    return [
      h("dl", { class: "terms" }, plain.filter(([name]) => !/_id$|^(line|kind)$/.test(name)).map(([name, value]) =>
        h("div", {}, h("dt", {}, this.#label(name)), h("dd", {}, this.#value(name, value))))),
      ...lists.map(([name, items]) => h("details", {},
        h("summary", {}, `${this.#label(name)} (${items.length})`),
        h("ol", { class: "schedule" }, items.map((item) => h("li", {}, this.#item(item)))))),
    ];
  }

  #item(item) {
    if (typeof item !== "object") return String(item);
    return Object.entries(item).filter(([name]) => !/_id$/.test(name))
      .map(([name, value]) => h("span", {}, this.#value(name, value)));
  }

  #label(name) {
    return this.t.labels[name] ?? words(name.replace(/_(cents|bp|on)$/, ""));
  }

  #value(name, value) {
    if (name.endsWith("_cents")) return money(value);
    if (name.endsWith("_bp")) return rate(value);
    if (typeof value === "boolean") return value ? this.t.yes : this.t.no;
    if (/^\d{4}-\d\d-\d\d$/.test(value)) return day(value, this.language);
    if (typeof value === "object") return Object.values(value).join(", ");
    return String(value);
  }

  busy(isBusy) {
    for (const button of [this.confirm, this.decline]) button.disabled = isBusy;
    this.node.setAttribute("aria-busy", String(isBusy));
  }

  /** state: confirmed | declined | lapsed. The card stays as a record of what was decided. */
  settle(state) {
    this.node.dataset.state = state;
    this.actions.hidden = true;
    this.foot.hidden = true;
    this.outcome.hidden = false;
    this.outcome.replaceChildren(icon(state === "confirmed" ? ICONS.check : ICONS.close), this.t[state]);
  }
}
