// Pages are templates that escape every value, so that no page can forget to.

/** HTML that needs no more escaping. Only `html` and `trusted` make it. */
export type Html = { readonly safe: string };

type Value = Html | string | number | false | null | undefined | Value[];

const ESCAPES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function escaped(value: Value): string {
  if (value === undefined || value === null || value === false) return "";
  if (Array.isArray(value)) return value.map(escaped).join("");
  if (typeof value === "object") return value.safe;
  return String(value).replace(/[&<>"']/g, (character) => ESCAPES[character] ?? "");
}

/** A template of HTML. What is left out or false shows as nothing. */
export function html(texts: TemplateStringsArray, ...values: Value[]): Html {
  return { safe: String.raw({ raw: texts }, ...values.map(escaped)) };
}

/** HTML that the API has sanitised or escaped: `body_html`, `title_html` and `extract_html`, and nothing else. */
export function trusted(fromTheApi: string): Html {
  return { safe: fromTheApi };
}

/** Several pieces with something between them. */
export function joined(pieces: Html[], between: string): Html {
  return html`${pieces.map((piece, index) => html`${index > 0 && between}${piece}`)}`;
}
