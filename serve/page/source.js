// A source: the quote in its context, and the page it stands on with the quote highlighted.

import { el, text } from "./dom.js";
import { oneLine, pageWords, placeWords, readable, sectionWords, spanOf } from "./words.js";

/** The text around a quote, cut between words where the document goes on. */
function context(passage) {
  const before = passage.before.replace(/^\S*\s/, "");
  const after = passage.after.replace(/\s\S*$/, "");
  const goesBack = passage.start > passage.before.length;
  const [head, tail] = [readable(before), readable(after)];
  return el(
    "blockquote",
    { class: "context" },
    head && `${goesBack ? "… " : ""}${head}`,
    head && (/\n\s*$/.test(before) ? "\n" : " "),
    el("mark", null, readable(passage.quote)),
    tail && (/^\s*\n/.test(after) ? "\n" : " "),
    tail && `${tail} …`,
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
  return el("figure", null, shown, el("figcaption", null, pageWords(passage)));
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
export async function showSource(target, service, { at, image = null, urls, characters = 400 }) {
  target.replaceChildren(el("p", { class: "hint" }, "Opening the source…"));
  let passage;
  try {
    passage = await service.json(`/v1/passages/${encodeURIComponent(at)}`, { parameters: { context: characters } });
  } catch (error) {
    target.replaceChildren(el("p", { class: "trouble", role: "alert" }, error.message));
    return null;
  }
  const picture = image ?? passage.image;
  const holder = picture ? el("div", { class: "holder" }, el("p", { class: "hint" }, "Drawing the page…")) : null;
  target.replaceChildren(context(passage), ...(holder ? [holder] : []));
  if (holder) {
    try {
      holder.replaceChildren(await pageImage(service, picture, passage, urls));
    } catch (error) {
      const why = error.name === "ServiceError" ? ` ${error.message}` : "";
      holder.replaceChildren(el("p", { class: "hint" }, `The page cannot be drawn.${why}`));
    }
  }
  return passage;
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
    if (this.open !== n) {
      this.close();
      this.open = n;
      item.button.setAttribute("aria-expanded", "true");
      item.panel.hidden = false;
    }
    item.opener = opener ?? item.button;
    if (focus) {
      item.button.focus({ preventScroll: true });
      item.row.scrollIntoView({ block: "nearest" });
    }
    this.opened?.(item.citation);
    const { citation, panel } = item;
    const body = el("div");
    const tools = el(
      "p",
      { class: "tools" },
      this.links && citation.page_url && el("a", { href: citation.page_url }, "Open in full"),
      el("button", { type: "button", class: "plain", click: () => this.close() }, "Close source"),
    );
    panel.replaceChildren(body, tools);
    await showSource(body, this.service, { at: spanOf(citation), image: citation.image, urls: this.urls });
    if (focus && this.open === n) item.row.scrollIntoView({ block: "nearest" });
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
export async function sourceView(root, service, at, urls) {
  const body = el("div", { class: "sheet" });
  const title = el("h1", { tabindex: "-1" }, "Source");
  const where = el("p", { class: "hint" });
  root.replaceChildren(title, where, body);
  if (!at) {
    body.replaceChildren(el("p", { class: "trouble" }, "No source is named. Open one from an answer."));
    return title;
  }
  const passage = await showSource(body, service, { at, urls, characters: 2000 });
  if (passage !== null) {
    title.replaceChildren(text(passage.document.title));
    where.replaceChildren(text(placeWords(passage)));
  }
  return title;
}
