"""`wardlock validate` as a user meets it, and a server that refuses what does not validate."""
import json
import unittest

import program
from program import HOSPITAL, ProgramTest, run

SCHEMA = """\
entity Team;
entity User in [Team] = { name: String, nick?: String, lead?: User } tags Long;
entity Chart = { owner: User, careTeam: Set<User> };
action read, write appliesTo { principal: User, resource: Chart, context: { n: Long } };
"""
GOOD = """\
@id("read") permit(principal in Team::"a", action == Action::"read", resource)
when { resource.careTeam.contains(principal) && principal has nick && principal.nick != "x" };
"""


class ValidateTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.write("s.cedarschema", SCHEMA)

    def validate(self, policies, *options):
        self.write("p.cedar", policies)
        return ["validate", "-p", "p.cedar", "-s", "s.cedarschema", *options]

    def test_what_fits_validates(self):
        self.assert_prints("no findings in 1 policy\n", *self.validate(GOOD))
        self.assertEqual(self.json_of(*self.validate(GOOD)),
                         {"valid": True, "policies": 1, "errors": 0, "warnings": 0,
                          "diagnostics": []})

    def test_the_hospital_validates(self):
        result = run("validate", "--policies", HOSPITAL, "--deny-warnings")
        self.assertEqual((result.returncode, result.stderr), (0, ""))

    def test_an_error_names_policy_place_and_suggestion(self):
        command = self.validate(GOOD.replace("careTeam", "careteam"))
        result = self.run_here(*command)
        self.assertEqual((result.returncode, result.stdout), (3, ""))
        self.assertEqual(result.stderr, """\
p.cedar:2:8: error: policy `read`: there is no attribute `careteam` in the entity of type `Chart`
  | when { resource.careteam.contains(principal) && principal has nick && principal.nick != "x" };
  |        ^^^^^^^^^^^^^^^^^
  = did you mean `careTeam`?
error: 1 error and 0 warnings in 1 policy
""")
        document = self.json_of(*command, code=3)
        self.assertEqual(document["diagnostics"], [
            {"policy": "read", "severity": "error", "code": "unknown_attribute",
             "message": "there is no attribute `careteam` in the entity of type `Chart`",
             "help": "did you mean `careTeam`?", "file": "p.cedar", "line": 2, "column": 8}])
        self.assertFalse(document["valid"])

    def test_environments_are_named_where_not_all_show_it(self):
        self.write("s.cedarschema", SCHEMA + "action call appliesTo { principal: User, resource: User };")
        document = self.json_of(*self.validate(
            "permit(principal, action, resource) when { context.n > 1 };"), code=3)
        [finding] = document["diagnostics"]
        self.assertEqual(finding["environments"],
                         [{"principal": "User", "action": 'Action::"call"', "resource": "User"}])
        self.assertEqual(finding["environment_count"], 1)

    def test_warnings_count_only_when_asked(self):
        policies = 'permit(principal, action, resource) when { principal.name == "\u0440aypal" };'
        result = self.run_here(*self.validate(policies))
        self.assertEqual(result.returncode, 0)
        self.assertIn("warning: policy `policy0`: the string", result.stderr)
        self.assertEqual(result.stdout, "0 errors and 1 warning in 1 policy\n")
        self.assertEqual(self.run_here(*self.validate(policies, "--deny-warnings")).returncode, 3)
        self.assertFalse(self.json_of(*self.validate(policies, "--deny-warnings"), code=3)["valid"])

    def test_text_cannot_steer_the_terminal(self):
        result = self.run_here(*self.validate(
            'permit(principal, action, resource) when { principal.name == "a\u202eb" };'))
        self.assertNotIn("\u202e", result.stderr)

    def test_permissive_mode_allows_more(self):
        policies = "permit(principal, action, resource) when { [principal, resource].contains(1) };"
        self.assertEqual(self.run_here(*self.validate(policies)).returncode, 3)
        self.assertEqual(
            self.run_here(*self.validate(policies, "--validation-mode", "permissive")).returncode, 0)
        self.assertEqual(
            self.run_here(*self.validate(policies, "--validation-mode", "lax")).returncode, 1)

    def test_levels(self):
        policies = 'permit(principal, action, resource) when { resource.owner.name == "a" };'
        self.assertEqual(self.run_here(*self.validate(policies, "--level", "2")).returncode, 0)
        result = self.run_here(*self.validate(policies, "--level", "1"))
        self.assertEqual(result.returncode, 3)
        self.assertIn("level 2; level 1 is allowed", result.stderr)

    def test_links_are_checked(self):
        self.write("links.json", [{"templateId": "t", "newId": "l", "values":
                                   {"?principal": {"type": "Teem", "id": "x"}}}])
        command = self.validate('@id("t") permit(principal in ?principal, action, resource);',
                                "--template-linked", "links.json")
        result = self.run_here(*command)
        self.assertEqual(result.returncode, 3)
        self.assertIn("policy `l`: the schema declares no entity type `Teem`", result.stderr)

    def test_what_cannot_be_read_is_a_failure(self):
        self.assert_fails("p.cedar:1:", *self.validate("permit(principal, action resource);"))
        self.assert_fails("there is no schema", "validate", "-p", "p.cedar")
        self.write("s.cedarschema", "entity ;")
        self.assert_fails("s.cedarschema:1:8", *self.validate(GOOD))
        self.assert_fails("nothing.cedar", "validate", "-p", "nothing.cedar", "-s", "s.cedarschema")

    def test_policies_in_json_are_checked_too(self):
        self.write("p.json", {"staticPolicies": {"p": {
            "effect": "permit", "principal": {"op": "All"}, "action": {"op": "All"},
            "resource": {"op": "All"}, "conditions": [
                {"kind": "when", "body": {".": {"left": {"Var": "context"}, "attr": "m"}}}]}}})
        document = self.json_of("validate", "-p", "p.json", "-s", "s.cedarschema", code=3)
        self.assertEqual(document["diagnostics"][0]["code"], "unknown_attribute")
        self.assertNotIn("line", document["diagnostics"][0])

    def test_a_large_hostile_file_ends_in_time(self):
        deep = "if principal has nick then (" * 200 + "true" + ") else false" * 200
        many = "".join(f"permit(principal, action, resource) when {{ principal.x{i} }};\n"
                       for i in range(60_000))
        self.assertEqual(self.run_here(*self.validate(
            f"permit(principal, action, resource) when {{ {deep} }};")).returncode, 0)
        result = self.run_here(*self.validate(many))
        self.assertEqual(result.returncode, 3)
        self.assertIn("too many findings already", result.stderr)


class ServeTest(ProgramTest):
    def test_pdp_warns(self):
        self.write("s.cedarschema", SCHEMA)
        self.write("p.cedar", GOOD.replace("careTeam", "careteam"))
        with program.Pdp("--policies", "p.cedar", "--schema", "s.cedarschema", cwd=self.folder) as pdp:
            _, errors = pdp.stop()
        self.assertIn("does not validate: policy `read`", errors + json.dumps(pdp.started))

    def test_authorize_warns_and_decides(self):
        self.write("s.cedarschema", SCHEMA)
        self.write("p.cedar", "permit(principal, action, resource) when { principal.missing };")
        result = self.run_here(
            "authorize", "-p", "p.cedar", "-s", "s.cedarschema", "--principal", 'User::"a"',
            "--action", 'Action::"read"', "--resource", 'Chart::"c"', "--context", '{"n": 1}')
        self.assertEqual(result.returncode, 2)
        self.assertIn("does not validate", result.stderr)


if __name__ == "__main__":
    unittest.main()
