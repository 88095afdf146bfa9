"""Decisions with the token of the person they are about: an enforcement point sends it along, and what the person may do
follows from how they signed in, and ends when they sign out."""
import json
import pathlib
import tempfile
import unittest

from browser import Browser
from directory_site import Administrator, DirectorySite
from oauth_real_test import enter_client
from serving import Serve, eventually

PASSWORD = "seven zebra crossings"
POLICIES = '''
@id("looks") permit (principal, action == Action::"view", resource);
@id("adjusts") permit (principal, action == Action::"adjust", resource)
  when { context.authentication.level >= 2 };
@id("signs") permit (principal, action == Action::"sign", resource)
  when { context.authentication.level >= 1 && context.authentication.methods.contains("pwd") };
'''
SCHEMA = '''
namespace Wardlock { type Authentication = { level: Long, methods: Set<String> }; }
entity User;
entity Pump;
action view, adjust, sign appliesTo {
  principal: User, resource: Pump, context: { authentication: Wardlock::Authentication } };
'''
PUMP = [{"uid": {"type": "Pump", "id": "p-7"}, "attrs": {}, "parents": []}]


def asked(action, who="ann", **more):
    return {"subject": {"type": "User", "id": who}, "action": {"name": action},
            "resource": {"type": "Pump", "id": "p-7"}, **more}


class SubjectTokenTest(unittest.TestCase):
    def setUp(self):
        kept = tempfile.TemporaryDirectory()
        self.addCleanup(kept.cleanup)
        site = DirectorySite(pathlib.Path(kept.name))
        site.write("policies/rules.cedar", POLICIES)
        site.write("policies/rules.cedarschema", SCHEMA)
        site.write("entities.json", PUMP)
        site.config["directory"]["known_by"] = {"person": "userName"}
        site.config["authentication"] = {"otherwise": "office"}
        self.ward = site.add_caller("ward")
        self.kiosk = site.add_caller("kiosk", requires_subject_token=True)
        self.attesting = site.add_caller("attesting", rights=["attest"])
        site.save()
        enter_client(site, "main", "app", scope="openid")
        self.site = site
        self.server = self.enterContext(Serve(site))
        self.hale = Administrator(self.server, site.first[""])
        self.ann = self.enrolled("ann")
        eventually(lambda: self.ask("view", self.ann.session())[0] == 200)

    def enrolled(self, name):
        """Somebody who has signed in on the pages."""
        person = self.hale.create("people", "active", userName=name)
        code = self.hale.must("POST", f"people/{person}/invitation", {})["token"]
        browser = Browser(self.server)
        browser.person = person
        self.assertTrue(browser.enrol(code, PASSWORD), browser.page)
        self.assertTrue(browser.sign_in(name, PASSWORD), browser.page)
        return browser

    def ask(self, action, token=None, caller=None, who="ann", **more):
        headers = {} if token is None else {"Wardlock-Subject-Token": token}
        return self.server.ask(caller or self.ward, asked(action, who, **more), headers=headers)

    def test_the_token_says_how_they_signed_in(self):
        token = self.ann.session()
        self.assertFalse(self.ask("sign")[1]["decision"], "nobody says how")
        self.assertTrue(self.ask("sign", token)[1]["decision"])
        status, reply = self.ask("adjust", token)
        self.assertEqual((status, reply["decision"]), (200, False))
        self.assertEqual(reply["context"]["step_up"]["level"], 2)

    def test_after_sign_out_the_next_decision_says_no(self):
        token = self.ann.session()
        self.assertTrue(self.ask("sign", token)[1]["decision"])
        self.assertTrue(self.ann.sign_out(), self.ann.page)
        status, reply = self.ask("sign", token)
        self.assertEqual(status, 401)
        self.assertIn("expired, was revoked", reply)

    def test_who_has_left_shows_nobody(self):
        token = self.ann.session()
        self.hale.must("POST", f"people/{self.ann.person}/state", {"state": "suspended"})
        eventually(lambda: self.ask("sign", token)[0] in (400, 401))

    def test_a_caller_may_be_made_to_send_one(self):
        status, reply = self.ask("view", caller=self.kiosk)
        self.assertEqual(status, 401)
        self.assertIn("only with a token", reply)
        self.assertTrue(self.ask("view", self.ann.session(), self.kiosk)[1]["decision"])

    def test_it_is_theirs_whom_the_question_is_about(self):
        bo = self.enrolled("bo")
        eventually(lambda: self.ask("sign", bo.session(), who="bo")[0] == 200)
        status, reply = self.ask("sign", bo.session())
        self.assertEqual(status, 400)
        self.assertIn("not its principal's", reply)

    def test_a_name_that_changes_hands_does_not_take_the_token_along(self):
        token = self.ann.session()
        self.hale.must("PATCH", f"people/{self.ann.person}", {"attributes": {"userName": "anna"}})
        self.hale.create("people", "active", userName="green", entityId="ann")
        eventually(lambda: self.ask("sign", token, who="anna")[0] == 200)
        self.assertEqual(self.ask("sign", token)[0], 400)

    def test_what_is_no_token_is_refused(self):
        for token, status in (("wls_" + "a" * 86, 401), ("nothing", 401), ("a b", 400), ("", 400),
                              (self.ward, 401), (self.site.first[""], 401), ("a" * 17000, 431)):
            found, reply = self.ask("view", token)
            self.assertEqual(found, status, (token[:40], reply))
        self.assertEqual(self.ask("view")[0], 200, "without one all is as before")

    def test_nobody_says_it_twice(self):
        said = {"options": {"authentication": {"level": 3, "methods": ["hwk"]}}}
        self.assertTrue(self.ask("adjust", caller=self.attesting, **said)[1]["decision"])
        status, reply = self.ask("adjust", self.ann.session(), self.attesting, **said)
        self.assertEqual(status, 400)
        self.assertIn("said twice", reply)

    def pass_on(self, action, token=None):
        """What a reverse proxy is told."""
        own = {} if token is None else {"Wardlock-Subject-Token": token}
        return self.server.request("GET", "/forward-auth", None, {
            "X-Subject-Type": "User", "X-Subject-Id": "ann", "X-Action": action,
            "X-Resource-Type": "Pump", "X-Resource-Id": "p-7", **own}, self.ward)[0]

    def test_a_reverse_proxy_may_send_it(self):
        token = self.ann.session()
        self.assertEqual(self.pass_on("sign"), 403, "nobody says how they signed in")
        self.assertEqual(self.pass_on("sign", token), 204)
        self.assertEqual(self.pass_on("adjust", token), 403, "it takes two proofs")
        bo = self.enrolled("bo")
        eventually(lambda: self.ask("sign", bo.session(), who="bo")[0] == 200)
        self.assertEqual(self.pass_on("sign", bo.session()), 400, "somebody else's")
        self.assertEqual(self.pass_on("sign", "nothing"), 401)
        self.assertTrue(self.ann.sign_out(), self.ann.page)
        self.assertEqual(self.pass_on("sign", token), 401)

    def ask_for_app(self, token, **more):
        status, _, text = self.server.request(
            "POST", "/access/v1/evaluation", json.dumps(asked("sign", **more)),
            {"Content-Type": "application/json", "Wardlock-Subject-Token": token,
             "Host": f"localhost:{self.ann.port}"}, self.ward)
        return status, json.loads(text)

    def test_access_tokens_say_it_too_until_their_session_ends(self):
        given = self.ann.authorize("app")
        status, reply = self.ask_for_app(given["access_token"])
        self.assertEqual((status, reply["decision"]), (200, True), reply)
        self.assertEqual(self.ask_for_app(given["id_token"])[0], 401, "it is for the application alone")
        head, body, signature = given["access_token"].split(".")
        forged = ".".join((head, body, signature[::-1]))
        self.assertEqual(self.ask_for_app(forged)[0], 401)
        status, _ = self.ask("sign", given["access_token"])
        self.assertEqual(status, 401, "another issuer's address")
        self.assertTrue(self.ann.sign_out())
        eventually(lambda: self.ask_for_app(given["access_token"])[0] == 401)


if __name__ == "__main__":
    unittest.main()
