// The reference, drawn from openapi.json: no library, no other origin.
import { h } from "/web/widget/dom.js";

const root = document.getElementById("reference");

/** A schema as indented text, references resolved to a depth that stays readable. */
function outline(schema, all, depth = 0) {
  if (!schema) return "";
  if (schema.$ref) return outline(all[schema.$ref.split("/").pop()], all, depth);
  if (schema.anyOf) return schema.anyOf.map((each) => outline(each, all, depth)).join(" | ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((each) => JSON.stringify(each)).join(" | ");
  if (schema.type === "array") return `[${outline(schema.items, all, depth)}]`;
  if (schema.properties && depth < 4) {
    const pad = "  ".repeat(depth + 1);
    const lines = Object.entries(schema.properties).map(([name, each]) =>
      `${pad}${name}${schema.required?.includes(name) ? "" : "?"}: ${outline(each, all, depth + 1)}`);
    return `{\n${lines.join("\n")}\n${"  ".repeat(depth)}}`;
  }
  return schema.format ?? schema.type ?? "object";
}

function operation(method, path, each, all) {
  const body = each.requestBody?.content?.["application/json"]?.schema;
  const answers = Object.entries(each.responses ?? {}).filter(([status]) => status !== "422");
  return h("details", {},
    h("summary", {}, h("span", { class: "method" }, method.toUpperCase()), h("code", {}, path)),
    h("div", { class: "body" },
      h("p", {}, each.description ?? each.summary ?? ""),
      body ? [h("p", { class: "about" }, "Body"), h("pre", {}, outline(body, all))] : null,
      answers.map(([status, answer]) => {
        const schema = answer.content?.["application/json"]?.schema;
        return schema ? [h("p", { class: "about" }, `Answer ${status}`), h("pre", {}, outline(schema, all))] : null;
      }).flat()));
}

const spec = await (await fetch("/openapi.json")).json();
const groups = new Map();
for (const [path, operations] of Object.entries(spec.paths)) {
  for (const [method, each] of Object.entries(operations)) {
    const group = each.tags?.[0] ?? "other";
    if (!groups.has(group)) groups.set(group, []);
    groups.get(group).push(operation(method, path, each, spec.components?.schemas ?? {}));
  }
}
root.replaceChildren(h("p", { class: "about" }, spec.info.description),
  ...[...groups].flatMap(([group, rows]) => [h("h2", {}, group), ...rows]));
