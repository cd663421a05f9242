// The frame of every page.
import { SITE } from "./config.js";
import { html, type Html } from "./html.js";
import { here, pathIn, type Page, type Versions, type Visit } from "./visit.js";
import { WORDS, type Language } from "./words.js";

/** The whole document. */
export function layout(visit: Visit, page: Page): Html {
  const { words } = visit;
  const isPrint = visit.query.has("print");
  const versions = page.versions ?? bothVersions(visit);
  const address = SITE + versions[0].path; // an article's is that of its own language, wherever it is shown
  return html`<!DOCTYPE html>
<html lang="${visit.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${page.title} – ${words.site}</title>
<link rel="stylesheet" href="/style.css">
<link rel="icon" href="/icon.svg" type="image/svg+xml">
${page.isHidden ? html`<meta name="robots" content="noindex">` : aboutThis(visit, page, address, versions)}
</head>
<body>
${!isPrint && header(visit, versions)}
<main id="content">
${page.main}
${isPrint && html`<p>${words.printedFrom} ${address}</p>`}
</main>
${!isPrint && html`<footer><p>${words.about}</p></footer>`}
</body>
</html>
`;
}

/** The page itself, and the same in the other language. */
function bothVersions(visit: Visit): Versions {
  const version = (language: Language) => ({ language, path: here(visit, language, { print: null }) });
  return [version(visit.language), version(otherThan(visit.language))];
}

const otherThan = (language: Language): Language => (language === "en" ? "cy" : "en");

/** What search engines and sites that people share a link on want to know. */
function aboutThis(visit: Visit, page: Page, address: string, versions: Versions): Html {
  const locales: Record<string, string> = { en: "en_GB", cy: "cy_GB" };
  return html`<link rel="canonical" href="${address}">
${versions.map(({ language, path }) => html`<link rel="alternate" hreflang="${language}" href="${SITE + path}">
`)}<meta property="og:site_name" content="${visit.words.site}">
<meta property="og:title" content="${page.title}">
<meta property="og:url" content="${address}">
<meta property="og:locale" content="${locales[versions[0].language] ?? versions[0].language}">
${page.description && html`<meta name="description" content="${page.description}">
<meta property="og:description" content="${page.description}">`}
${page.head}`;
}

function header(visit: Visit, versions: Versions): Html {
  const { words, language } = visit;
  const other = otherThan(language);
  const version = versions.find((candidate) => candidate.language === other);
  const current = (path: string) => visit.path === path && html` aria-current="page"`;
  return html`<a class="skip" href="#content">${words.skip}</a>
<header>
<a class="site" href="${pathIn(language, "/")}">${words.site}</a>
<nav aria-label="${words.menu}">
<a href="${pathIn(language, "/")}"${current("/")}>${words.home}</a>
<a href="${pathIn(language, "/search")}"${current("/search")}>${words.search}</a>
<a href="${version?.path ?? here(visit, other)}" lang="${other}" hreflang="${other}">${WORDS[other].languageName}</a>
</nav>
</header>`;
}
