"""`wardlock policy diff` and `wardlock drift`: a draft of the hospital's policies in which physicians lose
their lab reports, held against what a running PDP has recorded."""
import csv
import io
import json
import re
import shutil
import stat
import unittest
from xml.etree import ElementTree

from program import HOSPITAL, Pdp, ProgramTest, question
from serving import Serve, Site
from serving import question as pump_question

LABS = "physician-views-assigned-lab-report"
ENTITIES = json.loads((HOSPITAL / "entities.json").read_text())


def ids(kind, role=None):
    return [entity["uid"]["id"] for entity in ENTITIES if entity["uid"]["type"] == kind and
            (role is None or {"type": "Role", "id": role} in entity["parents"])]


PHYSICIANS = ids("User", "Physician")
REPORTS = ids("LabReport")[:40]


class HospitalTest(ProgramTest):
    """The hospital's policies, and a draft of them that has no rule for physicians' lab reports."""

    def setUp(self):
        super().setUp()
        for name in ("active", "draft"):
            shutil.copytree(HOSPITAL, self.folder / name, symlinks=False,
                            ignore=shutil.ignore_patterns("*.py", "*.txt"))
        path = self.folder / "draft" / "patient-data.cedar"
        text, cut = re.subn(rf'@id\("{LABS}"\).*?;\n', "", path.read_text(), flags=re.DOTALL)
        self.assertEqual(cut, 1)
        path.write_text(text)

    def pdp(self, folder="active", *more):
        return Pdp("--policies", folder, "--entities", "active/entities.json", *more,
                   cwd=self.folder)

    def ask_about_lab_reports(self):
        """A day with a PDP that records; returns who was allowed to see which report."""
        allowed = []
        with self.pdp("active", "--audit", "log") as pdp:
            for physician in PHYSICIANS:
                for report in REPORTS:
                    status, reply = pdp.ask(question(("User", physician), "view",
                                                     ("LabReport", report)))
                    self.assertEqual(status, 200)
                    if reply["decision"]:
                        allowed.append((physician, report))
        self.assertTrue(allowed)
        return allowed

    def diff(self, *more, code=2):
        return self.json_of("policy", "diff", "active", "draft", *more, code=code)


class PolicyDiffTest(HospitalTest):
    def test_the_loss_of_lab_reports_is_named_with_its_counts(self):
        allowed = self.ask_about_lab_reports()
        report = self.diff("--log", "log", "--examples", 5)
        asked = len(PHYSICIANS) * len(REPORTS)
        self.assertEqual(report["summary"]["compared"], asked)
        self.assertEqual(report["summary"]["left_out"], 0)
        self.assertEqual(report["summary"]["changes"]["loses"], len(allowed))
        self.assertTrue(report["summary"]["changes_access"])
        lost = [group for group in report["changes"] if group["change"] == "loses"]
        self.assertEqual(sum(group["count"] for group in lost), len(allowed))
        self.assertEqual(sum(group["principals"] for group in lost), len({who for who, _ in allowed}))
        for group in lost:
            self.assertIn('Role::"Physician"', group["role"])
            self.assertEqual((group["action"], group["resource_type"]), ("view", "LabReport"))
            self.assertEqual(group["before"],
                             {"decision": "allow", "cause": "permit", "policies": [LABS]})
            self.assertEqual(group["after"]["decision"], "deny")
            for example in group["examples"]:
                self.assertRegex(example["question"], r"^record \d+$")
                who = re.fullmatch(r'User::"(.*)"', example["principal"])[1]
                which = re.fullmatch(r'LabReport::"(.*)"', example["resource"])[1]
                self.assertIn((who, which), allowed)
        rights = [cell for cell in report["rights"] if cell["differs"]]
        self.assertIn(('Role::"Physician"', "view", "LabReport"),
                      [(cell["role"], cell["action"], cell["resource_type"]) for cell in rights])

        text = self.run_here("policy", "diff", "active", "draft", "--log", "log")
        self.assertEqual((text.returncode, text.stderr), (2, ""))
        self.assertIn('Role::"Physician" loses view on LabReport', text.stdout)
        self.assertIn(f"{len(allowed)}  allowed before, denied after", text.stdout)

    def test_reports_are_written_for_their_owner_alone(self):
        self.ask_about_lab_reports()
        self.diff("--log", "log", "--html", "d.html", "--csv", "d.csv", "--document", "d.json")
        for name in ("d.html", "d.csv", "d.json"):
            mode = stat.S_IMODE((self.folder / name).stat().st_mode)
            self.assertEqual(mode, 0o600, name)
        page = (self.folder / "d.html").read_text()
        self.assertIn("The change moves who may do what.", page)
        self.assertIn(LABS, page)
        self.assertNotIn("<script", page)
        rows = list(csv.DictReader(io.StringIO((self.folder / "d.csv").read_text())))
        self.assertEqual({row["change"] for row in rows} & {"loses"}, {"loses"})
        document = json.loads((self.folder / "d.json").read_text())
        self.assertEqual((document["format"], document["version"]), ("wardlock policy diff", 1))

    def test_the_active_set_with_itself(self):
        self.ask_about_lab_reports()
        result = self.run_here("policy", "diff", "active", "active", "--log", "log")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertIn("no difference", result.stdout)

    def test_what_a_log_does_not_hold_is_counted_and_named(self):
        with self.pdp("active", "--audit", "log") as pdp:
            asked = question(("User", "dr-grey"), "export", ("Patient", "p-100"),
                             {"justification": "referral"})
            status, reply = pdp.ask(asked)
            self.assertEqual((status, reply["decision"]), (200, True), reply)
            pdp.ask(question(("User", "dr-grey"), "view", ("LabReport", "lab-100-1")))
        report = self.diff("--log", "log")
        self.assertEqual(report["summary"]["compared"], 1)
        self.assertEqual([(each["why"], each["count"]) for each in report["left_out"]],
                         [("not_reproduced", 1)])
        self.assertRegex(report["left_out"][0]["example"], r"^record \d+$")

    def test_who_was_erased_is_counted_and_not_asked_for(self):
        with self.pdp("active", "--audit", "log") as pdp:
            for report in ("lab-100-1", "lab-300-1"):
                pdp.ask(question(("User", "dr-grey"), "view", ("LabReport", report)))
        erased = self.run_here("audit", "erase", "log", "--patient", "p-100", "--reason", "asked for")
        self.assertEqual(erased.returncode, 0, erased.stderr)
        report = self.diff("--log", "log")
        self.assertEqual(report["summary"]["changes"]["loses"], 1)
        self.assertEqual([(each["why"], each["count"]) for each in report["left_out"]],
                         [("erased", 1)])
        self.assertNotIn("lab-100-1", json.dumps(report))

    def test_without_the_keys_nothing_is_compared_and_nothing_sounds_like_no_difference(self):
        self.ask_about_lab_reports()
        shutil.move(self.folder / "log" / "keys", self.folder / "keys")
        result = self.run_here("policy", "diff", "active", "draft", "--log", "log")
        self.assertEqual(result.returncode, 0)
        self.assertIn("this says nothing of the change", result.stdout)
        self.assertNotIn("no difference", result.stdout)
        self.assertGreater(self.diff("--log", "log", "--keys", "keys")["summary"]["changed"], 0)

    def test_only_those_of_the_period(self):
        self.ask_about_lab_reports()
        report = self.diff("--log", "log", "--until", "2020-01-01", code=0)
        self.assertEqual(report["summary"]["compared"], 0)
        self.assertEqual(report["questions"]["until"], "2020-01-01T00:00:00.000Z")

    def test_the_questions_of_the_tests_find_it_too(self):
        report = self.diff("--tests")
        self.assertGreater(report["summary"]["changes"]["loses"], 0)
        losing = {group["role"] for group in report["changes"] if group["change"] == "loses"}
        self.assertIn('Role::"Physician"', losing)
        self.assertEqual(self.diff()["changes"], report["changes"], "what is asked by default")

    def test_made_questions_find_it_without_a_log_and_without_tests(self):
        report = self.diff("--generated")
        self.assertEqual(report["summary"]["left_out"], 0)
        lost = {(group["action"], group["resource_type"]) for group in report["changes"]
                if group["change"] == "loses"}
        self.assertIn(("view", "LabReport"), lost)
        self.assertEqual(report["changes"], self.diff("--generated")["changes"], "the same each time")
        shutil.rmtree(self.folder / "draft")
        shutil.copytree(self.folder / "active", self.folder / "draft")
        self.diff("--generated", "--seed", 7, code=0)

    def test_a_change_of_words_alone(self):
        path = self.folder / "active" / "patient-data.cedar"
        text = path.read_text()
        (self.folder / "draft" / "patient-data.cedar").write_text(
            text.replace(f'@id("{LABS}")', '@id("labs-by-another-name")'))
        self.ask_about_lab_reports()
        report = self.diff("--log", "log")
        self.assertFalse(report["summary"]["changes_access"])
        self.assertEqual({group["change"] for group in report["changes"]}, {"policies"})
        self.diff("--log", "log", "--fail-on", "access", code=0)

    def test_what_cannot_be_compared_ends_with_neither_status(self):
        self.assert_fails("nowhere", "policy", "diff", "active", "nowhere", "--tests")
        self.assert_fails("no audit log", "policy", "diff", "active", "draft", "--log", "active")
        self.assert_fails("is not a time", "policy", "diff", "active", "draft", "--log", "x",
                          "--since", "yesterday")
        self.write("broken/rules.cedar", "permit (principal, action")
        self.assert_fails("rules.cedar", "policy", "diff", "active", "broken")
        self.assert_fails("rules.cedar", "policy", "diff", "broken", "active")
        self.write("empty.ndjson", "{}\n")
        self.assert_fails("line 1: `question` is missing", "policy", "diff", "active", "draft",
                          "--questions", "empty.ndjson")


class DriftTest(HospitalTest):
    def record(self):
        self.ask_about_lab_reports()
        made = self.json_of("drift", "record", "--log", "log", "-o", "golden.ndjson")
        self.assertEqual(made["requests"], len(PHYSICIANS) * len(REPORTS))
        self.assertEqual(stat.S_IMODE((self.folder / "golden.ndjson").stat().st_mode), 0o600)
        return made["requests"]

    def check(self, against, *more, code):
        return self.json_of("drift", "check", "golden.ndjson", "--against", against, *more,
                            code=code)

    def test_policies_and_servers_are_held_against_recorded_decisions(self):
        count = self.record()
        self.assertEqual(self.check("active", code=0)["failures"], 0)
        here = self.check("draft", "--entities", "active/entities.json", "--junit", "drift.xml",
                          code=2)
        self.assertGreater(here["failures"], 0)
        suite = ElementTree.parse(self.folder / "drift.xml").getroot()
        self.assertEqual((int(suite.get("tests")), int(suite.get("failures"))),
                         (count, here["failures"]))
        self.assertEqual(len(suite.findall(".//failure")), here["failures"])
        with self.pdp() as pdp:
            there = self.check(f"http://127.0.0.1:{pdp.port}", code=0)
            self.assertEqual((there["requests"], there["failures"]), (count, 0))
        with self.pdp("draft") as pdp:
            there = self.check(f"http://127.0.0.1:{pdp.port}", code=2)
        self.assertEqual([each["question"] for each in there["differences"]],
                         [each["question"] for each in here["differences"]])
        text = self.run_here("drift", "check", "golden.ndjson", "--against", "draft",
                             "--entities", "active/entities.json")
        self.assertIn("allowed before, denied after: expected allow, found deny", text.stdout)

    def test_requests_with_options_and_context_are_asked_of_a_server_as_they_are_here(self):
        questions = []
        for level in (1, 2, 3):
            asked = question(("User", "tele-abbas"), "runDiagnostics", ("InfusionPump", "pump-7"),
                             {"ip": "10.20.0.5", "justification": "ticket 4711"},
                             options={"authentication": {"level": level, "methods": ["pwd"]}})
            questions.append({"at": 1795330000000, "question": asked})
        questions.append({"at": 1795330000000,
                          "question": question(("Nothing", "n"), "view", ("Patient", "p-100"))})
        self.write("questions.ndjson", "".join(json.dumps(each) + "\n" for each in questions))
        with self.pdp() as pdp:
            url = f"http://127.0.0.1:{pdp.port}"
            self.json_of("drift", "record", "--questions", "questions.ndjson", "--against", "active",
                         "-o", "golden.ndjson")
            lines = [json.loads(line)["answer"]
                     for line in (self.folder / "golden.ndjson").read_text().splitlines()]
            self.assertEqual(lines[-1], {"refused": "invalid_argument"})
            self.assertGreater(len({json.dumps(answer) for answer in lines}), 2)
            self.assertEqual(self.check(url, "--strict", code=0)["requests"], 4)
            self.assertIn("cannot_be_asked", json.dumps(self.check_one_that_was_answered(url)))
            self.json_of("drift", "record", "--questions", "questions.ndjson", "--against", url,
                         "-o", "golden.ndjson")
        self.check("active", "--strict", code=0)

    def check_one_that_was_answered(self, url):
        """A request that a server refuses now."""
        self.write("other.ndjson", json.dumps(
            {"at": 0, "answer": {"decision": True},
             "question": question(("Nothing", "n"), "view", ("Patient", "p-100"))}))
        return self.json_of("drift", "check", "other.ndjson", "--against", url, code=2)

    def test_reasons_count_where_they_are_to(self):
        self.write("questions.ndjson", json.dumps(
            {"at": 1795330000000,
             "question": question(("User", "dr-grey"), "view", ("LabReport", "lab-100-1"))}))
        self.json_of("drift", "record", "--questions", "questions.ndjson", "--against", "active",
                     "-o", "golden.ndjson")
        text = (self.folder / "active" / "patient-data.cedar").read_text()
        (self.folder / "draft" / "patient-data.cedar").write_text(
            text.replace(f'@id("{LABS}")', '@id("another")'))
        self.assertEqual(self.check("draft", code=0)["differences"][0]["change"], "policies")
        self.check("draft", "--strict", code=2)

    def test_what_cannot_be_asked_is_no_difference(self):
        self.write("golden.ndjson", json.dumps(
            {"at": 0, "answer": {"decision": True},
             "question": question(("User", "dr-grey"), "view", ("LabReport", "lab-100-1"))}))
        for part, arguments in [
                ("nowhere", ["golden.ndjson", "--against", "nowhere"]),
                ("unprotected", ["golden.ndjson", "--against", "http://pdp.example"]),
                ("missing.ndjson", ["missing.ndjson", "--against", "active"])]:
            with self.subTest(part):
                self.assert_fails(part, "drift", "check", *arguments)
        # Its message tells the milliseconds, which differ from run to run.
        nobody = self.run_here("drift", "check", "golden.ndjson", "--against", "http://127.0.0.1:9")
        self.assertEqual((nobody.returncode, nobody.stdout), (1, ""))
        self.assertIn("127.0.0.1", nobody.stderr)
        self.write("questions.ndjson", '{"at":0,"question":{}}\n')
        self.assert_fails("line 1", "drift", "check", "questions.ndjson", "--against", "active")
        self.write("none.ndjson", "\n")
        self.assert_fails("holds no request", "drift", "check", "none.ndjson", "--against", "active")
        self.assert_fails("which questions", "drift", "record", "-o", "golden.ndjson")
        self.assert_fails("`--against", "drift", "record", "--questions", "golden.ndjson", "-o", "x")


class ServedDriftTest(ProgramTest):
    """A server whose callers have tokens, and which takes few questions at once."""

    def setUp(self):
        super().setUp()
        self.site = Site(self.folder)
        self.write("token", self.site.add_caller("pipeline") + "\n")
        self.site.config["limits"] = {"batch": 4}

    def check(self, server, *more, code):
        return self.json_of("drift", "check", "golden.ndjson", "--against", server.urls[0], *more,
                            code=code)

    def golden(self, requests):
        self.write("golden.ndjson", "".join(json.dumps({"at": 0, **each}) + "\n"
                                            for each in requests))

    def test_a_caller_with_a_token_asks_in_as_many_batches_as_it_takes(self):
        self.golden({"question": pump_question("stop", rate), "answer": {"decision": rate > 5}}
                    for rate in range(11))
        with Serve(self.site) as server:
            found = self.check(server, "--token-file", "token", code=0)
            self.assertEqual((found["requests"], found["failures"]), (11, 0))
            self.golden([{"question": pump_question("stop", 9), "answer": {"decision": False}}])
            self.assertEqual(self.check(server, "--token-file", "token", code=2)["failures"], 1)
            self.assert_fails("does not know who asks", "drift", "check", "golden.ndjson",
                              "--against", server.urls[0])
            self.write("token", "wrong\n")
            self.assert_fails("does not know who asks", "drift", "check", "golden.ndjson",
                              "--against", server.urls[0], "--token-file", "token")

    def test_what_the_caller_may_not_ask_is_a_refusal(self):
        asked = {**pump_question("stop", 9), "options": {"authentication": {"level": 2}}}
        self.golden([{"question": asked, "answer": {"decision": True}}])
        with Serve(self.site) as server:
            found = self.check(server, "--token-file", "token", code=2)
        self.assertEqual(found["differences"][0]["change"], "cannot_be_asked")


if __name__ == "__main__":
    unittest.main()
