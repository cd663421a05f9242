// A report with its matrix: two requests at once.
import { api, whole, type Schemas } from "../api.js";
import { date } from "../dates.js";
import { attachmentList, figure } from "../files.js";
import { html, joined, type Html } from "../html.js";
import { matrix } from "../matrix.js";
import { facts, inLanguage, listed, notice, organisationLink, origin } from "../records.js";
import { type Page, type Redirect, type Visit } from "../visit.js";
import { movedTo, notShown } from "./problem.js";

type Report = Schemas["Report"];
type Coverage = Schemas["Coverage"];

export async function report(visit: Visit, slug: string): Promise<Page | Redirect> {
  const path = { id: slug };
  const lang = visit.language;
  const preview = visit.query.get("preview") ?? undefined;
  const [item, coverage] = await Promise.all([
    api.GET("/v1/reports/{id}", { params: { path, query: { lang, preview } } }),
    api.GET("/v1/reports/{id}/coverage", { params: { path, query: { lang, preview } } }),
  ]);
  if (!item.data) return notShown(visit, item.response, item.error);
  if (!coverage.data) return notShown(visit, coverage.response, coverage.error);
  const record = whole(item.data.data);
  if (record.slug !== slug && !preview) return movedTo(visit, `/reports/${record.slug}`); // it was asked for by its id
  return {
    title: record.title,
    description: record.summary,
    isHidden: preview !== undefined || record.state === "withdrawn",
    // The matrix changes more often: also when a deadline passes.
    cacheControl: coverage.response.headers.get("Cache-Control"),
    main: show(visit, record, coverage.data.data, preview !== undefined),
  };
}

function show(visit: Visit, record: Report, coverage: Coverage, isPreview: boolean): Html {
  const { words } = visit;
  return html`<article>
<h1${inLanguage(visit, record.language)}>${record.title}</h1>
${isPreview && html`<p class="notice">${words.preview}</p>`}
${record.withdrawal && notice(visit, record.withdrawal)}
${record.summary && html`<p class="lead"${inLanguage(visit, record.language)}>${record.summary}</p>`}
${about(visit, record)}
${record.images.map((image) => figure(visit, image))}
${attachmentList(visit, record.attachments)}
${coverage.columns.length > 0 && html`${recommendations(visit, coverage.columns)}${matrix(visit, coverage)}`}
${origin(visit, record, record.source_url, record.archived_url)}
</article>`;
}

function about(visit: Visit, record: Report): Html {
  const { words } = visit;
  const numbers = record.reference_numbers.map(({ value }) => html`${value}`);
  return facts([
    [words.publishers, listed(record.publishers.map((publisher) => organisationLink(visit, publisher)))],
    [words.published, date(visit.language, record.published_on)],
    [words.complainant, record.complainant_body && organisationLink(visit, record.complainant_body)],
    [words.legalBasis, record.legal_basis],
    [words.references, numbers.length > 0 && joined(numbers, ", ")],
  ]);
}

/** Each has its slug as its anchor, which search results and articles link to. */
function recommendations(visit: Visit, columns: Coverage["columns"]): Html {
  const { words } = visit;
  return html`<section><h2>${words.recommendations}</h2><dl class="recommendations">${columns.map((column) => html`
<dt id="${column.slug}">${words.recommendation} ${column.number}${column.is_priority && ` (${words.priority})`}</dt>
<dd>${column.text}${column.withdrawal && notice(visit, column.withdrawal)}</dd>`)}</dl></section>`;
}
