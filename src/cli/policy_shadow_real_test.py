"""A draft in the shadow: a running server decides by it, too, and `wardlock policy shadow` tells what would be otherwise."""
import json
import pathlib
import subprocess
import tempfile
import unittest

from serving import eventually
from signed_in_site import SignedInSite

SCHEMA = """entity Role; entity User in [Role]; entity Report; entity Ward;
action view appliesTo { principal: User, resource: Report };
action enter appliesTo { principal: User, resource: Ward };
"""
VIEW = '@id("view")\npermit (principal in Role::"Physician", action == Action::"view", resource);\n'
ENTER = '@id("enter")\npermit (principal, action == Action::"enter", resource);\n'
ENTITIES = [{"uid": {"type": "Role", "id": "Physician"}, "attrs": {}, "parents": []},
            {"uid": {"type": "User", "id": "eve"}, "attrs": {}, "parents": [{"type": "Role", "id": "Physician"}]}]
REPORT = {"subject": {"type": "User", "id": "eve"}, "action": {"name": "view"},
          "resource": {"type": "Report", "id": "r-1"}}
WARD = {"subject": {"type": "User", "id": "guest"}, "action": {"name": "enter"},
        "resource": {"type": "Ward", "id": "3"}}


class PolicyShadowTest(unittest.TestCase):
    def setUp(self):
        kept = tempfile.TemporaryDirectory()
        self.addCleanup(kept.cleanup)
        self.folder = pathlib.Path(kept.name)
        key = self.folder / "signer.pem"
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key], check=True)
        key.chmod(0o600)
        (self.folder / "people.json").write_text(json.dumps(ENTITIES))
        self.here = SignedInSite(self, self.folder, prepare=self.prepare, more={
            "entities": "people.json",
            "policies": {"managed": {"key": {"file": str(key)}, "initial": str(self.write("first", VIEW))}}})
        _, code = self.here.invited("ann", "PolicyAuthor")
        status, _ = self.here.login("ann", self.here.browser("ann", code))
        self.assertEqual(status, 0)

    def prepare(self, site):
        self.token = site.add_caller("gate")

    def write(self, name, policies):
        folder = self.folder / name
        folder.mkdir()
        (folder / "ward.cedar").write_text(policies)
        (folder / "ward.cedarschema").write_text(SCHEMA)
        return folder

    def ask(self, *words, status=0):
        done = self.here.ask("ann", "policy", *words, "--server", self.here.url, "--json")
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def push(self, name, policies):
        return self.ask("push", self.write(name, policies), "--environment", "production", "--title", name,
                        "--reason", "as agreed", "--submit")["id"]

    def decides(self, asked):
        return self.here.server.decision(self.token, asked)

    def seen(self, status):
        return self.ask("shadow", "status", status=status)

    def test_physicians_who_would_lose_their_reports_show_before_it_happens(self):
        self.push("swapped", ENTER)
        self.assertIn("no draft was tried", self.here.ask(
            "ann", "policy", "shadow", "status", "--server", self.here.url).stderr)
        self.ask("shadow", "start", "swapped", "--reason", "before ward 3 gets it")

        def is_tried():
            self.assertTrue(self.decides(REPORT), "it has no effect")
            self.assertFalse(self.decides(WARD), "it has no effect")
            done = self.here.ask("ann", "policy", "shadow", "status", "--server", self.here.url, "--json")
            total = json.loads(done.stdout)["total"]
            return total["lost"] > 1 and total["gained"] > 1
        eventually(is_tried)
        kinds = {(each["who"], each["action"], each["resourceType"], each["gains"]): each
                 for each in self.seen(2)["total"]["differences"]}
        self.assertEqual(set(kinds), {('Role::"Physician"', "view", "Report", False),
                                      ("User", "enter", "Ward", True)})
        lost = kinds['Role::"Physician"', "view", "Report", False]
        self.assertEqual(lost["policies"], ["view"])
        self.assertEqual(lost["cause"], "no_permit")
        self.assertGreater(lost["count"], 1)
        self.assertNotIn("eve", json.dumps(self.seen(2)), "nobody is named")
        text = self.here.ask("ann", "policy", "shadow", "status", "--server", self.here.url).stdout
        self.assertRegex(text, r'loses +Role::"Physician" +view +Report')
        self.assertIn("tried in the shadow", self.here.ask("ann", "policy", "status", "--server", self.here.url).stdout)
        stopped = self.ask("shadow", "stop", "--reason", "seen enough")
        self.assertEqual(stopped["end"], "stopped")
        self.here.server.wait_for("shadow_ended")
        self.assertIn("no draft is tried", self.here.ask(
            "ann", "policy", "shadow", "stop", "--server", self.here.url).stderr)

    def test_what_differs_too_much_stops_by_itself(self):
        self.push("closed", '@id("closed")\nforbid (principal, action, resource);\n')
        self.ask("shadow", "start", "closed", "--most-differences", "3")
        self.here.server.wait_for("shadow_begun")
        for _ in range(4):
            self.assertTrue(self.decides(REPORT))
        self.here.server.wait_for("shadow_ended")
        self.assertEqual(self.seen(2)["end"], "limit")
        self.assertTrue(self.decides(REPORT))

    def test_what_is_the_same_ends_with_0(self):
        self.push("same", VIEW + "// nothing else\n")
        self.ask("shadow", "start", "same")
        self.here.server.wait_for("shadow_begun")
        self.assertTrue(self.decides(REPORT))
        eventually(lambda: self.seen(0)["total"]["compared"] == 1)


if __name__ == "__main__":
    unittest.main()
