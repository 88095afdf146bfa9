"""wardlock_cedar_corpus on a corpus made here: what it accepts, and that it notices what is wrong.

usage: run_corpus_test.py PROGRAM
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROGRAM = sys.argv.pop(1)
POLICIES = """permit(principal, action, resource) when { context.n > 3 };
forbid(principal == User::"bob", action, resource) when { principal.missing == 1 };"""
SCHEMA = """entity User { missing?: Long };
action view appliesTo { principal: User, resource: User, context: { n: Long } };"""
ENTITIES = [{"uid": {"type": "User", "id": name}, "attrs": {}, "parents": []}
            for name in ("alice", "bob")]


def request(who="alice", n=4, decision="allow", reason=("policy0",), errors=(), **more):
    return {"description": "test", "principal": {"type": "User", "id": who},
            "action": {"type": "Action", "id": "view"}, "resource": {"type": "User", "id": "bob"},
            "context": {"n": n}, "decision": decision, "reason": list(reason),
            "errors": list(errors), **more}


class RunCorpusTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.top = pathlib.Path(folder.name)

    def write(self, requests, policies=POLICIES, root="corpus", name="case", should_validate=None):
        files = self.top / root / "files"
        files.mkdir(parents=True, exist_ok=True)
        (files / f"{name}.cedar").write_text(policies)
        (files / "s.cedarschema").write_text(SCHEMA)
        (files / "e.json").write_text(json.dumps(ENTITIES))
        (files / f"{name}.json").write_text(json.dumps({
            "policies": f"files/{name}.cedar", "schema": "files/s.cedarschema",
            "entities": "files/e.json", "requests": requests,
            **({} if should_validate is None else {"shouldValidate": should_validate})}))

    def run_program(self, expected, code):
        result = subprocess.run([PROGRAM, str(self.top)], text=True, capture_output=True)
        last = result.stdout.splitlines()[-1]
        self.assertTrue(last.endswith(expected), result.stdout)
        self.assertEqual(result.returncode, code, result.stdout)
        return result.stdout

    def test_passes_what_is_as_expected_at_any_depth(self):
        self.write([request(), request(n=3, decision="deny", reason=())])
        self.write([request("bob", errors=["policy1"])], root="a/b/corpus")
        self.run_program("3 passed, 0 failed", 0)

    def test_notices_a_wrong_decision_reason_or_error(self):
        self.write([request(decision="deny"), request(reason=()), request(reason=["policy1"]),
                    request(errors=["policy1"]), request("bob"), request()])
        output = self.run_program("1 passed, 5 failed", 1)
        self.assertIn("expected deny reasons [policy0] errors []\n  found    allow", output)

    def test_notices_a_wrong_verdict_on_the_policies(self):
        sound = POLICIES.replace("principal.missing == 1", "principal has missing")
        self.write([request()], should_validate=False)
        self.write([request()], policies=sound, should_validate=True, name="sound")
        self.run_program("4 passed, 0 failed", 0)
        self.write([], should_validate=True, name="wrong")
        self.write([], policies=sound, should_validate=False, name="wrong_too")
        output = self.run_program("4 passed, 2 failed", 1)
        self.assertIn("the policies should validate\n  unguarded_attribute: ", output)
        self.assertIn("the policies should not validate", output)

    def test_a_request_that_the_schema_refuses_fails_unless_it_is_not_to_be_validated(self):
        other = {"principal": {"type": "Other", "id": "x"}}
        self.write([{**request(), **other}, {**request(validateRequest=False), **other}])
        self.assertIn("refused: ", self.run_program("1 passed, 1 failed", 1))

    def test_a_case_that_cannot_be_read_fails_with_all_its_requests(self):
        self.write([request(), request()], policies="permit(principal)")
        self.write([request()], name="other")
        self.assertIn("all 2 requests", self.run_program("1 passed, 2 failed", 1))

    def test_files_that_are_not_there_fail_the_case(self):
        self.write([request()])
        (self.top / "corpus/files/case.cedar").unlink()
        self.run_program("0 passed, 1 failed", 1)

    def test_a_folder_without_a_case_is_a_failure(self):
        self.assertIn("no case in it", self.run_program("0 passed, 0 failed", 1))

    def test_refuses_what_is_no_folder(self):
        self.assertEqual(subprocess.run([PROGRAM, "/no/such/folder"], capture_output=True).returncode, 2)


if __name__ == "__main__":
    unittest.main()
