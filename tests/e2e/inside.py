"""Run beside the product, in its environment: `python -m tests.e2e.inside WHAT [ARGUMENT...]`, an answer in JSON."""

import json
import sys
from typing import Any

import django

PASSWORD = "a long password of the tests"
HOUSE = """
house rules: house
title: The house
roles: {supervisor: A supervisor}
teams: {service: Service}
goals:
  win back:
    title: The customer is content again
    added only: true
    options: {call: {title: Call, tasks: [call them]}}
tasks:
  call them: {title: Call the customer}
reactions:
  - says: When the perception is below 3, add the goal "win back" and tell the supervisor.
    when: perception < 3
    do: [{add goal: win back}, {tell: supervisor}]
"""
PARCEL = """
service goal: parcel
title: A lost parcel
customer title: My parcel is here
owner: process owner
team: service
recognise: {keywords: [parcel]}
confirm within: 14 days
facts:
  number: {label: Number}
  street: {label: Street, personal: true}
  arrived: {type: boolean, label: Arrived, customer label: "Is it there?"}
goals:
  here:
    title: The parcel is here
    customer title: You have your parcel
    reached when: arrived = true
    clock: {within: 2 days}
    options: {search: {title: Search for it, tasks: [look, tell, say]}}
tasks:
  look: {title: Look for it, form: [number], must: [number]}
  tell: {kind: letter, title: Tell where it is, letter: found, after: [look]}
  say: {title: The customer says so, by customer: true, after: [tell], form: [arrived], must: [arrived]}
letters:
  found: {title: Found, subject: We have found it, text: It comes tomorrow.}
"""


def prepare() -> dict[str, str]:
    """The library and the staff; a token for each."""
    from caseloom.engine.case.refusal import Refused
    from caseloom.library.publishing import publish
    from caseloom.sdk.access import program
    from caseloom.staff.models import Team, User
    from caseloom.staff.tokens import make_token

    for text in (HOUSE, PARCEL):
        answer = publish(program("test"), text, thorough=False)
        assert not isinstance(answer, Refused), answer
    Team(key="service", title="Service").save()
    tokens = {}
    roles = {
        "amy": ["agent"],
        "ben": ["agent"],
        "sue": ["agent", "supervisor"],
        "ruth": ["administrator", "supervisor"],
    }
    for name, held in roles.items():
        user = User(username=name, first_name=name.title(), last_name="Ott", roles=held, teams=["service"])
        user.set_password(PASSWORD)
        user.save()
        tokens[name] = make_token(user, "test")[1]
    return tokens


def compare() -> list[str]:
    """What replay finds different, over all streams."""
    from caseloom.streams.door import the_door
    from caseloom.streams.replay import all_streams
    from caseloom.streams.replay import compare as differences

    door, found = the_door(), []
    for kind in door.kinds.values():
        after = 0
        while streams := all_streams(kind, after):
            found += [str(one) for stream in streams for one in differences(door, kind, stream)]
            after = streams[-1]
    return found


def dump() -> dict[str, list[str]]:
    """Table → its rows, all text as it is and all bytes as Latin-1, so that words in either are found."""
    from django.db import connection

    tables = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'select * from "{table}"')  # noqa: S608 - its own names
            tables[table] = [" ".join(map(_plain, row)) for row in cursor.fetchall()]
    return tables


def _plain(value: Any) -> str:
    return bytes(value).decode("latin-1") if isinstance(value, bytes | memoryview) else str(value)


def main() -> None:
    django.setup()
    what, *arguments = sys.argv[1:]
    json.dump(globals()[what](*arguments), sys.stdout)


if __name__ == "__main__":
    main()
