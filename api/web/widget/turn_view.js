// One answer of the assistant: live status while it runs, then the reply with all that belongs to it.
import { renderBlocks } from "./blocks.js";
import { ICONS, h, icon } from "./dom.js";
import { FigureBook } from "./figures.js";
import { day } from "./format.js";
import { renderText } from "./text.js";

/** The customer's own message. */
export function customerMessage(text, t) {
  return h("div", { class: "row customer" }, h("div", { class: "bubble" },
    h("span", { class: "unseen" }, `${t.you}: `), text));
}

/** The assistant's message: streams while the turn runs, is drawn in full once it has ended. */
export class TurnView {
  constructor(t, language, popover) {
    this.t = t;
    this.language = language;
    this.popover = popover;
    this.status = h("p", { class: "working" },
      h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), h("span", {}, t.steps.start));
    this.bubble = h("div", { class: "bubble" });
    this.node = h("div", { class: "row assistant" }, this.status, this.bubble);
    this.bubble.hidden = true;
    this.text = "";
  }

  /** Follows the run; returns the new status words when they changed. */
  follow(event) {
    const { t } = this;
    if (event.type === "STEP_STARTED") return this.#say(t.steps[event.stepName]);
    if (event.type === "TOOL_CALL_START") return this.#say(t.toolSteps[event.toolCallName] ?? t.steps.acting);
    if (event.type === "TEXT_MESSAGE_CONTENT") {
      this.text += event.delta;
      this.bubble.hidden = false;
      this.bubble.replaceChildren(...renderText(this.text));
    }
    return null;
  }

  #say(text) {
    if (!text || this.status.lastChild.textContent === text) return null;
    this.status.lastChild.textContent = text;
    return text;
  }

  /** Draws the finished turn; its blocks say all that its text says. choose(label) answers with an option; send(path, body) keeps a form. */
  finish(turn, choose, send) {
    const { t, language } = this;
    const figures = new FigureBook(turn.figures ?? [], this.popover, t, language);
    const { blocks, text } = turn.reply;
    this.status.remove();
    this.bubble.hidden = false;
    this.bubble.lang = turn.language ?? language;
    this.bubble.replaceChildren(
      h("span", { class: "unseen" }, `${t.assistant}: `),
      ...renderBlocks(blocks?.length ? blocks : [{ type: "text", text }], figures, t, choose, send));
    if (turn.citations?.length) this.node.append(this.#citations(turn.citations));
  }

  #citations(citations) {
    const { t, language } = this;
    return h("details", { class: "citations" },
      h("summary", {}, icon(ICONS.document), `${t.citations} (${citations.length})`),
      h("ul", {}, citations.map((each) => h("li", {},
        h("strong", {}, each.title ?? each.document), ` § ${each.section}${each.heading ? ` ${each.heading}` : ""}`,
        h("span", { class: "version" }, t.inForce(each.version, day(each.effective_on, language)))))));
  }

  /** Shows why no answer came, with a way to try the same message again. */
  fail(message, retry) {
    this.status.remove();
    this.bubble.hidden = false;
    this.bubble.classList.add("problem");
    this.bubble.replaceChildren(h("p", {}, message));
    if (retry) this.bubble.append(h("button", { type: "button", class: "secondary small", onclick: retry }, this.t.retry));
  }
}
