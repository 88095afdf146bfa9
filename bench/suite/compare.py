"""1,000 policy tests, run by `wardlock run-tests` and by `cerbos compile`, in turns.

Both are given the same rules in their own language, and the same questions with the same answers; each
program is started, reads all of it, and ends. What counts is the median of the rounds' ratios.

usage: compare.py --wardlock PROGRAM --cerbos PROGRAM [--rounds N] [--least RATIO]
"""
import argparse
import itertools
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

DEPARTMENTS = ["cardiology", "surgery", "laboratory", "radiology", "pharmacy"]
STATES = ["draft", "submitted", "approved", "archived"]
ACTIONS = ["view", "edit", "approve", "delete"]
ROLES = ["staff", "manager", "auditor"]

PEOPLE = {f"person-{n}": {"role": ROLES[n % 3], "department": DEPARTMENTS[n % 5]}
          for n in range(10)}
DOCUMENTS = {f"document-{n}": {"owner": f"person-{n % 7}", "department": DEPARTMENTS[n % 5],
                               "state": STATES[n % 4]} for n in range(25)}

CEDAR = """
@id("staff-view") permit (principal in Role::"staff", action == Action::"view", resource)
when { principal.department == resource.department };
@id("auditors-view") permit (principal in Role::"auditor", action == Action::"view", resource);
@id("owners-edit") permit (principal, action == Action::"edit", resource)
when { resource.owner == principal && resource.state == "draft" };
@id("managers-approve") permit (principal in Role::"manager", action == Action::"approve", resource)
when { principal.department == resource.department && resource.state == "submitted" }
unless { resource.owner == principal };
@id("owners-delete") permit (principal, action == Action::"delete", resource)
when { resource.owner == principal && ["draft", "archived"].contains(resource.state) };
"""

CERBOS = """apiVersion: api.cerbos.dev/v1
resourcePolicy:
  resource: document
  version: default
  rules:
    - {actions: [view], effect: EFFECT_ALLOW, roles: [staff],
       condition: {match: {expr: P.attr.department == R.attr.department}}}
    - {actions: [view], effect: EFFECT_ALLOW, roles: [auditor]}
    - {actions: [edit], effect: EFFECT_ALLOW, roles: ["*"],
       condition: {match: {expr: R.attr.owner == P.id && R.attr.state == "draft"}}}
    - {actions: [approve], effect: EFFECT_ALLOW, roles: [manager],
       condition: {match: {all: {of: [{expr: P.attr.department == R.attr.department},
                                      {expr: R.attr.state == "submitted"},
                                      {expr: R.attr.owner != P.id}]}}}}
    - {actions: [delete], effect: EFFECT_ALLOW, roles: ["*"],
       condition: {match: {expr: 'R.attr.owner == P.id && R.attr.state in ["draft", "archived"]'}}}
"""


def is_allowed(person, action, document):
    who, what = PEOPLE[person], DOCUMENTS[document]
    is_own, is_near = what["owner"] == person, who["department"] == what["department"]
    return {"view": who["role"] == "auditor" or (who["role"] == "staff" and is_near),
            "edit": is_own and what["state"] == "draft",
            "approve": who["role"] == "manager" and is_near and what["state"] == "submitted"
            and not is_own,
            "delete": is_own and what["state"] in ("draft", "archived")}[action]


def uid(kind, name):
    return {"__entity": {"type": kind, "id": name}}


def write_wardlock(folder):
    people = [{"uid": uid("User", name), "attrs": {"department": person["department"]},
               "parents": [uid("Role", person["role"])]} for name, person in PEOPLE.items()]
    documents = [{"uid": uid("Document", name),
                  "attrs": {**document, "owner": uid("User", document["owner"])}, "parents": []}
                 for name, document in DOCUMENTS.items()]
    (folder / "documents.cedar").write_text(CEDAR)
    (folder / "entities.json").write_text(json.dumps(people + documents))
    lines = ["defaults: {at: 2026-11-23}", "tests:"]
    for action in ACTIONS:
        lines += [f"  - name: {action}", f"    action: {action}", "    matrix: |",
                  "      | | " + " | ".join(f'Document::"{name}"' for name in DOCUMENTS) + " |"]
        for person in PEOPLE:
            cells = ["allow" if is_allowed(person, action, document) else "deny"
                     for document in DOCUMENTS]
            lines.append(f'      | User::"{person}" | ' + " | ".join(cells) + " |")
    (folder / "documents.test.yaml").write_text("\n".join(lines) + "\n")


def write_cerbos(folder):
    expected = [{"principal": person, "resource": document,
                 "actions": {action: "EFFECT_ALLOW" if is_allowed(person, action, document)
                             else "EFFECT_DENY" for action in ACTIONS}}
                for person, document in itertools.product(PEOPLE, DOCUMENTS)]
    suite = {"name": "documents", "principals": {
        name: {"id": name, "roles": [person["role"]], "attr": {"department": person["department"]}}
        for name, person in PEOPLE.items()}, "resources": {
        name: {"id": name, "kind": "document", "attr": document}
        for name, document in DOCUMENTS.items()}, "tests": [{
            "name": "all", "input": {"principals": list(PEOPLE), "resources": list(DOCUMENTS),
                                     "actions": ACTIONS}, "expected": expected}]}
    (folder / "document.yaml").write_text(CERBOS)
    (folder / "documents_test.yaml").write_text(json.dumps(suite))  # JSON is YAML


def seconds(command, is_passing=True):
    begin = time.monotonic()
    result = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    taken = time.monotonic() - begin
    if (result.returncode == 0) != is_passing:
        sys.exit(f"{command[0]}: {result.stdout[-2000:]}{result.stderr[-2000:]}")
    return taken


def spoil(path, right, wrong):
    """Or a runner that checks nothing would be the fastest."""
    text = path.read_text()
    path.write_text(text.replace(right, wrong, 1))
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wardlock", required=True)
    parser.add_argument("--cerbos", required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--least", type=float, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        ours, theirs = pathlib.Path(name, "wardlock"), pathlib.Path(name, "cerbos")
        for folder, write in ((ours, write_wardlock), (theirs, write_cerbos)):
            folder.mkdir()
            write(folder)
        commands = {ours / "documents.test.yaml": [options.wardlock, "run-tests", "-p", ours],
                    theirs / "documents_test.yaml": [options.cerbos, "compile", theirs]}
        for (path, command), words in zip(commands.items(), [("| deny", "| allow"),
                                                             ("EFFECT_DENY", "EFFECT_ALLOW")]):
            text = spoil(path, *words)
            seconds(command, is_passing=False)
            path.write_text(text)
        rounds = [[seconds(command) for command in commands.values()]
                  for _ in range(options.rounds)]
    count = len(PEOPLE) * len(DOCUMENTS) * len(ACTIONS)
    wardlock, cerbos = (statistics.median(column) for column in zip(*rounds))
    ratio = statistics.median(their / our for our, their in rounds)
    print(f"{count} policy tests, programs started and ended, median of {options.rounds} rounds:\n"
          f"  wardlock run-tests  {wardlock * 1000:8.1f} ms\n"
          f"  cerbos compile      {cerbos * 1000:8.1f} ms\n"
          f"  {ratio:.1f} times as fast; must be at least {options.least:g}")
    sys.exit(ratio < options.least)


if __name__ == "__main__":
    main()
