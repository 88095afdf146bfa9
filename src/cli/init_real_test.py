"""`wardlock init`: the first administrator, by a token that is shown once or by a client certificate."""
import json
import subprocess
import unittest

from directory_site import Administrator
from program import ProgramTest, run
from serving import Certificates, Serve, Site


class InitTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.certificates = Certificates(self.folder)
        self.certificates.issue("server", "DNS:localhost,IP:127.0.0.1", "serverAuth")
        for name in ("hale", "stranger"):
            self.certificates.issue(name, f"DNS:{name}.example", "clientAuth")
        self.site = Site(self.folder)
        self.site.config["directory"] = {"database": f"sqlite:{self.folder}/directory.db"}
        self.site.config["listeners"] = [{"address": "127.0.0.1:0", "tls": {
            "certificate": "server.pem", "key": "server.key", "client_ca": "ca.pem"}}]
        self.config = self.site.save()

    def fingerprint(self, name):
        printed = subprocess.run(
            ["openssl", "x509", "-in", f"{name}.pem", "-noout", "-fingerprint", "-sha256"],
            cwd=self.folder, capture_output=True, text=True, check=True).stdout
        return "sha256:" + printed.strip().split("=")[1].replace(":", "").lower()

    def init(self, *arguments):
        return self.json_of("init", "--config", self.config, "--user", "hale", *arguments)

    def test_a_certificate_administers_and_nothing_else_does(self):
        made = self.init("--certificate", self.fingerprint("hale"))
        self.assertNotIn("token", made)
        self.assertEqual(made["roles"], ["Administrator", "SecurityOfficer"])
        with Serve(self.site, self.certificates.context("hale")) as server:
            hale = Administrator(server, None)
            self.assertEqual(hale.must("GET", "whoami")["id"], made["id"])
            ann = hale.create("people", "active", userName="ann")
            server.context = self.certificates.context("stranger")
            self.assertEqual(hale.status("GET", "whoami"), 401)
            server.context = self.certificates.context()
            self.assertEqual(hale.status("GET", "whoami"), 401)
            server.context = self.certificates.context("hale")
            # Its place is taken by a token, and then it is no good any more.
            token = hale.must("POST", f"people/{made['id']}/credentials", {})["token"]
            [first] = [each["id"] for each in
                       hale.must("GET", f"people/{made['id']}/credentials")["items"]
                       if each.get("label") == "first administrator"]
            hale.must("POST", f"people/{made['id']}/credentials/{first}/revoke", {})
            self.assertEqual(hale.status("GET", "whoami"), 401)
            server.context = self.certificates.context()
            self.assertEqual(Administrator(server, token).status("GET", f"people/{ann}"), 200)

    def test_what_is_no_fingerprint_is_refused_before_anything_is_made(self):
        good = self.fingerprint("hale")
        for wrong in (good.upper(), good[:-1], good.removeprefix("sha256:"), "hale.pem",
                      "sha1:" + good[7:]):
            with self.subTest(wrong):
                self.assert_fails("sha256:", "init", "--config", self.config, "--user", "hale",
                                  "--certificate", wrong)
        self.assertFalse((self.folder / "directory.db").exists())

    def test_happens_once(self):
        made = self.init()
        self.assertRegex(made["token"], r"\Awlk_[A-Za-z0-9_-]{43}\Z")
        kept = (self.folder / "directory.db").read_bytes()
        self.assertNotIn(made["token"].encode(), kept)
        self.assert_fails("administers this tenant already", "init", "--config", self.config,
                          "--user", "other", "--certificate", self.fingerprint("hale"), code=3)
        self.assert_fails("no tenant `x`", "init", "--config", self.config, "--user", "other",
                          "--tenant", "x")
        shown = run("init", "--help").stdout
        self.assertIn("--certificate", shown)
        self.assertNotIn("wlk_", json.dumps(shown))


if __name__ == "__main__":
    unittest.main()
