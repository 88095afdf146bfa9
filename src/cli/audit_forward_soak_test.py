"""A receiver that is dead for long while everybody asks, and one that dies again and again."""
import os
import time
import unittest

import audit_forward_real_test
from audit_forward_real_test import without_repeats
from audited import Crowd
from serving import eventually

DEAD_S = int(os.environ.get("WARDLOCK_DEAD_S", 60))
# About a hundred decisions a second in all.
PAUSE_S = 0.08


class LongForwardingTest(audit_forward_real_test.SyslogTest):
    breaks = 30

    def test_a_receiver_that_is_dead_for_long_misses_nothing(self):
        receiver = self.rsyslog()
        self.siem(receiver)
        with self.serve() as server:
            self.ask(server)
            self.wait_until_sent(server)
            receiver.stop()
            crowd = Crowd(server, self.token, PAUSE_S)
            time.sleep(DEAD_S)
            crowd.stop()
            self.assertEqual(crowd.refused, [], "nobody was held up")
            self.assertGreaterEqual(self.metric(server, "lag"), len(crowd.answered))
            receiver.start()
            eventually(lambda: self.metric(server, "lag") == 0, 600)
        events = [each["id"] for each in self.events()]
        self.assertGreater(len(events), 50 * DEAD_S)
        # It writes what it has got in its own time.
        eventually(lambda: f'id="{events[-1]}"' in receiver.received()[-1]["data"], 300)
        self.assertEqual([each["id"] for each in without_repeats(self.received(receiver))], events)


if __name__ == "__main__":
    unittest.main(verbosity=2)
