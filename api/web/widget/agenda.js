// What the conversation is working on, and what we owe the customer by law: one chip each.
import { ICONS, h, icon } from "./dom.js";
import { day, words } from "./format.js";
import { INTENTS } from "./intents.js";

/** Fills the chips from a turn; the section hides when there is nothing to show. */
export function renderAgenda(view, turn, t, language) {
  const duties = (turn.obligations ?? []).map((duty) => h("li", { class: "chip duty" },
    icon(ICONS.scale), h("span", {}, t.rights[duty.right] ?? words(duty.right)),
    h("span", { class: "state" }, duty.due_on ? t.byDate(day(duty.due_on, language, "short")) : t.states[duty.state] ?? "")));
  const names = INTENTS[language] ?? INTENTS.en;
  const tasks = (turn.agenda ?? []).filter((task) => names[task.intent] && task.state !== "cancelled").map((task) =>
    h("li", { class: "chip", "data-state": task.state },
      icon(task.state === "done" ? ICONS.check : task.state === "handed_off" ? ICONS.person : ICONS.clock),
      h("span", {}, names[task.intent]),
      h("span", { class: "state" }, t.states[task.state] ?? words(task.state))));
  view.tasks.replaceChildren(...duties, ...tasks);
  view.agenda.hidden = duties.length + tasks.length === 0;
}

/** Says that something was passed to a person, and when they are there. */
export function renderHandoff(view, handoff, t) {
  if (!handoff) return;
  view.handoff.hidden = false;
  view.handoff.replaceChildren(icon(ICONS.person), h("p", {}, h("strong", {}, t.handoff), ` ${handoff.hours ?? ""}`));
}
