"""An emergency from the refused access to the signed review, against a running server with people signed in: the glass is
broken, the decision follows, the grant ends, somebody else reviews it; and all that is refused on the way."""
import json
import pathlib
import sqlite3
import tempfile
import threading
import time
import unittest

import mail_server
from browser import Browser
from oauth_real_test import enter_client
from program import run
from receivers import HttpsReceiver
from serving import Certificates, Serve, eventually
from signed_in_site import PASSWORD, SignedInSite

POLICIES = '''
@id("care-team-views") permit (principal, action == Action::"view", resource)
  when { resource.careTeam.contains(principal) };
@id("breaks-the-glass") @override("break-glass")
permit (principal, action == Action::"view", resource) when { context has override };
@id("confidential-is-for-its-care-team") @waivable("break-glass")
forbid (principal, action == Action::"view", resource)
  when { resource.isConfidential } unless { resource.careTeam.contains(principal) };
'''
SCHEMA = '''
namespace Wardlock {
  type Override = { id: String, reason: String, expiresAt: datetime };
  entity Grant = {
    principal: User, target: Patient, actions: Set<Action>, opensAt: datetime, expiresAt: datetime,
    reason: String, waives?: Set<String>,
  };
}
entity User;
@audit("patient") entity Patient = { careTeam: Set<User>, isConfidential: Bool };
@audit("care") action view, export appliesTo {
  principal: User, resource: Patient, context: { override?: Wardlock::Override } };
'''
REASONS = {"emergency": {"about": "An emergency", "actions": ["view"]},
           "confidential": {"about": "An emergency of somebody well known", "actions": ["view"],
                            "waives": ["confidential-is-for-its-care-team"]}}
GRANTS = "/break-glass/v1/grants"
REVIEWS = "/break-glass/v1/reviews"
WEBHOOK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SOON = 60  # reviewers are drawn every quarter of a minute


class Hospital(unittest.TestCase):
    environment = "remote"  # where everybody signs in with two proofs

    def setUp(self):
        kept = tempfile.TemporaryDirectory()
        self.addCleanup(kept.cleanup)
        self.folder = pathlib.Path(kept.name)
        self.here = SignedInSite(self, self.folder, prepare=self.prepare, otherwise=self.environment)
        self.hale = self.here.hale
        self.lind = self.hale.create("patients", recordNumber="MR-200", isConfidential=False)
        self.star = self.hale.create("patients", recordNumber="MR-300", isConfidential=True)
        eventually(lambda: self.ask("hale")[0] == 200)

    def prepare(self, site):
        site.write("policies/rules.cedar", POLICIES)
        site.write("policies/rules.cedarschema", SCHEMA)
        site.write("entities.json", [])
        site.config["audit"] = {"directory": "log", "immutable": False}
        site.config["directory"]["known_by"] = {"person": "userName", "patient": "recordNumber"}
        site.config["directory"]["break_glass"] = {"reasons": REASONS, "per_shift": 2}
        self.ehr = site.add_caller("ehr", rights=["override"])
        site.save()
        enter_client(site, "main", "app", scope="openid wardlock.break-glass")

    def signed_in(self, name, *roles):
        """Somebody who is signed in with two proofs, here and at the command line."""
        if name == "hale":
            code = self.here.site.first[""]
        else:
            person, code = self.here.invited(name, *roles)
            setattr(self, name, person)
        browser = self.here.browser(name, code)
        status, printed = self.here.login(name, browser)
        self.assertEqual(status, 0, printed)
        return browser

    def ask(self, who, patient="MR-200", grant=None, action="view"):
        asked = {"subject": {"type": "User", "id": who}, "action": {"name": action},
                 "resource": {"type": "Patient", "id": patient}}
        if grant:
            asked["options"] = {"grant": grant}
        return self.here.server.ask(self.ehr, asked)

    def decision(self, who, *where, **more):
        status, reply = self.ask(who, *where, **more)
        self.assertEqual(status, 200, reply)
        return reply["decision"], reply.get("context", {})

    def request(self, method, path, body=None, who=None, token=None, **headers):
        token = token or self.here.kept(who)["access_token"]
        status, sent, text = self.here.server.request(
            method, path, json.dumps(body) if body is not None else None,
            {"Content-Type": "application/json", "Host": self.here.url.split("//")[1],
             **{name.replace("_", "-"): value for name, value in headers.items()}}, token)
        return status, sent, json.loads(text) if text else None

    def must(self, method, path, body=None, who=None, **more):
        status, _, reply = self.request(method, path, body, who, **more)
        self.assertEqual(status // 100, 2, reply)
        return reply

    def open(self, who, patient="MR-200", reason="emergency", **more):
        return self.must("POST", GRANTS, {"patient": patient, "reason": reason,
                                          "words": "found unconscious", **more}, who)

    def service(self):
        gateway = self.hale.create("services", clientId="gateway", displayName="EHR", purpose="care")
        self.hale.relate("owner", gateway, self.hale_id())
        self.hale.must("POST", f"services/{gateway}/state", {"state": "active"})
        return self.hale.must("POST", f"services/{gateway}/credentials", {})["token"]

    def hale_id(self):
        return self.hale.must("GET", "people?userName=hale")["items"][0]["id"]


class BreakGlassTest(Hospital):
    def test_an_emergency_from_the_refused_access_to_the_signed_review(self):
        self.signed_in("swift")
        self.here.invited("other")
        self.signed_in("hale")  # whose first credential ends with that
        allowed, context = self.decision("swift")
        self.assertFalse(allowed)
        self.assertTrue(context["override_possible"])

        begin = time.monotonic()
        done = self.here.ask("swift", "break-glass", "--patient", "MR-200", "--reason", "emergency",
                             "found unconscious")
        self.assertEqual(done.returncode, 0, done.stderr)
        for words in ("the glass is broken: view for patient", "until 20", "reviews it by 20"):
            self.assertIn(words, done.stdout)
        self.assertLess(time.monotonic() - begin, 20)
        listed = json.loads(self.here.ask("swift", "break-glass", "list", "--json").stdout)["items"]
        self.assertEqual([each["state"] for each in listed], ["open"])
        grant = listed[0]["id"]
        allowed, context = self.decision("swift", grant=grant)
        self.assertTrue(allowed, "at once: the answer came when decisions saw it")
        self.assertEqual((context["cause"], context["override"]), ("override", grant))
        self.assertIn("expires_at", context)

        self.assertFalse(self.decision("swift")[0], "only where the grant is named")
        self.assertFalse(self.decision("swift", "MR-300", grant=grant)[0], "another patient")
        self.assertFalse(self.decision("other", grant=grant)[0], "another person")
        self.assertFalse(self.decision("swift", grant=grant, action="export")[0], "another action")

        status, _, reply = self.request("POST", f"{REVIEWS}/{grant}", {"outcome": "appropriate"}, "hale")
        self.assertIn(status, (404, 409), reply)
        done = self.here.ask("swift", "break-glass", "end", grant, "--words", "stable")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertFalse(self.decision("swift", grant=grant)[0], "from then on")

        eventually(lambda: self.request("GET", f"{REVIEWS}/{grant}", who="hale")[0] == 200, SOON)
        eventually(lambda: self.must("GET", f"{REVIEWS}/{grant}", who="hale").get("accesses"))
        shown = self.here.ask("hale", "break-glass", "review", grant)
        self.assertIn("found unconscious", shown.stdout)
        self.assertIn("MR-200", shown.stdout, "what was done under it")
        waiting = self.here.ask("hale", "break-glass", "review")
        self.assertIn(grant, waiting.stdout)
        signed = self.here.ask("hale", "break-glass", "review", grant, "--outcome", "follow-up",
                               "the team was near")
        self.assertEqual(signed.returncode, 0, signed.stderr)
        self.assertIn("signed by hale", signed.stdout)
        again = self.here.ask("hale", "break-glass", "review", grant, "--outcome", "appropriate")
        self.assertIn("somebody has reviewed it", again.stderr)
        statistics = self.must("GET", f"{REVIEWS}/statistics", who="hale")
        self.assertEqual(statistics["counts"],
                         [{"unit": "", "outcome": "follow-up", "late": False, "count": 1}])

        eventually(lambda: '"review"' in run(
            "audit", "query", self.folder / "log", "--grant", grant, "--json").stdout)
        told = run("audit", "query", self.folder / "log", "--grant", grant, "--json")
        events = [json.loads(line) for line in told.stdout.splitlines()]
        kinds = [event["kind"] for event in events]
        self.assertEqual(kinds[0], "decision", "first the refused access")
        self.assertEqual((events[0]["allowed"], events[0]["patient"]), (False, "MR-200"))
        for earlier, later in (("decision", "override_start"), ("override_start", "override_use"),
                               ("override_use", "override_end"), ("override_end", "review")):
            self.assertLess(kinds.index(earlier), kinds.index(later), kinds)
        self.assertEqual(kinds[-1], "review")
        self.assertEqual(events[-1]["cause"], "follow-up")

    def test_who_may_not(self):
        browser = self.signed_in("swift")
        body = {"patient": "MR-200", "reason": "emergency", "words": "found unconscious"}
        program = self.service()
        status, _, reply = self.request("POST", GRANTS, body, token=program)
        self.assertEqual(status, 403, reply)
        self.assertIn("people who have signed in themselves", reply["detail"])
        self.assertEqual(self.request("POST", GRANTS, body, token=self.ehr)[0], 403)
        self.assertEqual(self.request("POST", GRANTS, body, token=self.here.site.first[""])[0], 403,
                         "a person's credential is no sign-in either")
        status, _, reply = self.request("POST", GRANTS, body, token=program,
                                        Wardlock_Subject_Token="wls_" + "a" * 86)
        self.assertEqual(status, 401, reply)
        given = self.must("POST", GRANTS, body, token=program,
                          Wardlock_Subject_Token=browser.session())
        self.assertEqual(given["person"], self.swift, "the program works for somebody who is there")
        self.assertTrue(self.decision("swift", grant=given["id"])[0])
        self.assertTrue(browser.sign_out())
        self.assertEqual(self.request("POST", GRANTS, body, token=program,
                                      Wardlock_Subject_Token=browser.session() or "x")[0], 401)

    def test_an_application_has_a_token_for_it_and_for_nothing_else(self):
        browser = self.signed_in("swift")
        body = {"patient": "MR-200", "reason": "emergency", "words": "found unconscious"}
        plain = browser.authorize("app")["access_token"]
        status, headers, reply = self.request("POST", GRANTS, body, token=plain)
        self.assertEqual(status, 403, reply)
        self.assertIn('scope="wardlock.break-glass"', headers["WWW-Authenticate"])
        token = browser.authorize("app", "openid wardlock.break-glass")["access_token"]
        self.assertEqual(self.request("GET", "/admin/v1/whoami", token=token)[0], 403)
        given = self.must("POST", GRANTS, body, token=token)
        self.assertEqual(given["person"], self.swift)
        self.assertTrue(browser.sign_out())
        eventually(lambda: self.request("POST", GRANTS, body, token=token)[0] == 401)

    def test_what_is_not_asked_as_it_should_be(self):
        self.signed_in("swift")
        good = {"patient": "MR-200", "reason": "emergency", "words": "found unconscious"}
        for change, status in (({"words": ""}, 400), ({"words": "x" * 1001}, 400),
                               ({"words": "x" * 1_000_000}, 400), ({"words": 7}, 400),
                               ({"words": "a\nb"}, 400), ({"reason": "curiosity"}, 400),
                               ({"reason": ""}, 400), ({"patient": "MR-999"}, 404),
                               ({"patient": ""}, 400), ({"device": "pump"}, 400),
                               ({"patient": self.swift}, 404), ({"minutes": 0}, 400),
                               ({"minutes": -5}, 400), ({"minutes": 1441}, 400),
                               ({"minutes": "60"}, 400), ({"person": "hale"}, 400)):
            found, _, reply = self.request("POST", GRANTS, {**good, **change}, "swift")
            self.assertEqual(found, status, (str(change)[:60], reply))
        self.assertEqual(self.must("GET", f"{GRANTS}/mine", who="swift")["items"], [])
        for method, path, status in (("GET", GRANTS, 403), ("GET", REVIEWS, 403),
                                     ("GET", f"{REVIEWS}/statistics", 403),
                                     ("GET", f"{GRANTS}/nothing", 404),
                                     ("POST", f"{GRANTS}/nothing/end", 404),
                                     ("DELETE", f"{GRANTS}/nothing", 405),
                                     ("GET", "/break-glass/v1/nothing", 404)):
            found, _, reply = self.request(method, path, None if method != "POST" else {}, "swift")
            self.assertEqual(found, status, (method, path, reply))

    def test_a_grant_waives_what_its_reason_names(self):
        self.signed_in("swift")
        plain = self.open("swift", "MR-300")
        self.assertFalse(self.decision("swift", "MR-300", grant=plain["id"])[0])
        renewed = self.must("POST", f"{GRANTS}/{plain['id']}/renew",
                            {"reason": "confidential", "words": "still unconscious"}, "swift")
        self.assertEqual(renewed["waives"], ["confidential-is-for-its-care-team"])
        self.assertTrue(self.decision("swift", "MR-300", grant=plain["id"])[0])
        story = self.must("GET", f"{GRANTS}/{plain['id']}", who="swift")
        self.assertEqual([step["step"] for step in story["steps"]], ["open", "renew"])

    def test_revoked_it_allows_nothing_from_then_on(self):
        self.signed_in("swift")
        self.signed_in("hale")
        grant = self.open("swift")["id"]
        self.assertTrue(self.decision("swift", grant=grant)[0])
        self.assertEqual(self.request("POST", f"{GRANTS}/{grant}/revoke", {"words": "x"}, "swift")[0], 403)
        self.assertEqual(self.request("POST", f"{GRANTS}/{grant}/revoke", {}, "hale")[0], 400)
        self.must("POST", f"{GRANTS}/{grant}/revoke", {"words": "not her patient"}, "hale")
        self.assertFalse(self.decision("swift", grant=grant)[0])
        status, _, reply = self.request("POST", f"{GRANTS}/{grant}/renew",
                                        {"reason": "emergency", "words": "again"}, "swift")
        self.assertEqual(status, 409, reply)

    def test_no_decision_that_begins_behind_a_revocation_allows(self):
        self.signed_in("swift")
        self.signed_in("hale")
        for _ in range(3):
            grant = self.open("swift")["id"]
            seen, is_over = [], threading.Event()

            def use():
                while not is_over.is_set():
                    begin = time.monotonic()
                    seen.append((begin, self.decision("swift", grant=grant)[0]))

            threads = [threading.Thread(target=use) for _ in range(4)]
            for thread in threads:
                thread.start()
            eventually(lambda: any(allowed for _, allowed in seen))
            self.must("POST", f"{GRANTS}/{grant}/revoke", {"words": "not her patient"}, "hale")
            answered = time.monotonic()
            eventually(lambda: sum(begin > answered for begin, _ in seen) > 20)
            is_over.set()
            for thread in threads:
                thread.join()
            self.assertFalse(any(allowed for begin, allowed in seen if begin > answered))

    def test_nobody_reviews_their_own(self):
        self.signed_in("swift", "Reviewer")
        grant = self.open("swift")["id"]
        self.must("POST", f"{GRANTS}/{grant}/end", {}, "swift")
        for method in ("GET", "POST"):
            body = {"outcome": "appropriate"} if method == "POST" else None
            status, _, reply = self.request(method, f"{REVIEWS}/{grant}", body, "swift")
            self.assertIn(status, (403, 404), reply)
        eventually(lambda: self.request("POST", f"{REVIEWS}/{grant}", {"outcome": "appropriate"},
                                        "swift")[0] == 403, SOON)
        self.assertEqual(self.must("GET", REVIEWS, who="swift")["items"], [])

    def test_many_are_escalated_and_not_refused(self):
        self.signed_in("swift")
        for i in range(3):
            self.hale.create("patients", recordNumber=f"MR-4{i}", isConfidential=False)
        escalated = [self.open("swift", f"MR-4{i}")["escalated"] for i in range(3)]
        self.assertEqual(escalated, [False, False, True])

    def test_a_patient_who_is_merged_takes_the_grant_along(self):
        self.signed_in("swift")
        grant = self.open("swift")["id"]
        self.hale.must("POST", f"patients/{self.lind}/merge", {"into": self.star})
        renewed = self.must("POST", f"{GRANTS}/{grant}/renew",
                            {"reason": "confidential", "words": "known now"}, "swift")
        self.assertEqual(renewed["id"], grant)
        eventually(lambda: self.decision("swift", "MR-300", grant=grant)[0])

    def test_who_leaves_has_none(self):
        self.signed_in("swift")
        grant = self.open("swift")["id"]
        self.hale.must("POST", f"people/{self.swift}/state", {"state": "suspended"})
        eventually(lambda: not self.decision("swift", grant=grant)[0])

    def test_it_expires_and_stays_so(self):
        self.signed_in("swift")
        grant = self.open("swift")["id"]
        self.assertTrue(self.decision("swift", grant=grant)[0])
        self.here.server.stop()
        past = int(time.time() * 1000) - 1000
        database = sqlite3.connect(self.folder / "directory.db")
        with database:  # as if its hours had gone by
            database.execute("UPDATE glass_grant SET expires_ms = ? WHERE id = ?", (past, grant))
        database.close()
        with Serve(self.here.site) as server:
            self.here.server = server
            self.assertFalse(self.decision("swift", grant=grant)[0])
            kept = lambda: sqlite3.connect(self.folder / "directory.db").execute(
                "SELECT end_cause FROM glass_grant WHERE id = ?", (grant,)).fetchone()[0]
            eventually(lambda: kept() == "expired", SOON)


class OneProofTest(Hospital):
    environment = "office"

    def test_one_proof_is_not_enough(self):
        _, code = self.here.invited("nurse")
        browser = Browser(self.here.server)
        self.assertTrue(browser.enrol(code, PASSWORD), browser.page)
        self.assertTrue(browser.sign_in("nurse", PASSWORD), browser.page)
        status, _, reply = self.request(
            "POST", GRANTS, {"patient": "MR-200", "reason": "emergency", "words": "unconscious"},
            token=self.service(), Wardlock_Subject_Token=browser.session())
        self.assertEqual(status, 401, reply)


class NoticesTest(Hospital):
    """Those whom it concerns are told, by mail or a webhook, and hear no name."""

    def prepare(self, site):
        super().prepare(site)
        (self.folder / "tls").mkdir()
        certificates = Certificates(self.folder / "tls")
        certificates.issue("siem", "DNS:localhost,IP:127.0.0.1", "serverAuth")
        for name, text in (("mail.password", mail_server.PASSWORD), ("hook.secret", WEBHOOK_SECRET)):
            (self.folder / name).write_text(text + "\n")
            (self.folder / name).chmod(0o600)
        self.box = mail_server.Mailbox(self.folder / "tls/siem.pem", self.folder / "tls/siem.key").start()
        self.addCleanup(self.box.stop)
        self.hook = HttpsReceiver(certificates)
        self.addCleanup(self.hook.stop)
        site.config["directory"]["break_glass"]["tells"] = {"patient": True}
        site.config["messages"] = {
            "smtp": {"host": "localhost", "port": self.box.port, "from": "wardlock@st-mary.example",
                     "user": mail_server.USER, "password_file": "mail.password", "ca": "tls/ca.pem"},
            "webhook": {"url": self.hook.url("/in"), "secret_file": "hook.secret", "ca": "tls/ca.pem",
                        "networks": ["127.0.0.0/8"]}}
        site.save()

    def posted(self, about):
        bodies = [json.loads(text) for _, _, text in self.hook.all_taken()]
        return [body for body in bodies if body["about"] == about]

    def test_team_officers_patient_and_reviewer_are_told(self):
        self.signed_in("swift")
        nurse = self.hale.create("people", "active", userName="lee",
                                 emails=[{"value": "lee@st-mary.example"}])
        self.hale.relate("care", nurse, self.lind, attributes={"careType": "nursing"})
        other = self.hale.create("people", "active", userName="far",
                                 emails=[{"value": "far@st-mary.example"}])
        reviewer = self.hale.with_role("rae", "Reviewer").id
        grant = self.open("swift")["id"]
        eventually(lambda: "Emergency access was opened" in self.box.subjects("lee@st-mary.example"))
        mail, = self.box.mails("lee@st-mary.example")
        text = mail.get_content()
        self.assertIn(grant, text.replace("\n", ""))
        for name in ("swift", "MR-200", "unconscious", self.lind):
            self.assertNotIn(name, text)
        eventually(lambda: [body["person"]["id"] for body in self.posted("glass_broken_for_you")] ==
                   [self.lind])
        eventually(lambda: self.hale_id() in [body["person"]["id"]
                                              for body in self.posted("glass_broken")])
        eventually(lambda: [(body["person"]["id"], body["of"])
                            for body in self.posted("review_waits")] == [(reviewer, grant)], SOON)
        told = {body["person"]["id"] for body in self.posted("glass_broken")}
        self.assertFalse(told & {self.swift, other}, "who did it, and whom it does not concern")
        self.assertEqual(self.box.mails("far@st-mary.example"), [])


def load_tests(loader, _tests, _pattern):
    suite = unittest.TestSuite()
    for case in (BreakGlassTest, OneProofTest, NoticesTest):
        suite.addTest(loader.loadTestsFromTestCase(case))
    return suite


if __name__ == "__main__":
    unittest.main()
