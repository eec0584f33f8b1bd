// Turns reply text (**bold**, *emphasis*, blank lines, "1." and "-" lists) into nodes, figures into buttons.
import { h } from "./dom.js";

/** Nodes for a reply's text. figures: a FigureBook that makes a button of a figure's words. */
export function renderText(text, figures) {
  const nodes = [];
  let list = null;
  let paragraph = [];
  const flush = () => {
    if (paragraph.length) nodes.push(h("p", {}, join(paragraph, figures)));
    if (list) nodes.push(list.node);
    paragraph = [];
    list = null;
  };
  for (const line of text.split("\n")) {
    const item = /^\s*(?:(\d+)[.)]|[-•])\s+(.*)$/.exec(line);
    if (item) {
      const tag = item[1] ? "ol" : "ul";
      if (list?.tag !== tag) {
        flush();
        list = { tag, node: h(tag, item[1] && item[1] !== "1" ? { start: item[1] } : {}) };
      }
      list.node.append(h("li", {}, renderInline(item[2], figures)));
    } else if (line.trim() === "") {
      flush();
    } else {
      if (list) flush();
      paragraph.push(line);
    }
  }
  flush();
  return nodes;
}

function join(lines, figures) {
  return lines.flatMap((line, index) => [...(index ? [h("br")] : []), ...renderInline(line, figures)]);
}

/** Nodes for one line: **bold**, *emphasis*, figures as buttons. */
export function renderInline(text, figures) {
  return text.split(/(\*\*[^*]+\*\*|\*[^*\s][^*]*\*)/).flatMap((part) => {
    if (part === "") return [];
    const [, stars, words] = /^(\*\*?)(.+)\1$/.exec(part) ?? [null, "", part];
    const nodes = figures ? figures.mark(words) : [words];
    return stars ? [h(stars === "**" ? "strong" : "em", {}, nodes)] : nodes;
  });
}
