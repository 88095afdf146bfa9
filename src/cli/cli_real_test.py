"""The command line as a user meets it: what it prints, where, and with which exit status."""
import json
import os
import pty
import subprocess
import unittest

import program
from program import HOSPITAL, ProgramTest, decision_cases, run

COMMANDS = ["authorize", "evaluate", "check-parse", "validate", "format", "link", "translate-policy",
            "translate-schema", "visualize", "new", "run-tests", "tpe", "plan", "lsp",
            "language-version", "pdp"]

POLICIES = """\
@id("read") @reason("Nurses read.")
permit(principal in Role::"Nurse", action == Action::"read", resource);
@id("locked")
forbid(principal, action, resource) when { resource.locked };
"""
ENTITIES = [
    {"uid": {"type": "User", "id": "kim"}, "attrs": {},
     "parents": [{"type": "Role", "id": "Nurse"}]},
    {"uid": {"type": "Chart", "id": "open"}, "attrs": {"locked": False}, "parents": []},
    {"uid": {"type": "Chart", "id": "shut"}, "attrs": {"locked": True}, "parents": []},
]
SCHEMA = """\
entity Role;
entity User in [Role];
entity Chart = { locked: Bool };
action read appliesTo { principal: User, resource: Chart, context: { n?: Long } };
"""
BAD_POLICIES = """\
permit(principal, action resource);
forbid(principal, action, resource) when { f( };
permit(principal, action, resource) when { "\u00e9\\q" };
"""


def request(who="kim", what="open", action="read"):
    return ["--principal", f'User::"{who}"', "--action", f'Action::"{action}"',
            "--resource", f'Chart::"{what}"']


class UsageTest(ProgramTest):
    def test_help_of_each_command_shows_an_example(self):
        overview = self.run_here("--help")
        self.assertEqual((overview.returncode, overview.stderr), (0, ""))
        for command in COMMANDS:
            result = self.run_here(command, "--help")
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            self.assertIn(f"\n  {command} ", overview.stdout)
            self.assertRegex(result.stdout, rf"Examples:\n.*wardlock {command}")
            self.assertIn("--json", result.stdout)

    def test_examples_of_help_work(self):
        """Those that need nothing but this repository."""
        tried = 0
        for command in COMMANDS:
            text = self.run_here(command, "--help").stdout
            text = text[text.index("Examples:\n"):].replace("\\\n", " ")
            for line in text.splitlines():
                uses_files = any(name in line for name in ["draft", " entities.json", "templates",
                                                           "my.", "policies.json", "…", " > "])
                if not line.startswith("  wardlock ") or command in ("pdp", "new", "lsp") or uses_files:
                    continue
                script = line.replace("wardlock ", f"'{program.WARDLOCK}' ", 1)
                result = subprocess.run(script, shell=True, cwd=program.ROOT, text=True,
                                        capture_output=True, timeout=program.LIMIT_S)
                self.assertEqual(result.returncode, 4 if command == "tpe" else 0, line + result.stderr)
                tried += 1
        self.assertGreaterEqual(tried, 4)

    def test_versions(self):
        self.assertRegex(self.run_here("--version").stdout, r"^wardlock \d+\.\d+\.\d+\n$")
        self.assert_prints("4.5\n", "language-version")
        self.assertEqual(self.run_here("--json", "language-version").stdout,
                         self.run_here("language-version", "--json").stdout)
        self.assertEqual(self.json_of("language-version"), {"language_version": "4.5"})

    @unittest.skipUnless(os.path.exists("/dev/full"), "no /dev/full")
    def test_fails_when_its_result_cannot_be_written(self):
        for arguments in [["evaluate", "1"], ["language-version", "--json"]]:
            with open("/dev/full", "w") as full:
                result = subprocess.run([program.WARDLOCK, *arguments], stdout=full, text=True,
                                        stderr=subprocess.PIPE, timeout=program.LIMIT_S)
            self.assertEqual((result.returncode, result.stderr),
                             (1, "error: standard output cannot be written\n"))

    def test_names_the_commands_when_none_is_given(self):
        self.assert_fails(["give a command: ", *COMMANDS])

    def test_suggests_what_was_meant(self):
        self.assert_fails("no command `autorize`; did you mean `authorize`?", "autorize")
        self.assert_fails("no command `bake`; see `wardlock --help`", "bake", "--hot")
        self.assert_fails("no option `--polices`; did you mean `--policies`?",
                          "authorize", "--polices=x")
        self.assert_fails("no option `--colour`; see `wardlock pdp --help`", "pdp", "--colour")
        self.assert_fails("no option `-z`", "evaluate", "1", "-z")

    def test_refuses_a_command_line_that_makes_no_sense(self):
        for says, arguments in [
            ("--policies is required", ["authorize"]),
            ("give `--policies`, a folder, or `--bundle`, a file", ["pdp"]),
            ("--template-id is required", ["link", "-p", "x", "-n", "x", "-a", "{}"]),
            ("--direction is required", ["translate-policy"]),
            ("--direction: `up` is not one of `cedar-to-json`, `json-to-cedar`",
             ["translate-policy", "--direction", "up"]),
            ("--mode: `lax` is not one of", ["authorize", "-p", "x", "--mode", "lax"]),
            ("--mode: `lax` is not one of", ["pdp", "-p", "x", "--mode", "lax"]),
            ("--threads: `0` is not", ["pdp", "-p", "x", "--threads", "0"]),
            ("--threads: `many` is not", ["pdp", "-p", "x", "--threads", "many"]),
            ("unexpected argument `extra`", ["language-version", "extra"]),
            ("unexpected argument `2`", ["evaluate", "1", "2"]),
            ("expression is required", ["evaluate"]),
            ("there is nothing to check", ["check-parse"]),
            ("can be given once", ["check-parse", "--policies", "-", "--schema", "-"]),
        ]:
            with self.subTest(arguments=arguments):
                self.assert_fails(says, *arguments)

    def on_terminal(self, *arguments, env=None):
        """What the program writes to standard error when that is a terminal."""
        ours, theirs = pty.openpty()
        process = subprocess.Popen([program.WARDLOCK, *arguments], stderr=theirs, cwd=self.folder,
                                   env={**os.environ, **(env or {})})
        os.close(theirs)
        written = b""
        try:
            while block := os.read(ours, 4096):
                written += block
        except OSError:  # the terminal is closed
            pass
        os.close(ours)
        process.wait(program.LIMIT_S)
        return written.decode()

    def test_uses_colour_on_a_terminal_only(self):
        self.write("bad.cedar", BAD_POLICIES)
        for arguments in [["check-parse", "-p", "bad.cedar"], ["check-parse", "-p", "none"]]:
            env = {"NO_COLOR": ""}
            self.assertIn("\033[31m", self.on_terminal(*arguments, env=env))
            env = {"NO_COLOR": "1"}
            self.assertIn("error:", self.on_terminal(*arguments, env=env))
            self.assertNotIn("\033", self.on_terminal(*arguments, env=env))
            self.assertNotIn("\033", self.run_here(*arguments).stderr)

    def test_texts_of_others_cannot_steer_the_terminal(self):
        evil = "\\u{1b}]0;x\\u{7}\\u{9b}31m\\u{202e}"
        self.write("a.cedar", f'@id("{evil}") @reason("{evil}") permit(principal, action, resource);')
        result = self.run_here("authorize", "-p", "a.cedar", "-v", *request())
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn(f"determined by `{evil}`: {evil}\n", result.stdout)
        self.assert_prints(f'"{evil}"\n', "evaluate", f'"{evil}"')
        self.write("e\033[31m.cedar", "permit(principal, action, resource) when { \033[31m\u009b };")
        self.write("e.json", '[{"\\u001b[2J": 1, "\\u001b[2J": 2}]')
        for arguments in [["check-parse", "-p", "e\033[31m.cedar"], ["check-parse", "-p", "\033[31m"],
                          ["check-parse", "--entities", "e.json"], ["\033[31m"]]:
            said = self.on_terminal(*arguments, env={"NO_COLOR": "1"})
            self.assertIn("error:", said)
            self.assertNotRegex(said, "[\033\007\u009b]")


class AuthorizeTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.write("ward.cedar", POLICIES)
        self.write("entities.json", ENTITIES)
        self.write("ward.cedarschema", SCHEMA)
        self.files = ["authorize", "-p", "ward.cedar", "--entities", "entities.json"]

    def test_allows_and_says_why(self):
        self.assert_prints("ALLOW\n", *self.files, *request())
        self.assert_prints("ALLOW\ncause: permit\ndetermined by `read`: Nurses read.\n",
                           *self.files, "-v", *request())
        self.assertEqual(self.json_of(*self.files, *request()),
                         {"decision": "allow", "cause": "permit", "policies": ["read"],
                          "errors": []})

    def test_denies_with_exit_status_2(self):
        self.assert_prints("DENY\ncause: forbid\ndetermined by `locked`\n",
                           *self.files, "-v", *request(what="shut"), code=2)
        self.assert_prints("DENY\ncause: no_permit\n",
                           *self.files, "-v", *request(who="lee"), code=2)
        self.assertEqual(self.json_of(*self.files, *request(who="lee"), code=2)["decision"], "deny")

    def test_an_error_in_a_forbid_denies_unless_plain_cedar_is_asked_for(self):
        unknown = request(what="none")
        strict = self.json_of(*self.files, *unknown, code=2)
        self.assertEqual((strict["decision"], strict["cause"]), ("deny", "forbid_error"))
        self.assertEqual([(each["policy"], each["kind"]) for each in strict["errors"]],
                         [("locked", "entity_does_not_exist")])
        self.assertIn("error in `locked`: ", self.run_here(*self.files, *unknown).stdout)
        plain = self.json_of(*self.files, "--mode", "cedar", *unknown)
        self.assertEqual((plain["decision"], plain["policies"]), ("allow", ["read"]))
        self.assertEqual(plain["errors"], strict["errors"])

    def test_reads_standard_input(self):
        arguments = ["--entities", "entities.json", *request()]
        self.assert_prints("ALLOW\n", "authorize", "-p", "-", *arguments, stdin=POLICIES)
        self.assert_fails("standard input:1:", "authorize", "-p", "-", *arguments, stdin="permit")

    def test_takes_the_request_from_a_file(self):
        whole = {"principal": 'User::"kim"', "action": {"type": "Action", "id": "read"},
                 "resource": {"__entity": {"type": "Chart", "id": "open"}}, "context": {}}
        self.assert_prints("ALLOW\n", *self.files, "--request-json", "-", stdin=json.dumps(whole))
        for says, change in [("names no `principal`", {"principal": None}),
                             ("`kim` is not an entity", {"principal": "kim"}),
                             ("resource", {"resource": {"type": "Chart"}}),
                             ("record", {"context": []})]:
            text = json.dumps({k: v for k, v in {**whole, **change}.items() if v is not None})
            with self.subTest(change=change):
                self.assert_fails(says, *self.files, "--request-json", "-", stdin=text)
        self.assert_fails("must hold a JSON object", *self.files, "--request-json", "-", stdin="[]")

    def test_refuses_what_is_no_request(self):
        for says, arguments in [
            ("give `--principal`", ["-a", 'Action::"read"', "-r", 'Chart::"open"']),
            ("give `--resource`", ["-l", 'User::"kim"', "-a", 'Action::"read"']),
            ("--principal: `kim` is not an entity", ["-l", "kim", *request()[2:]]),
            ("single quotes", ["-l", "User::kim", *request()[2:]]),
            ("--context: not valid JSON", [*request(), "-c", "{"]),
            ("is the whole request", [*request(), "--request-json", "-"]),
            ("`context.json` cannot be opened", [*request(), "-c", "context.json"]),
        ]:
            with self.subTest(arguments=arguments):
                self.assert_fails(says, *self.files, *arguments)

    def test_exit_status_3_when_the_request_does_not_fit_the_schema(self):
        files = [*self.files, "-s", "ward.cedarschema"]
        self.assert_prints("ALLOW\n", *files, *request(), "-c", '{"n": 1}')
        for says, arguments in [
            ("context.n", [*request(), "-c", '{"n": "one"}']),
            ("context.m: the schema declares no such attribute", [*request(), "-c", '{"m": 1}']),
            ("no action `Action::\"write\"`", request(action="write")),
            ("no such type", ["-l", 'Robot::"r2"', *request()[2:]]),
            ("does not apply", ["-l", 'Role::"Nurse"', *request()[2:]]),
        ]:
            with self.subTest(arguments=arguments):
                self.assert_fails(says, *files, *arguments, code=3)
        # What is no JSON or no value does not come that far.
        self.assert_fails("not valid JSON", *files, *request(), "-c", '{"n": 1', code=1)
        self.assert_fails("context", *files, *request(), "-c", '{"n": null}', code=1)

    def test_exit_status_3_when_the_entities_do_not_fit_the_schema(self):
        chart = {"uid": {"type": "Chart", "id": "c"}, "attrs": {"locked": True}, "parents": []}
        schema = ["-p", "ward.cedar", "-s", "ward.cedarschema", "--entities", "given.json"]
        for says, change in [("locked", {"attrs": {}}), ("locked", {"attrs": {"locked": 1}}),
                             ("lock", {"attrs": {"locked": True, "lock": 1}}),
                             ("Robot", {"uid": {"type": "Robot", "id": "r2"}}),
                             ("cannot be in", {"parents": [{"type": "Role", "id": "Nurse"}]}),
                             ("tags", {"tags": {"a": 1}})]:
            self.write("given.json", [{**chart, **change}])
            with self.subTest(change=change):
                for command in [["authorize", *request()], ["check-parse"]]:
                    self.assert_fails(["given.json", says], *command, *schema, code=3)
        for says, text in [("line 1, column 2", "[}"), ("expected", "{}"), ("uid", [{}]),
                           ("twice", [chart, {**chart, "attrs": {"locked": False}}])]:
            self.write("given.json", text)
            with self.subTest(text=text):
                self.assert_fails(["given.json", says], "authorize", *schema, *request(), code=1)

    def test_fills_the_context_as_the_pdp_does(self):
        self.write("now.cedar", """permit(principal, action, resource) when {
            context.now > datetime("2024-01-01") && context has action && context has pep.id &&
            context.authentication.level == 0 };""")
        self.write("now.cedarschema", SCHEMA.replace("n?: Long", "now: datetime"))
        now = ["authorize", "-p", "now.cedar", *request()]
        self.assert_prints("ALLOW\n", *now)
        self.assertEqual(self.run_here(*now, "--mode", "cedar").returncode, 2)
        past = '{"now": {"__extn": {"fn": "datetime", "arg": "2020-01-01"}}}'
        self.assertEqual(self.run_here(*now, "-c", past).returncode, 2)
        # With a schema, only what it declares.
        self.write("typed.cedar", """permit(principal, action, resource) when {
            context has now && !(context has pep) && !(context has action) };""")
        typed = ["authorize", "-p", "typed.cedar", *request(), "-s", "now.cedarschema"]
        self.assert_prints("ALLOW\n", *typed)
        self.assert_fails("context.now", *typed, "--mode", "cedar", code=3)

    def test_hints_at_the_glass_only_where_it_could_be_broken(self):
        self.write("glass.cedar", '@override("break-glass") permit(principal, action, resource) '
                                  'when { context has override };')
        glass = ["authorize", "-p", "glass.cedar", *request()]
        self.assert_prints("DENY\nbreaking the glass would be possible\n", *glass, code=2)
        self.assertTrue(self.json_of(*glass, code=2)["override_possible"])
        # The schema has no `override` in the action's context: there is nothing to break.
        self.assert_prints("DENY\n", *glass, "-s", "ward.cedarschema", code=2)
        self.assert_fails("`--mode strict`", *glass, "--mode", "cedar")

    def test_uses_links(self):
        self.write("t.cedar", '@id("share") permit(principal == ?principal, action, resource);')
        link = {"templateId": "share", "newId": "kims",
                "values": {"?principal": {"__entity": {"type": "User", "id": "kim"}}}}
        files = ["authorize", "-p", "t.cedar", "-k", "links.json", *request()]
        self.write("links.json", [link])
        self.assertEqual(self.json_of(*files)["policies"], ["kims"])
        for says, links in [("twice", [link, link]), ("JSON list", {}), ("`newId`", [{**link, "newId": 1}]),
                            ("`other`", [{**link, "templateId": "other"}]),
                            ("?principal", [{**link, "values": {}}]),
                            ("?who", [{**link, "values": {"?who": {"type": "User", "id": "a"}}}])]:
            self.write("links.json", links)
            with self.subTest(links=links):
                self.assert_fails(["links.json", says], *files)

    def test_warns_about_unknown_annotations_and_goes_on(self):
        self.write("ward.cedar", '@resaon("typo") ' + POLICIES)
        result = self.run_here(*self.files, *request())
        self.assertEqual((result.returncode, result.stdout), (0, "ALLOW\n"))
        self.assertRegex(result.stderr, r"^note: policy `read`: .*`?resaon")

    def test_decides_the_cases_of_the_engine(self):
        policies, entities, decisions = decision_cases()
        self.write("cases.cedar", policies)
        self.write("cases.json", entities)
        self.assertGreater(len(decisions), 10)
        for principal, action, resource, context, decision, determining, errors in decisions:
            with self.subTest(principal=principal, action=action, resource=resource):
                reply = self.json_of(
                    "authorize", "--mode", "cedar", "-p", "cases.cedar", "--entities", "cases.json",
                    "-l", principal, "-a", action, "-r", resource, "-c", context,
                    code=0 if decision == "allow" else 2)
                self.assertEqual((reply["decision"], reply["policies"]), (decision, determining))
                self.assertCountEqual([each["policy"] for each in reply["errors"]], errors)


class EvaluateTest(ProgramTest):
    def test_evaluates(self):
        self.assert_prints("7\n", "evaluate", "1 + 2 * 3")
        self.assert_prints("-1\n", "evaluate", "-1")
        self.assertEqual(self.json_of("evaluate", 'ip("10.0.0.1")'),
                         {"value": {"__extn": {"fn": "ip", "arg": "10.0.0.1/32"}},
                          "text": 'ip("10.0.0.1/32")'})
        self.write("entities.json", ENTITIES)
        nurse = ["evaluate", 'principal in Role::"Nurse"', "--entities", "entities.json"]
        self.assert_prints("true\n", *nurse, "--principal", 'User::"kim"')
        self.assert_prints("false\n", *nurse)
        self.assert_prints("3\n", "evaluate", "context.n", "-c", '{"n": 3}')
        self.assert_prints("3\n", "evaluate", "context.n", "-c", "-", stdin='{"n": 3}')

    def test_points_at_what_is_wrong(self):
        document = self.assert_fails(["expression:1:4: error: ", "  | 1 +\n  |    ^\n"],
                                     "evaluate", "1 +")
        self.assertEqual([(each["line"], each["column"]) for each in document["diagnostics"]],
                         [(1, 4)])
        self.assert_fails("error kind: arithmetic_overflow", "evaluate", "9223372036854775807 + 1")
        self.assert_fails("who and what is meant?", "evaluate", "principal.name")
        for expression in ["", "1 % 2", "principal.", '"\\q"', "f(1)", "1 == 2 == 3", 'ip("x")',
                           "1 + true", "if 1 then 2 else 3", "{a: 1, a: 2}"]:
            with self.subTest(expression=expression):
                self.assert_fails("expression:1:", "evaluate", expression)

    def test_reports_its_files(self):
        self.assert_fails("`none.json` cannot be opened", "evaluate", "1", "--entities", "none.json")
        self.write("bad.cedarschema", "entity A\nentity B;")
        self.assert_fails("bad.cedarschema:2:1: error: ", "evaluate", "1", "-s", "bad.cedarschema")
        self.write("ward.cedarschema", SCHEMA)
        self.write("entities.json", [{**ENTITIES[1], "attrs": {}}])
        self.assert_fails("locked", "evaluate", "1", "-s", "ward.cedarschema", "--entities",
                          "entities.json", code=3)


class CheckParseTest(ProgramTest):
    def test_finds_nothing_wrong_with_what_is_right(self):
        self.assert_prints("no errors in 86 policies\n", "check-parse", "-p", HOSPITAL, "--entities",
                           HOSPITAL / "entities.json")
        self.assertEqual(self.json_of("check-parse", "-p", HOSPITAL),
                         {"policies": 86, "diagnostics": []})
        self.assert_prints("no errors in 1 policy\n", "check-parse", "-p", "-",
                           stdin="permit(principal, action, resource == ?resource);")
        self.assert_prints("no errors in 0 policies\n", "check-parse", "-p", "-")
        self.assert_prints("no errors\n", "check-parse", "--schema",
                           HOSPITAL / "wardlock.cedarschema", "--expression", "1 + 1")

    def test_reports_every_error_with_its_place(self):
        self.write("bad.cedar", BAD_POLICIES)
        document = self.assert_fails(
            ["bad.cedar:1:26: error: unexpected `resource`\n"
             "  | permit(principal, action resource);\n"
             "  |                          ^^^^^^^^\n",
             "bad.cedar:2:47: error: ", "bad.cedar:3:44: error: `\\q`"],
            "check-parse", "-p", "bad.cedar")
        places = [(each["file"], each["line"], each["column"], each["severity"])
                  for each in document["diagnostics"]]
        self.assertEqual(places, [("bad.cedar", line, column, "error")
                                  for line, column in [(1, 26), (2, 47), (3, 44)]])

    def test_reports_all_files_in_one_run(self):
        self.write("f/a.cedar", "permit(principal, action);")
        self.write("f/b.cedar", "permit(principal);")
        self.write("f/c.cedarschema", "entity A in [B];")
        self.write("f/.hidden", "garbage")
        self.write("entities.json", "[}")
        everything = ["check-parse", "-p", "f", "--entities", "entities.json", "--expression", "1+"]
        self.assert_fails(["f/a.cedar:1:", "f/b.cedar:1:", "f/c.cedarschema:1:14: error: ",
                           "entities.json: not valid JSON", "expression:1:3"], *everything)

    def test_the_commands_that_decide_report_the_same(self):
        self.write("bad.cedar", BAD_POLICIES)
        checked = self.run_here("check-parse", "-p", "bad.cedar").stderr
        for command in [["authorize", *request()], ["pdp", "--listen", "127.0.0.1:0"],
                        ["link", "--template-id", "a", "-n", "b", "-a", "{}"]]:
            with self.subTest(command=command):
                result = self.run_here(*command, "-p", "bad.cedar")
                self.assertEqual((result.returncode, result.stdout), (1, ""))
                self.assertEqual(result.stderr, checked)

    def test_finds_ids_that_occur_twice(self):
        policy = '@id("%s") permit(principal, action, resource);\n'
        self.write("f/a.cedar", policy % "x")
        self.write("f/b.cedar", policy % "y" + policy % "y")
        self.assert_fails("f/b.cedar:2:1: error: the policy id `y` occurs twice",
                          "check-parse", "-p", "f")
        self.write("f/b.cedar", policy % "x")
        self.assert_fails("f/b.cedar: the policy id `x` occurs twice", "check-parse", "-p", "f")
        # Policies without an id are named after their files.
        self.write("f/a.cedar", policy.removeprefix('@id("%s")'))
        self.write("f/b.cedar", policy.removeprefix('@id("%s")'))
        self.assert_prints("no errors in 2 policies\n", "check-parse", "-p", "f")

    def test_cannot_read_what_is_not_there(self):
        self.write("empty/readme.txt", "no policies")
        for says, arguments in [
            ("`none.cedar` cannot be opened; does the file exist?", ["-p", "none.cedar"]),
            ("there is no `*.cedar` in `empty`", ["-p", "empty"]),
            ("`none.json` cannot be opened", ["--entities", "none.json"]),
            ("`empty` is a folder", ["--schema", "empty"]),
        ]:
            with self.subTest(arguments=arguments):
                self.assert_fails(says, "check-parse", *arguments)

    def test_reads_json_policies_and_schemas(self):
        self.write("p.json", '{"staticPolicies": {}, "templates": {}, "templateLinks": []}')
        self.assert_prints("no errors in 0 policies\n", "check-parse", "-p", "p.json")
        self.write("s.json", '{"": {"entityTypes": {}, "actions": {}}}')
        self.assert_prints("no errors\n", "check-parse", "-s", "s.json")
        for name, option in [("p.json", "-p"), ("s.json", "-s")]:
            for text in ["[]", "{", '{"a": 1}', "1", '{"": {"entityTypes": []}}']:
                self.write(name, text)
                with self.subTest(name=name, text=text):
                    self.assert_fails(f"error: {name}: ", "check-parse", option, name)


class LinkTest(ProgramTest):
    ARGUMENTS = ["link", "-p", "t.cedar", "-k", "links.json", "--template-id", "share"]

    def setUp(self):
        super().setUp()
        self.write("t.cedar", '@id("share") permit(principal == ?principal, action, resource);\n'
                              '@id("plain") permit(principal, action, resource);')

    def test_adds_a_link_that_authorize_uses(self):
        for name in ["kim", "lee"]:
            result = self.run_here(*self.ARGUMENTS, "-n", f"for-{name}", "-a",
                                   json.dumps({"?principal": f'User::"{name}"'}))
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertIn(f'principal == User::"{name}"', result.stdout)
        self.assertEqual([link["newId"] for link in
                          json.loads((self.folder / "links.json").read_text())],
                         ["for-kim", "for-lee"])
        self.write("t.cedar", '@id("share") permit(principal == ?principal, action, resource);')
        authorize = ["authorize", "-p", "t.cedar", "-k", "links.json"]
        self.assertEqual(self.json_of(*authorize, *request("lee"))["policies"], ["for-lee"])
        self.assertEqual(self.json_of(*authorize, *request("eve"), code=2)["policies"], [])
        self.assertEqual(sorted(os.listdir(self.folder)), ["links.json", "t.cedar"])

    def test_replaces_the_file_and_nothing_else(self):
        add = [*self.ARGUMENTS, "-n", "new", "-a", '{"?principal": "User::\\"kim\\""}']
        (self.folder / self.write("real.json", "[]")).chmod(0o600)
        self.write("victim", "untouched")
        (self.folder / "links.json").symlink_to("real.json")
        (self.folder / "links.json.new").symlink_to("victim")
        (self.folder / "real.json.new").symlink_to("victim")
        self.assertEqual(self.run_here(*add).returncode, 0)
        self.assertEqual((self.folder / "victim").read_text(), "untouched")
        self.assertTrue((self.folder / "links.json").is_symlink())
        self.assertIn('"new"', (self.folder / "real.json").read_text())
        self.assertEqual((self.folder / "real.json").stat().st_mode & 0o777, 0o600)

    def test_prints_the_link_where_there_is_no_file_for_it(self):
        document = self.json_of("link", "-p", "t.cedar", "--template-id", "share", "-n", "new", "-a",
                                '{"?principal": "User::\\"kim\\""}')
        self.assertEqual(document["link"], {
            "templateId": "share", "newId": "new",
            "values": {"?principal": {"__entity": {"type": "User", "id": "kim"}}}})
        self.assertEqual(os.listdir(self.folder), ["t.cedar"])

    def test_refuses_and_leaves_the_file_alone(self):
        kim = '{"?principal": "User::\\"kim\\""}'
        self.assertEqual(self.run_here(*self.ARGUMENTS, "-n", "one", "-a", kim).returncode, 0)
        before = (self.folder / "links.json").read_text()
        for says, arguments in [
            ("`one` is taken", ["-n", "one", "-a", kim]),
            ("`plain` is taken", ["-n", "plain", "-a", kim]),
            ("?principal", ["-n", "two", "-a", "{}"]),
            ("?resource", ["-n", "two", "-a", kim[:-1] + ', "?resource": "A::\\"a\\""}']),
            ("no slot `?who`", ["-n", "two", "-a", '{"?who": "A::\\"a\\""}']),
            ("`kim` is not an entity", ["-n", "two", "-a", '{"?principal": "kim"}']),
            ("entity in a string", ["-n", "two", "-a", '{"?principal": 1}']),
            ("--arguments: not valid JSON", ["-n", "two", "-a", "{"]),
            ("JSON object", ["-n", "two", "-a", "[]"]),
            ("`none`", ["--template-id", "none", "-n", "two", "-a", kim]),
        ]:
            with self.subTest(arguments=arguments):
                base = self.ARGUMENTS[:-2] if "none" in arguments else self.ARGUMENTS
                self.assert_fails(says, *base, *arguments)
        self.assertEqual((self.folder / "links.json").read_text(), before)
        self.write("links.json", {})
        self.assert_fails("`links.json` is not a list of links", *self.ARGUMENTS, "-n", "two", "-a",
                          kim)
        self.assertEqual((self.folder / "links.json").read_text(), "{}")


class TranslatePolicyTest(ProgramTest):
    TO_JSON = ["translate-policy", "--direction", "cedar-to-json"]
    TO_CEDAR = ["translate-policy", "--direction", "json-to-cedar"]

    def test_translates_there_and_back(self):
        for path in sorted(HOSPITAL.glob("*.cedar")):
            to_json = self.run_here(*self.TO_JSON, "-p", path)
            self.assertEqual((to_json.returncode, to_json.stderr), (0, ""))
            to_cedar = self.run_here(*self.TO_CEDAR, stdin=to_json.stdout)
            self.assertEqual((to_cedar.returncode, to_cedar.stderr), (0, ""))
            again = self.json_of(*self.TO_JSON, stdin=to_cedar.stdout)
            self.assertEqual(again, json.loads(to_json.stdout))
            document = self.json_of(*self.TO_CEDAR, stdin=to_json.stdout)
            self.assertEqual(document, {"policies": to_cedar.stdout})

    def test_keeps_the_ids(self):
        document = self.json_of(*self.TO_JSON, stdin=POLICIES)
        self.assertEqual(list(document["staticPolicies"]), ["read", "locked"])

    def test_says_what_cannot_be_translated(self):
        self.assert_fails("standard input:1:1: error: ", *self.TO_JSON, stdin="{}")
        self.assert_fails("standard input: not valid JSON", *self.TO_CEDAR, stdin=POLICIES)
        self.assert_fails("standard input: ", *self.TO_CEDAR, stdin="[]")
        self.assert_fails("`none` cannot be opened", *self.TO_CEDAR, "-p", "none")
        for text in ['{"staticPolicies": {"a": {}}}', '{"staticPolicies": []}', '{"a": 1, "a": 1}']:
            with self.subTest(text=text):
                self.assert_fails("standard input", *self.TO_CEDAR, stdin=text)


if __name__ == "__main__":
    unittest.main()
