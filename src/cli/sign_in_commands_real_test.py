"""`wardlock user sessions`, `sign-out`, `authenticators`, `link` and `recover` against a running server: somebody's
sessions and authenticators seen and ended, a leaver's with them, and two of the help desk who let somebody in again."""
import json
import pathlib
import tempfile
import unittest

from browser import Browser
from directory_site import Administrator
from logout_real_test import Receiver
from oauth_real_test import enter_client
from program import run
from serving import eventually
from signed_in_site import PASSWORD, SignedInSite
from slapd import free_port

ISSUER = "https://login.st-mary.example"


class SignInCommandsTest(unittest.TestCase):
    def setUp(self):
        kept = tempfile.TemporaryDirectory()
        self.addCleanup(kept.cleanup)
        self.folder = pathlib.Path(kept.name)
        self.receiver = Receiver()
        self.addCleanup(self.receiver.stop)
        secret = self.folder / "hospital.secret"
        secret.write_text("a secret of the hospital's")
        secret.chmod(0o600)
        port = free_port()
        here = {"listeners": [{"address": f"127.0.0.1:{port}"}], "public_url": f"http://localhost:{port}"}
        self.here = SignedInSite(
            self, self.folder, {**here, "audit": {"directory": str(self.folder / "log"), "immutable": False}},
            egress={"origins": [self.receiver.origin, ISSUER], "networks": ["127.0.0.0/8"]},
            providers={"hospital": {"label": "St. Mary", "issuer": ISSUER, "client_id": "wardlock",
                                    "secret_file": str(secret)}})
        self.person, code = self.here.invited("ann")
        self.ann = Browser(self.here.server)
        self.assertTrue(self.ann.enrol(code, PASSWORD), self.ann.page)
        self.assertTrue(self.ann.sign_in("ann", PASSWORD), self.ann.page)

    def ask(self, somebody: Administrator, *words):
        path = self.folder / f"{somebody.id}.token"
        path.write_text(somebody.token + "\n")
        return run("user", *words, "--server", self.here.server.urls[0], "--token-file", path)

    def must(self, somebody, *words):
        done = self.ask(somebody, *words, "--json")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def refused(self, somebody, *words):
        done = self.ask(somebody, *words)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        return done.stderr

    def is_signed_in(self):
        return self.ann.get("/account")[0] == 200

    def test_sessions_are_seen_and_ended_by_who_may(self):
        desk = self.here.hale.with_role("desk", "HelpDesk")
        officer = self.here.hale.with_role("officer", "SecurityOfficer")
        admin = self.here.hale.with_role("admin", "Administrator")
        found = self.must(desk, "sessions", "ann")["items"]
        self.assertEqual([(each["kind"], each["level"], each["environment"]) for each in found],
                         [("session", 1, "office")])
        self.assertIn("none of your roles", self.refused(admin, "sessions", "ann"))
        self.assertIn("none of your roles", self.refused(admin, "sign-out", "ann"))
        self.assertIn("none of your roles", self.refused(desk, "sessions", "officer"))
        self.assertIn("none of your roles", self.refused(desk, "sign-out", "officer"))
        self.assertIn("no session", self.refused(desk, "sign-out", "ann", "--session", "nothing"))
        self.assertTrue(self.is_signed_in())
        self.assertEqual(self.must(desk, "sign-out", "ann", "--session", found[0]["id"],
                                   "--reason", "lost tablet")["ended"], 1)
        self.assertFalse(self.is_signed_in())
        self.assertEqual(self.must(officer, "sessions", "ann")["items"], [])
        self.assertTrue(self.ann.sign_in("ann", PASSWORD), self.ann.page)
        dry = self.here.hale.ask("POST", f"people/{self.person}/sign-out?dryRun=true", {})
        self.assertEqual((dry[0], dry[2]), (200, {"ended": 1}))
        self.assertTrue(self.is_signed_in(), "it was tried only")
        self.assertIn("1 sessions of ann ended", self.ask(officer, "sign-out", "ann").stdout)
        self.assertFalse(self.is_signed_in())

    def test_an_account_elsewhere_is_linked_at_a_provider_that_there_is(self):
        admin = self.here.hale.with_role("admin", "Administrator")
        elsewhere = ("--issuer", "https://login.example", "--subject", "3f2a")
        self.assertIn("authentication.providers", self.refused(admin, "link", "ann", *elsewhere))
        self.assertIn("nobody", self.refused(admin, "link", "nobody", *elsewhere))
        there = ("--issuer", ISSUER, "--subject", "3f2a")
        desk = self.here.hale.with_role("desk", "HelpDesk")
        self.assertIn("none of your roles", self.refused(desk, "link", "ann", *there))
        self.assertIn(f"ann signs in at {ISSUER} as `3f2a`, too",
                      self.ask(admin, "link", "ann", *there, "--label", "St. Mary").stdout)
        found = self.must(desk, "authenticators", "ann")["items"]
        self.assertEqual([(each["kind"], each["state"]) for each in found],
                         [("password", "active"), ("linked_account", "active")])
        self.assertEqual(found[1]["label"], "St. Mary")
        self.here.hale.create("people", "active", userName="ben")
        self.assertIn("somebody's already", self.refused(admin, "link", "ben", *there))
        self.must(desk, "authenticator", "ann", "St. Mary", "--revoke")
        self.must(admin, "link", "ben", *there)

    def test_the_account_page_shows_what_happened_lately(self):
        self.assertFalse(Browser(self.here.server).sign_in("ann", "wrong zebra crossings"))

        def shows(*words):
            self.ann.get("/account")
            return all(each in self.ann.page for each in words)
        eventually(lambda: shows("An attempt to sign in failed", "Signed in", "from 127.0.0.1"))

    def test_what_somebody_lost_is_ended_for_them(self):
        desk = self.here.hale.with_role("desk", "HelpDesk")
        officer = self.here.hale.with_role("officer", "SecurityOfficer")
        admin = self.here.hale.with_role("admin", "Administrator")
        [found] = self.must(desk, "authenticators", "ann")["items"]
        self.assertEqual((found["kind"], found["state"]), ("password", "active"))
        self.assertIn("usedAt", found)
        self.assertIn("password", self.ask(officer, "authenticators", "ann").stdout)
        for words in (("authenticators", "ann"), ("authenticator", "ann", "password", "--lost")):
            self.assertIn("none of your roles", self.refused(admin, *words))
        self.assertIn("none of your roles", self.refused(desk, "authenticators", "officer"))
        self.assertIn("say one of", self.refused(desk, "authenticator", "ann", "password"))
        self.assertIn("say one of", self.refused(desk, "authenticator", "ann", "password", "--lost", "--revoke"))
        self.assertIn("no such", self.refused(desk, "authenticator", "ann", "her phone", "--lost"))
        ending = self.must(desk, "authenticator", "ann", "password", "--expires", "2040-01-31")
        self.assertEqual(ending["expiresAt"], "2040-01-31T00:00:00.000Z")
        self.assertNotIn("expiresAt", self.must(desk, "authenticator", "ann", "password", "--never-expires"))
        self.assertTrue(self.is_signed_in())
        told = self.ask(desk, "authenticator", "ann", found["id"], "--lost", "--reason", "called from home").stdout
        self.assertIn("password of ann is lost: it lets nobody in", told)
        self.assertFalse(self.is_signed_in(), "what rested on it has ended")
        self.assertFalse(self.ann.sign_in("ann", PASSWORD))
        self.assertIn("two people of the help desk", self.refused(admin, "enrol", "ann"))

    def test_what_applications_have_beyond_a_session_ends_with_it(self):
        enter_client(self.here.site, "main", "app", scope="openid offline_access",
                     grant_types=["authorization_code", "refresh_token"],
                     backchannel_logout_uri=f"{self.receiver.origin}/logout")
        officer = self.here.hale.with_role("officer", "SecurityOfficer")
        given = self.ann.authorize("app", "openid offline_access")
        found = self.must(officer, "sessions", "ann")["items"]
        self.assertEqual([each["kind"] for each in found], ["session", "application"])
        self.assertEqual(found[1]["clientName"], "Ward list")
        self.assertEqual(self.must(officer, "sign-out", "ann")["ended"], 2)
        renewed = self.ann.ask("POST", "/oauth2/token", {
            "grant_type": "refresh_token", "client_id": "app", "refresh_token": given["refresh_token"]})
        self.assertEqual(renewed[0], 400)

    def test_a_leaver_loses_all_at_once_and_applications_hear_of_it(self):
        enter_client(self.here.site, "main", "app", scope="openid offline_access",
                     grant_types=["authorization_code", "refresh_token"],
                     backchannel_logout_uri=f"{self.receiver.origin}/logout")
        given = self.ann.authorize("app", "openid offline_access")
        self.assertTrue(self.ann.sign_out())
        eventually(lambda: len(self.receiver.taken) == 1, 40)
        officer = self.here.hale.with_role("officer", "SecurityOfficer")
        self.assertEqual([each["kind"] for each in self.must(officer, "sessions", "ann")["items"]],
                         ["application"], "it goes on without its session")
        self.here.hale.must("POST", f"people/{self.person}/state", {"state": "suspended"})
        eventually(lambda: len(self.receiver.taken) == 2, 40)
        self.here.hale.must("POST", f"people/{self.person}/state", {"state": "active"})
        status, _ = self.ann.ask("POST", "/oauth2/token", {
            "grant_type": "refresh_token", "client_id": "app", "refresh_token": given["refresh_token"]})
        self.assertEqual(status, 400, "what ended does not come back with its owner")

    def test_two_let_somebody_in_again(self):
        first = self.here.hale.with_role("first", "HelpDesk")
        second = self.here.hale.with_role("second", "HelpDesk")
        admin = self.here.hale.with_role("admin", "Administrator")
        self.assertIn("--reason", self.refused(first, "recover", "ann"))
        self.assertIn("none of your roles", self.refused(admin, "recover", "ann", "--reason", "x"))
        self.assertIn("none of your roles", self.refused(first, "recover", "admin", "--reason", "x"))
        self.assertIn("no recovery", self.refused(second, "recover", "ann", "--approve"))
        self.assertEqual(self.must(first, "recover", "ann", "--reason", "came with a passport")["state"],
                         "asked")
        self.assertIn("somebody else", self.refused(first, "recover", "ann", "--approve"))
        self.assertIn("nobody has approved", self.ask(first, "recover", "ann", "--code").stderr)
        self.assertIn("passport", self.ask(second, "recoveries").stdout)
        self.assertEqual(self.must(admin, "recoveries")["items"], [], "they are none of their business")
        self.assertEqual(self.must(second, "recover", "ann", "--approve")["state"], "approved")
        self.assertIn("whoever asked", self.refused(second, "recover", "ann", "--code"))
        path = self.folder / "ann.code"
        self.assertNotIn("token", self.must(first, "recover", "ann", "--code", "--token-to", path))
        self.assertEqual(path.stat().st_mode & 0o077, 0)
        self.assertIn("no recovery", self.refused(first, "recover", "ann", "--code"))
        anew = Browser(self.here.server)
        self.assertTrue(anew.enrol(path.read_text().strip(), "nine quiet accordions"), anew.page)
        self.assertFalse(self.is_signed_in(), "whoever had what was lost is out")
        self.assertTrue(anew.sign_in("ann", "nine quiet accordions"), anew.page)
        self.assertFalse(Browser(self.here.server).sign_in("ann", PASSWORD), "what was there before is lost")

    def test_it_can_be_refused(self):
        first = self.here.hale.with_role("first", "HelpDesk")
        second = self.here.hale.with_role("second", "HelpDesk")
        self.must(first, "recover", "ann", "--reason", "called from home")
        self.assertEqual(self.ask(second, "recover", "ann", "--refuse", "--reason", "not them").returncode, 0)
        self.assertIn("no recovery", self.refused(first, "recover", "ann", "--code"))
        self.assertIn("exclude each other", self.refused(first, "recover", "ann", "--code", "--approve"))


if __name__ == "__main__":
    unittest.main()
