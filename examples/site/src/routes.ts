// Which page an address leads to.
import { article } from "./pages/article.js";
import { home } from "./pages/home.js";
import { organisation } from "./pages/organisation.js";
import { problemPage } from "./pages/problem.js";
import { report } from "./pages/report.js";
import { search } from "./pages/search.js";
import type { Page, Redirect, Visit } from "./visit.js";

// The patterns let no other path of the API be reached than that of a record.
const ROUTES: [path: RegExp, page: (visit: Visit, slug: string) => Promise<Page | Redirect>][] = [
  [/^\/$/, home],
  [/^\/news\/([\w-]+)$/, article],
  [/^\/organisations\/([\w-]+)$/, organisation],
  [/^\/reports\/([\w-]+)$/, report],
  [/^\/search$/, search],
];

export async function find(visit: Visit): Promise<Page | Redirect> {
  for (const [path, page] of ROUTES) {
    const match = path.exec(visit.path);
    if (match) return page(visit, match[1] ?? "");
  }
  return problemPage(visit, 404);
}
