// <factdesk-chat endpoint="https://..." key="pk_..." mode="launcher|inline" heading="..." handoff="..." theme="light|dark">
//
// The chat of the page inside another page. Its styles live in a shadow tree as a constructed sheet, so neither page
// disturbs the other and a strict policy of the foreign page does not block them. It sets no cookie and stores nothing.

import { Service } from "./static/api.js";
import { Chat } from "./static/chat.js";
import { el, unique } from "./static/dom.js";

const HOME = new URL(".", import.meta.url);
let sheet = null;

/** The styles of the chat, fetched once for all its elements. */
function styles() {
  sheet ??= fetch(new URL("static/chat.css", HOME), { credentials: "omit", referrerPolicy: "no-referrer" })
    .then((response) => (response.ok ? response.text() : Promise.reject(new Error(`${response.status}`))))
    .then((rules) => new CSSStyleSheet().replace(rules))
    .catch((error) => {
      sheet = null;
      throw error;
    });
  return sheet;
}

export class FactdeskChat extends HTMLElement {
  static observedAttributes = ["endpoint", "key", "mode", "heading", "handoff"];

  constructor() {
    super();
    this.tree = this.attachShadow({ mode: "open" });
  }

  connectedCallback() {
    this.build();
  }

  disconnectedCallback() {
    this.chat?.clear({ focus: false });
    this.chat = null;
  }

  attributeChangedCallback(_, before, after) {
    if (this.chat && before !== after) this.build();
  }

  async build() {
    const turn = (this.turn = (this.turn ?? 0) + 1);
    try {
      this.tree.adoptedStyleSheets = [await styles()];
    } catch {
      this.tree.replaceChildren(el("p", null, "The chat cannot be loaded. Try again later."));
      return;
    }
    if (turn !== this.turn || !this.isConnected) return;
    const heading = this.getAttribute("heading") || "Ask the documents";
    const service = new Service(this.getAttribute("endpoint") || HOME, { key: this.getAttribute("key") ?? "" });
    const root = el("div", { class: "fd chat small" });
    this.chat?.clear({ focus: false });
    const inline = this.getAttribute("mode") === "inline";
    const handoff = this.getAttribute("handoff") ?? "";
    // The launcher's panel has the heading in its bar.
    const welcome = inline ? heading : "What do you want to know?";
    this.chat = new Chat(root, service, { heading: welcome, level: "h2", links: false, handoff });
    if (inline) {
      this.tree.replaceChildren(root);
      this.chat.offer();
    } else this.launcher(root, heading);
  }

  /** A button in the corner that opens the chat above the page; the page stays usable. */
  launcher(root, heading) {
    const id = unique("panel");
    let offered = false;
    const button = el("button", { type: "button", class: "launcher", "aria-expanded": "false", "aria-controls": id }, heading);
    const close = el("button", { type: "button", class: "plain", "aria-label": `Close: ${heading}` }, "Close");
    const bar = el("div", { class: "panel-bar" }, el("strong", null, heading), close);
    const panel = el("div", { id, class: "fd panel", role: "dialog", "aria-label": heading, hidden: true }, bar, root);
    const open = (is) => {
      panel.hidden = !is;
      button.hidden = is;
      button.setAttribute("aria-expanded", String(is));
      if (is && !offered) this.chat.offer();
      offered ||= is;
      (is ? this.chat.box : button).focus();
    };
    button.addEventListener("click", () => open(true));
    close.addEventListener("click", () => open(false));
    panel.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      open(false);
    });
    this.tree.replaceChildren(el("div", { class: "fd" }, button), panel);
  }
}

if (!customElements.get("factdesk-chat")) customElements.define("factdesk-chat", FactdeskChat);
