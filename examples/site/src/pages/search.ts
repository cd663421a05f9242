// A search with facets: one request. It is a plain form, so that every selection has an address.
import { api, type Schemas } from "../api.js";
import { date } from "../dates.js";
import { html, joined, trusted, type Html } from "../html.js";
import { articlePath, inLanguage, organisationLink } from "../records.js";
import { pathIn, type Page, type Redirect, type Visit } from "../visit.js";
import { VOCABULARY } from "../vocabulary.js";
import { facetList, FACETS } from "./facets.js";
import { paging } from "./home.js";
import { notShown } from "./problem.js";

type Hits = Schemas["Hits"];
type Hit = Schemas["Hit"];

const ON_A_PAGE = 10;

export async function search(visit: Visit): Promise<Page | Redirect> {
  const cursor = visit.query.get("cursor") ?? undefined;
  const filters = Object.fromEntries(FACETS.map((name) => [name, visit.query.getAll(name)]));
  const q = visit.query.get("q")?.trim() || undefined;
  const query = { q, ...filters, lang: visit.language, facet: [...FACETS], limit: ON_A_PAGE, cursor, count: cursor ? undefined : ("exact" as const) };
  const { data: hits, error, response } = await api.GET("/v1/search", { params: { query } });
  if (response.status === 308) return renamed(visit, response);
  // A mistake in the words or filters leaves the form as it was, so that it can be put right.
  if (!hits && response.status !== 400) return notShown(visit, response, error);
  return {
    status: hits ? 200 : 400,
    title: q ? `${visit.words.search}: ${q}` : visit.words.search,
    isHidden: true,
    cacheControl: response.headers.get("Cache-Control"),
    main: form(visit, hits, error),
  };
}

/** A filter names a record by a former slug: the same search with the new one. */
function renamed(visit: Visit, response: Response): Redirect {
  const asked = new URL(response.headers.get("Location") ?? "", response.url).searchParams;
  const query = new URLSearchParams([...asked].filter(([name]) => ["q", "cursor", ...FACETS].includes(name)));
  return { redirect: `${pathIn(visit.language, "/search")}?${query}` };
}

function form(visit: Visit, hits: Hits | undefined, problem: Schemas["Problem"] | undefined): Html {
  const { words } = visit;
  const mistakes = (problem?.errors ?? []).map(({ detail }) => html`<p class="notice" lang="en">${detail}</p>`);
  return html`<h1>${words.search}</h1>
<form action="${pathIn(visit.language, "/search")}">
<p class="words"><label for="q">${words.query}</label>
<input id="q" name="q" type="search" value="${visit.query.get("q")}"> <button>${words.search}</button></p>
<div class="columns">
<div>${hits ? results(visit, hits) : mistakes}</div>
<div class="facets"><h2>${words.filters}</h2>
${FACETS.map((name) => facetList(visit, name, hits?.facets?.find((facet) => facet.name === name)))}
<p><button>${words.filter}</button></p></div>
</div>
</form>`;
}

function results(visit: Visit, { data, page, has_all_words }: Hits): Html {
  const { words } = visit;
  if (data.length === 0) return html`<p>${words.noResults}</p>`;
  return html`<h2 class="unseen">${words.results(page.count ?? data.length)}</h2>
${page.count !== undefined && html`<p class="facts">${words.results(page.count)}</p>`}
${!has_all_words && html`<p class="notice">${words.notAllWords}</p>`}
<ol class="news">${data.map((hit) => result(visit, hit))}</ol>
${paging(visit, page, words.previous, words.next)}`;
}

function result(visit: Visit, hit: Hit): Html {
  const { language, organisation, published_at, published_on } = hit;
  const kind = VOCABULARY[visit.language].types[hit.type] ?? hit.type;
  const day = published_at ?? published_on;
  const about = [html`${kind}`];
  if (day) about.push(date(visit.language, day));
  if (organisation) about.push(organisationLink(visit, organisation));
  return html`<li>
<h3${inLanguage(visit, hit.title_language ?? language)}><a href="${pathOf(visit, hit)}">${hit.title_html ? trusted(hit.title_html) : hit.title}</a></h3>
<p class="facts">${joined(about, " · ")}</p>
${hit.extract_html && html`<p${inLanguage(visit, language)}>${trusted(hit.extract_html)}</p>`}
</li>`;
}

/** Recommendations and responses are shown on the page of their report. */
function pathOf(visit: Visit, { type, slug, language, report }: Hit): string {
  if (type === "article") return articlePath({ slug, language: language ?? visit.language });
  if (type === "organisation") return pathIn(visit.language, `/organisations/${slug}`);
  const anchor = type === "recommendation" ? `#${slug}` : "";
  return pathIn(visit.language, `/reports/${report?.slug ?? slug}${anchor}`);
}
