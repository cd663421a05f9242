// What the element does: its states, languages, requests and lists. Each function is one part of the checks.
"use strict";
const { article, articlesOf, check, longDate, OFFICE, PATIENCE, same, textsOf } = require("./judging.js");
const { close, open, readable } = require("./pages.js");

const ELEVEN_MINUTES = 660_000;

// What visitors read, said a second time.
const WORDS = {
  en: { loading: "Loading the news…", empty: "No news yet.", error: "The news is not available at the moment." },
  cy: { loading: "Yn llwytho’r newyddion…", empty: "Dim newyddion eto.", error: "Nid yw’r newyddion ar gael ar hyn o bryd." },
};

/** Every state, in both languages, on light and dark pages. */
async function checkStates(world) {
  const articles = { ready: null, empty: null, loading: "held", error: "down" };
  for (const language of ["en", "cy"]) for (const scheme of ["light", "dark"]) for (const [state, how] of Object.entries(articles)) {
    world.api.articles = how;
    const organisation = state === "empty" ? "example-vale-police" : OFFICE;
    const page = await open(world, `organisation="${organisation}" language="${language}" limit="3"`, { scheme, style: "plain.css" });
    await page.reach(state);
    const name = `${state}, ${language}, ${scheme}`;
    const { notes, links, busy, role, display } = await page.look();
    same(busy, String(state === "loading"), `${name}: aria-busy`);
    same(display, "block", `${name}: display`);
    const note = { text: WORDS[language][state], lang: language, dir: "ltr" };
    same(notes, state === "ready" ? [] : [note], `${name}: the sentence`);
    same(role, state === "ready" ? undefined : "status", `${name}: role`);
    check((links.length > 0) === (state === "ready"), `${name}: ${links.length} links`);
    same(page.noted.warnings.length, state === "error" ? 1 : 0, `${name}: warnings ${page.noted.warnings}`);
    const isTold = /cannot be reached.*connect-src/.test(page.noted.warnings);
    same(isTold, state === "error", `${name}: whether the console says why`);
    await readable(page.tab, name);
    for (const release of world.api.held.splice(0)) release();
    if (state === "loading") await page.reach("ready");
    const color = await page.tab.$eval("h1", (h1) => getComputedStyle(h1).color);
    same(color, scheme === "dark" ? "rgb(255, 255, 255)" : "rgb(0, 0, 0)", `${name}: the page itself`);
    await close(page);
  }
  world.api.articles = null;
}

/** Which articles there are, and in which language words and dates are. */
async function checkLanguages(world) {
  const listed = (language) => articlesOf(world.base, `organisation=${OFFICE}${language && `&language=${language}`}`);
  const cases = [
    // the attribute, the page, the articles, the dates
    ['language="en"', "cy", "en", "en-GB"], ['language="cy"', "en", "cy", "cy"], ['language="cy-GB"', "en", "cy", "cy"],
    ['language="EN-gb"', "en", "en", "en-GB"], ["", "cy", "", "cy"], ["", "cy-GB", "", "cy"], ["", "en", "", "en-GB"],
    ["", "fr", "", "fr"], ["", "no_tag!", "", "en-GB"], ["", "constructor", "", "en-GB"],
  ];
  for (const [attribute, lang, filter, locale] of cases) {
    const page = await open(world, `organisation="${OFFICE}" limit="100" ${attribute}`, { lang });
    await page.reach("ready");
    const [wanted, { links, times }] = [await listed(filter), await page.look()];
    const name = `${attribute} on a page in ${lang}`;
    same(links.map(({ text, lang }) => [text, lang]), wanted.map(({ headline, language }) => [headline, language]), `${name}: articles`);
    same(textsOf(times), wanted.map((one) => longDate(one.published_at, locale)), `${name}: dates`);
    same([...new Set(times.map(({ lang }) => lang))], [locale], `${name}: language of dates`);
    await close(page);
  }
  const inMonth = (month) => article(`month-${month}`, { published_at: new Date(Date.UTC(2025, month, 30, 23, 30)).toISOString() });
  world.api.articles = [...Array(12).keys()].map(inMonth); // in summer, it is the 31st in London already
  const noWelsh = () => { Intl.DateTimeFormat.supportedLocalesOf = () => []; };
  for (const [lang, before] of [["en"], ["cy"], ["cy", noWelsh]]) {
    const body = `<div lang="${lang}"><answerable-news topic="stalking"></answerable-news></div>`;
    const page = await open(world, "", { lang: "fr", before, body });
    await page.reach("ready");
    const wanted = world.api.articles.map((one) => longDate(one.published_at, lang === "en" ? "en-GB" : "cy"));
    same(textsOf((await page.look()).times), wanted, `the months in ${lang}`);
    await close(page);
  }
  world.api.articles = [];
  const page = await open(world, 'organisation="iopc" language="fr"', { lang: "cy" });
  await page.reach("empty");
  same((await page.look()).notes, [{ text: WORDS.en.empty, lang: "en", dir: "ltr" }], "words for French");
  await close(page);
  world.api.articles = null;
}

/** What is asked, and how: an ETag, and nothing about the visitor. */
async function checkRequests(world) {
  const { api } = world;
  api.asked.length = 0;
  const page = await open(world, `organisation="${OFFICE}" topic="example-custody" language="cy-GB" limit="7"`);
  await page.reach("empty").catch(() => page.reach("ready"));
  const url = new URL(api.asked[0].url, api.origin);
  const names = [...new Set(url.searchParams.keys())];
  const { fields, ...asked } = Object.fromEntries(names.map((name) => [name, url.searchParams.getAll(name)]));
  same(asked, { organisation: [OFFICE], topic: ["example-custody"], language: ["cy-GB", "cy"], limit: ["7"] }, "the parameters");
  check(/headline/.test(fields) && !/body/.test(fields), `asked for ${fields}`);
  for (let repeat = 0; repeat < 2; repeat += 1) {
    const status = api.next();
    await page.tab.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    same(await status, 304, "when nothing has changed");
  }
  for (const name of ["cookie", "referer"]) same(api.asked.filter(({ headers }) => headers[name]).length, 0, `a ${name} is sent`);
  same(api.asked.length, 3, "requests");
  check(/visitor=1/.test(await page.tab.evaluate(() => document.cookie)), "there is no cookie that could be sent");
  await close(page);
}

/** What changes in the list, with the focus on one of its links. */
async function checkRefresh(world) {
  const { api } = world;
  const [a, b, c, d] = ["a", "b", "c", "d"].map((id) => article(id));
  api.articles = [a, b, c];
  const page = await open(world, 'organisation="iopc"');
  await page.reach("ready");
  await page.tab.evaluate(() => {
    window.moves = 0;
    const link = document.querySelectorAll("answerable-news a")[2];
    link.focus();
    document.addEventListener("focusin", () => { window.moves += 1; });
    document.addEventListener("focusout", () => { window.moves += 1; });
  });
  const becomes = async (articles, moves, what) => {
    api.articles = articles;
    const { state, articles: count } = await page.refresh();
    same([state, count], ["ready", articles.length], `${what}: the event`);
    same(textsOf((await page.look()).links), articles.map(({ headline }) => headline), what);
    const focused = await page.tab.evaluate(() => [document.activeElement.textContent, window.moves]);
    same(focused[0], articles.find(({ id }) => id === "c").headline, `${what}: the focus`);
    if (moves !== undefined) same(focused[1], moves, `${what}: how often the focus moved`);
  };
  await becomes([a, c], 0, "one was withdrawn");
  await becomes([d, a, c], 0, "there is a new one");
  await becomes([c, d, a], undefined, "the order is another one");
  await becomes([d, { ...c, headline: "Fictional: c, corrected" }], undefined, "the focused one was corrected");

  api.articles = "down";
  const failed = await page.refresh();
  same([failed.state, failed.articles, /cannot be reached/.test(failed.reason)], ["ready", 2, true], "a request failed: the event");
  same((await page.look()).links.length, 2, "a request failed: the list");
  await page.tab.evaluate((ms) => { const { now } = Date; Date.now = () => now.call(Date) + ms; }, ELEVEN_MINUTES);
  same((await page.refresh()).state, "error", "ten minutes later");
  await page.tab.evaluate(() => {
    window.changes = 0;
    const everything = { attributes: true, childList: true, subtree: true, characterData: true };
    const observer = new MutationObserver((records) => { window.changes += records.length; });
    observer.observe(document.querySelector("answerable-news"), everything);
  });
  await page.refresh();
  same(await page.tab.evaluate(() => window.changes), 0, "what is said again to screen readers");
  same(page.noted.warnings.length, 1, "warnings about one thing");
  api.articles = [a];
  same((await page.refresh()).state, "ready", "when the API is back");
  api.articles = [];
  same((await page.refresh()).state, "empty", "when the last one was withdrawn");
  await close(page);
  api.articles = null;
}

/** When it asks again; long timers are kept by the page, and run when the test says so. */
async function checkTimers(world) {
  const { api } = world;
  const before = () => {
    const [{ setTimeout, clearTimeout, fetch }, timers] = [window, new Set()];
    Object.assign(window, { timers, fetches: 0 });
    window.setTimeout = (work, ms) => {
      if (ms < 5000) return setTimeout(work, ms);
      const timer = { work, ms };
      timers.add(timer);
      return timer;
    };
    window.clearTimeout = (timer) => timers.delete(timer) || clearTimeout(timer);
    window.fetch = (...all) => { window.fetches += 1; return fetch(...all); };
    window.run = () => [...timers].forEach((timer) => { timers.delete(timer); timer.work(); });
    window.hide = (hidden) => Object.defineProperty(document, "hidden", { get: () => hidden, configurable: true });
  };
  const waits = ({ tab }) => tab.evaluate(() => [...window.timers].map(({ ms }) => ms));
  const settled = ({ tab }) => tab.waitForFunction(() => [...window.timers].some(({ ms }) => ms !== 30_000), { timeout: PATIENCE });
  for (const [refresh, ms] of Object.entries({ "": 60_000, 5: 5_000, 90: 90_000, 1: 5_000, x: 60_000, Infinity: 86_400_000 })) {
    const page = await open(world, `organisation="iopc" refresh="${refresh}"`, { before });
    await page.reach("ready");
    await settled(page);
    same(await waits(page), [ms], `refresh="${refresh}"`);
    await page.tab.evaluate(() => { window.hide(true); window.run(); });
    same(await page.tab.evaluate(() => [window.fetches, window.timers.size]), [1, 0], "while nobody looks at the page");
    const asked = api.next();
    await page.tab.evaluate(() => { window.hide(false); document.dispatchEvent(new Event("visibilitychange")); });
    same(await asked, 304, "when somebody looks again");
    await settled(page);
    api.articles = "down";
    const failed = api.next();
    await page.tab.evaluate(() => window.run());
    await failed;
    await settled(page);
    same(await waits(page), [Math.min(ms, 60_000)], `refresh="${refresh}": after a failure`);
    api.articles = null;
    await close(page);
  }
  api.articles = "held";
  const page = await open(world, 'organisation="iopc"', { before });
  await page.reach("loading");
  same(await waits(page), [30_000], "the patience with one request");
  await page.tab.evaluate(() => window.run());
  await page.reach("error");
  api.articles = null;
  await page.tab.evaluate(() => document.querySelector("answerable-news").remove());
  same(await waits(page), [], "timers of an embed that was taken off the page");
  await close(page);
}

/** Texts and links from elsewhere, and texts from right to left. */
async function checkHostile(world) {
  const img = '<img src=x onerror="alert(1)">';
  world.api.articles = [
    article("hostile", { headline: img, attribution: img, original_url: "javascript:alert(2)", page_url: "https://site.example/hostile" }),
    article("no page/../x", { original_url: "data:text/html,x", page_url: "javascript:alert(3)" }),
    article("ar", { headline: "IOPC: تقرير جديد", language: "ar", page_url: "https://site.example/ar" }),
    article("pa", { headline: "ਪੁਲਿਸ", language: "pa" }),
    article("pa-Arab", { headline: "پولیس", language: "pa-Arab" }),
    article("en", { headline: "الشرطة: what the word means" }),
    article("und", { language: "und", headline: "x".repeat(300) }),
  ];
  for (const lang of ["en", "ar"]) {
    const page = await open(world, 'organisation="iopc"', { lang });
    await page.reach("ready");
    const { links, times, others } = await page.look();
    same(links[0].text, img, "a hostile headline");
    same(others, 0, "elements out of a headline");
    const safe = ["https://site.example/hostile", `${world.api.origin}/v1/articles/no%20page%2F..%2Fx`, "https://news.example/ar"];
    same(links.slice(0, 3).map(({ href }) => href), safe, "links");
    const directions = [["ar", "rtl"], ["pa", "ltr"], ["pa-Arab", "rtl"], ["en", "ltr"], ["und", "auto"]];
    same(links.slice(2).map(({ lang, dir }) => [lang, dir]), directions, "directions");
    same([...new Set(times.map(({ dir }) => dir))], [lang === "ar" ? "rtl" : "ltr"], "direction of dates");
    const isolation = await page.tab.$eval("li:nth-child(3) a", (link) => getComputedStyle(link).unicodeBidi);
    same(isolation, "isolate", "a right-to-left headline beside other text");
    const attributed = await page.tab.$eval("small", ({ textContent, lang, dir }) => [textContent, lang, dir]);
    same(attributed, [img, "en", "auto"], "the attribution");
    await page.tab.setViewport({ width: 320, height: 600 });
    const width = await page.tab.evaluate(() => document.documentElement.scrollWidth);
    check(width <= 320, `${width} pixels wide on a screen of 320`);
    await readable(page.tab, `from right to left, ${lang}`);
    await close(page);
  }
  world.api.articles = null;
}

/** What developers do wrong: visitors read one sentence, and the console has the reason. */
async function checkMistakes(world) {
  const unlike = `api="${world.partner.origin}"`;
  const cases = [
    ["", /'organisation' is missing/], ['organisation="nobody"', /400.*no organisation.*nobody/],
    ['organisation="iopc" limit="0"', /limit must be/],
    ['organisation="iopc"', /connect-src/, { connect: "'none'" }, [/connect-src/, /Content Security Policy/, /Fetch API cannot load/]],
    [`organisation="iopc" ${unlike}`, /404|cannot be reached/, { connect: world.partner.origin }, [/404/, /CORS|ERR_FAILED/]],
    ['organisation="iopc" api="http://"', /no address/],
  ];
  for (const [attributes, reason, more, expected] of cases) {
    const page = await open(world, attributes, more);
    await page.reach("error");
    const { text, links } = await page.look();
    same([text, links.length], [WORDS.en.error, 0], `${attributes}: what visitors see`);
    const { warnings } = page.noted;
    check(warnings.length === 1 && reason.test(warnings[0]), `${attributes}: the console says ${warnings}`);
    await close(page, expected);
  }
}

module.exports = { checkStates, checkLanguages, checkRequests, checkRefresh, checkTimers, checkHostile, checkMistakes };
