"""The hospital on a server that keeps its policies, and people who change them at the command line; for
the real tests."""
import json
import subprocess

from program import HOSPITAL, question, run
from signed_in_site import SignedInSite

GREY_READS = question(("User", "dr-grey"), "view", ("LabReport", "lab-100-1"))
#: The rule that a careless update loses.
LAB_REPORTS = "physician-views-assigned-lab-report"


def lose_lab_reports(folder):
    """What a hurried vendor sends: the rule is gone, and the tests that asked for it, too."""
    policies = folder / "patient-data.cedar"
    whole = policies.read_text()
    begin = whole.index(f'@id("{LAB_REPORTS}")')
    policies.write_text(whole[:begin] + whole[whole.index("@id(", begin + 1):])
    tests = folder / "tests" / "patient-data.test.yaml"
    tests.write_text("".join(line for line in tests.read_text().splitlines(keepends=True)
                             if LAB_REPORTS not in line))


class ManagedHospital:
    """Its policies are managed, its directory is imported, and what happens is recorded in `log`."""

    def __init__(self, test, folder):
        self.test = test
        self.folder = folder
        self.log = folder / "log"
        key = folder / "signer.pem"
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key], check=True)
        key.chmod(0o600)
        self.site = SignedInSite(test, folder, prepare=self._prepare, more={
            "entities": str(HOSPITAL / "records.json"),
            "audit": {"directory": str(self.log), "immutable": False},
            "policies": {"managed": {"key": {"file": str(key)}, "initial": str(HOSPITAL)}}})
        self.server = self.site.server

    def _prepare(self, site):
        done = run("import", HOSPITAL / "directory.json", "--yes", "--directory",
                   site.config["directory"]["database"], "--reason", "the hospital of the example")
        self.test.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.token = site.add_caller("ward-app")

    def sign_in(self, name, *roles):
        """Somebody new with these roles, who signs in with two proofs. Their id."""
        person, code = self.site.invited(name, *roles)
        status, _ = self.site.login(name, self.site.browser(name, code))
        self.test.assertEqual(status, 0)
        return person

    def ask(self, name, *words):
        """`wardlock policy …`, by somebody who signed in."""
        return self.site.ask(name, "policy", *words, "--server", self.site.url)

    def must(self, name, *words):
        done = self.ask(name, *words, "--json")
        self.test.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def grey_reads(self):
        """What the ward's application is answered."""
        status, reply = self.server.ask(self.token, GREY_READS)
        self.test.assertEqual(status, 200, reply)
        return reply["decision"], reply["context"].get("policies", []), reply["context"]["cause"]

    def told(self, *words):
        """`wardlock audit query`, the oldest first."""
        done = run("audit", "query", self.log, "--oldest-first", "--limit", "1000", *words)
        self.test.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout.splitlines()
