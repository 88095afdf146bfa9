"""SCIM of the real server: people, groups and roles as identity providers send them; what strangers
send; and that decisions follow."""
import json
import re
import tempfile
import unittest
import urllib.parse

from directory_site import Administrator, DirectorySite
from program import ROOT
from serving import Serve, question

CORE = "urn:ietf:params:scim:schemas:core:2.0:"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
MESSAGES = "urn:ietf:params:scim:api:messages:2.0:"
NOBODY = "0197f2a0-0000-7000-8000-000000000000"


class Provider:
    """Somebody who asks `/scim/v2` with a token."""

    def __init__(self, server, token, base=""):
        self.server = server
        self.token = token
        self.base = base

    def send(self, method, path, body=None, headers=None):
        """Status, headers and JSON of the answer."""
        text = body if body is None or isinstance(body, str) else json.dumps(body)
        own = {"Content-Type": "application/scim+json"} if body is not None else {}
        status, sent, answer = self.server.request(method, f"{self.base}/scim/v2{path}", text,
                                                   {**own, **(headers or {})}, self.token)
        return status, sent, json.loads(answer) if answer else None

    def must(self, expected, method, path, body=None):
        status, _, answer = self.send(method, path, body)
        if status != expected:
            raise AssertionError((method, path, status, answer))
        return answer

    def find(self, text, kind="Users"):
        found = self.must(200, "GET", f"/{kind}?filter={urllib.parse.quote(text)}&startIndex=1&count=100")
        return found["Resources"]

    def user(self, name, **more):
        return self.must(201, "POST", "/Users",
                         {"schemas": [CORE + "User"], "userName": name, **more})["id"]

    def group(self, name, *members):
        return self.must(201, "POST", "/Groups",
                         {"schemas": [CORE + "Group"], "displayName": name,
                          "members": [{"value": member} for member in members]})["id"]

    def patch(self, path, *operations, headers=None):
        return self.send("PATCH", path, {"schemas": [MESSAGES + "PatchOp"],
                                         "Operations": list(operations)}, headers)


class ScimTest(unittest.TestCase):
    maxDiff = None
    tenants = ()

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.site = DirectorySite(folder.name, self.tenants)
        self.prepare()
        self.server = Serve(self.site)
        self.addCleanup(self.server.stop)
        first = self.tenants[0] if self.tenants else ""
        self.base = f"/{first}" if first else ""
        self.hale = Administrator(self.server, self.site.first[first], self.base)
        self.provisioner = self.hale.with_role("provider", "Provisioning")
        self.provider = Provider(self.server, self.provisioner.token, self.base)

    def prepare(self):
        """What the site has beyond the usual."""

    def refused(self, answer, status, kind=None):
        self.assertEqual(answer[0], status, answer)
        self.assertEqual(answer[2]["schemas"], [MESSAGES + "Error"])
        self.assertEqual(answer[2]["status"], str(status))
        self.assertEqual(answer[2].get("scimType"), kind, answer[2])


class ProvidersTest(ScimTest):
    def test_as_entra_id_does(self):
        self.assertEqual(self.provider.find('userName eq "ann@st-mary.example"'), [])
        made = self.provider.must(201, "POST", "/Users", {
            "schemas": [CORE + "User", ENTERPRISE], "externalId": "ann", "active": True,
            "userName": "ann@st-mary.example", "displayName": "Ann Ash",
            "emails": [{"primary": True, "type": "work", "value": "ann@st-mary.example"}],
            "meta": {"resourceType": "User"}, "name": {"givenName": "Ann", "familyName": "Ash"},
            "roles": [], ENTERPRISE: {"department": "ICU"}})
        path = f"/Users/{made['id']}"
        status, _, after = self.provider.patch(
            path, {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "a@st-mary.example"},
            {"op": "Add", "path": ENTERPRISE + ":employeeNumber", "value": "7"},
            {"op": "Replace", "value": {"displayName": "Ann", "name.familyName": "Oak"}})
        self.assertEqual((status, after["emails"][0]["value"], after["name"]["familyName"]),
                         (200, "a@st-mary.example", "Oak"))
        status, _, after = self.provider.patch(path, {"op": "Replace", "path": "active",
                                                      "value": "False"})
        self.assertEqual((status, after["active"]), (200, False))
        self.refused(self.provider.patch(path, {"op": "Replace", "path": "active", "value": "off"}),
                     400, "invalidValue")
        group = self.provider.group("Emergency")
        entries = [{"value": made["id"]}]
        for operation, members in [({"op": "Add", "path": "members", "value": entries}, 1),
                                   ({"op": "Remove", "path": "members", "value": entries}, 0)]:
            self.assertEqual(self.provider.patch(f"/Groups/{group}", operation)[0], 204)
            shown = self.provider.must(200, "GET", f"/Groups/{group}")
            self.assertEqual(len(shown.get("members", [])), members)
        light = self.provider.must(200, "GET", f"/Groups/{group}?excludedAttributes=members")
        self.assertNotIn("members", light)
        self.assertEqual(len(self.provider.find('displayName eq "Emergency"', "Groups")), 1)
        self.assertEqual(self.provider.send("DELETE", f"/Groups/{group}")[0], 204)

    def test_as_okta_does(self):
        found = self.provider.must(200, "GET", "/Users?startIndex=1&count=2&filter=" +
                                   urllib.parse.quote('userName eq "bob@st-mary.example"'))
        self.assertEqual((found["totalResults"], found["schemas"]), (0, [MESSAGES + "ListResponse"]))
        body = {"schemas": [CORE + "User"], "userName": "bob@st-mary.example", "externalId": "00u1",
                "name": {"givenName": "Bob", "familyName": "Birk"}, "locale": "en-US", "groups": [],
                "emails": [{"primary": True, "value": "bob@st-mary.example", "type": "work"}],
                "displayName": "Bob Birk", "active": True}
        self.refused(self.provider.send("POST", "/Users", {**body, "password": "1mz050nq"}), 400,
                     "invalidValue")
        made = self.provider.must(201, "POST", "/Users", body)
        path = f"/Users/{made['id']}"
        self.refused(self.provider.send("POST", "/Users", body), 409, "uniqueness")
        after = self.provider.must(200, "PUT", path, {**made, "title": "Nurse"})
        self.assertEqual((after["title"], after["id"]), ("Nurse", made["id"]))
        status, _, after = self.provider.patch(path, {"op": "replace", "value": {"active": False}})
        self.assertEqual((status, after["active"]), (200, False))
        group = self.provider.group("Night shift", made["id"])
        path = f"/Groups/{group}"
        self.assertEqual(self.provider.patch(
            path, {"op": "replace", "value": {"id": group, "displayName": "Nights"}})[0], 204)
        self.assertEqual(self.provider.patch(
            path, {"op": "remove", "path": f'members[value eq "{made["id"]}"]'})[0], 204)
        shown = self.provider.must(200, "GET", path)
        self.assertEqual((shown["displayName"], shown.get("members")), ("Nights", None))

    def test_the_examples_of_the_documentation(self):
        self.hale.create("roles", displayName="Physician")
        text = (ROOT / "docs" / "scim.md").read_text()
        names, asked = {}, 0
        for block in re.findall(r"```http\n(.*?)```", text, re.DOTALL):
            for name, value in names.items():
                block = block.replace(name, value)
            first, rest = block.split("\n", 1)
            body, expected = rest.rsplit("→", 1)
            method, path = first.split(" ")
            status, _, answer = self.provider.send(method, path.removeprefix("/scim/v2"),
                                                   body.strip() or None)
            self.assertEqual(status, int(expected.split(",")[0]), (first, answer))
            if name := re.search(r"and ([A-Z]+) is its id", expected):
                names[name[1]] = answer["id"]
            refused = [one for one in (answer or {}).get("Operations", []) if "response" in one]
            self.assertEqual(refused, [])
            asked += 1
        self.assertGreater(asked, 5)

    def test_what_strangers_send(self):
        self.provider.user("ann")
        for text in ["userName eq", 'userName eq "x" or', "(" * 500, 'nickName eq "x"',
                     'password pr', 'userName eq "a" ' + 'or title pr ' * 300]:
            status, _, answer = self.provider.send("GET", "/Users?filter=" + urllib.parse.quote(text))
            self.refused((status, None, answer), 400, "invalidFilter")
        for text in ["x' OR '1'='1", "'; DROP TABLE thing; --", "%", "\\", "ann\" or userName pr or \""]:
            quoted = json.dumps(text)
            self.assertEqual(self.provider.find(f"userName eq {quoted}"), [], text)
        for name in ["a b", "", "ann\u0000", "ann\u202e", "x" * 5000, "\u0430nn"]:
            status, _, answer = self.provider.send("POST", "/Users",
                                                   {"schemas": [CORE + "User"], "userName": name})
            self.assertEqual(status, 400, (name, answer))
        self.refused(self.provider.send("POST", "/Users", {"schemas": [CORE + "User"],
                                                           "userName": "ＡＮＮ"}), 409, "uniqueness")
        self.refused(self.provider.send("POST", "/Users", "[" * 10_000), 400, "invalidSyntax")
        self.refused(self.provider.send("POST", "/Users", '{"a": 1, "a": 2}'), 400, "invalidSyntax")
        self.assertEqual(self.provider.send("POST", "/Users", " " * (2 << 20))[0], 413)
        many = [{"method": "DELETE", "path": "/Users/x"}] * 1001
        self.refused(self.provider.send("POST", "/Bulk", {"schemas": [MESSAGES + "BulkRequest"],
                                                          "Operations": many}), 413)
        outer = self.provider.group("outer")
        inner = self.provider.group("inner", outer)
        self.refused(self.provider.patch(f"/Groups/{outer}", {"op": "add", "path": "members",
                                                              "value": [{"value": inner}]}),
                     400, "invalidValue")
        self.assertEqual(self.provider.must(200, "GET", "/Users?count=0")["totalResults"], 3)

    def test_who_may_what(self):
        ann = self.provider.user("ann")
        stranger = Provider(self.server, None)
        self.assertEqual(stranger.send("GET", "/Users")[0], 401)
        self.assertEqual(Provider(self.server, "wlk_none").send("GET", "/Users")[0], 401)
        nobody = Provider(self.server, self.hale.with_role("clerk").token)
        for path in ("/Users", f"/Users/{ann}", f"/Users/{NOBODY}", "/"):
            self.refused(nobody.send("GET", path), 403)
        desk = Provider(self.server, self.hale.with_role("desk", "HelpDesk").token)
        self.assertEqual(desk.patch(f"/Users/{ann}", {"op": "replace", "path": "active",
                                                      "value": False})[0], 200)
        self.refused(desk.patch(f"/Users/{ann}", {"op": "add", "path": "title", "value": "x"}), 403)
        self.refused(desk.send("DELETE", f"/Users/{ann}"), 403)
        role = {"op": "add", "path": "roles", "value": [{"value": "Wardlock::Administrator"}]}
        self.refused(self.provider.patch(f"/Users/{ann}", role), 403)
        own = f"/Users/{self.provisioner.id}"
        self.refused(self.provider.patch(own, {"op": "replace", "path": "active", "value": False}), 403)
        self.refused(self.provider.send("DELETE", own), 403)
        self.assertEqual(self.provider.must(200, "GET", "/Me")["id"], self.provisioner.id)
        self.refused(self.provider.send("GET", "/Devices"), 403)

    def test_versions_and_bulk(self):
        operations = [{"method": "POST", "path": "/Users", "bulkId": f"u{i}",
                       "data": {"schemas": [CORE + "User"], "userName": f"u{i}"}} for i in range(250)]
        operations.append({"method": "POST", "path": "/Groups", "bulkId": "all", "data": {
            "schemas": [CORE + "Group"], "displayName": "all",
            "members": [{"value": f"bulkId:u{i}"} for i in range(250)]}})
        done = self.provider.must(200, "POST", "/Bulk", {"schemas": [MESSAGES + "BulkRequest"],
                                                         "Operations": operations})
        self.assertEqual({one["status"] for one in done["Operations"]}, {"201"})
        names, cursor = [], ""
        while cursor is not None:
            page = self.provider.must(200, "GET", "/Users?count=100&sortBy=userName&cursor=" + cursor)
            names += [user["userName"] for user in page["Resources"]]
            cursor = page.get("nextCursor")
        self.assertEqual((len(names), names), (252, sorted(names)))
        path = "/Users/" + done["Operations"][0]["location"].rsplit("/", 1)[1]
        _, headers, _ = self.provider.send("GET", path)
        tag = headers["ETag"]
        self.assertEqual(self.provider.send("GET", path, headers={"If-None-Match": tag})[0], 304)
        change = {"op": "add", "path": "title", "value": "Nurse"}
        self.assertEqual(self.provider.patch(path, change, headers={"If-Match": tag})[0], 200)
        self.refused(self.provider.patch(path, change, headers={"If-Match": tag}), 412)


class DecisionsTest(ScimTest):
    """The policies let whoever is in the role `Staff` view."""

    def prepare(self):
        self.site.write("entities.json", [{"uid": {"type": "Pump", "id": "p-7"}, "attrs": {},
                                           "parents": []}])
        self.site.config["directory"]["known_by"] = {"person": "userName"}
        self.token = self.site.add_caller("ward-app")

    def decision(self, revision):
        status, reply = self.server.ask(self.token, question(),
                                        headers={"Wardlock-Revision": revision})
        self.assertEqual(status, 200, reply)
        return reply["decision"]

    def test_they_follow_roles_and_groups(self):
        self.hale.create("roles", displayName="Staff")
        ann = self.provider.user("ann")
        role = [{"value": "Staff"}]

        def after(path, *operations):
            status, headers, answer = self.provider.patch(path, *operations)
            self.assertIn(status, (200, 204), answer)
            return self.decision(headers["Wardlock-Revision"])

        user = f"/Users/{ann}"
        self.assertTrue(after(user, {"op": "add", "path": "roles", "value": role}))
        self.assertFalse(after(user, {"op": "remove", "path": 'roles[value eq "Staff"]'}))
        self.assertTrue(after(user, {"op": "add", "path": "roles", "value": role}))
        self.assertFalse(after(user, {"op": "replace", "path": "active", "value": False}))
        self.assertTrue(after(user, {"op": "replace", "path": "active", "value": True}))
        status, headers, _ = self.provider.send("DELETE", user)
        self.assertEqual((status, self.decision(headers["Wardlock-Revision"])), (204, False))


class TenantsTest(ScimTest):
    tenants = ("st-mary", "st-john")

    def test_they_know_nothing_of_each_other(self):
        ann = self.provider.user("ann")
        john = Administrator(self.server, self.site.first["st-john"], "/st-john")
        other = Provider(self.server, john.with_role("provider", "Provisioning").token, "/st-john")
        self.assertEqual(other.find('userName eq "ann"'), [])
        self.refused(other.send("GET", f"/Users/{ann}"), 404)
        self.refused(other.send("DELETE", f"/Users/{ann}"), 404)
        self.refused(other.send("POST", "/Groups", {"schemas": [CORE + "Group"], "displayName": "g",
                                                    "members": [{"value": ann}]}), 400, "invalidValue")
        other.user("ann")  # a name is one tenant's
        astray = Provider(self.server, self.provider.token, "/st-john")
        self.assertEqual(astray.send("GET", "/Users")[0], 403)


if __name__ == "__main__":
    unittest.main()
