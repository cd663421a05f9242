#!/usr/bin/env python3
"""Computes the matrix of any day a second time, and compares it with the server's: tests/matrix/days.py
PATH-OF-THE-BINARY [SEED [ENTRIES]].

It imports the files of dated.py one after the other, starts a server, and compares every value of every cell and every
total on many days (`on`), and what was known at one of the moments between the imports of one of the days (`as_of` and
`on`). On some days it compares the lists of obligations with the matrix, too. It shares nothing with the server:
register.py is written from docs/tracking.md. With ENTRIES, the log has so many more entries, of articles that are imported
before and between the files. Needs only the Python standard library.
"""

import json
import os
import random
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta, timezone

from comparing import cells, csv_differences, differences, from_json
from dated import FILES, made
from documents import PUBLISHED, REPORT
from instance import Instance
from register import STATES, VALUES, Register, current, identity

DAYS, PAIRS, LISTS, TABLES, SHOWN = 60, 60, 10, 3, 50
MATRIX = f"/v1/reports/{REPORT}/coverage"
LIST = f"/v1/obligations?report={REPORT}&limit=100"


def everything(files):
    return [doc for file in files for doc in file]


def known(files, moment):
    """What was known after a file: of what was withdrawn since, and of its obligations, what is known today."""
    last = current(everything(files))
    withdrawn = {doc.get("number") for doc in last.values()
                 if doc["type"] == "recommendation" and doc.get("state") == "withdrawn"}
    is_as_today = lambda doc: (last[identity(doc)].get("state") == "withdrawn"
                               or doc["type"] == "obligation" and doc["number"] in withdrawn)
    docs = everything(files[:moment + 1])
    as_today = current([doc for doc in docs if is_as_today(doc)])
    # The addressees of a recommendation are those that it ever had.
    kept = [doc for doc in docs if doc["type"] == "recommendation" or not is_as_today(doc)]
    return kept + [last[which] for which in as_today]


def questions(rng):
    """The days; and the pairs of a moment and a day."""
    first, today = date.fromisoformat(PUBLISHED), date.today()
    day = lambda: str(first + timedelta(rng.randint(0, (today - first).days)))
    edges = [first - timedelta(1), first, first + timedelta(1), today, today + timedelta(1), today + timedelta(700)]
    days = [*map(str, edges), *(day() for _ in range(DAYS))]
    return days, [(rng.randrange(FILES), day()) for _ in range(PAIRS)]


def articles(number, revision):
    """So many articles in a revision."""
    yield {"type": "organisation", "slug": "news-office", "name": "Fictional news office"}
    for nth in range(number):
        yield {"type": "article", "slug": f"news-{nth}", "organisation": "news-office", "published_at": f"{PUBLISHED}T00:00:00Z",
               "headline": f"Fictional news {nth}, revision {revision}", "body_html": "<p>Fictional news.</p>"}


def load(instance, files, entries):
    """Imports the files; the moments after each: a full second, before the next file is read."""
    moments = []
    for revision, docs in enumerate(files):
        if entries:
            instance.load(articles(entries // len(files), revision))
        instance.load(docs)
        time.sleep(1.05 - time.time() % 1)
        moments.append(datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"))
    return moments


def lists(instance, day, register, right):
    """The differences of the list of obligations on a day, and of the number of those that are overdue."""
    listed = {}
    for page in instance.pages(f"{LIST}&on={day}"):
        for one in page["data"]:
            # A dispute is decided if it has an outcome.
            disputes = [[dispute["raised_on"], dispute.get("decided_on")] for dispute in one["disputes"]]
            listed[one["recommendation"]["number"], one["organisation"]["slug"]] = {
                "response_state": one["response_state"], "due_on": one.get("due_on"), "disputes": disputes,
                "answered_on": one.get("answered_on"), "checked_on": one.get("checked_on")}
    expected = {place: {**{name: cell[name] for name in ("response_state", "due_on", "answered_on", "checked_on")},
                        "disputes": register.disputes(*place)}
                for place, cell in cells(right).items() if cell["response_state"] != "withdrawn"}
    wrong = list(differences(f"list on {day}", expected, listed))
    overdue = json.loads(instance.get(f"{LIST}&on={day}&state=overdue&count=exact"))["page"]["count"]
    count = right["totals", "response_states"]["overdue"]
    return wrong + ([] if overdue == count else [f"list on {day}, overdue: {overdue}, should be {count}"])


def counted(matrices, today):
    """How often a state occurs, and how often a value, or whether there is a cell, is other than today."""
    counts = Counter()
    for right in matrices:
        for place, cell in cells(right).items():
            counts[cell["response_state"]] += 1
            counts.update(name for name in VALUES if cell[name] != today.get(place, cell)[name])
        counts["no cell yet"] += len(today.keys() - cells(right).keys())
    return counts


def compared(instance, asked):
    """The differences of each matrix that is asked for: its name, what is right, and the query."""
    with ThreadPoolExecutor(2) as pool:
        said = pool.map(lambda one: from_json(instance.data(MATRIX + one[2])), asked)
        return [line for (where, right, _), data in zip(asked, said) for line in differences(where, right, data)]


def main(binary, seed=2024, entries=0):
    """Prints the differences and the summary; returns whether there are differences."""
    files = made(seed)
    days, pairs = questions(random.Random(seed))
    with Instance(binary) as instance, ThreadPoolExecutor(1) as beside:
        moments = beside.submit(load, instance, files, entries)  # while the following is computed
        registers = {day: Register(everything(files), day) for day in days}
        right = {day: register.matrix() for day, register in registers.items()}
        past = {pair: Register(known(files, pair[0]), pair[1]).matrix() for pair in pairs}
        now = Register(everything(files)).matrix()
        moments = moments.result()
        instance.serve()
        beside.submit(instance.get, f"{MATRIX}?as_of={moments[-1]}")  # the past is built while the days are compared

        asked = [("today", now, "")] + [(f"on {day}", right[day], f"?on={day}") for day in days]
        asked += [(f"as known after file {n + 1}", Register(known(files, n)).matrix(), f"?as_of={moments[n]}")
                  for n in range(2, FILES, 3)]
        asked += [(f"on {day} as known after file {n + 1}", past[n, day], f"?as_of={moments[n]}&on={day}")
                  for n, day in pairs]
        wrong = compared(instance, asked)
        for day in days[-LISTS:]:
            wrong += lists(instance, day, registers[day], right[day])
        for day in days[-TABLES:]:
            table = instance.get(f"{MATRIX}?on={day}&format=csv")
            wrong += csv_differences(f"CSV on {day}", right[day], table)

    counts = counted([*right.values(), *past.values()], cells(now))
    unseen = [name for name in [*STATES, *VALUES] if not counts[name] and name != "response_requirement"]
    assert not unseen, f"nothing that is compared has, or differs from today in, {unseen}"
    size = f"{len(now['rows', 'names'])} x {len(now['columns', 'numbers'])} matrix"
    number = sum(len(cells(said)) for said in [*right.values(), *past.values()])
    others = sum(counts[name] for name in VALUES)
    outcome = f"{len(wrong)} differ" if wrong else "all agree"
    print("\n".join([
        *wrong[:SHOWN], f"{size} on {len(days)} days, and on {len(pairs)} as known at a time: {number} cells, "
        f"{len(VALUES)} values each, {others} of them other than today's: {outcome}"]))
    return bool(wrong)


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3, 4):
        sys.exit(__doc__)
    sys.exit(main(os.path.abspath(sys.argv[1]), *map(int, sys.argv[2:])))
