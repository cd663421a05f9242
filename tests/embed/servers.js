// The API and the partner's site, as the browser sees them.
"use strict";
const http = require("node:http");
const { bounded, digest } = require("./judging.js");

const STYLES = {
  // for axe, a background must be a colour
  "plain.css": "@media (prefers-color-scheme: dark) { body { color-scheme: dark; background: #101418; color: #fff; } a { color: #9cf; } }",
  "dark.css": "body { background: #101418; color: #f0f0f0; }", // and links of no colour of their own
  "own.css": "a { color: rgb(1, 2, 3); } time { display: inline; }",
  "inside.css": "@layer answerable-news { a { color: rgb(7, 8, 9); } }",
  "layered.css": "@layer answerable-news, site; @layer site { a { color: rgb(4, 5, 6); } }",
};

const listening = (server) => new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server.address().port)));

/** The API as the browser sees it. `articles` is what it lists in place of the demo's, or how it fails. */
async function startApi(base) {
  const api = { articles: null, asked: [], held: [], answered: [] };
  api.server = http.createServer((request, response) => {
    if (request.method === "OPTIONS" || !request.url.startsWith("/v1/articles?")) return forward(base, request, response);
    api.asked.push(request);
    response.on("close", () => api.answered.splice(0).forEach((tell) => tell(response.statusCode)));
    if (api.articles === "down") return response.destroy();
    if (api.articles === "held") return api.held.push(() => forward(base, request, response));
    return api.articles ? list(api.articles, request, response) : forward(base, request, response);
  });
  /** The status of the next answer to a request for articles. */
  api.next = () => bounded(new Promise((resolve) => api.answered.push(resolve)), "a request for articles");
  api.origin = `http://127.0.0.1:${await listening(api.server)}`;
  return api;
}

function forward(base, { method, url, headers }, response) {
  const onward = http.request(base + url, { method, headers }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
  });
  onward.on("error", () => response.destroy()).end();
}

function list(articles, { headers }, response) {
  const body = JSON.stringify({ data: articles, page: { has_more: false } });
  const etag = `"${digest(body, "sha256")}"`;
  const isKnown = headers["if-none-match"] === etag;
  response.writeHead(isKnown ? 304 : 200, {
    "Content-Type": "application/json", ETag: etag, "Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "ETag",
  });
  response.end(isKnown ? undefined : body);
}

/** The partner's site: each page is put into `pages` before it is opened. */
async function startPartner() {
  const pages = new Map();
  const server = http.createServer((request, response) => {
    const style = STYLES[request.url.slice(1)];
    const { html, policy } = pages.get(request.url) ?? {};
    if (style) return response.writeHead(200, { "Content-Type": "text/css" }).end(style);
    if (!html) return response.writeHead(404).end();
    return response.writeHead(200, {
      "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy, "Set-Cookie": "visitor=1",
      "Integrity-Policy": "blocked-destinations=(script)",
    }).end(html);
  });
  return { pages, server, origin: `http://127.0.0.1:${await listening(server)}` };
}

module.exports = { startApi, startPartner, STYLES };
