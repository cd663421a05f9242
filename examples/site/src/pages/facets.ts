// The filters of a search, with how much each would find.
import type { Schemas } from "../api.js";
import { html, type Html } from "../html.js";
import type { Visit } from "../visit.js";
import { VOCABULARY } from "../vocabulary.js";

export const FACETS = ["type", "organisation", "topic", "year"] as const;

type Value = { value: string; label: string; count?: number };

const AT_FIRST = 6; // the others are behind "More"

export function facetList(visit: Visit, name: (typeof FACETS)[number], facet: Schemas["Facet"] | undefined): Html {
  const chosen = new Set(visit.query.getAll(name));
  const counted: Value[] = facet?.values ?? [];
  // What is chosen stays there, even if it is not among the values with the most results.
  const missing = [...chosen].filter((value) => !counted.some((one) => one.value === value));
  const values = [...missing.map((value) => ({ value, label: value })), ...counted];
  if (values.length === 0) return html``;
  const isShown = (value: Value, index: number) => index < AT_FIRST || chosen.has(value.value);
  const rest = values.filter((value, index) => !isShown(value, index));
  const boxes = (some: Value[]) => some.map((value) => box(visit, name, value, chosen.has(value.value)));
  return html`<fieldset><legend>${visit.words.facets[name]}</legend>
${boxes(values.filter(isShown))}
${rest.length > 0 && html`<details><summary>${visit.words.more}</summary>${boxes(rest)}</details>`}
</fieldset>`;
}

function box(visit: Visit, name: string, { value, label, count }: Value, isChosen: boolean): Html {
  const text = name === "type" ? (VOCABULARY[visit.language].types[value] ?? label) : label;
  return html`<label><input type="checkbox" name="${name}" value="${value}"${isChosen && html` checked`}>
${text}${count !== undefined && ` (${count})`}</label>
`;
}
