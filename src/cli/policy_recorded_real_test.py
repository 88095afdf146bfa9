"""`wardlock policy diff --draft … --recorded`: a draft is asked what the server has decided."""
import json
import pathlib
import tempfile
import unittest

from directory_site import Administrator
from managed_hospital import GREY_READS, LAB_REPORTS, ManagedHospital, lose_lab_reports
from program import question
from serving import eventually

STONE_READS = question(("User", "dr-stone"), "view", ("LabReport", "lab-100-1"))
LOSES = 'Role::"Physician" loses view on LabReport: 4 times by 1 principal'


class RecordedTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        kept = tempfile.TemporaryDirectory()
        self.addCleanup(kept.cleanup)
        self.folder = pathlib.Path(kept.name)
        self.here = ManagedHospital(self, self.folder)
        self.here.sign_in("ann", "PolicyAuthor")
        for _ in range(4):
            self.decide(GREY_READS)
        self.decide(STONE_READS)
        # Whether it is final only the application knew: the log does not.
        self.decide({**GREY_READS, "resource": {**GREY_READS["resource"],
                                                "properties": {"status": "preliminary"}}})
        update = self.folder / "update"
        self.here.must("ann", "pull", update)
        lose_lab_reports(update)
        pushed = self.here.ask("ann", "push", update, "--environment", "production", "--title",
                               "Update", "--reason", "r")
        self.assertEqual(pushed.returncode, 3, pushed.stderr)
        self.draft = self.here.must("ann", "show", "Update")["id"]

    def decide(self, asked):
        status, reply = self.here.server.ask(self.here.token, asked)
        self.assertEqual(status, 200, reply)

    def diff(self, *words, status=2):
        done = self.here.ask("ann", "diff", "--draft", "Update", *words)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def test_says_who_loses_how_often_and_what_could_not_be_asked(self):
        page, table, whole = (self.folder / name for name in ("c.html", "c.csv", "c.json"))
        said = self.diff("--recorded", "30d", "--html", page, "--csv", table, "--document", whole)
        self.assertIn(f"removed policy `{LAB_REPORTS}`", said)
        self.assertIn("the decisions that were recorded: 5 questions compared, 4 changed", said)
        self.assertIn(LOSES, said)
        self.assertIn(f"allow (permit: {LAB_REPORTS}) -> deny (no_permit)", said)
        self.assertRegex(said, r"e\.g\. User view LabReport \(record \d+\)")
        self.assertRegex(said, r"left out 1: .*\(e\.g\. record \d+\)")
        document = json.loads(whole.read_text())
        self.assertEqual(document["summary"]["compared"], 5)
        left_out = {each["why"]: each["count"] for each in document["left_out"]}
        self.assertEqual(left_out.pop("not_reproduced"), 1)
        # What was decided about administration itself is in the log, too, and none of these policies'.
        self.assertLessEqual(set(left_out), {"other_policies", "incomplete"})
        self.assertIn("since", document["questions"])
        for file in (said, page.read_text(), table.read_text(), whole.read_text()):
            for name in ("dr-grey", "lab-100-1"):
                self.assertNotIn(name, file, "who may not read the log reads nobody's name here")
        record = document["changes"][0]["examples"][0]["question"].removeprefix("record ")
        self.assertTrue([line for line in self.here.told("--kind", "decision") if f"#{record} " in line
                         and "dr-grey" in line], "who may, finds it by its number")
        told = self.here.told("--kind", "policy_change")
        self.assertTrue([line for line in told if "compare_draft" in line], told)

    def test_asks_those_of_the_period_alone(self):
        self.assertIn("no question could be compared", self.diff("--until", "2020-01-01"))
        self.assertIn(LOSES, self.diff("--since", "2020-01-01"))

    def test_refuses_what_is_no_period(self):
        for words in (["--recorded", "soon"], ["--recorded", "0d"], ["--recorded", "30"],
                      ["--recorded", "30d", "--since", "2020-01-01"], ["--since", "yesterday"],
                      ["--recorded", "30d", "--generated"]):
            with self.subTest(words):
                self.diff(*words, status=1)
        alone = self.here.ask("ann", "diff", "--recorded", "30d")
        self.assertEqual(alone.returncode, 1)

    def test_is_for_those_who_see_policies_and_told_over_http(self):
        server = self.here.server
        hale = self.here.site.hale
        reader = hale.with_role("rae", "Auditor")
        path = f"policies/drafts/{self.draft}/comparisons"
        nobody = Administrator(server, hale.must(
            "POST", f"people/{hale.create('people', 'active', userName='no')}/credentials",
            {})["token"])
        self.assertEqual(nobody.status("POST", path, {}), 403)
        self.assertEqual(reader.status("POST", path, {"from": "soon"}), 400)
        self.assertEqual(reader.status("POST", path, {"since": "2020-01-01T00:00:00Z"}), 400)
        self.assertEqual(reader.status("POST", path, {"from": "2021-01-01T00:00:00Z",
                                                      "until": "2020-01-01T00:00:00Z"}), 400)
        self.assertEqual(reader.status("POST", "policies/drafts/none/comparisons", {}), 404)
        status, headers, begun = reader.ask("POST", path, {})
        self.assertEqual(status, 202, begun)
        self.assertTrue(headers["Location"].endswith("policies/comparisons/" + begun["id"]))
        here = "policies/comparisons/" + begun["id"]
        eventually(lambda: reader.must("GET", here)["state"] == "done")
        self.assertEqual(reader.must("GET", here)["done"], reader.must("GET", here)["all"])
        self.assertEqual(reader.must("GET", here + "/report")["summary"]["changed"], 4)
        self.assertEqual(reader.status("GET", here + "/report?as=pdf"), 400)
        self.assertEqual(reader.status("GET", "policies/comparisons/none"), 404)
        self.assertEqual(nobody.status("GET", here), 403)
        self.assertEqual(nobody.status("GET", here + "/report"), 403)


if __name__ == "__main__":
    unittest.main()
