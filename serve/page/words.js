// Records of the service in the words that people read. No element is made here.

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const COMPARATORS = { ">": "more than", ">=": "at least", "<": "less than", "<=": "at most", "~": "about" };
const MISSING = {
  subject_not_covered: "Not covered by the documents",
  figure_not_given: "The documents give no such figure",
  period_not_covered: "Not given for this period",
  not_in_documents: "Not in the documents",
  false_premise: "The question assumes something else",
  ambiguous: "More than one thing could be meant",
  not_verified: "Found, but not certain enough to show",
};
export const PERIODS_A_YEAR = { year: 1, month: 12, week: 52, day: 365 };

/** A quote without its Markdown: for display only, the quote itself is what stands in the document. */
export function readable(text) {
  return text
    .replace(/<sup>\s{0,9}(\d{1,3})\s{0,9}<\/sup>|\[\^(\d{1,3})\]/g, (_, tagged, marked) =>
      [...(tagged ?? marked)].map((digit) => SUPERSCRIPTS[digit]).join(""),
    )
    .replace(/<\/?(?:b|em|i|mark|small|strong|sub|sup|u)>|<br ?\/?>/gi, "")
    .replace(/!?\[([^[\]]{0,2000})\]\([^()\s]{0,2000}\)/g, "$1")
    .replace(/^[ \t]{0,40}(?:#{1,6}[ \t]+|>[ \t]?|[-*+][ \t]+)/gm, "")
    .replace(/^[ \t|:-]{3,}$/gm, "")
    .replace(/(?<!\\)\*{1,3}|`/g, "")
    .replace(/[ \t]{0,40}(?<!\\)\|[ \t]{0,40}/g, " · ")
    .replace(/\\([!-/:-@[-`{-~])/g, "$1")
    .replace(/^[ \t·]+|[ \t·]+$/gm, "")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

/** The first characters of a text, ended between words. */
export function head(text, length) {
  return text.length <= length ? text : text.slice(0, length).replace(/\s\S*$/, "");
}

/** The last characters of a text, begun between words. */
export function tail(text, length) {
  return text.length <= length ? text : text.slice(-length).replace(/^\S*\s/, "");
}

/** The same on one line, cut between words if it is long. */
export function oneLine(text, length = 300) {
  const line = readable(text).replace(/\s+/g, " ");
  if (line.length <= length) return line;
  const head = line.slice(0, length - 1);
  const end = head.lastIndexOf(" ");
  return `${end > length / 2 ? head.slice(0, end) : head}…`;
}

/** "p. 10", or "p. 8, PDF page 10" where the printed label is another. */
export function pageWords(place) {
  const { page, page_label: label } = place;
  if (page === null || page === undefined) return label ? `p. ${label}` : "";
  if (!label || label === String(page)) return `p. ${page}`;
  const kind = place.document?.path?.toLowerCase().endsWith(".pdf") ? "PDF page" : "page";
  return `p. ${label}, ${kind} ${page}`;
}

/** The headings above a place, without one that repeats the document's title. */
export function sectionWords(place) {
  const section = place.section ?? [];
  return (section[0] === place.document?.title ? section.slice(1) : section).filter(Boolean).map(oneHeading).join(" › ");
}

const oneHeading = (heading) => oneLine(heading, 160);

/** Title, page and headings on one line. */
export function placeWords(place) {
  return [place.document.title, pageWords(place), sectionWords(place)].filter(Boolean).join(" · ");
}

/** "document:12-34", what the service shows a passage by. */
export const spanOf = (place) => `${place.document?.id ?? place.document}:${place.start}-${place.end}`;

/** A number with thousands set apart; null where a browser's number cannot hold all its digits. */
export function numberWords(value, unit) {
  if (value === null || value === undefined) return null;
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) return null;
  if (unit === "date") return String(value);
  return value.toLocaleString("en", { maximumFractionDigits: 12 });
}

/** "more than 151,000 USD per month"; the printed words where the number cannot be written exactly. */
export function amountWords({ value, value_high: high, unit, per, comparator, printed }) {
  const low = numberWords(value, unit);
  const upper = numberWords(high, unit);
  if (low === null || (high !== null && high !== undefined && upper === null)) return printed ?? "";
  const range = upper === null ? low : `${low} to ${upper}`;
  const parts = [COMPARATORS[comparator], range, unit === "date" ? null : unit, per && `per ${per}`];
  return parts.filter(Boolean).join(" ");
}

/** "operating cost" for "operating_cost". */
export const measureWords = (name) => (name ? name.replaceAll("_", " ") : "");

/** Words as a heading begins with them. */
export const capital = (words) => words.charAt(0).toUpperCase() + words.slice(1);

/** What a figure measures: its measure, or the words that label it. */
export const whatWords = (figure) => (figure.measure ? measureWords(figure.measure) : oneLine(figure.label, 120));

/** What qualifies a figure and must travel with it. */
export function qualifiers(figure) {
  const period = figure.period_words ?? figure.period;
  return [
    COMPARATORS[figure.comparator] && `${COMPARATORS[figure.comparator]} (${figure.comparator})`,
    period && `period: ${period}`,
    figure.beneficiary && `for: ${figure.beneficiary}`,
    ...(figure.footnotes ?? []).map((note) => `note: ${oneLine(note, 600)}`),
    figure.doubt && `uncertain: ${figure.doubt}`,
  ].filter(Boolean);
}

/** What kind of gap an abstention tells of. */
export const missingWords = (reason) => MISSING[reason] ?? MISSING.not_in_documents;

/** "151000 * 12 = 1,812,000 USD per year". */
export function calculationWords(calculation) {
  const result = amountWords(calculation);
  return result ? `${calculation.expression} = ${result}` : calculation.expression;
}

/** An answer with its sources, to be pasted into a report. */
export function reportText(answer) {
  const lines = [answer.answer];
  if (answer.calculation && !answer.answer.includes(answer.calculation.expression)) {
    lines.push(`Calculation: ${calculationWords(answer.calculation)}`);
  }
  for (const figure of answer.figures ?? []) {
    for (const note of qualifiers(figure)) {
      if (note.startsWith("note: ") && !answer.answer.includes(note.slice(6))) lines.push(`[${figure.citation}] ${note}`);
    }
  }
  if (answer.citations.length) lines.push("");
  for (const citation of answer.citations) {
    lines.push(`[${citation.n}] ${placeWords(citation)}`, `    "${oneLine(citation.quote)}"`);
  }
  return lines.join("\n");
}
