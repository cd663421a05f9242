#!/usr/bin/env python3
"""Computes the deadlines of the shipped rules a second time, and compares them with the answers of a running server:
tests/deadline-rules/run http://HOST:PORT. Each rule is asked about 62 awkward days, and each value of an answer counts.

It shares nothing with the server. The rules are written down below from the law that they cite, and the bank holidays
are computed from the customs and proclamations that make them, not read from the server's list. Needs only the Python
standard library. A server with additional rules (the setting `deadline_rules`) does not pass.
"""

import bisect
import calendar
import json
import re
import sys
import urllib.error
import urllib.request
from datetime import date, timedelta

DAY = timedelta(days=1)

# How the law words a period. "Beginning with the day" counts the day of the event; "after" and "within ... of" leave it
# out (Lester v Garland, 1808). "Beginning with the first working day" also counts the day of the event, if it is one.
BEGINNING_WITH, AFTER = "beginning with", "after"
RULES = {
    # Police Reform Act 2002, Schedule 3, paragraph 28B(2): "before the end of the period of 56 days beginning with the
    # day on which the recommendation was made"; (5): "within the period of 21 days beginning with the day ..."
    "iopc-28b-response": (56, "days", BEGINNING_WITH),
    "iopc-28b-publish": (21, "days", BEGINNING_WITH),
    # Police Act 1996, section 55(5A): "56 days beginning with the day on which the report is published"
    "pa96-s55-comments": (56, "days", BEGINNING_WITH),
    # No law sets it: the report of 27 September 2024 asked for 22 November, "56 days from publication".
    "super-complaint-report": (56, "days", AFTER),
    # SI 2018/748, regulation 5: "5 working days beginning with the day on which the complaint is received or, if that
    # day is not a working day, beginning with the first working day after that day"; working days are in regulation 2
    "super-complaint-ack": (5, "working days", BEGINNING_WITH),
    # SI 2013/1629, regulation 29: 56 days from the day on which the report is sent, here taken not to count that day
    "pfd-reg29": (56, "days", AFTER),
    # An undertaking: within two months of publication
    "select-committee": (2, "months", AFTER),
    # A request: within six months of publication
    "covid-inquiry": (6, "months", AFTER),
    # SI 2005/1992, regulation 12(2)(b): "not exceeding twelve months"
    "raib": (12, "months", AFTER),
    # 49 U.S.C. 1135(a): "not later than 90 days after receiving the recommendation"
    "ntsb": (90, "days", AFTER),
}

# The days for the periods in days and months.
ASKED = """
    2020-02-28 2020-02-29 2020-03-01 2024-02-28 2024-02-29 2024-03-01 2028-02-29 2023-02-28 leap days, and beside them
    2024-01-04 2024-01-05 2024-02-09 2023-12-01 2023-08-31 2023-12-30 2023-12-31            periods that end on one
    2025-01-31 2025-03-31 2025-04-30 2025-05-31 2025-06-30 2025-07-31 2025-08-31 2025-09-30 ends of months
    2025-10-31 2025-11-30 2025-12-31 2024-12-31 2026-08-29 2026-08-30                       ends of months, of a year
    1978-09-30                                                                              Dodds v Walker
    1999-12-31 2000-02-29 2099-12-31 2100-02-28                                             ends of centuries
    2019-03-31 2019-10-27 2021-03-28 2021-10-31 2024-03-31 2024-10-27 2026-03-29 2026-10-25 clock changes in London
    2024-03-10 2024-11-03                                                                   clock changes in New York
    2020-12-24 2021-12-25 2022-12-26 2027-12-28 2028-01-01 2023-01-01                       Christmas and New Year
    2019-04-19 2024-04-01 2025-04-20                                                        Easter
    2020-05-04 2020-05-08 2022-05-30 2022-06-02 2022-06-03 2022-09-19 2023-05-07 2023-05-08 special bank holidays
    2024-09-27                                                                              the report on stalking
"""
# The days for the periods in working days: before, on and after each bank holiday of the years for which they are
# known (the program checks that none is missing), leap days, and clock changes.
ASKED_IN_WORKING_DAYS = """
    2018-01-01 2018-03-25 2018-05-04 2018-05-26 2018-08-27 2018-12-24
    2019-04-18 2019-05-05 2019-05-27 2019-08-23 2019-12-24
    2020-02-29 2020-04-09 2020-05-04 2020-05-22 2020-08-30 2020-12-25
    2021-04-02 2021-04-30 2021-05-31 2021-08-27 2021-12-24
    2022-04-14 2022-05-02 2022-05-30 2022-08-28 2022-09-16 2022-12-23
    2023-04-06 2023-05-01 2023-05-29 2023-08-25 2023-12-25
    2024-02-29 2024-03-29 2024-03-31 2024-05-03 2024-05-24 2024-08-26 2024-12-24
    2025-04-17 2025-05-04 2025-05-26 2025-08-22 2025-10-26 2025-12-24
    2026-04-03 2026-05-01 2026-05-25 2026-08-28 2026-12-25
    2027-03-25 2027-05-03 2027-05-28 2027-08-30 2027-12-25
    2028-02-29 2028-04-13 2028-04-30 2028-05-26 2028-08-25 2028-12-21
"""
YEARS = range(2018, 2029)


def days_in(text):
    """The dates in a text."""
    return [date.fromisoformat(day) for day in re.findall(r"\d{4}-\d\d-\d\d", text)]


def easter(year):
    """Easter Sunday, by the anonymous Gregorian algorithm (Meeus, Jones and Butcher)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (b - (b + 8) // 25 + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def mondays(year, month):
    """The Mondays of a month."""
    return [date(year, month, week[0]) for week in calendar.monthcalendar(year, month) if week[0]]


def bank_holidays(year):
    """The bank holidays of England and Wales, with Christmas Day and Good Friday, which are holidays by common law."""
    holidays = {
        easter(year) - 2 * DAY: "Good Friday",
        easter(year) + DAY: "Easter Monday",
        mondays(year, 5)[0]: "Early May bank holiday",
        mondays(year, 5)[-1]: "Spring bank holiday",
        mondays(year, 8)[-1]: "Summer bank holiday",
    }
    # One at the weekend is made up for on the next day that is neither at a weekend nor a holiday. Those on their own
    # day come first: if Christmas Day is a Sunday, its substitute is the 27th, since the 26th is Boxing Day.
    fixed = {
        date(year, 1, 1): "New Year's Day",
        date(year, 12, 25): "Christmas Day",
        date(year, 12, 26): "Boxing Day",
    }
    holidays |= {day: name for day, name in fixed.items() if day.weekday() < 5}
    for day, name in fixed.items():
        if day not in holidays:
            while day.weekday() >= 5 or day in holidays:
                day += DAY
            holidays[day] = f"{name} (substitute day)"
    if year == 2020:
        # The early May holiday was moved from Monday the 4th to Friday the 8th, 75 years after VE day.
        del holidays[date(2020, 5, 4)]
        holidays[date(2020, 5, 8)] = "Early May bank holiday (VE day)"
    if year == 2022:
        # For the Platinum Jubilee the spring holiday was moved from 30 May to 2 June, and the 3rd was added.
        del holidays[date(2022, 5, 30)]
        holidays[date(2022, 6, 2)] = "Spring bank holiday"
        holidays[date(2022, 6, 3)] = "Platinum Jubilee bank holiday"
        # The day of the funeral.
        holidays[date(2022, 9, 19)] = "Bank Holiday for the State Funeral of Queen Elizabeth II"
    if year == 2023:
        # The Monday after the coronation on Saturday the 6th.
        holidays[date(2023, 5, 8)] = "Bank holiday for the coronation of King Charles III"
    return holidays


HOLIDAYS = {day: name for year in YEARS for day, name in bank_holidays(year).items()}
ALL_DAYS = [date(YEARS[0], 1, 1) + number * DAY for number in range(sum(365 + calendar.isleap(y) for y in YEARS))]
KNOWN_WORKING_DAYS = [day for day in ALL_DAYS if day.weekday() < 5 and day not in HOLIDAYS]


def reason(day):
    """Why a day is not a working day. The weekend goes first: 25 December 2022 was a Sunday, and Christmas Day."""
    return {5: "Saturday", 6: "Sunday"}.get(day.weekday()) or HOLIDAYS[day]


def corresponding_date(day, months):
    """The day with the same number, or else the last day of a shorter month (Dodds v Walker, 1981)."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def compute(amount, unit, wording, day):
    """The first and the last day of a period, and the days from the event to the last that do not count."""
    if unit == "working days":
        assert wording == BEGINNING_WITH, "no rule counts working days after the event"
        begin = bisect.bisect_left(KNOWN_WORKING_DAYS, day)
        period = KNOWN_WORKING_DAYS[begin : begin + amount]
        return period[0], period[-1], [d for d in ALL_DAYS if day <= d <= period[-1] and d not in period]
    if unit == "months":
        assert wording == AFTER, "no rule counts months from the event's day"
        return day + DAY, corresponding_date(day, amount), []
    period = [day + number * DAY for number in range(amount + 1)]
    period = period[:amount] if wording == BEGINNING_WITH else period[1:]
    return period[0], period[-1], []


def expected(rule, day):
    """The answer of the server, by law; the sentence in `counted` is reduced to its values."""
    amount, unit, wording = RULES[rule]
    first, last, left_out = compute(amount, unit, wording, day)
    # The sentence names the first day where it is not the day of the event.
    named = [day, last] if first == day else [day, first, last]
    return {
        "rule": rule,
        "from": str(day),
        "first_on": str(first),
        "due_on": str(last),
        "overdue_from": str(last + DAY),
        "counted": [f"{amount} {unit} {BEGINNING_WITH if first == day else AFTER}", *map(in_words, named)],
        "left_out": [{"on": str(d), "reason": reason(d)} for d in left_out],
    }


def in_words(day):
    """A date, such as 27 September 2024."""
    return f"{day.day} {calendar.month_name[day.month]} {day.year}"


def values_of(sentence):
    """The values in a sentence: the period as it starts, and the dates."""
    period = re.match(rf"\d+ (working )?(days|months) ({BEGINNING_WITH}|{AFTER})\b", sentence)
    return [period and period[0], *re.findall(r"\b\d{1,2} [A-Z][a-z]+ \d{4}\b", sentence)]


def get(address):
    """The data of an answer, or the error."""
    try:
        with urllib.request.urlopen(address, timeout=30) as response:
            return json.load(response)["data"]
    except urllib.error.HTTPError as error:
        return {"error": f"{error.code} {error.read().decode()}"}


def main(base):
    """Prints the differences and the summary; returns whether there are differences."""
    days = {unit: days_in(ASKED_IN_WORKING_DAYS if unit == "working days" else ASKED) for _, unit, _ in RULES.values()}
    assert all(len(set(chosen)) == len(chosen) == 62 for chosen in days.values()), "not 62 different days"
    asked = [(rule, day) for rule, (_, unit, _) in RULES.items() for day in days[unit]]
    left_out = {entry["on"] for rule, day in asked for entry in expected(rule, day)["left_out"]}
    missed = set(map(str, HOLIDAYS)) - left_out
    assert not missed, f"no period leaves out {sorted(missed)}"

    differences, agree = [], 0
    served = {rule["id"] for rule in get(f"{base}/v1/deadline-rules")}
    for rule in sorted(served ^ RULES.keys()):
        differences.append(f"{rule}: {'not known here' if rule in served else 'not served'}")
    for rule, day in asked:
        right = expected(rule, day)
        answer = get(f"{base}/v1/deadline-rules/{rule}/due?from={day}")
        if "counted" in answer:
            answer["counted"] = values_of(answer["counted"])
        wrong = [name for name in {**right, **answer} if right.get(name) != answer.get(name)]
        agree += not wrong
        for name in wrong:
            differences.append(f"{rule} from {day}, {name}: {answer.get(name)}, should be {right.get(name)}")
    print("\n".join([*differences, f"{len(RULES)} rules x 62 days: {agree} agree"]))
    return bool(differences)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1].rstrip("/")))
