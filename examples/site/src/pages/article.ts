// An article: one request, also for the preview of a draft and for the notice of a withdrawn one.
import { api, whole, type Schemas } from "../api.js";
import { SITE } from "../config.js";
import { date } from "../dates.js";
import { attachmentList, figure } from "../files.js";
import { html, joined, type Html } from "../html.js";
import { articlePath, body, facts, inLanguage, listed, notice, origin } from "../records.js";
import { organisationLink, reportLink, topicLink } from "../records.js";
import { here, pathIn, type Page, type Redirect, type Versions, type Visit } from "../visit.js";
import { movedTo, notShown } from "./problem.js";

type Article = Schemas["Article"];

export async function article(visit: Visit, slug: string): Promise<Page | Redirect> {
  const preview = visit.query.get("preview") ?? undefined;
  // Whole recommendations name their reports, which their links need.
  const query = { lang: visit.language, preview, expand: ["recommendations" as const] };
  const { data: item, error, response } = await api.GET("/v1/articles/{id}", { params: { path: { id: slug }, query } });
  if (!item) return notShown(visit, response, error);
  const record = whole(item.data);
  if (record.slug !== slug && !preview) return movedTo(visit, `/news/${record.slug}`); // it was asked for by its id
  return {
    title: record.headline,
    description: record.summary ?? record.excerpt,
    head: openGraph(record),
    versions: versionsOf(record),
    isHidden: preview !== undefined || record.state === "withdrawn",
    cacheControl: response.headers.get("Cache-Control"), // of a preview, it says that nobody may keep it
    main: show(visit, record),
  };
}

/** The article and its versions in other languages, each with its page. */
function versionsOf(record: Article): Versions {
  const others = [...record.translations, ...(record.translation_of ? [record.translation_of] : [])];
  const version = (one: { slug: string; language: string }) => ({ language: one.language, path: articlePath(one) });
  return [version(record), ...others.map(version)];
}

/** The members that layout.ts does not know; see https://ogp.me. */
function openGraph(record: Article): Html {
  const image = record.images.find(({ role }) => role === "lead");
  return html`<meta property="og:type" content="article">
<meta property="article:published_time" content="${record.published_at}">
<meta property="article:modified_time" content="${record.updated_at}">
<meta property="article:author" content="${SITE}/organisations/${record.organisation.slug}">
${record.topics.map(({ name }) => html`<meta property="article:tag" content="${name}">
`)}${image && html`<meta property="og:image" content="${image.url}">
<meta property="og:image:alt" content="${image.alt}">`}`;
}

function show(visit: Visit, record: Article): Html {
  const { words } = visit;
  const lead = record.images.find(({ role }) => role === "lead");
  const publishers = [record.organisation, ...record.co_publishers].map((publisher) => organisationLink(visit, publisher));
  const isPreview = record.state !== "withdrawn" && visit.query.has("preview");
  const printable = here(visit, visit.language, { print: "" });
  return html`<article>
<h1${inLanguage(visit, record.language)}>${record.headline}</h1>
<p class="facts">${words.by} ${listed(publishers)} · ${when(visit, record)}</p>
${isPreview && html`<p class="notice">${words.preview}</p>`}
${record.withdrawal && notice(visit, record.withdrawal)}
${record.summary && html`<p class="lead"${inLanguage(visit, record.language)}>${record.summary}</p>`}
${lead && figure(visit, lead)}
${body(visit, record.body_html, record.language)}
${record.images.filter((image) => image !== lead).map((image) => figure(visit, image))}
${statements(visit, record.statements)}
${attachmentList(visit, record.attachments)}
${corrections(visit, record.corrections)}
${origin(visit, record, record.original_url)}
</article>
${related(visit, record)}
${!visit.query.has("print") && html`<p class="screen-only"><a href="${printable}">${words.print}</a></p>`}`;
}

function when(visit: Visit, { published_at, updated_at }: Article): Html {
  const isChanged = updated_at.slice(0, 10) > published_at.slice(0, 10);
  const changed = html` · ${visit.words.updated} ${date(visit.language, updated_at)}`;
  return html`${date(visit.language, published_at)}${isChanged && changed}`;
}

function statements(visit: Visit, quoted: Schemas["Statement"][]): Html {
  return html`${quoted.length > 0 && html`<section><h2>${visit.words.statements}</h2>${quoted.map((statement) => {
    const { text, speaker, office, organisation } = statement;
    const who = [speaker, office].filter((part) => part !== undefined).map((part) => html`${part}`);
    if (organisation) who.push(organisationLink(visit, organisation));
    return html`<figure class="statement"><blockquote>${text}</blockquote><figcaption>${joined(who, ", ")}</figcaption></figure>`;
  })}</section>`}`;
}

function corrections(visit: Visit, made: Schemas["Correction"][]): Html {
  const { words, language } = visit;
  const texts = ({ before, after }: Schemas["Correction"]) => facts([
    [words.before, before && html`<del>${before}</del>`],
    [words.after, after && html`<ins>${after}</ins>`],
  ]);
  return html`${made.length > 0 && html`<section><h2>${words.corrections}</h2><ul>${made.map((correction) => html`
<li>${date(language, correction.at)}: ${correction.note} ${texts(correction)}</li>`)}</ul></section>`}`;
}

/** What it is about, and its versions in other languages. */
function related(visit: Visit, record: Article): Html {
  const { words } = visit;
  const recommendations = record.recommendations.flatMap((recommendation) => {
    if (!("report" in recommendation)) return [];
    const path = pathIn(visit.language, `/reports/${recommendation.report.slug}#${recommendation.slug}`);
    return [html`<a href="${path}">${recommendation.number}</a>`];
  });
  const languages = new Intl.DisplayNames(visit.language, { type: "language" });
  const versions = versionsOf(record).slice(1).map(({ language, path }) =>
    html`<a href="${path}" hreflang="${language}">${languages.of(language)}</a>`);
  return facts([
    [words.topics, listed(record.topics.map((topic) => topicLink(visit, topic)))],
    [words.reports, listed(record.reports.map((report) => reportLink(visit, report)))],
    [words.recommendations, listed(recommendations)],
    [words.otherLanguages, listed(versions)],
  ]);
}
