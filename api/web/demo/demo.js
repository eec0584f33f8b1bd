// The demo page: choose a customer of the demo book, talk as them, see their books move.
import "/web/widget/define.js";
import { Client } from "/web/widget/client.js";
import { h } from "/web/widget/dom.js";
import { day } from "/web/widget/format.js";
import { renderAccount } from "./account.js";
import { renderPeople } from "./people.js";

const page = Object.fromEntries(
  ["people", "search", "found", "chat", "blank", "account", "who", "back", "toggle", "today"]
    .map((id) => [id, document.getElementById(id)]));

let people = [];
let chosen = null;

/** An access token for a demo customer; the endpoint exists on this machine only. */
async function login(customerId) {
  const response = await fetch("/v1/dev/login", {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ customer_id: customerId }),
  });
  if (!response.ok) throw new Error(`login answered ${response.status}`);
  return (await response.json()).access_token;
}

async function choose(person, { focus = true, afresh = false } = {}) {
  if (afresh) sessionStorage.removeItem(person.customer_id);
  else if (chosen?.person === person) return show("chat");
  const authorize = () => login(person.customer_id);
  const chat = document.createElement("cashline-chat");
  Object.assign(chat, {
    authorize, customerName: person.display_name.split(" ")[0], lang: person.language,
    conversationId: sessionStorage.getItem(person.customer_id),
  });
  chosen = { person, chat, client: new Client(authorize) };
  chat.addEventListener("cashline-conversation", (event) =>
    sessionStorage.setItem(person.customer_id, event.detail.conversationId));
  chat.addEventListener("cashline-turn", () => refreshAccount(chosen));
  page.chat.replaceChildren(chat);
  page.who.textContent = person.display_name;
  history.replaceState(null, "", `#${person.customer_id}`);
  document.title = `${person.display_name} · Cash Line servicing`;
  list();
  show("chat");
  await Promise.all([chat.open(), refreshAccount(chosen)]);
  if (focus && matchMedia("(pointer: fine)").matches) chat.focus();
}

/** Reads the customer's lines again; a slower answer for an earlier customer is dropped. */
async function refreshAccount(of) {
  try {
    const { lines } = await of.client.get("/v1/lines");
    const activity = await Promise.all(lines.map((line) => of.client.get(`/v1/lines/${line.line_id}/activity`)));
    if (chosen !== of) return;
    page.account.hidden = false;
    page.toggle.hidden = false;
    const whole = lines.map((line, index) => ({ ...line, items: activity[index].items }));
    renderAccount(page.account, of.person, whole, () => choose(of.person, { afresh: true }));
  } catch (error) {
    if (chosen === of) page.account.replaceChildren(h("p", { class: "empty" }, `The account can't be shown: ${error.message}`));
  }
}

function show(view) {
  document.body.dataset.view = view;
  page.back.hidden = view === "people";
  page.toggle.setAttribute("aria-expanded", String(view === "account"));
}

function list() {
  const shown = renderPeople(page.people, people, page.search.value, chosen?.person, choose);
  page.found.textContent = shown === 1 ? "1 customer" : `${shown} customers`;
}

async function start() {
  page.search.addEventListener("input", list);
  page.back.addEventListener("click", () => show("people"));
  page.toggle.addEventListener("click", () => show(document.body.dataset.view === "account" ? "chat" : "account"));
  const response = await fetch("/v1/dev/customers");
  if (!response.ok) {
    page.people.replaceChildren(h("li", { class: "empty" }, "The demo book is not available on this server."));
    return;
  }
  const book = await response.json();
  people = book.customers;
  if (book.servicing_date) page.today.textContent = day(book.servicing_date, "en");
  list();
  const linked = people.find((person) => person.customer_id === location.hash.slice(1));
  if (linked) await choose(linked, { focus: false });
}

start();
