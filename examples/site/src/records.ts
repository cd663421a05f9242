// How records are shown wherever they are mentioned.
import type { Reference, Schemas } from "./api.js";
import { date } from "./dates.js";
import { html, joined, trusted, type Html } from "./html.js";
import { pathIn, type Visit } from "./visit.js";

type Article = Schemas["Article"];

/** `lang` for a text in another language than the page. */
export function inLanguage(visit: Visit, language: string | undefined): Html | false {
  return language !== undefined && language !== visit.language && html` lang="${language}"`;
}

export function organisationLink(visit: Visit, { slug, name, language }: Reference): Html {
  return html`<a href="${pathIn(visit.language, `/organisations/${slug}`)}"${inLanguage(visit, language)}>${name}</a>`;
}

export function reportLink(visit: Visit, { slug, title, language }: Schemas["TitleReference"]): Html {
  return html`<a href="${pathIn(visit.language, `/reports/${slug}`)}"${inLanguage(visit, language)}>${title}</a>`;
}

/** A topic has no page of its own: it leads to the news on it. */
export function topicLink(visit: Visit, { slug, name, language }: Reference): Html {
  return html`<a href="${pathIn(visit.language, `/search?topic=${slug}`)}"${inLanguage(visit, language)}>${name}</a>`;
}

/** An article is read in its own language: its page is in that one, if the site has it. */
export function articlePath({ slug, language }: { slug: string; language: string }): string {
  return pathIn(language, `/news/${slug}`);
}

/** News, without what readers of this language can read in a version of their own. */
export function articleList(visit: Visit, articles: Article[]): Html {
  const shown = articles.filter(({ language, translations, translation_of }) => {
    const isElsewhere = [...translations, ...(translation_of ? [translation_of] : [])];
    return language === visit.language || !isElsewhere.some((version) => version.language === visit.language);
  });
  if (shown.length === 0) return html`<p>${visit.words.noNews}</p>`;
  return html`<ul class="news">${shown.map((article) => html`
<li>
<h3${inLanguage(visit, article.language)}><a href="${articlePath(article)}">${article.headline}</a></h3>
<p class="facts">${date(visit.language, article.published_at)} · ${organisationLink(visit, article.organisation)}</p>
<p${inLanguage(visit, article.language)}>${article.summary ?? article.excerpt}</p>
</li>`)}</ul>`;
}

/** A list of terms, without those that nothing is known of. */
export function facts(rows: [term: string, fact: Html | string | false | undefined][]): Html {
  const known = rows.filter(([, fact]) => fact);
  return html`${known.length > 0 && html`<dl>${known.map(([term, fact]) => html`<dt>${term}</dt><dd>${fact}</dd>`)}</dl>`}`;
}

/** Links one after the other, or nothing. */
export function listed(links: Html[]): Html | false {
  return links.length > 0 && joined(links, ", ");
}

export function externalLink(url: string, text: string): Html {
  return html`<a href="${url}" rel="external">${text}</a>`;
}

/** Where the text comes from, and on which terms. */
export function origin(visit: Visit, record: Pick<Article, "attribution" | "licence">, url?: string, archived?: string): Html {
  const { words } = visit;
  const { attribution, licence } = record;
  return html`<div class="origin">
${attribution && html`<p>${attribution}</p>`}
${url && html`<p>${externalLink(url, words.source)}</p>`}
${archived && html`<p>${externalLink(archived, words.archived)}</p>`}
${licence && html`<p>${words.licence}: ${/^https?:/.test(licence) ? externalLink(licence, licence) : licence}</p>`}
</div>`;
}

/** The notice that stays when a record is withdrawn. */
export function notice(visit: Visit, { at, reason }: Schemas["Withdrawal"]): Html {
  return html`<div class="notice">
<p><strong>${visit.words.withdrawnOn} ${date(visit.language, at)}</strong></p>
<p>${reason}</p>
</div>`;
}

/** The sanitised HTML of a publisher, in a container of its own. */
export function body(visit: Visit, text: string | undefined, language: string): Html {
  return html`${text && html`<div class="body"${inLanguage(visit, language)}>${trusted(text)}</div>`}`;
}
