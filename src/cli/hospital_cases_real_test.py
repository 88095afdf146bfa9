"""Every condition of the hospital's policies is seen by its cases: without it, some case fails."""
import copy
import json
import pathlib
import shutil
import sys
import unittest

import program
from program import HOSPITAL, Pdp, ProgramTest, run

sys.path.insert(0, str(HOSPITAL))

import casebook

CASES = [case for section in casebook.read_sections() for case in section.cases]
# What only lets the rest be evaluated: without it the rest errs, and a permit that errs permits nothing.
GUARDS = ("has", "hasTag", "is")


def is_guard(expression):
    if "&&" in expression:
        return all(is_guard(side) for side in expression["&&"].values())
    return any(key in expression for key in GUARDS)


def with_less(expression):
    """The expression without one of the sides of an `&&` or `||` in it, for each of them."""
    for operator in ("&&", "||"):
        if operator not in expression:
            continue
        left, right = expression[operator]["left"], expression[operator]["right"]
        if not is_guard(left):
            yield right
        if not is_guard(right):
            yield left
        for less in with_less(left):
            yield {operator: {"left": less, "right": right}}
        for less in with_less(right):
            yield {operator: {"left": left, "right": less}}


def weakened(policies):
    """(policy, what was taken from it, all policies) for each condition and each part of one."""
    for name, policy in policies.items():
        for number, condition in enumerate(policy["conditions"]):
            if not is_guard(condition["body"]) and not tests_override(condition):
                changed = copy.deepcopy(policies)
                del changed[name]["conditions"][number]
                yield name, f"condition {number}", changed
            for less in with_less(condition["body"]):
                changed = copy.deepcopy(policies)
                changed[name]["conditions"][number]["body"] = less
                yield name, f"a part of condition {number}: {json.dumps(less)}", changed


def tests_override(condition):
    """Wardlock itself refuses an override permit without it."""
    return condition["body"].get("has", {}).get("attr") == "override"


@unittest.skipUnless("release" in pathlib.Path(program.WARDLOCK).parts,
                     "it tests the cases, not the program: one build is enough")
class ConditionTest(ProgramTest):
    def test_every_condition_matters_to_some_case(self):
        for schema in HOSPITAL.glob("*.cedarschema"):
            shutil.copy(schema, self.folder)
        text = "\n".join(path.read_text() for path in sorted(HOSPITAL.glob("*.cedar")))
        policies = self.translated("cedar-to-json", text)["staticPolicies"]
        tried = 0
        for name, what, changed in weakened(policies):
            self.write("all.cedar", self.translated("json-to-cedar", json.dumps(
                {"staticPolicies": changed, "templates": {}, "templateLinks": []}))["policies"])
            self.assertTrue(self.some_case_fails(name, policies[name]),
                            f"no case of policies/hospital/cases needs {what} of {name}")
            tried += 1
        self.assertGreater(tried, 100)

    def translated(self, direction, text):
        result = run("translate-policy", "--direction", direction, stdin=text)
        self.assertEqual(result.returncode, 0, result.stderr)
        return json.loads(result.stdout) if direction == "cedar-to-json" else \
            {"policies": result.stdout}

    def some_case_fails(self, name, policy):
        # Those that are likeliest to fail first.
        actions = {one["id"] for one in [policy["action"].get("entity"),
                                         *policy["action"].get("entities", [])] if one}
        cases = sorted(CASES, key=lambda case: (name not in case.policies,
                                                case.action not in actions))
        with Pdp("--policies", self.folder, "--entities", HOSPITAL / "entities.json") as pdp:
            with pdp.connect() as connection:
                if any(self.fails(connection, case) for case in cases if not case.circumstances.at):
                    return True
        return any(self.fails_by_command(case) for case in cases if case.circumstances.at)

    def fails(self, connection, case):
        status, _, reply = program.exchange(connection, "POST", program.EVALUATION,
                                            json.dumps(case.question()),
                                            {"Content-Type": "application/json"})
        self.assertEqual(status, 200, reply)
        return casebook.said_over_http(json.loads(reply)) != (case.answer, case.says, case.policies)

    def fails_by_command(self, case):
        result = run("authorize", "--policies", self.folder, "--entities",
                     HOSPITAL / "entities.json", "--json", *case.arguments())
        reply = json.loads(result.stdout)
        return (reply["decision"], sorted(reply["policies"])) != (case.answer, case.policies)


if __name__ == "__main__":
    unittest.main()
