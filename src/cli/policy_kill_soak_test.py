"""The same as policy_kill_real_test.py, as often as it takes to meet the rare moments."""
import unittest

import policy_kill_real_test


class OftenKilledWhileItChanges(policy_kill_real_test.KilledWhileItChanges):
    kills = 100


if __name__ == "__main__":
    unittest.main(verbosity=2)
