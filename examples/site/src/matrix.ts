// The matrix of a report: a row for each addressee, a column for each recommendation.
import type { Schemas } from "./api.js";
import { date } from "./dates.js";
import { html, type Html } from "./html.js";
import { organisationLink } from "./records.js";
import type { Visit } from "./visit.js";
import { VOCABULARY } from "./vocabulary.js";

type Coverage = Schemas["Coverage"];

/** It scrolls by itself if it is too wide, and takes the focus, so that keyboards can scroll it. */
export function matrix(visit: Visit, { columns, rows, totals, as_at }: Coverage): Html {
  const { words } = visit;
  const notAddressed = html`<td><span class="unseen">${words.notAddressed}</span></td>`;
  return html`<section><h2 id="matrix">${words.matrix}</h2>
<p>${words.totals(totals.responded, totals.wanted, totals.due)} ${words.asAt} ${date(visit.language, as_at)}.</p>
<div class="scrolls" role="region" aria-labelledby="matrix" tabindex="0"><table>
<thead><tr><th scope="col">${words.addressee}</th>${columns.map((column) => html`
<th scope="col"><a href="#${column.slug}"><span class="unseen">${words.recommendation} </span>${column.number}</a></th>`)}</tr></thead>
<tbody>${rows.map((row) => html`
<tr><th scope="row">${organisationLink(visit, { ...row, name: row.name_as_published ?? row.name })}${plans(visit, row)}</th>
${row.cells.map((cell) => (cell ? shown(visit, cell) : notAddressed))}</tr>`)}</tbody>
</table></div></section>`;
}

function plans(visit: Visit, { name, action_plans }: Schemas["Row"]): Html {
  return html`${action_plans.map(({ url }) => html`
<a class="plan" href="${url}" rel="external">${visit.words.actionPlan}<span class="unseen">: ${name}</span></a>`)}`;
}

function shown(visit: Visit, cell: Schemas["Cell"]): Html {
  const lines = [...whatTheySay(visit, cell), ...when(visit, cell)];
  const state = VOCABULARY[visit.language].states[cell.response_state] ?? cell.response_state; // new values may be added
  return html`<td class="${cell.response_state}"><b>${state}</b>
${lines.map((line) => html`<span>${line}</span> `)}</td>`;
}

/** The three axes are kept apart: what the addressee's position is, what it says it has done, and how that was assessed. */
function whatTheySay(visit: Visit, cell: Schemas["Cell"]): (Html | string)[] {
  const { words } = visit;
  const { positions, progress, assessments } = VOCABULARY[visit.language];
  const lines = [];
  if (cell.position) lines.push(positions[cell.position] ?? cell.position);
  if (cell.is_collectively_covered) lines.push(words.byAnother);
  if (cell.implementation_status !== "unknown") {
    lines.push(`${words.saysItself} ${progress[cell.implementation_status] ?? cell.implementation_status}`);
  }
  if (cell.assessment_status !== "not_assessed") {
    lines.push(`${words.assessed} ${assessments[cell.assessment_status] ?? cell.assessment_status}`);
  }
  if (cell.claims.length > 0) lines.push(words.claims(cell.claims.length));
  if (cell.transferred_to) lines.push(html`${words.transferredTo} ${organisationLink(visit, cell.transferred_to)}`);
  return lines;
}

function when(visit: Visit, { answered_on, due_on }: Schemas["Cell"]): Html[] {
  const { words, language } = visit;
  const lines = [];
  if (answered_on) lines.push(html`${words.answered} ${date(language, answered_on)}`);
  if (due_on) lines.push(html`${words.due} ${date(language, due_on)}`);
  return lines;
}
