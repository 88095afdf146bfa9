#!/usr/bin/env python3
"""Fails where two files define different types under one name.

usage: check_twins.py

The linker takes either for the other (C++'s one definition rule), so that one room's code runs with
another room's type. What is in an anonymous namespace, in another type, or in a test of its own
(`*_test.cc`) cannot be taken for anything else.
"""
import collections
import re
import sys

from house_files import ROOT, house_files

OPENED = re.compile(r"namespace(?: ([\w:]+))? \{$")
CLOSED = re.compile(r"\}  // namespace")
TYPE = re.compile(r"(?:struct|class|enum class|enum)(?: \[\[\w+\]\])? (\w+(?:::\w+)*)(?: final)?"
                  r"(?: : [^;{]*)?(?: \{.*)?$")


def types_of(text):
    """(name with its namespaces, line) of each type that is defined outside of others."""
    lines = text.splitlines()
    spaces = []
    for number, line in enumerate(lines, 1):
        if opened := OPENED.match(line):
            spaces.append(opened[1] or "")
        elif CLOSED.match(line) and spaces:
            spaces.pop()
        elif found := TYPE.match(line):
            head = " ".join(lines[number - 1:number + 3])
            is_definition = "{" in head and (";" not in head or head.index("{") < head.index(";"))
            if is_definition and "" not in spaces:
                yield "::".join([*spaces, found[1]]), number


def check(root):
    places = collections.defaultdict(list)
    for path in house_files({".h", ".cc"}, root):
        if path.parts[0] != "src" or path.name.endswith("_test.cc"):
            continue
        for name, line in types_of((root / path).read_text()):
            places[name].append(f"{path}:{line}")
    return [f"{' and '.join(found)}: both define `{name}`; give one another name, or hide it in an "
            "anonymous namespace" for name, found in sorted(places.items()) if len(found) > 1]


if __name__ == "__main__":
    found = check(ROOT)
    for problem in found:
        print(problem, file=sys.stderr)
    sys.exit(1 if found else 0)
