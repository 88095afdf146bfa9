"""Explanations at the command line and over HTTP, and that the document's examples are what is printed."""
import json
import os
import pty
import re
import shlex
import subprocess
import unittest

import program
from program import HOSPITAL, ROOT, Pdp, ProgramTest, question, run

DOCUMENT = ROOT / "docs" / "explanations.md"
FILES = ["--policies", HOSPITAL, "--entities", HOSPITAL / "entities.json"]


def asked(principal, action, resource, context="{}"):
    return ["--principal", principal, "--action", f'Action::"{action}"', "--resource", resource,
            "--context", context]


NURSE_EDITS = asked('User::"nurse-lee"', "edit", 'Patient::"p-100"')
NURSE_VIEWS = asked('User::"nurse-lee"', "view", 'Patient::"p-100"')


class DocumentTest(unittest.TestCase):
    maxDiff = None

    def test_its_examples_are_what_is_printed(self):
        blocks = re.findall(r"```console\n\$ (.*?)\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
        self.assertGreaterEqual(len(blocks), 1)
        for command, expected in blocks:
            words = shlex.split(command)
            self.assertEqual(words[0], "wardlock")
            with self.subTest(command):
                result = run(*words[1:], cwd=ROOT)
                self.assertEqual(result.stderr, "")
                self.assertEqual(result.stdout, expected)


class ExplainTest(ProgramTest):
    def test_says_what_the_nearest_permit_needs(self):
        result = run("authorize", "--explain", *FILES, *NURSE_EDITS)
        self.assertEqual((result.returncode, result.stderr), (2, ""))
        self.assertRegex(result.stdout, r"^DENY  no_permit\n\nDenied: no rule permits this\.")
        self.assertRegex(result.stdout,
                         r"nurse-documents-care-on-her-ward  permit  .*patient-data\.cedar:\d+\n")
        self.assertIn("✗ a workstation is given (where the person sits)", result.stdout)
        self.assertNotIn("\033", result.stdout)

    def test_the_decision_is_the_one_without_it(self):
        for question_ in (NURSE_EDITS, NURSE_VIEWS):
            plain = run("authorize", "--json", *FILES, *question_)
            explained = run("authorize", "--json", "--explain", *FILES, *question_)
            self.assertEqual(plain.returncode, explained.returncode)
            document = json.loads(explained.stdout)
            explanation = document.pop("explanation")
            self.assertEqual(document, json.loads(plain.stdout))
            told = [policy["id"] for policy in explanation["policies"]
                    if policy["standing"] == "determining"]
            self.assertEqual(told, document["policies"])

    def test_places_are_those_of_the_policies(self):
        explained = json.loads(run("authorize", "--json", "--explain", *FILES,
                                   *NURSE_VIEWS).stdout)["explanation"]
        for policy in explained["policies"]:
            file, _, line = policy["place"].rpartition(":")
            text = (ROOT / file).read_text().splitlines()
            self.assertEqual(text[int(line) - 1], f'@id("{policy["id"]}")')

    def test_a_policy_without_a_file_has_no_place(self):
        """Policy JSON has no lines."""
        self.write("p.json", {"staticPolicies": {"p": {
            "effect": "permit", "principal": {"op": "All"}, "action": {"op": "All"},
            "resource": {"op": "All"}, "conditions": []}}, "templates": {}, "templateLinks": []})
        document = self.json_of("authorize", "--explain", "--policies", "p.json",
                                *asked('U::"u"', "a", 'R::"r"'))
        self.assertEqual(document["explanation"]["policies"][0]["id"], "p")

    def test_what_a_policy_holds_cannot_steer_the_terminal(self):
        self.write("p.cedar", '@reason("red\\u{1b}[31m") permit (principal, action, resource);')
        result = self.run_here("authorize", "--explain", "--policies", "p.cedar",
                               *asked('U::"u"', "a", 'R::"r"'))
        self.assertNotIn("\033", result.stdout)

    def test_colours_are_for_terminals(self):
        command = [program.WARDLOCK, "authorize", "--explain", *map(str, FILES), *NURSE_EDITS]
        for more, has_colour in (({}, True), ({"NO_COLOR": "1"}, False)):
            environment = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
            ours, theirs = pty.openpty()
            with subprocess.Popen(command, stdout=theirs, env={**environment, **more}) as process:
                os.close(theirs)
                text = b""
                try:
                    while piece := os.read(ours, 65536):
                        text += piece
                except OSError:  # what a pseudo-terminal says at the end
                    pass
                process.wait(program.LIMIT_S)
            os.close(ours)
            self.assertEqual(b"\033[31m" in text, has_colour)


class HttpTest(unittest.TestCase):
    def test_explains_when_asked_and_withholds(self):
        with Pdp(*FILES) as pdp:
            asking = question(("User", "dr-stone"), "view", ("Patient", "p-100"))
            status, reply = pdp.ask({**asking, "options": {"explain": True}})
            self.assertEqual(status, 200)
            explanation = reply["context"]["explanation"]
            self.assertTrue(explanation["sentence"].startswith("Denied: "))
            nearest = [policy for policy in explanation["policies"]
                       if policy["standing"] == "nearest"]
            self.assertIn("care-team-views-its-patient", [policy["id"] for policy in nearest])
            # Whether there are psychiatric notes is nobody's business.
            for policy in explanation["policies"]:
                for part in policy["parts"]:
                    if "hasPsychiatricNotes" in part["cedar"]:
                        self.assertEqual(part["state"], "withheld")
            # Nor who else treats the patient.
            team = json.loads((HOSPITAL / "entities.json").read_text())
            team = next(each for each in team if each["uid"] == {"type": "Patient", "id": "p-100"})
            text = json.dumps(explanation)
            self.assertGreater(len(team["attrs"]["careTeam"]), 0)
            for member in team["attrs"]["careTeam"]:
                self.assertNotIn(member["id"], text)
            self.assertNotIn("explanation", pdp.ask(asking)[1]["context"])


if __name__ == "__main__":
    unittest.main()
