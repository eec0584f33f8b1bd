// The widget's skeleton: every fixed part, built once, named so that the element can fill it.
import { ICONS, h, icon } from "./dom.js";

export const TEXT_MAX = 24000;

/** The fixed parts of the chat. on: {send, person} are the two things a customer can always do. */
export function buildView(t, on) {
  const view = {};
  view.title = h("h2", {}, t.title);
  view.subtitle = h("p", { class: "subtitle" }, t.automated, h("span", {}, ` ${t.subtitle}`));
  view.person = h("button", { type: "button", class: "secondary small", "aria-label": t.person, onclick: on.person },
    icon(ICONS.person), h("span", { class: "full" }, t.person), h("span", { class: "short" }, t.personShort));
  view.tasks = h("ul", { class: "chips" });
  view.agenda = h("section", { class: "agenda", "aria-label": t.agenda, hidden: true }, view.tasks);
  view.handoff = h("div", { class: "handoff", role: "region", "aria-label": t.handoff, hidden: true });
  view.messages = h("div", { class: "messages" });
  view.log = h("div", { class: "log", role: "log", "aria-live": "off", "aria-label": t.log, tabindex: "0" }, view.messages);
  view.announcer = h("div", { class: "unseen", role: "status", "aria-live": "polite" });
  view.input = h("textarea", {
    rows: "1", maxlength: String(TEXT_MAX), placeholder: t.placeholder, "aria-label": t.inputLabel,
    autocomplete: "off", enterkeyhint: "send",
  });
  view.send = h("button", { type: "submit", class: "send", "aria-label": t.send, disabled: true }, icon(ICONS.send));
  view.hint = h("p", { class: "hint" }, t.hint);
  view.form = h("form", { class: "composer" }, h("div", { class: "field" }, view.input, view.send), view.hint);
  view.form.addEventListener("submit", (event) => {
    event.preventDefault();
    on.send();
  });
  view.input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    on.send();
  });
  view.root = h("section", { class: "chat", "aria-label": t.label },
    h("header", {}, h("div", {}, view.title, view.subtitle), view.person),
    view.agenda, view.log, view.handoff, view.form, view.announcer);
  return view;
}

/** Words for an empty conversation: a greeting and questions to start from. */
export function buildWelcome(t, name, choose) {
  return h("div", { class: "welcome" },
    h("p", { class: "hello" }, t.hello(name)),
    h("p", {}, t.helloMore),
    h("ul", { class: "starters", "aria-label": t.startersLabel }, t.starters.map((starter) =>
      h("li", {}, h("button", { type: "button", onclick: () => choose(starter) }, starter)))));
}
