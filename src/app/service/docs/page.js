// Shows the description of the API on the page.
const component = document.querySelector("openapi-explorer");
const description = await (await fetch("/openapi.json")).json();

// Errors have one form for all operations, which the introduction explains: shown with each, they would be most of the page.
// A form is filled with the examples of what it cannot do without, so that it works at the first click.
for (const operation of Object.values(description.paths).flatMap((path) => Object.values(path))) {
  for (const status of Object.keys(operation.responses)) {
    if (status >= "4") delete operation.responses[status];
  }
  for (const parameter of operation.parameters ?? []) {
    if (parameter.required && parameter.example !== undefined) parameter.schema.default = parameter.example;
    delete parameter.schema.pattern; // where there is no example, one would be invented from it
  }
}

// A place for a reference may have the whole record, and a record only some members: shown once, where the record is.
for (const schema of allOf(description.components.schemas)) {
  const names = (schema.anyOf ?? []).map((choice) => choice.$ref ?? "");
  const shown = names.find((name) => name.endsWith("Reference")) ?? names.find((name) => names.includes(`${name}Selection`));
  if (shown) schema.anyOf = schema.anyOf.filter((choice) => choice.$ref === shown);
}

function* allOf(value) {
  if (typeof value !== "object" || value === null) return;
  yield value;
  for (const inner of Object.values(value)) yield* allOf(inner);
}

await customElements.whenDefined("openapi-explorer");
await component.loadSpec(description);
