#!/usr/bin/env python3
"""Computes a whole matrix a second time, and compares it with the server's: tests/matrix/run PATH-OF-THE-BINARY.

It imports the two files of documents.py, one after the other, starts a server, and compares every value of every cell
and every total: in JSON, in CSV, and with `as_of`, for now and for the time between the two imports. It shares nothing
with the server: `Register` is written from docs/tracking.md. Needs only the Python standard library.
"""

import csv
import io
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from datetime import date, datetime, timedelta, timezone

from documents import CHECKED, FORCES, PUBLISHED, REPORT, RULES, SUCCESSORS, made

VALUES = """response_requirement due_on response_state answered_on is_collectively_covered position
    implementation_status implementation_as_at assessment_status assessment_as_at checked_on transferred_to
    transferred_on claims""".split()
STATES = """withdrawn transferred not_required unknown pending extended holding_reply not_checked overdue
    responded_on_time responded_late responded responded_withheld""".split()


class Register:
    """What docs/tracking.md says of the documents."""

    def __init__(self, docs):
        self.latest = {}
        for doc in docs:  # a document replaces the earlier one
            self.latest[tuple(str(doc.get(name)) for name in (
                "type", "slug", "number", "organisation", "representative", "granted_by", "responder", "author",
                "assessor", "report", "from", "as_at", "published_on", "kind", "sequence"))] = doc
        self.groups = {doc["slug"]: doc for doc in self.all("group")}
        self.recommendations = {doc["number"]: doc for doc in self.all("recommendation")}
        self.facts = {(doc["number"], doc["organisation"]): doc for doc in self.all("obligation")}
        # An obligation that was there once stays, and a later change of a group changes none.
        first_groups = {doc["slug"]: doc for doc in reversed(docs) if doc["type"] == "group"}
        self.addressed = {slug: set() for slug in FORCES + SUCCESSORS}
        for doc in docs:
            if doc["type"] == "recommendation":
                for slug in self.members(doc["addressees"], first_groups) - set(doc.get("exclusions", [])):
                    self.addressed[slug].add(doc["number"])
        self.withdrawn = {(number, slug) for slug in self.addressed for number in self.addressed[slug]
                          if self.recommendations[number].get("state") == "withdrawn"
                          or slug in self.recommendations[number].get("exclusions", [])}
        self.cells = {(number, slug) for slug in self.addressed for number in self.addressed[slug]}
        self.cells |= {(n, doc["transferred_to"]) for (n, _), doc in self.facts.items() if "transferred_to" in doc}

    def all(self, type):
        return [doc for doc in self.latest.values() if doc["type"] == type]

    def members(self, slugs, groups):
        """Organisations and groups, as they were on the day of publication."""
        return {slug for slug in slugs if slug not in groups} | {
            member["organisation"] for slug in slugs if slug in groups for member in groups[slug]["members"]
            if member.get("from", "") <= PUBLISHED < member.get("until", "9999")}

    def may_speak(self, representative, organisation, day):
        return any(m["representative"] == representative and m.get("report") in (None, REPORT)
                   and m["from"] <= day < m.get("until", "9999")
                   and organisation in self.members(m["represents"], self.groups) for m in self.all("mandate"))

    def due(self, number, organisation):
        """The deadline and the changes of it."""
        deadlines = {d["kind"]: d for d in self.recommendations[number].get("deadlines", [])}
        kind = next((kind for kind in ("response", "action_plan_publication") if kind in deadlines), None)
        if not kind:
            return None, []
        stated, rule = deadlines[kind].get("stated_due_on"), deadlines[kind].get("rule")
        due = stated or str(date.fromisoformat(PUBLISHED) + timedelta(RULES[rule]))
        changes = [r for r in self.facts.get((number, organisation), {}).get("revisions", []) if r["kind"] == kind]
        while number not in self.addressed[organisation]:  # a successor has the deadlines of the old obligation
            organisation = [s for (n, s), doc in self.facts.items()
                            if n == number and doc.get("transferred_to") == organisation][0]
            changes = [r for r in self.facts[number, organisation].get("revisions", []) if r["kind"] == kind] + changes
        return (changes[-1]["due_on"] if changes else due), changes

    def said(self, number, organisation):
        """The responses: its own, those of others with its mandate, and those without."""
        own, others, claims = [], [], []
        for doc in self.all("response"):
            cover = next((c for c in doc["covers"] if c["number"] == number), None)
            if cover and doc.get("state") != "withdrawn":
                response = {**doc, "position": cover.get("position")}
                if doc["responder"] == organisation:
                    own.append(response)
                elif organisation in self.members(doc.get("on_behalf_of", []), self.groups):
                    allowed = self.may_speak(doc["responder"], organisation, doc["published_on"])
                    (others if allowed else claims).append(response)
        return own, others, claims

    def cell(self, number, slug):
        recommendation, facts = self.recommendations[number], self.facts.get((number, slug), {})
        today, (due, changes) = str(date.today()), self.due(number, slug)
        requirement = recommendation.get("response_requirement") or ("requested" if due else "unknown")
        checked = max(CHECKED, facts.get("checked_on") or "")
        cell = dict.fromkeys(VALUES) | {
            "response_requirement": requirement, "due_on": due, "is_collectively_covered": False, "checked_on": checked,
            "implementation_status": "unknown", "assessment_status": "not_assessed", "claims": [],
            "transferred_to": facts.get("transferred_to"), "transferred_on": facts.get("transferred_on")}
        if (number, slug) in self.withdrawn:
            return cell | {"response_state": "withdrawn"}

        own, others, claims = self.said(number, slug)
        if recommendation.get("reply") == "joint":
            for other in self.addressed:
                if other != slug and number in self.addressed[other]:
                    others += [r for part in self.said(number, other)[:2] for r in part if r not in own + others]
        holding = [r for r in own + others if r.get("kind") == "holding"]
        own, others = ([r for r in part if r.get("kind") != "holding"] for part in (own, others))
        answers = own + others
        newness = lambda response: (response["published_on"], response.get("sequence", 1))
        for part in (own, others):  # the newest that the organisation took itself goes last, and wins
            positions = [r for r in sorted(part, key=newness) if r["position"]]
            cell["position"] = cell["position"] or (positions[-1]["position"] if positions else None)
        cell["is_collectively_covered"] = bool(others and not own)
        if answers:
            first = min(answers, key=lambda r: r.get("received_on") or r["published_on"])
            cell["answered_on"] = first.get("received_on") or first["published_on"]

        if "transferred_to" in facts:
            state = "transferred"
        elif answers and all(r.get("publication") == "withheld" for r in answers):
            state = "responded_withheld"
        elif answers and due and cell["answered_on"] <= due:
            state = "responded_on_time"
        elif answers:
            state = "responded_late" if due and first.get("received_on") else "responded"
        elif requirement in ("none", "unknown"):
            state = {"none": "not_required", "unknown": "unknown"}[requirement]
        elif due and due < today:
            state = "overdue" if checked > due else "not_checked"
        elif holding:
            state = "holding_reply"
        else:
            state = "extended" if any(r["change"] == "extension" for r in changes) else "pending"
        cell["response_state"] = state

        updates, unasked = [], {}
        for doc in self.all("progress_update"):
            author = doc.get("author", slug)
            if (doc["number"], doc["organisation"]) == (number, slug) and doc.get("state") != "withdrawn":
                if author == slug or self.may_speak(author, slug, doc["published_on"]):
                    updates.append((doc["as_at"], author == slug, doc["status"]))
                elif author not in unasked or unasked[author]["as_at"] < doc["as_at"]:
                    unasked[author] = doc
        if updates:
            cell["implementation_as_at"], _, cell["implementation_status"] = max(updates)
        assessments = [(doc["as_at"], doc["status"]) for doc in self.all("assessment")
                       if (doc["number"], doc["organisation"]) == (number, slug) and doc.get("state") != "withdrawn"]
        if assessments:
            cell["assessment_as_at"], cell["assessment_status"] = max(assessments)
        cell["claims"] = sorted(
            [[r["responder"], "response", r["published_on"], r["position"] or ""] for r in claims]
            + [[author, "progress_update", doc["as_at"], doc["status"]] for author, doc in unasked.items()])
        return cell

    def totals(self, cells):
        """All totals; `cells` is by number and addressee."""
        count = lambda which, among: {key: cell for key, cell in among.items() if which(key, cell)}
        states = {state: len(count(lambda _, c: c["response_state"] == state, cells)) for state in STATES}
        addressed = count(lambda _, c: c["response_state"] not in ("withdrawn", "transferred"), cells)
        wanted = count(lambda _, c: c["response_requirement"] in ("statutory", "requested"), addressed)
        responded = count(lambda _, c: c["response_state"].startswith("responded"), addressed)
        return {
            "cells": len(cells), "withdrawn": states["withdrawn"], "transferred": states["transferred"],
            "addressed": len(addressed), "wanted": len(wanted), "responded": len(responded),
            "requirement_unknown": len(count(lambda _, c: c["response_requirement"] == "unknown", addressed)),
            "claimed": len(count(lambda _, c: c["claims"], addressed)),
            "due": len(count(lambda _, c: c["due_on"] and c["due_on"] < str(date.today()), wanted)),
            "collectively_covered": len(count(lambda _, c: c["is_collectively_covered"], responded)),
            "no_position_stated": len(count(lambda _, c: c["position"] in (None, "no_position_stated"), responded)),
            "elements_unanswered": len(count(lambda key, _: "." in key[0] and key not in responded, wanted)),
            "response_states": states,
        }

    def matrix(self):
        """What the server should say, by place."""
        cells = {key: self.cell(*key) for key in self.cells}
        numbers = sorted(self.recommendations, key=lambda number: [int(part) for part in number.split(".")])
        said = {("totals", name): value for name, value in self.totals(cells).items()}
        said["columns", "numbers"], said["rows", "names"] = numbers, sorted({slug for _, slug in cells})
        for number in numbers:
            doc = self.recommendations[number]
            said["column", number] = [doc.get("parent_number"), doc.get("withdrawal", {}).get("reason")]
        for slug in said["rows", "names"]:
            said["name as published", slug] = "Old Force" if slug == "force-07" else None
            said |= {(number, slug): cells.get((number, slug)) for number in numbers}
        return said


def from_json(data):
    numbers = {column["id"]: column["number"] for column in data["columns"]}
    totals = data["totals"] | {"response_states": {e["state"]: e["count"] for e in data["totals"]["response_states"]}}
    said = {("totals", name): value for name, value in totals.items()}
    said["columns", "numbers"], said["rows", "names"] = [*numbers.values()], [row["slug"] for row in data["rows"]]
    for column in data["columns"]:
        said["column", column["number"]] = [
            numbers.get(column.get("element_of")), (column.get("withdrawal") or {}).get("reason")]
    for row in data["rows"]:
        said["name as published", row["slug"]] = row.get("name_as_published")
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


def main(binary):
    """Prints the differences and the summary; returns whether there are differences."""
    files, server = made(), None
    # The past, too, shows as withdrawn what was withdrawn since.
    withdrawn = [doc for doc in files[1] if doc.get("state") == "withdrawn"]
    before, right = Register(files[0] + withdrawn).matrix(), Register(files[0] + files[1]).matrix()
    cells = {place: cell for place, cell in right.items() if isinstance(cell, dict) and "claims" in cell}
    missing = {state for state, count in right["totals", "response_states"].items() if not count}
    assert not missing, f"no cell is {missing}"

    with tempfile.TemporaryDirectory() as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = "127.0.0.1:%s" % free.getsockname()[1]
        free.close()
        env = {name: value for name, value in os.environ.items() if not name.startswith("ANSWERABLE_")}
        env |= {"ANSWERABLE_DATABASE": f"sqlite:{folder}/register.db", "ANSWERABLE_LISTEN": address,
                "ANSWERABLE_LOG": "warn"}
        started = dict(env=env, cwd=folder)
        for docs in files:
            between = datetime.now(timezone.utc) - timedelta(seconds=1)  # the second time: after the first file
            path = os.path.join(folder, "documents.ndjson")
            with open(path, "w") as file:
                file.writelines(json.dumps(doc) + "\n" for doc in docs)
            subprocess.run([binary, "import", path], check=True, stdout=subprocess.DEVNULL, **started)
            time.sleep(2)
        server = subprocess.Popen([binary, "serve"], **started)
        try:
            def get(query):
                url = f"http://{address}/v1/reports/{REPORT}/coverage{query}"
                with urllib.request.urlopen(url, timeout=60) as response:
                    return response.read().decode()

            for _ in range(150):
                try:
                    get("")
                    break
                except urllib.error.URLError:
                    time.sleep(0.2)
            moment = lambda at: at.strftime("?as_of=%Y-%m-%dT%H:%M:%SZ")
            compared = [("JSON", right, ""), ("between the imports", before, moment(between)),
                        ("as of now", right, moment(datetime.now(timezone.utc)))]
            compared = [(name, expected, json.loads(get(query))["data"]) for name, expected, query in compared]
            lines = list(csv.DictReader(io.StringIO(get("?format=csv"), newline="")))
        finally:
            server.terminate()
            server.wait()

    wrong = [line for name, expected, data in compared for line in differences(name, expected, from_json(data))]
    in_csv = {(line["number"], line["organisation"]): {name: line[name] for name in VALUES} for line in lines}
    wrong += differences("CSV", {place: as_csv(cell) for place, cell in cells.items()}, in_csv)
    size = f"{len(right['rows', 'names'])} x {len(right['columns', 'numbers'])} matrix: {len(cells)} cells"
    outcome = f"{len(wrong)} differ" if wrong else "all agree"
    print("\n".join([*wrong, f"{size}, {len(VALUES)} values each: {outcome}"]))
    return bool(wrong)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(os.path.abspath(sys.argv[1])))
