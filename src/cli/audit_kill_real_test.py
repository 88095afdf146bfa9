"""Kills a server that records, again and again, at any moment: what was answered is on record."""
import os
import random
import signal
import sys
import tempfile
import time
import unittest

from audited import Crowd, decision_ids, exported
from program import run
from serving import Serve, Site, eventually


class KilledServer(unittest.TestCase):
    kills = 6

    def test_has_recorded_all_that_it_answered(self):
        seed = int(os.environ.get("WARDLOCK_SEED", random.randrange(2**32)))
        print(f"seed {seed}, {self.kills} kills", file=sys.stderr)
        draw = random.Random(seed)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        site = Site(folder.name)
        token = site.add_caller("gateway", rights=["explain"])
        site.config["audit"] = {"directory": "log", "segment": "1MiB",
                                "checkpoint_interval": "20ms", "immutable": False}
        log = site.folder / "log"
        answered = set()
        for kill in range(self.kills):
            server = Serve(site)
            crowd = Crowd(server, token)
            time.sleep(draw.uniform(0.01, 0.3))
            server.stop(signal.SIGKILL)
            crowd.stop()
            self.assertEqual(crowd.refused, [])
            answered.update(crowd.answered)
            if kill % 10 == 9 or kill == self.kills - 1:
                verified = run("audit", "verify", log)
                self.assertEqual(verified.returncode, 0, verified.stdout + verified.stderr)
                self.assertEqual(answered - decision_ids(log), set())
        self.assertGreater(len(answered), 10 * self.kills, "hardly anything was asked")

    def test_tells_how_many_records_it_signs_for_that_nobody_signed(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        site = Site(folder.name)
        token = site.add_caller("gateway")
        site.config["audit"] = {"directory": "log", "segment": "1MiB",
                                "checkpoint_interval": "1h", "immutable": False}
        server = Serve(site)
        eventually(lambda: (site.folder / "log" / "checkpoint").exists())  # of the start
        for _ in range(3):
            self.assertEqual(server.ask(token)[0], 200)
        server.stop(signal.SIGKILL)
        for _ in range(2):
            Serve(site).stop(signal.SIGTERM)
        starts = [event for event in exported(site.folder / "log")
                  if event["kind"] == "service_start"]
        self.assertEqual([event.get("count") for event in starts], [None, 3, None])


if __name__ == "__main__":
    unittest.main(verbosity=2)
