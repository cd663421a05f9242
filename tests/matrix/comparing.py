"""Compares what a server says of a matrix with what a register of register.py says."""

import csv
import io

from register import VALUES


def from_json(data):
    numbers = {column["id"]: column["number"] for column in data["columns"]}
    totals = data["totals"] | {"response_states": {e["state"]: e["count"] for e in data["totals"]["response_states"]}}
    said = {("totals", name): value for name, value in totals.items()}
    said["columns", "numbers"] = [*numbers.values()]
    said["rows", "names"] = [[row["name"], row["slug"]] for row in data["rows"]]
    for column in data["columns"]:
        said["column", column["number"]] = [
            numbers.get(column.get("element_of")), (column.get("withdrawal") or {}).get("reason")]
    for row in data["rows"]:
        said["name as published", row["slug"]] = row.get("name_as_published")
        said["plans", row["slug"]] = sorted(plan["url"] for plan in row["action_plans"])
        for number, cell in zip(numbers.values(), row["cells"], strict=True):
            if cell:
                cell = {name: cell.get(name) for name in VALUES}
                cell["transferred_to"] = (cell["transferred_to"] or {}).get("slug")
                cell["claims"] = sorted(
                    [claim["made_by"]["slug"], claim["kind"], claim["on"],
                     claim.get("position") or claim.get("implementation_status") or ""] for claim in cell["claims"])
            said[number, row["slug"]] = cell
    return said


def as_csv(cell):
    """A cell as CSV has it."""
    cell = cell | {"claims": len(cell["claims"])}
    return {name: "" if v is None else str(v).lower() if v in (True, False) else str(v) for name, v in cell.items()}


def differences(where, right, said):
    """A line for each value that is not right."""
    for place in sorted({*right, *said}, key=str):
        a, b = right.get(place, "nothing"), said.get(place, "nothing")
        if not (isinstance(a, dict) and isinstance(b, dict)):
            a, b = {"": a}, {"": b}
        for name in [name for name in {**a, **b} if a.get(name) != b.get(name)]:
            yield f"{where}, {' '.join(place)} {name}: {b.get(name)}, should be {a.get(name)}"


def cells(right):
    """The cells among what is said, by place."""
    return {place: cell for place, cell in right.items() if isinstance(cell, dict) and "claims" in cell}


def csv_differences(where, right, text):
    """As `differences`, for the matrix in CSV."""
    expected = {place: as_csv(cell) for place, cell in cells(right).items()}
    lines = csv.DictReader(io.StringIO(text, newline=""))
    said = {(line["number"], line["organisation"]): {name: line[name] for name in VALUES} for line in lines}
    return differences(where, expected, said)
