// An organisation with its latest news: one request.
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
  const { language: lang } = visit;
  // The list has the organisation that it belongs to beside its articles, as `of`.
  const query = { lang, limit: LATEST, expand: ["organisation" as const] };
  const list = await api.GET("/v1/organisations/{id}/articles", { params: { path: { id: slug }, query } });
  if (!list.data) return notShown(visit, list.response, list.error);
  const { data, of: record } = list.data;
  if (!record) throw new Error("the list does not have its organisation");
  return show(visit, slug, record, data.map(whole), list.response);
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
