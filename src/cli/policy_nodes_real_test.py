"""What each node runs: servers by themselves, a PDP beside a device by `wardlock policy report`; `wardlock policy nodes` shows
who drifts, with an exit status and JUnit's XML."""
import json
import pathlib
import re
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree

from directory_site import Administrator, DirectorySite
from program import WARDLOCK, run
from serving import Serve, eventually

SCHEMA = "entity User; entity Ward; action enter appliesTo { principal: User, resource: Ward };"
ENTER = '@id("enter")\npermit (principal, action == Action::"enter", resource);\n'
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


class PolicyNodesTest(unittest.TestCase):
    def setUp(self):
        kept = tempfile.TemporaryDirectory()
        self.addCleanup(kept.cleanup)
        self.folder = pathlib.Path(kept.name)
        for options in [["genpkey", "-algorithm", "ed25519", "-out", "signer.pem"],
                        ["pkey", "-in", "signer.pem", "-pubout", "-out", "signer.pub"]]:
            subprocess.run(["openssl", *options], cwd=self.folder, check=True, capture_output=True)
        (self.folder / "signer.pem").chmod(0o600)
        self.write("first", ENTER)
        site = DirectorySite(self.folder)
        site.config["entities"] = "nobody.json"
        site.write("nobody.json", [])
        site.config["audit"] = {"directory": "log", "immutable": False, "checkpoint_interval": "20ms"}
        site.config["policies"] = {"managed": {"key": {"file": "signer.pem"}, "initial": "first",
                                               "node_grace_seconds": 5}}
        self.gate = site.add_caller("gate", rights=["metrics"])
        site.save()
        self.server = self.enterContext(Serve(site))
        self.hale = Administrator(self.server, site.first[""])
        self.own = self.token_file("hale", site.first[""])

    def write(self, name, policies):
        folder = self.folder / name
        (folder / "tests").mkdir(parents=True)
        (folder / "ward.cedar").write_text(policies)
        (folder / "ward.cedarschema").write_text(SCHEMA)
        (folder / "tests" / "ward.test.yaml").write_text(TESTS)
        return folder

    def token_file(self, name, token):
        path = self.folder / f"{name}.token"
        path.write_text(token + "\n")
        path.chmod(0o600)
        return path

    def ask(self, *words, token=None, status=0):
        done = run(*words, "--server", self.server.urls[0], "--token-file", token or self.own, "--json")
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def service(self):
        """A service of its own, with a token and without any role."""
        person = self.hale.create("people", "active", userName="olga")
        service = self.hale.create("services", clientId="pump-gateway", displayName="Pump gateway",
                                   purpose="decides beside the pumps")
        self.hale.relate("owner", service, person)
        self.hale.must("POST", f"services/{service}/state", {"state": "active"})
        return service, self.token_file(
            "gateway", self.hale.must("POST", f"services/{service}/credentials", {})["token"])

    def bundle_in_force(self):
        serial = self.hale.must("GET", "policies")["items"][0]["inForce"]["serial"]
        path = self.folder / "hospital.bundle"
        with self.server.connect() as connection:
            connection.request("GET", f"/admin/v1/policies/history/{serial}/bundle",
                               headers={"Authorization": f"Bearer {self.hale.token}"})
            answer = connection.getresponse()
            self.assertEqual(answer.status, 200)
            path.write_bytes(answer.read())
        return path

    def pdp(self, *words):
        """A PDP's URL."""
        process = subprocess.Popen([WARDLOCK, "pdp", "--listen", "127.0.0.1:0", "--json", "--entities",
                                    self.folder / "nobody.json", *words], text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        said = ""
        while not (found := re.search(r'"(http://[^"]+)"', said)):
            line = process.stdout.readline()
            self.assertTrue(line, said)
            said += line
        return found[1]

    def test_who_runs_what_is_seen_and_who_drifts_is_told(self):
        eventually(lambda: len(self.ask("policy", "nodes")["items"]) == 1)
        own = self.ask("policy", "nodes")["items"][0]
        self.assertEqual((own["kind"], own["standing"], own["serial"]), ("server", "current", 1))
        self.assertRegex(own["outcomes"], "^sha256:")

        service, token = self.service()
        bundle = self.bundle_in_force()
        beside = self.pdp("--bundle", bundle, "--bundle-key", self.folder / "signer.pub", "--tenant", "main",
                          "--environment", "production")
        said = self.ask("policy", "report", "--pdp", beside, "--bundle", bundle, token=token)
        self.assertEqual((said["node"], said["standing"], said["label"]), (service, "current", "Pump gateway"))
        self.assertEqual((said["schema"], said["outcomes"]), (own["schema"], own["outcomes"]))
        self.assertEqual(self.ask("drift", "nodes")["counts"]["current"], 2)

        changed = self.pdp("--policies", self.folder / "first")
        said = self.ask("policy", "report", "--pdp", changed, token=token, status=2)
        self.assertEqual(said["standing"], "foreign")
        report = self.folder / "nodes.xml"
        drifting = self.ask("drift", "nodes", "--junit", report, status=2)
        self.assertEqual(drifting["counts"]["foreign"], 1)
        suites = xml.etree.ElementTree.parse(report).getroot()
        self.assertEqual((suites.get("tests"), suites.get("failures")), ("2", "1"))
        failed = [case.get("name") for case in suites.iter("testcase") if case.find("failure") is not None]
        self.assertEqual(failed, [f"Pump gateway ({service})"])
        self.assertIn("foreign", run("policy", "nodes", "--server", self.server.urls[0], "--token-file",
                                     self.own).stdout)
        eventually(lambda: self.server.metrics(self.gate).get(
            'wardlock_policy_nodes{tenant="",standing="foreign"}') == 1, limit_s=40)

        self.assertEqual(run("policy", "nodes", "--server", self.server.urls[0], "--token-file", token).returncode, 1)
        refused = run("policy", "report", "--pdp", beside, "--server", self.server.urls[0], "--token-file", self.own)
        self.assertEqual(refused.returncode, 1, "a person runs nothing")
        self.ask("policy", "forget", service, "--reason", "taken out of service")
        self.assertEqual(len(self.ask("policy", "nodes")["items"]), 1)
        self.assertEqual(run("policy", "forget", service, "--server", self.server.urls[0], "--token-file",
                             self.own).returncode, 1)


if __name__ == "__main__":
    unittest.main()
