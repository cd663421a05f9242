// The latest news: one request.
import { api, cursorOf, whole } from "../api.js";
import { html, type Html } from "../html.js";
import { articleList } from "../records.js";
import { here, type Page, type Redirect, type Visit } from "../visit.js";
import { notShown } from "./problem.js";

const ON_A_PAGE = 15;

export async function home(visit: Visit): Promise<Page | Redirect> {
  const cursor = visit.query.get("cursor") ?? undefined;
  const query = { limit: ON_A_PAGE, lang: visit.language, cursor };
  const { data: list, error, response } = await api.GET("/v1/articles", { params: { query } });
  if (!list) return notShown(visit, response, error);
  return {
    title: visit.words.latest,
    description: visit.words.about,
    cacheControl: response.headers.get("Cache-Control"),
    isHidden: cursor !== undefined,
    main: html`<h1>${visit.words.latest}</h1>
<h2 class="unseen">${visit.words.home}</h2>
${articleList(visit, list.data.map(whole))}
${paging(visit, list.page, visit.words.newer, visit.words.older)}`,
  };
}

/** Links to the pages before and after this one, if there are any. */
export function paging(visit: Visit, page: { prev?: string; next?: string }, previous: string, next: string): Html {
  const links = [
    { cursor: cursorOf(page.prev), rel: "prev", text: previous },
    { cursor: cursorOf(page.next), rel: "next", text: next },
  ].filter(({ cursor }) => cursor !== null);
  if (links.length === 0) return html``;
  return html`<nav class="paging" aria-label="${visit.words.paging}">${links.map(({ cursor, rel, text }) => html`
<a rel="${rel}" href="${here(visit, visit.language, { cursor })}">${text}</a>`)}</nav>`;
}
