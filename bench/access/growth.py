"""What decisions execute among ten grants, delegations, consents and approvals each, and among 100,000.

Callgrind counts the decisions of wardlock_access_bench, those of each kind apart.
"""
import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

FEW, MANY = 10, 100_000
MOST_RATIO = 1.1
NAME = "counted"


def run(*command):
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        sys.exit(f"{command}: {result.stderr[-2000:]}")
    return json.loads(result.stdout)


def count(program, policies, there):
    """Instructions a decision, by what it stands on."""
    with tempfile.TemporaryDirectory() as folder:
        decisions = run("valgrind", "--tool=callgrind", "--instr-atstart=no",
                        f"--callgrind-out-file={folder}/{NAME}", program, "count", policies,
                        str(there))
        counted = {}
        for dump in pathlib.Path(folder).glob(f"{NAME}.*"):
            text = dump.read_text()
            standing = re.search(r"^desc: Trigger: Client Request: (.+)$", text, re.MULTILINE)
            if standing:
                events = int(re.search(r"^summary: (\d+)", text, re.MULTILINE)[1])
                counted[standing[1]] = events / decisions[standing[1]]
    if not counted or not all(counted.values()):
        sys.exit("wardlock_access_bench was built without valgrind's headers: nothing was counted")
    return {standing: counted[standing] for standing in decisions if standing in counted}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--policies", required=True)
    args = parser.parse_args()
    if not shutil.which("valgrind"):
        sys.exit("growth: valgrind is needed; install it with `./dev setup`")
    few, many = (count(args.program, args.policies, there) for there in (FEW, MANY))
    print(f"growth: instructions of a decision, among {FEW} and among {MANY:,} of each")
    holds = True
    for standing, before in few.items():
        ratio = many[standing] / before
        holds = holds and ratio <= MOST_RATIO
        print(f"  {standing:<22} {before:>6.0f}, {many[standing]:>6.0f}   {ratio:.3f} x, at most "
              f"{MOST_RATIO} x{'' if ratio <= MOST_RATIO else '   NOT MET'}")
    snapshots = [run(args.program, "count", args.policies, str(there))["snapshot_ms"]
                 for there in (FEW, MANY)]
    print(f"  each change of the directory makes a snapshot: {snapshots[0]:.2f} ms, "
          f"{snapshots[1]:.0f} ms (no bound)")
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
