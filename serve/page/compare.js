// One measure over all subjects: a ranked table, and the same as bars.

import { el, svg, tableCell, text, unique } from "./dom.js";
import { PERIODS_A_YEAR, amountWords, capital, measureWords, oneLine, pageWords, qualifiers, spanOf } from "./words.js";

const ROW = 46;
const BAR = 16;
const SHORTEST = 2;
const CHARACTER = 7.2;

export class Comparison {
  constructor(root, service, { changed }) {
    this.root = root;
    this.service = service;
    this.changed = changed;
    this.loading = null;
    this.built = false;
    // The bars are drawn for the width there is.
    this.watcher = new ResizeObserver(() => this.draw());
  }

  async build() {
    this.built = true;
    this.title = el("h1", { tabindex: "-1" }, "Compare");
    this.select = el("select", { id: unique("measure"), change: () => this.choose() });
    this.state = el("p", { class: "hint", role: "status" });
    this.body = el("div");
    this.root.replaceChildren(
      this.title,
      el("p", { class: "hint" }, "One measure over everything the documents treat, ranked and brought to one rate."),
      el("div", { class: "filters" }, el("div", null, el("label", { for: this.select.id }, "Measure"), this.select)),
      this.state,
      this.body,
    );
    try {
      const { measures } = await this.service.json("/v1/measures");
      const named = measures.filter((measure) => measure.name).sort((a, b) => b.figures - a.figures);
      this.select.append(...named.map(({ name, figures }) => el("option", { value: name }, `${measureWords(name)} (${figures})`)));
      if (!named.length) this.state.replaceChildren(text("The documents state no measure that can be compared."));
    } catch (error) {
      this.state.replaceChildren(text(error.message));
    }
  }

  choose() {
    this.changed({ measure: this.select.value });
    this.load(this.select.value);
  }

  async show(parameters) {
    if (!this.built) await this.build();
    const wanted = parameters.get("measure");
    if (wanted && ![...this.select.options].some((option) => option.value === wanted)) {
      this.select.append(el("option", { value: wanted }, measureWords(wanted)));
    }
    if (wanted) this.select.value = wanted;
    if (this.select.value) await this.load(this.select.value);
    return this.title;
  }

  async load(measure) {
    this.loading?.abort();
    const mine = new AbortController();
    this.loading = mine;
    this.state.replaceChildren(text("Comparing…"));
    try {
      const answer = await this.service.json("/v1/compare", { parameters: { measure }, signal: mine.signal });
      this.fill(answer, measure);
    } catch (error) {
      if (mine.signal.aborted) return;
      this.body.replaceChildren();
      this.state.replaceChildren(text(error.message));
    }
  }

  fill(answer, measure) {
    this.watcher.disconnect();
    const rest = remarks(answer);
    if (answer.abstained || !answer.figures.length) {
      this.charted = null;
      this.body.replaceChildren();
      this.state.replaceChildren(text(answer.answer.trim()));
      return;
    }
    const many = answer.figures.length;
    this.state.replaceChildren(text(`${capital(measureWords(measure))}: ${many === 1 ? "1 figure" : `${many} figures`}, ranked.`));
    this.charted = charted(answer.figures);
    this.chart = el("div", { class: "chart" });
    const { unit, per, rows, left } = this.charted;
    const axis = [unit, per && `per ${per}`].filter(Boolean).join(" ") || "value";
    const id = unique("chart");
    this.body.replaceChildren(
      el("h2", { id }, `${capital(measureWords(measure))} in ${axis}`),
      el("section", { "aria-labelledby": id }, this.chart),
      left.length ? el("p", { class: "hint" }, `Not among the bars, for their unit or rate is another: ${left.join("; ")}.`) : "",
      ...rest.map((line) => el("p", { class: "hint" }, cited(line, answer))),
      ranking(answer, rows, per),
    );
    this.draw();
    this.watcher.observe(this.chart);
  }

  draw() {
    if (!this.charted || !this.chart.clientWidth) return;
    const width = this.chart.clientWidth;
    if (this.chart.firstChild?.getAttribute("width") === String(width)) return;
    this.chart.replaceChildren(bars(this.charted.rows, width));
  }
}

/** The lines of the text that cite no ranked figure: what could not be compared, and how many state it. */
function remarks(answer) {
  const ranked = new Set(answer.figures.map((figure) => String(figure.citation)));
  return answer.answer
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line && ![...line.matchAll(/\[(\d+)\]/g)].some((found) => ranked.has(found[1])));
}

/** A line with its citation marks as links to the sources. */
function cited(line, answer) {
  return line.split(/(\[\d+\])/).map((part) => {
    const citation = answer.citations.find(({ n }) => part === `[${n}]`);
    return citation ? el("a", { href: citation.page_url, "aria-label": `Source ${citation.n}` }, part) : part;
  });
}

/** The figures of the commonest unit, each brought to a year where the rates differ, and the subjects left out. */
function charted(figures) {
  const sort = (figure) => JSON.stringify([figure.unit, figure.per === null]);
  const counts = new Map();
  for (const figure of figures) counts.set(sort(figure), (counts.get(sort(figure)) ?? 0) + 1);
  const [common] = [...counts].reduce((best, next) => (next[1] > best[1] ? next : best));
  const kept = figures.filter((figure) => sort(figure) === common);
  const rates = new Set(kept.map((figure) => figure.per));
  const yearly = rates.size > 1;
  const rows = kept.map((figure) => {
    const times = yearly ? (PERIODS_A_YEAR[figure.per] ?? 1) : 1;
    return { figure, times, value: figure.value * times };
  });
  const left = figures.filter((figure) => sort(figure) !== common).map((figure) => `${figure.subject} (${figure.printed})`);
  return { unit: kept[0].unit, per: yearly ? "year" : kept[0].per, rows, left };
}

const source = (figure) => `/source?at=${encodeURIComponent(spanOf(figure))}`;

function shortened(words, width) {
  const most = Math.max(8, Math.floor(width / CHARACTER));
  return words.length <= most ? words : `${words.slice(0, most - 1)}…`;
}

/** A name above each bar: long names need no column of their own, and a phone is wide enough. */
function bars(rows, width) {
  const values = rows.map((row) => row.value);
  const [least, most] = [Math.min(0, ...values), Math.max(0, ...values)];
  const scale = (width - SHORTEST) / (most - least || 1);
  const zero = -least * scale;
  const height = rows.length * ROW;
  return svg(
    "svg",
    { width: String(width), height: String(height), viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": "Bars" },
    rows.map(({ figure, times, value }, i) => {
      const name = figure.subject || oneLine(figure.label, 120);
      const length = Math.max(SHORTEST, Math.abs(value) * scale);
      const stated = times === 1 ? figure.printed : `${figure.printed} × ${times}`;
      const room = width - stated.length * CHARACTER - 16;
      const top = i * ROW;
      return svg(
        "a",
        { href: source(figure), "aria-label": `${name}: ${stated}. Open the source.` },
        svg("title", null, `${name}: ${stated}`),
        svg("rect", { class: "row", x: "0", y: String(top), width: String(width), height: String(ROW - 4), rx: "4" }),
        svg("text", { x: "0", y: String(top + 15), class: "name" }, shortened(name, room)),
        svg("text", { x: String(width), y: String(top + 15), class: "amount", "text-anchor": "end" }, stated),
        svg("rect", {
          class: "bar",
          x: String(value < 0 ? zero - length : zero),
          y: String(top + 22),
          width: String(length),
          height: String(BAR),
          rx: "2",
        }),
      );
    }),
  );
}

function ranking(answer, rows, per) {
  const yearly = rows.some((row) => row.times !== 1);
  const byYear = new Map(rows.map((row) => [row.figure, row]));
  const columns = ["Rank", "Subject", "As printed", ...(yearly ? [`A ${per}`] : []), "What", "Period and notes", "Source"];
  const atYear = (figure) => {
    const row = byYear.get(figure);
    if (row === undefined) return "–";
    const whole = amountWords({ ...figure, value: row.value, value_high: null, per: null });
    return row.times === 1 ? whole : `${whole} (${amountWords({ value: figure.value })} × ${row.times})`;
  };
  const line = (figure, i) => {
    const citation = answer.citations.find((item) => item.n === figure.citation);
    const where = citation ? [citation.document.title, pageWords(citation)].filter(Boolean).join(", ") : figure.document;
    const cells = [
      `${i + 1}.`,
      figure.subject,
      figure.printed,
      ...(yearly ? [atYear(figure)] : []),
      oneLine(figure.label, 120),
      qualifiers(figure).join(" · ") || "–",
      el("a", { href: source(figure) }, where),
    ];
    return el(
      "tr",
      { role: "row" },
      cells.map((cell, n) => tableCell(columns[n], cell)),
    );
  };
  return el(
    "table",
    { class: "stacked", role: "table", "aria-label": "Ranked figures" },
    el(
      "thead",
      { role: "rowgroup" },
      el("tr", { role: "row" }, columns.map((name) => el("th", { scope: "col", role: "columnheader" }, name))),
    ),
    el("tbody", { role: "rowgroup" }, answer.figures.map(line)),
  );
}
