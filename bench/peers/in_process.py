"""Decisions in one process: Wardlock beside the reference implementation, over its benchmarking corpus."""
import json
import math
import pathlib
import subprocess
import sys
import tempfile


def measure(program, corpus, requests, with_wasm):
    """What wardlock_cedar_bench found; it fails where an engine decides otherwise than ours."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "found.json")
        command = [program, corpus, "--requests", str(requests), "--json", file]
        if not with_wasm:
            command += ["--without", "wasm"]
        if subprocess.run(command, check=False, stdout=sys.stderr).returncode != 0:
            sys.exit("the decisions in process could not be compared; see above")
        return [task_of(row) for row in json.loads(file.read_text())["tasks"]]


def task_of(row):
    ours, native = row["wardlock"], row.get("rust")
    task = {"name": row["task"], "policies": row["policies"], "entities": row["entities"],
            "allow_share": row["allow_share"], "drawn_allow_share": row["drawn_allow_share"],
            **nanos("ours", ours), **nanos("cedar", native)}
    if "wasm" in row:
        task["wasm_p50_ns"] = row["wasm"]["p50_us"] * 1000
    return task


def nanos(whose, found):
    """Figures of an engine, None where it did not run."""
    names = {"p50_us": "p50_ns", "p99_us": "p99_ns", "mean_us": "mean_ns", "in_turn_us": "in_turn_ns"}
    figures = {f"{whose}_{ns}": found[us] * 1000 if found else None for us, ns in names.items()}
    return figures | {f"{whose}_kilobytes": found["kilobytes"] if found else None}


def geometric_mean(tasks, figure, peer="cedar"):
    """Of the peer's figure by ours; None where the peer did not run."""
    if not tasks or tasks[0].get(f"{peer}_{figure}") is None:
        return None
    return math.exp(sum(math.log(task[f"{peer}_{figure}"] / task[f"ours_{figure}"])
                        for task in tasks) / len(tasks))
