"""The same as audit_kill_real_test.py, as often as it takes to meet the rare moments."""
import unittest

import audit_kill_real_test


class OftenKilledServer(audit_kill_real_test.KilledServer):
    kills = 200


if __name__ == "__main__":
    unittest.main(verbosity=2)
