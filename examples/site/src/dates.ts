// Dates, as people in the United Kingdom write them.
import { html, type Html } from "./html.js";
import type { Language } from "./words.js";

const LOCALES: Record<Language, string> = { en: "en-GB", cy: "cy-GB" };

/** A time, a day, a month (`2018-01`) or a year (`2018`): the dates of names and organisations may be partial. */
export function date(language: Language, value: string): Html {
  return html`<time datetime="${value}">${inWords(language, value)}</time>`;
}

function inWords(language: Language, value: string): string {
  if (/^\d{4}$/.test(value)) return value;
  const isMonth = /^\d{4}-\d{2}$/.test(value);
  return new Intl.DateTimeFormat(LOCALES[language], {
    timeZone: "Europe/London",
    year: "numeric",
    month: "long",
    ...(isMonth ? {} : { day: "numeric" }),
  }).format(new Date(value));
}
