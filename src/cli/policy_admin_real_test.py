"""Policies that a server keeps, changed by two people at the command line: `wardlock policy push`, `show`, `approve`,
`activate`, `rollback` and the rest, against a running server at which they signed in."""
import json
import pathlib
import re
import subprocess
import tempfile
import unittest

from program import run
from signed_in_site import SignedInSite

SCHEMA = """@audit("patient") entity Patient;
entity User; entity Ward;
action view appliesTo { principal: User, resource: Patient };
action enter appliesTo { principal: User, resource: Ward };
"""
ENTER = '@id("enter")\npermit (principal, action == Action::"enter", resource);\n'
VIEW = '@id("view")\npermit (principal, action == Action::"view", resource);\n'
TESTS = """name: Who enters
defaults: {at: "2026-11-23T12:00:00Z"}
entities:
  User::"ann": {}
  Ward::"3": {}
tests:
  - name: Ann enters
    principal: User::"ann"
    action: enter
    resource: Ward::"3"
    expect: {decision: allow}
"""


def write_policies(folder, *policies):
    (folder / "tests").mkdir(parents=True, exist_ok=True)
    (folder / "ward.cedar").write_text("".join(policies))
    (folder / "ward.cedarschema").write_text(SCHEMA)
    (folder / "tests" / "ward.test.yaml").write_text(TESTS)
    return folder


class PolicyAdminTest(unittest.TestCase):
    def setUp(self):
        kept = tempfile.TemporaryDirectory()
        self.addCleanup(kept.cleanup)
        self.folder = pathlib.Path(kept.name)
        key = self.folder / "signer.pem"
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key], check=True)
        key.chmod(0o600)
        self.first = write_policies(self.folder / "first", ENTER)
        (self.folder / "nobody.json").write_text("[]")
        self.here = SignedInSite(self, self.folder, more={
            "entities": "nobody.json",
            "policies": {"managed": {"key": {"file": str(key)}, "initial": str(self.first)}}})

    def sign_in(self, name, *roles):
        _, code = self.here.invited(name, *roles)
        status, _ = self.here.login(name, self.here.browser(name, code))
        self.assertEqual(status, 0)

    def ask(self, name, *words):
        return self.here.ask(name, "policy", *words, "--server", self.here.url)

    def must(self, name, *words):
        done = self.ask(name, *words, "--json")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def refused(self, name, *words, status=1):
        done = self.ask(name, *words)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stderr

    def push(self, name, folder, title="A change", *more):
        return self.must(name, "push", folder, "--environment", "production", "--title", title,
                         "--reason", "as agreed", "--submit", *more)

    def in_force(self, name):
        return self.must(name, "status")["items"][0].get("inForce")

    def approve_all(self, draft, names):
        """The first content touches everything; each person gives one of its approvals."""
        missing = [each["meaning"] for each in draft["approvals"]]
        for name, meaning in zip(names, missing, strict=True):
            self.must(name, "approve", draft["id"], "--meaning", meaning, "--comment", "read it")

    def test_two_people_walk_a_change_through(self):
        self.sign_in("ann", "PolicyAuthor", "PolicyApprover")
        self.sign_in("bo", "PolicyApprover")
        self.sign_in("cy", "PolicyApprover")
        first = self.push("ann", self.first, "The first")
        if first["base"] == "":
            self.approve_all(first, ["bo", "cy"])
        else:  # the server has put its initial policies in force by itself
            self.approve_all(first, ["bo"])
        self.must("ann", "activate", first["id"])
        base = self.in_force("ann")
        self.assertEqual(base["content"], first["content"])

        self.assertIn("did you mean `production`",
                      self.refused("ann", "push", self.first, "--environment", "prodction",
                                   "--title", "x", "--reason", "y"))
        wide = write_policies(self.folder / "wide", ENTER, VIEW)
        draft = self.push("ann", wide, "Who views patients")
        self.assertEqual([each["meaning"] for each in draft["approvals"]], ["policy", "privacy"])
        diff = self.ask("bo", "diff", "--draft", "Who views patients")
        self.assertEqual(diff.returncode, 2, diff.stderr)
        self.assertIn("added policy `view`", diff.stdout)

        self.assertIn("nobody approves what they wrote", self.refused("ann", "approve", draft["id"]))
        self.assertIn("these approvals are missing: policy, privacy",
                      self.refused("ann", "activate", draft["id"]))
        self.assertIn("others administer policies",
                      self.refused("ann", "activate", draft["id"], "--single-handed"))
        self.assertIn("did you mean `privacy`",
                      self.refused("bo", "approve", draft["id"], "--meaning", "privcy"))
        self.assertIn("did you mean `Who views patients`",
                      self.refused("bo", "show", "Who views patient"))
        self.must("bo", "approve", draft["id"][-12:])
        self.assertIn("you have signed this content", self.refused("bo", "approve", draft["id"]))
        shown = self.ask("cy", "show", draft["id"]).stdout
        self.assertIn("missing: privacy", shown)
        self.must("cy", "approve", draft["id"], "--meaning", "privacy")
        made = self.must("ann", "activate", draft["id"])
        self.assertEqual((made["serial"], made["cause"]), (base["serial"] + 1, "approved"))

        back = self.must("bo", "rollback", "--to", str(base["serial"]), "--reason", "too wide")
        self.assertEqual((back["serial"], back["cause"]), (base["serial"] + 2, "rollback"))
        self.assertEqual(self.in_force("bo")["content"], base["content"])
        self.assertIn("no activation has the serial 99",
                      self.refused("bo", "rollback", "--to", "99", "--reason", "x"))
        causes = [each["cause"] for each in self.must("bo", "history")["items"]]
        self.assertEqual(causes[:3], ["rollback", "approved", "approved"])

        pulled = self.folder / "pulled"
        self.must("bo", "pull", str(pulled), "--serial", str(made["serial"]))
        self.assertEqual((pulled / "ward.cedar").read_text(), (wide / "ward.cedar").read_text())
        self.assertTrue((pulled / "tests" / "ward.test.yaml").exists())
        self.assertIn("is not empty", self.refused("bo", "pull", str(pulled)))

    def test_a_change_that_fails_its_checks_stays_a_draft(self):
        self.sign_in("ann", "PolicyAuthor")
        closed = write_policies(self.folder / "closed", VIEW)
        done = self.ask("ann", "push", closed, "--environment", "production", "--title", "Closed",
                        "--reason", "r", "--submit", "--json")
        self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
        draft = json.loads(done.stdout)
        self.assertEqual(draft["state"], "open")
        self.assertEqual({each["name"]: each["outcome"] for each in draft["checks"]}["tests"],
                         "failed")
        self.assertIn("these checks have not passed: tests",
                      self.refused("ann", "submit", draft["id"]))

    def test_an_emergency_is_loud_and_approved_afterwards(self):
        self.sign_in("ann", "PolicyAuthor")
        self.sign_in("bo", "PolicyApprover")
        draft = self.push("ann", write_policies(self.folder / "new", ENTER, VIEW), "Reports")
        self.assertIn("none of your roles",
                      self.refused("ann", "activate", draft["id"], "--emergency", "--reason", "x"))
        self.assertIn("--reason", self.refused("bo", "activate", draft["id"], "--emergency"))
        made = self.must("bo", "activate", draft["id"], "--emergency", "--reason", "no reports")
        self.assertEqual(made["cause"], "emergency")
        self.assertIn("approveBy", made)
        self.must("bo", "approve", draft["id"])

    def test_a_pipeline_proposes_and_does_nothing_else(self):
        hale = self.here.hale
        person, _ = self.here.invited("ann")
        service = hale.create("services", clientId="ci", displayName="Builds",
                              purpose="proposes policies")
        hale.relate("owner", service, person)
        hale.must("POST", f"services/{service}/state", {"state": "active"})
        hale.relate("roleAssignment", service, hale.role("Wardlock::PolicyAuthor"))
        token = hale.must("POST", f"services/{service}/credentials", {})["token"]
        path = self.folder / "ci.token"
        path.write_text(token + "\n")

        def ask(*words):
            return run("policy", *words, "--server", self.here.url, "--token-file", path, "--json")

        done = ask("push", self.first, "--environment", "production", "--title", "From git",
                   "--reason", "commit 3c87baa", "--submit")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        draft = json.loads(done.stdout)
        self.assertTrue(all(each["people"] == 2 for each in draft["approvals"]), draft)
        for words in (("approve", draft["id"]), ("activate", draft["id"]),
                      ("activate", draft["id"], "--emergency", "--reason", "x"),
                      ("rollback", "--to", "1", "--reason", "x")):
            refused = ask(*words)
            self.assertEqual(refused.returncode, 1, refused.stdout + refused.stderr)
            self.assertTrue(re.search("none of your roles|sign in for it", refused.stdout
                                      + refused.stderr), refused.stdout + refused.stderr)

    def test_a_server_without_two_approvers_says_so(self):
        self.here.server.wait_for("policies_single_handed")


if __name__ == "__main__":
    unittest.main()
