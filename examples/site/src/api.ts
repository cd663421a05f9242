// The API, with the types that openapi-typescript makes from its OpenAPI document.
import createClient from "openapi-fetch";
import { API } from "./config.js";
import type { components, paths } from "./schema.js";

export type Schemas = components["schemas"];
export type Reference = Schemas["NameReference"] | Schemas["Organisation"] | Schemas["Topic"];

const PATIENCE = 10_000; // milliseconds

/** The client. It does not follow redirects: a record that has moved moves the page, too. */
export const api = createClient<paths, "application/json" | "application/problem+json">({
  baseUrl: API,
  redirect: "manual",
  fetch: (request) => fetch(request, { signal: AbortSignal.timeout(PATIENCE) }),
});

/** Of the types that a record may have, the one that has all its members. */
type Whole<T> = T extends { revision: number } ? T : never;

/** The record as a whole. The document's type allows for a selection, since `fields` asks for one; these pages do not. */
export function whole<T extends object>(record: T): Whole<T> {
  if (!("revision" in record)) throw new Error("a record is not whole");
  return record as Whole<T>;
}

/** The cursor in the URL of another page of a list. */
export function cursorOf(url: string | undefined): string | null {
  return url ? new URL(url).searchParams.get("cursor") : null;
}
