// A frontend developer's first hour, with the types that openapi-typescript generates from the document:
// node story.mjs http://HOST:PORT
import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

type Problem = components["schemas"]["Problem"];

const baseUrl = process.argv[2];
assert(baseUrl, "story.mjs http://HOST:PORT");
// Other clients may ask for linked data or CSV: the type of `data` follows from the media types named here.
const client = createClient<paths, "application/json" | "application/problem+json">({ baseUrl });

// The latest IOPC news with full organisations and topics, so that one request renders a page.
const query = { organisation: ["iopc"], expand: ["organisation" as const, "topics" as const], limit: 2 };
const first = await client.GET("/v1/articles", { params: { query } });
assert(first.data, JSON.stringify(first.error));
assert.equal(first.data.data.length, 2);
for (const article of first.data.data) {
  assert(article.headline && article.published_at);
  // A reference and a full record have an id, a slug and a name; only the record has all its names.
  assert.equal(article.organisation?.slug, "iopc");
  assert("names" in article.organisation && article.organisation.names.length > 1, "the organisation is whole");
  for (const topic of article.topics ?? []) assert("revision" in topic, "the topic is whole");
  console.log(`  ${article.published_at.slice(0, 10)} ${article.headline}`);
}

// The next page, by the cursor in its URL.
assert(first.data.page.has_more && first.data.page.next);
const cursor = new URL(first.data.page.next).searchParams.get("cursor");
assert(cursor);
const second = await client.GET("/v1/articles", { params: { query: { ...query, cursor } } });
assert(second.data, JSON.stringify(second.error));
const seen = new Set(first.data.data.map((article) => article.id));
assert(second.data.data.length > 0);
for (const article of second.data.data) assert(!seen.has(article.id), "a page shows again what the one before showed");

// An unchanged article is not sent again when requested with its ETag.
const path = { id: first.data.data[0]?.slug ?? "" };
const whole = await client.GET("/v1/articles/{id}", { params: { path } });
const tag = whole.response.headers.get("ETag");
assert(whole.data?.data.body_html && tag);
const again = await client.GET("/v1/articles/{id}", { params: { path }, headers: { "If-None-Match": tag } });
assert.equal(again.response.status, 304);
assert.equal(again.data, undefined);

// An error is a problem document that names the parameter.
const refused = await client.GET("/v1/articles", { params: { query: { limit: 101 } } });
assert(refused.error, "101 articles on a page");
const problem: Problem = refused.error;
assert.equal(problem.status, 400);
assert.equal(problem.code, "invalid-query");
assert.deepEqual(problem.errors?.map((mistake) => [mistake.parameter, mistake.code]), [["limit", "out_of_range"]]);
console.log(`  ${problem.title}: ${problem.errors?.[0]?.detail}`);

// Never called: the compiler rejects what the API would reject.
export function refusedByTheCompiler() {
  // @ts-expect-error there is no such path
  void client.GET("/v1/news", {});
  // @ts-expect-error there is no such sort
  void client.GET("/v1/articles", { params: { query: { sort: "headline" } } });
  // @ts-expect-error there is no such member
  return first.data?.data[0]?.author;
}
