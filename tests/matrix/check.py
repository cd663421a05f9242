#!/usr/bin/env python3
"""Computes a whole matrix a second time, and compares it with the server's: tests/matrix/run PATH-OF-THE-BINARY.

It imports the two files of documents.py, one after the other, starts a server, and compares every value of every cell
and every total: in JSON, in CSV, and with `as_of`, for now and for the time between the two imports. It shares nothing
with the server: register.py is written from docs/tracking.md. Needs only the Python standard library.
"""

import os
import sys
import time
from datetime import datetime, timedelta, timezone

from comparing import csv_differences, differences, from_json
from documents import REPORT, made
from instance import Instance
from register import VALUES, Register


def main(binary):
    """Prints the differences and the summary; returns whether there are differences."""
    files = made()
    # The past, too, shows as withdrawn what was withdrawn since.
    withdrawn = [doc for doc in files[1] if doc.get("state") == "withdrawn"]
    before, right = Register(files[0] + withdrawn).matrix(), Register(files[0] + files[1]).matrix()
    missing = {state for state, count in right["totals", "response_states"].items() if not count}
    assert not missing, f"no cell is {missing}"

    with Instance(binary) as instance:
        for docs in files:
            between = datetime.now(timezone.utc) - timedelta(seconds=1)  # the second time: after the first file
            instance.load(docs)
            time.sleep(2)
        instance.serve()
        matrix = f"/v1/reports/{REPORT}/coverage"
        moment = lambda at: at.strftime("?as_of=%Y-%m-%dT%H:%M:%SZ")
        compared = [("JSON", right, ""), ("between the imports", before, moment(between)),
                    ("as of now", right, moment(datetime.now(timezone.utc)))]
        compared = [(name, expected, instance.data(matrix + query)) for name, expected, query in compared]
        table = instance.get(matrix + "?format=csv")

    wrong = [line for name, expected, data in compared for line in differences(name, expected, from_json(data))]
    wrong += csv_differences("CSV", right, table)
    size = f"{len(right['rows', 'names'])} x {len(right['columns', 'numbers'])} matrix"
    outcome = f"{len(wrong)} differ" if wrong else "all agree"
    print("\n".join([*wrong, f"{size}: {right['totals', 'cells']} cells, {len(VALUES)} values each: {outcome}"]))
    return bool(wrong)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(os.path.abspath(sys.argv[1])))
