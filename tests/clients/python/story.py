"""A compliance officer and a data journalist, with the package that openapi-python-client generates from the document:
story.py http://HOST:PORT DOCUMENT"""

import json
import pkgutil
import sys
from collections import Counter
from urllib.parse import parse_qs, urlsplit

from answerable_client import Client, api
from answerable_client.api.organisations import list_organisation_obligations
from answerable_client.api.reports import show_report_coverage
from answerable_client.models import ItemCoverage, ListOfObligationOrganisation, Problem

FORCE = "cambridgeshire-constabulary"
REPORT = "stalking-super-complaint-2024"
# The request bodies that generated clients can send.
SENDABLE = ("/json", "+json", "/x-www-form-urlencoded", "/form-data", "/octet-stream")


def obligations(client, organisation):
    """An organisation's obligations, page by page."""
    cursor = {}
    while True:
        page = list_organisation_obligations.sync(organisation, client=client, limit=2, **cursor)
        assert isinstance(page, ListOfObligationOrganisation), page
        yield from page.data
        if not page.page.has_more:
            return
        cursor = {"cursor": parse_qs(urlsplit(page.page.next_).query)["cursor"][0]}


def compliance(client):
    """What does the force owe, by when, and what is the state?"""
    owed = list(obligations(client, FORCE))
    assert len({obligation.id for obligation in owed}) == len(owed) > 2
    for obligation in owed:
        assert obligation.organisation.slug == FORCE
        print(f"  {obligation.recommendation.number}: {obligation.response_state}, due {obligation.due_on or 'on no day'}")
    assert any(obligation.due_on for obligation in owed)
    return {obligation.id: obligation for obligation in owed}


def journalism(client, owed):
    """Who was told to do what by the report, and who responded?"""
    answer = show_report_coverage.sync(REPORT, client=client)
    assert isinstance(answer, ItemCoverage), answer
    matrix = answer.data
    cells = [cell for row in matrix.rows for cell in row.cells if cell is not None]
    assert all(len(row.cells) == len(matrix.columns) for row in matrix.rows)
    assert len(cells) == matrix.totals.addressed > 40
    counted = {count.state: count.count for count in matrix.totals.response_states if count.count}
    assert Counter(cell.response_state for cell in cells) == counted, counted

    # The matrix agrees with the force's own list.
    row = next(row for row in matrix.rows if row.slug == FORCE)
    for cell in filter(None, row.cells):
        assert (cell.response_state, cell.due_on) == (owed[cell.obligation].response_state, owed[cell.obligation].due_on)
    print(f"  {len(matrix.rows)} addressees, {len(cells)} obligations:", {str(state): n for state, n in counted.items()})


def mistakes(client):
    """Errors are problem documents."""
    answer = list_organisation_obligations.sync_detailed(FORCE, client=client, report=["there-is-none"])
    assert answer.status_code == 400
    problem = answer.parsed
    assert isinstance(problem, Problem), problem
    assert problem.code == "invalid-query"
    assert [(mistake.parameter, mistake.code) for mistake in problem.errors] == [("report", "unknown_reference")]
    print(f"  {problem.title}: {problem.errors[0].detail}")
    missing = show_report_coverage.sync("there-is-none", client=client)
    assert isinstance(missing, Problem) and missing.code == "not-found", missing


def can_be_sent(operation):
    kinds = operation.get("requestBody", {}).get("content")
    return not kinds or any(kind.endswith(SENDABLE) for kind in kinds)


def completeness(document):
    """The generator skips what it cannot handle with a mere warning."""
    items = [operation for path in document["paths"].values() for operation in path.values()]
    wanted = {operation["operationId"] for operation in items if can_be_sent(operation)}
    made = {module.name.split(".")[-1] for module in pkgutil.walk_packages(api.__path__, api.__name__ + ".")}
    assert wanted <= made, f"left out: {wanted - made}"


with Client(base_url=sys.argv[1]) as server:
    journalism(server, compliance(server))
    mistakes(server)
with open(sys.argv[2], encoding="utf-8") as file:
    completeness(json.load(file))
