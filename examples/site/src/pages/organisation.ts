// An organisation with its latest news: one request, or a second one if it has published nothing.
import { api, whole, type Schemas } from "../api.js";
import { date } from "../dates.js";
import { html, joined, type Html } from "../html.js";
import { articleList, externalLink, facts, inLanguage, listed, organisationLink } from "../records.js";
import { pathIn, type Page, type Redirect, type Visit } from "../visit.js";
import { movedTo, notShown } from "./problem.js";

type Organisation = Schemas["Organisation"];
type Article = Schemas["Article"];

const LATEST = 10;

export async function organisation(visit: Visit, slug: string): Promise<Page | Redirect> {
  const path = { id: slug };
  const { language: lang } = visit;
  // Each article brings its publishers along as whole records, and this organisation is one of them.
  const query = { lang, limit: LATEST, expand: ["organisation" as const, "co_publishers" as const] };
  const latest = await api.GET("/v1/organisations/{id}/articles", { params: { path, query } });
  if (!latest.data) return notShown(visit, latest.response, latest.error);
  const articles = latest.data.data.map(whole);
  const publisher = publisherOf(articles, slug);
  if (publisher) return show(visit, slug, publisher, articles, latest.response);

  const alone = await api.GET("/v1/organisations/{id}", { params: { path, query: { lang } } });
  if (!alone.data) return notShown(visit, alone.response, alone.error);
  return show(visit, slug, whole(alone.data.data), articles, alone.response);
}

function publisherOf(articles: Article[], idOrSlug: string): Organisation | undefined {
  const isWhole = (publisher: Article["organisation"]): publisher is Organisation => "revision" in publisher;
  return articles
    .flatMap((article) => [article.organisation, ...article.co_publishers])
    .filter(isWhole)
    .find(({ id, slug }) => slug === idOrSlug || id === idOrSlug);
}

function show(visit: Visit, slug: string, record: Organisation, articles: Article[], response: Response): Page | Redirect {
  if (record.slug !== slug) return movedTo(visit, `/organisations/${record.slug}`); // it was asked for by its id
  const addressed = pathIn(visit.language, `/search?type=recommendation&organisation=${record.slug}`);
  return {
    title: record.name,
    description: record.description,
    cacheControl: response.headers.get("Cache-Control"),
    main: html`<h1${inLanguage(visit, record.language)}>${record.name}${record.acronym && ` (${record.acronym})`}</h1>
${record.description && html`<p class="lead">${record.description}</p>`}
${about(visit, record)}
<p><a href="${addressed}">${visit.words.addressed}</a></p>
<h2>${visit.words.latest}</h2>
${articleList(visit, articles)}`,
  };
}

function about(visit: Visit, record: Organisation): Html {
  const { words, language } = visit;
  const { parent, homepage, founded, dissolved } = record;
  const names = record.names.map(({ name, from, until }) =>
    html`${name} (${from && date(language, from)}–${until && date(language, until)})`);
  const other = ({ organisation, on }: Schemas["Succession"]) =>
    html`${organisationLink(visit, organisation)}${on && html` (${date(language, on)})`}`;
  return facts([
    [words.formerNames, names.length > 1 && joined(names, ", ")],
    [words.parent, parent && organisationLink(visit, parent)],
    [words.founded, founded && date(language, founded)],
    [words.dissolved, dissolved && date(language, dissolved)],
    [words.predecessors, listed(record.predecessors.map(other))],
    [words.successors, listed(record.successors.map(other))],
    [words.website, homepage && externalLink(homepage, homepage)],
  ]);
}
