// A form in the conversation, for what is never said in it: what is typed goes to the books alone, and no message,
// no planner and no transcript holds it.
import { Problem } from "./client.js";
import { ICONS, h, icon } from "./dom.js";

const FORMS = {
  bank_account: {
    path: "/v1/forms/bank-accounts",
    fields: [
      { name: "bank_name", check: (value) => value.length >= 2, maxlength: 60, autocomplete: "off" },
      { name: "routing", check: isRouting, digits: true, maxlength: 9, autocomplete: "off" },
      { name: "account", check: (value) => /^\d{4,17}$/.test(value), digits: true, maxlength: 17, autocomplete: "off" },
      { name: "again", check: (value, all) => value === all.account, digits: true, maxlength: 17, autocomplete: "off", sent: false },
    ],
    choice: { name: "kind", values: ["checking", "savings"] },
  },
  contact: {
    path: "/v1/forms/contact",
    fields: [
      { name: "email", check: (value, all) => (value ? isEmail(value) : Boolean(all.phone)), type: "email", maxlength: 254, autocomplete: "email" },
      { name: "phone", check: (value) => !value || /^\+?[0-9 ()-]{7,20}$/.test(value), type: "tel", maxlength: 20, autocomplete: "tel" },
    ],
  },
};
let made = 0;

/** The card of one form. send(path, body) stores it; done(text) says the next message when it is kept. */
export class FormCard {
  constructor(kind, t, send, done) {
    this.form = FORMS[kind];
    this.t = t;
    this.words = t.forms[kind];
    this.send = send;
    this.done = done;
    this.id = `form-${kind}-${(made += 1)}`;
    this.opener = h("button", { type: "button", class: "secondary", "aria-expanded": "false", "aria-controls": this.id, onclick: () => this.#open() },
      icon(ICONS.lock), this.words.open);
    this.node = h("div", { class: "form-card" }, this.opener);
  }

  #open() {
    const { t, words, id } = this;
    this.inputs = Object.fromEntries(this.form.fields.map((field) => [field.name, this.#input(field)]));
    this.problem = h("p", { class: "form-problem", role: "alert" });
    this.save = h("button", { type: "submit", class: "primary" }, words.save);
    const cancel = h("button", { type: "button", class: "secondary", onclick: () => this.#close() }, t.forms.cancel);
    this.body = h("form", { id, class: "form", novalidate: true, autocomplete: "off", "aria-labelledby": `${id}-title`, onsubmit: (event) => this.#submit(event) },
      h("h3", { id: `${id}-title` }, words.title),
      h("p", { class: "form-why" }, t.forms.why),
      ...this.form.fields.map((field) => this.#row(field)),
      this.form.choice ? this.#choice(this.form.choice) : null,
      this.problem, h("div", { class: "actions" }, this.save, cancel));
    this.node.replaceChildren(this.body);
    this.inputs[this.form.fields[0].name].focus();
  }

  #close() {
    this.body?.reset();
    this.node.replaceChildren(this.opener);
    this.opener.focus();
  }

  #input({ name, digits, type = "text", maxlength, autocomplete }) {
    return h("input", {
      id: `${this.id}-${name}`, name, type, maxlength, autocomplete, inputmode: digits ? "numeric" : null, spellcheck: "false",
      "aria-describedby": `${this.id}-${name}-hint ${this.id}-${name}-problem`,
    });
  }

  #row({ name }) {
    const { label, hint } = this.words.fields[name];
    const at = `${this.id}-${name}`;
    return h("div", { class: "form-row" },
      h("label", { for: at }, label), this.inputs[name],
      h("p", { id: `${at}-hint`, class: "form-hint" }, hint ?? ""),
      h("p", { id: `${at}-problem`, class: "form-problem" }));
  }

  #choice({ name, values }) {
    const { label, options } = this.words.fields[name];
    return h("fieldset", { class: "form-choice" }, h("legend", {}, label),
      values.map((value, n) => h("label", {}, h("input", { type: "radio", name, value, checked: n === 0 }), options[value])));
  }

  async #submit(event) {
    event.preventDefault();
    const values = this.#values();
    const wrong = this.form.fields.filter(({ name, check }) => !this.#told(name, check(values[name], values)));
    if (wrong.length) return this.inputs[wrong[0].name].focus();
    this.save.disabled = true;
    this.problem.textContent = "";
    try {
      await this.send(this.form.path, this.#sent(values));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.problem.textContent = this.t.forms.problems[error.code] ?? this.t.problems[error.code] ?? this.t.forms.problems.other;
      return;
    } finally {
      this.save.disabled = false;
    }
    this.body.reset();
    this.node.replaceChildren(h("p", { class: "form-done" }, icon(ICONS.check), this.words.kept));
    this.done(this.words.say);
  }

  #values() {
    return Object.fromEntries(this.form.fields.map(({ name, digits }) => {
      const value = this.inputs[name].value.trim();
      return [name, digits ? value.replace(/[\s-]/g, "") : value];
    }));
  }

  #sent(values) {
    const body = {};
    for (const { name, sent = true } of this.form.fields) if (sent && values[name]) body[name] = values[name];
    if (this.form.choice) body[this.form.choice.name] = this.body.elements[this.form.choice.name].value;
    return body;
  }

  /** Says under the field what is wrong with it; true when nothing is. */
  #told(name, good) {
    const input = this.inputs[name];
    input.setAttribute("aria-invalid", String(!good));
    input.parentNode.lastChild.textContent = good ? "" : this.words.fields[name].problem;
    return good;
  }
}

/** The check digit of a routing number: 3, 7, 1 over its digits is a multiple of ten. */
function isRouting(value) {
  if (!/^\d{9}$/.test(value) || value === "000000000") return false;
  return [...value].reduce((sum, digit, n) => sum + Number(digit) * [3, 7, 1][n % 3], 0) % 10 === 0;
}

function isEmail(value) {
  return /^[^@\s]{1,64}@[A-Za-z0-9.-]{1,180}\.[A-Za-z]{2,24}$/.test(value);
}
