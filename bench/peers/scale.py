"""How a decision's cost grows with policies and entities; wardlock_scale_bench says what is in its worlds."""
import json
import re
import shutil
import subprocess
import sys
import tempfile

FEW, MANY = 100, 100_000


def run(command):
    result = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: {result.stderr[-2000:]}")
    return result


def measure(program, rounds):
    return {"policies": json.loads(run([program, "policies", "--rounds", rounds]).stdout),
            "entities": json.loads(run([program, "entities", "--rounds", rounds]).stdout),
            "compile": json.loads(run([program, "compile"]).stdout),
            "instructions": instructions(program)}


def instructions(program):
    """Per decision with few policies and with many, by callgrind; None where it is not installed."""
    if not shutil.which("valgrind"):
        return None
    return {"few": instructions_with(program, FEW), "many": instructions_with(program, MANY)}


def instructions_with(program, policies, requests=2000):
    with tempfile.NamedTemporaryFile() as file:
        result = run(["valgrind", "--tool=callgrind", "--instr-atstart=no",
                      f"--callgrind-out-file={file.name}", program, "count", "--large", policies,
                      "--requests", requests])
    counted = int(re.search(r"Collected : (\d+)", result.stderr)[1])
    if counted == 0:
        sys.exit("wardlock_scale_bench was built without valgrind's headers: nothing was counted")
    return counted / json.loads(result.stdout)["decisions"]
