// The account panel: what is owed, what is free to draw, what is due, and what happened lately.
import { h } from "/web/widget/dom.js";
import { day, money, rate, words } from "/web/widget/format.js";

const LABELS = {
  "draw.standard": "Draw", "draw.instant": "Instant draw",
  "payment.customer": "Payment", "payment.autopay": "Autopay payment", "payment.plan": "Plan payment",
  "fee.late": "Late fee", "fee.returned_payment": "Returned payment fee", "fee.membership": "Membership fee",
  "interest.billed": "Interest billed", "waiver.courtesy": "Fee refunded as a courtesy",
  "waiver.error": "Fee refunded", "waiver.dispute": "Fee refunded", "refund.credit_balance": "Credit refunded",
};
const MINUS = new Set(["payment", "credit", "waiver"]);
const PAUSING = new Set(["relief", "plan_12", "plan_24"]);
const QUIET_STAGES = new Set(["posted", "settled", "received"]);

/** Fills the panel with one section per line. startOver() begins a new conversation. */
export function renderAccount(panel, person, lines, startOver) {
  panel.replaceChildren(
    h("div", { class: "account-head" }, h("h2", {}, person.display_name),
      h("button", { type: "button", class: "quiet", onclick: startOver }, "New conversation")),
    ...(lines.length ? lines.flatMap(line) : [h("p", { class: "empty" }, "No line on the books.")]));
}

function line(each) {
  const used = each.limit_cents ? Math.min(100, Math.max(0, each.principal_cents * 100 / each.limit_cents)) : 0;
  const gauge = h("span", {});
  gauge.style.width = `${used}%`;
  return [
    h("p", { class: "product-line" }, each.product_name, ...badges(each)),
    h("div", { class: "balance" },
      h("span", { class: "label" }, "Balance"), h("strong", {}, money(each.owed_cents)),
      h("span", { class: "gauge", role: "img", "aria-label": `${used.toFixed(0)} % of the limit in use` }, gauge),
      h("span", { class: "ends" }, h("span", {}, drawsArePaused(each) ? "Draws paused" : `${money(each.available_cents)} available`), h("span", {}, `${money(each.limit_cents)} limit`))),
    h("dl", { class: "facts" }, facts(each).map(([label, value, tone]) =>
      h("div", { class: tone ?? null }, h("dt", {}, label), h("dd", {}, value)))),
    h("h3", {}, "Recent activity"),
    each.items.length ? h("ul", { class: "activity" }, each.items.slice(0, 12).map(item)) : h("p", { class: "empty" }, "Nothing yet."),
  ];
}

/** As the terms have it: no draw while locked, past due, or on relief or a repayment plan. */
function drawsArePaused(each) {
  return each.locked || each.status !== "open" || each.past_due_cents > 0 || PAUSING.has(each.plan?.kind);
}

function badges(each) {
  const found = [];
  if (each.status !== "open") found.push([words(each.status), "alert"]);
  if (each.locked && each.status !== "locked") found.push(["Locked", "alert"]);
  if (each.days_past_due > 0) found.push([`${each.days_past_due} days past due`, "alert"]);
  if (each.plan) found.push(["On a plan", ""]);
  if (each.open_disputes?.length) found.push(["Dispute open", ""]);
  return found.map(([text, tone]) => h("span", { class: `badge ${tone}` }, text));
}

function facts(each) {
  const autopay = each.autopay ? words(each.autopay.mode ?? "on") : "Off";
  return [
    ["Minimum due", money(each.minimum_due_cents)],
    each.past_due_cents ? ["Past due", money(each.past_due_cents), "alert"] : null,
    ["Due date", each.next_due_on ? day(each.next_due_on, "en") : "Nothing due"],
    each.apr_bp ? ["APR", rate(each.apr_bp)] : null,
    each.accrued_interest_cents ? ["Interest since the last statement", money(each.accrued_interest_cents)] : null,
    ["Autopay", autopay],
    ...(each.scheduled_payments ?? []).map((payment) => [`Payment on ${day(payment.pay_on, "en", "short")}`, money(payment.amount_cents)]),
  ].filter(Boolean);
}

function item(each) {
  const minus = MINUS.has(each.kind);
  const note = [each.stage && !QUIET_STAGES.has(each.stage) ? words(each.stage) : null,
    each.bank_last4 ? `account ending ${each.bank_last4}` : null, each.disputed ? "disputed" : null, each.memo];
  return h("li", {},
    h("time", { datetime: each.on }, day(each.on, "en", "short")),
    h("span", { class: "what" }, LABELS[each.label_code] ?? words(each.kind),
      h("span", { class: "note" }, note.filter(Boolean).join(" · "))),
    h("span", { class: minus ? "amount minus" : "amount" }, money(minus ? -Math.abs(each.amount_cents) : each.amount_cents)));
}
