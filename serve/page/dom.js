// Elements and the text in them. Whatever comes from a document, a question or the service becomes a text node:
// nothing in this page turns text into markup.

const SVG = "http://www.w3.org/2000/svg";
const STEERING = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const HARMLESS = new Set(["\n", "\t", "\u200c", "\u200d"]);
const LEFT_OUT = new Set(["\u00ad", "\ufffe", "\r"]);

/** A text in which what would steer the reading (bidirectional overrides, control characters) is an escape. */
export function visible(text) {
  return String(text).replace(STEERING, (c) => {
    if (HARMLESS.has(c)) return c;
    if (LEFT_OUT.has(c)) return "";
    // Between the pages of a document.
    if (c === "\f") return "\n";
    const code = c.codePointAt(0).toString(16);
    return code.length <= 2 ? `\\x${code.padStart(2, "0")}` : `\\u${code.padStart(4, "0")}`;
  });
}

/** A text as a node. */
export const text = (words) => document.createTextNode(visible(words));

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(
    ...children
      .flat(Infinity)
      .filter((child) => child !== null && child !== undefined && child !== false)
      .map((child) => (child instanceof Node ? child : text(child))),
  );
  return element;
}

/** An element; a function among the attributes listens to the event of that name. */
export function el(name, attributes, ...children) {
  return filled(document.createElement(name), attributes, children);
}

/** An element of a drawing. */
export function svg(name, attributes, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

/** A cell that can stand below others, with its column's name beside it, where there is no room for columns. */
export function tableCell(column, content) {
  const style = content === "–" ? "blank" : null;
  return el("td", { role: "cell", class: style, "data-label": column }, el("span", null, content));
}

let count = 0;

/** An id that no other element has. */
export function unique(name) {
  count += 1;
  return `fd-${name}-${count}`;
}

/** Whether the reader asked for less movement. */
export function calm() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** Puts a text on the clipboard; false where the browser does not let us. */
export async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Without https the clipboard of today is not there; the older way asks for a selection.
    const field = el("textarea", { class: "unseen", "aria-hidden": "true", tabindex: "-1" });
    field.value = text;
    const before = document.activeElement;
    document.body.append(field);
    field.select();
    let done = false;
    try {
      done = document.execCommand("copy");
    } catch {
      done = false;
    }
    field.remove();
    before?.focus?.();
    return done;
  }
}
