"""The fictional register that check.py imports: a report for 43 forces, and what was said on it. Always the same."""

import random
import uuid

REPORT, PUBLISHED, CHECKED = "cells-2024", "2024-03-04", "2025-06-30"
FORCES = [f"force-{number:02}" for number in range(1, 44)]
SUCCESSORS = ["successor-a", "successor-b"]
RULES = {"super-complaint-report": 56, "iopc-28b-response": 55}  # days after the day of publication
POSITIONS = "accepted accepted_in_part accepted_in_principle under_consideration noted not_accepted redirected".split()
STATUSES = "not_started in_progress partially_complete complete no_action_planned no_longer_applicable".split()


def forces(*numbers):
    return [FORCES[number - 1] for number in numbers]


def made():
    """The documents of two files; the second corrects the first, and adds to it."""
    rng, docs, later = random.Random(2024), [], []

    def add(type, to=docs, **members):
        if members.get("state") == "withdrawn":
            members.setdefault("withdrawal", {"at": "2025-01-01T09:00:00Z", "reason": "Fictional."})
        to.append({"type": type, **{name.rstrip("_"): value for name, value in members.items() if value is not None}})
        return to[-1]

    for slug in ["watch", "council", "charity", *FORCES, *SUCCESSORS]:
        names = [{"name": "Old Force", "until": "2025-01-01"}, {"name": slug, "from": "2025-01-01"}]
        add("organisation", slug=slug, name=slug, names=names if slug == "force-07" else None)
    members = lambda slugs, **period: [{"organisation": slug, **period} for slug in slugs]
    add("group", slug="all", name="All", members=members(FORCES))
    # Of these, 31 had left before the day of publication, 32 on that day; 33 joined on it, 16 and 34 later.
    north = members(FORCES[:15]) + members(forces(31), until="2023-06-01") + members(forces(32), until=PUBLISHED)
    north += members(forces(33), **{"from": PUBLISHED}) + members(forces(34), **{"from": "2024-03-05"})
    add("group", slug="north", name="North", members=north + members(forces(16), **{"from": "2024-09-01"}))
    add("group", slug="south", name="South", members=members(FORCES[16:30]))
    add("group", later, slug="north", name="North", members=north + members(forces(16), **{"from": "2020-01-01"}))
    for slug, checked in [(REPORT, CHECKED), ("other", None)]:
        add("report", slug=slug, title=slug, published_on=PUBLISHED, publishers=["watch"], responses_checked_on=checked)

    groups = {"all": FORCES, "north": FORCES[:15] + forces(33), "south": FORCES[16:30]}
    addressed = {}  # the forces by the number of the recommendation

    def recommend(number, addressees, requirement, *deadlines, to=docs, exclusions=(), **members):
        listed = {force for addressee in addressees for force in groups.get(addressee, [addressee])} - set(exclusions)
        addressed.setdefault(number, sorted(listed))
        deadlines = [{"kind": kind, "rule" if day in RULES else "stated_due_on": day} for kind, day in deadlines]
        return add("recommendation", to, report=REPORT, number=number, text="Mend it.", addressees=addressees,
                   response_requirement=requirement, deadlines=deadlines, exclusions=list(exclusions), **members)

    withdrawal = {"state": "withdrawn", "withdrawal": {"at": "2024-08-01T09:00:00Z", "reason": "Mended."}}
    recommend("1", ["all"], "statutory", ("response", "2024-04-29"))
    recommend("2", ["all"], "requested", ("response", "super-complaint-report"))
    docs[-1]["deadlines"][0]["stated_due_on"] = "2024-05-10"
    recommend("2.1", ["all"], None, ("action_plan_publication", "iopc-28b-response"), parent_number="2")
    recommend("2.2", ["all"], None, ("response", "2025-09-01"), parent_number="2")
    recommend("3", ["all"], "statutory", ("response", "2090-01-31"), exclusions=forces(1, 8, 20))
    recommend("3", ["all"], "statutory", ("response", "2090-01-31"), exclusions=forces(1, 8, 20, 12), to=later)
    recommend("4", FORCES, "statutory")
    recommend("5", FORCES[:40], None)
    recommend("6", ["north", "south", *forces(35, 36)], "none", ("response", "2024-05-01"), exclusions=forces(3, 25))
    recommend("7", ["all"], "unknown", ("response", "2024-05-01"))
    recommend("8", ["south"], "requested", ("response", "2024-06-03"), reply="joint")
    recommend("8.1", ["all"], "requested", ("response", "2024-06-03"), reply="joint", parent_number="8")
    recommend("9", ["all"], "statutory", ("response", "2024-06-03"), **withdrawal)
    recommend("10", FORCES, "statutory", ("response", "2024-06-03"))
    recommend("10", FORCES, "statutory", ("response", "2024-06-03"), to=later, **withdrawal)
    recommend("11", ["all"], None, ("action_plan_publication", "2024-05-01"), ("response", "2024-07-01"))
    recommend("12", ["all"], "statutory", ("implementation", "2024-05-01"), exclusions=forces(2, 40))

    def mandate(by, to, represents, from_, until=None, report=REPORT, file=docs):
        add("mandate", file, granted_by=by, representative=to, represents=represents, from_=from_, until=until,
            report=report)

    mandate("watch", "council", ["north"], "2024-03-01", "2024-12-02")
    mandate("watch", "council", FORCES[24:29], "2024-04-20")
    mandate("force-20", "council", ["force-20"], "2024-05-06", report=None)
    mandate("force-21", "council", ["force-21"], "2024-01-01", "2024-04-15")
    mandate("force-22", "charity", ["force-22"], "2024-06-01")
    mandate("force-24", "force-23", ["force-24"], "2024-03-01")
    mandate("watch", "council", ["force-31"], "2024-03-01", report="other")
    mandate("force-30", "council", ["force-30"], "2024-03-01", file=later)  # makes answers of claims

    taken = {}

    def respond(responder, day, numbers, position="any", **members):
        """Each position is another one, so that no two are confused. The second of a day has a `sequence`."""
        taken[responder, day] = taken.get((responder, day), 0) + 1
        covers = [{"number": number} for number in numbers]
        for cover in covers if members.get("publication") != "withheld" and members.get("kind") != "holding" else []:
            if position != "any" or rng.random() < 0.8:
                cover["position"] = rng.choice(POSITIONS) if position == "any" else position
        sequence = taken[responder, day] if taken[responder, day] > 1 else None
        return add("response", report=REPORT, responder=responder, published_on=day, sequence=sequence, covers=covers,
                   id=str(uuid.UUID(int=rng.getrandbits(128), version=4)), **members)

    def how():
        publication = rng.choices(["full", "partial", "withheld"], [7, 1, 2])[0]
        return {"publication": publication, "withheld_reason": None if publication == "full" else "Names a victim.",
                # Odd days, while the days of publication are even: a day of receipt is never one of publication.
                "received_on": rng.choice([None, None, "2024-03-21", "2024-04-29", "2024-05-03", "2024-06-11"])}

    for force in FORCES:
        mine = [n for n in addressed if force in addressed[n] and not n.startswith("8")]
        for _ in range(0 if force == "force-19" else rng.randint(0, 4)):
            numbers = sorted(rng.sample(mine, rng.randint(1, 5)))
            day = rng.choice("2024-02-20 2024-03-18 2024-04-10 2024-05-10 2024-05-20 2024-07-16 2024-10-02".split())
            if rng.random() < 0.2:  # no holding reply where none is wanted
                respond(force, day, [n for n in numbers if n not in "567"] or ["1"], kind="holding")
                continue
            state = "withdrawn" if rng.random() < 0.1 else None
            first = respond(force, day, numbers, state=state, **how())
            if not state and rng.random() < 0.3:
                respond(force, "2024-11-12", numbers[:2], kind="correction", corrects=first["id"])
    respond("force-19", "2024-04-10", ["4"], "no_position_stated")
    respond("force-18", "2024-05-28", ["8"], received_on="2024-06-05")
    together = dict(kind="collective", on_behalf_of=["all", "successor-a"])
    some = dict(kind="collective", on_behalf_of=["north", *forces(20, 25, 26, 27, 30)])
    respond("council", "2024-02-28", ["12"], **together)
    respond("council", "2024-04-12", ["1", "2", "2.1", "3", "7"], **{**together, "on_behalf_of": ["all"]})
    first = respond("council", "2024-05-06", ["1", "2.2", "4", "5", "11"], "noted", **some)
    respond("council", "2024-05-06", ["2"], "accepted", received_on="2024-05-11", **some)
    respond("council", "2024-08-14", ["1", "11"], "redirected", kind="correction", corrects=first["id"],
            on_behalf_of=some["on_behalf_of"])
    respond("council", "2024-06-10", ["1", "4"], state="withdrawn", **together)
    respond("council", "2024-04-02", ["2.2", "3"], kind="holding", on_behalf_of=["north", "south"])
    respond("council", "2024-06-24", ["8"], "accepted_in_part", kind="collective", on_behalf_of=forces(17, 20, 28),
            received_on="2024-06-01")
    respond("council", "2024-09-16", ["4", "10"], publication="withheld", withheld_reason="Names a victim.", **together)
    respond("council", "2024-11-30", ["6", "11", "12"], "not_accepted", kind="collective", on_behalf_of=["all"])
    respond("council", "2024-12-02", ["1", "11"], "accepted", **together)  # one day too late for a mandate
    respond("charity", "2024-05-08", ["8.1"], kind="collective", on_behalf_of=["all"])
    respond("charity", "2024-07-08", ["4", "9", "10", "11"], kind="collective", on_behalf_of=["all"])
    respond("force-23", "2024-04-04", ["1", "11"], on_behalf_of=forces(24, 40))
    respond("successor-a", "2024-12-10", ["1", "4"], "accepted", received_on="2024-12-11")

    obligations = {}

    def revise(number, force, due, change="extension", set_on="2024-04-08", kind="response", **facts):
        fact = obligations.setdefault((number, force), {"revisions": []})
        if due:
            kind = "action_plan_publication" if number == "2.1" else kind
            fact["revisions"].append({"kind": kind, "change": change, "due_on": due, "set_on": set_on})
        fact.update(facts)

    for number in addressed:
        for force in rng.sample(FORCES[:38], 12):
            if force not in addressed[number]:
                continue
            if number in ("1", "2", "2.1", "3", "9", "10", "11") and rng.random() < 0.7:
                due = rng.choice(["2024-05-20", "2024-06-30", "2025-07-10", "2090-06-01"])
                due = max(due, "2024-07-08") if number in ("9", "10", "11") else due  # an extension is one
                revise(number, force, "2091-05-01" if number == "3" else due)
                if due == "2024-06-30" and number != "3":
                    revise(number, force, "2024-08-31", "slippage", "2024-07-09")
            revise(number, force, None,
                   checked_on=rng.choice(["2024-04-29", "2025-07-15", "2025-09-01", "2025-10-01", None]))
    revise("11", "force-37", "2090-01-01", kind="action_plan_publication")  # not the deadline of the response

    def transfer(numbers, old, new, day):
        for number in numbers:
            revise(number, old, None, transferred_to=new, transferred_on=day)

    transfer(["1", "2", "3", "4"], "force-41", "successor-a", "2024-10-01")
    transfer(["1", "2", "3", "4", "11"], "force-42", "successor-a", "2024-10-01")  # two become one
    transfer(["2.2", "7"], "force-43", "successor-b", "2024-11-01")
    transfer(["2.2"], "successor-b", "successor-a", "2025-02-03")  # a chain
    transfer(["1", "5"], "force-39", "force-38", "2024-10-01")  # to one that was addressed itself
    revise("11", "force-42", "2024-08-30", "extension", "2024-06-20")
    revise("11", "successor-a", "2025-07-02", "slippage", "2024-12-05", checked_on="2025-07-30")
    for force in forces(39, 40, 43):
        revise("3", force, "2091-06-01", "slippage")  # no extension
    revise("2.2", "force-43", "2025-11-28")
    for (number, organisation), facts in obligations.items():
        add("obligation", report=REPORT, number=number, organisation=organisation, **facts)

    for number in addressed:
        for force in rng.sample(addressed[number], len(addressed[number]) // 3):
            said = lambda author, day, **members: add(
                "progress_update", report=REPORT, number=number, organisation=force, as_at=day,
                author=author, status=rng.choice(STATUSES), **members)
            for day in rng.sample(["2024", "2025-02-10", "2025-06-10"], rng.randint(0, 2)):
                said(rng.choice([None, force]), day, state="withdrawn" if rng.random() < 0.1 else None)
            for author, days in [("council", ["2025-02-10", "2025-04-10", "2025-06-10"]), ("charity", ["2025-03-11"]),
                                 ("watch", ["2025-05-12"])]:
                for day in rng.sample(days, rng.randint(0, min(2, len(days)))):
                    if author != force:
                        said(author, day, published_on=rng.choice(["2024-11-30", "2025-07-01"]))
            for day in rng.sample(["2025-03-01", "2025-09-01", "2026"], rng.randint(0, 2)):
                add("assessment", report=REPORT, number=number, organisation=force, assessor="watch", as_at=day,
                    status=rng.choice(["open_acceptable", "open_unacceptable", "closed_implemented"]),
                    state="withdrawn" if rng.random() < 0.1 else None)
    return docs, later
