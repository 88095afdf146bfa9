"""`wardlock login` against a running server, through its pages: by a code on another device and in a browser; whoami,
commands of administration, renewal, the end of it in every way, and what is mistyped."""
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest
import urllib.error
import urllib.request

from browser import Browser
from directory_site import Administrator, DirectorySite
from program import LIMIT_S, WARDLOCK, run
from serving import Serve, eventually
from signed_in_site import SignedInSite


class LoginTest(unittest.TestCase):
    def setUp(self):
        kept = tempfile.TemporaryDirectory()
        self.addCleanup(kept.cleanup)
        self.folder = pathlib.Path(kept.name)
        self.here = SignedInSite(self, self.folder)

    def refused(self, done, *words):
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)

    def signed_in(self, name="hale", *roles):
        """Somebody who is signed in here, and at the command line."""
        code = self.here.site.first[""] if name == "hale" else self.here.invited(name, *roles)[1]
        browser = self.here.browser(name, code)
        status, printed = self.here.login(name, browser)
        self.assertEqual(status, 0, printed)
        return browser

    def test_by_a_code_from_the_first_command_to_the_last(self):
        self.refused(self.here.ask("hale", "user", "list"), "signed in nowhere", "wardlock login",
                     "--token-file")
        self.signed_in()
        self.assertEqual(self.here.book("hale").stat().st_mode & 0o777, 0o600)
        self.assertEqual(self.here.book("hale").parent.stat().st_mode & 0o777, 0o700)
        me = json.loads(self.here.ask("hale", "whoami", "--json").stdout)
        self.assertEqual(me["roles"], ["Administrator", "SecurityOfficer"])
        self.assertEqual((me["signIn"]["level"], me["signIn"]["client"]), (2, "wardlock-cli"))
        self.assertIn("otp", me["signIn"]["methods"])
        shown = self.here.ask("hale", "whoami").stdout
        self.assertIn("hale of main", shown)
        self.assertIn("assurance level 2", shown)
        added = self.here.ask("hale", "user", "add", "kim", "--reason", "new")
        self.assertEqual(added.returncode, 0, added.stderr)
        self.assertIn("kim", self.here.ask("hale", "user", "list", "--server", self.here.url).stdout)
        token = self.here.kept("hale")["access_token"]
        out = self.here.ask("hale", "logout")
        self.assertEqual((out.returncode, out.stderr), (0, ""))
        self.refused(self.here.ask("hale", "user", "list"), "signed in nowhere")
        self.refused(self.here.ask("hale", "logout"), "signed in nowhere")
        asked = Administrator(self.here.server, token)
        self.assertEqual(asked.status("GET", "people", Host=f"localhost:{self.here.url.rsplit(':', 1)[1]}"), 401)

    def test_in_a_browser(self):
        browser = self.here.browser("hale", self.here.site.first[""])
        opener = self.folder / "opener"
        opener.write_text(f'#!/bin/sh\nprintf %s "$1" > {self.folder}/url.draft\n'
                          f'mv {self.folder}/url.draft {self.folder}/url\n')
        opener.chmod(0o700)
        process = subprocess.Popen(
            [WARDLOCK, "login", "--server", self.here.url + "/"], text=True, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **self.here.home("hale"), "BROWSER": str(opener)})
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.kill)
        eventually((self.folder / "url").exists)
        url = (self.folder / "url").read_text()
        self.assertIn("code_challenge_method=S256", url)
        place = browser.allow(url.removeprefix(self.here.url))
        self.assertRegex(place, r"^http://127\.0\.0\.1:\d+/signed-in\?code=")
        # Any page may send a browser there: that changes nothing.
        for wrong in (re.sub("state=[^&]*", "state=other", place),
                      re.sub("iss=[^&]*", "iss=https%3A%2F%2Fevil.example", place),
                      place.split("?")[0], place.replace("/signed-in", "/other")):
            with self.assertRaises(urllib.error.HTTPError):
                urllib.request.urlopen(wrong, timeout=LIMIT_S)
        self.assertIsNone(process.poll())
        with urllib.request.urlopen(place, timeout=LIMIT_S) as reply:
            self.assertIn("You are signed in", reply.read().decode())
        printed, errors = process.communicate(timeout=LIMIT_S)
        self.assertEqual(process.returncode, 0, errors)
        self.assertIn("hale of main", printed)
        self.assertEqual(self.here.ask("hale", "user", "list").returncode, 0)

    def test_it_is_renewed_by_one_at_a_time(self):
        self.signed_in()
        before = self.here.kept("hale")
        self.here.outdate("hale")
        with concurrent.futures.ThreadPoolExecutor() as pool:
            done = list(pool.map(lambda _: self.here.ask("hale", "whoami"), range(4)))
        self.assertEqual([each.returncode for each in done], [0, 0, 0, 0], done[0].stderr)
        after = self.here.kept("hale")
        self.assertNotEqual(after["refresh_token"], before["refresh_token"])
        self.here.outdate("hale")
        self.assertEqual(self.here.ask("hale", "whoami").returncode, 0, "nobody took a token twice")

    def test_a_token_that_is_named_comes_first(self):
        nobody = self.here.hale.with_role("nobody")
        self.signed_in()
        token = self.folder / "nobody.token"
        token.write_text(nobody.token)
        words = ["whoami", "--json", "--server", self.here.url]
        by_flag = json.loads(self.here.ask("hale", *words, "--token-file", token).stdout)
        self.assertEqual(by_flag["id"], nobody.id)
        by_environment = run(*words, env={**self.here.home("hale"), "WARDLOCK_TOKEN_FILE": str(token)})
        self.assertEqual(json.loads(by_environment.stdout)["id"], nobody.id)
        self.assertNotIn("signIn", by_flag)

    def test_signing_out_in_the_browser_ends_it(self):
        browser = self.signed_in()
        self.assertTrue(browser.sign_out())
        eventually(lambda: self.here.ask("hale", "whoami").returncode == 1)
        self.refused(self.here.ask("hale", "whoami"), f"wardlock login --server {self.here.url}")
        self.here.outdate("hale")
        self.refused(self.here.ask("hale", "whoami"), "is over", "wardlock login")
        self.refused(self.here.ask("hale", "whoami"), "signed in nowhere")

    def test_a_role_counts_until_it_is_taken_and_a_leaver_is_nobody(self):
        self.signed_in("kim", "Auditor")
        self.assertEqual(self.here.ask("kim", "user", "list").returncode, 0)
        self.refused(self.here.ask("kim", "user", "add", "somebody"), "none of your roles")
        kim = json.loads(self.here.ask("kim", "whoami", "--json").stdout)["id"]
        roles = self.here.hale.must("GET", f"people/{kim}/relations")["items"]
        for each in roles:
            self.here.hale.must("POST", f"relations/{each['id']}/end", {})
        self.refused(self.here.ask("kim", "user", "list"), "none of your roles")
        self.assertIn("without a role", self.here.ask("kim", "whoami").stdout)
        self.here.hale.must("POST", f"people/{kim}/state", {"state": "suspended"})
        self.refused(self.here.ask("kim", "whoami"), "wardlock login --server")
        self.here.hale.must("POST", f"people/{kim}/state", {"state": "active"})
        eventually(lambda: self.here.ask("kim", "whoami").returncode == 1)
        self.here.outdate("kim")
        self.refused(self.here.ask("kim", "whoami"), "is over")

    def test_one_proof_is_not_enough(self):
        """Who signs in here with a password is asked for more before they let it administer."""
        person, code = self.here.invited("lee")
        browser = Browser(self.here.server)
        self.assertTrue(browser.enrol(code, "seven zebra crossings"))
        self.assertTrue(browser.sign_in("lee", "seven zebra crossings"), browser.page)
        status, _, text = self.here.server.request(
            "POST", "/oauth2/device_authorization", "client_id=wardlock-cli&scope=wardlock.admin",
            {"Content-Type": "application/x-www-form-urlencoded"})
        self.assertEqual(status, 200, text)
        browser.get("/device")
        _, place = browser.send("/device", user_code=json.loads(text)["user_code"])
        status, place = browser.get(place.removeprefix(browser.origin))
        self.assertEqual(status, 303)
        self.assertIn("/sign-in?again=1", place)
        self.assertNotIn("Allow", browser.page)

    def test_the_file_is_for_its_owner_alone(self):
        self.signed_in()
        self.here.book("hale").chmod(0o640)
        self.refused(self.here.ask("hale", "whoami"), "may be read or changed by others", "0640")
        self.here.book("hale").chmod(0o600)
        self.assertEqual(self.here.ask("hale", "whoami").returncode, 0)
        self.here.book("hale").write_text("{")
        self.refused(self.here.ask("hale", "whoami"), "is damaged")


class MistypedTest(unittest.TestCase):
    def setUp(self):
        kept = tempfile.TemporaryDirectory()
        self.addCleanup(kept.cleanup)
        self.folder = pathlib.Path(kept.name)
        self.environment = {"HOME": str(self.folder), "XDG_CONFIG_HOME": "", "WARDLOCK_SERVER": "",
                            "WARDLOCK_TOKEN_FILE": "", "BROWSER": "", "DISPLAY": "", "WAYLAND_DISPLAY": ""}

    def refused(self, *words, status=1):
        done = run(*words, env=self.environment)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stderr

    def test_where_is_said_and_safe(self):
        self.assertIn("--server URL", self.refused("login"))
        self.assertIn("unprotected", self.refused("login", "--server", "http://wardlock.example"))
        self.assertIn("no `https://` URL", self.refused("login", "--server", "wardlock.example"))
        self.assertIn("exclude each other", self.refused("login", "--browser", "--device", "--server",
                                                         "http://localhost:1"))
        self.assertIn("there is no option", self.refused("login", "--devise"))
        self.assertIn("localhost port 1", self.refused("login", "--server", "http://localhost:1"))
        self.assertIn("signed in nowhere", self.refused("logout"))
        self.assertIn("not signed in at", self.refused("logout", "--server", "https://other.example"))
        self.assertFalse((self.folder / ".config" / "wardlock").exists(), "nothing was kept")

    def test_a_server_where_nobody_signs_in(self):
        server = self.enterContext(Serve(DirectorySite(self.folder)))
        self.assertIn("nobody signs in at", self.refused("login", "--server", server.urls[0], status=3))

    def test_a_server_that_calls_itself_otherwise(self):
        site = DirectorySite(self.folder)
        site.config["authentication"] = {}
        site.config["public_url"] = "https://id.example"
        server = self.enterContext(Serve(site))
        said = self.refused("login", "--server", server.urls[0], status=3)
        self.assertIn("calls itself `https://id.example`", said)


if __name__ == "__main__":
    unittest.main()
