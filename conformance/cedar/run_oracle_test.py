"""wardlock_cedar_oracle on a corpus and verdicts made here: what it accepts, and that it notices what is
wrong.

usage: run_oracle_test.py PROGRAM
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROGRAM = sys.argv.pop(1)
SCHEMA = """entity User { n: Long };
action view appliesTo { principal: User, resource: User, context: { n: Long } };"""
STRICT_ONLY_WRONG = "permit(principal, action, resource) when { [].isEmpty() };"
WRONG = "permit(principal, action, resource) when { principal.m };"


def entity(name, **attributes):
    return {"uid": {"type": "User", "id": name}, "attrs": attributes, "parents": []}


def request(context):
    return {"description": "r", "principal": {"type": "User", "id": "a"},
            "action": {"type": "Action", "id": "view"}, "resource": {"type": "User", "id": "a"},
            "context": context, "decision": "deny", "reason": [], "errors": []}


class RunOracleTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.top = pathlib.Path(folder.name)

    def write(self, policies, strict=True, permissive=True, entities=(), requests=(),
              entity_verdicts=None, request_verdicts=None):
        """One case; verdicts on entities and requests say that they are valid, unless told."""
        cases = self.top / "corpus" / "tests"
        verdicts = self.top / "oracle" / "tests-validation"
        cases.mkdir(parents=True, exist_ok=True)
        verdicts.mkdir(parents=True, exist_ok=True)
        (cases / "c.cedar").write_text(policies)
        (cases / "c.cedarschema").write_text(SCHEMA)
        (cases / "e.json").write_text(json.dumps(list(entities)))
        (cases / "c.json").write_text(json.dumps({
            "policies": "tests/c.cedar", "schema": "tests/c.cedarschema",
            "entities": "tests/e.json", "requests": list(requests)}))
        if entity_verdicts is None:
            entity_verdicts = {f"User::{e['uid']['id']}": {} for e in entities}
        if request_verdicts is None:
            request_verdicts = [True for _ in requests]
        both = {"strict": strict, "permissive": permissive}
        (verdicts / "c.validation.json").write_text(json.dumps({
            "policyValidation": {**both, "perPolicy": {"policy0": both}},
            "entityValidation": {"perEntity": entity_verdicts},
            "requestValidation": [{"description": "r", "strict": valid, "permissive": valid}
                                  for valid in request_verdicts]}))

    def run_program(self, expected, code):
        result = subprocess.run([PROGRAM, str(self.top / "corpus"), str(self.top / "oracle")],
                                text=True, capture_output=True)
        self.assertEqual(result.stdout.splitlines()[-1], expected, result.stdout)
        self.assertEqual(result.returncode, code, result.stdout)
        return result.stdout

    def test_passes_what_the_reference_says_too(self):
        self.write(STRICT_ONLY_WRONG, strict=False, entities=[entity("a", n=1), entity("b")],
                   entity_verdicts={"User::a": {}, "User::b": {"error": "it has no n"}},
                   requests=[request({"n": 1}), request({})], request_verdicts=[True, False])
        self.run_program("10 passed, 0 failed", 0)

    def test_notices_a_wrong_verdict_on_policies(self):
        self.write(STRICT_ONLY_WRONG)
        output = self.run_program("2 passed, 2 failed", 1)
        self.assertIn("`policy0`, strict: the reference says valid, we say invalid: an empty set", output)
        self.write(WRONG, strict=False)
        self.run_program("2 passed, 2 failed", 1)
        self.write("permit(principal, action, resource);", strict=False, permissive=False)
        self.run_program("0 passed, 4 failed", 1)

    def test_notices_a_wrong_verdict_on_an_entity_or_a_request(self):
        self.write("", entities=[entity("a"), entity("b", n=1)], requests=[request({}), request({"n": 1})])
        output = self.run_program("7 passed, 3 failed", 1)
        self.assertIn("the entity `User::a`: the reference says valid, we say invalid", output)
        self.assertIn("request 0, strict: the reference says valid, we say invalid", output)

    def test_what_only_one_of_both_has_is_a_failure(self):
        self.write("permit(principal, action, resource);", entities=[entity("a", n=1)],
                   entity_verdicts={"User::b": {}}, requests=[request({"n": 1})], request_verdicts=[])
        self.run_program("4 passed, 3 failed", 1)
        (self.top / "corpus/tests/c.json").unlink()
        self.run_program("0 passed, 1 failed", 1)

    def test_a_case_that_cannot_be_read_is_a_failure(self):
        self.write("permit(principal)")
        self.run_program("0 passed, 1 failed", 1)

    def test_no_verdicts_at_all_are_a_failure(self):
        (self.top / "corpus").mkdir()
        (self.top / "oracle").mkdir()
        self.run_program("0 passed, 0 failed", 1)


if __name__ == "__main__":
    unittest.main()
