// The demo's mailbox: reads what would have left, again every two seconds while the page is seen.
import { h } from "/web/widget/dom.js";
import { clock } from "/web/widget/format.js";

const list = document.getElementById("letters");
let shown = "";

function letter(one) {
  const by = one.channel === "email" ? "E-mail" : "Text message";
  return h("li", { class: "letter" },
    h("h2", {}, one.subject),
    h("p", { class: "to" }, `${by} to ${one.to}, ${clock(one.sent_at, "en")}`),
    h("p", { class: "body" }, one.body));
}

async function read() {
  if (document.hidden) return;
  const response = await fetch("/v1/dev/mailbox");
  if (!response.ok) return;
  const { letters } = await response.json();
  const ids = letters.map((one) => one.letter_id).join();
  if (ids === shown) return;
  shown = ids;
  list.replaceChildren(...letters.map(letter));
}

read();
setInterval(read, 2000);
