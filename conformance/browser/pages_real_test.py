"""People before the pages, in Debian's Chromium: they enrol, sign in, and are refused.

WARDLOCK names the program, PAGE_SAMPLES the one that writes pages with made-up values. Skipped where npm's registry
does not have playwright-core and axe-core.
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
sys.path.insert(0, str(HERE.parent.parent / "src" / "cli"))

from directory_site import Administrator, DirectorySite  # noqa: E402
from program import run  # noqa: E402
from serving import Serve  # noqa: E402

LIMIT_S = 240


def free_port():
    """Passkeys are bound to the page's address, so that the port must be known beforehand."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def has_browser():
    """Whether all that drives it is there."""
    if not shutil.which("chromium") or not shutil.which("npm"):
        return False
    if (HERE / "node_modules" / "playwright-core").exists():
        return True
    return subprocess.run(["npm", "ci", "--prefix", HERE, "--no-audit", "--no-fund"],
                          capture_output=True, check=False).returncode == 0


@unittest.skipUnless(has_browser(), "npm's registry or chromium is not to be had here")
class PagesTest(unittest.TestCase):
    def setUp(self):
        kept = tempfile.TemporaryDirectory()
        self.addCleanup(kept.cleanup)
        self.folder = pathlib.Path(kept.name)

    def node(self, *arguments):
        done = subprocess.run(["node", *map(str, arguments)], cwd=HERE, capture_output=True,
                              text=True, timeout=LIMIT_S, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_every_page_is_accessible_and_fits(self):
        samples = self.folder / "samples"
        samples.mkdir()
        subprocess.run([os.environ["PAGE_SAMPLES"], HERE / "samples.json", samples], check=True)
        self.node("looks.mjs", samples)

    def test_people_enrol_and_sign_in(self):
        site = DirectorySite(self.folder)
        port = free_port()
        site.config["listeners"] = [{"address": f"127.0.0.1:{port}"}]
        site.config["audit"] = {"directory": str(self.folder / "log"), "immutable": False}
        site.config["authentication"] = {}
        site.save()
        with Serve(site) as server:
            hale = Administrator(server, site.first[""])
            ann = hale.create("people", "active", userName="ann")
            first = hale.must("POST", f"people/{ann}/invitation", {"reason": "begins today"})
            invited = hale.must("POST", f"people/{ann}/invitation", {})
            self.assertNotEqual(first["token"], invited["token"])
            self.assertNotIn(invited["token"].encode(), (self.folder / "directory.db").read_bytes())
            self.assertEqual(hale.status("POST", f"people/{ann}/invitation",
                                         {"expiresAt": "2020-01-01T00:00:00Z"}), 400)
            self.assertEqual(hale.status("POST", "people/nobody/invitation", {}), 404)
            eve = hale.with_role("eve")  # who administers nothing
            self.assertEqual(eve.status("POST", f"people/{ann}/invitation", {}), 403)
            self.node("flows.mjs", f"http://localhost:{port}", invited["token"], "ann")
            self.assertEqual(hale.status("POST", f"people/{ann}/invitation", {}) // 100, 4)
        told = self.events()
        self.assertTrue({"login", "login_failed", "logout", "credential_change"} <=
                        {each["kind"] for each in told})
        for each in told:
            self.assertNotIn("zebra", json.dumps(each))
            if each["kind"] == "login":
                self.assertTrue(each["session"])

    def test_a_session_is_locked_and_unlocked(self):
        site = DirectorySite(self.folder)
        port = free_port()
        site.config["listeners"] = [{"address": f"127.0.0.1:{port}"}]
        site.config["authentication"] = {
            "environments": {"bedside": {"networks": ["127.0.0.0/8"]}}}
        site.save()
        with Serve(site) as server:
            hale = Administrator(server, site.first[""])
            ann = hale.create("people", "active", userName="ann")
            invited = hale.must("POST", f"people/{ann}/invitation", {})
            self.node("shared.mjs", f"http://localhost:{port}", invited["token"], "ann")
        kept = (self.folder / "directory.db").read_bytes()
        for secret in (b"04A2249A2D5C80", b"482915"):
            self.assertNotIn(secret, kept)

    def events(self):
        exported = run("audit", "export", self.folder / "log", "--format", "ndjson")
        self.assertEqual(exported.returncode, 0, exported.stderr)
        return [json.loads(line) for line in exported.stdout.splitlines() if line]


if __name__ == "__main__":
    unittest.main()
