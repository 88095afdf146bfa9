"""`wardlock import` and `export`: over a running server and straight into a database."""
import csv
import io
import json
import unittest

from directory_site import Administrator, DirectorySite
from program import ProgramTest
from serving import Serve

PUMPS = {
    "relations": [
        {"relation": "deviceLocation", "subject": "device:A-17", "object": "location:icu"},
        {"relation": "owner", "subject": "service:updates", "object": "person:grey"},
        {"relation": "runs", "subject": "device:A-17", "object": "moduleVersion:meridian/Dose/2.1"}],
    "things": [
        {"kind": "service", "state": "active",
         "attributes": {"clientId": "updates", "displayName": "Updates", "purpose": "P"}},
        {"kind": "device", "state": "commissioned",
         "attributes": {"model": "meridian/MX-4", "serialNumber": "SN-1", "assetTag": "A-17",
                        "displayName": "=HYPERLINK(\"http://x\")"}},
        {"kind": "moduleVersion", "attributes": {"module": "meridian/Dose", "version": "2.1"}},
        {"kind": "module", "attributes": {"manufacturer": "meridian", "displayName": "Dose"}},
        {"kind": "deviceModel",
         "attributes": {"manufacturer": "meridian", "modelNumber": "MX-4", "displayName": "MX-4"}},
        {"kind": "person", "attributes": {"userName": "grey", "manager": "green"}},
        {"kind": "person", "attributes": {"userName": "green"}},
        {"kind": "location", "attributes": {"code": "icu", "displayName": "ICU",
                                            "locationType": "ward", "organisation": "st-mary"}},
        {"kind": "organisation", "attributes": {"code": "st-mary", "displayName": "St. Mary",
                                                "organisationType": "hospital"}},
        {"kind": "organisation", "attributes": {"code": "meridian", "displayName": "Meridian",
                                                "organisationType": "manufacturer"}}]}
ALL = {"created": 13, "changed": 2, "refused": 0}
AGAIN = {"same": 15, "refused": 0}


class DatabaseTest(ProgramTest):
    where = ["--directory", "sqlite:directory.db"]

    def do(self, *arguments, code=0):
        return self.json_of(*arguments, *self.where, code=code)

    def export(self, *arguments):
        result = self.run_here("export", *arguments, *self.where)
        self.assertEqual((result.returncode, result.stderr), (0, ""), result.stdout)
        return result.stdout

    def counts(self, *arguments, code=0):
        return self.do("import", *arguments, code=code)["counts"]

    def setUp(self):
        super().setUp()
        self.write("pumps.json", PUMPS)

    def test_twice_is_as_once(self):
        self.assertEqual(self.counts("pumps.json", "--dry-run"), ALL)
        self.assertEqual(self.counts("pumps.json", "--yes"), ALL)
        self.assertEqual(self.counts("pumps.json", "--yes"), AGAIN)

    def test_nothing_is_imported_unasked(self):
        said = self.json_of("import", "pumps.json", *self.where, code=1)
        self.assertIn("say `--yes`", said["error"]["message"])
        self.assertEqual(self.counts("pumps.json", "--dry-run"), ALL)

    def test_what_is_exported_is_the_same_when_imported_and_elsewhere_new(self):
        self.do("import", "pumps.json", "--yes")
        self.write("whole.json", self.export())
        # What is entered in two steps, since it names what comes later, depends on the order of ids.
        self.assertEqual(self.counts("whole.json", "--yes").keys(), {"same", "refused"})
        self.where = ["--directory", "sqlite:elsewhere.db"]
        counts = self.counts("whole.json", "--yes")
        self.assertEqual((counts["created"], counts["refused"]), (13, 0))

    def test_csv_runs_no_formulas_and_comes_back(self):
        self.do("import", "pumps.json", "--yes")
        text = self.export("--kind", "device", "--format", "csv")
        self.write("devices.csv", text)
        row = next(csv.DictReader(io.StringIO(text)))
        self.assertEqual(row["displayName"], "'=HYPERLINK(\"http://x\")")
        self.assertEqual((row["model"], row["deviceLocation"]), ("meridian/MX-4", "location:icu"))
        counts = self.counts("devices.csv", "--yes")
        self.assertEqual(counts, {"same": 3, "refused": 0})

    def test_changes_are_handed_over(self):
        revision = self.do("import", "pumps.json", "--yes")["revision"]
        self.write("more.csv", "assetTag,displayName,deviceLocation\nA-17,Pump,\n")
        self.do("import", "more.csv", "--kind", "device", "--yes")
        changes = json.loads(self.export("--since", revision))
        self.assertEqual([thing["attributes"]["displayName"] for thing in changes["things"]],
                         ["Pump"])
        self.assertEqual((changes["relations"], changes["removed"]), ([], []))
        self.assertGreater(changes["revision"], revision)
        self.assert_fails("there is no revision", "export", "--since", "999", *self.where)

    def test_all_that_is_wrong_is_said_at_once(self):
        self.write("wrong.json", {"things": [
            {"kind": "devise"},
            {"kind": "person", "attributes": {"userName": "a"}, "colour": "red"},
            {"kind": "person", "attributes": {"userName": "grey"}},
            {"kind": "person", "attributes": {"userName": "Grey"}}]})
        told = self.do("import", "wrong.json", "--yes", code=1)
        said = json.dumps(told["lines"])
        for part in ["did you mean `device`", "is no member", "is the same as in"]:
            self.assertIn(part, said)
        self.write("wrong.csv", "kind,model,serialNumber\ndevice,acme/X,1\ndevice,acme/Y,2\n")
        told = self.do("import", "wrong.csv", "--yes", code=1)
        self.assertEqual(told["counts"], {"refused": 2})
        self.assertEqual([line["line"] for line in told["lines"]], [2, 3])
        self.assertFalse(told["applied"])

    def test_hostile_files_are_refused(self):
        for name, content, part in [
                ("a.csv", b"kind,code\norganisation,\xff\xfe\n", "UTF-8"),
                ("b.csv", b"kind,code\norganisation,a\0b\n", "NUL"),
                ("c.csv", b"kind,code\norganisation,\"a\n", "not closed"),
                ("d.csv", b"kind,code\norganisation," + b"x" * 40000 + b"\n", "32768"),
                ("e.csv", b"kind,code\norganisation\n", "cells"),
                ("f.json", b"{\"things\":[{\"kind\":\"role\",\"kind\":\"role\"}]}", "twice"),
                ("g.json", b"{\"things\":[" + b"[" * 100 + b"]" * 100 + b"]}", "JSON"),
                ("h.json", json.dumps({"things": [
                    {"kind": "organisation", "attributes": {
                        "code": code, "displayName": "X", "organisationType": "other",
                        "parent": other}} for code, other in ["ab", "ba"]]}).encode(), "circle")]:
            with self.subTest(name=name):
                (self.folder / name).write_bytes(content)
                told = self.do("import", name, "--yes", code=1)
                self.assertIn(part, json.dumps(told))
        (self.folder / "i.json").write_bytes(b"{\"things\":[")
        self.assert_fails("line 1", "import", "i.json", "--yes", *self.where)
        self.assert_fails("No such file", "import", "none.json", "--yes", *self.where)
        self.assert_fails("--format", "import", "/dev/null", "--yes", *self.where)

    def test_another_tenants_ids_name_nothing(self):
        self.do("import", "pumps.json", "--yes")
        device = json.loads(self.export("--kind", "device"))["things"][0]["id"]
        self.where = [*self.where, "--tenant", "riverside"]
        self.write("theirs.json", {"relations": [
            {"relation": "owner", "subject": f"device.id:{device}", "object": "person:grey"}]})
        told = self.do("import", "theirs.json", "--yes", code=1)
        self.assertIn("names nothing that is known", json.dumps(told))
        self.assertEqual(json.loads(self.export("--kind", "device"))["things"], [])


class ServerTest(DatabaseTest):
    """The same, asked of a running server by its administrator, whose roles must let it."""

    def setUp(self):
        super().setUp()
        self.site = DirectorySite(self.folder)
        self.server = self.enterContext(Serve(self.site))
        self.write("hale.token", self.site.first[""])
        self.where = ["--server", self.server.urls[0], "--token-file", "hale.token"]

    def test_what_is_exported_is_the_same_when_imported_and_elsewhere_new(self):
        self.do("import", "pumps.json", "--yes")
        self.write("whole.json", self.export())
        counts = self.counts("whole.json", "--yes")
        self.assertEqual((counts.get("created"), counts.get("changed"), counts["refused"]),
                         (None, None, 0))

    def test_another_tenants_ids_name_nothing(self):
        self.assert_fails("`--tenant` goes with", "export", *self.where, "--tenant", "other")

    def test_who_may_not_import_is_refused(self):
        hale = Administrator(self.server, self.site.first[""])
        self.write("desk.token", hale.with_role("desk", "HelpDesk").token)
        self.where[-1] = "desk.token"
        self.assert_fails([], "import", "pumps.json", "--yes", *self.where)
        self.assert_fails([], "export", *self.where)

    def test_devices_are_registered_once(self):
        hale = Administrator(self.server, self.site.first[""])
        self.do("import", "pumps.json", "--yes")
        line = {"devices": [{"uuid": "0199b2e0-0000-7000-8000-000000000001",
                             "model": "meridian/MX-4", "serialNumber": "L-1",
                             "runs": ["meridian/Dose/2.1"]},
                            {"uuid": "0199b2e0-0000-7000-8000-000000000002",
                             "model": "meridian/MX-9", "serialNumber": "L-2"}]}
        for effects in [["created", "refused"], ["same", "refused"]]:
            answer = hale.must("POST", "registrations", line)
            self.assertEqual([one["effect"] for one in answer["outcomes"]], effects)


if __name__ == "__main__":
    unittest.main()
