// The catalogue of figures: filters, sorting, CSV, and the source of each row.

import { el, tableCell, text, unique } from "./dom.js";
import { amountWords, measureWords, oneLine, pageWords, qualifiers, spanOf } from "./words.js";

const PAGE = 100;
const PAUSE = 250;
const COLUMNS = [
  { name: "Value", sort: "value" },
  { name: "Measure", sort: "measure" },
  { name: "What it says" },
  { name: "Subject", sort: "subject" },
  { name: "Period and notes" },
  { name: "Source", sort: "document" },
];

export class Figures {
  constructor(root, service, { changed }) {
    this.root = root;
    this.service = service;
    this.changed = changed;
    this.sort = "";
    this.loading = null;
    this.titles = new Map();
    this.built = false;
  }

  build() {
    this.built = true;
    this.title = el("h1", { tabindex: "-1" }, "Figures");
    this.fields = {};
    const text = (name, label) => this.field(name, label, el("input", { type: "search", autocomplete: "off" }), "input");
    const choice = (name, label) => this.field(name, label, el("select", null, el("option", { value: "" }, "Any")), "change");
    this.form = el(
      "form",
      { class: "filters", role: "search", "aria-label": "Filter the figures" },
      text("words", "Words"),
      choice("subject", "Subject"),
      choice("measure", "Measure"),
      choice("unit", "Unit"),
      choice("document", "Document"),
      text("period", "Period"),
    );
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.load();
    });
    this.state = el("p", { class: "hint", role: "status" });
    this.heads = COLUMNS.map((column) => this.head(column));
    this.rows = el("tbody", { role: "rowgroup" });
    this.table = el(
      "table",
      { class: "stacked", role: "table", "aria-label": "Figures" },
      el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, this.heads)),
      this.rows,
    );
    this.more = el("button", { type: "button", hidden: true, click: () => this.load({ further: true }) }, "Show more");
    this.clearing = el("button", { type: "button", class: "plain", click: () => this.reset() }, "Clear filters");
    this.download = el("button", { type: "button", class: "plain", click: () => this.csv() }, "Download CSV");
    this.root.replaceChildren(
      this.title,
      el("p", { class: "hint" }, "Every number found in the documents, with what it measures and where it stands."),
      this.form,
      el("div", { class: "bar" }, this.state, el("span", { class: "tools" }, this.clearing, this.download)),
      this.table,
      this.more,
    );
  }

  field(name, label, control, event) {
    control.id = unique(name);
    control.name = name;
    this.fields[name] = control;
    control.addEventListener(event, () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.load(), event === "input" ? PAUSE : 0);
    });
    return el("div", null, el("label", { for: control.id }, label), control);
  }

  head({ name, sort }) {
    if (!sort) return el("th", { scope: "col", role: "columnheader" }, name);
    const button = el("button", { type: "button", click: () => this.sortBy(sort) }, name, el("span", { "aria-hidden": "true" }));
    return el("th", { scope: "col", role: "columnheader", "data-sort": sort }, button);
  }

  /** Only values can be had from either end. */
  sortBy(sort) {
    this.sort = sort !== "value" ? (this.sort === sort ? "" : sort) : this.sort === "-value" ? "value" : "-value";
    this.load();
  }

  async show(parameters) {
    if (!this.built) {
      this.build();
      await this.fill();
    }
    for (const [name, control] of Object.entries(this.fields)) {
      const wanted = parameters.get(name) ?? "";
      if (control instanceof HTMLSelectElement) offered(control, wanted);
      control.value = wanted;
    }
    this.sort = parameters.get("sort") ?? "";
    await this.load({ keep: true });
    return this.title;
  }

  /** The choices of the filters, from what the documents hold. */
  async fill() {
    try {
      const [{ subjects }, { documents }, { measures, units }] = await Promise.all([
        this.service.json("/v1/subjects"),
        this.service.json("/v1/documents"),
        this.service.json("/v1/figures", { parameters: { limit: 1 } }),
      ]);
      options(this.fields.subject, [...new Set(subjects.map((subject) => subject.name))].sort(), (name) => name);
      this.titles = new Map(documents.map((document) => [document.id, document.title]));
      options(this.fields.document, [...this.titles.keys()], (id) => this.titles.get(id));
      options(this.fields.measure, names(measures), measureWords);
      options(this.fields.unit, names(units), (unit) => unit);
    } catch (error) {
      this.state.replaceChildren(text(error.message));
    }
  }

  values() {
    const filled = Object.entries(this.fields).map(([name, control]) => [name, control.value.trim()]);
    return Object.fromEntries([...filled, ["sort", this.sort]].filter(([, value]) => value));
  }

  reset() {
    for (const control of Object.values(this.fields)) control.value = "";
    this.sort = "";
    this.load();
    this.fields.words.focus();
  }

  async load({ further = false, keep = false } = {}) {
    this.loading?.abort();
    const mine = new AbortController();
    this.loading = mine;
    const values = this.values();
    if (!keep) this.changed(values);
    const offset = further ? this.rows.children.length : 0;
    this.state.replaceChildren(text("Reading the figures…"));
    this.table.setAttribute("aria-busy", "true");
    try {
      const found = await this.service.json("/v1/figures", {
        parameters: { ...values, limit: PAGE, offset },
        signal: mine.signal,
      });
      this.fillRows(found, further);
    } catch (error) {
      if (mine.signal.aborted) return;
      this.rows.replaceChildren();
      this.more.hidden = true;
      this.table.hidden = true;
      this.state.replaceChildren(text(error.message));
    }
    this.table.removeAttribute("aria-busy");
  }

  fillRows({ figures, total }, further) {
    const rows = figures.map((figure) => row(figure, this.titles));
    if (further) this.rows.append(...rows);
    else this.rows.replaceChildren(...rows);
    if (further) rows[0]?.querySelector("a")?.focus();
    const shown = this.rows.children.length;
    this.more.hidden = shown >= total || !figures.length;
    this.table.hidden = shown === 0;
    this.download.disabled = total === 0;
    const words = total === 1 ? "1 figure" : `${total.toLocaleString("en")} figures`;
    const none = "No figure fits these filters. Take one away, or use other words.";
    this.state.replaceChildren(text(total === 0 ? none : shown < total ? `${words}, ${shown} shown` : words));
    for (const head of this.heads) {
      const { sort } = head.dataset;
      if (!sort) continue;
      const order = this.sort === sort ? "ascending" : this.sort === `-${sort}` ? "descending" : "none";
      head.setAttribute("aria-sort", order);
    }
  }

  /** The file is fetched, not linked, for the key must go along. */
  async csv() {
    this.download.disabled = true;
    try {
      const blob = await this.service.blob("/v1/figures", { parameters: { ...this.values(), format: "csv" } });
      const url = URL.createObjectURL(blob);
      el("a", { href: url, download: "figures.csv" }).click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    } catch (error) {
      this.state.replaceChildren(text(error.message));
    }
    this.download.disabled = false;
  }
}

const names = (counts) => Object.keys(counts).filter((name) => name && name !== "null").sort();

function options(select, values, label) {
  select.append(...values.map((value) => el("option", { value }, label(value))));
}

/** A filter from the address may name what no choice is made of. */
function offered(select, value) {
  if (value && ![...select.options].some((option) => option.value === value)) options(select, [value], (name) => name);
}

function row(figure, titles) {
  const title = oneLine(titles.get(figure.document) ?? figure.document, 60);
  const cells = [
    el("a", { href: `/source?at=${encodeURIComponent(spanOf(figure))}` }, figure.printed || amountWords(figure)),
    measureWords(figure.measure) || "–",
    oneLine(figure.sentence || figure.label, 240),
    figure.subject,
    qualifiers(figure).join(" · ") || "–",
    [title, pageWords(figure)].filter(Boolean).join(", "),
  ];
  return el(
    "tr",
    { role: "row" },
    cells.map((cell, i) => tableCell(COLUMNS[i].name, cell)),
  );
}
