"""The fictional register that days.py imports: facts of more than two years, in files that know them in another order.

What the documentation leaves open is left out: two things of the same day of which the newer one counts, a year and a
month of it as days of two progress updates, deadlines of two obligations that one successor took over.
"""

import random
import uuid
from datetime import date, timedelta

from documents import FORCES, POSITIONS, PUBLISHED, REPORT, RULES, STATUSES, SUCCESSORS, forces

FILES = 12
FIRST, LAST = date(2024, 3, 8), date(2026, 6, 28)
NORTH, SOUTH = FORCES[:15] + forces(33), FORCES[16:30]
LATE = {"22": 3, "24": 8}  # the files of recommendations that were recorded late
WITHDRAWN, EXCLUDED, CORRECTED = 7, 6, 5  # the files in which 10 is withdrawn, 3 spares 12, and the north gets 16
CHECKS = {1: "2024-05-20", 3: "2024-10-15", 5: "2025-03-31", 8: "2025-12-15", 10: "2026-05-04"}  # by file
STATUS = "open_acceptable open_unacceptable closed_implemented closed_superseded".split()
PERIODS = [  # of each, no two have a day in common
    ["2024", "2025", "2026-01", "2026-03-11", "2026-05"],
    ["2024-04", "2024-09-02", "2024-12", "2025-02-10", "2025-06", "2025-10-09", "2026-02", "2026-04-20"],
    ["2024-06-03", "2024-11-21", "2025", "2026-01-30", "2026-06-10"],
    ["2024-05", "2024-10", "2025-01-15", "2025-03", "2025-07-22", "2025-08-19", "2025-12", "2026"]]


def period(as_at):
    """The first and the last day, as far as it is over."""
    first = date.fromisoformat(as_at + "-01-01"[len(as_at) - 4:])
    days = {4: 365, 7: 27, 10: 0}[len(as_at)]
    return first, min(first + timedelta(days), LAST)


class Maker:
    def __init__(self, seed):
        self.rng, self.files = random.Random(seed), [[] for _ in range(FILES)]
        even = [FIRST + timedelta(n) for n in range((LAST - FIRST).days) if (FIRST + timedelta(n)).toordinal() % 2 == 0]
        self.rng.shuffle(even)
        self.free = [str(day) for day in even]  # no two responders publish on the same day
        self.addressed, self.requirement, self.deadline = {}, {}, {}

    def add(self, type, file, **members):
        self.files[file].append(
            {"type": type, **{name.rstrip("_"): value for name, value in members.items() if value is not None}})
        return self.files[file][-1]

    def again(self, doc, **members):
        """The document once more, in a file after the one that has it; none if that is the last."""
        file = next(n for n, docs in enumerate(self.files) if any(doc is other for other in docs))
        if members.get("state") == "withdrawn":
            members["withdrawal"] = {"at": "2024-08-01T09:00:00Z", "reason": "Fictional."}
        if file + 1 < FILES:
            self.files[self.rng.randrange(file + 1, FILES)].append({**doc, **members})

    def day(self, first=FIRST, last=LAST, odd=False):
        day = first + timedelta(self.rng.randint(0, max(0, (last - first).days)))
        return str(day + timedelta(1) if odd and day.toordinal() % 2 == 0 else day)

    def file(self, *numbers):
        return self.rng.randrange(max([0, *(LATE.get(number, 0) for number in numbers)]), FILES)

    def chance(self, chance):
        return self.rng.random() < chance

    # What is there from the beginning, and its corrections.

    def bodies(self):
        names = {"force-07": "old force", "force-21": "a new force"}
        for slug in ["watch", "council", "charity", *FORCES, *SUCCESSORS]:
            self.add("organisation", 0, slug=slug, name=slug, names=slug in names and [
                {"name": names[slug], "until": "2025-01-01"}, {"name": slug, "from": "2025-01-01"}] or None)
        members = lambda slugs, **period: [{"organisation": slug, **period} for slug in slugs]
        north = members(FORCES[:15]) + members(forces(32), until=PUBLISHED) + members(forces(33), **{"from": PUBLISHED})
        for file, day in (0, "2024-09-01"), (CORRECTED, "2020-01-01"):
            self.add("group", file, slug="north", name="North", members=north + members(forces(16), **{"from": day}))
        self.add("group", 0, slug="all", name="All", members=members(FORCES))
        self.add("group", 0, slug="south", name="South", members=members(SOUTH))
        for file, checked in {0: None, **CHECKS}.items():
            self.add("report", file, slug=REPORT, title=REPORT, published_on=PUBLISHED, publishers=["watch"],
                     responses_checked_on=checked)

    def mandates(self):
        def mandate(by, to, represents, from_, until=None, file=0, report=REPORT):
            return self.add("mandate", file, granted_by=by, representative=to, represents=represents, from_=from_,
                            until=until, report=report)

        mandate("watch", "council", ["north"], "2024-03-01", "2025-09-01")
        ended = mandate("watch", "council", FORCES[24:29], "2024-04-20", file=1)
        self.files[6].append({**ended, "until": "2025-11-01"})
        mandate("force-20", "council", ["force-20"], "2024-12-02", report=None)
        mandate("force-21", "council", ["force-21"], "2024-01-01", "2025-01-15")
        mandate("force-22", "charity", ["force-22"], "2024-06-01", "2025-12-01", file=2)
        mandate("force-24", "force-23", ["force-24"], "2024-03-01")
        mandate("force-30", "council", ["force-30"], "2024-03-01", file=4)  # makes answers of claims

    def recommendations(self):
        groups = {"all": FORCES, "north": NORTH, "south": SOUTH}

        def recommend(number, requirement, day=None, addressees=("all",), kind="response", exclusions=(), **members):
            listed = {slug for addressee in addressees for slug in groups.get(addressee, [addressee])}
            self.addressed[number], self.requirement[number] = sorted(listed - set(exclusions)), requirement
            day = day and day.split()
            deadlines = [{"kind": kind, **{"rule" if d in RULES else "stated_due_on": d for d in day}}] if day else []
            if deadlines:
                due = date.fromisoformat(PUBLISHED) + timedelta(RULES.get(day[0], 0))
                self.deadline[number] = kind, due if day[-1] in RULES else date.fromisoformat(day[-1])
            return self.add("recommendation", LATE.get(number, 0), report=REPORT, number=number, text="Mend it.",
                            addressees=list(addressees), response_requirement=requirement, deadlines=deadlines,
                            exclusions=list(exclusions), **members)

        withdrawal = {"state": "withdrawn", "withdrawal": {"at": "2024-08-01T09:00:00Z", "reason": "Mended."}}
        days = ["2024-04-29", "2024-08-30", "2024-12-02", "2025-02-14", "2025-05-30", "2025-08-29", "2025-12-01"]
        for number, day in zip(["1", "13", "14", "15", "16", "17", "18"], days):
            recommend(number, "statutory", day)
        recommend("2", "requested", "super-complaint-report 2024-05-10")
        recommend("2.1", None, "iopc-28b-response", kind="action_plan_publication", parent_number="2")
        recommend("2.2", None, "2025-09-01", parent_number="2")
        spared = recommend("3", "statutory", "2090-01-31", exclusions=forces(1, 8, 20))
        self.files[EXCLUDED].append({**spared, "exclusions": forces(1, 8, 20, 12)})
        recommend("4", "statutory", addressees=FORCES)
        recommend("5", None, addressees=FORCES[:40])
        recommend("6", "none", "2024-05-01", ["north", "south", *forces(35, 36)], exclusions=forces(3, 25))
        recommend("7", "unknown", "2024-11-01")
        recommend("8", "requested", "2025-06-03", ["south"], reply="joint")
        recommend("8.1", "requested", "2024-06-03", reply="joint", parent_number="8")
        recommend("9", "statutory", "2024-06-03", **withdrawal)
        self.files[WITHDRAWN].append({**recommend("10", "statutory", "2024-06-03"), **withdrawal})
        recommend("11", None, "2024-07-01")["deadlines"].append(
            {"kind": "action_plan_publication", "stated_due_on": "2024-05-01"})
        recommend("12", "statutory", "2024-05-01", kind="implementation", exclusions=forces(2, 40))
        del self.deadline["12"]  # not the deadline of a response
        recommend("13.1", "statutory", "2024-10-31", parent_number="13")
        recommend("13.2", "requested", "super-complaint-report", parent_number="13")
        recommend("19", "requested", "2026-03-02")
        recommend("20", "statutory", "2026-06-30")
        recommend("21", None, "iopc-28b-response")
        recommend("22", "statutory", "2025-01-31")
        recommend("23", "statutory", "2027-01-15")
        recommend("24", "requested", "2024-09-30")

    # Responses

    def respond(self, responder, numbers, day=None, file=None, position="any", **members):
        covers = [{"number": number} for number in sorted(numbers)]
        for cover in covers if members.get("publication") != "withheld" and members.get("kind") != "holding" else []:
            if position == "any" and self.chance(0.8):
                cover["position"] = self.rng.choice(POSITIONS + ["no_position_stated"])
        return self.add("response", self.file(*numbers) if file is None else file, report=REPORT, responder=responder,
                        published_on=day or self.free.pop(), covers=covers,
                        id=str(uuid.UUID(int=self.rng.getrandbits(128), version=4)), **members)

    def received(self):
        """Odd days, while the days of publication are even: whichever is first says whether it was received."""
        return self.day(odd=True) if self.chance(0.5) else None

    def own_responses(self):
        for force in FORCES:
            mine = [n for n in self.addressed if force in self.addressed[n] and not n.startswith("8")]
            for _ in range(self.rng.randint(0, 5)):
                numbers = self.rng.sample(mine, self.rng.randint(1, 7))
                if self.chance(0.25):  # no holding reply where none is wanted
                    self.respond(force, set(numbers) - set("567") or ["1"], kind="holding", received_on=self.received())
                    continue
                how = self.rng.choices(["full", "partial", "withheld"], [7, 1, 2])[0]
                first = self.respond(force, numbers, received_on=self.received(), publication=how,
                                     withheld_reason=None if how == "full" else "Names a victim.")
                self.then(first, numbers)

    def then(self, first, numbers):
        """What comes of a response: a withdrawal, a receipt, a correction, or another one on the same day."""
        responder, more = first["responder"], first.get("on_behalf_of")
        file = next(n for n, docs in enumerate(self.files) if any(first is doc for doc in docs))
        after, fate = self.rng.randrange(file, FILES), self.rng.random()
        after = max([after, *(LATE.get(number, 0) for number in numbers)])
        if fate < 0.12:
            self.again(first, state="withdrawn")
        elif fate < 0.3 and "received_on" not in first:
            self.again(first, received_on=self.day(odd=True))
        elif fate < 0.55:
            self.respond(responder, numbers[:2], file=after, kind="correction", corrects=first["id"], on_behalf_of=more,
                         received_on=self.received())
        elif fate < 0.7:
            self.respond(responder, numbers[1:] or numbers, first["published_on"], after, sequence=2, on_behalf_of=more,
                         kind=first.get("kind"), received_on=self.received())

    def others_responses(self):
        council = [["all"], ["north"], ["north", *forces(20, 25, 26, 27, 30)], ["south", "successor-a"], FORCES[18:31]]
        both = lambda represented: [n for n in self.addressed if not n.startswith("8") and any(
            slug in self.addressed[n] for slug in {"north": NORTH, "south": SOUTH, "all": FORCES}.get(
                represented[0], represented))]
        for _ in range(22):
            represented = self.rng.choice(council)
            numbers = self.rng.sample(both(represented), self.rng.randint(1, 4))
            kind = "holding" if self.chance(0.2) and not set(numbers) & set("567") else "collective"
            withheld = kind == "collective" and self.chance(0.15)
            first = self.respond(
                "council", numbers, kind=kind, on_behalf_of=represented, received_on=self.received(),
                publication="withheld" if withheld else None, withheld_reason="Names a victim." if withheld else None)
            if kind == "collective":
                self.then(first, numbers)
        for responder, represented in [("charity", ["all"])] * 4 + [("force-23", forces(24, 40))] * 4:
            self.respond(responder, self.rng.sample(both(represented), 3), kind="collective", on_behalf_of=represented,
                         received_on=self.received())
        for number in ("1", "4", "13", "2.2"):  # of the successor
            self.respond("successor-a", [number], file=FILES - self.rng.randint(1, 4))
        # Joint replies
        self.respond("force-18", ["8"], "2025-05-28", received_on="2025-06-05")
        self.respond("council", ["8"], kind="collective", on_behalf_of=forces(17, 20, 28))
        self.respond("charity", ["8.1"], kind="collective", on_behalf_of=["south"])
        self.respond("force-24", ["8.1"], kind="holding")

    # Further facts about obligations, in versions: each has all of the one before.

    def revise(self, number, revisions):
        kind, due = self.deadline[number]
        due = date.fromisoformat(revisions[-1]["due_on"]) if revisions else due
        since = date.fromisoformat(revisions[-1]["set_on"]) if revisions else FIRST
        change = self.rng.choice(["extension", "extension", "slippage", "correction"])
        if change == "extension" and since > due:
            change = "slippage"
        set_on = date.fromisoformat(self.day(since, min(due, LAST) if change == "extension" else LAST))
        later = self.rng.randint(10, 300) if change != "correction" else self.rng.choice([-30, -9, 12, 45, 200])
        return revisions + [{"kind": kind, "change": change, "due_on": str(max(due, since) + timedelta(later)),
                             "set_on": str(set_on)}]

    def versions(self, number, organisation, versions, first=None):
        """One version in each of as many files."""
        first = LATE.get(number, 0) if first is None else first
        files = sorted(self.rng.sample(range(first, FILES), min(len(versions), FILES - first)))
        for file, facts in zip(files, versions):
            self.add("obligation", file, report=REPORT, number=number, organisation=organisation, **facts)

    def facts(self):
        for number in self.addressed:
            for force in self.rng.sample(FORCES[:37], 7):
                if force not in self.addressed[number]:
                    continue
                facts, versions, checked = {}, [], FIRST
                for _ in range(self.rng.randint(1, 3)):
                    if number in self.deadline and self.chance(0.6):
                        facts = {**facts, "revisions": self.revise(number, facts.get("revisions", []))}
                    if self.chance(0.6):
                        checked = date.fromisoformat(self.day(checked))
                        facts = {**facts, "checked_on": str(checked)}
                    if self.chance(0.2) and "disputes" not in facts:
                        facts = {**facts, "disputes": [{"raised_on": self.day(), "text": "No."}]}
                    elif facts.get("disputes") and "outcome" not in facts["disputes"][0]:
                        raised = facts["disputes"][0]
                        decided = self.day(date.fromisoformat(raised["raised_on"]))
                        facts = {**facts, "disputes": [{**raised, "outcome": "Yes.", "decided_on": decided}]}
                    versions.append(facts)
                self.versions(number, force, versions)

    def transfers(self):
        to = lambda new, day: {"transferred_to": new, "transferred_on": day}
        # Two become one. A check counts, too, that the next document leaves out.
        for number in ("1", "2", "3", "4", "13", "18"):
            for old, new_on in ("force-41", "2024-10-01"), ("force-42", self.day()):
                self.versions(number, old, [{"checked_on": "2024-09-02"}, to("successor-a", new_on)])
        for number in ("7", "11", "19", "13.2", "22"):
            revisions = self.revise(number, self.revise(number, []))
            self.versions(number, "force-43", [{"revisions": revisions[:1]}, {
                "revisions": revisions, **to("successor-b", self.day())}])
        # A chain, with changes of both; to one that was addressed itself; of a withdrawn recommendation
        revisions = self.revise("2.2", [])
        later = [{"kind": "response", "change": change, "due_on": due, "set_on": set_on} for change, due, set_on in [
            ("slippage", "2026-08-03", "2025-10-06"), ("correction", "2026-05-11", "2026-01-12")]]
        self.add("obligation", 0, report=REPORT, number="2.2", organisation="force-43", revisions=revisions,
                 **to("successor-b", "2024-11-01"))
        self.versions("2.2", "successor-b", [to("successor-a", "2025-02-03")], 1)
        self.add("obligation", FILES - 1, report=REPORT, number="2.2", organisation="successor-a", revisions=later,
                 checked_on="2026-05-20")
        for number in ("1", "5", "17"):
            self.versions(number, "force-39", [to("force-38", self.day())])
        self.versions("10", "force-40", [to("successor-b", "2024-06-20")])
        # Taken back; to another body; on another day
        self.versions("14", "force-40", [to("successor-b", "2025-01-07"), {"checked_on": "2025-02-03"}])
        self.versions("15", "force-40", [to("successor-a", "2025-03-03"), to("successor-b", "2025-06-02")])
        self.versions("16", "force-41", [to("successor-a", "2024-10-01"), to("successor-a", "2025-04-01")])

    # Progress and assessments

    def accounts(self):
        for number in self.addressed:
            for force in self.rng.sample(self.addressed[number], len(self.addressed[number]) // 8):
                periods = self.rng.sample(self.rng.choice(PERIODS), 4)
                for as_at in periods[:self.rng.randint(1, 4)]:
                    author = self.rng.choice([None, force, None, force, "council", "charity", "watch"])
                    self.update(number, force, author, as_at)
                periods = self.rng.choice(PERIODS)
                for as_at in self.rng.sample(periods, self.rng.randint(0, 2)):
                    assessment = self.add(
                        "assessment", self.file(number), report=REPORT, number=number, organisation=force,
                        assessor="watch", as_at=as_at, status=self.rng.choice(STATUS))
                    if self.chance(0.15):
                        self.again(assessment, **self.rng.choice(
                            [{"state": "withdrawn"}, {"status": self.rng.choice(STATUS)}]))

    def update(self, number, force, author, as_at):
        first, last = period(as_at)
        published = self.rng.choice([self.day(first, last), self.day(last, LAST), self.day(last, LAST), None])
        if author not in (None, force):
            published = published or self.day(last, LAST)
        update = self.add("progress_update", self.file(number), report=REPORT, number=number, organisation=force,
                          as_at=as_at, author=author, status=self.rng.choice(STATUSES), published_on=published)
        if self.chance(0.15):
            self.again(update, **self.rng.choice([{"state": "withdrawn"}, {"status": self.rng.choice(STATUSES)},
                                                  {"published_on": self.day(first, LAST)}]))

    def plans(self):
        for force in self.rng.sample(FORCES, 25):
            for n in range(self.rng.randint(1, 2)):
                self.add("action_plan", self.file(), report=REPORT, organisation=force, title="Plan",
                         url=f"https://plans.example/{force}/{n}",
                         first_seen_on=self.day() if self.chance(0.8) else None)


def made(seed):
    """The documents of each file."""
    maker = Maker(seed)
    for part in (maker.bodies, maker.mandates, maker.recommendations, maker.own_responses, maker.others_responses,
                 maker.facts, maker.transfers, maker.accounts, maker.plans):
        part()
    return maker.files
