// Images and attachments. The files stay where they are published.
import type { Schemas } from "./api.js";
import { html, joined, type Html } from "./html.js";
import type { Visit } from "./visit.js";

export function figure(visit: Visit, { url, alt, width, height, caption, credit, licence }: Schemas["Image"]): Html {
  const terms = credit && html`${visit.words.credit}: ${credit}${licence && ` (${licence})`}`;
  const size = width && height && html` width="${width}" height="${height}"`;
  const lines = [caption, terms].filter((line) => line !== undefined && line !== "");
  return html`<figure><img src="${url}" alt="${alt}"${size || ""}>
${lines.length > 0 && html`<figcaption>${lines.map((line) => html`<span>${line}</span> `)}</figcaption>`}</figure>`;
}

export function attachmentList(visit: Visit, attachments: Schemas["Attachment"][]): Html {
  return html`${attachments.length > 0 && html`<section><h2>${visit.words.attachments}</h2>
<ul>${attachments.map((file) => html`<li>${attachment(visit, file)}</li>`)}</ul></section>`}`;
}

function attachment(visit: Visit, { url, title, language, media_type, pages, bytes }: Schemas["Attachment"]): Html {
  const isForeign = language && language !== visit.language;
  const details = [media_type?.split("/").at(-1)?.toUpperCase(), bytes && size(visit, bytes), pages && visit.words.pages(pages)];
  const known = details.filter((detail) => detail).map((detail) => html`${detail}`);
  return html`<a href="${url}"${isForeign && html` hreflang="${language}" lang="${language}"`}>${title}</a>
${known.length > 0 && html`<span class="facts">(${joined(known, ", ")})</span>`}`;
}

function size(visit: Visit, bytes: number): string {
  const [amount, unit] = bytes < 1e6 ? [Math.ceil(bytes / 1e3), "kilobyte"] : [bytes / 1e6, "megabyte"];
  return new Intl.NumberFormat(visit.language, { style: "unit", unit, maximumFractionDigits: 1 }).format(amount);
}
