"""People sign in before a live server with their accounts at npm oidc-provider, in Debian's Chromium.

WARDLOCK names the program. Skipped where npm's registry does not have oidc-provider, playwright-core and axe-core.
"""
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).parent
BROWSER = HERE.parent / "browser"
sys.path.insert(0, str(HERE.parent.parent / "src" / "cli"))

from directory_site import Administrator, DirectorySite  # noqa: E402
from program import run  # noqa: E402
from serving import Serve  # noqa: E402

LIMIT_S = 240


def free_ports(count):
    """Each side must know where the other is before it is there."""
    found = [socket.socket() for _ in range(count)]
    for each in found:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in found]
    for each in found:
        each.close()
    return ports


def has_all(folder, package):
    if (folder / "node_modules" / package).exists():
        return True
    return subprocess.run(["npm", "ci", "--prefix", folder, "--no-audit", "--no-fund"],
                          capture_output=True, check=False).returncode == 0


def is_possible():
    return (shutil.which("chromium") and shutil.which("npm") and
            has_all(BROWSER, "playwright-core") and has_all(HERE, "oidc-provider"))


@unittest.skipUnless(is_possible(), "npm's registry or chromium is not to be had here")
class LiveTest(unittest.TestCase):
    def setUp(self):
        kept = tempfile.TemporaryDirectory()
        self.addCleanup(kept.cleanup)
        self.folder = pathlib.Path(kept.name)

    def site(self, port, provider_port):
        secret = self.folder / "provider.secret"
        secret.write_text("a secret: with %\n")
        secret.chmod(0o600)
        site = DirectorySite(self.folder)
        site.config["listeners"] = [{"address": f"127.0.0.1:{port}"}]
        site.config["public_url"] = f"http://localhost:{port}"
        site.config["audit"] = {"directory": str(self.folder / "log"), "immutable": False}
        issuer = f"http://127.0.0.1:{provider_port}"
        site.config["authentication"] = {
            "egress": {"origins": [issuer], "networks": ["127.0.0.0/8"]},
            "providers": {"hospital": {
                "label": "St. Mary", "issuer": issuer, "client_id": "wardlock",
                "secret_file": str(secret), "acr_values": ["loa2"], "acr": {"loa2": "aal2"}}}}
        site.save()
        return site

    def test_people_sign_in_with_their_accounts_elsewhere(self):
        port, provider_port = free_ports(2)
        site = self.site(port, provider_port)
        with Serve(site) as server:
            hale = Administrator(server, site.first[""])
            ann = hale.create("people", "active", userName="ann")
            token = hale.must("POST", f"people/{ann}/invitation", {})["token"]
            self.link(hale, f"http://127.0.0.1:{provider_port}")
            done = subprocess.run(
                ["node", "live.mjs", f"http://localhost:{port}", str(provider_port), token, "ann",
                 *filter(None, [os.environ.get("PICTURES")])],
                cwd=HERE, capture_output=True, text=True, timeout=LIMIT_S, check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        told = self.events()
        logins = [each for each in told if each["kind"] == "login"]
        self.assertTrue(logins)
        for each in logins:
            self.assertEqual((each["action"], each["cause"]), ("linked_account", "hospital"))
            self.assertEqual(each["authentication_level"], 2)
            self.assertEqual(sorted(each["authentication_methods"]), ["otp", "pwd"])
        causes = {each.get("cause") for each in told if each["kind"] == "login_failed"}
        self.assertTrue({"provider_account_of_nobody", "provider_refused",
                         "provider_answer_not_ours", "not_enough"} <= causes, causes)
        for each in told:
            self.assertNotIn("a secret", json.dumps(each))

    def link(self, hale, issuer):
        """An administrator links an account, of a provider that there is, once."""
        ben = hale.create("people", "active", userName="ben")
        account = {"issuer": issuer, "subject": "lee-2", "label": "St. Mary", "reason": "begins today"}
        path = f"people/{ben}/linked-accounts"
        self.assertEqual(hale.status("POST", path, {**account, "issuer": "https://evil.example"}), 400)
        self.assertEqual(hale.status("POST", path, {"issuer": issuer}), 400)
        self.assertEqual(hale.status("POST", "people/nobody/linked-accounts", account), 404)
        eve = hale.with_role("eve")  # who administers nothing
        self.assertEqual(eve.status("POST", path, account), 403)
        self.assertTrue(hale.must("POST", path, account)["id"])
        self.assertEqual(hale.status("POST", path, account), 409)

    def events(self):
        exported = run("audit", "export", self.folder / "log", "--format", "ndjson")
        self.assertEqual(exported.returncode, 0, exported.stderr)
        return [json.loads(line) for line in exported.stdout.splitlines() if line]


if __name__ == "__main__":
    unittest.main()
