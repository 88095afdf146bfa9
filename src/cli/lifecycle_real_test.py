#!/usr/bin/env python3
"""Real tests of the directory's lifecycle: what a review finds, over the command line and the server,
and what a server does by itself."""
import unittest

from directory_site import Administrator, DirectorySite
from program import ProgramTest
from serving import Serve, eventually

PAST = "2020-01-31T00:00:00Z"
EVERY_SECOND = {"interval": "1s"}


class LifecycleTest(ProgramTest):
    REVIEW = {}

    def setUp(self):
        super().setUp()
        self.site = DirectorySite(self.folder)
        self.site.config["directory"]["review"] = self.REVIEW
        self.site.config["audit"] = {"directory": str(self.folder / "log")}
        self.observer = self.site.add_caller("observer", rights=["metrics"])
        self.server = self.enterContext(Serve(self.site))
        self.hale = Administrator(self.server, self.site.first[""])

    def access(self, somebody):
        path = self.folder / "somebody.token"
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_text(somebody.token + "\n")
        return ["--server", self.server.urls[0], "--token-file", str(path)]

    def review(self, *options, by=None):
        return self.json_of("directory", "review", *options, *self.access(by or self.hale))

    def findings(self, **options):
        return [(each["kind"], each["thing"].get("name")) for each in self.review(**options)["items"]]

    def state(self, collection, thing):
        return self.hale.must("GET", f"{collection}/{thing}")["state"]

    def service(self, name, owner):
        made = self.hale.create("services", clientId=name, displayName=name, purpose="tests")
        self.hale.relate("owner", made, owner)
        self.hale.must("POST", f"services/{made}/state", {"state": "active"})
        service = Administrator(
            self.server, self.hale.must("POST", f"services/{made}/credentials", {})["token"])
        service.id = made
        return service


class ReviewTest(LifecycleTest):
    REVIEW = {"invited_after": "1s", "notice": "1s"}

    def test_a_review_says_who_why_and_what_to_do(self):
        nurse = self.hale.create("roles", displayName="Nurse")
        kim = self.hale.create("people", "active", userName="kim", contractUntil=PAST)
        self.hale.relate("roleAssignment", kim, nurse)
        self.hale.create("people", userName="lee")
        eventually(lambda: ("neverCame", "lee") in self.findings())
        found = self.review()
        self.assertEqual([(each["kind"], each["thing"]["name"]) for each in found["items"]],
                         [("contractEnded", "kim"), ("roleOfEnded", "kim"), ("neverCame", "lee")])
        self.assertEqual(found["items"][0]["at"], "2020-01-31T00:00:00.000Z")
        self.assertEqual(found["items"][1]["other"]["name"], "Nurse")
        self.assertEqual((found["areAll"], found["withheld"]), (True, []))
        text = self.run_here("directory", "review", *self.access(self.hale)).stdout
        for part in ("contractEnded: ", "person kim, Nurse, given ", "person lee (invited), ",
                     found["items"][0]["todo"]):
            self.assertIn(part, text)
        some = self.review("--kind", "neverCame", "--limit", "1")
        self.assertEqual([each["kind"] for each in some["items"]], ["neverCame"])
        self.assert_fails("did you mean `dormant`", "directory", "review", "--kind", "dorment",
                          *self.access(self.hale))

    def test_everybody_sees_what_their_roles_let_them_read(self):
        nurse = self.hale.create("roles", displayName="Nurse")
        kim = self.hale.create("people", "active", userName="kim", contractUntil=PAST)
        self.hale.relate("roleAssignment", kim, nurse)
        for role, kinds in [("Reviewer", ["contractEnded", "roleOfEnded"]),
                            ("Auditor", ["contractEnded", "roleOfEnded"]),
                            ("HelpDesk", ["contractEnded"]),
                            ("DeviceEngineer", [])]:
            with self.subTest(role):
                somebody = self.hale.with_role("by-" + role.lower(), role)
                found = self.review(by=somebody)
                self.assertEqual([each["kind"] for each in found["items"]], kinds)
                self.assertEqual("roleOfEnded" in found["withheld"], "roleOfEnded" not in kinds)
                self.assertEqual(found["areAll"], not found["withheld"])
        nobody = self.hale.with_role("nobody")
        self.assertEqual(403, nobody.status("GET", "review"))

    def test_a_service_stops_when_the_last_who_answers_for_it_leaves(self):
        owner = self.hale.create("people", "active", userName="owner")
        gateway = self.service("gateway", owner)
        self.assertEqual(200, gateway.status("GET", "whoami"))
        self.hale.must("POST", f"people/{owner}/state", {"state": "suspended"})
        self.assertEqual(200, gateway.status("GET", "whoami"))  # care goes on
        self.assertEqual(self.findings(), [("ownerInactive", "gateway")])
        self.hale.must("POST", f"people/{owner}/state", {"state": "left"})
        self.assertEqual(401, gateway.status("GET", "whoami"))
        self.assertEqual(self.state("services", gateway.id), "active")
        self.assertEqual(self.findings(), [("ownerMissing", "gateway")])
        self.hale.relate("owner", gateway.id, self.hale.create("people", "active", userName="next"))
        self.assertEqual(200, gateway.status("GET", "whoami"))
        self.assertEqual(self.findings(), [])


class ByItselfTest(LifecycleTest):
    REVIEW = {**EVERY_SECOND, "dormant_after": "1s", "suspend_dormant_after": "1s",
              "leave_after_contract": "1s"}

    def test_the_server_does_what_it_was_told_to(self):
        desk = self.hale.with_role("desk", "HelpDesk")
        kim = self.hale.create("people", "active", userName="kim", contractUntil=PAST)
        kept = self.hale.create("people", "active", userName="kept", contractUntil=PAST,
                                isEmergencyAccount=True)
        eventually(lambda: self.state("people", desk.id) == "suspended")
        eventually(lambda: self.state("people", kim) == "left")
        self.assertEqual(401, desk.status("GET", "whoami"))
        # The only administrator and security officer, dormant or not, and the one kept.
        first = self.server.wait_for("directory_reviewed")
        self.assertEqual(first["tenant"], "main")
        reviewed = len(self.server.events("directory_reviewed"))
        self.server.wait_for("directory_reviewed", reviewed + 2)
        self.assertEqual(self.hale.must("GET", "whoami")["thing"]["state"], "active")
        self.assertEqual(self.state("people", kept), "active")
        samples = self.server.metrics(self.observer)
        name = "wardlock_directory_review_findings"
        self.assertEqual(samples[f'{name}{{tenant="main",kind="contractEnded"}}'], 1)
        self.assertEqual(samples[f'{name}{{tenant="main",kind="ownerMissing"}}'], 0)
        self.assertGreater(samples['wardlock_directory_review_time_seconds{tenant="main"}'], 0)
        self.server.stop()
        log = self.run_here("audit", "query", "log", "--limit", "1000", "--json").stdout
        self.assertIn("review: contractEnded, ended 2020-01-31T00:00:00.000Z", log)
        self.assertIn("review: dormant, last used or issued", log)


class AskedForNothingTest(LifecycleTest):
    REVIEW = {**EVERY_SECOND, "dormant_after": "1s"}

    def test_nothing_is_done_that_nobody_asked_for(self):
        desk = self.hale.with_role("desk", "HelpDesk")
        kim = self.hale.create("people", "active", userName="kim", contractUntil=PAST)
        self.server.wait_for("directory_reviewed", 4)
        self.assertEqual([self.state("people", each) for each in (desk.id, kim)],
                         ["active", "active"])

    def test_who_was_not_told_of_is_not_suspended(self):
        self.site.config["directory"]["review"] = {"dormant_after": "2d",
                                                   "suspend_dormant_after": "1d"}
        self.site.save()
        self.assert_fails("`suspend_dormant_after` must not be less", "config", "check",
                          "--config", "wardlock.yaml", code=3)


class RoleRulesTest(LifecycleTest):
    def setUp(self):
        super().setUp()
        self.nurse = self.hale.create("roles", displayName="Nurse")
        self.hospital = self.hale.create("organisations", code="st-mary", displayName="St Mary",
                                         organisationType="hospital")
        self.wards = [self.hale.create("locations", code=code, displayName=code,
                                       locationType="ward", organisation=self.hospital)
                      for code in ("W4", "W5")]
        self.kim = self.hale.create("people", "active", userName="kim")

    def configure(self, **rule):
        self.site.config["directory"].update(
            role_rules={"ward-nurse": {"role": "Nurse", "title": "nurse", "in_place": True, **rule}},
            role_rules_interval="1s")
        self.site.save()

    def employ(self, ward):
        return self.hale.relate("employment", self.kim, self.hospital, scope=self.wards[ward],
                                attributes={"employmentType": "employee", "title": "Nurse"})

    def scopes(self):
        held = self.hale.must("GET", f"people/{self.kim}/relations?kind=roleAssignment")["items"]
        return [self.wards.index(each["scope"]) for each in held]

    def rules(self, code=0):
        return self.json_of("directory", "rules", "--config", "wardlock.yaml", code=code)["main"]

    def test_a_role_comes_and_goes_with_the_employment(self):
        self.configure()
        first = self.employ(0)
        [step] = self.rules()["steps"]
        self.assertEqual((step["step"], step["userName"], step["role"], step["location"]),
                         ("give", "kim", "Nurse", "W4"))
        self.assertEqual(self.scopes(), [])  # shown, and not done
        self.server.stop()
        self.server = self.enterContext(Serve(self.site))
        self.hale.server = self.server
        eventually(lambda: self.scopes() == [0])
        [made] = self.hale.must("GET", f"people/{self.kim}/relations?kind=roleAssignment")["items"]
        self.assertEqual(made["madeBy"], {"type": "Wardlock", "id": "rule:ward-nurse"})
        self.hale.must("POST", f"relations/{first}/end", {})
        self.employ(1)
        eventually(lambda: self.scopes() == [1])
        self.assertEqual(self.rules()["steps"], [])

    def test_a_rule_that_names_what_is_not_there_is_told(self):
        self.configure(location="W6")
        self.assertEqual(self.rules(code=1)["faults"],
                         ["rule `ward-nurse`: there is no location `W6` in force"])
        self.configure(role="Wardlock::Administrator")
        self.assert_fails("people give it", "config", "check", "--config", "wardlock.yaml", code=3)


if __name__ == "__main__":
    unittest.main()
