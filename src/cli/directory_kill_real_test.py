"""Kills a server whose directory is being changed, again and again, at any moment: what was answered is
there, and each change has its audit event exactly once."""
import collections
import http.client
import os
import random
import signal
import sys
import threading
import time
import unittest

from audited import exported
from directory_site import Administrator, DirectorySite
from program import ProgramTest, run
from serving import Serve

CLIENTS = 4
IMPORTED = 5  # people in one import
NO_CHANGES = ("decision", "service_start", "policy_change")  # what has another revision


class Clerks:
    """Enter people one after another until the server is gone, one of them many at once, and one of
    them patients that are merged; keep who was entered."""

    def __init__(self, administrator, name):
        self.administrator, self.name = administrator, name
        self.entered = []
        self.refused = []
        works = [self._enter_one, self._enter_one, self._import, self._merge]
        self.threads = [threading.Thread(target=self._work, args=(works[i], i))
                        for i in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def _work(self, work, clerk):
        for i in range(10**6):
            try:
                work(f"{self.name}-{clerk}-{i}")
            except (OSError, http.client.HTTPException, ValueError):
                return  # the server is gone

    def _ask(self, path, body):
        """The answer; None where it was refused."""
        status, _, answer = self.administrator.ask("POST", path, body)
        if status // 100 == 2:
            return answer
        self.refused.append((status, answer))
        return None

    def _enter_one(self, name):
        if made := self._ask("people", {"attributes": {"userName": name}}):
            self.entered.append(made["id"])

    def _import(self, name):
        self._ask("import", {"entries": [
            {"kind": "person", "attributes": {"userName": f"{name}-{each}", "title": name}}
            for each in range(IMPORTED)]})

    def _merge(self, name):
        device = {"model": self.administrator.model, "serialNumber": name}
        made = [self._ask("patients", {"attributes": {"recordNumber": f"{name}-{each}"}})
                for each in ("from", "into")]
        pump = self._ask("devices", {"attributes": device, "state": "manufactured"})
        self._ask("relations", {"kind": "deviceAssignment", "subject": pump["id"],
                                "object": made[0]["id"]})
        self._ask(f"patients/{made[0]['id']}/merge", {"into": made[1]["id"]})

    def stop(self):
        for thread in self.threads:
            thread.join()


class KilledServer(ProgramTest):
    kills = 4

    def all_of(self, hale, collection):
        found, cursor = [], ""
        while True:
            page = hale.must("GET", f"{collection}?count=1000{cursor}")
            found += page["items"]
            if not page.get("next"):
                return found
            cursor = f"&cursor={page['next']}"

    def feed(self, hale):
        """How many changes each revision has."""
        revisions, after = collections.Counter(), 0
        while True:
            page = hale.must("GET", f"changes?count=1000&after={after}")
            revisions.update(each["revision"] for each in page["changes"])
            after = page["next"]
            if page["isLast"]:
                return revisions

    def assert_nothing_is_half_done(self, hale):
        imported = collections.Counter(
            person["attributes"]["title"] for person in self.all_of(hale, "people")
            if "title" in person["attributes"])
        self.assertEqual(set(imported.values()), {IMPORTED}, "an import is whole")
        merged = 0
        for patient in self.all_of(hale, "patients"):
            is_merged = patient["state"] == "merged"
            self.assertEqual("mergedInto" in patient["attributes"], is_merged, patient)
            devices = hale.must("GET", f"relations?object={patient['id']}"
                                       "&kind=deviceAssignment")["items"]
            self.assertLessEqual(len(devices), 0 if is_merged else 1)
            if is_merged:
                merged += 1
                into = patient["attributes"]["mergedInto"]
                self.assertEqual(1, len(hale.must("GET", f"relations?object={into}"
                                                         "&kind=deviceAssignment")["items"]))
        self.assertGreater(merged, 0)

    def enter_model(self, hale):
        maker = hale.create("organisations", code="maker", displayName="Maker",
                            organisationType="manufacturer")
        return hale.create("device-models", manufacturer=maker, modelNumber="P4", displayName="P4")

    def test_has_each_change_with_its_event_once(self):
        seed = int(os.environ.get("WARDLOCK_SEED", random.randrange(2**32)))
        print(f"seed {seed}, {self.kills} kills", file=sys.stderr)
        draw = random.Random(seed)
        site = DirectorySite(self.folder)
        log = site.folder / "log"
        site.config["audit"] = {"directory": "log", "segment": "1MiB", "immutable": False,
                                "checkpoint_interval": "20ms"}
        site.config["administration"] = {"quota": {"rate": 100000, "burst": 100000}}
        acknowledged = set()
        with Serve(site) as server:
            model = self.enter_model(Administrator(server, site.first[""]))
        for kill in range(self.kills):
            server = Serve(site)
            hale = Administrator(server, site.first[""])
            hale.model = model
            clerks = Clerks(hale, f"k{kill}")
            time.sleep(draw.uniform(0.05, 0.6))
            server.stop(signal.SIGKILL)
            clerks.stop()
            self.assertEqual(clerks.refused, [])
            acknowledged.update(clerks.entered)
        with Serve(site) as server:
            hale = Administrator(server, site.first[""])
            people = [each["id"] for each in self.all_of(hale, "people")]
            self.assert_nothing_is_half_done(hale)
            feed = self.feed(hale)
        self.assertEqual(acknowledged - set(people), set())
        verified = run("audit", "verify", log)
        self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)
        events = exported(log)
        ids = collections.Counter(event["id"] for event in events)
        self.assertEqual([each for each, count in ids.items() if count > 1], [])
        entered = collections.Counter(
            event["affected_id"] for event in events
            if event["kind"] == "user_change" and event["action"] == "create"
            and event.get("affected_type") == "User")
        self.assertEqual(entered, collections.Counter(people))
        revisions = [event["revision"] for event in events
                     if event["kind"] in ("user_change", "role_change", "credential_change")]
        self.assertEqual(revisions, sorted(revisions))
        changes = collections.Counter(event["revision"] for event in events if "revision" in event
                                      and event.get("kind") not in NO_CHANGES)
        self.assertEqual({each: count for each, count in feed.items() if changes[each] != count}, {},
                         "no change without its event")
        self.assertGreater(len(acknowledged), self.kills, "hardly anything was changed")


if __name__ == "__main__":
    unittest.main(verbosity=2)
