"""openapi.json: that it is a sound OpenAPI 3.1 document, that the server has the endpoints it describes,
and that real replies are as it says."""
import json
import os
import pathlib
import re
import sys
import unittest

import jsonschema

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "cli"))
import program  # noqa: E402: the path must be set first
from program import Pdp  # noqa: E402

SOURCE = pathlib.Path(__file__).parent / "openapi.json"
AUTHZEN_SCHEMAS = pathlib.Path(os.environ.get("WARDLOCK_CONFORMANCE")
                               or program.ROOT.parent / "shared/conformance") / "authzen/schemas"
METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
JSON = {"Content-Type": "application/json"}
POLICIES = """
@id("reads") @reason("because") permit (principal == User::"ann", action == Action::"read", resource);
@id("broken") forbid (principal, action == Action::"fail", resource) when { context.missing };
@id("masked") permit (principal == User::"ann", action == Action::"mask", resource);
@id("masks") @obligation("mask-identity") @terms("fields: name") forbid (principal, action == Action::"mask", resource);
@id("strong") permit (principal == User::"ann", action == Action::"sign", resource)
when { context.authentication.level >= 2 };
@id("glass") @override("break-glass") permit (principal, action == Action::"open", resource)
when { context has override };
"""
GRANT = [{"uid": {"type": "Wardlock::Grant", "id": "g1"}, "parents": [], "attrs": {
    "principal": {"__entity": {"type": "User", "id": "ann"}},
    "target": {"__entity": {"type": "Chart", "id": "c"}},
    "actions": [{"__entity": {"type": "Action", "id": "open"}}],
    "opensAt": {"__extn": {"fn": "datetime", "arg": "2000-01-01"}},
    "expiresAt": {"__extn": {"fn": "datetime", "arg": "2999-01-01"}}, "reason": "emergency"}}]


def question(action, **more):
    return {"subject": {"type": "User", "id": "ann"}, "action": {"name": action},
            "resource": {"type": "Chart", "id": "c"}, **more}


def nodes(value, path="#"):
    """Every object of the document, with where it is."""
    if isinstance(value, dict):
        yield path, value
    items = value.items() if isinstance(value, dict) else (
        enumerate(value) if isinstance(value, list) else ())
    for key, inner in items:
        yield from nodes(inner, f"{path}/{key}")


class Document(dict):
    def resolve(self, reference):
        here = self
        for part in reference.removeprefix("#/").split("/"):
            here = here[part.replace("~1", "/").replace("~0", "~")]
        return here

    def follow(self, node):
        return self.resolve(node["$ref"]) if "$ref" in node else node

    def operations(self):
        for path, item in self["paths"].items():
            for method in METHODS & item.keys():
                yield path, method, item[method]

    def problem_of(self, value, schema):
        """Why the value does not fit the schema, or nothing."""
        whole = {"components": self["components"], "allOf": [schema]}
        errors = jsonschema.Draft202012Validator(whole).iter_errors(value)
        return "; ".join(f"{error.json_path}: {error.message}" for error in errors)


class DocumentTest(unittest.TestCase):
    """What OpenAPI 3.1 demands of the file."""

    def setUp(self):
        self.document = Document(json.loads(SOURCE.read_text()))

    def test_has_what_openapi_requires(self):
        self.assertRegex(self.document["openapi"], r"^3\.1\.\d+$")
        self.assertLessEqual({"title", "version"}, self.document["info"].keys())
        self.assertEqual(self.document.keys() - {"openapi", "info", "servers", "security", "tags",
                                                 "paths", "components"}, set())

    def test_every_reference_leads_somewhere(self):
        references = [(path, node["$ref"]) for path, node in nodes(dict(self.document))
                      if isinstance(node.get("$ref"), str)]
        self.assertGreater(len(references), 50)
        for path, reference in references:
            with self.subTest(path):
                self.assertIsInstance(self.document.resolve(reference), dict)

    def test_every_component_is_used(self):
        text = SOURCE.read_text()
        for kind, components in self.document["components"].items():
            for name in components:
                used = f'"{name}": []' if kind == "securitySchemes" else f"/{kind}/{name}\""
                self.assertIn(used, text)

    def test_operations_are_whole(self):
        names, tags = set(), {tag["name"] for tag in self.document["tags"]}
        for path, method, operation in self.document.operations():
            with self.subTest(path):
                self.assertNotIn(operation["operationId"], names)
                names.add(operation["operationId"])
                self.assertLessEqual(set(operation["tags"]), tags)
                self.assertTrue(operation["responses"])
                self.assertEqual("requestBody" in operation, method == "post")
                in_path = {p["name"] for p in map(self.document.follow,
                                                  operation.get("parameters", []))
                           if p["in"] == "path" and p["required"]}
                self.assertEqual(in_path, set(re.findall(r"\{(\w+)\}", path)))
                for status, response in operation["responses"].items():
                    self.assertRegex(status, r"^[2-5]\d\d$")
                    self.assertTrue(self.document.follow(response)["description"])

    def test_security_names_schemes_that_there_are(self):
        schemes = self.document["components"]["securitySchemes"]
        self.assertEqual({scheme["type"] for scheme in schemes.values()}, {"http", "mutualTLS"})
        for _, node in nodes(dict(self.document)):
            if isinstance(node.get("security"), list):
                for requirement in node["security"]:
                    self.assertLessEqual(requirement.keys(), schemes.keys())

    def test_schemas_are_json_schemas(self):
        for path, node in nodes(dict(self.document)):
            if "schema" in node:
                jsonschema.Draft202012Validator.check_schema(node["schema"])
        for schema in self.document["components"]["schemas"].values():
            jsonschema.Draft202012Validator.check_schema(schema)

    def test_examples_fit_their_schemas(self):
        count = 0
        for path, node in nodes(dict(self.document)):
            if not isinstance(node.get("schema"), dict):
                continue
            examples = [each["value"] for each in node.get("examples", {}).values()]
            for example in examples + ([node["example"]] if "example" in node else []):
                count += 1
                self.assertEqual(self.document.problem_of(example, node["schema"]), "", path)
        self.assertGreater(count, 8)


class ServerTest(program.ProgramTest):
    """The document against the server it describes."""

    def setUp(self):
        super().setUp()
        self.write("p.cedar", POLICIES)
        self.write("e.json", GRANT)
        self.pdp = Pdp("-p", "p.cedar", "--entities", "e.json", "--audit", "log", cwd=self.folder)
        self.addCleanup(self.pdp.stop)
        status, headers, text = self.pdp.request("GET", "/openapi.json")
        self.assertEqual((status, headers["Content-Type"]), (200, "application/json"))
        self.document = Document(json.loads(text))

    def fits(self, value, name):
        self.assertEqual(self.document.problem_of(value, {"$ref": f"#/components/schemas/{name}"}),
                         "", value)

    def post(self, path, body, **headers):
        return self.pdp.request("POST", path, json.dumps(body), {**JSON, **headers})

    def test_serves_the_file_with_the_programs_version(self):
        written = json.loads(SOURCE.read_text())
        written["info"]["version"] = self.document["info"]["version"]
        self.assertEqual(dict(self.document), written)
        self.assertIn(self.document["info"]["version"], program.run("--version").stdout)

    def test_has_every_path_with_every_method(self):
        for path, method, operation in self.document.operations():
            concrete = path.replace("/{tenant}", "")
            status, headers, _ = self.pdp.request(method.upper(), concrete)
            with self.subTest(path):
                self.assertNotIn(status, (404, 405))
                self.assertIn(str(status), operation["responses"])
                status, headers, _ = self.pdp.request("PATCH", concrete)
                if path != "/forward-auth":  # any method there
                    self.assertEqual(status, 405)
                    self.assertIn(method.upper(), headers["Allow"])

    def test_decisions_are_as_described(self):
        explained = {"reasons": True, "explain": True, "obligations": ["mask-identity"], "grant": "g1"}
        acted = {"actor": {"type": "Agent", "id": "nobody"}, "explain": True}
        seen = set()
        for action in ("read", "fail", "mask", "sign", "open", "none"):
            for options in ({}, explained, acted):
                asked = question(action, options=options)
                self.fits(asked, "EvaluationRequest")
                status, _, text = self.post("/access/v1/evaluation", asked)
                self.assertEqual(status, 200)
                self.fits(json.loads(text), "Decision")
                seen |= json.loads(text)["context"].keys()
        described = self.document["components"]["schemas"]["DecisionContext"]["properties"].keys()
        # Notes need a schema to disagree with, what is stale one that names a source, an error a batch,
        # `withheld` an obligation; delegations and approvals have entities of their own.
        self.assertEqual(described - seen, {"notes", "stale", "error", "delegation", "approval"})

    def test_batches_are_as_described(self):
        asked = {"evaluations": [question("read"), question("fail"), {}, question("mask")] +
                                [question("none")] * 20,
                 "options": {"explain": True, "obligations": ["mask-identity"],
                             "evaluations_semantic": "execute_all"}}
        self.fits(asked, "EvaluationsRequest")
        for prefer in ("return=minimal", "return=representation"):
            status, _, text = self.post("/access/v1/evaluations", asked, Prefer=prefer)
            self.assertEqual(status, 200)
            self.fits(json.loads(text), "DecisionList")

    def test_searches_are_as_described(self):
        user, chart = {"type": "User"}, {"type": "Chart", "id": "c"}
        ann, action = {**user, "id": "ann"}, {"name": "read"}
        for what, request, found, body in [
                ("subject", "SubjectSearch", "EntitiesFound", (user, action, chart)),
                ("resource", "ResourceSearch", "EntitiesFound", (ann, action, {"type": "Chart"})),
                ("action", "ActionSearch", "ActionsFound", (ann, None, chart))]:
            for page in (None, {"limit": 1}, {"limit": 0}, {"limit": 9, "token": ""}):
                asked = {"subject": body[0], "resource": body[2], "page": page,
                         **({"action": body[1]} if body[1] else {})}
                self.fits(asked, request)
                status, _, text = self.post(f"/access/v1/search/{what}", asked)
                self.assertEqual(status, 200, text)
                self.fits(json.loads(text), found)
                self.assertEqual("page" in json.loads(text), page is not None)
            for wrong in ({**asked, "page": 7}, {**asked, "page": {"limit": -1}},
                          {**asked, "subject": {}}, {**asked, "resource": None}):
                self.assertNotEqual(self.document.problem_of(
                    wrong, {"$ref": f"#/components/schemas/{request}"}), "", wrong)
                self.assertEqual(self.post(f"/access/v1/search/{what}", wrong)[0], 400, wrong)

    def test_other_answers_are_as_described(self):
        self.fits(json.loads(self.pdp.request("GET", "/healthz")[2]), "Health")
        self.fits(json.loads(self.pdp.request("GET", "/readyz")[2]), "Readiness")
        self.fits(json.loads(self.pdp.request("GET", "/.well-known/authzen-configuration")[2]),
                  "Metadata")
        for path in ("/access/v1/evaluation", "/access/v1/evaluations",
                     "/access/v1/search/subject", "/access/v1/search/action"):
            self.fits(json.loads(self.post(path, {})[2]), "ErrorText")
        for path in ("/nothing", "/forward-auth"):
            self.fits(json.loads(self.pdp.request("GET", path)[2]), "Problem")

    def test_the_audit_log_is_as_described(self):
        self.post("/access/v1/evaluation", question("read"))
        status, _, text = self.pdp.request("GET", "/audit/events?kind=decision")
        self.assertEqual(status, 200, text)
        self.fits(json.loads(text), "AuditPage")
        self.assertTrue(json.loads(text)["events"])
        for path in ("/audit/events?kind=x", "/audit/events?patient=p", "/audit/holds?patient=p"):
            self.fits(json.loads(self.pdp.request("GET", path)[2]), "Problem")
        for body, is_right in [({"patient": "p", "reason": "r"}, True),
                               ({"person": {"type": "User", "id": "a"}, "reason": "r"}, True),
                               ({"patient": "p"}, False), ({"reason": "r"}, False),
                               ({"patient": "p", "reason": "r", "x": 1}, False)]:
            self.assertEqual(not self.document.problem_of(
                body, {"$ref": "#/components/schemas/AuditErasure"}), is_right, body)

    def test_forward_auth_is_as_described(self):
        fields = {"X-Subject-Type": "User", "X-Subject-Id": "ann", "X-Action": "read",
                  "X-Resource-Type": "Chart", "X-Resource-Id": "c"}
        for changed, expected in (({}, 204), ({"X-Subject-Id": "bob"}, 403), ({"X-Action": ""}, 400)):
            status, headers, text = self.pdp.request("GET", "/forward-auth", None,
                                                     {**fields, **changed})
            self.assertEqual(status, expected)
            self.assertEqual(bool(headers["X-Decision-Id"]), status != 400)
            if status == 204:
                self.assertEqual(text, "")
            else:
                self.fits(json.loads(text), "Problem")

    def test_what_is_described_as_wrong_is_refused(self):
        for wrong in ({}, {"subject": "ann"}, question(""), question("read", context=[]),
                      question("read", context={"now": "2030-01-01"}),
                      question("read", options={"reasons": 1}),
                      question("read", options={"obligations": ["x"] * 257}),
                      question("read", options={"authentication": {"level": 4}})):
            self.assertNotEqual(self.document.problem_of(
                wrong, {"$ref": "#/components/schemas/EvaluationRequest"}), "", wrong)
            self.assertEqual(self.post("/access/v1/evaluation", wrong)[0], 400, wrong)

    @unittest.skipUnless(AUTHZEN_SCHEMAS.is_dir(), f"there is no {AUTHZEN_SCHEMAS}")
    def test_fits_the_working_groups_schemas(self):
        request, response = (jsonschema.Draft202012Validator(json.loads(
            (AUTHZEN_SCHEMAS / f"evaluation-{kind}.schema.json").read_text()))
            for kind in ("request", "response"))
        for action in ("read", "fail", "none"):
            request.validate(question(action))
            response.validate(json.loads(self.post("/access/v1/evaluation", question(action))[2]))


if __name__ == "__main__":
    unittest.main()
