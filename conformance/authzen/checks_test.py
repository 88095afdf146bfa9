"""That the checks notice a decision point that is wrong."""
import contextlib
import http.client
import io
import json
import unittest

from certification import Certification
from harness import Score
from specification import Specification


class Answering:
    """A decision point that gives one answer to everything."""

    def __init__(self, status, body, **fields):
        self.status, self.body = status, json.dumps(body)
        self.fields = http.client.HTTPMessage()
        for name, value in fields.items():
            self.fields[name.replace("_", "-")] = value

    def request(self, method, path, body=None, headers=None):
        return self.status, self.fields, self.body if method != "HEAD" else ""


def failures(pdp, checks):
    score = Score()
    with contextlib.redirect_stdout(io.StringIO()) as said:
        checks(pdp, score)
    return score, said.getvalue()


class ChecksTest(unittest.TestCase):
    def test_notice_each_wrong_answer(self):
        for pdp in (Answering(200, {"decision": True}, Content_Type="application/json"),
                    Answering(200, {"decision": False}, Content_Type="application/json"),
                    Answering(400, "no", Content_Type="application/json"),
                    Answering(200, {"evaluations": []}, Content_Type="text/plain"),
                    Answering(500, {}, Content_Type="application/json")):
            score, said = failures(pdp, lambda pdp, score: Certification(pdp, "http://stub", score,
                                                                         "stub").run())
            self.assertGreater(score.failed, 40)
            self.assertIn("certification 2.", said)
            self.assertIn("certification 3.2.1", said)
            self.assertIn("certification 4.2.1", said)
            self.assertIn("certification 4.5.", said)
            if pdp.status != 400:
                self.assertIn("certification 4.7.", said)
            self.assertIn("certification 6.", said)

    def test_notice_that_semantics_are_ignored(self):
        batch = {"evaluations": [{"decision": True}, {"decision": False, "context": {}}]}
        score, said = failures(Answering(200, batch, Content_Type="application/json"),
                               lambda pdp, score: Specification(pdp, score).run())
        self.assertIn("§7.1.2.1", said)
        self.assertIn("permit_on_first_permit", said)
        self.assertGreater(score.failed, score.passed)

    def test_the_exit_status_says_whether_one_failed(self):
        with contextlib.redirect_stdout(io.StringIO()) as said:
            score = Score()
            score.expect("one", 1, 1)
            self.assertEqual(score.finish(), 0)
            score.expect("two", 1, 2)
            self.assertEqual(score.finish(), 1)
        self.assertTrue(said.getvalue().endswith("1 passed, 1 failed\n"))
        self.assertIn("FAILED two", said.getvalue())


if __name__ == "__main__":
    unittest.main()
