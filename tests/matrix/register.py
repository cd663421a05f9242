"""What docs/tracking.md says of documents: each cell of the matrix of a report, and the totals, today or on a day.

It shares nothing with the server: it is written from the documentation.
"""

from calendar import monthrange
from datetime import date, timedelta
from functools import cached_property

from documents import PUBLISHED, REPORT, RULES

VALUES = """response_requirement due_on response_state answered_on is_collectively_covered position
    implementation_status implementation_as_at assessment_status assessment_as_at checked_on transferred_to
    transferred_on claims""".split()
STATES = """withdrawn transferred not_required unknown pending extended holding_reply not_checked overdue
    responded_on_time responded_late responded responded_withheld""".split()
IDENTITY = """type slug number organisation representative granted_by responder author assessor report from as_at
    sequence url""".split()


def identity(doc):
    """What tells which record a document is about."""
    if doc["type"] == "progress_update":
        doc = {"author": doc["organisation"], **doc}
    by_day = ("published_on", "kind") if doc["type"] == "response" else ()
    return tuple(str(doc.get(name)) for name in (*IDENTITY, *by_day))


def last_day(as_at):
    """The last day of a day, a month or a year."""
    if len(as_at) == 4:
        return as_at + "-12-31"
    return as_at if len(as_at) > 7 else "%s-%02d" % (as_at, monthrange(int(as_at[:4]), int(as_at[5:]))[1])


def counts_from(doc):
    """The day from which a response, a progress update or an assessment counts; all were recorded today."""
    if doc["type"] == "response":
        return doc.get("received_on") or doc["published_on"]
    return min(last_day(doc["as_at"]), doc.get("published_on") or str(date.today()))


def current(docs):
    """The last document about each record: a document replaces the earlier one."""
    return {identity(doc): doc for doc in docs}


def members(slugs, groups):
    """Organisations and groups, as they were on the day of publication."""
    return {slug for slug in slugs if slug not in groups} | {
        member["organisation"] for slug in slugs if slug in groups for member in groups[slug]["members"]
        if member.get("from", "") <= PUBLISHED < member.get("until", "9999")}


class Register:
    def __init__(self, docs, day=None):
        """`docs` are all that were known, the oldest first. Without a day, the question is what is the case today."""
        self.docs, self.asked, self.day = docs, day, day or str(date.today())
        self.latest = {}
        for doc in current(docs).values():
            self.latest.setdefault(doc["type"], []).append(doc)
        self.groups = {doc["slug"]: doc for doc in self.all("group")}
        self.recommendations = {doc["number"]: doc for doc in self.all("recommendation")}
        self.facts = {(doc["number"], doc["organisation"]): doc for doc in self.all("obligation")}
        self.listed, self.mandated = {}, {}  # found once, since these are asked often
        # An obligation that was there once stays, and a later change of a group changes none.
        first_groups = {doc["slug"]: doc for doc in reversed(docs) if doc["type"] == "group"}
        self.addressed = {number: set() for number in self.recommendations}
        for doc in docs:
            if doc["type"] == "recommendation":
                self.addressed[doc["number"]] |= (
                    members(doc["addressees"], first_groups) - set(doc.get("exclusions", [])))
        self.before, self.former = {}, set()
        for number in self.recommendations:
            self.follow(number)
        self.cells = {(number, slug) for number in self.addressed for slug in self.addressed[number]}
        self.cells = self.cells | set(self.before) | self.former if self.day >= PUBLISHED else set()

    def all(self, type):
        return self.latest.get(type, [])

    def follow(self, number):
        """Notes who has an obligation from whom by that day, and who had one by a transfer that no longer counts."""
        addressed = self.addressed[number]

        def successors(transfers):
            found, turn = {}, sorted(addressed)
            while turn:
                old = turn.pop()
                for new in transfers.get(old, set()) - addressed - found.keys():
                    found[new] = old
                    turn.append(new)
            return found

        ever, now, by_day = {}, {}, {}
        for doc in self.docs:
            if doc["type"] == "obligation" and doc["number"] == number and "transferred_to" in doc:
                ever.setdefault(doc["organisation"], set()).add(doc["transferred_to"])
        for old in ever:
            facts = self.facts[number, old]
            if "transferred_to" in facts:
                now[old] = {facts["transferred_to"]}
                by_day |= {old: now[old]} if facts["transferred_on"] <= self.day else {}
        self.before |= {(number, new): old for new, old in successors(by_day).items()}
        # Whether something was withdrawn has no day: that is so on every day.
        self.former |= {(number, new) for new in successors(ever).keys() - successors(now).keys()}

    def transfer(self, number, slug):
        """What is known of it on that day; a withdrawn obligation shows none."""
        facts = self.facts.get((number, slug), {})
        return facts if not self.is_withdrawn(number, slug) and facts.get("transferred_on", "9999") <= self.day else {}

    def is_withdrawn(self, number, slug):
        recommendation = self.recommendations[number]
        return (recommendation.get("state") == "withdrawn" or slug in recommendation.get("exclusions", [])
                or (number, slug) in self.former)

    def represented(self, slugs):
        """Of whom these organisations and groups consist, as far as that is known."""
        key = tuple(slugs)
        if key not in self.listed:
            self.listed[key] = members(slugs, self.groups)
        return self.listed[key]

    def may_speak(self, representative, organisation, day):
        key = representative, organisation, day
        if key not in self.mandated:
            self.mandated[key] = any(
                m["representative"] == representative and m.get("report") in (None, REPORT)
                and m["from"] <= day < m.get("until", "9999")
                and organisation in self.represented(m["represents"]) for m in self.all("mandate"))
        return self.mandated[key]

    def due(self, number, organisation):
        """The deadline on that day, and the changes of it until then."""
        deadlines = {d["kind"]: d for d in self.recommendations[number].get("deadlines", [])}
        kind = next((kind for kind in ("response", "action_plan_publication") if kind in deadlines), None)
        if not kind:
            return None, []
        stated, rule = deadlines[kind].get("stated_due_on"), deadlines[kind].get("rule")
        due = stated or str(date.fromisoformat(PUBLISHED) + timedelta(RULES[rule]))
        changes, holder = [], organisation
        while holder:  # a successor has the deadlines of the old obligation, with all changes
            changes = self.facts.get((number, holder), {}).get("revisions", []) + changes
            holder = self.before.get((number, holder))
        in_force, since = [], ""
        for change in changes:
            if change["kind"] == kind:
                # A correction counts from when what it corrects did.
                since = since if change["change"] == "correction" else change["set_on"]
                in_force += [change] if since <= self.day else []
        return (in_force[-1]["due_on"] if in_force else due), in_force

    @cached_property
    def checks(self):
        """The days of checks: for all by "", for others by number and organisation."""
        checks = {}
        for doc in self.docs:
            if doc["type"] == "report" and doc["slug"] == REPORT:
                whose, newest = "", doc.get("responses_checked_on")
            elif doc["type"] == "obligation":
                whose, newest = (doc["number"], doc["organisation"]), doc.get("checked_on")
            else:
                continue
            # What a later document does not have was taken back.
            checks[whose] = {day for day in checks.get(whose, ()) if newest and day < newest} | ({newest} - {None})
        return checks

    def checked(self, number, slug):
        days = self.checks.get("", set()) | self.checks.get((number, slug), set())
        return max((day for day in days if day <= self.day), default=None)

    def counting(self, type):
        """What was said by that day, and not withdrawn."""
        return [doc for doc in self.all(type)
                if doc.get("state") != "withdrawn" and (not self.asked or counts_from(doc) <= self.day)]

    @cached_property
    def responses(self):
        """By number."""
        by_number = {}
        for doc in self.counting("response"):
            for cover in doc["covers"]:
                by_number.setdefault(cover["number"], []).append({**doc, "position": cover.get("position")})
        return by_number

    def by_cell(self, type):
        by_cell = {}
        for doc in self.counting(type):
            by_cell.setdefault((doc["number"], doc["organisation"]), []).append(doc)
        return by_cell

    @cached_property
    def updates(self):
        return self.by_cell("progress_update")

    @cached_property
    def assessments(self):
        return self.by_cell("assessment")

    def said(self, number, organisation):
        """The responses: its own, those of others with its mandate, and those without."""
        own, others, claims = [], [], []
        for response in self.responses.get(number, []):
            if response["responder"] == organisation:
                own.append(response)
            elif organisation in self.represented(response.get("on_behalf_of", [])):
                allowed = self.may_speak(response["responder"], organisation, response["published_on"])
                (others if allowed else claims).append(response)
        return own, others, claims

    def answers(self, number, slug):
        """As `said`; one answer to a joint recommendation is that of all addressees, and no claim."""
        own, others, claims = self.said(number, slug)
        if self.recommendations[number].get("reply") == "joint":
            for other in self.addressed[number] - {slug}:
                others += [r for part in self.said(number, other)[:2] for r in part if r not in own + others]
        return own, others, [claim for claim in claims if claim not in others]

    def cell(self, number, slug):
        due, changes = self.due(number, slug)
        requirement = self.recommendations[number].get("response_requirement") or ("requested" if due else "unknown")
        checked, transfer = self.checked(number, slug), self.transfer(number, slug)
        cell = dict.fromkeys(VALUES) | {
            "response_requirement": requirement, "due_on": due, "is_collectively_covered": False, "checked_on": checked,
            "implementation_status": "unknown", "assessment_status": "not_assessed", "claims": [],
            "transferred_to": transfer.get("transferred_to"), "transferred_on": transfer.get("transferred_on")}
        if self.is_withdrawn(number, slug):
            return cell | {"response_state": "withdrawn"}

        own, others, claims = self.answers(number, slug)
        holding = [r for r in own + others if r.get("kind") == "holding"]
        own, others = ([r for r in part if r.get("kind") != "holding"] for part in (own, others))
        answers = own + others
        newness = lambda response: (response["published_on"], response.get("sequence", 1))
        for part in (own, others):  # the newest that the organisation took itself, or else with its mandate
            positions = [r for r in sorted(part, key=newness) if r["position"]]
            cell["position"] = cell["position"] or (positions[-1]["position"] if positions else None)
        cell["is_collectively_covered"] = bool(others and not own)
        first = min(answers, key=counts_from, default=None)
        cell["answered_on"] = first and counts_from(first)

        if transfer:
            state = "transferred"
        elif answers and all(r.get("publication") == "withheld" for r in answers):
            state = "responded_withheld"
        elif answers and due and cell["answered_on"] <= due:
            state = "responded_on_time"
        elif answers:
            state = "responded_late" if due and first.get("received_on") else "responded"
        elif requirement in ("none", "unknown"):
            state = {"none": "not_required", "unknown": "unknown"}[requirement]
        elif due and due < self.day:
            state = "overdue" if checked and checked > due else "not_checked"
        elif holding:
            state = "holding_reply"
        else:
            state = "extended" if any(r["change"] == "extension" for r in changes) else "pending"
        return cell | {"response_state": state} | self.account(number, slug, claims)

    def account(self, number, slug, claims):
        """Of a cell: what is said of the progress, the assessment, and the claims."""
        updates, unasked, values = [], {}, {}
        for doc in self.updates.get((number, slug), []):
            author = doc.get("author", slug)
            # An addressee's own needs no day of publication.
            if author == slug or self.may_speak(author, slug, doc["published_on"]):
                updates.append((doc["as_at"], author == slug, doc["status"]))
            elif author not in unasked or unasked[author]["as_at"] < doc["as_at"]:
                unasked[author] = doc
        if updates:
            values["implementation_as_at"], _, values["implementation_status"] = max(updates)
        assessments = [(doc["as_at"], doc["status"]) for doc in self.assessments.get((number, slug), [])]
        if assessments:
            values["assessment_as_at"], values["assessment_status"] = max(assessments)
        values["claims"] = sorted(
            [[r["responder"], "response", r["published_on"], r["position"] or ""] for r in claims]
            + [[author, "progress_update", doc["as_at"], doc["status"]] for author, doc in unasked.items()])
        return values

    def disputes(self, number, slug):
        """The disputes on that day, with their outcomes by then."""
        return [[dispute["raised_on"], dispute["decided_on"] if dispute.get("decided_on", "9999") <= self.day else None]
                for dispute in self.facts.get((number, slug), {}).get("disputes", [])
                if dispute["raised_on"] <= self.day]

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
            "due": len(count(lambda _, c: c["due_on"] and c["due_on"] < self.day, wanted)),
            "collectively_covered": len(count(lambda _, c: c["is_collectively_covered"], responded)),
            "no_position_stated": len(count(lambda _, c: c["position"] in (None, "no_position_stated"), responded)),
            "elements_unanswered": len(count(lambda key, _: "." in key[0] and key not in responded, wanted)),
            "response_states": states,
        }

    def name(self, slug):
        """The name on that day, and the name on the day of publication if it was another one."""
        names = next(doc for doc in self.all("organisation") if doc["slug"] == slug).get("names", [])
        on = lambda day: next((name["name"] for name in names
                               if name.get("from", "") <= day < name.get("until", "9999")), slug)
        return on(self.day), None if on(PUBLISHED) == on(self.day) else on(PUBLISHED)

    def plans(self, slug):
        """The action plans that were seen by that day."""
        return sorted(doc["url"] for doc in self.all("action_plan")
                      if doc["organisation"] == slug and doc.get("first_seen_on", "") <= self.day)

    def matrix(self):
        """What the server should say, by place."""
        cells = {key: self.cell(*key) for key in self.cells}
        numbers = sorted(self.recommendations, key=lambda number: [int(part) for part in number.split(".")])
        numbers = numbers if self.day >= PUBLISHED else []
        names = {slug: self.name(slug) for slug in {slug for _, slug in cells}}
        said = {("totals", name): value for name, value in self.totals(cells).items()}
        said["columns", "numbers"] = numbers
        said["rows", "names"] = sorted([names[slug][0], slug] for slug in names)
        for number in numbers:
            doc = self.recommendations[number]
            said["column", number] = [doc.get("parent_number"), doc.get("withdrawal", {}).get("reason")]
        for slug in names:
            said["name as published", slug], said["plans", slug] = names[slug][1], self.plans(slug)
            said |= {(number, slug): cells.get((number, slug)) for number in numbers}
        return said
