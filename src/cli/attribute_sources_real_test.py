"""Sources tell who is on call and where somebody is, to a running server: told, decided, silent, and what holds then for
each of the three words that the schema has for it."""
import json
import pathlib
import tempfile
import time
import unittest

from directory_site import Administrator, DirectorySite
from program import run
from serving import Serve, eventually

POLICIES = '''
@id("on-call") permit (principal, action == Action::"view", resource)
  when { principal has onCall && principal.onCall };
@id("in-house") permit (principal, action == Action::"enter", resource)
  when { principal has ward && principal.ward == Ward::"w1" };
@id("glass") @override("break-glass") permit (principal, action == Action::"edit", resource)
  when { context has override && principal has badge && principal.badge == "ED" };
@id("stop") permit (principal, action == Action::"stop", resource);
'''
SCHEMA = '''
namespace Wardlock {
  type Override = { id: String, reason: String, expiresAt: datetime };
  entity Grant = {
    principal: User, target: Patient, actions: Set<Action>, opensAt: datetime, expiresAt: datetime,
    reason: String, waives?: Set<String>,
  };
}
entity Ward;
entity User = {
  @source("rota") @fresh("1h") @stale("deny") onCall?: Bool,
  @source("rtls") @fresh("1h") @stale("last-known 1d") ward?: Ward,
  @source("rota") @fresh("1h") @stale("emergency 1d") badge?: String,
};
@audit("patient") entity Patient;
type Care = { override?: Wardlock::Override };
@audit("care") action view, enter, edit appliesTo { principal: User, resource: Patient, context: Care };
@audit("safety") action stop appliesTo { principal: User, resource: Patient, context: {} };
'''
GRANT = {
    "uid": {"type": "Wardlock::Grant", "id": "g1"}, "parents": [],
    "attrs": {
        "principal": {"__entity": {"type": "User", "id": "swift"}},
        "target": {"__entity": {"type": "Patient", "id": "lind"}},
        "actions": [{"__entity": {"type": "Action", "id": "edit"}}],
        "opensAt": {"__extn": {"fn": "datetime", "arg": "2020-01-01T00:00:00Z"}},
        "expiresAt": {"__extn": {"fn": "datetime", "arg": "2099-01-01T00:00:00Z"}},
        "reason": "emergency"}}
HOUR = 3600


def ago(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - seconds))


class AttributeSourcesTest(unittest.TestCase):
    def setUp(self):
        kept = tempfile.TemporaryDirectory()
        self.addCleanup(kept.cleanup)
        self.folder = pathlib.Path(kept.name)
        self.site = DirectorySite(self.folder)
        self.site.write("policies/rules.cedar", POLICIES)
        self.site.write("policies/rules.cedarschema", SCHEMA)
        self.site.write("entities.json", [GRANT])
        self.site.config["audit"] = {"directory": "log", "immutable": False}
        self.site.config["directory"]["known_by"] = {"person": "userName", "patient": "recordNumber"}
        self.ehr = self.site.add_caller("ehr", rights=["override", "explain", "metrics"])
        self.server = self.enterContext(Serve(self.site))
        self.hale = Administrator(self.server, self.site.first[""])
        self.swift = self.hale.create("people", "active", userName="swift")
        self.hale.create("patients", recordNumber="lind")
        self.rota = self.service("rota")
        eventually(lambda: self.ask("stop")[0] == 200)

    def service(self, name, source=None):
        made = self.hale.create("services", clientId=name, displayName=name, purpose="tells",
                                facts=[{"name": "source", "text": source or name}])
        owner = self.hale.must("GET", "people?userName=hale")["items"][0]["id"]
        self.hale.relate("owner", made, owner)
        self.hale.must("POST", f"services/{made}/state", {"state": "active"})
        return Administrator(self.server,
                             self.hale.must("POST", f"services/{made}/credentials", {})["token"])

    def ask(self, action, grant=None, properties=None, revision=None):
        asked = {"subject": {"type": "User", "id": "swift"}, "action": {"name": action},
                 "resource": {"type": "Patient", "id": "lind"}}
        if grant:
            asked["options"] = {"grant": grant}
        if properties:
            asked["subject"]["properties"] = properties
        headers = {"Wardlock-Revision": str(revision)} if revision else None
        return self.server.ask(self.ehr, asked, headers=headers)

    def decision(self, action, **more):
        status, reply = self.ask(action, **more)
        self.assertEqual(status, 200, reply)
        return reply["decision"], reply["context"]

    def tell(self, attribute, value, age=0, by=None, source="rota"):
        """Returns the revision from which on decisions see it."""
        status, headers, outcome = (by or self.rota).ask("PUT", f"attributes/{source}", {
            "values": [{"identifier": {"type": "userName", "value": "swift"},
                        "attribute": attribute, "value": value, "observedAt": ago(age)}]})
        self.assertEqual((status, outcome["kept"], outcome["refused"]), (200, 1, []), outcome)
        return next(value for name, value in headers.items()
                    if name.lower() == "wardlock-revision")

    def test_what_is_told_is_decided_by_at_once(self):
        allowed, context = self.decision("view")
        self.assertFalse(allowed)
        self.assertIn("User.onCall", context["stale"], "nobody has told it: that is no plain no")
        allowed, _ = self.decision("view", revision=self.tell("onCall", True))
        self.assertTrue(allowed)
        allowed, context = self.decision("view", revision=self.tell("onCall", False))
        self.assertFalse(allowed)
        self.assertNotIn("stale", context, "it is known that she is not")

    def test_the_caller_has_no_say_in_it(self):
        allowed, context = self.decision("view", properties={"onCall": True})
        self.assertFalse(allowed)
        self.assertIn("differs from the source `rota`, which counts", " ".join(context["notes"]))

    def test_deny_ends_with_what_is_fresh(self):
        self.assertFalse(self.decision("view", revision=self.tell("onCall", True, 2 * HOUR))[0])
        self.assertIn("User.onCall", self.decision("view")[1]["stale"])
        self.tell("onCall", True, HOUR - 2)
        eventually(lambda: not self.decision("view")[0])  # by the clock alone

    def test_the_last_known_value_counts_for_a_while_and_is_said(self):
        house = self.hale.create("organisations", code="st-mary", displayName="St Mary",
                                 organisationType="hospital")
        ward = self.hale.create("locations", code="w1", displayName="w1", locationType="ward",
                                organisation=house)
        rtls = self.service("rtls")
        told = lambda age: self.tell("ward", ward, age, by=rtls, source="rtls")
        allowed, context = self.decision("enter", revision=told(25 * HOUR))
        self.assertFalse(allowed, "it is forgotten")
        self.assertEqual(context["stale"], ["User.ward"])
        allowed, context = self.decision("enter", revision=told(2 * HOUR))
        self.assertTrue(allowed, "it is the last known")
        self.assertEqual(context["stale"], ["User.ward"])
        allowed, context = self.decision("enter", revision=told(0))
        self.assertTrue(allowed)
        self.assertNotIn("stale", context)

    def test_what_is_kept_for_emergencies(self):
        revision = self.tell("badge", "ED", 2 * HOUR)
        allowed, context = self.decision("edit", revision=revision)
        self.assertFalse(allowed)
        self.assertTrue(context["override_possible"])
        self.assertIn("User.badge", context["stale"])
        allowed, context = self.decision("edit", grant="g1")
        self.assertTrue(allowed)
        self.assertEqual((context["cause"], context["override"]), ("override", "g1"))
        self.assertIn("User.badge", context["stale"])

    def test_nothing_of_it_stops_what_makes_safer(self):
        allowed, context = self.decision("stop")
        self.assertTrue(allowed)
        self.assertNotIn("stale", context)

    def test_it_outlives_a_restart_with_its_age(self):
        self.tell("onCall", True)
        self.server.stop()
        with Serve(self.site) as server:
            self.server = server
            self.assertTrue(self.decision("view")[0])

    def test_who_may_tell_what(self):
        value = {"thing": self.swift, "attribute": "onCall", "value": True}
        other = self.service("other")
        for who, source, status in ((other, "rota", 403), (self.hale, "rota", 403),
                                    (self.rota, "rtls", 403)):
            self.assertEqual(who.status("PUT", f"attributes/{source}", {"values": [value]}), status)
        self.assertEqual(Administrator(self.server, "nobody").status(
            "PUT", "attributes/rota", {"values": [value]}), 401)
        wrong = [{**value, "attribute": "ward"}, {**value, "attribute": "name"},
                 {**value, "value": "yes"}, {**value, "thing": "nobody"}, {"thing": self.swift},
                 {**value, "observedAt": ago(-HOUR)[:10]}, {**value, "observedAt": ago(-HOUR)},
                 {**value, "attribute": "badge", "value": "x" * 5000}, {**value, "more": 1}, 7]
        outcome = self.rota.must("PUT", "attributes/rota", {"values": [*wrong, value]})
        self.assertEqual([each["index"] for each in outcome["refused"]], list(range(len(wrong))))
        self.assertEqual(outcome["kept"], 1)
        for body in ({}, {"values": []}, {"values": {}}, {"values": [value] * 501},
                     {"values": [value], "more": 1}):
            self.assertEqual(self.rota.status("PUT", "attributes/rota", body), 400, str(body)[:60])

    def test_it_is_shown_counted_and_on_record(self):
        self.tell("onCall", True)
        self.tell("badge", "ED", 2 * HOUR)
        told = self.hale.must("GET", f"things/{self.swift}/attributes")["items"]
        self.assertEqual([(each["attribute"], each["value"], each["standing"]) for each in told],
                         [("badge", "ED", "emergency"), ("onCall", True, "fresh")])
        self.assertEqual(self.rota.status("GET", f"things/{self.swift}/attributes"), 403)
        sources = {each["attribute"]: each for each in self.hale.must("GET", "attributes")["items"]}
        self.assertEqual({name: (each["stale"], each["told"], each["toldFresh"])
                          for name, each in sources.items()},
                         {"onCall": ("deny", 1, 1), "ward": ("last-known", 0, 0),
                          "badge": ("emergency", 1, 0)})
        self.decision("edit")
        metrics = self.server.metrics(self.ehr)
        self.assertGreater(metrics["wardlock_stale_decisions_total"], 0)

        def recorded():
            shown = run("audit", "query", self.folder / "log", "--json")
            return [json.loads(line) for line in shown.stdout.splitlines()]
        eventually(lambda: any(event.get("action") == "tell_attributes" for event in recorded()))
        eventually(lambda: any("stale: User.badge" in event.get("notes", [])
                               for event in recorded()))
        self.assertNotIn('"ED"', json.dumps(recorded()), "values are in no record")

    def test_at_the_command_line(self):
        token = self.folder / "rota.token"
        token.write_text(self.rota.token + "\n")
        own = ["--server", self.server.urls[0], "--token-file", token]
        put = run("attribute", "put", "--source", "rota", "--identifier", "userName=swift",
                  "--attribute", "onCall", "--value", "true", *own)
        self.assertEqual((put.returncode, put.stdout.strip()), (0, "1 kept"), put.stderr)
        eventually(lambda: self.decision("view")[0])
        refused = run("attribute", "put", "--source", "rota", "--thing", self.swift,
                      "--attribute", "onCall", "--value", "maybe", *own)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("must be a value of the type", refused.stdout)
        hale = self.folder / "hale.token"
        hale.write_text(self.hale.token + "\n")
        asked = [*own[:-1], hale]
        shown = run("attribute", "show", "swift", *asked)
        self.assertEqual(shown.returncode, 0, shown.stderr)
        self.assertIn("onCall", shown.stdout)
        self.assertIn("fresh", shown.stdout)
        listed = run("attribute", "sources", *asked)
        self.assertEqual(listed.returncode, 0, listed.stderr)
        self.assertIn("last-known 24h", listed.stdout)


if __name__ == "__main__":
    unittest.main()
