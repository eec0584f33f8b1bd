// Every figure in a reply opens its source: the tool that read it and the field it came from.
import { h } from "./dom.js";
import { day, money, rate, words } from "./format.js";

/** The figures of one turn, and the popover that shows where one comes from. */
export class FigureBook {
  constructor(figures, popover, t, language) {
    this.figures = [...figures].sort((a, b) => b.text.length - a.text.length);
    this.popover = popover;
    this.t = t;
    this.language = language;
  }

  /** Splits text into strings and figure buttons. */
  mark(text) {
    for (const figure of this.figures) {
      const at = find(text, figure.text);
      if (at < 0) continue;
      const end = at + figure.text.length;
      return [...this.mark(text.slice(0, at)), this.button(figure), ...this.mark(text.slice(end))];
    }
    return text ? [text] : [];
  }

  /** The figure with this amount as a button, or the plain amount when it has no source of its own. */
  amount(cents) {
    const figure = this.figures.find((each) => each.kind === "money" && each.value === Math.abs(cents));
    return figure ? this.button({ ...figure, text: money(cents) }) : money(cents);
  }

  button(figure) {
    return h("button", {
      type: "button", class: "figure", "aria-haspopup": "dialog",
      "aria-label": this.t.figureLabel(figure.text),
      onclick: (event) => this.#open(event.currentTarget, figure),
    }, figure.text);
  }

  #open(anchor, figure) {
    const { t, popover } = this;
    const { tool, field } = figure.source;
    popover.show(anchor, [
      h("h3", {}, t.sourceTitle),
      h("dl", {},
        h("div", {}, h("dt", {}, t.sourceValue), h("dd", { class: "value" }, this.#value(figure))),
        h("div", {}, h("dt", {}, t.sourceLookup), h("dd", {}, t.tools[tool] ?? words(tool), h("code", {}, tool))),
        h("div", {}, h("dt", {}, t.sourceField), h("dd", {}, h("code", {}, field)))),
      h("p", { class: "note" }, tool === "search_policies" ? t.policyNote : t.sourceNote),
    ]);
  }

  #value({ kind, value, text }) {
    if (kind === "money" && Number.isInteger(value)) return money(value);
    if (kind === "rate" && Number.isInteger(value)) return rate(value);
    if (kind === "date" && /^\d{4}-\d\d-\d\d/.test(value)) return day(value, this.language);
    return text;
  }
}

/** Where `part` stands in `text` as a whole figure, not inside a longer one. */
function find(text, part) {
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) {
    const before = text[at - 1] ?? " ";
    const after = text.slice(at + part.length, at + part.length + 2);
    if (!/[\w$.,]/.test(before) || /[.,]/.test(before) && !/\d/.test(text[at - 2] ?? "")) {
      if (!/^(\w|[.,]\d)/.test(after)) return at;
    }
  }
  return -1;
}

/** One popover for the whole widget: Escape and a click elsewhere close it, focus goes back. */
export class Popover {
  constructor(t) {
    this.body = h("div");
    this.closer = h("button", { type: "button", class: "quiet", onclick: () => this.node.hidePopover() }, t.close);
    this.node = h("div", { class: "popover", popover: "auto", role: "dialog", tabindex: "-1", "aria-label": t.sourceTitle },
      this.body, this.closer);
    this.node.addEventListener("toggle", (event) => {
      if (event.newState === "closed") this.anchor?.focus({ preventScroll: true });
    });
  }

  show(anchor, content) {
    if (this.node.matches(":popover-open")) this.node.hidePopover();
    this.anchor = anchor;
    this.body.replaceChildren(...content);
    this.node.showPopover();
    this.#place(anchor.getBoundingClientRect());
    this.node.focus({ preventScroll: true });
  }

  #place(anchor) {
    const gap = 8;
    const { offsetWidth: width, offsetHeight: height } = this.node;
    const left = Math.max(gap, Math.min(anchor.left, innerWidth - width - gap));
    const below = anchor.bottom + gap;
    const top = below + height > innerHeight - gap ? Math.max(gap, anchor.top - height - gap) : below;
    this.node.style.left = `${left}px`;
    this.node.style.top = `${top}px`;
  }
}
