// Pages with an embed, in the browser.
"use strict";
const { readFileSync } = require("node:fs");
const { bounded, same } = require("./judging.js");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const SCRIPT = "/embed/1/answerable-news.js";

/** Opens a page with an embed, or with this body, and notes what goes wrong in it. */
async function open(world, attributes, more = {}) {
  const { browser, partner, api, integrity } = world;
  const { lang = "en", style, body = `<answerable-news ${attributes}><a href="/news">All news</a></answerable-news>` } = more;
  const [scripts, connect, styles] = [more.scripts ?? api.origin, more.connect ?? api.origin, style ? "'self'" : "'none'"];
  const policy = more.html ? "" : `default-src 'none'; script-src ${scripts}; connect-src ${connect}; style-src ${styles}; `
    + `frame-src ${api.origin}; require-trusted-types-for 'script'; trusted-types 'none'`;
  const script = `<script src="${api.origin}${SCRIPT}" integrity="${more.integrity ?? integrity}" crossorigin="anonymous" ${more.loads ?? "async"}></script>`;
  const html = more.html ?? `<!DOCTYPE html><html lang="${lang}"><head><meta charset="utf-8"><title>A partner</title>`
    + (style ? `<link rel="stylesheet" href="/${style}">` : "") + script.repeat(more.times ?? 1)
    + `</head><body><main><h1>A partner</h1>${body}</main></body></html>`;
  const path = `/${partner.pages.size}`;
  partner.pages.set(path, { html, policy });
  const tab = await browser.newPage();
  const noted = { warnings: [], wrong: [] };
  tab.on("dialog", (dialog) => { noted.wrong.push(`a script of a record runs: ${dialog.message()}`); return dialog.dismiss(); });
  tab.on("pageerror", (error) => noted.wrong.push(`a script fails: ${error}`));
  tab.on("console", (line) => {
    if (line.type() === "warn") noted.warnings.push(line.text());
    const isRefusal = /ERR_EMPTY_RESPONSE|status of 400/.test(line.text()); // of requests that are to fail
    if (line.type() === "error" && !isRefusal) noted.wrong.push(line.text());
  });
  await tab.evaluateOnNewDocument(() => {
    window.violations = [];
    const note = ({ effectiveDirective, blockedURI }) => window.violations.push(`${effectiveDirective} ${blockedURI}`);
    document.addEventListener("securitypolicyviolation", note);
  });
  await tab.emulateTimezone("America/New_York");
  await tab.emulateMediaFeatures([{ name: "prefers-color-scheme", value: more.scheme ?? "light" }]);
  if (more.before) await tab.evaluateOnNewDocument(more.before);
  await tab.goto(partner.origin + path);
  const name = `${attributes ?? "page"} ${JSON.stringify(more).slice(0, 80)}`;
  return { tab, noted, name, ...helpers(tab) };
}

/** What a test does with a page. */
const helpers = (tab) => ({
  /** Waits for a state. It is told by the event, and there may have been one before. */
  reach: (state, index = 0) => bounded(tab.evaluate(async (state, index) => {
    const news = document.querySelectorAll("answerable-news")[index];
    const told = () => new Promise((resolve) => news.addEventListener("answerable-news", resolve, { once: true }));
    while (news.dataset.state !== state) await told();
  }, state, index), `the state ${state}`),
  /** Looks at the page again, which makes the embed ask, and returns what its event tells. */
  refresh: () => bounded(tab.evaluate(() => new Promise((resolve) => {
    document.addEventListener("answerable-news", (event) => resolve(event.detail), { once: true });
    document.dispatchEvent(new Event("visibilitychange"));
  })), "the event after a request"),
  look: (index = 0) => tab.evaluate((index) => {
    const news = document.querySelectorAll("answerable-news")[index];
    const textOf = ({ textContent, href, lang, dir }) => ({ text: textContent, href, lang, dir });
    const texts = (selector) => [...news.querySelectorAll(selector)].map(textOf);
    const [links, times, notes] = [texts("li a"), texts("li time"), texts("p")];
    const { color } = getComputedStyle(news.querySelector("a, p"));
    return {
      links, times, notes, color, display: getComputedStyle(news).display, text: news.textContent,
      state: news.dataset.state, busy: news.getAttribute("aria-busy"), role: news.querySelector("p")?.getAttribute("role"),
      others: news.querySelectorAll(":not(ul, li, a, time, small, p)").length,
    };
  }, index),
});

/** Ends a page: nothing but what was expected went wrong in it. */
async function close({ tab, noted, name }, expected = []) {
  const wrong = [...noted.wrong, ...(await tab.evaluate(() => window.violations))];
  same(wrong.filter((one) => !expected.some((pattern) => pattern.test(one))), [], `${name}: goes wrong`);
  await tab.close();
}

/** Axe finds nothing serious in a page or a frame, and can tell whether its texts are readable. */
async function readable(frame, name) {
  await frame.evaluate(axe);
  const result = await frame.evaluate(() => axe.run(document, { preload: false, iframes: false }));
  const unknown = result.incomplete.filter(({ id }) => id === "color-contrast");
  const serious = [...result.violations, ...unknown].filter(({ impact }) => ["serious", "critical"].includes(impact));
  same(serious.map(({ id, nodes }) => `${id}, ${nodes.length} times: ${nodes[0].html.slice(0, 200)}`), [], `${name}: axe`);
}

module.exports = { close, open, readable, SCRIPT };
