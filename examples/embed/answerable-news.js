// The latest news of an organisation, for any page: <answerable-news organisation="iopc" api="http://127.0.0.1:8080">.
// No dependencies. Words from elsewhere are only ever text, and links only ever http or https. See README.md.
"use strict";

class AnswerableNews extends HTMLElement {
  static observedAttributes = ["organisation", "api", "limit"];

  // how long a list is shown when the API cannot be asked, in milliseconds: what was withdrawn must not stay for ever
  static LONGEST = 10 * 60 * 1000;

  #timer;
  #tag = null;
  #shownAt = null;
  #asking = null;
  #isDue = false;

  connectedCallback() {
    document.addEventListener("visibilitychange", this.#onVisible);
    this.#beginSoon();
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this.#onVisible);
    this.#stop();
  }

  attributeChangedCallback() {
    if (this.isConnected) this.#beginSoon();
  }

  // Once, when all attributes are there.
  #beginSoon() {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      if (this.isConnected) this.#begin();
    });
  }

  #onVisible = () => {
    if (!document.hidden && this.hasAttribute("organisation")) this.#ask();
  };

  #begin() {
    this.#stop();
    this.#tag = this.#shownAt = null;
    if (!this.hasAttribute("organisation")) {
      this.#show("error", "The news cannot be shown: no organisation is named");
      return;
    }
    this.#show("loading", "Loading\u2026");
    this.#ask();
  }

  #stop() {
    clearTimeout(this.#timer);
    this.#asking?.abort();
    this.#asking = null;
  }

  get #address() {
    const address = new URL("/v1/articles", this.getAttribute("api") ?? location.origin);
    address.searchParams.set("organisation", this.getAttribute("organisation"));
    address.searchParams.set("limit", this.getAttribute("limit") ?? "5");
    address.searchParams.set("fields", "id,headline,published_at,language,original_url,attribution");
    return address;
  }

  // Asks whether the list is another one, shows it if it is, and comes back later.
  async #ask() {
    this.#stop();
    const asking = (this.#asking = new AbortController());
    try {
      const headers = this.#tag === null ? {} : { "If-None-Match": this.#tag };
      const answer = await fetch(this.#address, {
        headers, cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer", signal: asking.signal,
      });
      if (answer.status === 304) {
        this.#shownAt = Date.now();
      } else {
        const body = await answer.json();
        if (!answer.ok) throw new Error(body.errors?.[0]?.detail ?? body.detail ?? `Status ${answer.status}`);
        this.#list(body.data);
        this.#tag = answer.headers.get("ETag");
        this.#shownAt = Date.now();
      }
    } catch (error) {
      if (asking.signal.aborted) return;
      const isOld = this.#shownAt === null || Date.now() - this.#shownAt > AnswerableNews.LONGEST;
      if (isOld) {
        this.#tag = null;
        this.#show("error", `The news cannot be shown: ${error.message}`);
      }
    }
    const seconds = Math.max(1, Number(this.getAttribute("refresh")) || 60);
    // a page that nobody looks at asks again when it is looked at
    this.#timer = setTimeout(() => document.hidden || this.#ask(), seconds * 1000);
  }

  #list(articles) {
    if (articles.length === 0) {
      this.#show("empty", "There is no news.");
      return;
    }
    const list = document.createElement("ul");
    list.append(...articles.map((article) => this.#item(article)));
    this.#state("ready", list);
  }

  #item(article) {
    const item = document.createElement("li");
    item.lang = article.language;
    const link = document.createElement("a");
    link.textContent = article.headline;
    link.href = this.#link(article);
    link.rel = "noopener noreferrer";
    const time = document.createElement("time");
    time.dateTime = article.published_at;
    time.textContent = new Date(article.published_at).toLocaleDateString(document.documentElement.lang || undefined, {
      dateStyle: "long", timeZone: "Europe/London",
    });
    item.append(link, " ", time);
    if (article.attribution) {
      const attribution = document.createElement("small");
      attribution.textContent = article.attribution;
      item.append(" ", attribution);
    }
    return item;
  }

  // Where its publisher has it, or else the record.
  #link(article) {
    const given = URL.canParse(article.original_url ?? "") ? new URL(article.original_url) : null;
    if (given !== null && ["http:", "https:"].includes(given.protocol)) return given.href;
    return new URL(`/v1/articles/${article.id}`, this.#address).href;
  }

  #show(state, words) {
    const note = document.createElement("p");
    note.setAttribute("role", state === "error" ? "alert" : "status");
    note.textContent = words;
    this.#state(state, note);
  }

  #state(state, content) {
    this.dataset.state = state;
    this.setAttribute("aria-busy", String(state === "loading"));
    this.replaceChildren(content);
    this.dispatchEvent(new CustomEvent("answerable-news", { bubbles: true, detail: { state } }));
  }
}

customElements.define("answerable-news", AnswerableNews);
