"""The same as directory_kill_real_test.py, as often as it takes to meet the rare moments."""
import unittest

import directory_kill_real_test


class OftenKilledServer(directory_kill_real_test.KilledServer):
    kills = 200


if __name__ == "__main__":
    unittest.main(verbosity=2)
