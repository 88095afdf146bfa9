"""People sign in with certificates over mTLS: an authority issues them in the test, the real server lets their owners in, and
no more once its list says that they were revoked."""
import http.server
import json
import os
import pathlib
import subprocess
import tempfile
import threading
import unittest
import urllib.parse

from browser import Browser
from directory_site import Administrator, DirectorySite
from serving import Certificates, Serve
from slapd import free_port

CONFIGURATION = """[ca]
default_ca = one
[one]
database = index.txt
new_certs_dir = .
serial = serial
crlnumber = crlnumber
certificate = authority.pem
private_key = authority.key
default_md = sha256
default_days = 2
default_crl_days = 1
policy = any
unique_subject = no
[any]
commonName = supplied
[req]
distinguished_name = name
[name]
"""
PIV = "2.16.840.1.101.3.2.1.3.13"


class CardAuthority:
    """Issues cards, and says which were revoked."""

    def __init__(self, folder, name="cards"):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        for file, text in (("openssl.cnf", CONFIGURATION), ("index.txt", ""), ("serial", "1001\n"),
                           ("crlnumber", "01\n")):
            (self.folder / file).write_text(text)
        self._run("req", "-x509", "-config", "openssl.cnf", "-newkey", "ec", "-pkeyopt",
                  "ec_paramgen_curve:P-256", "-nodes", "-keyout", "authority.key", "-out", "authority.pem",
                  "-days", "2", "-subj", f"/CN={name}", "-addext", "basicConstraints=critical,CA:TRUE",
                  "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-addext", "subjectKeyIdentifier=hash")
        self.publish()

    def _run(self, *arguments):
        done = subprocess.run(["openssl", *arguments], cwd=self.folder, capture_output=True, text=True)
        if done.returncode:
            raise AssertionError(done.stderr)

    def issue(self, name, principal, policy=PIV, usage="clientAuth", more=""):
        policies = f"certificatePolicies={policy}\n" if policy else ""
        (self.folder / f"{name}.ext").write_text(
            "[own]\nbasicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n"
            f"extendedKeyUsage={usage}\n{policies}"
            f"subjectAltName=otherName:1.3.6.1.4.1.311.20.2.3;UTF8:{principal}\n{more}")
        self._run("req", "-new", "-config", "openssl.cnf", "-newkey", "ec", "-pkeyopt",
                  "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr",
                  "-subj", f"/CN={name}")
        self._run("ca", "-batch", "-notext", "-config", "openssl.cnf", "-in", f"{name}.csr", "-out",
                  f"{name}.pem", "-extfile", f"{name}.ext", "-extensions", "own")

    def revoke(self, name):
        self._run("ca", "-config", "openssl.cnf", "-revoke", f"{name}.pem", "-crl_reason", "keyCompromise")
        self.publish()

    def publish(self):
        self._run("ca", "-config", "openssl.cnf", "-gencrl", "-out", "draft.crl")
        os.replace(self.folder / "draft.crl", self.folder / "published.crl")


class Responder:
    """The authority's own: `openssl ocsp` on loopback. It knows what was issued and revoked when it started."""

    def __init__(self, authority):
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self.authority = authority

    def start(self):
        # A connection that says nothing would keep it from all others: what it prints shows that it is there.
        self.process = subprocess.Popen(
            ["openssl", "ocsp", "-index", "index.txt", "-CA", "authority.pem", "-rsigner", "authority.pem",
             "-rkey", "authority.key", "-port", str(self.port), "-ndays", "1"],
            cwd=self.authority.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        said = self.process.stderr.readline()
        if "waiting" not in said:
            raise AssertionError(said)

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()


class ListServer:
    """Serves what the authority has published, and counts who asks."""

    def __init__(self, authority):
        self.asked = 0
        served = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                served.asked += 1
                text = (authority.folder / "published.crl").read_bytes()
                self.send_response(200)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class CardsTest(unittest.TestCase):
    def setUp(self):
        kept = tempfile.TemporaryDirectory()
        self.addCleanup(kept.cleanup)
        self.folder = pathlib.Path(kept.name)
        self.certificates = Certificates(self.folder)
        self.certificates.issue("server", "DNS:localhost", "serverAuth")
        self.cards = CardAuthority(self.folder / "cards")
        self.site = DirectorySite(self.folder)
        self.site.config["audit"] = {"directory": str(self.folder / "log"), "immutable": False}
        self.site.config["listeners"] = [self.listener("127.0.0.1:0")]
        self.site.config["authentication"] = {"otherwise": "remote", "cards": {
            "anchors": "cards/authority.pem", "realm": "@st-mary.example",
            "crl_files": ["cards/published.crl"]}}
        self.officer = self.site.add_caller("officer", rights=["audit", "disclose"])

    def listener(self, address, asks=True):
        tls = {"certificate": "server.pem", "key": "server.key"}
        return {"address": address, "tls": {**tls, **({"client_ca": "cards/authority.pem"} if asks else {})}}

    def start(self):
        self.server = self.enterContext(Serve(self.site, self.certificates.context()))
        self.hale = Administrator(self.server, self.site.first[""])

    def browser(self, card=None, listener=0):
        context = self.certificates.context()
        if card:
            context.load_cert_chain(self.cards.folder / f"{card}.pem", self.cards.folder / f"{card}.key")
        return Browser(self.server, context=context, listener=listener)

    def sign_in(self, card):
        """The browser, and whether somebody is signed in."""
        browser = self.browser(card)
        browser.get("/sign-in/card")
        if "<form" not in browser.page:
            return browser, False
        self.status, self.place = browser.send("/sign-in/card", "/sign-in/card")
        self.said = browser.page
        return browser, browser.get("/account")[0] == 200

    def logins(self, kind):
        status, _, text = self.server.request(
            "GET", "/audit/events?" + urllib.parse.urlencode({"kind": kind}), token=self.officer)
        self.assertEqual(status, 200, text)
        return json.loads(text)["events"]

    def test_its_owner_signs_in_until_it_is_revoked(self):
        self.cards.issue("grey", "grey@st-mary.example")
        self.start()
        grey = self.hale.create("people", "active", userName="grey")
        plain = self.browser()
        plain.get("/sign-in")
        self.assertIn('href="/sign-in/card"', plain.page)
        browser, is_in = self.sign_in("grey")
        self.assertTrue(is_in, self.said)
        self.assertEqual((self.status, self.place), (303, "/account"))
        self.assertIn("Smart card", browser.page)
        login = self.logins("login")[0]
        self.assertEqual((login["principal_id"], login["action"]), (grey, "certificate"))
        self.assertEqual(login["authentication_level"], 3)
        self.assertEqual(sorted(login["authentication_methods"]), ["hwk", "mfa", "pin", "sc"])
        entered = [each for each in self.logins("credential_change") if each["principal_id"] == grey]
        self.assertEqual(len(entered), 1)
        self.assertTrue(self.sign_in("grey")[1])
        again = [each for each in self.logins("credential_change") if each["principal_id"] == grey]
        self.assertEqual(again, entered, "a card is entered once")
        self.cards.revoke("grey")
        _, is_in = self.sign_in("grey")
        self.assertFalse(is_in)
        self.assertEqual(self.status, 403)
        failed = self.logins("login_failed")[0]
        self.assertEqual((failed["cause"], failed["action"]), ("card_revoked", "certificate"))
        self.assertNotIn("grey", "".join(self.server.lines))

    def test_who_cannot_be_told_is_refused(self):
        self.cards.issue("stranger", "stranger@st-mary.example")
        self.cards.issue("elsewhere", "grey@st-john.example")
        self.cards.issue("server", "grey@st-mary.example", usage="serverAuth")
        self.cards.issue("gone", "gone@st-mary.example")
        self.start()
        self.hale.create("people", "active", userName="grey")
        self.hale.create("people", "invited", userName="gone")
        for card, cause in (("stranger", "card_of_nobody"), ("elsewhere", "card_unusable"),
                            ("gone", "card_of_nobody")):
            _, is_in = self.sign_in(card)
            self.assertFalse(is_in, card)
            self.assertEqual(self.status, 403, card)
            self.assertEqual(self.logins("login_failed")[0]["cause"], cause)
        browser, is_in = self.sign_in(None)
        self.assertFalse(is_in)
        self.assertIn("no card", browser.page)

    def test_without_a_list_nobody_gets_in(self):
        self.cards.issue("grey", "grey@st-mary.example")
        (self.cards.folder / "published.crl").unlink()
        self.start()
        self.hale.create("people", "active", userName="grey")
        self.assertFalse(self.sign_in("grey")[1])
        self.assertEqual(self.logins("login_failed")[0]["cause"], "card_status_unknown")
        self.cards.publish()
        self.assertTrue(self.sign_in("grey")[1], self.said)

    def ask_elsewhere(self, origin, **cards):
        """In place of the list on disk."""
        authentication = self.site.config["authentication"]
        del authentication["cards"]["crl_files"]
        authentication["cards"].update(cards)
        authentication["egress"] = {"origins": [origin], "networks": ["127.0.0.0/8"]}

    def responder(self):
        return Responder(self.cards)

    def start_with(self, responder):
        responder.start()
        self.addCleanup(lambda: responder.stop())
        self.start()

    def test_a_responder_is_asked_each_time(self):
        responder = self.responder()
        self.cards.issue("grey", "grey@st-mary.example",
                         more=f"authorityInfoAccess=OCSP;URI:{responder.origin}\n")
        self.ask_elsewhere(responder.origin, ocsp=True)
        self.start_with(responder)
        self.hale.create("people", "active", userName="grey")
        self.assertTrue(self.sign_in("grey")[1], self.said)
        self.cards.revoke("grey")
        responder.stop()
        responder.start()
        self.assertFalse(self.sign_in("grey")[1])
        self.assertEqual(self.logins("login_failed")[0]["cause"], "card_revoked")
        responder.stop()
        self.assertFalse(self.sign_in("grey")[1])

    def test_a_responder_that_the_settings_do_not_allow_is_not_asked(self):
        responder = self.responder()
        self.cards.issue("grey", "grey@st-mary.example",
                         more=f"authorityInfoAccess=OCSP;URI:{responder.origin}\n")
        self.ask_elsewhere("http://127.0.0.1:1", ocsp=True)
        self.start_with(responder)
        self.hale.create("people", "active", userName="grey")
        self.assertFalse(self.sign_in("grey")[1])
        self.assertEqual(self.logins("login_failed")[0]["cause"], "card_status_unknown")

    def test_who_was_good_gets_in_for_a_while_without_the_responder(self):
        responder = self.responder()
        self.cards.issue("grey", "grey@st-mary.example")
        self.cards.issue("new", "new@st-mary.example")
        self.ask_elsewhere(responder.origin, ocsp=True, ocsp_url=responder.origin, grace="1h")
        self.start_with(responder)
        for name in ("grey", "new"):
            self.hale.create("people", "active", userName=name)
        self.assertTrue(self.sign_in("grey")[1], self.said)
        responder.stop()
        self.assertTrue(self.sign_in("grey")[1], self.said)
        self.assertEqual(self.logins("login")[0]["cause"], "card_by_grace")
        self.assertFalse(self.sign_in("new")[1], "who was never found good")
        self.assertEqual(self.logins("login_failed")[0]["cause"], "card_status_unknown")
        self.cards.revoke("grey")
        responder.start()
        self.assertFalse(self.sign_in("grey")[1], "revoked is stronger than any grace")
        self.assertEqual(self.logins("login_failed")[0]["cause"], "card_revoked")
        responder.stop()
        self.assertFalse(self.sign_in("grey")[1], "who was found revoked has no grace")

    def test_without_a_grace_a_silent_responder_lets_nobody_in(self):
        responder = self.responder()
        self.cards.issue("grey", "grey@st-mary.example")
        self.ask_elsewhere(responder.origin, ocsp=True, ocsp_url=responder.origin)
        self.start_with(responder)
        self.hale.create("people", "active", userName="grey")
        self.assertTrue(self.sign_in("grey")[1], self.said)
        responder.stop()
        self.assertFalse(self.sign_in("grey")[1])
        self.assertEqual(self.logins("login_failed")[0]["cause"], "card_status_unknown")

    def test_a_list_is_fetched_where_the_card_says(self):
        lists = ListServer(self.cards)
        self.addCleanup(lists.stop)
        where = f"crlDistributionPoints=URI:{lists.origin}/cards.crl\n"
        self.cards.issue("grey", "grey@st-mary.example", more=where)
        self.cards.issue("lost", "lost@st-mary.example", more=where)
        self.cards.issue("nowhere", "grey@st-mary.example")
        self.cards.revoke("lost")
        self.ask_elsewhere(lists.origin, fetch_crls=True)
        self.start()
        for name in ("grey", "lost"):
            self.hale.create("people", "active", userName=name)
        self.assertTrue(self.sign_in("grey")[1], self.said)
        self.assertFalse(self.sign_in("lost")[1])
        self.assertEqual(self.logins("login_failed")[0]["cause"], "card_revoked")
        self.assertEqual(lists.asked, 1, "it is kept for a while")
        self.assertFalse(self.sign_in("nowhere")[1])
        self.assertEqual(self.logins("login_failed")[0]["cause"], "card_status_unknown")

    def test_a_certificate_that_is_in_no_card_is_one_factor(self):
        self.cards.issue("grey", "grey@st-mary.example", policy=None)
        self.start()
        self.hale.create("people", "active", userName="grey")
        self.assertFalse(self.sign_in("grey")[1], "from outside it takes two")
        self.assertEqual(self.logins("login"), [])

    def test_a_card_that_its_owner_lost_counts_no_more(self):
        self.cards.issue("grey", "grey@st-mary.example")
        self.cards.issue("next", "grey@st-mary.example")
        self.start()
        self.hale.create("people", "active", userName="grey")
        browser, is_in = self.sign_in("grey")
        self.assertTrue(is_in)
        browser.send("/account/authenticator", "/account/authenticator", do="lost")
        self.assertFalse(self.sign_in("grey")[1])
        self.assertEqual(self.logins("login_failed")[0]["cause"], "card_ended")
        self.assertTrue(self.sign_in("next")[1], self.said)

    def test_a_page_of_others_signs_nobody_in(self):
        self.cards.issue("grey", "grey@st-mary.example")
        self.start()
        self.hale.create("people", "active", userName="grey")
        browser = self.browser("grey")
        browser.get("/sign-in/card")
        fields = browser.hidden("/sign-in/card")
        self.assertEqual(browser.ask("POST", "/sign-in/card", {**fields, "csrf": "x"})[0], 403)
        browser.origin = "https://evil.example"
        self.assertEqual(browser.ask("POST", "/sign-in/card", fields)[0], 403)
        self.assertIsNone(browser.session())

    def test_a_listener_of_its_own_asks_for_cards(self):
        self.cards.issue("grey", "grey@st-mary.example")
        usual, asking = free_port(), free_port()
        self.site.config["public_url"] = f"https://localhost:{usual}"
        self.site.config["authentication"]["cards"]["url"] = f"https://localhost:{asking}"
        self.site.config["listeners"] = [self.listener(f"127.0.0.1:{usual}", asks=False),
                                         self.listener(f"127.0.0.1:{asking}")]
        self.start()
        self.hale.create("people", "active", userName="grey")
        browser = self.browser()
        browser.get("/sign-in")
        self.assertIn(f'href="https://localhost:{asking}/sign-in/card"', browser.page)
        there = self.browser("grey", listener=1)
        there.cookies = browser.cookies
        there.get("/sign-in/card")
        self.assertEqual(there.send("/sign-in/card", "/sign-in/card"), (303, "/account"))
        browser.cookies = there.cookies
        self.assertEqual(browser.get("/account")[0], 200, "it is the same host's session")
        self.assertTrue(there.sign_out())


if __name__ == "__main__":
    unittest.main()
