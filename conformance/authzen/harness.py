"""What the checks have in common: a decision point of our own, and who has passed."""
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "src" / "cli"))
from program import Pdp  # noqa: E402: the path must be set first

EVALUATION = "/access/v1/evaluation"
EVALUATIONS = "/access/v1/evaluations"
METADATA = "/.well-known/authzen-configuration"
JSON = "application/json"


class Score:
    """Counts checks, and prints those that failed."""

    def __init__(self):
        self.passed = self.failed = 0

    def expect(self, name, actual, expected):
        """Whether both are the same; `expected` may be a predicate."""
        is_right = expected(actual) if callable(expected) else actual == expected
        if is_right:
            self.passed += 1
        else:
            self.failed += 1
            wanted = "" if callable(expected) else f"\n  expected {expected!r}"
            print(f"FAILED {name}{wanted}\n  got      {actual!r}")
        return is_right

    def finish(self):
        """The exit status."""
        print(f"{self.passed} passed, {self.failed} failed")
        return 1 if self.failed else 0
