"""Wardlock beside its peers, in one run: the reference implementation in process, Cerbos and a handler that
decides nothing over HTTP, and itself with much more to decide by. See bench/README.md.

Exits with 1 where a decision differs, or a figure is not what it must be.
"""
import argparse
import datetime
import json
import os
import pathlib
import platform
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "bench" / "http"), str(ROOT / "tools")]

import in_process
import over_http
import report
import scale
from gates import gates

PARTS = ("in-process", "http", "scale")


def machine():
    model = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return f"{len(os.sched_getaffinity(0))} cores of {model[1] if model else platform.machine()}"


def first_line(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.split("\n")[0]
    except FileNotFoundError:
        return ""


def versions(programs):
    crate = re.search(r'cedar-policy = "=([^"]+)"', (ROOT / "bench/cedar-rust/Cargo.toml").read_text())
    packages = {name: json.loads((ROOT / file).read_text())["dependencies"][package]
                for name, file, package in (
                    ("wasm", "conformance/cedar-wasm/package.json", "@cedar-policy/cedar-wasm"),
                    ("cerbos", "bench/suite/package.json", "@cerbos/cerbos-linux-x64"))}
    compiler = first_line("g++", "-dumpfullversion")
    rust = first_line("rustc", "--version").split(" ")[1:2]
    return (f"{first_line(programs['wardlock'], '--version').strip()} (g++ {compiler}); crate `cedar-policy` "
            f"{crate[1]} ({'rustc ' + rust[0] if rust else 'not run: no cargo'}); npm "
            f"`@cedar-policy/cedar-wasm` {packages['wasm']}; npm `cerbos` {packages['cerbos']}")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--bin", type=pathlib.Path, required=True, help="where our programs are")
    parser.add_argument("--cerbos", help="Cerbos' program")
    parser.add_argument("--corpus", help="the unpacked benchmarking corpus")
    parser.add_argument("--json", type=pathlib.Path, help="write the figures there")
    parser.add_argument("--quick", action="store_true", help="fewer requests, shorter rounds, no wasm")
    parser.add_argument("--only", choices=PARTS, action="append", help="this part; may be repeated")
    parser.add_argument("--report-only", action="store_true",
                        help="exit with 0 also where a figure is not what it must be")
    parser.add_argument("--write", action="store_true",
                        help="write table and plots into docs/ and README.md")
    parser.add_argument("--keep", type=pathlib.Path, help="write all that was found there")
    parser.add_argument("--from", dest="kept", type=pathlib.Path,
                        help="measure nothing: take what --keep has written")
    return parser.parse_args()


def measure(options):
    programs = {"wardlock": options.bin / "wardlock", "noop": options.bin / "wardlock_http_noop",
                "cerbos": options.cerbos, "cerbos_policies": ROOT / "bench" / "peers" / "cerbos"}
    wanted = options.only or PARTS
    found = {"date": datetime.date.today().isoformat(), "machine": machine(),
             "versions": versions(programs), "in_process": None, "http": None, "scale": None}
    rounds = 3 if options.quick else 7
    if "http" in wanted:
        say("over HTTP …")
        found["http"] = over_http.measure(programs, ROOT / "policies" / "hospital",
                                          rounds=2 if options.quick else 5,
                                          seconds=1 if options.quick else 3)
    if "scale" in wanted:
        say("growing …")
        found["scale"] = scale.measure(options.bin / "wardlock_scale_bench", rounds)
    if "in-process" in wanted and options.corpus:
        say("in process …")
        found["in_process"] = in_process.measure(
            options.bin / "wardlock_cedar_bench", options.corpus,
            requests=100 if options.quick else 500, with_wasm=not options.quick)
    return found


def say(words):
    print(words, file=sys.stderr, flush=True)


def write_documents(found):
    for name, svg in report.pictures(found).items():
        (ROOT / "docs" / name).write_text(svg)
    report.GENERATED.replace(ROOT / "docs" / "performance.md", report.markdown(found))
    report.GENERATED.replace(ROOT / "README.md", report.headline(found))


def main():
    options = parse_arguments()
    found = json.loads(options.kept.read_text()) if options.kept else measure(options)
    if options.keep:
        options.keep.write_text(json.dumps(found, indent=1) + "\n")
    if options.json:
        options.json.write_text(json.dumps(report.figures(found), indent=1) + "\n")
    if options.write:
        write_documents(found)
    print(report.markdown(found))
    missed = [gate for gate in gates(found) if gate.is_met is False]
    for gate in missed:
        say(f"not met: {gate.what}")
    return 1 if missed and not options.report_only else 0


if __name__ == "__main__":
    sys.exit(main())
