"""The working group's certification scenario for AuthZEN 1.0: the levels Basic, Batch, Search and Discovery.

One check for each rule of openid/authzen, certification/authorization-api-1_0-scenario.md, with its
section for a name. Decisions are compared only where the scenario fixes them; elsewhere the shape is.
"""
import json
import uuid

from harness import EVALUATION, EVALUATIONS, HERE, JSON, METADATA, SEARCHES

FOLDER = HERE / "certification"
POLICY = FOLDER / "certification.cedar"
SCHEMA = FOLDER / "certification.cedarschema"
ENTITIES = FOLDER / "entities.json"

ALICE, BOB = ({"type": "user", "id": name} for name in ("alice", "bob"))
ADMIN = {**BOB, "properties": {"role": "admin"}}
RECORD_1, RECORD_2 = ({"type": "record", "id": f"record-{n}"} for n in (1, 2))
ACTIVE = {**RECORD_1, "properties": {"status": "active"}}
ARCHIVED = {**RECORD_2, "properties": {"status": "archived"}}
READ, WRITE = {"name": "read"}, {"name": "write"}


def asked(subject=None, action=None, resource=None, **more):
    four = {"subject": subject, "action": action, "resource": resource}
    return {**{key: value for key, value in four.items() if value is not None}, **more}


def deleting(soft):
    return {"name": "delete", "properties": {"soft": soft}}


PERMITTED = asked(ALICE, READ, RECORD_1)

# section, question, decision
SINGLE = [
    ("1.4 rule 2", asked(ALICE, WRITE, RECORD_1), True),
    ("1.4 rule 3", asked(BOB, READ, RECORD_1), True),
    ("2.2.1 permit", PERMITTED, True),
    ("2.2.2 deny", asked(BOB, WRITE, RECORD_1), False),
    ("2.2.3 context", asked(ALICE, READ, RECORD_1, context={
        "time": "2025-06-27T18:03-07:00", "ip": "192.168.1.1"}), True),
    ("2.2.4 deny by the resource's properties", asked(ALICE, WRITE, ARCHIVED), False),
    ("2.2.5 permit by the subject's properties", asked(ADMIN, WRITE, ARCHIVED), True),
    ("2.2.6 permit by the action's properties", asked(ALICE, deleting(True), RECORD_1), True),
    ("2.2.7 deny by the action's properties", asked(ALICE, deleting(False), RECORD_1), False),
    ("2.2.8 more properties", asked(
        {**ALICE, "properties": {"department": "Sales", "role": "manager"}},
        {**READ, "properties": {"method": "GET"}},
        {**RECORD_1, "properties": {"status": "active", "owner": "bob"}}), True),
    ("2.2.8 more properties of an action that has some", asked(
        ALICE, {"name": "delete", "properties": {"soft": True, "reason": "typo"}}, RECORD_1), True),
    ("2.2.9 unknown fields", {**PERMITTED, "foo": "bar", "futureField": {"nested": True}}, True),
]

# section, what is sent
REFUSED = [
    ("2.4.1 no subject", asked(None, READ, RECORD_1)),
    ("2.4.1 no action", asked(ALICE, None, RECORD_1)),
    ("2.4.1 no resource", asked(ALICE, READ)),
    ("2.4.2 no subject.type", asked({"id": "alice"}, READ, RECORD_1)),
    ("2.4.2 no subject.id", asked({"type": "user"}, READ, RECORD_1)),
    ("2.4.2 no action.name", asked(ALICE, {}, RECORD_1)),
    ("2.4.2 no resource.type", asked(ALICE, READ, {"id": "record-1"})),
    ("2.4.2 no resource.id", asked(ALICE, READ, {"type": "record"})),
    ("2.4.4 malformed JSON", '{"subject": '),
    ("2.4.5 empty body", ""),
    ("2.4.6 the subject is a string", asked("alice", READ, RECORD_1)),
    ("2.4.6 action.name is a number", asked(ALICE, {"name": 123}, RECORD_1)),
    ("2.4 the body is a list", [PERMITTED]),
]

# section, request, decisions (None: any)
BATCHES = [
    ("3.2.1 a list", asked(ALICE, READ, evaluations=[
        {"resource": RECORD_1}, {"resource": RECORD_2}]), [None, None]),
    ("3.2.2 in order", asked(BOB, None, RECORD_1, evaluations=[
        {"action": READ}, {"action": WRITE}]), [True, False]),
    ("3.2.3 each resource's properties", asked(ALICE, WRITE, evaluations=[
        {"resource": ACTIVE}, {"resource": ARCHIVED}]), [True, False]),
    ("3.2.4 each subject's properties", asked(None, WRITE, ARCHIVED, evaluations=[
        {"subject": ALICE}, {"subject": ADMIN}]), [False, True]),
    ("3.2.5 no defaults", {"evaluations": [
        PERMITTED, asked(BOB, WRITE, RECORD_1)]}, [True, False]),
    ("3.2.6 the context is inherited or replaced", asked(
        ALICE, READ, context={"time": "2025-06-27T18:03-07:00"}, evaluations=[
            {"resource": RECORD_1},
            {"resource": RECORD_2, "context": {"time": "2025-06-27T19:00-07:00",
                                               "source": "batch-override"}}]), [None, None]),
    # A default that no question inherits need not be complete (whole replacement, as the scenario
    # has it since September 2026).
    ("3.2.7 defaults are replaced whole", asked(ALICE, WRITE, {"type": "record"}, evaluations=[
        {"resource": ACTIVE}, {"resource": ARCHIVED}]), [True, False]),
    ("3.2.7 a question's own key wins", asked(BOB, WRITE, RECORD_1, evaluations=[
        {"action": READ}, {}]), [True, False]),
    ("3.4.1 one question without a resource", asked(ALICE, READ, evaluations=[
        {"resource": RECORD_1}, {}]), [True, False]),
    ("3.4.1 no subject anywhere", asked(None, READ, evaluations=[
        {"resource": RECORD_1}]), [False]),
]


USER, RECORD = {"type": "user"}, {"type": "record"}
CONTEXT = {"time": "2025-06-27T18:03-07:00"}

# section, what is sought, request, what must be among the results
SEARCHED = [
    ("4.2.1 subjects", "subject", asked(USER, READ, RECORD_1), {"alice", "bob"}),
    ("4.2.2 subjects, with context", "subject", asked(USER, READ, RECORD_1, context=CONTEXT),
     {"alice", "bob"}),
    ("4.2.3 a subject's id is ignored", "subject", asked(BOB, WRITE, RECORD_1), {"alice"}),
    ("4.2.4 subjects by the resource's properties", "subject", asked(USER, WRITE, ARCHIVED), {"bob"}),
    ("4.3.1 resources", "resource", asked(ALICE, READ, RECORD), {"record-1"}),
    ("4.3.2 a resource's id is ignored", "resource", asked(ALICE, READ, RECORD_2), {"record-1"}),
    ("4.3.3 resources by the subject's properties", "resource", asked(ADMIN, WRITE, RECORD),
     {"record-2"}),
    ("4.4.1 actions", "action", asked(ALICE, None, RECORD_1), {"read", "write"}),
    ("4.4.2 actions, with context", "action", asked(ALICE, None, RECORD_1, context=CONTEXT),
     {"read", "write"}),
    ("4.4.3 actions by properties", "action", asked(ADMIN, None, ARCHIVED), {"write"}),
    ("5 unknown fields", "resource", asked(ALICE, READ, RECORD, foo="bar"), {"record-1"}),
]

# section, what is sought, request
FINDS_NOTHING = [
    ("4.6.1 an unknown id", "action", asked({**USER, "id": "nonexistent-user"}, None, RECORD_1)),
    ("4.6.2 an unknown type", "subject", asked({"type": "spaceship"}, READ, RECORD_1)),
    ("4.6.2 an unknown type", "resource", asked(ALICE, READ, {"type": "spaceship"})),
    ("4.6.2 an unknown action", "resource", asked(ALICE, {"name": "fly"}, RECORD)),
]

SEARCHES_REFUSED = [
    ("4.7.1 no action", "subject", asked(USER, None, RECORD_1)),
    ("4.7.1 no subject", "resource", asked(None, READ, RECORD)),
    ("4.7.1 no resource", "action", asked(ALICE)),
    ("4.7.2 no resource.id", "subject", asked(USER, READ, RECORD)),
    ("4.7.2 no subject.id", "resource", asked(USER, READ, RECORD)),
    ("4.7 no subject.type", "subject", asked({}, READ, RECORD_1)),
    ("4.7 malformed JSON", "action", "{"),
]


def parsed(text):
    try:
        return json.loads(text)
    except ValueError:
        return None


def parsed_object(text):
    value = parsed(text)
    return value if isinstance(value, dict) else {}


class Certification:
    """The scenario against one decision point, reached at `base`, with one fixture."""

    def __init__(self, pdp, base, score, fixture, has_directory=True):
        self.pdp, self.base, self.score, self.fixture = pdp, base, score, fixture
        self.has_directory = has_directory

    def expect(self, section, actual, expected):
        return self.score.expect(f"certification {section} ({self.fixture})", actual, expected)

    def post(self, path, body, headers=None):
        text = body if isinstance(body, str) else json.dumps(body)
        status, fields, answer = self.pdp.request("POST", path, text,
                                                  {"Content-Type": JSON, **(headers or {})})
        return status, fields, parsed(answer)

    def post_batch(self, request):
        status, fields, reply = self.post(EVALUATIONS, request)
        return status, fields, reply if isinstance(reply, dict) else {}

    def run(self):
        self.single(EVALUATION)
        self.single(EVALUATIONS)  # without `evaluations`, that is the same (3.4.2)
        self.headers()
        self.batches()
        self.searches()
        self.pages()
        self.discovery()

    def single(self, path):
        for section, question, decision in SINGLE:
            status, fields, reply = self.post(path, question)
            self.expect(f"{section} at {path}", (status, fields["Content-Type"], shape(reply)),
                        (200, JSON, decision))
        for section, body in REFUSED:
            status, _, reply = self.post(path, body)
            self.expect(f"{section} at {path}", (status, isinstance(reply, str)), (400, True))
        for content_type in ("text/plain", "application/xml", None):
            headers = {"Content-Type": content_type} if content_type else {}
            status = self.pdp.request("POST", path, json.dumps(PERMITTED), headers)[0]
            self.expect(f"2.4.3 content type {content_type} at {path}", status, 400)
        decisions = {shape(self.post(path, PERMITTED)[2]) for _ in range(5)}
        self.expect(f"2.6 idempotency at {path}", decisions, {True})

    def headers(self):
        for path, body, expected in [(EVALUATION, PERMITTED, 200), (EVALUATIONS, PERMITTED, 200),
                                     (EVALUATION, "{", 400), (EVALUATIONS, "{", 400)]:
            sent = str(uuid.uuid4())
            status, fields, _ = self.post(path, body, {"X-Request-ID": sent})
            self.expect(f"2.5.1 request id at {path}", (status, fields["X-Request-ID"]),
                        (expected, sent))
            self.expect(f"2.5.2 no request id at {path}", self.post(path, body)[0], expected)

    def batches(self):
        for section, request, decisions in BATCHES:
            status, fields, reply = self.post_batch(request)
            items = reply.get("evaluations")
            if not self.expect(f"{section}: shape",
                               (status, fields["Content-Type"], isinstance(items, list)
                                and [type(shape(item)) for item in items]),
                               (200, JSON, [bool] * len(decisions))):
                continue
            self.expect(f"{section}: decisions",
                        [None if wanted is None else shape(item)
                         for item, wanted in zip(items, decisions)], decisions)
            self.expect("3.3.4 no decision beside the list", "decision" in reply, False)
        for section, request in [("3.4.2 no list", PERMITTED),
                                 ("3.4.3 an empty list", {**PERMITTED, "evaluations": []})]:
            status, _, reply = self.post_batch(request)
            self.expect(section, (status, shape(reply), "evaluations" in reply), (200, True, False))

    def search(self, sought, request, headers=None):
        status, fields, reply = self.post(SEARCHES + sought, request, headers)
        return status, fields, reply if isinstance(reply, dict) else {}

    def names(self, sought, results):
        """The ids or names, or what is wrong with the results."""
        keys, kind = {"subject": ({"type", "id"}, "user"), "resource": ({"type", "id"}, "record"),
                      "action": ({"name"}, None)}[sought]
        if not isinstance(results, list):
            return results
        if not all(isinstance(each, dict) and each.keys() == keys and each.get("type") == kind
                   for each in results):
            return results
        return [each["id" if kind else "name"] for each in results]

    def searches(self):
        for section, sought, request, least in SEARCHED:
            sent = str(uuid.uuid4())
            status, fields, reply = self.search(sought, request, {"X-Request-ID": sent})
            self.expect(f"{section}: shape", (status, fields["Content-Type"], fields["X-Request-ID"]),
                        (200, JSON, sent))
            names = self.names(sought, reply.get("results"))
            if self.expect(f"{section}: results", names,
                           lambda names: isinstance(names, list) and all(
                               isinstance(name, str) for name in names)):
                self.expect(f"{section}: least", least - set(names) if self.has_directory else None,
                            set() if self.has_directory else None)
                self.expect(f"{section}: each once", len(names), len(set(names)))
                self.expect(f"{section}: allowed", self.denied(sought, request, reply["results"]), [])
        for section, sought, request in FINDS_NOTHING:
            status, fields, reply = self.search(sought, request)
            self.expect(f"{section}, {sought}", (status, fields["Content-Type"], reply),
                        (200, JSON, {"results": []}))
        for section, sought, request in SEARCHES_REFUSED:
            status, _, reply = self.post(SEARCHES + sought, request)
            self.expect(f"{section}, {sought}", (status, isinstance(reply, str)), (400, True))

    def denied(self, sought, request, results):
        """What was found, and is denied when it is asked about."""
        found = []
        for result in results:
            question = {**request, sought: {**request.get(sought, {}), **result}}
            if shape(self.post(EVALUATION, question)[2]) is not True:
                found.append(result)
        return found

    def pages(self):
        for sought, request in [("subject", asked(USER, READ, RECORD_1)),
                                ("resource", asked(ADMIN, READ, RECORD)),
                                ("action", asked(ALICE, None, RECORD_1))]:
            everything = self.names(sought, self.search(sought, request)[2].get("results"))
            together, page = [], {"limit": 1}
            for _ in range(10):
                status, _, reply = self.search(sought, {**request, "page": page})
                answer = reply.get("page", {})
                token = answer.get("next_token") if isinstance(answer, dict) else None
                names = self.names(sought, reply.get("results")) or []
                self.expect(f"4.5.1 a page of {sought}s", (status, isinstance(token, str), len(names) <= 1),
                            (200, True, True))
                self.expect(f"4.5.3 count of {sought}s", answer.get("count"), len(names))
                together += names
                page = {"limit": 1, "token": token}
                if not token:
                    break
            self.expect(f"4.5.2 all pages of {sought}s", together, everything)
            first = self.search(sought, {**request, "page": {"limit": 1}})[2].get("page", {})
            if first.get("next_token"):
                status, _, reply = self.search(
                    sought, {**request, "page": {"token": first["next_token"]}})
                self.expect(f"4.5.2 {sought}s, without a limit", (status, reply.get("page", {}).get(
                    "next_token")), (200, ""))
            self.expect(f"4.5 {sought}s, a token that is none",
                        self.search(sought, {**request, "page": {"token": "made-up"}})[0], 400)

    def discovery(self):
        status, fields, text = self.pdp.request("GET", METADATA)
        metadata = parsed_object(text)
        self.expect("6.2 response", (status, fields["Content-Type"], bool(metadata)),
                    (200, JSON, True))
        self.expect("6.3 identifier", metadata.get("policy_decision_point"), self.base)
        self.expect("6.3 evaluation", metadata.get("access_evaluation_endpoint"),
                    self.base + EVALUATION)
        self.expect("6.4 evaluations", metadata.get("access_evaluations_endpoint"),
                    self.base + EVALUATIONS)
        for sought in ("subject", "resource", "action"):
            self.expect(f"6.4 {sought} search", metadata.get(f"search_{sought}_endpoint"),
                        self.base + SEARCHES + sought)
        self.expect("6.4 no capabilities or signature", len(metadata), 6)


def shape(reply):
    """The decision of a reply that has the right shape; otherwise the reply."""
    if not isinstance(reply, dict) or not isinstance(reply.get("decision"), bool):
        return json.dumps(reply)
    if not isinstance(reply.get("context", {}), dict):
        return json.dumps(reply)
    return reply["decision"]
