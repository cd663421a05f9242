// What is shown in place of a record: its new address, that it is gone, or what went wrong.
import type { Schemas } from "../api.js";
import { html } from "../html.js";
import { pathIn, type Page, type Redirect, type Visit } from "../visit.js";

/** The collections of the API, and where this site shows their records. */
const FOLDERS: Record<string, string> = { articles: "news", organisations: "organisations", reports: "reports" };

/** What a page answers when the API has not answered with data. */
export function notShown(visit: Visit, response: Response, problem: Schemas["Problem"] | undefined): Page | Redirect {
  return moved(visit, response) ?? problemPage(visit, response.status, problem);
}

/** The page of a record whose slug has changed, with the query of this one. */
function moved(visit: Visit, response: Response): Redirect | undefined {
  if (response.status !== 308) return undefined;
  const [, collection = "", slug] = /\/v1\/([a-z-]+)\/([\w-]+)/.exec(response.headers.get("Location") ?? "") ?? [];
  const folder = FOLDERS[collection];
  return folder && slug ? movedTo(visit, `/${folder}/${slug}`) : undefined;
}

export function movedTo(visit: Visit, path: string): Redirect {
  return { redirect: pathIn(visit.language, path) + (visit.query.size > 0 ? `?${visit.query}` : "") };
}

/** An error with the status of the API's answer, and what it said. */
export function problemPage(visit: Visit, status: number, problem?: Schemas["Problem"]): Page {
  const { words } = visit;
  const titles: Record<number, string> = { 404: words.notFound, 410: words.gone, 451: words.gone };
  const isOurs = status < 400 || status >= 500; // the API's failure, or an answer that this site does not know
  const title = titles[status] ?? (isOurs ? words.unavailable : words.refused);
  const details = [problem?.detail, ...(problem?.errors ?? []).map(({ detail }) => detail)].filter((detail) => detail);
  const text = status === 404 ? words.notFoundText : words.unavailableText;
  return {
    status: isOurs ? 503 : status,
    title,
    isHidden: true,
    main: html`<h1>${title}</h1>
${status === 404 || isOurs ? html`<p>${text}</p>` : details.map((detail) => html`<p lang="en">${detail}</p>`)}
<p><a href="${pathIn(visit.language, "/")}">${words.home}</a></p>`,
  };
}
