// Listens, and sends what the pages answer.
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { API, HOST, PORT, SITE } from "./config.js";
import { layout } from "./layout.js";
import { problemPage } from "./pages/problem.js";
import { find } from "./routes.js";
import { readVisit, type Page, type Redirect, type Visit } from "./visit.js";

const HEADERS = {
  // No scripts at all. Images come from wherever they are published.
  "Content-Security-Policy":
    "default-src 'none'; style-src 'self'; img-src 'self' https: http:; " +
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  "Referrer-Policy": "no-referrer", // the address of a preview is its key
  "X-Content-Type-Options": "nosniff",
};

const FILES: Record<string, string> = { "/style.css": "text/css; charset=utf-8", "/icon.svg": "image/svg+xml" };

async function answer(visit: Visit): Promise<Page | Redirect> {
  try {
    return await find(visit);
  } catch (error) {
    console.error(`${visit.path}:`, error);
    return problemPage(visit, 503);
  }
}

function sendPage(visit: Visit, page: Page | Redirect, response: ServerResponse): void {
  if ("redirect" in page) {
    response.writeHead(308, { ...HEADERS, Location: page.redirect, "Cache-Control": "public, max-age=300" }).end();
    return;
  }
  const text = layout(visit, page).safe;
  response.writeHead(page.status ?? 200, {
    ...HEADERS,
    "Content-Type": "text/html; charset=utf-8",
    "Content-Length": Buffer.byteLength(text),
    "Cache-Control": page.cacheControl ?? "no-store",
  });
  response.end(text);
}

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const address = `http://site${request.url}`;
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.writeHead(405, { ...HEADERS, Allow: "GET, HEAD" }).end();
    return;
  }
  if (!URL.canParse(address)) {
    response.writeHead(400, HEADERS).end();
    return;
  }
  const url = new URL(address);
  const type = FILES[url.pathname];
  if (type) {
    const file = await readFile(new URL(`../public${url.pathname}`, import.meta.url));
    response.writeHead(200, { ...HEADERS, "Content-Type": type, "Cache-Control": "public, max-age=3600" }).end(file);
    return;
  }
  const visit = readVisit(url);
  sendPage(visit, await answer(visit), response);
}

createServer((request, response) => {
  handle(request, response).catch((error) => {
    console.error(error);
    response.destroy();
  });
}).listen(PORT, HOST, () => console.log(`${SITE} shows what ${API} has`));
