"""The worked example decides as its documents say, asked over HTTP and by the command line."""
import json
import re
import unittest

import program
from program import HOSPITAL, Pdp, question, run

ENTITIES = HOSPITAL / "entities.json"


def cases():
    for line in (HOSPITAL / "cases.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            who, action, what, context, answer, cause, policies = line.split(" | ")
            cause, _, hint = cause.partition(", ")
            yield (line, tuple(who.split(" ")), action, what.split(" ", 2), json.loads(context),
                   answer, cause, bool(hint), [] if policies == "-" else policies.split(", "))


class HospitalTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pdp = Pdp("--policies", HOSPITAL, "--entities", ENTITIES)
        cls.addClassCleanup(cls.pdp.stop)

    def test_decides_as_its_cases_say(self):
        answers = {"allow": 0, "deny": 0}
        for line, who, action, what, context, answer, cause, hint, policies in cases():
            asked = question(who, action, what[:2], context)
            if len(what) == 3:
                asked["resource"]["properties"] = json.loads(what[2])
            with self.subTest(line):
                status, reply = self.pdp.ask(asked)
                self.assertEqual(status, 200, reply)
                self.assertEqual(reply["decision"], answer == "allow")
                self.assertEqual(reply["context"]["cause"], cause)
                self.assertEqual(reply["context"].get("override_possible", False), hint)
                self.assertCountEqual(reply["context"].get("policies", []), policies)
                answers[answer] += 1
        self.assertGreaterEqual(answers["allow"], 10)
        self.assertGreater(answers["deny"], answers["allow"])

    def test_the_command_line_says_the_same(self):
        for line, who, action, what, context, answer, cause, hint, policies in list(cases())[::4]:
            if len(what) == 3:
                continue  # the command line has no way to say it
            with self.subTest(line):
                result = run("authorize", "--policies", HOSPITAL, "--entities", ENTITIES, "--json",
                             "--principal", '%s::"%s"' % who, "--action", f'Action::"{action}"',
                             "--resource", '%s::"%s"' % tuple(what),
                             "--context", json.dumps(context))
                self.assertEqual(result.returncode, 0 if answer == "allow" else 2, result.stderr)
                reply = json.loads(result.stdout)
                self.assertEqual((reply["decision"], reply["cause"]), (answer, cause))
                self.assertEqual(reply.get("override_possible", False), hint)
                self.assertCountEqual(reply["policies"], policies)

    def test_every_policy_decides_some_case(self):
        text = "".join(path.read_text() for path in HOSPITAL.glob("*.cedar"))
        decided = {policy for case in cases() for policy in case[-1]}
        # The path through the broken glass needs a grant, which only the server can have.
        self.assertEqual(set(re.findall(r'@id\("([^"]+)"\)', text)) - decided,
                         {"emergency-physician-breaks-the-glass"})

    def test_answers_its_questions_as_their_titles_say(self):
        lines = (HOSPITAL / "questions.txt").read_text().splitlines()
        self.assertGreaterEqual(len(lines), 6)
        for title, asked in zip(lines[::2], lines[1::2]):
            with self.subTest(title):
                status, reply = self.pdp.ask(asked)
                expected = re.search(r"\((allowed|denied)(.*)\)$", title)
                self.assertEqual(status, 200, reply)
                self.assertEqual(reply["decision"], expected[1] == "allowed")
                self.assertEqual("reasons" in reply["context"],
                                 expected[1] == "allowed" or "reason" in expected[2])
                self.assertEqual(reply["context"].get("override_possible", False),
                                 "breaking the glass" in expected[2])

    def test_refuses_questions_that_do_not_fit_its_schema(self):
        pump = ("InfusionPump", "pump-7")
        for says, asked in [
            ("Action::\"fly\"", question(("User", "dr-grey"), "fly", pump)),
            ("does not apply to a resource", question(("User", "tech-kim"), "view", pump)),
            ("does not apply to a principal", question(("Patient", "p-100"), "stopInfusion", pump)),
            ("the schema declares no such type", question(("Robot", "r2"), "stopInfusion", pump)),
            ("context.rate", question(("User", "dr-grey"), "changeDose", pump)),
            ("context.rate", question(("User", "dr-grey"), "changeDose", pump, {"rate": "80"})),
            ("context.rate", question(("User", "dr-grey"), "changeDose", pump, {"rate": 80.5})),
            ("context.rate", question(("User", "dr-grey"), "changeDose", pump, {"rate": None})),
        ]:
            with self.subTest(asked=asked):
                status, reply = self.pdp.ask(asked)
                self.assertEqual(status, 400)
                self.assertIn(says, reply)

    def test_without_its_entities_nobody_may_do_anything(self):
        with Pdp("--policies", HOSPITAL) as pdp:
            for _, who, action, what, context, answer, *_ in cases():
                if answer == "allow":
                    status, reply = pdp.ask(question(who, action, what[:2], context))
                    self.assertEqual(status, 200)
                    # A patient is in himself, whoever he is.
                    is_own_chart = who == tuple(what)
                    self.assertEqual(reply["decision"], is_own_chart, (who, action, what))


if __name__ == "__main__":
    unittest.main()
