// The page: which view is shown, its address, and the key.

import { Service } from "./api.js";
import { Chat } from "./chat.js";
import { el, unique } from "./dom.js";
import { letGo, sourceView } from "./source.js";

const KEPT = "factdesk-key";

function kept() {
  try {
    return sessionStorage.getItem(KEPT) ?? "";
  } catch {
    return "";
  }
}

function keep(key) {
  try {
    sessionStorage.setItem(KEPT, key);
  } catch {
    // A browser that keeps nothing asks again after a reload.
  }
}

/** Asks for the key in a dialog; null if the reader will not give one. */
function askKey(refused) {
  const id = unique("key");
  const field = el("input", { type: "password", id, autocomplete: "off", required: true, spellcheck: "false" });
  const form = el(
    "form",
    { method: "dialog" },
    el("h2", null, "A key is needed"),
    el(
      "p",
      null,
      refused ? "This key is not valid here. Check it, or ask whoever runs the service for one." : "This service answers those who have a key. Whoever runs it can give you one.",
    ),
    el("label", { for: id }, "Key"),
    field,
    el("p", { class: "hint" }, "It is kept until this tab is closed."),
    el(
      "p",
      { class: "tools" },
      el("button", { type: "submit", class: "primary" }, "Use this key"),
      el("button", { type: "button", class: "plain", click: () => dialog.close() }, "Cancel"),
    ),
  );
  const dialog = el("dialog", { "aria-label": "A key is needed" }, form);
  document.body.append(dialog);
  return new Promise((resolve) => {
    let given = null;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      given = field.value.trim() || null;
      if (given !== null) keep(given);
      dialog.close();
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(given);
    });
    dialog.showModal();
  });
}

const service = new Service(location.origin, { key: kept(), askKey });
const place = (name) => document.getElementById(name);
const urls = new Set();
const go = (path) => (values) => history.replaceState(null, "", address(path, values));

const chat = new Chat(place("chat"), service, { heading: "What do you want to know?" });
/** A view that is fetched when it is first asked for. */
function later(path, id, fetched) {
  let view = null;
  return async (parameters) => {
    view ??= fetched().then((View) => new View(place(id), service, { changed: go(path) }));
    return (await view).show(parameters);
  };
}

const VIEWS = {
  "/": { id: "chat", title: "Ask", show: () => (chat.turns.length ? chat.box : chat.title) },
  "/figures": { id: "figures", title: "Figures", show: later("/figures", "figures", async () => (await import("./figures.js")).Figures) },
  "/compare": { id: "compare", title: "Compare", show: later("/compare", "compare", async () => (await import("./compare.js")).Comparison) },
  "/source": {
    id: "source",
    title: "Source",
    show: (parameters) => {
      letGo(urls);
      return sourceView(place("source"), service, parameters.get("at"), urls);
    },
  },
};

function address(path, values) {
  const query = new URLSearchParams(values).toString();
  return query ? `${path}?${query}` : path;
}

/** Shows the view of the address; `moved`: the reader went there, so the focus goes to its heading. */
async function show(moved) {
  const view = VIEWS[location.pathname] ?? VIEWS["/"];
  for (const { id } of Object.values(VIEWS)) place(id).hidden = id !== view.id;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.pathname === location.pathname) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `${view.title} · factdesk`;
  const heading = await view.show(new URLSearchParams(location.search));
  if (moved && !place(view.id).hidden) heading.focus({ preventScroll: view.id === "chat" });
}

document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
  if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  // The link of a bar is a drawing's: its address is read from the attribute.
  const target = new URL(link.getAttribute("href"), location.href);
  if (target.origin !== location.origin || !(target.pathname in VIEWS) || link.hasAttribute("download")) return;
  if (target.hash) return;
  event.preventDefault();
  if (target.href !== location.href) history.pushState(null, "", target);
  scrollTo(0, 0);
  show(true);
});
addEventListener("popstate", () => show(true));
addEventListener("keydown", (event) => {
  const typing = event.target instanceof Element && event.target.closest("input, textarea, select, dialog");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey || place("chat").hidden) return;
  event.preventDefault();
  chat.box.focus();
});

chat.offer();
show(false);
if (location.pathname === "/") chat.box.focus({ preventScroll: true });
