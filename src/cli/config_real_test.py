"""`wardlock config` and `wardlock token`: what an operator does before and while a server runs."""
import hashlib
import json
import pathlib
import re
import tempfile
import unittest

from program import ROOT, ProgramTest, run
from serving import Certificates, Site


class TokenTest(ProgramTest):
    def test_a_token_comes_with_its_hash(self):
        made = self.json_of("token", "new")
        self.assertRegex(made["token"], r"^wlk_[A-Za-z0-9_-]{43}$")
        self.assertEqual(made["hash"],
                         "sha256:" + hashlib.sha256(made["token"].encode()).hexdigest())
        self.assertNotEqual(made, self.json_of("token", "new"))
        text = self.run_here("token", "new").stdout
        self.assertRegex(text, r"^token: wlk_\S+\nhash:  sha256:[0-9a-f]{64}\n$")


class CheckTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.site = Site(self.folder)

    def check(self):
        return "config", "check", "--config", self.site.save()

    def test_says_that_all_is_sound(self):
        self.site.add_caller("gate")
        self.assert_prints("sound: tenants 1, callers 1, policies 2\n", *self.check())
        self.assertEqual(self.json_of(*self.check()), {"tenants": 1, "callers": 1, "policies": 2})

    def test_names_the_place_of_each_fault(self):
        self.write("bad.yaml", "listeners:\n- adress: 127.0.0.1:1\npolicies: policies\n"
                               "limits: {batch: lots}\n")
        document = self.assert_fails(
            ["bad.yaml:2:3: error: there is no setting `adress`", "did you mean `address`?",
             "bad.yaml:4:17: error: `batch` must be a whole number"],
            "config", "check", "--config", "bad.yaml", code=3)
        self.assertEqual([(each["line"], each["column"]) for each in document["diagnostics"]],
                         [(2, 3), (2, 3), (4, 17)])
        self.assert_fails("bad.yaml:2:3", "serve", "--config", "bad.yaml", code=3)

    def test_looks_at_the_files_it_names(self):
        self.site.write("policies/rules.cedar", "permit (")
        self.assert_fails("rules.cedar:1", *self.check())
        self.site.write("policies/rules.cedar", '@colour("red") permit (principal, action, resource);')
        self.assert_fails("colour", *self.check())
        self.site.config["entities"] = "nothing.json"
        self.site.write("policies/rules.cedar", "")
        self.assert_fails("is empty", *self.check())
        self.site.write("policies/rules.cedar", "// nothing yet")
        self.assert_fails("nothing.json", *self.check())
        (self.folder / "policies" / "rules.cedarschema").unlink()
        self.site.config["entities"] = "entities.json"
        self.assert_fails("there is no schema", *self.check(), code=3)

    def test_looks_at_certificates(self):
        certificates = Certificates(self.folder)
        certificates.issue("server", "DNS:localhost", "serverAuth")
        certificates.issue("other", "DNS:localhost", "serverAuth")
        tls = {"certificate": "server.pem", "key": "server.key", "client_ca": "ca.pem"}
        self.site.config["listeners"] = [{"address": "0.0.0.0:8443", "tls": tls}]
        self.assert_prints("sound: tenants 1, callers 0, policies 2\n", *self.check())
        for name, value in [("key", "other.key"), ("key", "nothing.key"), ("certificate", "ca.key"),
                            ("client_ca", "server.key")]:
            self.site.config["listeners"][0]["tls"] = {**tls, name: value}
            result = self.run_here(*self.check())
            self.assertIn(result.returncode, (1, 3))
            self.assertIn(value, result.stderr)

    def test_refuses_what_is_no_configuration(self):
        for text, says in [("", "`listeners` is missing"), ("[]", "must be settings"),
                           ("a: &a [*a]", "not allowed"), ("\x00", "control"), ("a: b: c", "YAML"),
                           ("x" * (2 << 20), "larger than")]:
            self.write("bad.yaml", text)
            self.assert_fails(says, "config", "check", "--config", "bad.yaml", code=3)
        self.assert_fails("cannot be opened", "config", "check", "--config", "nothing.yaml")


class ShowTest(ProgramTest):
    def test_shows_defaults_and_no_secret(self):
        site = Site(self.folder)
        site.add_caller("gate")
        hash_ = site.config["callers"][0]["tokens"][0]
        shown = self.json_of("config", "show", "--config", site.save())
        self.assertEqual(shown["log"]["level"], "info")
        self.assertEqual(shown["policies"], str(self.folder / "policies"))
        self.assertEqual(shown["callers"][0]["tokens"], [hash_[:15] + "…"])
        text = self.run_here("config", "show", "--config", "wardlock.yaml").stdout
        self.assertNotIn(hash_, text)
        self.assertIn('log:\n  format: "json"\n', text)

    def test_the_configuration_of_the_package_is_sound(self):
        shown = self.json_of("config", "show", "--config", ROOT / "deploy" / "wardlock.yaml")
        self.assertEqual(shown["callers"], [])


class SchemaTest(ProgramTest):
    """The JSON Schema agrees with the checker, tried by a small reader of what it uses."""

    def setUp(self):
        super().setUp()
        self.schema = self.json_of("config", "schema")

    def fits(self, value, schema):
        kinds = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int}
        if "type" not in schema:
            return sum(self.fits(value, each) for each in schema["oneOf"]) == 1
        wanted = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        if not any(isinstance(value, kinds[kind]) and (kind == "boolean" or value not in (True, False)
                   or not isinstance(value, bool)) for kind in wanted):
            return False
        if isinstance(value, str) and not isinstance(value, bool):
            return (len(value) >= schema.get("minLength", 0)
                    and re.search(schema.get("pattern", ""), value) is not None
                    and value in schema.get("enum", [value]))
        if isinstance(value, list):
            return all(self.fits(item, schema["items"]) for item in value)
        if isinstance(value, dict):
            known = schema.get("properties", {})
            rest = schema["additionalProperties"]
            names = schema.get("propertyNames", {}).get("pattern", "")
            either = schema.get("oneOf", [])
            return (all(name in value for name in schema.get("required", []))
                    and (not either or sum(all(name in value for name in each["required"])
                                           for each in either) == 1)
                    and all(re.search(names, name) for name in value)
                    and all(self.fits(item, known[name]) if name in known else
                            rest is not False and self.fits(item, rest)
                            for name, item in value.items()))
        return schema.get("minimum", value) <= value <= schema.get("maximum", value)

    def test_agrees_with_the_checker(self):
        site = Site(self.folder)
        site.add_caller("gate", quota={"rate": 1, "burst": 1000})
        good = site.config
        self.assertTrue(self.fits(good, self.schema))
        for change in [{"threads": "1"}, {"threads": -1}, {"threads": True}, {"nothing": 1},
                       {"log": {"format": "xml"}}, {"log": {"levl": "info"}}, {"callers": {}},
                       {"callers": [{"id": "a b"}]}, {"callers": [{"tokens": []}]},
                       {"tenants": {"x": {"policies": "p"}}}, {"listeners": [{}]},
                       {"reload": {"interval": "2"}}, {"allowed_hosts": [""]},
                       {"listeners": [{"address": "here"}]}, {"public_url": "wardlock"},
                       {"policies": ["p"]}, {"policies": {}}, {"policies": {"managed": {"key": "k"}}}]:
            with self.subTest(change):
                bad = {**good, **change}
                self.assertFalse(self.fits(bad, self.schema))
                path = pathlib.Path(tempfile.mkstemp(dir=self.folder)[1])
                path.write_text(json.dumps(bad))
                self.assertEqual(run("config", "check", "--config", path).returncode, 3)


if __name__ == "__main__":
    unittest.main()
