"""Kills a server that records, again and again, at any moment: what was answered is on record."""
import os
import random
import signal
import sys
import tempfile
import time
import unittest

from audited import Crowd, decision_ids
from program import run
from serving import Serve, Site


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
                                "checkpoint_interval": "20ms"}
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


if __name__ == "__main__":
    unittest.main(verbosity=2)
