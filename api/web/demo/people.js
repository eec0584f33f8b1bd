// The list of demo customers: name, product, one line on who they are.
import { h } from "/web/widget/dom.js";

/** Fills the list with those that match; returns how many there are. */
export function renderPeople(list, people, query, current, choose) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const matches = people.filter((person) => {
    const text = [person.display_name, person.product_name, person.story, person.state].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  });
  list.replaceChildren(...(matches.length ? matches.map((person) => row(person, person === current, choose))
    : [h("li", { class: "empty" }, "No customer matches.")]));
  return matches.length;
}

function row(person, isCurrent, choose) {
  const initials = person.display_name.split(" ").map((part) => part[0]).slice(0, 2).join("");
  const product = [person.product_name.replace("Cash Line ", ""), person.language === "es" ? "Español" : null];
  return h("li", {}, h("button", { type: "button", "aria-current": isCurrent ? "true" : null, onclick: () => choose(person) },
    h("span", { class: "initials", "aria-hidden": "true" }, initials),
    h("span", { class: "text" },
      h("span", { class: "name" }, person.display_name,
        h("span", { class: "product" }, product.filter(Boolean).join(" · "))),
      h("span", { class: "story" }, person.story))));
}
