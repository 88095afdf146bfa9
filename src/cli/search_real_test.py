"""Searches, by the command line and by the real servers."""
import json
import subprocess
import tempfile
import unittest

import program
from program import HOSPITAL, Pdp, ProgramTest
from serving import ALL, Serve, Site

JSON = {"Content-Type": "application/json"}
POLICIES = """
permit (principal in Role::"staff", action == Action::"read", resource) when { resource.owner == principal };
permit (principal, action == Action::"print", resource == Chart::"c3");
forbid (principal, action, resource) when { resource.locked };
"""


def uid(type_, id_):
    return {"type": type_, "id": id_}


def entity(type_, id_, attrs=None, parents=()):
    return {"uid": uid(type_, id_), "attrs": attrs or {}, "parents": list(parents)}


def owner(name):
    return {"__entity": uid("User", name)}


ENTITIES = [entity("User", "ann", parents=[uid("Role", "staff")]), entity("User", "bob"),
            entity("Chart", "c1", {"owner": owner("ann"), "locked": False}),
            entity("Chart", "c2", {"owner": owner("ann"), "locked": True}),
            entity("Chart", "c3", {"owner": owner("bob"), "locked": False}),
            entity("Chart", "a \"quoted\" one", {"owner": owner("ann"), "locked": False})]
FILES = ["-p", "p.cedar", "--entities", "e.json"]


class CommandTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.write("p.cedar", POLICIES)
        self.write("e.json", ENTITIES)

    def test_finds_resources_principals_and_actions(self):
        self.assert_prints('Chart::"a \\"quoted\\" one"\nChart::"c1"\n', "search", "resources", *FILES,
                           "-l", 'User::"ann"', "-a", 'Action::"read"', "--type", "Chart")
        self.assert_prints('User::"ann"\nUser::"bob"\n', "search", "principals", *FILES, "--type",
                           "User", "-a", 'Action::"print"', "-r", 'Chart::"c3"')
        self.assert_prints("read\n", "search", "actions", *FILES, "-l", 'User::"ann"', "-r",
                           'Chart::"c1"')

    def test_finds_nothing_with_status_0(self):
        self.assert_prints("", "search", "actions", *FILES, "-l", 'User::"bob"', "-r", 'Chart::"c1"')
        self.assert_prints("", "search", "resources", *FILES, "-l", 'User::"ann"', "-a",
                           'Action::"read"', "--type", "Spaceship")

    def test_prints_json(self):
        found = self.json_of("search", "resources", *FILES, "-l", 'User::"ann"', "-a",
                             'Action::"print"', "--type", "Chart", "-c", '{"x": 1}')
        self.assertEqual(found, {"results": [uid("Chart", "c3")], "decisions": 1})
        found = self.json_of("search", "actions", *FILES, "-l", 'User::"ann"', "-r", 'Chart::"c3"')
        self.assertEqual(found["results"], [{"name": "print"}])

    def test_says_what_is_wrong(self):
        self.assert_fails("--type is required", "search", "resources", *FILES, "-l", 'User::"ann"',
                          "-a", 'Action::"read"')
        self.assert_fails("`no type`", "search", "resources", *FILES, "-l", 'User::"ann"', "-a",
                          'Action::"read"', "--type", "no type")
        self.assert_fails("--principal", "search", "actions", *FILES, "-l", "ann", "-r",
                          'Chart::"c3"')
        self.assert_fails("context.now is filled by the PDP", "search", "actions", *FILES, "-l",
                          'User::"ann"', "-r", 'Chart::"c3"', "-c", '{"now": 1}')
        self.assert_fails("`--context` must be a JSON object", "search", "actions", *FILES, "-l",
                          'User::"ann"', "-r", 'Chart::"c3"', "-c", self.write("c.json", "[]"))
        self.assertIn("give a command: resources, principals, actions",
                      self.run_here("search").stderr)
        self.assert_fails("did you mean `resources`?", "search", "resource")

    def test_examples_of_help_work_and_find_something(self):
        for what in ("resources", "principals", "actions"):
            text = self.run_here("search", what, "--help").stdout
            example = text[text.index("  wardlock "):].replace("\\\n", " ").splitlines()[0]
            script = example.replace("wardlock ", f"'{program.WARDLOCK}' ", 1)
            result = subprocess.run(script, shell=True, cwd=program.ROOT, text=True,
                                    capture_output=True, timeout=program.LIMIT_S)
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            self.assertGreater(len(result.stdout.splitlines()), 0, script)


class HospitalTest(unittest.TestCase):
    """Found is what is allowed, in the worked example."""

    def test_agrees_with_decisions(self):
        entities = json.loads((HOSPITAL / "entities.json").read_text())
        with Pdp("-p", HOSPITAL, "--entities", HOSPITAL / "entities.json") as pdp:
            for principal, type_ in [("dr-grey", "LabReport"), ("nurse-lee", "MedicationPlan"),
                                     ("dr-swift", "LabReport"), ("dr-grey", "Patient")]:
                asked = {"subject": uid("User", principal), "action": {"name": "view"},
                         "resource": {"type": type_}, "options": {"grant": "grant-1"}}
                status, found = search(pdp, "resource", asked)
                all_ids = [e["uid"]["id"] for e in entities if e["uid"]["type"] == type_]
                allowed = []
                for start in range(0, len(all_ids), 100):
                    some = all_ids[start:start + 100]
                    batch = {**asked, "evaluations": [{"resource": uid(type_, id_)} for id_ in some]}
                    reply = post(pdp, "/access/v1/evaluations", batch)[1]["evaluations"]
                    allowed += [id_ for id_, each in zip(some, reply) if each["decision"]]
                if status == 400:  # the action does not apply
                    self.assertEqual(allowed, [])
                    continue
                self.assertEqual([each["id"] for each in found["results"]], sorted(allowed))


def post(server, path, body, token=None):
    headers = {**JSON, **({"Authorization": f"Bearer {token}"} if token else {})}
    status, _, text = server.request("POST", path, json.dumps(body), headers)
    return status, json.loads(text)


def search(server, what, body, token=None):
    return post(server, f"/access/v1/search/{what}", body, token)


class ServeTest(unittest.TestCase):
    """Rights, quotas and reloads."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.site = Site(folder.name)
        self.pumps = [entity("Pump", f"p-{i:02}") for i in range(10)]
        self.site.write("entities.json", [
            entity("Role", "Staff"), entity("User", "ann", parents=[uid("Role", "Staff")]),
            *self.pumps])
        self.token = self.site.add_caller("searching", rights=["search", "metrics"])
        self.plain = self.site.add_caller("plain")
        self.narrow = self.site.add_caller("narrow", rights=["search"],
                                           scope={**ALL, "types": ["User"]})
        self.poor = self.site.add_caller("poor", rights=["search"], quota={"rate": 1, "burst": 5})
        self.site.config["limits"] = {"batch": 5}
        self.server = Serve(self.site)
        self.addCleanup(self.server.stop)

    ASKED = {"subject": {"type": "User", "id": "ann"}, "action": {"name": "view"},
             "resource": {"type": "Pump"}, "context": {"rate": 1}}

    def test_needs_a_right_and_a_scope(self):
        self.assertEqual(search(self.server, "resource", self.ASKED, self.token)[0], 200)
        status, why = search(self.server, "resource", self.ASKED, self.plain)
        self.assertEqual((status, "`search`" in why), (403, True))
        self.assertEqual(search(self.server, "resource", self.ASKED, self.narrow)[0], 403)
        self.assertEqual(search(self.server, "resource", self.ASKED)[0], 401)
        self.assertEqual(post(self.server, "/access/v1/search/none", self.ASKED, self.token)[0], 404)

    def test_is_counted_apart(self):
        search(self.server, "resource", self.ASKED, self.token)
        counted = self.server.metrics(self.token)
        self.assertEqual(counted["wardlock_search_decisions_total"], 10)
        self.assertEqual(counted["wardlock_search_results_total"], 10)
        self.assertEqual(
            counted['wardlock_http_requests_total{route="search-resource",status="200"}'], 1)
        self.assertEqual(counted['wardlock_decisions_total{decision="allow",cause="permit"}'], 0)

    def test_a_quota_ends_the_page_and_then_refuses(self):
        status, reply = search(self.server, "resource", self.ASKED, self.poor)
        self.assertEqual(status, 200)
        self.assertEqual(len(reply["results"]), 4)  # the request itself costs one
        self.assertNotEqual(reply["page"]["next_token"], "")
        asked = {**self.ASKED, "page": {"token": reply["page"]["next_token"]}}
        self.assertEqual(search(self.server, "resource", asked, self.poor)[0], 429)

    def test_a_page_goes_on_over_a_reload_and_shows_it(self):
        first = search(self.server, "resource", {**self.ASKED, "page": {"limit": 3}}, self.token)[1]
        self.assertEqual([r["id"] for r in first["results"]], ["p-00", "p-01", "p-02"])
        next_page = {**self.ASKED, "page": {"token": first["page"]["next_token"], "limit": 3}}
        self.site.write("entities.json", [
            entity("Role", "Staff"), entity("User", "ann", parents=[uid("Role", "Staff")]),
            *self.pumps[5:], entity("Pump", "p-02b")])
        self.server.wait_for("policies_loaded", 2)
        status, second = search(self.server, "resource", next_page, self.token)
        self.assertEqual(status, 200)
        self.assertEqual([r["id"] for r in second["results"]], ["p-02b", "p-05", "p-06"])
        self.assertGreater(second["page"]["properties"]["revision"],
                           first["page"]["properties"]["revision"])

    def test_a_token_does_not_outlive_the_process(self):
        first = search(self.server, "resource", {**self.ASKED, "page": {"limit": 3}}, self.token)[1]
        next_page = {**self.ASKED, "page": {"token": first["page"]["next_token"]}}
        self.assertEqual(search(self.server, "resource", next_page, self.token)[0], 200)
        self.server.stop()
        again = Serve(self.site)
        self.addCleanup(again.stop)
        status, why = search(again, "resource", next_page, self.token)
        self.assertEqual((status, "from the beginning" in why), (400, True))


if __name__ == "__main__":
    unittest.main()
