// What a visitor asks for, and what a page answers.
import type { Html } from "./html.js";
import { WORDS, type Language, type Words } from "./words.js";

export type Visit = {
  language: Language;
  words: Words;
  /** The path without the prefix of the language. */
  path: string;
  query: URLSearchParams;
};

/** The same page in one of the languages. */
type Version = { language: string; path: string };

/** A page in the languages that its content exists in, its own one first. */
export type Versions = [Version, ...Version[]];

export type Page = {
  status?: number;
  title: string;
  main: Html;
  description?: string | undefined;
  /** Further elements for the head. */
  head?: Html;
  /** Both languages, if the page does not say. */
  versions?: Versions;
  /** For pages that search engines should leave out. */
  isHidden?: boolean;
  /** How long caches may keep it: as long as what the API said. */
  cacheControl?: string | null;
};

export type Redirect = { redirect: string };

/** Reads the language from the prefix of the path. */
export function readVisit(url: URL): Visit {
  const isWelsh = /^\/cy(\/|$)/.test(url.pathname);
  const language = isWelsh ? "cy" : "en";
  const path = (isWelsh ? url.pathname.slice("/cy".length) : url.pathname) || "/";
  return { language, words: WORDS[language], path, query: url.searchParams };
}

/** The path of a page in a language. English is the one without a prefix. */
export function pathIn(language: string, path: string): string {
  return language === "cy" ? `/cy${path === "/" ? "" : path}` : path;
}

/** This page's path and query in a language, with other values of some parameters; `null` leaves one out. */
export function here(visit: Visit, language: string, changes: Record<string, string | null> = {}): string {
  const query = new URLSearchParams(visit.query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) query.delete(name);
    else query.set(name, value);
  }
  return pathIn(language, visit.path) + (query.size > 0 ? `?${query}` : "");
}
