"""`wardlock audit report …` on the log of a running hospital, and its reports verified elsewhere."""
import csv
import html.parser
import io
import json
import os
import re
import shutil
import stat
import unittest

from program import HOSPITAL, Pdp, ProgramTest, question

PATIENT = "p-200"
OVERRIDE = question(("User", "dr-swift"), "view", ("Patient", PATIENT),
                    options={"grant": "grant-1"})
WITHOUT_GRANT = question(("User", "dr-swift"), "view", ("Patient", PATIENT))
PUMP = question(("User", "nurse-lee"), "stopInfusion", ("InfusionPump", "pump-12"))
VOID = {"meta", "br", "hr", "img", "link", "input"}


class Reader(html.parser.HTMLParser):
    """Reads a page strictly: every element is closed where it must be."""

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.open, self.tags, self.text = [], [], ""
        self.feed(page)
        self.close()
        assert not self.open, f"left open: {self.open}"

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"</{tag}> in {self.open}"
        self.open.pop()

    def handle_data(self, data):
        if not self.open or self.open[-1] not in ("script", "style"):
            self.text += data


class ReportTest(ProgramTest):
    """A log in which one patient was seen by an override and without, and a pump was stopped."""

    def pdp(self):
        return Pdp("--policies", HOSPITAL, "--entities", HOSPITAL / "entities.json", "--audit",
                   "log", cwd=self.folder)

    def setUp(self):
        super().setUp()
        with self.pdp() as pdp:
            self.ask(pdp)

    def ask(self, pdp):
        for asked in (OVERRIDE, WITHOUT_GRANT, PUMP):
            status, reply = pdp.ask(asked)
            self.assertEqual(status, 200, reply)

    def report(self, name, out, *arguments):
        """What the program says of the report that it wrote."""
        return self.json_of("audit", "report", name, "log", "--out", out, *arguments)

    def events(self, name, *arguments):
        self.report(name, "report.json", *arguments)
        return json.loads((self.folder / "report.json").read_text())["events"]

    def verify(self, report, code=0):
        return self.json_of("audit", "verify", "--report", report, "--key", "log/public.key",
                            code=code)

    def text_of(self, name):
        return (self.folder / name).read_text()


class MakeTest(ReportTest):
    def test_all_accesses_to_a_patient(self):
        said = self.report("patient", "p.json", "--patient", PATIENT)
        document = json.loads(self.text_of("p.json"))
        shown = [each["event"] for each in document["events"]]
        self.assertEqual(said["events"], len(shown))
        self.assertEqual({each["patient"] for each in shown}, {PATIENT})
        self.assertEqual([each["kind"] for each in shown if "decision_id" in each],
                         ["override_use", "decision"])
        self.assertEqual({each["principal_id"] for each in shown}, {"dr-swift"})
        self.assertIn(False, [each.get("allowed") for each in shown])

    def test_all_overrides(self):
        shown = [each["event"] for each in self.events("overrides")]
        self.assertEqual([each["kind"] for each in shown], ["override_use"])
        self.assertEqual(shown[0]["grant"], "grant-1")
        self.assertEqual(shown[0]["grant_reason"], "found unconscious in the corridor")
        self.assertIn("grant_expires_at", shown[0])

    def test_all_actions_on_a_device(self):
        shown = [each["event"] for each in self.events("device", "--device", "pump-12")]
        self.assertEqual([(each["action"], each["device"]) for each in shown],
                         [("stopInfusion", "pump-12")])

    def test_from_a_log_in_use(self):
        with self.pdp() as pdp:
            self.ask(pdp)
            before = self.files()
            self.report("patient", "p.html", "--patient", PATIENT)
            self.assertEqual(self.files(), before, "nothing is written to the log's folder")
            self.assertTrue(self.verify("p.html")["proven"])

    def files(self):
        """But for those that the server is at by itself: keys, the index, the next segment."""
        return {path: path.stat().st_size for path in (self.folder / "log").rglob("*")
                if not path.name.startswith(("subjects.db", "index.db", "prepared-"))}

    def test_of_a_period(self):
        self.assertEqual(self.events("patient", "--patient", PATIENT, "--to", "2026-01-01"), [])
        self.assertTrue(self.events("patient", "--patient", PATIENT, "--from", "2026-01-01"))

    def test_the_list(self):
        names = [each["name"] for each in self.json_of("audit", "report", "--list")]
        self.assertLessEqual({"users", "credentials", "patient", "overrides", "device"}, set(names))
        listed = self.run_here("audit", "report", "--list")
        self.assertEqual(listed.returncode, 0)
        for name in names:
            self.assertIn(name, listed.stdout)

    def test_only_its_owner_may_read_it(self):
        self.report("patient", "p.html", "--patient", PATIENT)
        self.assertEqual(stat.S_IMODE(os.stat(self.folder / "p.html").st_mode), 0o600)
        self.assertEqual([path.name for path in self.folder.glob("p.html*")], ["p.html"])

    def test_without_keys(self):
        (self.folder / "log" / "keys").rename(self.folder / "keys")
        self.assert_fails("without the log's keys no patient can be found", "audit", "report",
                          "patient", "log", "--patient", PATIENT, "--out", "p.html")
        said = self.report("overrides", "o.html")
        self.assertEqual((said["events"], said["locked"]), (1, 1))
        self.assertTrue(self.verify("o.html")["proven"])
        self.assertNotIn("dr-swift", self.text_of("o.html"))
        self.assertEqual(len(self.events("patient", "--patient", PATIENT, "--keys", "keys")), 2)

    def test_masked(self):
        self.report("patient", "p.html", "--patient", PATIENT, "--masked")
        page = self.text_of("p.html")
        for secret in (PATIENT, "dr-swift", "unconscious"):
            self.assertNotIn(secret, page)
        self.assertTrue(self.verify("p.html")["proven"])

    def test_what_was_mistyped(self):
        for parts, arguments in [
                ("`wardlock audit report NAME DIR`", []),
                ("there is no report `patients`", ["patients", "log"]),
                ("name it with `--patient`", ["patient", "log"]),
                ("name it with `--device`", ["device", "log"]),
                ("is not a time", ["users", "log", "--from", "yesterday"]),
                ("ends before it begins", ["users", "log", "--from", "2026-02-01", "--to",
                                           "2026-01-01"]),
                ("proofs, which are written beside it", ["users", "log", "--format", "csv",
                                                         "--out", "-"]),
                ("`nowhere` is no audit log", ["users", "nowhere"]),
                ("it is not a file", ["users", "log", "--out", "log"]),
                ("No such file or directory", ["users", "log", "--out", "no/where.html"])]:
            with self.subTest(arguments):
                self.assert_fails(parts, "audit", "report", *arguments)
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["log"])


class FormTest(ReportTest):
    def test_each_form_is_proven_with_nothing_but_the_key(self):
        for name in ("o.html", "o.json", "o.csv"):
            self.report("overrides", name)
        shutil.copy(self.folder / "log" / "public.key", self.folder / "log.pub")
        shutil.rmtree(self.folder / "log")
        for name in ("o.html", "o.json", "o.csv"):
            with self.subTest(name):
                text = self.run_here("audit", "verify", "--report", name, "--key", "log.pub")
                self.assertEqual((text.returncode, text.stderr), (0, ""))
                self.assertTrue(text.stdout.startswith("proven: Break-glass overrides, 1 event "))
                self.assertIn("that nothing was left out is not proven", text.stdout)

    def test_a_changed_report_is_found(self):
        for name in ("o.html", "o.json", "o.csv"):
            self.report("overrides", name)
            changed = self.text_of(name).replace("dr-swift", "dr-grey")
            (self.folder / name).chmod(0o600)
            self.write(name, changed)
            with self.subTest(name):
                said = self.verify(name, code=3)
                self.assertFalse(said["proven"])
                self.assertEqual(len(said["faults"]), 1)
                text = self.run_here("audit", "verify", "--report", name, "--key",
                                     "log/public.key")
                self.assertEqual(text.returncode, 3)
                self.assertIn("not proven", text.stdout)

    def test_what_is_no_report(self):
        self.write("notes.txt", "hello\n")
        self.write("empty.json", "{}")
        for parts, name in [("no report with its proofs in it", "notes.txt"),
                            ("has no `wardlock_report`", "empty.json"), ("`missing`", "missing")]:
            self.assert_fails(parts, "audit", "verify", "--report", name, "--key",
                              "log/public.key")

    def test_a_table(self):
        self.report("patient", "p.csv", "--patient", PATIENT)
        rows = list(csv.DictReader(io.StringIO(self.text_of("p.csv"))))
        self.assertEqual([row["patient"] for row in rows], [PATIENT] * 2)
        self.assertTrue((self.folder / "p.csv.proofs.json").exists())

    def test_to_standard_output(self):
        result = self.run_here("audit", "report", "overrides", "log", "--format", "json", "--out",
                               "-")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertEqual(json.loads(result.stdout)["counts"]["events"], 1)

    def test_the_page(self):
        self.report("overrides", "o.html")
        page = self.text_of("o.html")
        read = Reader(page)
        for part in ("Break-glass overrides", "grant-1", "found unconscious in the corridor",
                     "dr-swift", PATIENT, "not reviewed", "How to verify this report"):
            self.assertIn(part, read.text)
        columns = [attrs for tag, attrs in read.tags if tag == "th"]
        self.assertTrue(all(attrs.get("scope") in ("col", "row") for attrs in columns))
        self.assertFalse([tag for tag, attrs in read.tags if "src" in attrs or "href" in attrs])
        scripts = [attrs for tag, attrs in read.tags if tag == "script"]
        self.assertEqual([each.get("type") for each in scripts], ["application/json"])

    def test_what_people_said_is_no_markup(self):
        with self.pdp() as pdp:
            evil = "\"><script>alert(1)</script><img src=x onerror=alert(2)>"
            pdp.ask(question(("User", evil), "stopInfusion", ("InfusionPump", "pump-12")))
        self.report("device", "d.html", "--device", "pump-12")
        read = Reader(self.text_of("d.html"))
        self.assertIn("<script>alert(1)</script>", read.text)
        self.assertEqual(len([tag for tag, _ in read.tags if tag in ("script", "img")]), 1)
        self.assertTrue(self.verify("d.html")["proven"])


def relative_luminance(colour):
    parts = [int(colour[at:at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
                        for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


class ContrastTest(ReportTest):
    def test_every_text_can_be_read_in_light_in_dark_and_on_paper(self):
        """WCAG 2.2, 1.4.3: at least 4.5 to 1."""
        self.report("overrides", "o.html")
        schemes = re.findall(r":root \{(.*?)\}", self.text_of("o.html"), re.S)
        self.assertEqual(len(schemes), 3)
        for scheme in schemes:
            colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", scheme))
            for text in ("text", "faint", "good", "bad", "warn"):
                for ground in ("page", "head", "note"):
                    one, other = sorted((relative_luminance(colours[text]),
                                         relative_luminance(colours[ground])), reverse=True)
                    self.assertGreaterEqual((one + 0.05) / (other + 0.05), 4.5, (text, ground))


if __name__ == "__main__":
    unittest.main()
