"""`serve` that follows a folder: what changes there is proposed, checked and submitted, and nothing of it comes
into force by itself."""
import os
import subprocess
import unittest

from directory_site import Administrator, DirectorySite
from program import ProgramTest, run
from serving import POLICIES, SCHEMA, Serve, eventually

NEVER = POLICIES + '@id("never")\nforbid (principal, action, resource);\n'
SOON_S = 120  # its thread gives way to all others


class PolicySourceTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.tree = self.folder / "tree"
        self.policies = self.tree / "policies"
        self.policies.mkdir(parents=True)
        self.put("rules.cedarschema", SCHEMA)
        self.put("rules.cedar", POLICIES)
        self.site = DirectorySite(self.folder / "node")
        self.gate = self.site.add_caller("gate")
        self.site.config["audit"] = {"directory": "log", "immutable": False}
        key = self.folder / "signer.pem"
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key], check=True)
        key.chmod(0o600)
        managed = {"key": {"file": str(key)}, "initial": str(self.policies)}
        self.site.config["policies"] = {"managed": managed}
        with Serve(self.site) as server:
            self.service = self.enter_service(Administrator(server, self.site.first[""]))
        managed["source"] = {"folder": str(self.policies), "service": self.service,
                             "interval_seconds": 1}
        self.serve()

    def serve(self):
        self.server = self.enterContext(Serve(self.site))
        self.hale = Administrator(self.server, self.site.first[""])

    def put(self, name, text):
        (self.policies / name).write_text(text)

    @staticmethod
    def enter_service(hale):
        """What proposes; a person answers for it."""
        service = hale.create("services", clientId="git", displayName="Policies in git",
                              purpose="proposes what changes there")
        owner = hale.must("GET", "people?userName=hale")["items"][0]["id"]
        hale.relate("owner", service, owner)
        hale.must("POST", f"services/{service}/state", {"state": "active"})
        hale.relate("roleAssignment", service, hale.role("Wardlock::PolicyAuthor"))
        return service

    def drafts(self):
        return self.hale.must("GET", "policies/drafts")["items"]

    def wait_for(self, event):
        eventually(lambda: self.server.events(event), SOON_S)

    def states(self):
        return [draft["state"] for draft in self.drafts()]

    def told(self, action):
        """How many events of that are on record."""
        done = run("audit", "query", self.site.folder / "log", "--json", "--limit", "1000")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout.count(f'"{action}"')

    def commit(self, subject):
        """As git does it, whoever is at work."""
        clean = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "GIT_CONFIG_NOSYSTEM": "1"}
        for words in (["init", "-q"], ["add", "."],
                      ["-c", "user.name=Ann", "-c", "user.email=ann@example.org", "commit", "-q",
                       "-m", subject]):
            subprocess.run(["git", *words], cwd=self.tree, env=clean, check=True)

    def test_a_change_is_proposed_once_and_waits_for_people(self):
        self.server.stop()  # or it might look before the commit is there
        self.put("rules.cedar", NEVER)
        self.commit("Nobody may do anything")
        self.serve()
        eventually(lambda: self.states() == ["in_review"], SOON_S)
        draft = self.hale.must("GET", f"policies/drafts/{self.drafts()[0]['id']}")
        self.assertEqual(draft["title"], "Nobody may do anything")
        self.assertEqual(draft["author"], self.service)
        self.assertEqual(draft["writers"], [self.service])
        self.assertEqual(draft["signatures"], [])
        self.assertTrue(all(need["people"] == 2 for need in draft["approvals"]), draft["approvals"])
        self.assertTrue(self.server.decision(self.gate), "nothing of it is in force")
        self.server.stop()
        self.serve()
        self.put("rules.cedar", POLICIES)
        eventually(lambda: self.states() == ["withdrawn"], SOON_S)
        self.server.stop()
        self.assertEqual(self.told("begin_draft"), 1, "nor was it proposed again after a start")

    def test_what_cannot_be_read_is_told_once_and_what_fails_is_not_submitted(self):
        (self.policies / "more.cedar").symlink_to("/etc/passwd")
        self.wait_for("policy_source_refused")
        self.assertEqual(self.states(), [])
        (self.policies / "more.cedar").unlink()
        self.put("rules.cedar", "permit (")
        self.wait_for("policies_proposed_failed")
        self.assertEqual(self.states(), ["open"])
        checks = self.hale.must("GET", f"policies/drafts/{self.drafts()[0]['id']}")["checks"]
        self.assertEqual({each["name"]: each["outcome"] for each in checks}["validate"], "failed")
        self.put("rules.cedar", NEVER)
        eventually(lambda: self.states() == ["in_review"], SOON_S)
        self.assertTrue(self.server.decision(self.gate))
        for event in ("policy_source_refused", "policy_source_followed", "policies_proposed_failed"):
            self.assertEqual(len(self.server.events(event)), 1, event)
        self.server.stop()
        self.assertEqual(self.told("refuse_policy_source"), 1)
        self.assertEqual(self.told("accept_policy_source"), 1)

    def test_a_service_without_the_right_proposes_nothing(self):
        assignment = self.hale.must("GET", f"relations?subject={self.service}&kind=roleAssignment")
        self.hale.must("POST", f"relations/{assignment['items'][0]['id']}/end", {})
        self.put("rules.cedar", NEVER)
        self.wait_for("policy_source_refused")
        self.assertEqual(self.states(), [])


if __name__ == "__main__":
    unittest.main()
