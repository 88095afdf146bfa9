"""A caregiver acts with a patient's right and a colleague with a clinician's, against a running server: delegated, decided,
found, recorded, revoked; and what becomes of it when the delegator has the right no more."""
import json
import pathlib
import sqlite3
import tempfile
import threading
import time
import unittest

from oauth_real_test import enter_client
from program import run
from serving import Serve, eventually
from signed_in_site import SignedInSite

POLICIES = '''
@id("team") permit (principal is User, action == Action::"view", resource)
  when { resource.careTeam.contains(principal) };
@id("physician") permit (principal is User, action == Action::"edit", resource)
  when { principal in Role::"Physician" };
@id("own") permit (principal is Patient, action == Action::"view", resource)
  when { principal == resource };
@id("caregiver") permit (principal is User, action == Action::"view", resource)
  when { context has delegation && context.delegation.by == "patient" };
@id("cover") permit (principal is User, action, resource)
  when { context has delegation && context.delegation.by == "person" };
@id("glass") @override("break-glass")
permit (principal is User, action == Action::"view", resource) when { context has override };
'''
SCHEMA = '''
namespace Wardlock {
  type Override = { id: String, reason: String, expiresAt: datetime };
  type Delegated = { id: String, by: String, purpose: String, ticket: String, expiresAt: datetime };
  type Named = { type: String, id: String };
  entity Grant = {
    principal: User, target: Patient, actions: Set<Action>, opensAt: datetime, expiresAt: datetime,
    reason: String, waives?: Set<String>,
  };
  entity Delegation = {
    delegator: Named, delegate: Named, target: Named, actions: Set<Action>, opensAt: datetime,
    expiresAt: datetime, by: String, purpose: String, ticket: String, onward: Bool,
    passesOn?: String,
  };
}
entity Role in [Role];
entity User in [Role];
@audit("patient") entity Patient = { careTeam: Set<User> };
type Care = { override?: Wardlock::Override, delegation?: Wardlock::Delegated };
@audit("care") action view, edit appliesTo {
  principal: [User, Patient], resource: Patient, context: Care };
'''
DELEGATIONS = "/delegations/v1/delegations"
SOON = 120  # what is over is ended every quarter of a minute


def in_minutes(minutes):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 60 * minutes))


class DelegationTest(unittest.TestCase):
    def setUp(self):
        kept = tempfile.TemporaryDirectory()
        self.addCleanup(kept.cleanup)
        self.folder = pathlib.Path(kept.name)
        self.here = SignedInSite(self, self.folder, prepare=self.prepare, otherwise="remote")
        self.hale = self.here.hale
        self.first = self.here.site.first[""]
        self.lind = self.hale.create("patients", recordNumber="MR-200")
        self.star = self.hale.create("patients", recordNumber="MR-300")
        self.reyes = self.hale.create("people", "active", userName="reyes")
        eventually(lambda: self.ask("User", "reyes")[0] == 200)

    def prepare(self, site):
        site.write("policies/rules.cedar", POLICIES)
        site.write("policies/rules.cedarschema", SCHEMA)
        site.write("entities.json", [])
        site.config["audit"] = {"directory": "log", "immutable": False}
        site.config["directory"]["known_by"] = {"person": "userName", "patient": "recordNumber"}
        site.config["directory"]["break_glass"] = {
            "reasons": {"emergency": {"about": "An emergency", "actions": ["view"]}}}
        self.ehr = site.add_caller("ehr", rights=["override", "search"])
        site.save()
        enter_client(site, "main", "app", scope="openid")

    def signed_in(self, name):
        person, code = self.here.invited(name)
        setattr(self, name, person)
        status, printed = self.here.login(name, self.here.browser(name, code))
        self.assertEqual(status, 0, printed)
        return person

    def ask(self, kind, who, patient="MR-200", action="view", **options):
        asked = {"subject": {"type": kind, "id": who}, "action": {"name": action},
                 "resource": {"type": "Patient", "id": patient}}
        if options:
            asked["options"] = options
        return self.here.server.ask(self.ehr, asked)

    def decision(self, kind, who, *where, **more):
        status, reply = self.ask(kind, who, *where, **more)
        self.assertEqual(status, 200, reply)
        return reply["decision"], reply.get("context", {})

    def allowed(self, *question, **more):
        return self.decision(*question, **more)[0]

    def request(self, method, path, body=None, who=None, token=None):
        token = token or (self.here.kept(who)["access_token"] if who else self.first)
        status, _, text = self.here.server.request(
            method, path, json.dumps(body) if body is not None else None,
            {"Content-Type": "application/json", "Host": self.here.url.split("//")[1]}, token)
        return status, json.loads(text) if text else None

    def must(self, method, path, body=None, who=None, **more):
        status, reply = self.request(method, path, body, who, **more)
        self.assertEqual(status // 100, 2, reply)
        return reply

    def care(self, **more):
        return {"from": {"patient": "MR-200"}, "to": {"person": "reyes"}, "actions": ["view"],
                "endsAt": in_minutes(60), **more}

    def physicians(self):
        """Swift is one, and cole will cover for her."""
        self.signed_in("swift")
        self.signed_in("cole")
        role = self.hale.create("roles", displayName="Physician")
        return self.hale.relate("roleAssignment", self.swift, role)

    def cover(self, who="swift", to="cole", **more):
        return self.must("POST", DELEGATIONS,
                         {"to": {"person": to}, "for": {"patient": "MR-200"}, "actions": ["edit"],
                          "endsAt": in_minutes(60), **more}, who)

    def test_a_patient_delegates_to_a_caregiver(self):
        self.assertFalse(self.allowed("User", "reyes"))
        made = self.must("POST", DELEGATIONS, self.care(purpose="FAMRQT", words="the daughter"))
        self.assertNotEqual(made["madeBy"], self.lind, "it is on record that somebody else entered it")
        allowed, context = self.decision("User", "reyes")
        self.assertTrue(allowed, "at once: the answer came when decisions saw it")
        self.assertEqual(context["cause"], "permit")
        self.assertEqual(context["delegation"], {"id": made["id"],
                                                 "delegator": {"type": "Patient", "id": "MR-200"}})
        self.assertEqual(sorted(context["policies"]), ["caregiver", "own"])
        self.assertIn("expires_at", context)
        self.assertFalse(self.allowed("User", "reyes", "MR-300"), "another patient")
        self.assertFalse(self.allowed("User", "other"))
        self.assertFalse(self.allowed("User", "reyes", action="edit"))
        reply = self.must("POST", "/access/v1/search/resource",
                          {"subject": {"type": "User", "id": "reyes"},
                           "action": {"name": "view"}, "resource": {"type": "Patient"}},
                          token=self.ehr)
        self.assertEqual([each["id"] for each in reply["results"]], ["MR-200"])
        listed = self.must("GET", f"{DELEGATIONS}?patient=MR-200")["items"]
        self.assertEqual([(each["id"], each["state"]) for each in listed], [(made["id"], "open")])

        over = self.must("POST", f"{DELEGATIONS}/{made['id']}/revoke", {"words": "she asked"})
        self.assertEqual(over["state"], "revoked")
        self.assertFalse(self.allowed("User", "reyes"), "from then on")
        self.assertEqual(self.request("POST", f"{DELEGATIONS}/{made['id']}/revoke", {})[0], 409)

        def told():
            shown = run("audit", "query", self.folder / "log", "--json")
            return [event for event in map(json.loads, shown.stdout.splitlines())
                    if event.get("grant") == made["id"]]
        eventually(lambda: any(event["action"] == "end_delegation" for event in told()))
        events = told()[::-1]  # the latest came first
        self.assertEqual([event["action"] for event in events], ["delegate", "view", "end_delegation"])
        self.assertEqual((events[1]["kind"], events[1]["affected_id"]), ("decision", "MR-200"))
        self.assertEqual(events[2]["cause"], "revoked")

    def test_a_colleague_has_what_the_delegator_has_at_that_time(self):
        assignment = self.physicians()
        eventually(lambda: self.allowed("User", "swift", action="edit"))
        self.assertFalse(self.allowed("User", "cole", action="edit"))
        made = self.here.ask("swift", "delegation", "grant", "cole", "--patient", "MR-200",
                             "--actions", "edit,view", "--minutes", "60", "--words", "my shift")
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertIn("may edit, view for patient", made.stdout)
        self.assertTrue(self.allowed("User", "cole", action="edit"))
        self.assertFalse(self.allowed("User", "cole", action="view"),
                         "delegated, and swift may not herself")
        self.assertFalse(self.allowed("User", "cole", "MR-300", action="edit"))
        listed = json.loads(self.here.ask("cole", "delegation", "list", "--json").stdout)["items"]
        self.assertEqual([each["state"] for each in listed], ["open"])
        self.hale.must("POST", f"relations/{assignment}/end", {})
        eventually(lambda: not self.allowed("User", "swift", action="edit"))
        self.assertFalse(self.allowed("User", "cole", action="edit"), "with her right went his")
        done = self.here.ask("cole", "delegation", "revoke", listed[0]["id"])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("is over since", done.stdout)

    def test_it_is_no_way_to_break_the_glass(self):
        self.physicians()
        self.cover(actions=["view", "edit"])
        grant = self.must("POST", "/break-glass/v1/grants",
                          {"patient": "MR-200", "reason": "emergency", "words": "unconscious"},
                          "swift")["id"]
        self.assertTrue(self.allowed("User", "swift", grant=grant))
        self.assertFalse(self.allowed("User", "cole", grant=grant), "her grant is hers alone")
        self.assertFalse(self.allowed("User", "cole"))

    def test_what_begins_later_and_what_is_over(self):
        self.must("POST", DELEGATIONS, self.care(beginsAt=in_minutes(30)))
        self.assertFalse(self.allowed("User", "reyes"))
        made = self.must("POST", DELEGATIONS, self.care())
        self.assertTrue(self.allowed("User", "reyes"), "of overlapping ones the one that is open")
        self.here.server.stop()
        past = int(time.time() * 1000) - 1000
        database = sqlite3.connect(self.folder / "directory.db")
        with database:  # as if its hour had gone by
            database.execute("UPDATE delegation SET ends_ms = ? WHERE id = ?", (past, made["id"]))
        database.close()
        with Serve(self.here.site) as server:
            self.here.server = server
            self.assertFalse(self.allowed("User", "reyes"))
            kept = lambda: sqlite3.connect(self.folder / "directory.db").execute(
                "SELECT end_cause FROM delegation WHERE id = ?", (made["id"],)).fetchone()[0]
            eventually(lambda: kept() == "expired", SOON)

    def test_passed_on_where_it_may_be(self):
        self.physicians()
        self.signed_in("dana")
        eventually(lambda: self.allowed("User", "swift", action="edit"))
        plain = self.cover()
        body = {"to": {"person": "dana"}, "actions": ["edit"], "endsAt": in_minutes(30)}
        status, reply = self.request("POST", DELEGATIONS, {**body, "passesOn": plain["id"]}, "cole")
        self.assertEqual(status, 409, reply)
        first = self.cover(onward=True)
        second = self.must("POST", DELEGATIONS, {**body, "passesOn": first["id"]}, "cole")
        allowed, context = self.decision("User", "dana", action="edit")
        self.assertTrue(allowed)
        self.assertEqual(context["delegation"], {"id": second["id"],
                                                 "delegator": {"type": "User", "id": "swift"}})
        self.must("POST", f"{DELEGATIONS}/{first['id']}/revoke", {}, "swift")
        self.assertFalse(self.allowed("User", "dana", action="edit"))
        shown = self.must("GET", f"{DELEGATIONS}/{second['id']}", who="dana")
        self.assertEqual(shown["state"], "cut")

    def test_who_leaves_takes_it_along(self):
        self.physicians()
        eventually(lambda: self.allowed("User", "swift", action="edit"))
        made = self.cover()
        self.assertTrue(self.allowed("User", "cole", action="edit"))
        self.hale.must("POST", f"people/{self.swift}/state", {"state": "suspended"})
        eventually(lambda: not self.allowed("User", "cole", action="edit"))
        eventually(lambda: self.must("GET", f"{DELEGATIONS}/{made['id']}", who="cole")["state"]
                   == "left", SOON)

    def test_who_may_not(self):
        self.signed_in("swift")
        self.signed_in("cole")
        for body, status in ((self.care(), 403), (self.care(**{"from": {"person": "cole"}}), 403),
                             (self.care(**{"from": {"patient": "MR-999"}}), 403),
                             (self.care(**{"from": {"person": "nobody"}}), 403),
                             (self.care(to={"person": "swift"}, **{"from": {"person": "swift"}},
                                        **{"for": {"patient": "MR-200"}}), 400)):
            found, reply = self.request("POST", DELEGATIONS, body, "swift")
            self.assertEqual(found, status, reply)
        self.assertEqual(self.request("POST", DELEGATIONS, self.care(), token="nobody")[0], 401)
        self.assertEqual(self.request("POST", DELEGATIONS, self.care(), token=self.ehr)[0], 403)
        made = self.must("POST", DELEGATIONS, self.care())
        for method, path in (("GET", made["id"]), ("POST", made["id"] + "/revoke")):
            found, reply = self.request(method, f"{DELEGATIONS}/{path}",
                                        {} if method == "POST" else None, "swift")
            self.assertEqual(found, 404, reply)
        self.assertEqual(self.request("GET", f"{DELEGATIONS}?patient=MR-200", who="swift")[0], 403)
        self.assertTrue(self.allowed("User", "reyes"))

    def test_what_is_not_asked_as_it_should_be(self):
        for change, status in (({"to": {"person": "nobody"}}, 404), ({"actions": []}, 400),
                               ({"actions": ["fly"]}, 409), ({"from": {"patient": "MR-9"}}, 404),
                               ({"endsAt": "soon"}, 400), ({"endsAt": in_minutes(-1)}, 400),
                               ({"words": "x" * 1_000_000}, 400), ({"onward": "yes"}, 400),
                               ({"delegate": "reyes"}, 400), ({"passesOn": "nothing"}, 404)):
            found, reply = self.request("POST", DELEGATIONS, self.care(**change))
            self.assertEqual(found, status, (str(change)[:60], reply))
        self.assertFalse(self.allowed("User", "reyes"))

    def test_no_decision_that_begins_behind_a_revocation_allows(self):
        for _ in range(3):
            made = self.must("POST", DELEGATIONS, self.care())
            seen, is_over = [], threading.Event()

            def use():
                while not is_over.is_set():
                    begin = time.monotonic()
                    seen.append((begin, self.allowed("User", "reyes")))

            threads = [threading.Thread(target=use) for _ in range(4)]
            for thread in threads:
                thread.start()
            eventually(lambda: any(allowed for _, allowed in seen))
            self.must("POST", f"{DELEGATIONS}/{made['id']}/revoke", {})
            answered = time.monotonic()
            eventually(lambda: sum(begin > answered for begin, _ in seen) > 20)
            is_over.set()
            for thread in threads:
                thread.join()
            self.assertFalse(any(allowed for begin, allowed in seen if begin > answered))


if __name__ == "__main__":
    unittest.main()
