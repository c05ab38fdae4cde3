// An answer as elements. The page, the widget and the embedded page all show answers through this module.

import { copied, el, svg, unique } from "./dom.js";
import { Sources } from "./source.js";
import * as words from "./words.js";

const MARK = /\[(\d{1,4})\]/g;
const MEASURED = new Set(["figure", "calculation"]);
const SHORT = 120;
const THUMB = "M7 21V10l4-8c1.7 0 3 1.2 3 2.8V9h5.2c1.2 0 2.1 1.1 1.8 2.3l-1.7 8A2 2 0 0 1 17.3 21H7zM3 10h4v11H3z";

/** The text of a line, its citation marks as buttons and its arithmetic set apart. */
function inline(line, answer, sources) {
  const parts = [];
  let from = 0;
  for (const found of line.matchAll(MARK)) {
    const n = Number(found[1]);
    // A number in brackets that cites nothing is the document's own.
    if (!sources.items.has(n)) continue;
    // A mark stays with the word before it.
    parts.push(...arithmetic(line.slice(from, found.index).replace(/ $/, "\u00a0"), answer), mark(n, sources));
    from = found.index + found[0].length;
  }
  return [...parts, ...arithmetic(line.slice(from), answer)];
}

function mark(n, sources) {
  const { citation } = sources.items.get(n);
  const label = `Source ${n}: ${words.placeWords(citation)}`;
  const button = el("button", { type: "button", class: "mark", "aria-label": label }, String(n));
  button.addEventListener("click", () => sources.show(n, button));
  return button;
}

function arithmetic(text, answer) {
  const expression = answer.calculation?.expression;
  if (!expression || !text.includes(expression)) return [text];
  const at = text.indexOf(expression);
  return [text.slice(0, at), el("code", null, expression), text.slice(at + expression.length)];
}

function paragraphs(answer, sources) {
  const lines = answer.answer.split("\n").filter((line) => line.trim());
  const head = answer.abstained || MEASURED.has(answer.kind);
  // The lines of a comparison are of one rank, though the first is not set in.
  const flat = answer.kind === "comparison";
  return lines.map((line, i) => {
    const detail = /^\s/.test(line) && !flat;
    const lead = line.length > SHORT ? "lead long" : "lead";
    const style = i === 0 && head ? lead : detail ? "detail" : "line";
    return el("p", { class: style }, inline(line.trim(), answer, sources));
  });
}

/** What qualifies the figures and is not in the text already. */
function qualified(answer, sources) {
  const rows = [];
  for (const figure of answer.figures) {
    const notes = words.qualifiers(figure).filter((note) => !answer.answer.includes(note.replace(/^[a-z]+: /, "")));
    const told = notes.filter((note) => !note.startsWith("for: "));
    if (told.length) rows.push({ figure, told });
  }
  if (!rows.length) return null;
  return el(
    "ul",
    { class: "notes", "aria-label": "What qualifies the figures" },
    rows.map(({ figure, told }) =>
      el("li", null, `${figure.printed}: ${told.join(" · ")} `, figure.citation ? citing(figure, sources) : null),
    ),
  );
}

const citing = (figure, sources) => (sources.items.has(figure.citation) ? mark(figure.citation, sources) : null);

/** The figures with all that belongs to them, folded away. */
function figureTable(answer, sources) {
  if (!answer.figures.length) return null;
  const columns = ["What", "As printed", "Value", "Period and notes", "Source"];
  const rows = answer.figures.map((figure) =>
    el(
      "tr",
      null,
      el("th", { scope: "row" }, `${words.whatWords(figure)} `, el("small", null, figure.subject)),
      el("td", null, figure.printed),
      el("td", { class: "value" }, words.amountWords(figure)),
      el("td", null, words.qualifiers(figure).join(" · ") || "–"),
      el("td", null, citing(figure, sources) ?? "–"),
    ),
  );
  const many = answer.figures.length;
  return el(
    "details",
    null,
    el("summary", null, many === 1 ? "The figure in detail" : `The ${many} figures in detail`),
    el(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-label": "The figures in detail" },
      el(
        "table",
        null,
        el("thead", null, el("tr", null, columns.map((name) => el("th", { scope: "col" }, name)))),
        el("tbody", null, rows),
      ),
    ),
  );
}

/** Figures that an abstention offers and its text does not cite. */
function nearest(answer, sources) {
  const left = answer.nearest.filter((figure) => !answer.answer.includes(`[${figure.citation}]`));
  if (!left.length) return null;
  return el(
    "div",
    { class: "nearest" },
    el("h3", null, "Nearest in the documents"),
    el(
      "ul",
      null,
      left.map((figure) =>
        el("li", null, `${figure.printed}, ${words.whatWords(figure)}, ${figure.subject} `, citing(figure, sources)),
      ),
    ),
  );
}

function choices(answer, ask) {
  if (!answer.suggestions.length) return null;
  const id = unique("choices");
  return el(
    "div",
    { class: "choices", role: "group", "aria-labelledby": id },
    el("p", { id }, "You can ask:"),
    answer.suggestions.map((question) => el("button", { type: "button", click: () => ask(question) }, question)),
  );
}

const drawing = (path, turned) =>
  svg(
    "svg",
    { viewBox: "0 0 24 24", width: "18", height: "18", "aria-hidden": "true", focusable: "false" },
    svg("path", { d: path, class: "icon", transform: turned ? "rotate(180 12 12)" : null }),
  );

/** Copying and rating. */
function tools(answer, service, emit) {
  const said = el("span", { class: "said", role: "status" });
  const copy = async () => {
    const done = await copied(words.reportText(answer));
    said.textContent = done ? "Copied with its sources." : "The browser does not allow copying. Select the text instead.";
  };
  const reason = el("textarea", { rows: "2", maxlength: "2000", id: unique("reason") });
  const more = el(
    "form",
    { class: "reason", hidden: true },
    el("label", { for: reason.id }, "What was right or wrong about it? (optional)"),
    reason,
    el("button", { type: "submit" }, "Send"),
  );
  let rating = null;
  const rate = async (chosen, why) => {
    const body = { answer_id: answer.id, rating: chosen, ...(why ? { reason: why } : {}) };
    said.textContent = "Sending…";
    try {
      await service.json("/v1/feedback", { body });
    } catch (error) {
      said.textContent = error.message;
      return false;
    }
    rating = chosen;
    for (const [name, button] of Object.entries(thumbs)) button.setAttribute("aria-pressed", String(name === chosen));
    said.textContent = "Thank you.";
    emit("feedback", body);
    return true;
  };
  const thumb = (name, label) =>
    el(
      "button",
      {
        type: "button",
        class: "plain",
        "aria-label": label,
        title: label,
        "aria-pressed": "false",
        click: async () => {
          if (!(await rate(name, ""))) return;
          more.hidden = false;
        },
      },
      drawing(THUMB, name === "down"),
    );
  const thumbs = { up: thumb("up", "Helpful"), down: thumb("down", "Not helpful") };
  more.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!(await rate(rating, reason.value.trim()))) return;
    more.hidden = true;
    thumbs[rating].focus();
  });
  const row = el(
    "p",
    { class: "tools" },
    el("button", { type: "button", class: "plain", click: copy }, "Copy with sources"),
    thumbs.up,
    thumbs.down,
    said,
  );
  return [row, more];
}

/** An answer with its sources. `ask` is called with a question that is chosen, `emit` with what the reader does. */
export function answerView(answer, service, { ask, emit, links, opened }) {
  const sources = new Sources(answer, service, { links, opened });
  const measure = answer.figures[0]?.measure;
  const chart = links && answer.kind === "comparison" && measure;
  const { calculation } = answer;
  const told = calculation && answer.answer.includes(calculation.expression);
  const body = el(
    "div",
    { class: answer.abstained ? "answer missing" : "answer", lang: answer.language },
    answer.resolved && answer.resolved !== answer.question
      ? el("p", { class: "understood" }, "Understood as: ", el("em", null, answer.resolved))
      : null,
    answer.abstained ? el("p", { class: "gap", lang: "en" }, words.missingWords(answer.reason)) : null,
    paragraphs(answer, sources),
    calculation && !told
      ? el("p", { class: "detail" }, "Calculation: ", el("code", null, words.calculationWords(calculation)))
      : null,
    qualified(answer, sources),
    nearest(answer, sources),
    choices(answer, ask),
    figureTable(answer, sources),
    chart ? el("p", null, el("a", { href: `/compare?measure=${encodeURIComponent(measure)}` }, "See it as a chart")) : null,
    tools(answer, service, emit),
  );
  const element = el("div", { class: "pair" }, body, answer.citations.length ? sources.element : null);
  return { element, sources };
}
