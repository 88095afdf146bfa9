"""The story for which policies are kept like this: an update takes from physicians the right to their
lab reports. It is seen, refused, forced through all the same, taken back in one call, and told."""
import json
import pathlib
import tempfile
import time
import unittest

from managed_hospital import LAB_REPORTS, ManagedHospital, lose_lab_reports

ALLOWED = (True, [LAB_REPORTS], "permit")
DENIED = (False, [], "no_permit")
WHY = "the vendor's update 7.3"
EMERGENCY = "the vendor says that it cannot wait"
BACK = "physicians lost their lab reports"


class LabReportTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        kept = tempfile.TemporaryDirectory()
        self.addCleanup(kept.cleanup)
        self.folder = pathlib.Path(kept.name)
        self.here = ManagedHospital(self, self.folder)
        self.author = self.here.sign_in("ann", "PolicyAuthor")
        self.approver = self.here.sign_in("bo", "PolicyApprover")
        self.here.sign_in("cy", "PolicyApprover")

    def test_what_it_would_take_is_seen_refused_forced_taken_back_and_told(self):
        self.assertEqual(self.here.grey_reads(), ALLOWED)
        draft = self.it_is_drafted_and_refused()
        self.it_is_seen_who_loses(draft)
        self.nothing_less_than_an_emergency_brings_it_into_force(draft)
        self.it_is_forced_through(draft)
        self.assertEqual(self.here.grey_reads(), DENIED)
        self.one_call_takes_it_back()
        self.assertEqual(self.here.grey_reads(), ALLOWED)
        self.here.server.stop()
        self.the_log_tells_it(draft)

    def refused(self, name, says, *words, status=1):
        done = self.here.ask(name, *words)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        self.assertIn(says, done.stdout + done.stderr)

    def it_is_drafted_and_refused(self):
        update = self.folder / "update"
        self.here.must("ann", "pull", update)
        lose_lab_reports(update)
        pushed = self.here.ask("ann", "push", update, "--environment", "production", "--title",
                               "Update 7.3", "--reason", WHY, "--submit")
        self.assertEqual(pushed.returncode, 3, pushed.stdout + pushed.stderr)
        for says in ("state      open", "check      tests: passed", "check      invariants: failed",
                     "FAILS physicians-read-their-lab-reports",
                     "Who treats a patient reads what the laboratory found",
                     "check      comparison: passed", "3 lost, 0 gained",
                     'Role::"Physician" loses view on LabReport: 3 times by 1 principal'):
            self.assertIn(says, pushed.stdout)
        self.assertNotIn("next: wardlock policy submit", pushed.stdout)
        self.refused("ann", "these checks have not passed: invariants (failed)", "submit", "Update 7.3")
        return self.here.must("ann", "show", "Update 7.3")

    def it_is_seen_who_loses(self, draft):
        page, table = self.folder / "change.html", self.folder / "change.csv"
        seen = self.here.ask("bo", "diff", "--draft", "Update 7.3", "--html", page, "--csv", table)
        self.assertEqual(seen.returncode, 2, seen.stderr)
        for says in (f"removed policy `{LAB_REPORTS}`", "questions compared, 3 changed",
                     'Role::"Physician" loses view on LabReport: 3 times by 1 principal',
                     f"allow (permit: {LAB_REPORTS}) -> deny (no_permit)",
                     'e.g. User::"dr-grey" view LabReport::"lab-100-1"'):
            self.assertIn(says, seen.stdout)
        self.assertNotIn("gains", seen.stdout)
        self.assertIn("dr-grey", page.read_text())
        self.assertIn('"loses","Role::""Physician""","view","LabReport",3,1', table.read_text())
        done = self.here.ask("bo", "diff", "--draft", draft["id"], "--json")
        summary = json.loads(done.stdout)["decisions"]["summary"]
        self.assertTrue(summary["changes_access"])
        self.assertEqual(summary["changed"], 3)

    def nothing_less_than_an_emergency_brings_it_into_force(self, draft):
        self.refused("bo", "is open and cannot be signed", "approve", draft["id"])
        self.refused("ann", "is open and cannot be activated", "activate", draft["id"])
        self.refused("ann", "is open and cannot be activated", "activate", draft["id"], "--single-handed")
        self.refused("ann", "none of your roles", "activate", draft["id"], "--emergency", "--reason",
                     EMERGENCY)
        self.refused("bo", "--reason", "activate", draft["id"], "--emergency")
        self.assertEqual(self.here.grey_reads(), ALLOWED)

    def it_is_forced_through(self, draft):
        made = self.here.must("bo", "activate", draft["id"], "--emergency", "--reason", EMERGENCY)
        self.assertEqual((made["cause"], made["serial"]), ("emergency", 2))
        warned = self.here.server.wait_for("policies_in_emergency")
        self.assertEqual((warned["level"], warned["serial"]), ("warning", 2))
        status = self.here.ask("cy", "status").stdout
        self.assertIn("serial 2 (emergency)", status)
        self.assertIn("to be approved by", status)

    def one_call_takes_it_back(self):
        begun = time.monotonic()
        made = self.here.must("bo", "rollback", "--to", "1", "--reason", BACK)
        self.assertEqual((made["cause"], made["serial"]), ("rollback", 3))
        # Who rolls back gets the answer when it is done: the next decision is the test, not the clock.
        self.assertEqual(self.here.grey_reads(), ALLOWED)
        self.assertLess(time.monotonic() - begun, 60)

    def the_log_tells_it(self, draft):
        whole = [line for line in self.here.told("--kind", "policy_change", "--kind", "decision")
                 if any(each in line for each in ("policy_change", "LabReport"))]
        told = [
            ("activate_initial", "because what the server was set up with"),
            ('User::"dr-grey"', "allowed: permit"),
            (f'User::"{self.author}"', "begin_draft", draft["id"], "because " + WHY),
            (f'User::"{self.author}"', "check_draft", "failure", "tests passed",
             "invariants failed: 16 hold, `physicians-read-their-lab-reports` fails",
             "3 lost, 0 gained"),
            (f'User::"{self.approver}"', "activate_emergency", draft["id"], "because " + EMERGENCY),
            ("policies", "success"),  # this node decides by it
            ('User::"dr-grey"', "denied: no_permit"),
            (f'User::"{self.approver}"', "activate_rollback", "because " + BACK),
            ("policies", "success"),
            ('User::"dr-grey"', "allowed: permit"),
        ]
        left = list(whole)
        for words in told:
            while left and not all(word in left[0] for word in words):
                self.assertTrue("LabReport" in left[0], f"{left[0]} is not {words}")
                left.pop(0)
            self.assertTrue(left, f"nobody told of {words}: {whole}")
            left.pop(0)
        refused = self.here.told("--outcome", "failure", "--kind", "policy_change")
        self.assertEqual(len(refused), 1, "the update that its checks refused, at a glance")
        verified = self.here.site.ask("bo", "audit", "verify", self.here.log)
        self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)


if __name__ == "__main__":
    unittest.main()
