// The latest news on any page: <answerable-news organisation="iopc" language="cy" limit="5"></answerable-news>.
// No dependencies. Words from elsewhere are only ever text, and links only ever http or https. See docs/embeds.md.
(() => {
  "use strict";

  const SCRIPT = document.currentScript?.src; // later, it is null
  const FIELDS = "id,headline,published_at,language,original_url,page_url,attribution";
  const [SECOND, MINUTE, DAY] = [1000, 60_000, 86_400_000];
  const PATIENCE = 30 * SECOND; // with one request
  // How long a list is shown when the API cannot be asked: what was withdrawn must not stay for ever.
  const LONGEST = 10 * MINUTE;

  // What visitors read, in ASCII: a page may be in any encoding. What developers read is in English, in the console.
  const WORDS = new Map([
    ["en", { loading: "Loading the news\u2026", empty: "No news yet.", error: "The news is not available at the moment." }],
    ["cy", {
      loading: "Yn llwytho\u2019r newyddion\u2026",
      empty: "Dim newyddion eto.",
      error: "Nid yw\u2019r newyddion ar gael ar hyn o bryd.",
    }],
  ]);
  // not every browser has Welsh dates
  const WELSH_MONTHS = "Ionawr Chwefror Mawrth Ebrill Mai Mehefin Gorffennaf Awst Medi Hydref Tachwedd Rhagfyr".split(" ");

  const RIGHT_TO_LEFT = ["Adlm", "Arab", "Hebr", "Mand", "Nkoo", "Rohg", "Samr", "Syrc", "Thaa"];

  // Without specificity, and in a layer: whatever the site says about these elements comes first. Colours are the page's.
  const STYLES = `@layer answerable-news {
    :where(answerable-news) { display: block; }
    :where(answerable-news > ul) { margin-block: 0; padding-inline-start: 1.25em; }
    :where(answerable-news li + li) { margin-block-start: 0.75em; }
    :where(answerable-news a) { color: inherit; overflow-wrap: anywhere; }
    :where(answerable-news :is(time, small)) { display: block; font-size: 0.875em; text-align: match-parent; }
  }`;

  /** Why there is no news, for developers. The console names each kind once. */
  const failure = (kind, sentence) => Object.assign(new Error(sentence), { kind });

  /** What a function returns, or nothing if it throws. */
  function attempt(work) {
    try {
      return work();
    } catch {
      return undefined;
    }
  }

  const primary = (tag) => tag.split(/[-_]/)[0].toLowerCase();

  /** The language of words: English if there are none in this one. */
  const spoken = (tag) => (WORDS.has(primary(tag)) ? primary(tag) : "en");

  /** The language of dates: British English if the browser does not know this one. */
  function dated(tag) {
    if (primary(tag) === "cy") return "cy";
    if (tag.toLowerCase() === "en") return "en-GB";
    return attempt(() => Intl.DateTimeFormat.supportedLocalesOf(tag)[0]) ?? "en-GB";
  }

  /** The day of a time in the United Kingdom, in words. */
  function day(time, locale) {
    const options = { day: "numeric", year: "numeric", timeZone: "Europe/London" };
    if (locale !== "cy") return new Intl.DateTimeFormat(locale, { ...options, month: "long" }).format(time);
    const parts = new Intl.DateTimeFormat("en-GB", { ...options, month: "numeric" }).formatToParts(time);
    const part = (type) => Number(parts.find((one) => one.type === type).value);
    return `${part("day")} ${WELSH_MONTHS[part("month") - 1]} ${part("year")}`;
  }

  /** The direction of a language, and not of the first letter: headlines begin with names in other scripts. */
  function direction(tag) {
    const locale = attempt(() => new Intl.Locale(tag));
    if (!locale || locale.language === "und") return "auto";
    return RIGHT_TO_LEFT.includes(locale.maximize().script) ? "rtl" : "ltr";
  }

  /** The tags under which articles in a language may be filed: `cy-GB` is Welsh too, and `cy` includes it. */
  const filed = (tag) => new Set([tag, primary(tag), `${primary(tag)}-GB`]);

  /** The address, if it is one that a visitor may be led to. */
  function safe(given) {
    const url = attempt(() => new URL(given));
    return ["http:", "https:"].includes(url?.protocol) ? url.href : null;
  }

  const element = (name, members) => Object.assign(document.createElement(name), members);

  /** An article as a list item. Each text has its own language and direction. */
  function itemOf(article, locale, api) {
    const record = new URL(`v1/articles/${encodeURIComponent(article.id)}`, api).href;
    const own = { lang: article.language ?? "", dir: direction(article.language) };
    const link = element("a", {
      ...own,
      textContent: article.headline,
      href: safe(article.original_url) ?? safe(article.page_url) ?? record,
      rel: "noopener noreferrer",
    });
    const time = element("time", {
      lang: locale,
      dir: direction(locale),
      dateTime: article.published_at,
      textContent: day(new Date(article.published_at), locale),
    });
    const item = element("li");
    item.append(link, " ", time);
    if (article.attribution) item.append(" ", element("small", { ...own, dir: "auto", textContent: article.attribution }));
    return item;
  }

  /** The body of an answer, or the failure that it stands for. */
  async function read(answer) {
    const body = await answer.json().catch(() => null);
    const problem = body?.errors?.[0]?.detail ?? body?.detail;
    if (!answer.ok) throw failure("problem", `the API responds with ${answer.status}: ${problem ?? answer.statusText}`);
    if (!Array.isArray(body?.data)) throw failure("answer", `${new URL(answer.url).origin} does not respond like this API`);
    return body.data;
  }

  let sheet; // one for all elements
  function style(root) {
    if (!("adoptedStyleSheets" in root) || root.adoptedStyleSheets.includes(sheet)) return;
    if (!sheet) (sheet = new CSSStyleSheet()).replaceSync(STYLES);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  }

  class AnswerableNews extends HTMLElement {
    static observedAttributes = ["api", "language", "limit", "organisation", "topic"];

    #timer;
    #tag = null; // the ETag of what is shown
    #shownAt = null;
    #asking = null;
    #isDue = false;
    #items = new Map(); // what is shown: id to list item
    #note = element("p"); // the same one for all sentences, so that changes of it are read out
    #warned = new Set();

    connectedCallback() {
      style(this.getRootNode());
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

    /** Once, when all attributes are there, and what is inside of the element, which gives way. */
    #beginSoon() {
      if (this.#isDue) return;
      this.#isDue = true;
      const begin = () => {
        this.#isDue = false;
        if (this.isConnected) this.#begin();
      };
      if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin, { once: true });
      else queueMicrotask(begin);
    }

    #onVisible = () => document.hidden || this.#isDue || this.#ask();

    #begin() {
      this.#tag = this.#shownAt = null;
      this.#warned.clear();
      this.#say("loading");
      this.#ask();
    }

    #stop() {
      clearTimeout(this.#timer);
      this.#asking?.abort();
      this.#asking = null;
    }

    /** The language of words and dates: as asked for, or else that of the page around. */
    get #language() {
      let around;
      for (let node = this; node && !around; node = node.getRootNode().host) around = node.closest("[lang]");
      return this.getAttribute("language") || around?.lang || "en";
    }

    get #api() {
      const given = this.getAttribute("api") || (SCRIPT && new URL("../..", SCRIPT).href);
      const api = attempt(() => new URL(given.replace(/\/?$/, "/"), document.baseURI));
      if (!api) throw failure("attributes", `the attribute 'api' is no address, but ${given || "missing"}`);
      return api;
    }

    get #address() {
      const address = new URL("v1/articles", this.#api);
      const named = ["organisation", "topic"].filter((name) => this.getAttribute(name));
      if (named.length === 0) throw failure("attributes", "the attribute 'organisation' is missing, or 'topic'");
      for (const name of named) address.searchParams.set(name, this.getAttribute(name));
      const language = this.getAttribute("language");
      for (const tag of language ? filed(language) : []) address.searchParams.append("language", tag);
      address.searchParams.set("limit", this.getAttribute("limit") || "5");
      address.searchParams.set("fields", FIELDS);
      return address;
    }

    /** Asks whether the list is another one, shows it if it is, and comes back later. */
    async #ask() {
      this.#stop();
      const asking = (this.#asking = new AbortController());
      const patience = setTimeout(() => asking.abort(), PATIENCE);
      let longest = DAY;
      try {
        const answer = await this.#request(asking.signal);
        const articles = answer.status === 304 ? null : await read(answer);
        if (this.#asking !== asking) return; // another question took its place
        if (articles) this.#show(articles);
        if (articles) this.#tag = answer.headers.get("ETag");
        this.#shownAt = Date.now();
      } catch (error) {
        if (this.#asking !== asking) return;
        this.#fail(error);
        longest = MINUTE;
      } finally {
        clearTimeout(patience);
      }
      const wanted = Math.max(5, Number(this.getAttribute("refresh")) || 60) * SECOND;
      // a page that nobody looks at asks again when it is looked at
      this.#timer = setTimeout(this.#onVisible, Math.min(wanted, longest));
    }

    async #request(signal) {
      const address = this.#address;
      const headers = this.#tag === null ? {} : { "If-None-Match": this.#tag };
      const privately = { cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer" };
      return fetch(address, { headers, signal, ...privately }).catch((error) => {
        const hint = "Is it up, and does connect-src in the page's Content-Security-Policy name it?";
        throw failure("network", `${address.origin} cannot be reached (${error.message}). ${hint}`);
      });
    }

    #fail(error) {
      const { message, kind = "other" } = error;
      if (!this.#warned.has(kind)) console.warn(`<answerable-news>: ${message}`, this);
      this.#warned.add(kind);
      const isRecent = this.#shownAt !== null && Date.now() - this.#shownAt <= LONGEST;
      if (isRecent || this.dataset.state === "error") return this.#tell(message); // visitors see what they saw
      this.#tag = this.#shownAt = null;
      return this.#say("error", message);
    }

    #show(articles) {
      if (articles.length === 0) return this.#say("empty");
      const focused = this.getRootNode().activeElement?.closest("li");
      const focusedId = [...this.#items].find(([, item]) => item === focused)?.[0];
      const locale = dated(this.#language);
      const [before, list] = [this.#items, this.querySelector(":scope > ul") ?? element("ul")];
      this.#items = new Map(articles.map((article) => {
        const [old, item] = [before.get(article.id), itemOf(article, locale, this.#api)];
        return [article.id, old?.isEqualNode(item) ? old : item];
      }));
      arrange(list, [...this.#items.values()]);
      if (!list.isConnected) this.replaceChildren(list);
      const item = this.#items.get(focusedId);
      if (item && !item.matches(":focus-within")) item.querySelector("a").focus({ preventScroll: true });
      return this.#state("ready");
    }

    /** Shows a sentence in place of the list. */
    #say(state, reason) {
      this.#items.clear();
      const language = spoken(this.#language);
      if (this.#note.parentNode !== this) this.replaceChildren(this.#note);
      this.#note.setAttribute("role", "status");
      Object.assign(this.#note, { lang: language, dir: "ltr", textContent: WORDS.get(language)[state] });
      this.#state(state, reason);
    }

    #state(state, reason) {
      this.dataset.state = state;
      this.setAttribute("aria-busy", String(state === "loading"));
      this.#tell(reason);
    }

    /** Tells the page about the state, and why it is not a better one. */
    #tell(reason) {
      const detail = { state: this.dataset.state, articles: this.#items.size, reason };
      this.dispatchEvent(new CustomEvent("answerable-news", { bubbles: true, composed: true, detail }));
    }
  }

  /** Makes the list consist of these items, without touching those that are in their place: one may have the focus. */
  function arrange(list, items) {
    for (const item of [...list.children]) if (!items.includes(item)) item.remove();
    items.forEach((item, index) => {
      if (list.children[index] !== item) list.insertBefore(item, list.children[index] ?? null);
    });
  }

  if (!customElements.get("answerable-news")) customElements.define("answerable-news", AnswerableNews);
})();
