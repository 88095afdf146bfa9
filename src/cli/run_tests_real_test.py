"""`wardlock run-tests`: policy tests are run, explained when they fail, and counted."""
import json
import os
import re
import socket
import stat
import subprocess
import unittest
import xml.etree.ElementTree as xml

import jsonschema
import yaml

from program import HOSPITAL, ROOT, ProgramTest, run

SCHEMA = ROOT / "docs" / "policy-tests.schema.json"


class Loader(yaml.SafeLoader):
    """Takes a moment for text, as YAML 1.2 does."""


Loader.yaml_implicit_resolvers = {
    first: [one for one in resolvers if not one[0].endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}

POLICIES = """@id("own")
permit (principal, action == Action::"view", resource)
when { resource.owner == principal };

@id("sealed")
@reason("Sealed photos stay sealed.")
forbid (principal, action, resource)
when { resource has sealed && resource.sealed };
"""
ENTITIES = [{"uid": {"type": "Photo", "id": name},
             "attrs": {"owner": {"__entity": {"type": "User", "id": "ann"}}, **more}, "parents": []}
            for name, more in [("beach", {}), ("vault", {"sealed": True}), ("open", {"sealed": False})]]
SUITE = """defaults: {at: 2026-11-23T10:00:00Z}
principals: {ann: 'User::"ann"', bob: 'User::"bob"'}
resources: {beach: 'Photo::"beach"', vault: 'Photo::"vault"', open: 'Photo::"open"'}
tests:
  - name: owners see
    action: view
    matrix: |
      |     | beach | vault  | open |
      | ann | allow | forbid | allow |
      | bob | deny  | deny   | -    |
"""
ONE = """
  - name: {name}
    principal: ann
    action: view
    resource: beach
    expect: {expect}
"""


class PhotosTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.write("photos.cedar", POLICIES)
        self.write("entities.json", ENTITIES)
        self.write("photos.test.yaml", SUITE)

    def one(self, expect, name="one", head=""):
        self.write("photos.test.yaml", head + SUITE[:SUITE.index("tests:")] + "tests:" +
                   ONE.format(name=name, expect=expect))


class RunTestsTest(PhotosTest):
    def test_passes(self):
        self.assert_prints("5 passed, 0 failed\n", "run-tests", "-p", ".")
        self.assert_prints("5 passed, 0 failed\n", "run-tests", "-p", "photos.cedar", "--entities",
                           "entities.json")

    def test_says_what_was_expected_and_what_was_found_and_why(self):
        self.one("{decision: deny, cause: forbid, policies: [sealed], obligations: [], withheld: true}")
        result = self.run_here("run-tests", "-p", ".")
        self.assertEqual((result.returncode, result.stderr), (1, ""))
        for line in ["./photos.test.yaml:5:5: FAILED one", "decision: expected deny, found allow",
                     "cause: expected forbid, found permit", "policies: expected sealed, found own",
                     "withheld: expected true, found false", "determined by `own` (./photos.cedar)",
                     "`sealed` (./photos.cedar) did not match: `resource has sealed` was false", "0 passed, 1 failed"]:
            self.assertIn(line, result.stdout)
        found = self.json_of("run-tests", "-p", ".", code=1)
        test = found["suites"][0]["tests"][0]
        self.assertEqual(test["status"], "failed")
        self.assertEqual(test["differences"][0],
                         {"what": "decision", "expected": "deny", "found": "allow"})
        self.assertEqual(test["found"]["policies"], ["own"])
        self.assertTrue(test["why"])
        self.assertEqual(found["summary"], {"tests": 1, "passed": 0, "failed": 1, "skipped": 0})

    def test_finds_the_tests_beside_the_policies_and_below(self):
        self.write("tests/more.test.yaml", SUITE)
        self.write("tests/notes.yaml", "no tests")
        self.assert_prints("10 passed, 0 failed\n", "run-tests", "-p", ".")
        self.assert_prints("5 passed, 0 failed\n", "run-tests", "-p", ".", "tests")
        self.assert_prints("5 passed, 0 failed\n", "run-tests", "-p", ".", "photos.test.yaml",
                           "photos.test.yaml")
        self.assert_fails("cannot be opened", "run-tests", "-p", ".", "nowhere.test.yaml")
        (self.folder / "photos.test.yaml").unlink()
        (self.folder / "tests" / "more.test.yaml").unlink()
        self.assert_fails("there is no `*.test.yaml` in `.`", "run-tests", "-p", ".")

    def test_runs_those_that_a_pattern_finds(self):
        result = self.run_here("run-tests", "-p", ".", "--filter", "ann (beach|open)", "-v")
        self.assertEqual(result.stdout.splitlines(),
                         ["./photos.test.yaml:9:15: passed owners see: ann beach",
                          "./photos.test.yaml:9:32: passed owners see: ann open",
                          "2 passed, 0 failed"])
        self.assert_fails("no test's name has `zoe`", "run-tests", "-p", ".", "--filter", "zoe")
        self.assert_fails("is not a regular expression", "run-tests", "-p", ".", "--filter", "(")

    def test_no_pattern_crashes_or_hangs(self):
        self.one("allow", name="x" * 4000 + "y")
        for pattern in ["(" * 50000, "(x{1000}){1000}"]:
            self.assert_fails("is not a regular expression", "run-tests", "-p", ".", "--filter",
                              pattern)
            result = self.run_here("run-tests", "-p", ".", "--filter", pattern)
            self.assertLess(len(result.stderr), 1000)
        for pattern in ["(([^x]*)*)*xx", "(x+x+)+y", "(" * 50000 + ")" * 50000]:
            self.assert_prints("1 passed, 0 failed\n", "run-tests", "-p", ".", "--filter", pattern)

    def test_skips_with_a_reason_and_tells(self):
        self.write("photos.test.yaml", SUITE + "    skip: until the vault is built\n")
        result = self.run_here("run-tests", "-p", ".")
        self.assertEqual(result.returncode, 0)
        self.assertIn("skipped owners see: bob vault: until the vault is built", result.stdout)
        self.assertIn("0 passed, 0 failed, 5 skipped", result.stdout)

    def test_says_where_a_suite_is_wrong(self):
        self.write("photos.test.yaml", SUITE.replace("action: view", "acton: view"))
        self.assert_fails(["photos.test.yaml:6:5: error: a test has no key `acton`; did you mean "
                           "`action`?"], "run-tests", "-p", ".")
        self.one("{decision: allow, policies: [onw]}")
        self.assert_fails("9:42: error: there is no policy `onw`; did you mean `own`?",
                          "run-tests", "-p", ".")
        self.one("{decision: allow, obligations: [mask]}")
        self.assert_fails("no policy has the obligation `mask`", "run-tests", "-p", ".")

    def test_of_many_mistakes_the_first_are_shown_and_the_rest_counted(self):
        rows = "".join(ONE.format(name="same", expect="deny") for _ in range(31))
        self.write("photos.test.yaml", SUITE[:SUITE.index("tests:")] + "tests:" + rows)
        found = self.assert_fails(["there are two tests `same`; the first is in line 5",
                                   "`./photos.test.yaml` has 10 more mistakes like these"],
                                  "run-tests", "-p", ".")["diagnostics"]
        self.assertEqual(len(found), 21)
        self.assertNotIn("file", found[-1])
        names = ", ".join(f"no{i}" for i in range(21))
        self.one("{decision: deny, policies: [" + names + "]}")
        found = self.assert_fails(["has 1 more mistake like these"], "run-tests", "-p", ".")
        self.assertEqual(len(found["diagnostics"]), 21)

    def test_names_are_those_of_the_schema(self):
        for line, says in [('action: veiw\n    principal: User::"dr-grey"',
                            "there is no action `veiw`; did you mean `view`?"),
                           ('action: view\n    principal: Usr::"dr-grey"',
                            "there is no entity type `Usr`; did you mean `User`?")]:
            self.write("x.test.yaml", f'tests:\n  - name: x\n    {line}\n    at: 2026-01-01\n'
                                      '    resource: Patient::"p-100"\n    expect: allow\n')
            self.assert_fails(says, "run-tests", "-p", HOSPITAL, "x.test.yaml")

    def test_a_refused_question_can_be_expected(self):
        head = 'tests:\n  - name: x\n    principal: User::"dr-grey"\n    action: view\n' \
               '    at: 2026-01-01\n    resource: Hospital::"st-mary"\n    expect: '
        self.write("x.test.yaml", head + "{refusal: does not apply to a resource}\n")
        self.assert_prints("1 passed, 0 failed\n", "run-tests", "-p", HOSPITAL, "x.test.yaml")
        self.write("x.test.yaml", head + "deny\n")
        result = self.run_here("run-tests", "-p", HOSPITAL, "x.test.yaml")
        self.assertIn("decision: expected deny, found refused: ", result.stdout)
        self.assertEqual(result.returncode, 1)
        self.one("{refusal: no}")
        result = self.run_here("run-tests", "-p", ".")
        self.assertIn("refusal: expected no, found allow", result.stdout)

    def test_entities_may_stand_in_the_suite(self):
        self.one("deny", head="entities:\n  Photo::\"beach\":\n    attrs:\n"
                              "      {owner: {__entity: {type: User, id: bob}}}\n")
        self.assert_prints("1 passed, 0 failed\n", "run-tests", "-p", ".")
        self.one("allow", head="more_entities: {'Photo::\"hut\"': {}}\n")
        self.assert_prints("1 passed, 0 failed\n", "run-tests", "-p", ".")
        self.one("allow", head="more_entities: {'Photo::\"beach\"': {}}\n")
        self.assert_fails("photos.test.yaml:1:16: error:", "run-tests", "-p", ".")

    def test_a_clock_of_its_own(self):
        self.write("photos.cedar", '@id("day") permit (principal, action, resource)\n'
                                   'when { context.now < datetime("2027-01-01") };')
        self.write("photos.test.yaml", SUITE[:SUITE.index("tests:")] + """tests:
  - name: until then
    principal: ann
    action: view
    resource: beach
    table: |
      | at                       | decision |
      | 2026-12-31T23:59:59.999Z | allow    |
      | 2027-01-01               | deny     |
""")
        self.assert_prints("2 passed, 0 failed\n", "run-tests", "-p", ".")

    def test_counts_what_is_covered(self):
        self.assert_prints("5 passed, 0 failed\n"
                           "Not covered:\n"
                           'photos.cedar:1:1: `own`: `action == Action::"view"` was never false\n'
                           "coverage: policies 100.0 % (2 of 2), conditions 87.5 % (7 of 8)\n",
                           "run-tests", "-p", "photos.cedar", "--entities", "entities.json",
                           "--coverage")
        enough = ["run-tests", "-p", ".", "--coverage-min"]
        self.assertEqual(self.run_here(*enough, 87).returncode, 0)
        result = self.run_here(*enough, 88)
        self.assertEqual(result.returncode, 1)
        self.assertIn("less than 88 % is covered", result.stdout)
        self.assert_fails("`101`", "run-tests", "-p", ".", "--coverage-min", "101")
        found = self.json_of("run-tests", "-p", ".", "--coverage")["coverage"]
        self.assertEqual(found["conditions"], {"covered": 7, "total": 8, "percent": 87.5})
        sealed = found["details"][1]
        self.assertEqual((sealed["policy"], sealed["matched"], sealed["determined"]),
                         ("sealed", 2, 2))
        self.assertEqual([(part["part"], part["true"]["count"], part["false"]["count"])
                          for part in sealed["parts"]],
                         [("resource has sealed", 3, 2), ("resource.sealed", 2, 1)])

    def test_a_policy_that_no_test_needs_is_told(self):
        self.write("more.cedar", '@id("idle") permit (principal == User::"zoe", action, resource);')
        result = self.run_here("run-tests", "-p", ".", "--coverage")
        self.assertIn("`idle` never matched", result.stdout)
        self.assertIn('`idle`: `principal == User::"zoe"` was never true', result.stdout)

    def test_excuses_are_seen_and_must_be_needed(self):
        part = 'action ==   Action::"view"'
        excuse = "excused: [{policy: own, part: '%s', never: %s, reason: all look}]\n"
        self.write("photos.test.yaml", SUITE + excuse % (part, "false"))
        result = self.run_here("run-tests", "-p", ".", "--coverage-min", "100")
        self.assertEqual(result.returncode, 0, result.stdout)
        self.assertIn("was never false; excused: all look", result.stdout)
        for text, says in [(excuse % (part, "true"), "was true in some test"),
                           (excuse % ("resource.owner", "true"), "`own` has no part `resource.owner`"),
                           (excuse.replace("own", "onw") % (part, "true"),
                            "there is no policy `onw`; did you mean `own`?"),
                           ("excused: [{policy: own, reason: x}]\n", "determined some answer")]:
            self.write("photos.test.yaml", SUITE + text)
            self.assert_fails(says, "run-tests", "-p", ".", "--coverage")

    def test_the_same_twice(self):
        runs = {run("run-tests", "-p", HOSPITAL, "--coverage", "--json").stdout for _ in range(2)}
        self.assertEqual(len(runs), 1)


class JunitTest(PhotosTest):
    """The report is XML whatever names hold."""

    def report(self):
        self.run_here("run-tests", "-p", ".", "--junit", "report.xml")
        return xml.parse(self.folder / "report.xml").getroot()

    def test_tells_what_passed_failed_and_was_skipped(self):
        self.write("photos.test.yaml", SUITE + ONE.format(name="fails", expect="deny") +
                   ONE.format(name="later", expect="deny") + "    skip: not yet\n")
        root = self.report()
        self.assertEqual((root.tag, root.get("tests"), root.get("failures")), ("testsuites", "7", "1"))
        suite = root[0]
        self.assertEqual({key: suite.get(key) for key in ("name", "tests", "failures", "errors",
                                                          "skipped")},
                         {"name": "./photos.test.yaml", "tests": "7", "failures": "1",
                          "errors": "0", "skipped": "1"})
        self.assertEqual(len(suite.findall("testcase")), 7)
        failed = suite.find("testcase[@name='fails']")
        self.assertEqual(failed.find("failure").get("message"),
                         "decision: expected deny, found allow")
        self.assertEqual(suite.find("testcase[@name='later']/skipped").get("message"), "not yet")

    def test_hostile_names_stay_text(self):
        for name in ["<b>&amp;\"'", "]]> <![CDATA[", "tab\\there", "line\\nbreak", "\\u0007\\u0000x",
                     "\\uFFFE\\uFFFF", "\\U0001F512 ünï", "\\u202Ereversed"]:
            with self.subTest(name):
                quoted = '"' + name.replace('"', '\\"') + '"'
                self.one("deny", name=quoted)
                root = self.report()
                self.assertEqual(root.get("failures"), "1")
                shown = root[0][0].get("name")
                self.assertEqual(set(re.findall(r"[\x00-\x08\x0b-\x1f\u202e\ufffe\uffff]", shown)),
                                 set())
                if "\\u" not in name:
                    plain = name.replace("\\t", "\t").replace("\\n", "\n")
                    self.assertEqual(shown, plain.replace("\\U0001F512", "\U0001F512"))

    def test_has_the_parts_that_jenkins_asks_for(self):
        """https://github.com/jenkinsci/xunit-plugin: testsuite needs a name, testcase too; nothing
        else may stand in them."""
        root = self.report()
        allowed = {"testsuites": {"name", "tests", "failures", "errors", "time"},
                   "testsuite": {"name", "tests", "failures", "errors", "skipped", "time"},
                   "testcase": {"name", "classname", "time"}, "failure": {"message", "type"},
                   "skipped": {"message"}, "system-out": set()}
        inside = {"testsuites": {"testsuite"}, "testsuite": {"testcase"},
                  "testcase": {"failure", "skipped", "system-out"}}
        for element in root.iter():
            self.assertLessEqual(set(element.keys()), allowed[element.tag])
            self.assertLessEqual({child.tag for child in element}, inside.get(element.tag, set()))
            if element.tag in ("testsuite", "testcase"):
                self.assertTrue(element.get("name"))


class ReportFileTest(PhotosTest):
    """Where `--junit` writes: a file is replaced, what is no file stays what it is."""

    def run_junit(self, path, **options):
        return self.run_here("run-tests", "-p", ".", "--junit", path, **options)

    def test_a_fifo_is_written_into(self):
        os.mkfifo(self.folder / "pipe")
        # Open at both ends, so that neither side waits for the other.
        reader = os.open(self.folder / "pipe", os.O_RDWR | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        self.assertEqual(self.run_junit("pipe").returncode, 0)
        self.assertTrue((self.folder / "pipe").is_fifo())
        self.assertEqual(xml.fromstring(os.read(reader, 1 << 16)).get("tests"), "5")

    def test_a_device_is_written_into(self):
        null = self.folder / "null"
        try:
            os.mknod(null, stat.S_IFCHR | 0o666, os.stat("/dev/null").st_rdev)
            null.write_text("x")
        except PermissionError:
            # Never try it with the machine's own.
            self.skipTest("device nodes cannot be made or used here")
        self.assertEqual(self.run_junit(null).returncode, 0)
        self.assertTrue(null.is_char_device())

    def test_folders_and_sockets_are_refused(self):
        (self.folder / "folder").mkdir()
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(self.folder / "socket"))
            for name, says in [("folder", "it is a folder"), ("socket", "it is not a file"),
                               ("nowhere/report.xml", "No such file")]:
                self.assert_fails(f"`{name}` cannot be written: {says}", "run-tests", "-p", ".",
                                  "--junit", name)
            self.assertTrue((self.folder / "socket").is_socket())
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()),
                         ["entities.json", "folder", "photos.cedar", "photos.test.yaml", "socket"])

    def test_a_new_file_honours_the_umask(self):
        for umask in [0o077, 0o002]:
            old = os.umask(umask)
            try:
                self.assertEqual(self.run_junit("report.xml").returncode, 0)
            finally:
                os.umask(old)
            report = self.folder / "report.xml"
            self.assertEqual(report.stat().st_mode & 0o777, 0o666 & ~umask)
            report.unlink()


class SchemaTest(unittest.TestCase):
    """The JSON Schema for editors."""

    def test_is_what_the_document_has(self):
        result = run("run-tests", "--schema-for-editors")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(SCHEMA.read_text(), result.stdout,
                         "docs/policy-tests.schema.json is out of date; run ./dev docs")

    def test_takes_the_hospitals_tests_and_refuses_mistakes(self):
        validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
        paths = list((HOSPITAL / "tests").glob("*.test.yaml"))
        self.assertGreaterEqual(len(paths), 9)
        for path in paths:
            suite = yaml.load(path.read_text(), Loader)
            self.assertEqual(list(validator.iter_errors(suite)), [], path)
        for mistake in [{}, {"tests": []}, {"tests": [{"nmae": "x"}]}, {"tests": [{}]},
                        {"tests": [{"name": "x"}], "contexs": {}},
                        {"tests": [{"name": "x", "expect": {"decision": "maybe"}}]},
                        {"tests": [{"name": "x"}], "excused": [{"policy": "p"}]}]:
            with self.subTest(mistake):
                self.assertFalse(validator.is_valid(mistake))


class DocumentTest(ProgramTest):
    """The example that docs/policy-tests.md begins with."""

    def test_its_first_example_is_as_it_says(self):
        text = (ROOT / "docs" / "policy-tests.md").read_text()
        blocks = re.findall(r"^```(cedar|yaml)\n(.*?)^```", text, re.M | re.S)[:2]
        self.write("photos/photos.cedar", blocks[0][1])
        self.write("photos/photos.test.yaml", blocks[1][1])
        self.assert_prints("7 passed, 0 failed\n", "run-tests", "-p", "photos")
        changed = blocks[1][1].replace('| User::"bob" | deny  ', '| User::"bob" | allow ')
        self.write("photos/photos.test.yaml", changed)
        result = self.run_here("run-tests", "-p", "photos")
        self.assertEqual(result.returncode, 1)
        self.assertIn(result.stdout, text)


if __name__ == "__main__":
    unittest.main()
