"""What the text of AuthZEN 1.0 (final, January 2026) demands of a decision point beyond the
certification scenario, section by section; and RFC 7240 where it applies."""
import json

from certification import ALICE, BOB, PERMITTED, READ, RECORD_1, WRITE, asked, parsed, parsed_object, shape
from harness import EVALUATION, EVALUATIONS, JSON, METADATA

DENIED = asked(BOB, WRITE, RECORD_1)
SEMANTICS = [
    # questions of Bob's about record 1, semantic, decisions
    ([READ, WRITE, READ], None, [True, False, True]),
    ([READ, WRITE, READ], "execute_all", [True, False, True]),
    ([READ, WRITE, READ], "deny_on_first_deny", [True, False]),
    ([WRITE, READ], "deny_on_first_deny", [False]),
    ([READ, {}, READ], "deny_on_first_deny", [True, False]),
    ([READ, READ], "deny_on_first_deny", [True, True]),
    ([WRITE, READ, READ], "permit_on_first_permit", [False, True]),
    ([{}, READ, READ], "permit_on_first_permit", [False, True]),
    ([WRITE, WRITE], "permit_on_first_permit", [False, False]),
]
UNKNOWN_FIELDS = [
    {**PERMITTED, "subject": {**ALICE, "future": [1, {"a": None}]}},
    {**PERMITTED, "action": {**READ, "future": 1.5}},
    {**PERMITTED, "resource": {**RECORD_1, "future": "x"}},
    {**PERMITTED, "evaluation": [], "page": {"limit": 1}},
    {**PERMITTED, "options": {"another_option": "value"}},
]


class Specification:
    """The checks against one decision point that has the certification's fixture."""

    def __init__(self, pdp, score):
        self.pdp, self.score = pdp, score

    def expect(self, section, actual, expected):
        return self.score.expect(f"specification {section}", actual, expected)

    def send(self, path, body=None, headers=None, method="POST"):
        text = body if isinstance(body, str) or body is None else json.dumps(body)
        return self.pdp.request(method, path, text, {"Content-Type": JSON, **(headers or {})})

    def run(self):
        self.semantics()
        self.unknown_fields()
        self.transport()
        self.preferences()
        self.metadata()

    def semantics(self):
        for actions, semantic, decisions in SEMANTICS:
            request = asked(BOB, None, RECORD_1, evaluations=[{"action": a} for a in actions])
            if semantic:
                request["options"] = {"evaluations_semantic": semantic}
            reply = parsed_object(self.send(EVALUATIONS, request)[2])
            self.expect(f"§7.1.2.1 {semantic} of {len(actions)}",
                        [shape(item) for item in reply.get("evaluations", [])], decisions)
        for wrong in ("bogus_value", "", "Execute_all", 1, ["execute_all"]):
            request = {"evaluations": [PERMITTED], "options": {"evaluations_semantic": wrong}}
            self.expect(f"§7.1.2.1 semantic {wrong!r}", self.send(EVALUATIONS, request)[0], 400)
        reply = parsed_object(self.send(EVALUATIONS, {"evaluations": [PERMITTED, {}]})[2])
        self.expect("§7.2.1 the error of one question", reply.get("evaluations", [])[1:], [
            {"decision": False,
             "context": {"error": {"status": 400, "message": "`subject` is missing"}}}])

    def unknown_fields(self):
        for question in UNKNOWN_FIELDS:
            for path in (EVALUATION, EVALUATIONS):
                status, _, text = self.send(path, question)
                self.expect("§10.1.1 unknown fields", (status, shape(parsed(text))), (200, True))
        shuffled = json.dumps(dict(reversed(PERMITTED.items())))
        self.expect("§10.1.1 no order of members", self.send(EVALUATION, shuffled)[0], 200)

    def transport(self):
        for path in (EVALUATION, EVALUATIONS):
            for content_type in ("application/json; charset=utf-8", "Application/Json"):
                status = self.send(path, PERMITTED, {"Content-Type": content_type})[0]
                self.expect(f"§10.1 content type {content_type}", status, 200)
            for method in ("GET", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"):
                status, fields, _ = self.send(path, PERMITTED, method=method)
                self.expect(f"§10.1 {method}", (status, fields["Allow"]), (405, "POST"))
            for body in ("[]", "null", "1", '"x"', '{"a":1,"a":2}', "{}x", '{"a":"\\ud800"}'):
                status, fields, text = self.send(path, body)
                self.expect(f"§10.1.2, §11.6 {body}",
                            (status, fields["Content-Type"], type(parsed(text))), (400, JSON, str))
            for request_id in ("bfe9eb29-ab87-4ca3-be83-a1d5d8305716", "a b", "x" * 256, '"quoted"'):
                fields = self.send(path, DENIED, {"X-Request-ID": request_id})[1]
                self.expect("§10.1.3 request id", fields["X-Request-ID"], request_id)
        self.expect("§10.1.2 a deny is 200", self.send(EVALUATION, DENIED)[0], 200)
        many = {"evaluations": [PERMITTED] * 101}
        status, _, text = self.send(EVALUATIONS, many)
        self.expect("§11.8 too many questions", (status, "at most 100" in text), (400, True))
        self.expect("§11.8 as many as allowed",
                    self.send(EVALUATIONS, {"evaluations": [PERMITTED] * 100})[0], 200)

    def preferences(self):
        batch = {"evaluations": [PERMITTED, DENIED]}
        for path, body, prefer, has_context in [
                (EVALUATION, PERMITTED, None, True), (EVALUATION, PERMITTED, "return=minimal", False),
                (EVALUATION, PERMITTED, "return=representation", True),
                (EVALUATIONS, batch, None, False), (EVALUATIONS, batch, "return=minimal", False),
                (EVALUATIONS, batch, "return=representation", True)]:
            status, fields, text = self.send(path, body, {"Prefer": prefer} if prefer else None)
            reply = parsed_object(text)
            replies = reply.get("evaluations", [reply])
            self.expect(f"RFC 7240 §4.2 {prefer} at {path}",
                        (status, fields["Preference-Applied"], ["context" in r for r in replies]),
                        (200, prefer, [has_context] * len(replies)))

    def metadata(self):
        for method, expected in (("HEAD", 200), ("POST", 405), ("OPTIONS", 405)):
            self.expect(f"§9.2.1 {method}", self.send(METADATA, method=method)[0], expected)
        fields = self.send(METADATA, method="GET", headers={"X-Request-ID": "m-1"})[1]
        self.expect("§10.1.3 request id", fields["X-Request-ID"], "m-1")
        self.expect("§9.2 no such tenant", self.send(METADATA + "/x", method="GET")[0], 404)
