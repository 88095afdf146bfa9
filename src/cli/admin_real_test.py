"""`/admin/v1` of a running server: who may what, tenants, what is asked twice, and what is described."""
import json
import threading
import unittest

import jsonschema

import program
from directory_site import Administrator, DirectorySite
from program import ProgramTest
from serving import Serve, eventually


class AdminTest(ProgramTest):
    def serve(self, **site):
        self.site = DirectorySite(self.folder, **site)
        return self.enterContext(Serve(self.site))

    def setUp(self):
        super().setUp()
        self.server = self.serve()
        self.hale = Administrator(self.server, self.site.first[""])


class WhoMayWhatTest(AdminTest):
    def test_nobody_gives_themselves_a_role(self):
        me = self.hale.must("GET", "whoami")
        nurse = self.hale.create("roles", displayName="Nurse")
        status, _, problem = self.hale.ask(
            "POST", "relations", {"kind": "roleAssignment", "subject": me["id"], "object": nurse})
        self.assertEqual(status, 403, problem)
        self.assertIn("own", problem["detail"])
        auditor = self.hale.role("Wardlock::Auditor")
        self.assertEqual(403, self.hale.status("POST", "relations", {
            "kind": "roleAssignment", "subject": me["id"], "object": auditor}))
        self.assertEqual(403, self.hale.status("POST", f"people/{me['id']}/state",
                                               {"state": "suspended"}))

    def test_a_help_desk_reads_people_and_suspends_them_and_nothing_else(self):
        nurse = self.hale.create("roles", displayName="Nurse")
        kim = self.hale.create("people", "active", userName="kim")
        desk = self.hale.with_role("desk", "HelpDesk")
        self.assertEqual(desk.must("GET", "whoami")["roles"], ["HelpDesk"])
        self.assertEqual(200, desk.status("GET", f"people/{kim}"))
        self.assertEqual(200, desk.status("GET", "people?userName=kim"))
        self.assertEqual(200, desk.status("POST", f"people/{kim}/state", {"state": "suspended"}))
        self.assertEqual(200, desk.status("POST", f"people/{kim}/state", {"state": "active"}))
        for method, path, body in [
                ("POST", "relations", {"kind": "roleAssignment", "subject": kim, "object": nurse}),
                ("POST", f"people/{kim}/state", {"state": "left"}),
                ("PATCH", f"people/{kim}", {"attributes": {"title": "x"}}),
                ("DELETE", f"people/{kim}", None),
                ("POST", "people", {"attributes": {"userName": "new"}}),
                ("POST", f"people/{kim}/credentials", {}),
                ("POST", f"people/{kim}/leak", {}),
                ("GET", "roles", None),
                ("GET", f"roles/{nurse}", None),
                ("GET", "patients", None),
                ("GET", "changes", None),
                ("GET", "people?sensitive=true", None)]:
            with self.subTest(method=method, path=path, body=body):
                status, headers, problem = desk.ask(method, path, body)
                self.assertEqual(status, 403, problem)
                self.assertEqual(headers["Content-Type"], "application/problem+json")
        self.assertEqual(self.hale.must("GET", f"people/{kim}")["state"], "active")

    def test_an_auditor_changes_nothing(self):
        auditor = self.hale.with_role("audit", "Auditor")
        self.assertEqual(200, auditor.status("GET", "changes"))
        self.assertEqual(200, auditor.status("GET", "patients?sensitive=true"))
        self.assertEqual(403, auditor.status("POST", "people", {"attributes": {"userName": "x"}}))

    def test_who_has_no_role_sees_nothing_but_who_they_are(self):
        nobody = self.hale.with_role("nobody")
        me = nobody.must("GET", "whoami")
        self.assertEqual((me["roles"], me["thing"]["attributes"]["userName"]), ([], "nobody"))
        self.assertEqual(403, nobody.status("GET", "people"))
        self.assertEqual(403, nobody.status("GET", f"people/{self.hale.must('GET', 'whoami')['id']}"))

    def test_a_role_that_is_taken_away_counts_from_the_next_request_on(self):
        desk = self.hale.with_role("desk", "HelpDesk")
        self.assertEqual(200, desk.status("GET", "people"))
        [assignment] = self.hale.must("GET", f"people/{desk.id}/relations")["items"]
        self.hale.must("POST", f"relations/{assignment['id']}/end", {"reason": "moved on"})
        self.assertEqual(403, desk.status("GET", "people"))

    def test_a_credential_that_is_revoked_or_whose_holder_is_suspended_stops_at_once(self):
        desk = self.hale.with_role("desk", "HelpDesk")
        self.hale.must("POST", f"people/{desk.id}/state", {"state": "suspended"})
        self.assertEqual(401, desk.status("GET", "people"))
        self.hale.must("POST", f"people/{desk.id}/state", {"state": "active"})
        self.assertEqual(200, desk.status("GET", "people"))
        self.assertEqual(1, self.hale.must("POST", f"people/{desk.id}/leak", {})["revoked"])
        self.assertEqual(401, desk.status("GET", "people"))
        self.assertEqual(401, Administrator(self.server, "wlk_" + "A" * 43).status("GET", "people"))
        self.assertEqual(401, Administrator(self.server, "").status("GET", "people"))

    def test_everybody_exchanges_their_own_credential(self):
        nobody = self.hale.with_role("nobody")
        mine = self.hale.must("GET", f"people/{nobody.id}/credentials")["items"][0]["id"]
        rotated = nobody.must("POST", f"people/{nobody.id}/credentials/{mine}/rotate",
                              {"overlapSeconds": 0})
        self.assertEqual(401, nobody.status("GET", "whoami"))
        self.assertEqual(200, Administrator(self.server, rotated["token"]).status("GET", "whoami"))


class TenantsTest(AdminTest):
    def setUp(self):
        ProgramTest.setUp(self)
        self.server = self.serve(tenants=("st-mary", "st-luke"))
        self.mary = Administrator(self.server, self.site.first["st-mary"], "/st-mary")
        self.luke = Administrator(self.server, self.site.first["st-luke"], "/st-luke")

    def test_anothers_id_is_as_one_that_never_was(self):
        kim = self.mary.create("people", "active", userName="kim")
        nurse = self.mary.create("roles", displayName="Nurse")
        assignment = self.mary.relate("roleAssignment", kim, nurse)
        self.assertEqual(self.mary.must("GET", f"people/{kim}")["attributes"]["userName"], "kim")
        own = self.luke.create("people", "active", userName="kim")
        for method, path, body in [
                ("GET", f"people/{kim}", None), ("GET", f"things/{kim}", None),
                ("PATCH", f"people/{kim}", {"attributes": {"title": "x"}}),
                ("DELETE", f"people/{kim}", None),
                ("POST", f"people/{kim}/state", {"state": "left"}),
                ("POST", f"people/{kim}/credentials", {}), ("POST", f"people/{kim}/leak", {}),
                ("GET", f"relations/{assignment}", None),
                ("POST", f"relations/{assignment}/end", {}),
                ("GET", f"relations?subject={kim}", None),
                ("POST", "relations",
                 {"kind": "roleAssignment", "subject": own, "object": nurse})]:
            with self.subTest(method=method, path=path):
                self.assertEqual(404, self.luke.status(method, path, body))
        told = json.dumps(self.luke.must("GET", "changes?count=1000"))
        self.assertNotIn(kim, told)
        self.assertNotIn("kim", [person["attributes"]["userName"] for person in self.luke.must(
            "GET", "people?total=true")["items"] if person["id"] != own])

    def test_a_token_is_its_tenants(self):
        stranger = Administrator(self.server, self.site.first["st-mary"], "/st-luke")
        self.assertIn(stranger.status("GET", "people"), (401, 403))


class ChangesTest(AdminTest):
    def test_many_who_send_the_same_do_it_once(self):
        answers = []

        def send():
            answers.append(self.hale.ask("POST", "people", {"attributes": {"userName": "kim"}},
                                         Idempotency_Key='"one"'))
        threads = [threading.Thread(target=send) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual({status for status, _, _ in answers}, {201})
        self.assertEqual(len({body["id"] for _, _, body in answers}), 1)
        self.assertEqual(self.hale.must("GET", "people?userName=kim&total=true")["total"], 1)
        self.assertEqual(422, self.hale.status("POST", "people", {"attributes": {"userName": "x"}},
                                               Idempotency_Key='"one"'))

    def test_many_who_change_the_same_lose_nothing(self):
        kim = self.hale.create("people", "active", userName="kim")
        refused = []

        def add(number):
            while True:
                _, headers, person = self.hale.ask("GET", f"people/{kim}")
                wanted = person["attributes"].get("specialties", []) + [f"s{number}"]
                status = self.hale.status("PATCH", f"people/{kim}",
                                          {"attributes": {"specialties": wanted}},
                                          If_Match=headers["ETag"])
                if status == 200:
                    return
                refused.append(status)
        threads = [threading.Thread(target=add, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        person = self.hale.must("GET", f"people/{kim}")
        self.assertEqual(sorted(person["attributes"]["specialties"]), ["s0", "s1", "s2", "s3"])
        self.assertLessEqual(set(refused), {412})

    def test_answers_are_as_they_are_described(self):
        status, _, text = self.server.request("GET", "/admin/v1/openapi.json",
                                              token=self.hale.token)
        self.assertEqual(status, 200)
        document = json.loads(text)

        def assert_fits(path, method, status, value):
            answers = document["paths"]["/admin/v1/" + path][method]["responses"]
            [schema] = [kind["schema"] for kind in answers[str(status)]["content"].values()]
            whole = {"components": document["components"], "allOf": [schema]}
            jsonschema.Draft202012Validator(whole).validate(value)

        made = self.hale.must("POST", "people", {
            "attributes": {"userName": "kim", "emails": [{"value": "kim@st-mary.org"}],
                           "name": {"familyName": "Kim"}, "specialties": ["cardiology"]}})
        assert_fits("people", "post", 201, made)
        assert_fits("people/{id}", "get", 200, self.hale.must("GET", f"people/{made['id']}"))
        assert_fits("people", "get", 200, self.hale.must("GET", "people?total=true&count=1"))
        assert_fits("whoami", "get", 200, self.hale.must("GET", "whoami"))
        assert_fits("changes", "get", 200, self.hale.must("GET", "changes"))
        nurse = self.hale.create("roles", displayName="Nurse")
        relation = self.hale.must("POST", "relations", {
            "kind": "roleAssignment", "subject": made["id"], "object": nurse, "reason": "hired"})
        assert_fits("relations", "post", 201, relation)
        assert_fits("people/{id}/relations", "get", 200,
                    self.hale.must("GET", f"people/{made['id']}/relations"))
        issued = self.hale.must("POST", f"people/{made['id']}/credentials", {"label": "a"})
        assert_fits("people/{id}/credentials", "post", 201, issued)
        path = f"people/{made['id']}/credentials"
        assert_fits(path.replace(made["id"], "{id}"), "get", 200, self.hale.must("GET", path))
        assert_fits("people/{id}/leak", "post", 200,
                    self.hale.must("POST", f"people/{made['id']}/leak", {"issue": True}))
        for path, template, method, body, wanted in [
                ("people", "people", "POST", {"attributes": {"title": 7}}, 400),
                ("people/0", "people/{id}", "GET", None, 404),
                (f"people/{made['id']}", "people/{id}", "PUT", {"attributes": {}, "version": 9}, 409)]:
            status, _, problem = self.hale.ask(method, path, body)
            self.assertEqual(status, wanted)
            assert_fits(template, method.lower(), wanted, problem)

    def test_the_servers_own_description_has_all_of_it(self):
        status, _, text = self.server.request("GET", "/openapi.json")
        self.assertEqual(status, 200)
        whole = json.loads(text)
        decisions = json.loads((program.ROOT / "src/api/authzen/openapi.json").read_text())
        own = self.hale.must("GET", "openapi.json")
        for part in (decisions, own):
            for path, item in part["paths"].items():
                self.assertEqual(whole["paths"][path], item)
            for group, named in part["components"].items():
                for name, value in named.items():
                    self.assertEqual(whole["components"][group][name], value,
                                     "nothing of one takes the place of the other's")

    def test_what_a_leaked_secret_did_is_told_from_the_log(self):
        self.server.stop()
        self.site.config["audit"] = {"directory": str(self.folder / "log")}
        self.server = self.enterContext(Serve(self.site))
        self.hale.server = self.server
        desk = self.hale.with_role("desk", "HelpDesk")
        kim = self.hale.create("people", "active", userName="kim")
        desk.must("POST", f"people/{kim}/state", {"state": "suspended"})
        self.assertEqual(403, desk.status("GET", "roles"))
        touched = self.hale.must("POST", f"people/{desk.id}/leak", {})["touched"]
        self.assertTrue(touched["areAllRecords"], touched)
        told = [(each["what"], each["action"], each["outcome"]) for each in touched["records"]]
        self.assertIn(("user_change", "set_state", "success"), told)
        self.assertIn(("decision", "read", "failure"), told)
        self.assertEqual(401, desk.status("GET", "whoami"))

    def test_what_changes_is_on_record_and_followed(self):
        before = self.hale.must("GET", "changes?count=1000")["next"]
        kim = self.hale.must("POST", "people", {"attributes": {"userName": "kim"},
                                                "reason": "starts on Monday"})["id"]
        news = self.hale.must("GET", f"changes?after={before}")
        self.assertEqual([(each["what"], each["kind"], each["id"]) for each in news["changes"]],
                         [("created", "person", kim)])
        self.assertTrue(news["isLast"])
        self.assertEqual(400, self.hale.status("GET", "changes?after=99999999"))

    def test_a_body_that_is_too_large_or_deep_is_refused(self):
        self.assertIn(self.hale.status("POST", "people", {"attributes": {"userName": "x" * 70000}}),
                      (413,))
        deep = {"attributes": {}}
        for _ in range(100):
            deep = {"attributes": deep}
        self.assertEqual(400, self.hale.status("POST", "people", deep))
        eventually(lambda: self.hale.status("GET", "whoami") == 200)


if __name__ == "__main__":
    unittest.main()
