"""Applications are told that somebody has signed out: a receiver on loopback gets the logout token of the real server, again
and again until it takes it, where the settings let it be asked; and is never asked where they do not."""
import base64
import http.server
import json
import pathlib
import tempfile
import threading
import unittest
import urllib.parse

from browser import Browser
from directory_site import Administrator, DirectorySite
from oauth_real_test import enter_client
from serving import Serve, eventually

PASSWORD = "seven zebra crossings"


class Receiver:
    """Takes logout tokens on loopback, once it has answered with `first`."""

    def __init__(self, *first):
        self.answers = list(first)
        self.taken = []
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                receiver.taken.append((self.path, self.headers["Content-Type"], body))
                status = receiver.answers.pop(0) if receiver.answers else 200
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", f"{receiver.origin}/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def claims_of(token):
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


class LogoutTest(unittest.TestCase):
    def receiver(self, *first):
        receiver = Receiver(*first)
        self.addCleanup(receiver.stop)
        return receiver

    def start(self, egress, *receivers):
        """A server where ann is signed in, and has let an application in for each receiver."""
        kept = tempfile.TemporaryDirectory()
        self.addCleanup(kept.cleanup)
        site = DirectorySite(pathlib.Path(kept.name))
        site.config["authentication"] = {"otherwise": "office", "egress": egress}
        site.save()
        for i, receiver in enumerate(receivers):
            enter_client(site, "main", f"app{i}", scope="openid",
                         backchannel_logout_uri=f"{receiver.origin}/logout")
        server = self.enterContext(Serve(site))
        hale = Administrator(server, site.first[""])
        self.person = hale.create("people", "active", userName="ann")
        ann = Browser(server)
        self.assertTrue(ann.enrol(hale.must("POST", f"people/{self.person}/invitation", {})["token"], PASSWORD))
        self.assertTrue(ann.sign_in("ann", PASSWORD), ann.page)
        for i in range(len(receivers)):
            self.given = ann.authorize(f"app{i}")
        return server, ann

    def test_it_is_told_until_it_takes_it(self):
        receiver = self.receiver(503)
        server, ann = self.start({"origins": [receiver.origin], "networks": ["127.0.0.0/8"]}, receiver)
        session = claims_of(self.given["id_token"])["sid"]
        self.assertEqual(receiver.taken, [])
        self.assertTrue(ann.sign_out())
        eventually(lambda: len(receiver.taken) == 2, 40)
        first, second = receiver.taken
        self.assertEqual(first, second, "the same token again")
        path, content_type, body = second
        self.assertEqual((path, content_type), ("/logout", "application/x-www-form-urlencoded"))
        told = claims_of(urllib.parse.parse_qs(body)["logout_token"][0])
        self.assertEqual((told["sid"], told["sub"], told["aud"]), (session, self.person, "app0"))
        self.assertEqual(told["iss"], ann.origin)
        failed = server.events("logout_undelivered")
        self.assertEqual([each["application"] for each in failed], [receiver.origin])

    def test_a_server_that_was_killed_tells_it_after_its_start(self):
        receiver = self.receiver(503)
        server, ann = self.start({"origins": [receiver.origin], "networks": ["127.0.0.0/8"]}, receiver)
        session = claims_of(self.given["id_token"])["sid"]
        self.assertTrue(ann.sign_out())
        server.process.kill()  # before, while or after it has told the application; nobody knows
        server.process.wait()
        told = len(receiver.taken)
        self.enterContext(Serve(server.site))
        eventually(lambda: len(receiver.taken) > max(told, 1), 40)
        body = urllib.parse.parse_qs(receiver.taken[-1][2])
        self.assertEqual(claims_of(body["logout_token"][0])["sid"], session)

    def test_only_those_are_asked_that_the_settings_allow(self):
        allowed, other = self.receiver(), self.receiver()
        server, ann = self.start({"origins": [allowed.origin], "networks": ["127.0.0.0/8"]}, other, allowed)
        self.assertTrue(ann.sign_out())
        eventually(lambda: allowed.taken)
        undelivered = server.wait_for("logout_undelivered")
        self.assertIn("not among the origins", undelivered["reason"])
        self.assertEqual(undelivered["application"], other.origin)
        self.assertEqual(other.taken, [])
        self.assertNotIn("logout_token", "".join(server.lines))

    def test_addresses_of_ones_own_need_a_word_more(self):
        receiver = self.receiver()
        server, ann = self.start({"origins": [receiver.origin]}, receiver)
        self.assertTrue(ann.sign_out())
        server.wait_for("logout_undelivered")
        self.assertEqual(receiver.taken, [])

    def test_it_goes_nowhere_else(self):
        receiver = self.receiver(302)
        server, ann = self.start({"origins": [receiver.origin], "networks": ["127.0.0.0/8"]}, receiver)
        self.assertTrue(ann.sign_out())
        self.assertIn("leads elsewhere", server.wait_for("logout_undelivered")["reason"])
        self.assertEqual([path for path, _, _ in receiver.taken], ["/logout"])


if __name__ == "__main__":
    unittest.main()
