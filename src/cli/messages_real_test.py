"""Messages to people from a running server: mail to a server that speaks TLS, posts to a webhook, codes to a device;
servers that are dead, refuse, are somebody else's, and a node that is killed in between."""
import json
import pathlib
import signal
import tempfile
import time
import unittest

import mail_server
from audited import exported
from browser import Browser
from receivers import HttpsReceiver, is_signed
from serving import Certificates, Serve, eventually
from signed_in_site import PASSWORD, SignedInSite

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ADDED = "A way to sign in was added"


class Messages(unittest.TestCase):
    def setUp(self):
        kept = tempfile.TemporaryDirectory()
        self.addCleanup(kept.cleanup)
        self.folder = pathlib.Path(kept.name)
        (self.folder / "tls").mkdir()
        self.certificates = Certificates(self.folder / "tls")
        self.certificates.issue("siem", "DNS:localhost,IP:127.0.0.1", "serverAuth")
        self.private("mail.password", mail_server.PASSWORD + "\n")
        self.private("hook.secret", SECRET + "\n")

    def private(self, name, text):
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o600)

    def mailbox(self, port=0, certificates=None):
        tls = (certificates or self.certificates).folder
        made = mail_server.Mailbox(tls / "siem.pem", tls / "siem.key", port)
        self.addCleanup(made.stop)
        return made

    def smtp(self, mailbox, **more):
        return {"host": "localhost", "port": mailbox.port, "from": "wardlock@st-mary.example",
                "user": mail_server.USER, "password_file": "mail.password", "ca": "tls/ca.pem",
                "timeout": "5s", **more}

    def webhook(self, receiver, **more):
        return {"url": receiver.url("/in"), "secret_file": "hook.secret", "ca": "tls/ca.pem",
                "networks": ["127.0.0.0/8"], **more}

    def start(self, **messages):
        self.here = SignedInSite(self, self.folder, more={"messages": messages, "audit": {
            "directory": "log", "immutable": False, "checkpoint_interval": "20ms"}})
        return self.here

    def person(self, name, address=None):
        """Somebody who has set a password, with which they are told of it."""
        person, code = self.here.invited(name, emails=[{"value": address}] if address else None)
        browser = Browser(self.here.server)
        self.assertTrue(browser.enrol(code, PASSWORD), browser.page)
        return person, browser

    def outcomes(self, person):
        return [(each["action"], each["outcome"], each.get("cause"), each.get("caller"))
                for each in exported(self.folder / "log")
                if each["kind"] == "message" and each["affected_id"] == person]


class MailTest(Messages):
    def test_people_are_told_by_mail(self):
        box = self.mailbox().start()
        self.start(smtp=self.smtp(box, from_name="St. Mary’s"), contact="Call 030 1234.")
        ann, _ = self.person("ann", "ann@st-mary.example")
        eventually(lambda: box.mails("ann@st-mary.example"))
        mail = box.mails("ann@st-mary.example")[0]
        self.assertEqual(mail["Subject"], ADDED)
        self.assertEqual((mail["From"].addresses[0].display_name, mail["From"].addresses[0].addr_spec),
                         ("St. Mary’s", "wardlock@st-mary.example"))
        self.assertEqual(mail["Auto-Submitted"], "auto-generated")
        self.assertTrue(mail.was_over_tls)
        text = mail.get_content()
        self.assertIn("password", text)
        self.assertIn("Call 030 1234.", text)
        for secret in (PASSWORD, ann, mail_server.PASSWORD):
            self.assertNotIn(secret, text)
        eventually(lambda: self.outcomes(ann) ==
                   [("authenticator_added", "success", None, "mail")])
        self.assertNotIn("Call 030", json.dumps(exported(self.folder / "log")))

    def test_a_dead_server_has_it_when_it_lives(self):
        box = self.mailbox()
        self.start(smtp=self.smtp(box))
        ann, _ = self.person("ann", "ann@st-mary.example")
        said = self.here.server.wait_for("message_undelivered")
        self.assertEqual((said["about"], said["way"]), ("authenticator_added", "mail"))
        self.assertNotIn("ann@", json.dumps(said))
        box.start()
        eventually(lambda: box.subjects("ann@st-mary.example") == [ADDED], 60)
        eventually(lambda: len(self.outcomes(ann)) == 1)

    def test_whom_the_server_refuses_is_given_up_and_keeps_up_nobody(self):
        box = self.mailbox().start()
        self.start(smtp=self.smtp(box))
        bob, _ = self.person("bob", "nobody@st-mary.example")
        eventually(lambda: self.outcomes(bob) ==
                   [("authenticator_added", "failure", "refused", "mail")])
        cleo, _ = self.person("cleo")
        eventually(lambda: self.outcomes(cleo) ==
                   [("authenticator_added", "failure", "no_address", "wardlock")])
        self.person("ann", "ann@st-mary.example")
        eventually(lambda: box.subjects() == [ADDED])

    def test_a_server_that_is_somebody_else_gets_nothing(self):
        other = self.folder / "other"
        other.mkdir()
        certificates = Certificates(other)
        certificates.issue("siem", "DNS:localhost", "serverAuth")
        box = self.mailbox(certificates=certificates).start()
        self.start(smtp=self.smtp(box))
        self.person("ann", "ann@st-mary.example")
        said = self.here.server.wait_for("message_undelivered")
        self.assertIn("certificate", said["reason"])
        self.assertEqual(box.tried, 0)

    def test_a_wrong_password_is_said_and_not_shown(self):
        box = self.mailbox().start()
        self.private("mail.password", "not the password\n")
        self.start(smtp=self.smtp(box))
        self.person("ann", "ann@st-mary.example")
        said = self.here.server.wait_for("message_undelivered")
        self.assertNotIn("not the password", json.dumps(said))
        self.assertEqual(box.tried, 0)

    def test_a_killed_node_goes_on_with_the_same_mail(self):
        box = self.mailbox().start()
        box.answer = "451 4.3.0 later"
        site = self.start(smtp=self.smtp(box))
        ann, _ = self.person("ann", "ann@st-mary.example")
        eventually(lambda: box.tried >= 1)
        site.server.process.send_signal(signal.SIGKILL)
        site.server.process.wait()
        self.assertEqual(box.taken, [])
        box.answer = None
        self.addCleanup(Serve(site.site).stop)
        eventually(lambda: len(box.mails()) == 1, 60)
        eventually(lambda: self.outcomes(ann) ==
                   [("authenticator_added", "success", None, "mail")])
        time.sleep(1)
        self.assertEqual(len(box.mails()), 1)


class WebhookTest(Messages):
    def posts(self, receiver, kind):
        return [json.loads(text) for _, _, text in receiver.all_taken()
                if json.loads(text)["type"] == kind]

    def test_whom_no_mail_reaches_is_told_by_a_signed_post(self):
        receiver = HttpsReceiver(self.certificates)
        self.start(webhook=self.webhook(receiver))
        ann, _ = self.person("ann", "ann@st-mary.example")
        eventually(lambda: receiver.all_taken())
        path, headers, text = receiver.all_taken()[0]
        self.assertEqual(path, "/in")
        self.assertTrue(is_signed(headers, text, SECRET))
        post = json.loads(text)
        self.assertEqual((post["type"], post["about"], post["person"], post["subject"]),
                         ("notice", "authenticator_added", {"id": ann, "user_name": "ann"}, ADDED))
        self.assertNotIn("code", post)
        eventually(lambda: self.outcomes(ann) ==
                   [("authenticator_added", "success", None, "webhook")])

    def test_what_it_never_takes_is_given_up(self):
        receiver = HttpsReceiver(self.certificates)
        receiver.refuse = lambda text: "bob" in text
        self.start(webhook=self.webhook(receiver))
        bob, _ = self.person("bob")
        eventually(lambda: self.outcomes(bob) ==
                   [("authenticator_added", "failure", "refused", "webhook")])

    def test_somebody_signs_in_with_a_code_that_came_to_their_device(self):
        receiver = HttpsReceiver(self.certificates)
        self.start(webhook=self.webhook(receiver, notices=False), device_codes="telephone")
        ann, browser = self.person("ann")
        self.assertTrue(browser.sign_in("ann", PASSWORD), browser.page)
        browser.get("/account/enrol")
        self.assertIn("/account/code-device", browser.page)
        browser.get("/account/code-device")
        self.assertIn("telephone network", browser.page, "its owner knows the risk")
        status, _ = browser.send("/account/code-device", 'name="address"', label="Pager",
                                 address="ann@pager.example")
        self.assertEqual(status, 403, "never by mail")
        status, _ = browser.send("/account/code-device", 'name="address"', label="Pager",
                                 address="+49 30 4711")
        self.assertEqual(status, 200, browser.page)
        eventually(lambda: self.posts(receiver, "code"))
        first = self.posts(receiver, "code")[0]
        self.assertEqual((first["about"], first["address"], len(first["code"])),
                         ("device_confirmation", "+49 30 4711", 8))
        self.assertIn(first["code"], first["text"])
        status, _ = browser.send("/account/code-device", 'name="code"', code=first["code"])
        self.assertEqual(status, 200, browser.page)
        self.assertIn("Pager was added", browser.page)
        time.sleep(20)  # codes are not sent one right after the other
        self.sign_in_with_a_code(Browser(self.here.server), receiver)
        self.assertEqual(self.posts(receiver, "notice"), [])
        kept = json.dumps(exported(self.folder / "log"))
        for code in self.posts(receiver, "code"):
            self.assertNotIn(code["code"], kept)
        self.assertNotIn("4711", kept)
        eventually(lambda: ("device_code", "success", None, "webhook") in self.outcomes(ann))

    def sign_in_with_a_code(self, browser, receiver):
        """To change how one signs in takes two proofs, where one has two."""
        self.assertTrue(browser.sign_in("ann", PASSWORD), browser.page)
        browser.get("/sign-in?again=1")
        self.assertIn("Send a code to my device", browser.page)
        browser.send("/sign-in", 'value="send"', user="ann")
        self.assertIn('name="code"', browser.page)
        self.assertNotIn("data-digits", browser.page, "it has eight digits")
        eventually(lambda: len(self.posts(receiver, "code")) == 2)
        code = self.posts(receiver, "code")[1]["code"]
        self.assertNotIn(code, browser.page)
        wrong = str((int(code) + 1) % 10**8).zfill(8)
        status, _ = browser.send("/sign-in", 'name="code"', user="ann", code=wrong)
        self.assertEqual(status, 403)
        self.assertIn('name="code"', browser.page, "it may be mistyped")
        status, place = browser.send("/sign-in", 'name="code"', user="ann", code=code)
        self.assertEqual((status, place), (303, "/account"), browser.page)


if __name__ == "__main__":
    unittest.main()
