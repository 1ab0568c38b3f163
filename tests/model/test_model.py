# SPDX-License-Identifier: GPL-3.0-or-later
"""A random year, answered by the product and by the rules; and what must hold whatever the rules say.

CANTINE_SEED=N repeats a run. A failing year is shrunk to a short story, told in words.
"""

import os
import random

import pytest

from model.product import answers_of, difference, rules_of, shrunk, told
from model.rules import READERS, REPEAT_AFTER, SECOND, Space, local
from model.scenario import Year

SEED = int(os.environ.get("CANTINE_SEED") or random.SystemRandom().randrange(10**9))
DAYS = 14  # of a property's year
TRIED = 150  # taps of a property


def test_a_year_is_answered_as_the_rules_say():
    found = difference(Year(SEED).steps())
    assert found is None, told(shrunk(found), SEED)


@pytest.fixture(scope="module")
def days():
    """A fortnight with the wrong clocks, searches and crowds left out, and so much that it can be asked often."""
    year = Year(SEED, DAYS)
    year.search = year.lose_time = year.crowd = lambda at: None
    return [step for step in year.steps() if step[2] in ("edit", "tap", "tick", "restart")]


@pytest.fixture(scope="module")
def taps(days):
    """Where in `days` somebody taps on the way in or through, far from their last tap; not too many of them."""
    last, found = {}, []
    for i, (_, mono, verb, *rest) in enumerate(days):
        if verb == "tap":
            if mono - last.get(rest[1], -REPEAT_AFTER) >= REPEAT_AFTER and READERS[rest[0]][1] != "out":
                found.append(i)
            last[rest[1]] = mono
    return random.Random(SEED).sample(found, min(TRIED, len(found)))


def owners(days, uid):
    """Everybody whose the badge ever is."""
    return {step[7]["member"] for step in days
            if step[2] == "edit" and step[5] == "badge" and step[6][0] == uid and "member" in step[7]}


def granted(answer):
    return answer.startswith("granted")


def test_nobody_gets_in_without_an_active_member(days):
    """At readers that let in: the member's row, and the host's, as they stand at the tap."""
    space, tried = Space(), 0
    for step, answer in zip(days, answers_of(days)):
        space.step(step)
        if step[2] != "tap" or READERS[step[3]][1] == "out" or not granted(answer):
            continue
        people = [space.tables["member"][(space.tables["badge"][(step[4],)]["member"],)]]
        if people[0]["host"] is not None:
            people.append(space.tables["member"][(people[0]["host"],)])
        today = local(step[0]).date().isoformat()
        for one in people:
            assert one["status"] == "active", (SEED, step, answer)
            assert (one["valid_from"] or "0") <= today <= (one["valid_until"] or "9"), (SEED, step, answer)
        tried += 1
    assert tried > 10, SEED


def test_a_refusal_changes_neither_presence_nor_passes(days):
    """Who is inside and what is used of the passes, asked before and after each tap."""
    steps, asked = [], []
    for step in days:
        wall, mono, verb, *rest = step
        if verb == "tap":
            queries = [[wall, mono, "inside"], *([wall, mono, "passes", one] for one in sorted(owners(days, rest[1])))]
            steps += queries
            asked.append((len(steps), len(queries)))
            steps += [step, *queries]
        else:
            steps.append(step)
    answers = answers_of(steps)
    refused = [(at, n) for at, n in asked if not granted(answers[at])]
    assert len(refused) > 10, SEED
    for at, n in refused:
        assert answers[at - n:at] == answers[at + 1:at + 1 + n], (SEED, steps[at], answers[at])


def test_the_same_story_gets_the_same_answers(days):
    assert answers_of(days) == answers_of(days), SEED


def test_a_restart_changes_no_answer(days, taps):
    """Instead of a tick before each tap; what it forgets on purpose (a hovering hand, a search) is left out."""
    steps, known = [], []
    for i, step in enumerate(days):
        if step[2] == "tap" and i not in taps:
            continue  # no hovering hands
        if step[2] == "tap":
            known.append([step[0], step[1], "tick"])
            steps.append([step[0], step[1], "restart"])
        known.append(step)
        steps.append(step)
    without, with_them = answers_of(known), answers_of(steps)
    tapped = [answer for step, answer in zip(steps, with_them) if step[2] == "tap"]
    assert tapped == [answer for step, answer in zip(known, without) if step[2] == "tap"], SEED


def test_who_is_inside_counts_once(days):
    steps = [one for step in days for one in (step, [step[0], step[1], "inside"])]
    for step, answer, inside in zip(days, (answers := answers_of(steps))[::2], answers[1::2]):
        _, count, members = inside.split()
        members = [] if members == "-" else members.split(",")
        assert len(members) == len(set(members)) == int(count), (SEED, step, inside)
        if "count=" in answer:
            assert f"count={count} " in answer, (SEED, step, answer, inside)


def bookings_of_others(days, number, mine):
    """More bookings, for somebody else, of everything, all day long: those that overlap are refused."""
    return [[days[0], days[1], "edit", False, "insert", "booking", [number + k],
             {"id": number + k, "resource": resource, "member": mine % 290 + 2,
              "starts_at": days[0] // SECOND - 3600 * k, "ends_at": days[0] // SECOND + 3600 * (3 - k)}]
            for k, resource in enumerate(("cabine", "salle", "espace", "nu"))]


def test_a_booking_for_somebody_refuses_nobody_at_their_own(days):
    """Everybody who got in by a booking still does, with all else booked by somebody else around it."""
    plain, tried = answers_of(days), 0
    steps, places = [], []
    for i, step in enumerate(days):
        if step[2] == "tap" and granted(plain[i]) and " booking " in plain[i]:
            others = bookings_of_others(step, 100000 + 10 * i, i)
            places.append((len(steps) + len(others), i))
            gone = ([*step[:2], "edit", False, "delete", "booking", other[6], {}] for other in others)
            steps += [*others, step, *gone]
        else:
            steps.append(step)
    answers = answers_of(steps)
    for place, i in places:
        assert granted(answers[place]), (SEED, days[i], plain[i], answers[place])
        tried += 1
    assert tried, SEED


def test_other_peoples_rows_decide_nothing_about_me(days, taps):
    """The same tap with every other person's rows gone; the capacity, which does depend on others, is open."""
    edits = [(i, days[i]) for i, answer in enumerate(answers_of(days))
             if days[i][2] == "edit" and answer != "refused"]  # which booking came first does depend on others
    for i in taps[:25]:
        step = days[i]
        before = [edit for place, edit in edits if place < i]
        plain = answers_of([*before, step])[-1]
        mine = kept(before, step[4])
        alone = answers_of([*mine, step])[-1]
        assert plain == alone, (SEED, step, plain, alone)


def kept(edits, uid):
    """The edits that touch the badge's owners, their hosts, and bookings that somebody of them has to do with."""
    people = owners(edits, uid)
    for _ in range(2):
        people |= {edit[7]["host"] for edit in edits
                   if edit[5] == "member" and edit[6][0] in people and edit[7].get("host")}
    invited = {edit[6][0] for edit in edits if edit[5] == "booking_guest" and edit[6][1] in people}
    hosts = {edit[7]["member"] for edit in edits if edit[5] == "booking" and edit[6][0] in invited
             and "member" in edit[7]}
    booked = {edit[6][0] for edit in edits if edit[5] == "booking"
              and (edit[6][0] in invited or edit[7].get("member") in people)}
    passes = {edit[6][0] for edit in edits if edit[5] == "pass" and edit[7].get("member") in people}
    ours = {"member": people | hosts, "pass": passes, "booking": booked}

    def mine(edit):
        table, key = edit[5], edit[6]
        if table == "badge":
            return key[0] == uid
        if table == "booking_guest":
            return key[1] in people
        return key[0] in ours[table] if table in ours else True

    return [edit for edit in edits if mine(edit)]


def test_the_model_can_tell(days):
    """It is the product that answers: a story of which one step is left out is answered differently."""
    rules = rules_of(days)
    first = next(i for i, step in enumerate(days) if step[2] == "tap" and rules[i].startswith("granted ok in -"))
    badge = days[first][4]
    without = [step for step in days if not (step[2] == "edit" and step[5] == "badge" and step[6][0] == badge)]
    assert answers_of(days)[first] == rules[first]
    assert "unknown_badge" in answers_of(without)[without.index(days[first])]
