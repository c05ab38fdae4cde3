// A conversation: the questions, the answers with their sources, and the box to ask in.

import { answerView } from "./answer.js";
import { calm, el, unique } from "./dom.js";
import { exampleQuestions } from "./examples.js";
import { oneLine } from "./words.js";

const LONGEST = 4000;
const BESIDE = 860;
const REMEMBERED = 40;

export class Chat {
  /** Fills `root`. `links`: whether pages of the service are linked; `handoff`: the words of a button, or none. */
  constructor(root, service, { heading, level = "h1", links = true, handoff = "" } = {}) {
    this.root = root;
    this.service = service;
    this.links = links;
    this.turns = [];
    this.conversation = null;
    this.pending = null;
    this.build(heading, level, handoff);
  }

  build(heading, level, handoff) {
    const id = unique("ask");
    this.title = el(level, { tabindex: "-1", class: "welcome" }, heading);
    this.examples = el("div", { class: "choices" });
    this.intro = el(
      "div",
      { class: "intro" },
      this.title,
      el("p", { class: "hint" }, "Answers come from the documents only, and every number is traced to its place in them."),
    );
    this.log = el("div", { class: "log", role: "log", "aria-live": "polite", "aria-label": "Conversation" });
    this.state = el("div", { class: "state", role: "status" });
    this.box = el("textarea", {
      id,
      rows: "1",
      maxlength: String(LONGEST),
      placeholder: "Ask a question",
      autocomplete: "off",
      enterkeyhint: "send",
      keydown: (event) => this.typed(event),
      input: () => this.grow(),
    });
    this.send = el("button", { type: "submit", class: "primary" }, "Ask");
    this.again = el(
      "button",
      { type: "button", class: "plain", hidden: true, "aria-label": "New conversation", click: () => this.clear() },
      "New",
    );
    this.person = handoff
      ? el("button", { type: "button", class: "plain", click: () => this.emit("handoff", this.transcript()) }, handoff)
      : null;
    const form = el(
      "form",
      { class: "ask" },
      el("label", { for: id, class: "unseen" }, "Your question"),
      el("div", { class: "field" }, this.again, this.box, this.send),
      this.person && el("p", { class: "tools" }, this.person),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.ask(this.box.value);
    });
    const scroller = el("div", { class: "scroller" }, this.intro, this.log, this.state);
    // In a page they stand below the box; where the box keeps to the lower edge, above it.
    if (this.links) this.root.replaceChildren(scroller, form, this.examples);
    else {
      this.intro.append(this.examples);
      this.root.replaceChildren(scroller, form);
    }
    this.root.addEventListener("keydown", (event) => this.escape(event));
  }

  /** Offers questions that the documents answer. */
  async offer() {
    let questions = [];
    try {
      questions = await exampleQuestions(this.service, this.links);
    } catch {
      // Examples are a courtesy: a key may not allow them, and asking works without.
    }
    if (!questions.length) return;
    const id = unique("examples");
    this.examples.setAttribute("role", "group");
    this.examples.setAttribute("aria-labelledby", id);
    this.examples.replaceChildren(
      el("p", { id }, "For example:"),
      ...questions.map((question) => el("button", { type: "button", click: () => this.ask(question) }, question)),
    );
  }

  typed(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.ask(this.box.value);
  }

  grow() {
    this.box.rows = Math.min(6, Math.max(1, this.box.value.split("\n").length, Math.ceil(this.box.value.length / 90)));
  }

  escape(event) {
    if (event.key !== "Escape" || !this.opened || this.opened.open === null) return;
    event.stopPropagation();
    this.opened.close();
  }

  emit(name, detail) {
    this.root.dispatchEvent(new CustomEvent(`factdesk:${name}`, { bubbles: true, composed: true, detail }));
  }

  transcript() {
    return { conversation_id: this.conversation, turns: this.turns.map(({ question, answer }) => ({ question, answer })) };
  }

  busy(is) {
    this.send.disabled = is;
    this.log.setAttribute("aria-busy", String(is));
    for (const button of this.root.querySelectorAll(".choices button")) button.disabled = is;
  }

  async ask(asked) {
    const question = asked.trim();
    if (this.pending) return;
    if (!question) {
      this.say("Type a question first.");
      this.box.focus();
      return;
    }
    this.pending = new AbortController();
    this.busy(true);
    this.say("Looking in the documents…", "working");
    let wait = 0;
    try {
      const answer = await this.answered(question, this.pending.signal);
      this.say("");
      this.show(question, answer);
    } catch (error) {
      if (this.pending.signal.aborted) return;
      wait = error.retryAfter ?? 0;
      this.failed(question, error);
    } finally {
      this.pending = null;
      this.busy(false);
      if (wait) this.rest(wait);
    }
  }

  /** The answer of the service. It forgets conversations in time; then it is told what was asked before. */
  async answered(question, signal) {
    const conversation_id = this.conversation;
    try {
      const history = conversation_id ? [] : this.turns.slice(-REMEMBERED).map((turn) => turn.question);
      return await this.service.json("/v1/ask", { body: { question, conversation_id, history }, signal });
    } catch (error) {
      if (error.status !== 404 || !conversation_id) throw error;
      this.conversation = null;
      return this.answered(question, signal);
    }
  }

  /** Once there are answers, the welcome is left to those who have the page read out. */
  started(is) {
    this.intro.classList.toggle("unseen", is);
    this.examples.hidden = is;
  }

  /** No questions for so many seconds: the service said so. */
  rest(seconds) {
    this.send.disabled = true;
    setTimeout(() => {
      if (this.pending === null) this.send.disabled = false;
      this.say("You can ask again now.");
    }, seconds * 1000);
  }

  say(words, style = "") {
    this.state.className = `state ${style}`.trim();
    this.state.replaceChildren(...(words ? [el("p", null, words)] : []));
  }

  failed(question, error) {
    this.say(error.message, "trouble");
    if (!error.retryAfter || error.status !== 429) {
      this.state.append(el("button", { type: "button", click: () => this.ask(question) }, "Try again"));
    }
    if (!this.box.value) this.box.value = question;
  }

  show(question, answer) {
    this.conversation = answer.conversation_id ?? null;
    this.turns.push({ question, answer });
    this.box.value = "";
    this.grow();
    this.started(true);
    // Before the new answer is there, or the page would move when it is closed.
    this.opened?.close();
    this.again.hidden = false;
    const { element, sources } = answerView(answer, this.service, {
      ask: (chosen) => this.ask(chosen),
      emit: (name, detail) => this.emit(name, detail),
      links: this.links,
      opened: (citation) => {
        if (this.opened && this.opened !== sources) this.opened.close();
        this.opened = sources;
        this.emit("source", citation);
      },
    });
    const turn = el(
      "article",
      { class: "turn", tabindex: "-1", "aria-label": `Answer to: ${oneLine(question, 120)}` },
      el("h2", { class: "question" }, question),
      element,
    );
    this.log.append(turn);
    this.emit("answer", answer);
    // The reader goes on from the answer: Tab leads to its marks and sources.
    turn.focus({ preventScroll: true });
    turn.scrollIntoView({ block: "start", behavior: calm() ? "auto" : "smooth" });
    const first = answer.citations[0];
    if (first && this.root.clientWidth >= BESIDE) sources.show(first.n, null, { focus: false });
  }

  clear({ focus = true } = {}) {
    this.pending?.abort();
    this.opened?.close();
    this.opened = null;
    this.conversation = null;
    this.turns = [];
    this.log.replaceChildren();
    this.say("");
    this.started(false);
    this.again.hidden = true;
    if (focus) this.box.focus();
  }
}
