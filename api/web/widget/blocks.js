// The structured parts of a reply: breakdown, options, table, notice, form.
import { h } from "./dom.js";
import { FormCard } from "./form.js";
import { renderInline, renderText } from "./text.js";

/** Nodes for the blocks of a reply. choose(label) is called when the customer picks an option, or a form is kept. */
export function renderBlocks(blocks, figures, t, choose, send) {
  return blocks.flatMap((block) => RENDERERS[block.type]?.(block, figures, t, choose, send) ?? []);
}

const RENDERERS = {
  text: (block, figures) => renderText(block.text, figures),
  notice: (block, figures) => [h("div", { class: "notice" }, renderText(block.text, figures))],
  options: (block, figures, t, choose) => [h("ol", { class: "options" }, block.items.map((item, index) =>
    h("li", {}, h("div", {},
      h("button", { type: "button", class: "option", onclick: () => choose(item.label) },
        h("span", { class: "number", "aria-hidden": "true" }, String(index + 1)),
        h("span", {}, item.label.replaceAll("*", ""))),
      item.detail ? h("p", {}, renderInline(item.detail, figures)) : null))))],
  breakdown: (block, figures, t) => [breakdown(block, figures, t)],
  table: (block, figures) => [table(block, figures)],
  form: (block, figures, t, choose, send) => [new FormCard(block.form, t, send, choose).node],
};

function breakdown({ title, rows, total_cents: total }, figures, t) {
  const largest = Math.max(1, ...rows.map((row) => Math.abs(row.amount_cents)));
  const body = rows.map((row) => {
    const bar = h("span", { class: row.amount_cents < 0 ? "bar minus" : "bar", "aria-hidden": "true" });
    bar.style.width = `${(Math.abs(row.amount_cents) * 100 / largest).toFixed(1)}%`;
    return h("tr", {},
      h("th", { scope: "row" }, renderInline(row.label, figures), h("span", { class: "track", "aria-hidden": "true" }, bar)),
      h("td", {}, figures.amount(row.amount_cents)));
  });
  const foot = total === null || total === undefined ? null
    : h("tfoot", {}, h("tr", {}, h("th", { scope: "row" }, t.total), h("td", {}, figures.amount(total))));
  return h("table", { class: "breakdown" },
    title ? h("caption", {}, title) : null, h("tbody", {}, body), foot);
}

function cell(value, figures) {
  return Number.isInteger(value) ? String(value) : renderInline(String(value ?? ""), figures);
}

function table({ title, columns, rows }, figures) {
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": title ?? "" },
    h("table", { class: "plain" }, title ? h("caption", {}, title) : null,
      h("thead", {}, h("tr", {}, columns.map((column) => h("th", { scope: "col" }, column)))),
      h("tbody", {}, rows.map((row) => h("tr", {}, row.map((value) => h("td", {}, cell(value, figures))))))));
}

