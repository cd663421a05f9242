// What partners have: the served file and its hash, the script tag, their styles, the example, and the frame.
"use strict";
const { readFileSync } = require("node:fs");
const { dirname, join } = require("node:path");
const { article, articlesOf, bounded, check, digest, failures, longDate, OFFICE, same } = require("./judging.js");
const { close, open, readable, SCRIPT } = require("./pages.js");
const { STYLES } = require("./servers.js");

const ROOT = process.env.EMBED_ROOT ?? dirname(dirname(__dirname)); // its docs and example say which hash partners use

/** The files are what the docs say, and may be used from anywhere, for ever. */
async function checkFiles(world) {
  const texts = ["docs/embeds.md", "examples/embed/index.html"].map((path) => readFileSync(join(ROOT, path), "utf8"));
  // the lines of the table, and script tags
  const named = texts.flatMap((text) => [...text.matchAll(/(\/embed\/\d+\/[\w-]+\.js)(?:` \| `|"\s+integrity=")(sha384-[^`"]+)/g)]);
  check(named.length >= 3, `there are only ${named.length} hashes in the docs and the example`);
  for (const [, path, hash] of named) {
    const answer = await fetch(world.base + path);
    const [text, headers] = [await answer.text(), (name) => answer.headers.get(name) ?? ""];
    same(answer.status, 200, path);
    same(hash, `sha384-${digest(text, "sha384")}`, `the hash of ${path}, as the docs say`);
    check(/^(text|application)\/javascript/.test(headers("content-type")), `${path} is ${headers("content-type")}`);
    same(headers("access-control-allow-origin"), "*", `${path}: access-control-allow-origin`);
    check(/\bpublic\b.*max-age=31536000.*\bimmutable\b/.test(headers("cache-control")), `${path} is cached as ${headers("cache-control")}`);
    check(/^[\x00-\x7f]*$/.test(text), `${path} means something else in a page of another encoding`);
  }
  return named.find(([, path]) => path === SCRIPT)[2];
}

/** The script tag, as partners have it. */
async function checkScript(world) {
  const { integrity, api } = world;
  const [one, other] = [`organisation="${OFFICE}" language="cy"`, 'organisation="iopc"'];
  const body = `<answerable-news ${one}></answerable-news><answerable-news ${other}></answerable-news>`;
  const page = await open(world, "", { body, times: 2, scripts: `'${integrity}'` });
  await Promise.all([page.reach("ready", 0), page.reach("ready", 1)]);
  const [first, second] = [await page.look(0), await page.look(1)];
  check(first.links.every(({ lang }) => lang === "cy") && second.links.length === 5, "two embeds on one page");
  same(await page.tab.evaluate(() => document.adoptedStyleSheets.length), 1, "style sheets");
  api.articles = [article("other")];
  await page.tab.evaluate(() => document.querySelector("answerable-news").setAttribute("organisation", "hmicfrs"));
  await page.tab.evaluate(() => document.querySelector("answerable-news").removeAttribute("language"));
  await bounded(page.tab.evaluate(async () => {
    const [news] = document.querySelectorAll("answerable-news");
    const told = () => new Promise((resolve) => news.addEventListener("answerable-news", resolve, { once: true }));
    while (!/other/.test(news.textContent)) await told();
  }), "another organisation");
  api.articles = null;
  await close(page);

  const wrong = await open(world, 'organisation="iopc"', { integrity: `sha384-${digest("another file", "sha384")}` });
  const shown = () => [typeof customElements.get("answerable-news"), document.querySelector("answerable-news").textContent];
  same(await wrong.tab.evaluate(shown), ["undefined", "All news"], "another file");
  check(wrong.noted.wrong.some((line) => /integrity/.test(line)), `another file: the console says ${wrong.noted.wrong}`);
  await close(wrong, [/integrity/]);

  api.articles = "down";
  for (const loads of ["", "async", "defer"]) { // it runs before, while or after the page is read
    const early = await open(world, 'organisation="iopc"', { loads });
    await early.reach("error");
    check(!/All news/.test((await early.look()).text), `with "${loads}", what was inside of the element stays`);
    await close(early);
  }
  api.articles = null;

  const elsewhere = await open(world, `organisation="${OFFICE}" api="${world.base}/"`, { connect: world.base });
  await elsewhere.reach("ready");
  await close(elsewhere);
}

/** The site's own styles come first, and colours are the page's. */
async function checkStyles(world) {
  const styled = async (style, before) => {
    const page = await open(world, `organisation="${OFFICE}"`, { style, before });
    await page.reach("ready");
    return { page, ...(await page.look()) };
  };
  const dark = await styled("dark.css");
  same(dark.color, "rgb(240, 240, 240)", "links on a dark page");
  await readable(dark.page.tab, "a dark page");
  const own = await styled("own.css");
  const display = await own.page.tab.$eval("answerable-news time", (time) => getComputedStyle(time).display);
  same([own.color, display], ["rgb(1, 2, 3)", "inline"], "the site's styles");
  const layered = await styled("layered.css");
  same(layered.color, "rgb(4, 5, 6)", "the styles of a site with layers");
  const inside = await styled("inside.css");
  same(inside.color, "rgb(7, 8, 9)", "the site's styles in the same layer");
  const without = await styled(undefined, () => { delete Document.prototype.adoptedStyleSheets; });
  check(without.links.length > 0, "without adoptedStyleSheets there is no list");
  for (const { page } of [dark, own, layered, inside, without]) await close(page);
}

/** The news as a page in a frame, where scripts are forbidden. */
async function checkFrame(world) {
  const [headings, colors] = [new Set(), new Set()];
  for (const language of ["en", "cy"]) for (const scheme of ["light", "dark"]) {
    const name = `the frame, ${language}, ${scheme}`;
    const path = `/v1/embeds/news?organisation=${OFFICE}&language=${language}`;
    const frame = `<iframe src="${world.api.origin}${path.replace("&", "&amp;")}" title="News" width="600" height="400"></iframe>`;
    const page = await open(world, undefined, { body: frame, scripts: "'none'", scheme, style: "plain.css", lang: language });
    const inside = page.tab.frames().find((one) => one.url() === world.api.origin + path);
    if (!inside) {
      failures.push(`${name}: it is not shown`);
      continue;
    }
    const wanted = await articlesOf(world.base, `organisation=${OFFICE}&language=${language}`);
    const shown = await inside.evaluate(() => ({
      lang: document.documentElement.lang, heading: document.querySelector("main h1")?.textContent, scripts: document.scripts.length,
      links: [...document.querySelectorAll("main li a")].map((link) => link.textContent.trim()),
      times: [...document.querySelectorAll("main time")].map((time) => time.textContent.trim()),
      color: getComputedStyle(document.querySelector("h1")).color,
    }));
    headings.add(shown.heading);
    colors.add(shown.color);
    same([shown.lang, shown.scripts], [language, 0], `${name}: language, scripts`);
    same(shown.links, wanted.map(({ headline }) => headline), `${name}: links`);
    same(shown.times, wanted.map((one) => longDate(one.published_at, language === "en" ? "en-GB" : "cy")), `${name}: dates`);
    await readable(inside, name);
    await close(page, [/script-src/, /Content Security Policy/]); // of the script tag on the page
  }
  check(headings.size === 2 && !headings.has(undefined), `the headings of the frame are ${[...headings]}`);
  check(colors.size === 2, `the colours of the frame are the same on light and dark pages: ${[...colors]}`);
}

/** The example, with the address of this API. */
async function checkExample(world) {
  const folder = join(ROOT, "examples/embed");
  const html = readFileSync(join(folder, "index.html"), "utf8").replaceAll("http://127.0.0.1:8080", world.api.origin);
  STYLES["style.css"] = readFileSync(join(folder, "style.css"), "utf8");
  for (const scheme of ["light", "dark"]) {
    const page = await open(world, "the example", { html, scheme });
    for (const [index, language] of ["en", "cy"].entries()) {
      await page.reach("ready", index);
      const { links } = await page.look(index);
      check(links.length > 0 && links.every(({ lang }) => lang === language), `the example: ${links.length} links in ${language}`);
    }
    await readable(page.tab, `the example, ${scheme}`);
    await close(page);
  }
}

module.exports = { checkExample, checkFiles, checkFrame, checkScript, checkStyles };
