"""A directory whose audit log cannot be written, whose callers ask too much, or whose PostgreSQL is
restarted: nothing is done that is not on record, and nothing that was answered is lost."""
import collections
import json
import subprocess
import sys
import threading
import time
import unittest

from audited import exported
from directory_site import Administrator, DirectorySite
from program import ROOT, ProgramTest, run
from serving import Serve, eventually, question

sys.path.insert(0, str(ROOT / "conformance" / "plan-sql"))

from databases import PostgresServer

# Enough that the log's file has grown beyond what it is then kept from growing beyond.
RECORDS = 500
LIMIT = 192 * 1024
CLIENTS = 4
RESTARTS = 3
SOON_S = 20  # generous: how soon it is, is measured by ./dev bench directory
SCIM_ERROR = ["urn:ietf:params:scim:api:messages:2.0:Error"]
USER = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"]}


def scim(server, token, method, path, body=None):
    """Status, media type and JSON of the answer."""
    status, headers, text = server.request(
        method, "/scim/v2" + path, json.dumps(body) if body else None,
        {"Content-Type": "application/scim+json"} if body else {}, token)
    return status, headers.get("Content-Type"), json.loads(text) if text else None


class UnwritableLogTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.site = DirectorySite(self.folder)
        self.site.config["audit"] = {"directory": "log", "segment": "1MiB", "immutable": False}
        self.site.config["administration"] = {"quota": {"rate": 100000, "burst": 100000}}
        self.server = self.enterContext(Serve(self.site))
        self.hale = Administrator(self.server, self.site.first[""])

    def limit_files(self, size):
        """As a full disk or quota: the log's file can't be written there. The database is kept as it
        is: its write-ahead log is smaller."""
        subprocess.run(["prlimit", f"--pid={self.server.process.pid}", f"--fsize={size}:unlimited"],
                       check=True)

    def fill_log(self):
        """Until the log's file is beyond the limit, with what leaves the database alone."""
        for _ in range(RECORDS):
            self.hale.status("GET", "people?userName=x")

    def test_refuses_and_changes_nothing(self):
        self.fill_log()
        before = self.hale.must("GET", "changes?count=1000")["next"]
        self.limit_files(LIMIT)
        status, _, problem = self.hale.ask("POST", "people", {"attributes": {"userName": "ann"}})
        self.assertEqual(status, 503, problem)
        eventually(lambda: self.server.request("GET", "/readyz")[0] == 503)
        for method, path, body in [("POST", "people", {"attributes": {"userName": "bob"}}),
                                   ("GET", "people", None), ("GET", "whoami", None)]:
            with self.subTest(path):
                status, headers, problem = self.hale.ask(method, path, body)
                if path == "whoami":
                    continue  # it tells nothing that is decided about
                self.assertEqual(status, 503, problem)
                self.assertEqual(headers["Retry-After"], "1")
                self.assertIn("audit log", problem["detail"])
        status, kind, error = scim(self.server, self.hale.token, "POST", "/Users",
                                   {**USER, "userName": "cleo"})
        self.assertEqual((status, kind, error["schemas"]), (503, "application/scim+json", SCIM_ERROR))
        self.limit_files("unlimited")
        eventually(lambda: self.server.request("GET", "/readyz")[0] == 200)
        eventually(lambda: self.hale.status("GET", "people") == 200)
        found = {person["attributes"]["userName"] for person in
                 self.hale.must("GET", "people")["items"]}
        self.assertEqual(found & {"bob", "cleo"}, set())
        dora = self.hale.create("people", userName="dora")
        after = [each["id"] for each in
                 self.hale.must("GET", f"changes?after={before}")["changes"]]
        self.server.stop()
        self.assertEqual(run("audit", "verify", self.folder / "log").returncode, 0)
        created = collections.Counter(event.get("affected_id") for event in exported(self.folder / "log")
                                      if event.get("action") == "create" and
                                      event["kind"] == "user_change")
        self.assertIn(dora, after)
        for changed in after:
            self.assertEqual(created[changed], 1, "each change has its event once")


class QuotaTest(ProgramTest):
    def test_of_a_credential_is_its_own(self):
        site = DirectorySite(self.folder)
        site.config["administration"] = {"quota": {"rate": 1, "burst": 8}}
        with Serve(site) as server:
            hale = Administrator(server, site.first[""])
            other = hale.with_role("other", "Auditor")  # five of eight
            refused = None
            for _ in range(50):
                status, headers, problem = hale.ask("GET", "people?count=1")
                if status != 200:
                    refused = status, headers, problem
                    break
            self.assertIsNotNone(refused)
            self.assertEqual(refused[0], 429, refused[2])
            self.assertGreaterEqual(int(refused[1]["Retry-After"]), 1)
            self.assertEqual(refused[1]["Content-Type"], "application/problem+json")
            while True:
                status, kind, error = scim(server, hale.token, "GET", "/Users?count=1")
                if status != 200:
                    break
            self.assertEqual((status, kind, error["schemas"], error["status"]),
                             (429, "application/scim+json", SCIM_ERROR, "429"))
            self.assertEqual(other.status("GET", "people?count=1"), 200, "that is another's")
            eventually(lambda: hale.status("GET", "people?count=1") == 200)

    def test_strangers_are_told_in_scims_own_words(self):
        site = DirectorySite(self.folder)
        gateway = site.add_caller("gateway")
        with Serve(site) as server:
            for token, status in ((None, 401), ("wlk_" + "A" * 43, 401), (gateway, 403)):
                answered = scim(server, token, "GET", "/Users")
                self.assertEqual((answered[0], answered[1], answered[2]["schemas"]),
                                 (status, "application/scim+json", SCIM_ERROR), answered)
                self.assertEqual(answered[2]["status"], str(status))
                self.assertTrue(answered[2]["detail"])


class PostgresqlTest(ProgramTest):
    """Nodes that share one PostgreSQL."""

    def setUp(self):
        super().setUp()
        self.database = self.enterContext(PostgresServer())
        self.database.psql("CREATE DATABASE directory")
        self.url = f"postgresql://wardlock@/directory?host={self.database.socket}"
        self.first = None

    def start(self, node):
        """A node, and the first administrator there."""
        folder = self.folder / node
        folder.mkdir()
        site = DirectorySite(folder, database=self.url, is_first=self.first is None)
        self.first = self.first or site.first[""]
        site.config["administration"] = {"quota": {"rate": 100000, "burst": 100000}}
        site.config["audit"] = {"directory": "log", "node": node, "segment": "1MiB",
                                "immutable": False}
        site.token = site.add_caller("gate")
        server = Serve(site)
        self.addCleanup(server.stop)
        return server, Administrator(server, self.first)

    def test_restarted_under_load_loses_nothing_that_was_answered(self):
        server, hale = self.start("a")
        entered, refused, is_over = {}, collections.Counter(), threading.Event()
        decisions = collections.Counter()

        def enter(clerk):
            for i in range(10**6):
                if is_over.is_set():
                    return
                name = f"p-{clerk}-{i}"
                status, _, answer = hale.ask("POST", "people", {"attributes": {"userName": name}})
                if status == 201:
                    entered[answer["id"]] = name
                else:
                    refused[status, answer["detail"]] += 1

        def decide():
            while not is_over.is_set():
                decisions[server.ask(server.site.token, question())[0]] += 1
        threads = [threading.Thread(target=enter, args=(i,)) for i in range(CLIENTS)]
        threads.append(threading.Thread(target=decide))
        for thread in threads:
            thread.start()
        stale = []
        for _ in range(RESTARTS):
            count = len(entered)
            eventually(lambda count=count: len(entered) > count + 20, 60)
            self.database.stop()
            eventually(lambda: "stale" in self.directory_of(server))
            stale.append(self.directory_of(server))
            self.database.start()
        count = len(entered)
        eventually(lambda: len(entered) > count + 20, 60)
        is_over.set()
        for thread in threads:
            thread.join()
        for status, reason in refused:
            if status != 503:  # ended while it was committed, so nobody knows
                self.assertIn("look before you repeat it", reason, refused)
            self.assertTrue(reason, "each says why")
        self.assertEqual(set(decisions), {200}, "decisions go on from what was known")
        for each in stale:
            self.assertTrue(each["stale"], each)
            self.assertGreater(each["age_seconds"], 0, "how stale")
        people = self.people(hale)
        self.assertEqual(set(entered) - set(people), set(), "what was answered is there")
        eventually(lambda: "stale" not in self.directory_of(server), SOON_S)
        server.stop()
        self.assertEqual(run("audit", "verify", self.folder / "a" / "log").returncode, 0)
        created = collections.Counter(
            event["affected_id"] for event in exported(self.folder / "a" / "log")
            if event.get("action") == "create" and event["kind"] == "user_change")
        self.assertEqual({id_: created[id_] for id_ in people if created[id_] != 1}, {},
                         "each change has its event once")

    def test_a_credential_revoked_on_one_node_stops_on_the_other(self):
        one, hale = self.start("a")
        other, hale_there = self.start("b")
        for _ in range(5):
            desk = hale.with_role(f"desk-{time.monotonic_ns()}", "HelpDesk")
            there = Administrator(other, desk.token)
            eventually(lambda there=there: there.status("GET", "people?count=1") == 200, SOON_S)
            self.assertEqual(hale.must("POST", f"people/{desk.id}/leak", {})["revoked"], 1)
            self.assertEqual(desk.status("GET", "people?count=1"), 401, "here at once")
            eventually(lambda there=there: there.status("GET", "people?count=1") == 401, SOON_S)
        self.assertEqual(hale_there.status("GET", "whoami"), 200)
        self.assertEqual(one.request("GET", "/readyz")[0], 200)

    def people(self, hale):
        found, cursor = {}, ""
        while True:
            page = hale.must("GET", f"people?count=1000{cursor}")
            found.update((each["id"], each) for each in page["items"]
                         if each["attributes"]["userName"] != "hale")
            if not page.get("next"):
                return found
            cursor = f"&cursor={page['next']}"

    @staticmethod
    def directory_of(server):
        return json.loads(server.request("GET", "/readyz")[2])["directory"]


if __name__ == "__main__":
    unittest.main()
