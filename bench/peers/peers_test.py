"""That the comparison cannot flatter: gates, figures that were not taken, and the hospital for Cerbos."""
import json
import pathlib
import re
import sys
import unittest
import xml.etree.ElementTree

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "http"), str(HERE.parents[1] / "tools")]

import over_http
import report
from gates import gates
from hospital_questions import CerbosRequest, Directory, can_be_put

HOSPITAL = HERE.parents[1] / "policies" / "hospital"


def task(name, ours, cedar):
    figures = {f"{who}_{figure}_ns": value for who, value in (("ours", ours), ("cedar", cedar))
               for figure in ("p50", "p99", "mean", "in_turn")}
    return {"name": name, "policies": 4, "entities": 9, "allow_share": 0.4, "drawn_allow_share": 0.1,
            "ours_kilobytes": 1.0, "cedar_kilobytes": None if cedar is None else 9.0, **figures}


def server(rps, cpu_us, p99_us):
    return {"rps": rps, "cpu_us": cpu_us, "p99_us": p99_us, "p50_us": 1.0, "busy": 1.0,
            "ready_mb": 1.0, "loaded_mb": 2.0}


def found_in_full():
    return {"date": "2026-11-22", "machine": "2 cores of a <machine>", "versions": "of all",
            "in_process": [task("oopsla/tinytodo", 200, 5000), task("generated/iot", 300, 6000)],
            "http": {"servers": {"noop": server(100_000, 7.0, 900), "ours": server(80_000, 9.0, 1000),
                                 "cerbos": server(2_000, 420.0, 60_000)},
                     "paced": {"noop": server(40_000, 7.0, 500), "ours": server(40_000, 9.0, 600)},
                     "questions": 350, "timed": 225, "allow_share": 0.4, "idle_rss_mb": 20.0,
                     "start_ms": 60.0},
            "scale": {"policies": {"small_ns": 1000.0, "large_ns": 1500.0, "time_ratio": 1.5},
                      "entities": {"small_ns": 300.0, "large_ns": 600.0, "time_ratio": 2.0,
                                   "load_ms": 2000.0, "bytes_per_entity": 190.0, "bare_reads_ns": 310.0},
                      "compile": {"parse_ms": 50.0, "compile_ms": 40.0},
                      "instructions": {"few": 5000.0, "many": 5500.0}}}


def nothing_found():
    return found_in_full() | {"in_process": None, "http": None, "scale": None}


def missed(found):
    return [gate.what for gate in gates(found) if gate.is_met is False]


class Gates(unittest.TestCase):
    def test_all_are_met_by_figures_within_their_bounds(self):
        self.assertEqual(missed(found_in_full()), [])
        self.assertTrue(all(gate.is_met for gate in gates(found_in_full())))

    def test_each_figure_beyond_its_bound_misses_its_gate(self):
        beyond = {
            "geometric mean": lambda it: it["in_process"][0].update(cedar_p50_ns=1000),
            "tinytodo": lambda it: it["in_process"][0].update(ours_p50_ns=401, cedar_p50_ns=90_000),
            "instructions": lambda it: it["scale"]["instructions"].update(many=6001.0),
            "time with 100,000": lambda it: it["scale"]["policies"].update(time_ratio=2.1),
            "1,000,000 entities": lambda it: it["scale"]["entities"].update(time_ratio=3.1),
            "compiled": lambda it: it["scale"]["compile"].update(compile_ms=501.0),
            "Cerbos's": lambda it: it["http"]["servers"]["cerbos"].update(rps=2_001),
            "requests a second": lambda it: it["http"]["servers"]["noop"].update(rps=120_000),
            "processor time": lambda it: it["http"]["servers"]["ours"].update(cpu_us=10.1),
            "p99": lambda it: it["http"]["servers"]["ours"].update(p99_us=1801),
            "idle": lambda it: it["http"].update(idle_rss_mb=25.1),
            "start": lambda it: it["http"].update(start_ms=101.0),
        }
        for words, spoil in beyond.items():
            found = found_in_full()
            spoil(found)
            self.assertEqual(len(missed(found)), 1, words)
            self.assertIn(words, missed(found)[0])
        self.assertEqual(len(beyond), len(list(gates(found_in_full()))))

    def test_what_was_not_taken_is_neither_met_nor_missed(self):
        verdicts = {gate.verdict for gate in gates(nothing_found())}
        self.assertEqual(verdicts, {"not taken"})
        without_cargo = found_in_full() | {"in_process": [task("oopsla/tinytodo", 200, None)]}
        self.assertEqual(gates(without_cargo)[0].verdict, "not taken")


class Reports(unittest.TestCase):
    def test_figures_have_their_shape_and_null_where_nothing_was_taken(self):
        full, empty = report.figures(found_in_full()), report.figures(nothing_found())
        self.assertEqual(full["in_process"]["tasks"][0],
                         {"name": "oopsla/tinytodo", "ours_p50_ns": 200, "cedar_p50_ns": 5000,
                          "allow_share": 0.4})
        self.assertAlmostEqual(full["in_process"]["vs_cedar_native_geomean"], (25 * 20) ** 0.5)
        self.assertEqual(full["http"], {"ours_rps": 80_000, "cerbos_rps": 2_000, "noop_rps": 100_000,
                                        "ours_p99_us": 1000, "noop_p99_us": 900})
        self.assertEqual(full["scale"], {"policies_100k_over_100_instructions": 1.1,
                                         "policies_100k_over_100_time": 1.5,
                                         "entities_1m_over_1k_time": 2.0})
        self.assertEqual((full["idle_rss_mb"], full["start_ms"]), (20.0, 60.0))
        self.assertEqual(json.loads(json.dumps(empty)), {
            "in_process": {"vs_cedar_native_geomean": None, "tasks": []},
            "http": dict.fromkeys(full["http"]), "scale": dict.fromkeys(full["scale"]),
            "idle_rss_mb": None, "start_ms": None})

    def test_a_peer_that_could_not_run_leaves_null_and_the_rest(self):
        found = found_in_full()
        del found["http"]["servers"]["cerbos"]
        found["in_process"] = [task("oopsla/tinytodo", 200, None)]
        figures = report.figures(found)
        self.assertIsNone(figures["http"]["cerbos_rps"])
        self.assertEqual(figures["http"]["ours_rps"], 80_000)
        self.assertIsNone(figures["in_process"]["tasks"][0]["cedar_p50_ns"])
        self.assertNotIn("| Cerbos |", report.markdown(found))
        self.assertNotIn("times Cerbos", report.pictures(found)["peers-http.svg"])
        self.assertEqual(missed(found), [])

    def test_pictures_are_well_formed_and_only_of_what_was_found(self):
        made = report.pictures(found_in_full())
        self.assertEqual(set(made), {"peers-in-process.svg", "peers-http.svg"})
        for svg in made.values():
            self.assertIn("prefers-color-scheme: dark", svg)
            self.assertTrue(xml.etree.ElementTree.fromstring(svg).tag.endswith("svg"))
        self.assertEqual(report.pictures(nothing_found()), {})

    def test_tables_say_what_was_missed(self):
        found = found_in_full()
        found["http"]["start_ms"] = 200.0
        self.assertIn("NOT MET", report.markdown(found))
        self.assertNotIn("NOT MET", report.markdown(found_in_full()))
        self.assertNotIn("NOT MET", report.markdown(nothing_found()))


class Questions(unittest.TestCase):
    def setUp(self):
        self.directory = Directory(HOSPITAL / "entities.json")
        self.question = {"subject": {"type": "User", "id": "dr-swift"}, "action": {"name": "view"},
                         "resource": {"type": "LabReport", "id": "lab-200-1"}}

    def test_cerbos_is_told_what_the_directory_knows(self):
        body = json.loads(CerbosRequest(self.directory, self.question).body())
        self.assertEqual(body["principal"]["roles"], ["EmergencyPhysician"])
        self.assertEqual(body["principal"]["attr"]["hospital"], "st-mary")
        resource = body["resources"][0]["resource"]["attr"]
        self.assertEqual(resource["patient"], "p-200")
        self.assertIn("dr-stone", resource["careTeam"])

    def test_cerbos_is_told_what_the_patient_agreed_to(self):
        asked = {"subject": {"type": "User", "id": "eng-frost"}, "action": {"name": "export"},
                 "resource": {"type": "DeviceReadings", "id": "readings-watch-1"},
                 "context": {"purpose": "SYSDEV"}}
        body = json.loads(CerbosRequest(self.directory, asked).body())
        self.assertEqual(body["resources"][0]["resource"]["attr"]["agreed"], ["HRESCH", "SYSDEV"])
        self.assertEqual(body["principal"]["attr"]["request"]["purpose"], "SYSDEV")

    def test_what_only_one_of_the_two_can_be_asked_is_left_out(self):
        self.assertTrue(can_be_put(self.question, self.directory))
        for change in ({"options": {"grant": "grant-1"}},
                       {"subject": {"type": "User", "id": "nobody"}},
                       {"resource": {"type": "LabReport", "id": "lab-999-1"}},
                       {"subject": {"type": "User", "id": "dr-swift", "properties": {"ward": "icu"}}},
                       {"resource": {"type": "LabReport", "id": "lab-200-1",
                                     "properties": {"patient": "p-100"}}},
                       {"context": {"package": {"type": "FirmwarePackage", "id": "homemade"}}}):
            self.assertFalse(can_be_put(self.question | change, self.directory), change)

    def test_two_fifths_of_what_is_timed_are_allowed(self):
        asked = [(number < 30, f"ours {number}", f"theirs {number}") for number in range(100)]
        chosen = over_http.balanced(asked)
        self.assertEqual(len(chosen), 75)
        self.assertEqual(sum(allowed for allowed, *_ in chosen), 30)
        self.assertEqual(len(set(chosen)), 75)

    def test_every_kind_that_is_asked_about_has_its_policy_for_cerbos(self):
        text = "".join(path.read_text() for path in (HERE / "cerbos").glob("*.yaml"))
        kinds = set(re.findall(r"^  resource: (\w+)$", text, re.MULTILINE))
        self.assertEqual(kinds, {"Patient", "LabReport", "ImagingStudy", "MedicationPlan", "User",
                                 "DeviceReadings", "ResearchDataset", "Device", "Hospital"})


if __name__ == "__main__":
    unittest.main()
