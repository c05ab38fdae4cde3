// A source: the quote in its context, and the page it stands on with the quote highlighted.

import { el, text } from "./dom.js";
import { head, oneLine, pageWords, readable, sectionWords, spanOf, tail } from "./words.js";

/** Characters of context beside an answer; the source's own view shows all that there is. */
const ASIDE = 160;
/** The colour that the service marks a quote with, and how far a pixel may be from it. */
const MARKER = [255, 235, 90];
const NEAR = 24;
const SCANNED = 160;

/** What is left of the white space and the marks between two parts. */
function gap(between) {
  return /[\n\f]/.test(between) ? "\n" : /\s/.test(between) ? " " : "";
}

/** The text around a quote, so many characters on each side, and marks where the document goes on. */
function context(passage, characters) {
  const before = tail(passage.before, Math.min(characters, passage.before.length - 1));
  const after = head(passage.after, Math.min(characters, passage.after.length - 1));
  const goesBack = passage.start > before.length;
  const parts = [before, after].map((part) => readable(part).replace(/\n{2,}/g, "\n"));
  return el(
    "blockquote",
    { class: "context" },
    parts[0] && `${goesBack ? "… " : ""}${parts[0]}`,
    parts[0] && gap(/[\s#>*+|-]*$/.exec(before)[0]),
    el("mark", null, readable(passage.quote)),
    parts[1] && gap(/^\s*/.exec(after)[0]),
    parts[1] && `${parts[1]} …`,
  );
}

/** The picture of a page. It is fetched with the key, so it comes as a blob; `urls` keeps what is to be let go. */
async function pageImage(service, path, passage, urls) {
  const blob = await service.blob(path);
  const title = `Page ${passage.page_label ?? passage.page} of ${passage.document.title}`;
  const image = el("img", { alt: `${title}; its words are given as text beside the picture.`, class: "page" });
  const url = URL.createObjectURL(blob);
  urls.add(url);
  const shown = await new Promise((resolve) => {
    image.addEventListener("load", () => resolve(image));
    // A page that embeds us may forbid images from blobs; a canvas is not an image to its policy.
    image.addEventListener("error", () => resolve(drawn(blob, title)));
    image.src = url;
  });
  return shown;
}

/** How far down a page its first mark is, from 0 to 1; 0 where none is seen. */
function markedAt(picture) {
  const [width, height] = [picture.naturalWidth ?? picture.width, picture.naturalHeight ?? picture.height];
  const canvas = document.createElement("canvas");
  canvas.width = SCANNED;
  canvas.height = Math.round((SCANNED * height) / width);
  const drawing = canvas.getContext("2d", { willReadFrequently: true });
  drawing.drawImage(picture, 0, 0, canvas.width, canvas.height);
  const { data } = drawing.getImageData(0, 0, canvas.width, canvas.height);
  for (let i = 0; i < data.length; i += 4) {
    if (MARKER.every((part, c) => Math.abs(data[i + c] - part) < NEAR)) return Math.floor(i / 4 / SCANNED) / canvas.height;
  }
  return 0;
}

async function drawn(blob, title) {
  const bitmap = await createImageBitmap(blob);
  const canvas = el("canvas", { role: "img", "aria-label": title, class: "page" });
  [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  bitmap.close();
  return canvas;
}

/** Fills `target` with the source at "document:start-end", and says in words what cannot be shown. */
export async function showSource(target, service, { at, image = null, urls, characters = 400, found = () => {} }) {
  target.replaceChildren(el("p", { class: "hint" }, "Opening the source…"));
  let passage;
  try {
    passage = await service.json(`/v1/passages/${encodeURIComponent(at)}`);
  } catch (error) {
    target.replaceChildren(el("p", { class: "trouble", role: "alert" }, error.message));
    return;
  }
  found(passage);
  const picture = image ?? passage.image;
  const holder = picture ? el("div", { class: "holder" }, el("p", { class: "hint" }, "Drawing the page…")) : null;
  target.replaceChildren(context(passage, characters), ...(holder ? [holder] : []));
  if (holder) {
    try {
      const shown = await pageImage(service, picture, passage, urls);
      const label = `The page, ${pageWords(passage)}`;
      const frame = el("div", { class: "frame", tabindex: "0", role: "region", "aria-label": label }, shown);
      holder.replaceChildren(el("figure", null, frame, el("figcaption", null, pageWords(passage))));
      // The page may be higher than its frame: what is marked is brought to its middle.
      frame.scrollTop = markedAt(shown) * shown.clientHeight - frame.clientHeight / 3;
    } catch (error) {
      const why = error.name === "ServiceError" ? ` ${error.message}` : "";
      holder.replaceChildren(el("p", { class: "hint" }, `The page cannot be drawn.${why}`));
    }
  }
}

/** Frees the memory of pictures. */
export function letGo(urls) {
  for (const url of urls) URL.revokeObjectURL(url);
  urls.clear();
}

/** The sources of an answer as a list; each opens in place, one at a time, and Escape closes it. */
export class Sources {
  constructor(answer, service, { links, opened }) {
    this.service = service;
    this.opened = opened;
    this.links = links;
    this.urls = new Set();
    this.open = null;
    this.items = new Map(answer.citations.map((citation) => [citation.n, this.item(citation)]));
    this.element = el(
      "aside",
      // What opens here was asked for by hand: it is not read out by itself.
      { class: "sources", "aria-label": "Sources", "aria-live": "off" },
      el("h3", null, answer.citations.length === 1 ? "Source" : "Sources"),
      el("ol", null, [...this.items.values()].map((item) => item.row)),
    );
  }

  item(citation) {
    const panel = el("div", { class: "shown", hidden: true });
    const where = [pageWords(citation), sectionWords(citation)].filter(Boolean).join(" · ");
    const button = el(
      "button",
      {
        type: "button",
        class: "source",
        "aria-expanded": "false",
        click: () => (this.open === citation.n ? this.close() : this.show(citation.n, button)),
      },
      el("span", { class: "number" }, String(citation.n)),
      el(
        "span",
        { class: "about" },
        el("span", { class: "title" }, citation.document.title),
        where && el("span", { class: "where" }, where),
        el("q", null, oneLine(citation.quote, 160)),
      ),
    );
    return { citation, button, panel, row: el("li", { "data-n": String(citation.n) }, button, panel), opener: button };
  }

  /** Opens source `n`; `opener` is where the focus goes back to. */
  async show(n, opener, { focus = true } = {}) {
    const item = this.items.get(n);
    if (item === undefined) return;
    const { citation, button, panel, row } = item;
    const was = this.open === n;
    if (!was) this.close();
    this.open = n;
    item.opener = opener ?? button;
    button.setAttribute("aria-expanded", "true");
    panel.hidden = false;
    const reveal = () => row.scrollIntoView({ block: "nearest" });
    if (focus) {
      button.focus({ preventScroll: true });
      reveal();
    }
    if (was) return;
    this.opened?.(citation);
    const body = el("div");
    const tools = el(
      "p",
      { class: "tools" },
      this.links && citation.page_url && el("a", { href: citation.page_url }, "Open in full"),
      el("button", { type: "button", class: "plain", click: () => this.close() }, "Close source"),
    );
    panel.replaceChildren(body, tools);
    const urls = (this.urls = new Set());
    await showSource(body, this.service, { at: spanOf(citation), image: citation.image, urls, characters: ASIDE });
    // It may have been closed, or opened anew, before its picture came.
    if (this.urls !== urls || this.open !== n) letGo(urls);
    else if (focus) reveal();
  }

  /** Closes what is open; the focus goes back to the opener if it was in here. */
  close() {
    const item = this.items.get(this.open);
    if (item === undefined) return;
    const inside = item.row.contains(this.element.getRootNode().activeElement);
    this.open = null;
    item.button.setAttribute("aria-expanded", "false");
    item.panel.hidden = true;
    item.panel.replaceChildren();
    letGo(this.urls);
    if (inside) item.opener.focus();
  }
}

/** A whole view of one source. */
export function sourceView(root, service, at, urls) {
  const body = el("div", { class: "sheet" });
  const title = el("h1", { tabindex: "-1" }, "Source");
  const where = el("p", { class: "hint" });
  root.replaceChildren(title, where, body);
  if (!at) {
    body.replaceChildren(el("p", { class: "trouble" }, "No source is named. Open one from an answer."));
    return title;
  }
  const found = (passage) => {
    title.replaceChildren(text(passage.document.title));
    where.replaceChildren(text([pageWords(passage), sectionWords(passage)].filter(Boolean).join(" · ")));
  };
  showSource(body, service, { at, urls, found });
  return title;
}
