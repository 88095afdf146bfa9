"""Every condition of the hospital's policies is seen by its tests: without it, some test fails."""
import copy
import json
import pathlib
import shutil
import unittest

import program
from program import HOSPITAL, ProgramTest, run

# What only makes the rest well typed.
TYPES = ("is",)
# What only lets the rest be evaluated: of an override that errs, an answer says nothing.
GUARDS = ("has", *TYPES)


def is_one_of(keys, expression):
    if "&&" in expression:
        return all(is_one_of(keys, side) for side in expression["&&"].values())
    return any(key in expression for key in keys)


def with_less(expression, spared):
    """The expression without one of the sides of an `&&` or `||` in it, for each of them."""
    for operator in ("&&", "||"):
        if operator not in expression:
            continue
        left, right = expression[operator]["left"], expression[operator]["right"]
        if not is_one_of(spared, left):
            yield right
        if not is_one_of(spared, right):
            yield left
        for less in with_less(left, spared):
            yield {operator: {"left": less, "right": right}}
        for less in with_less(right, spared):
            yield {operator: {"left": left, "right": less}}


def weakened(policies):
    """(policy, what was taken from it, all policies) for each condition and each part of one."""
    for name, policy in policies.items():
        spared = GUARDS if "override" in policy["annotations"] else TYPES
        for number, condition in enumerate(policy["conditions"]):
            if not is_one_of(spared, condition["body"]):
                changed = copy.deepcopy(policies)
                del changed[name]["conditions"][number]
                yield name, f"condition {number}", changed
            for less in with_less(condition["body"], spared):
                changed = copy.deepcopy(policies)
                changed[name]["conditions"][number]["body"] = less
                yield name, f"a part of condition {number}: {json.dumps(less)}", changed


@unittest.skipUnless("release" in pathlib.Path(program.WARDLOCK).parts,
                     "it tests the cases, not the program: one build is enough")
class ConditionTest(ProgramTest):
    def test_every_condition_matters_to_some_test(self):
        for schema in HOSPITAL.glob("*.cedarschema"):
            shutil.copy(schema, self.folder)
        text = "\n".join(path.read_text() for path in sorted(HOSPITAL.glob("*.cedar")))
        policies = self.translated("cedar-to-json", text)["staticPolicies"]
        tried = 0
        for name, what, changed in weakened(policies):
            self.write("all.cedar", self.translated("json-to-cedar", json.dumps(
                {"staticPolicies": changed, "templates": {}, "templateLinks": []}))["policies"])
            self.assertTrue(self.some_test_fails(),
                            f"no test of policies/hospital/tests needs {what} of {name}")
            tried += 1
        self.assertGreater(tried, 200)

    def translated(self, direction, text):
        result = run("translate-policy", "--direction", direction, stdin=text)
        self.assertEqual(result.returncode, 0, result.stderr)
        return json.loads(result.stdout) if direction == "cedar-to-json" else \
            {"policies": result.stdout}

    def some_test_fails(self):
        report = json.loads(run("run-tests", "--policies", self.folder, "--json", "--entities",
                                HOSPITAL / "entities.json", HOSPITAL / "tests").stdout)
        return report["summary"]["failed"] > 0


if __name__ == "__main__":
    unittest.main()
