#!/usr/bin/env python3
"""Asks the real `wardlock pdp` what others have asked theirs, and compares the answers.

usage: run.py [DIR]

DIR holds the interop scenarios' todo-decisions.json and gateway-decisions.json; without it only the
certification scenario and the specification's own demands are checked. WARDLOCK names the program.
"""
import json
import pathlib
import sys
import tempfile

from certification import ENTITIES, POLICY, SCHEMA, Certification
from harness import EVALUATIONS, HERE, Pdp, Score, SecuredServer, base_url
from specification import Specification


def interop(scenario, decisions, score):
    """One interop scenario, with a schema and without."""
    folder = HERE / scenario
    for policies, fixture in [(folder, "schema"), (folder / f"{scenario}.cedar", "no schema")]:
        with Pdp("--policies", policies, "--entities", folder / "entities.json") as pdp:
            for number, case in enumerate(decisions["evaluation"]):
                status, reply = pdp.ask(case["request"])
                decision = reply["decision"] if isinstance(reply, dict) else reply
                score.expect(f"{scenario} {number} ({fixture})", (status, decision),
                             (200, case["expected"]))
            for number, case in enumerate(decisions.get("evaluations", [])):
                status, _, text = pdp.request("POST", EVALUATIONS, json.dumps(case["request"]),
                                              {"Content-Type": "application/json"})
                score.expect(f"{scenario} batch {number} ({fixture})", (status, json.loads(text)),
                             (200, {"evaluations": case["expected"]}))


def renamed(folder):
    """The fixture with Cedar's usual spelling of types, which callers do not use."""
    text = POLICY.read_text()
    for name in ("user", "record"):
        text = text.replace(f"{name}::", f"{name.title()}::").replace(f"is {name}",
                                                                     f"is {name.title()}")
    entities = json.loads(ENTITIES.read_text())
    for entity in entities:
        entity["uid"]["type"] = entity["uid"]["type"].title()
    policy, directory = folder / "p.cedar", folder / "e.json"
    policy.write_text(text)
    directory.write_text(json.dumps(entities))
    return ["--policies", policy, "--entities", directory, "--type", "user=User",
            "--type", "record=Record"]


def certify(score):
    with tempfile.TemporaryDirectory() as folder:
        for name, arguments in [
                ("no schema", ["--policies", POLICY, "--entities", ENTITIES]),
                ("schema", ["--policies", POLICY, "--schema", SCHEMA, "--entities", ENTITIES]),
                ("properties in requests only", ["--policies", POLICY]),
                ("types with other names", renamed(pathlib.Path(folder)))]:
            with Pdp(*arguments) as pdp:
                Certification(pdp, base_url(pdp), score, name, "--entities" in arguments).run()
    with SecuredServer(POLICY, SCHEMA, ENTITIES) as server:
        Certification(server, server.base, score, "over TLS, with a token").run()
    with Pdp("--policies", POLICY, "--entities", ENTITIES) as pdp:
        Specification(pdp, score).run()


def main():
    if len(sys.argv) > 2 or sys.argv[1:2] in (["-h"], ["--help"]):
        sys.exit(__doc__)
    score = Score()
    for scenario in ("todo", "gateway") if len(sys.argv) == 2 else ():
        file = pathlib.Path(sys.argv[1]) / f"{scenario}-decisions.json"
        interop(scenario, json.loads(file.read_text()), score)
    certify(score)
    return score.finish()


if __name__ == "__main__":
    sys.exit(main())
