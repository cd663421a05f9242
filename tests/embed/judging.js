// What the checks of the embed have in common.
"use strict";
const { createHash } = require("node:crypto");

const OFFICE = "exampleshire-oversight-office"; // it publishes in both languages
const PATIENCE = 10_000; // milliseconds for whatever is waited for

const failures = [];
const count = { checks: 0 };
function check(holds, what) {
  count.checks += 1;
  if (!holds) failures.push(what);
}
function same(got, wanted, what) {
  const [given, right] = [got, wanted].map((one) => JSON.stringify(one));
  check(given === right, `${what}: ${given}, not ${right}`);
}

/** The promise, or an error after a while. */
function bounded(promise, what) {
  let timer;
  const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error(`${what}: nothing happens`)), PATIENCE); });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

const digest = (text, kind) => createHash(kind).update(text).digest("base64");

/** An article that the demo does not have. */
const article = (id, more = {}) => ({
  id, headline: `Fictional: ${id}`, language: "en", published_at: "2025-05-06T09:00:00Z",
  original_url: `https://news.example/${id}`, ...more,
});
/** What the API lists. */
const articlesOf = async (base, query) => (await (await fetch(`${base}/v1/articles?${query}`)).json()).data;

const longDate = (time, locale) => new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "Europe/London" }).format(new Date(time));
const textsOf = (all) => all.map(({ text }) => text);

module.exports = { article, articlesOf, bounded, check, count, digest, failures, longDate, OFFICE, PATIENCE, same, textsOf };
