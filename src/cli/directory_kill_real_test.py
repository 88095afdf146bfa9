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


class Clerks:
    """Enter people one after another until the server is gone; keep who was entered."""

    def __init__(self, administrator, name):
        self.administrator, self.name = administrator, name
        self.entered = []
        self.refused = []
        self.threads = [threading.Thread(target=self._enter, args=(i,)) for i in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def _enter(self, clerk):
        for i in range(10**6):
            try:
                status, _, answer = self.administrator.ask(
                    "POST", "people", {"attributes": {"userName": f"{self.name}-{clerk}-{i}"}})
            except (OSError, http.client.HTTPException, ValueError):
                return  # the server is gone
            if status == 201:
                self.entered.append(answer["id"])
            else:
                self.refused.append((status, answer))

    def stop(self):
        for thread in self.threads:
            thread.join()


class KilledServer(ProgramTest):
    kills = 4

    def people(self, hale):
        found, cursor = [], ""
        while True:
            page = hale.must("GET", f"people?count=1000{cursor}")
            found += [each["id"] for each in page["items"]]
            if not page.get("next"):
                return found
            cursor = f"&cursor={page['next']}"

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
        for kill in range(self.kills):
            server = Serve(site)
            clerks = Clerks(Administrator(server, site.first[""]), f"k{kill}")
            time.sleep(draw.uniform(0.05, 0.6))
            server.stop(signal.SIGKILL)
            clerks.stop()
            self.assertEqual(clerks.refused, [])
            acknowledged.update(clerks.entered)
        with Serve(site) as server:
            people = self.people(Administrator(server, site.first[""]))
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
        self.assertGreater(len(acknowledged), self.kills, "hardly anything was changed")


if __name__ == "__main__":
    unittest.main(verbosity=2)
