"""Bills of materials as CycloneDX, and which devices run what: over a running server and straight into a
database."""
import json
import unittest

from directory_site import Administrator, DirectorySite
from program import ProgramTest
from serving import Serve

DIRECTORY = {"things": [
    {"kind": "organisation", "attributes": {"code": "meridian", "displayName": "Meridian",
                                            "organisationType": "manufacturer"}},
    {"kind": "deviceModel",
     "attributes": {"manufacturer": "meridian", "modelNumber": "MX-4", "displayName": "MX-4"}}]}


def bom(root, components, dependencies=(), version="1.6"):
    return {"bomFormat": "CycloneDX", "specVersion": version, "metadata": {"component": root},
            "components": list(components), "dependencies": list(dependencies)}


def component(name, version, kind="library", **more):
    return {"type": kind, "name": name, "version": version, "bom-ref": name, **more}


PUMP = bom({"type": "device", "name": "MX-4", "bom-ref": "pump", "manufacturer": {"name": "Meridian"}},
           [component("Dose control", "2.1.0", "firmware", manufacturer={"name": "Meridian"},
                      purl="pkg:generic/dose@2.1.0"),
            component("libcrypto", "3.0.1", supplier={"name": "OpenSSL Foundation"})],
           [{"ref": "pump", "dependsOn": ["Dose control"]},
            {"ref": "Dose control", "dependsOn": ["libcrypto"]}])


class DatabaseTest(ProgramTest):
    where = ["--directory", "sqlite:directory.db"]

    def setUp(self):
        super().setUp()
        self.write("directory.json", DIRECTORY)
        self.write("pump.cdx.json", PUMP)

    def counts(self, *arguments, code=0):
        return self.json_of("import", *arguments, *self.where, code=code)["counts"]

    def bill(self, model="meridian/MX-4"):
        done = self.run_here("export", "--format", "cyclonedx", "--model", model, *self.where)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return json.loads(done.stdout)

    def names(self, bill):
        return sorted(f"{each['name']} {each.get('version', '')}" for each in bill["components"])

    def test_a_bill_comes_and_goes(self):
        self.counts("directory.json", "--yes")
        self.assertEqual(self.counts("pump.cdx.json", "--dry-run"),
                         {"created": 7, "same": 2, "refused": 0})
        self.assertEqual(self.bill()["components"], [])
        self.counts("pump.cdx.json", "--yes")
        bill = self.bill()
        self.assertEqual(self.names(bill), ["Dose control 2.1.0", "libcrypto 3.0.1"])
        self.write("again.json", bill)
        self.assertEqual(self.counts("again.json", "--format", "cyclonedx", "--yes"),
                         {"same": 9, "refused": 0})

    def test_what_is_not_in_a_later_bill_ends(self):
        self.counts("directory.json", "--yes")
        self.counts("pump.cdx.json", "--yes")
        later = bom(PUMP["metadata"]["component"],
                    [component("Dose control", "2.2.0", "firmware", manufacturer={"name": "Meridian"})])
        self.write("later.cdx.json", later)
        counts = self.counts("later.cdx.json", "--yes")
        self.assertEqual((counts["created"], counts["ended"]), (2, 1))
        self.assertEqual(self.names(self.bill()), ["Dose control 2.2.0"])

    def test_software_without_a_maker_is_of_whom_one_says(self):
        self.counts("directory.json", "--yes")
        self.write("display.cdx.json", bom(component("Display", "5.0", "application"),
                                           [component("zlib", "1.3")], version="1.4"))
        told = self.json_of("import", "display.cdx.json", "--yes", *self.where, code=1)
        self.assertIn("`--supplier CODE`", json.dumps(told))
        self.counts("display.cdx.json", "--model", "meridian/MX-4", "--supplier", "meridian", "--yes")
        self.assertEqual(self.names(self.bill()), ["Display 5.0", "zlib 1.3"])
        self.assertEqual(self.names(self.bill("moduleVersion:meridian/Display/5.0")), ["zlib 1.3"])

    def test_what_is_wrong_is_told_with_its_line(self):
        self.counts("directory.json", "--yes")
        text = json.dumps(bom({}, [], []), indent=1)
        self.write("wrong.cdx.json", text.replace(
            '"components": []', '"components": [\n{"type": "gadget", "name": "x"},\n'
            '{"type": "file", "name": "y", "publisher": "P"}]'))
        told = self.json_of("import", "wrong.cdx.json", "--model", "meridian/MX-4", "--yes",
                            *self.where, code=1)
        said = {line["line"]: line["faults"][0]["path"] for line in told["lines"]}
        self.assertEqual(list(said.values())[-2:], ["components[0].type", "components[1].version"])
        first = text.splitlines().index(' "components": [],') + 1
        self.assertEqual(list(said)[-2:], [first + 1, first + 2])
        for name, content, part in [
                ("a", {"bomFormat": "SPDX"}, "this is no CycloneDX"),
                ("b", bom(PUMP["metadata"]["component"], [], version="2.0"), "1.4, 1.5, 1.6 are read"),
                ("c", bom(PUMP["metadata"]["component"], [], [{"ref": "pump", "dependsOn": ["pump"]}]),
                 "circle"),
                ("d", "{", "line 1")]:
            with self.subTest(name):
                self.write(f"{name}.cdx.json", content)
                self.assert_fails(part, "import", f"{name}.cdx.json", "--yes", *self.where)
        self.assertEqual(self.bill()["components"], [])

    def test_a_bill_is_of_something_that_is_known(self):
        self.counts("directory.json", "--yes")
        self.assert_fails("names nothing that is known", "export", "--format", "cyclonedx", "--model",
                          "meridian/MX-9", *self.where)
        self.assert_fails("name it with `--model`", "export", "--format", "cyclonedx", *self.where)
        self.assert_fails("goes with `--format cyclonedx`", "export", "--model", "x", *self.where)

    def test_options_of_another_format_are_refused(self):
        for name, option, value, says in [
                ("pump.cdx.json", "--kind", "device", "`--kind` goes with CSV"),
                ("directory.json", "--kind", "device", "`--kind` goes with CSV"),
                ("directory.json", "--model", "meridian/MX-4", "`--model` goes with"),
                ("directory.json", "--supplier", "meridian", "`--supplier` goes with")]:
            with self.subTest((name, option)):
                self.assert_fails(says, "import", name, option, value, "--yes", *self.where)
        self.counts("directory.json", "--yes")
        self.counts("directory.json", "pump.cdx.json", "--model", "meridian/MX-4", "--yes")


class ServerTest(DatabaseTest):
    """The same, asked of a running server; by a device engineer, whose role must let them."""

    def setUp(self):
        super().setUp()
        self.site = DirectorySite(self.folder)
        self.server = self.enterContext(Serve(self.site))
        self.hale = Administrator(self.server, self.site.first[""])
        self.write("hale.token", self.site.first[""])
        self.where = ["--server", self.server.urls[0], "--token-file", "hale.token"]

    def test_a_device_engineer_takes_over_bills_of_makers_that_are_known(self):
        self.counts("directory.json", "--yes")
        self.write("engineer.token", self.hale.with_role("engineer", "DeviceEngineer").token)
        self.where[-1] = "engineer.token"
        self.assert_fails([], "import", "pump.cdx.json", "--yes", *self.where)
        PUMP["components"][1]["supplier"]["name"] = "Meridian"
        self.addCleanup(PUMP["components"][1]["supplier"].update, name="OpenSSL Foundation")
        self.write("pump.cdx.json", PUMP)
        self.assertEqual(self.counts("pump.cdx.json", "--yes")["created"], 6)
        self.write("desk.token", self.hale.with_role("desk", "HelpDesk").token)
        self.where[-1] = "desk.token"
        self.assert_fails([], "export", "--format", "cyclonedx", "--model", "meridian/MX-4", *self.where)

    def test_devices_are_found_by_what_they_run(self):
        self.counts("directory.json", "--yes")
        self.counts("pump.cdx.json", "--yes")
        self.write("more.json", {
            "things": [{"kind": "moduleVersion", "attributes": {"module": "meridian/Dose control", "version": v}}
                       for v in ("1.9", "2.10.0", "R3")] + [
                {"kind": "device", "state": "inService",
                 "attributes": {"model": "meridian/MX-4", "serialNumber": f"SN-{i}", "assetTag": f"A-{i}"}}
                for i in range(4)],
            "relations": [{"relation": "runs", "subject": f"device:A-{i}",
                           "object": f"moduleVersion:meridian/Dose control/{v}"}
                          for i, v in enumerate(("1.9", "2.1.0", "2.10.0", "R3"))]})
        self.counts("more.json", "--yes")
        versions = self.json_of("module", "versions", "meridian/Dose control", *self.where)["items"]
        self.assertEqual({each["version"]: each["inService"] for each in versions},
                         {"1.9": 1, "2.1.0": 1, "2.10.0": 1, "R3": 1})

        def running(*arguments):
            told = self.json_of("module", "devices", *arguments, *self.where)
            return ([item["device"]["attributes"]["assetTag"] for item in told["items"]],
                    told["notCompared"])

        self.assertEqual(running("meridian/Dose control/2.1.0"), (["A-1"], []))
        self.assertEqual(running("Dose control", "--below", "2.10.0"), (["A-1", "A-0"], ["R3"]))
        self.assertEqual(running("Dose control", "--state", "quarantined"), ([], []))
        told = self.run_here("module", "devices", "Dose control", "--below", "2.1.0", *self.where)
        self.assertIn("nobody can say whether `R3` is below `2.1.0`", told.stderr)
        self.assert_fails("there is no module `Dose/9`", "module", "devices", "Dose/9", *self.where)
        self.assert_fails("`Dose control/2.1.0` is a module-version; give the module: `Dose control`",
                          "module", "versions", "Dose control/2.1.0", *self.where)
        self.assert_fails("goes with a module", "module", "devices", "Dose control/1.9", "--below", "2",
                          *self.where)

    def test_a_slash_in_a_name_is_written_as_in_keys(self):
        self.counts("directory.json", "--yes")
        self.counts("pump.cdx.json", "--yes")
        self.write("slash.json", {"things": [
            {"kind": "module", "attributes": {"manufacturer": "meridian", "displayName": "@zlib/inflate"}},
            {"kind": "moduleVersion", "attributes": {"module": "meridian/@zlib%2Finflate",
                                                     "version": "1.3"}}]})
        self.counts("slash.json", "--yes")
        for name in ("@zlib/inflate", "@zlib%2Finflate", "meridian/@zlib%2Finflate"):
            with self.subTest(name):
                shown = self.json_of("module", "show", name, *self.where)
                self.assertEqual(shown["attributes"]["displayName"], "@zlib/inflate")
                versions = self.json_of("module", "versions", name, *self.where)["items"]
                self.assertEqual([each["version"] for each in versions], ["1.3"])
        for name in ("@zlib%2Finflate/1.3", "meridian/@zlib%2Finflate/1.3"):
            shown = self.json_of("module-version", "show", name, *self.where)
            self.assertEqual(shown["attributes"]["version"], "1.3")


if __name__ == "__main__":
    unittest.main()
