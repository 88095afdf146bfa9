#!/usr/bin/env python3
"""Fails on documents that refer to what is not there.

usage: check_docs.py

Checked in every Markdown file: relative links lead to a file, and their #anchor to a heading of it;
`./dev VERB` names a verb that exists; a test that is cited as `PATH`: `NAME`, `NAME` is in that
file. Every room of src/ that has sources has a README.md. Decision records are numbered 0001,
0002, ... without a gap or a second use.
"""
import pathlib
import re
import sys

from check_floors import read_rooms
from house_files import ROOT, house_files

LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.*)")
VERB = re.compile(r"\./dev ([a-z]+)")
CITED_TESTS = re.compile(r"`([\w.-]+/[\w./-]+(?:_test\.cc|_test\.py|\.test\.yaml|\.mjs))`: "
                         r"(`[^`]+`(?!:)(?:, `[^`]+`(?!:))*)")
TEST_NAME = {".cc": r"\bTEST(?:_F|_P)?\([^)]*\b{}\)", ".py": r"\bdef {}\(", ".mjs": r"'{}'", ".yaml": r"name: {}$"}
CODE_FENCE = re.compile(r"^ {0,3}(```|~~~)")


def prose_lines(text):
    """(number, line) of what lies outside fenced code blocks."""
    fenced = False
    for number, line in enumerate(text.splitlines(), 1):
        if CODE_FENCE.match(line):
            fenced = not fenced
        elif not fenced:
            yield number, line


def anchors(text):
    """The anchors GitHub gives to the headings."""
    found = set()
    for _, line in prose_lines(text):
        if match := HEADING.match(line):
            words = re.sub(r"[^\w\- ]", "", match[1].lower())
            found.add(words.strip().replace(" ", "-"))
    return found


def link_problem(file, target):
    if re.match(r"[a-z][a-z0-9+.-]*:", target):
        return None
    path, _, anchor = target.partition("#")
    destination = (file.parent / path).resolve() if path else file
    if not destination.exists():
        return f"the link `{target}` leads nowhere"
    if anchor and anchor not in anchors(destination.read_text()):
        return f"the link `{target}` names no heading there"
    return None


def cited_test_problems(root, line):
    for path, names in CITED_TESTS.findall(line):
        file = root / path
        if not file.is_file():
            yield f"cites tests of `{path}`, which is not there"
            continue
        for name in re.findall("`([^`]+)`", names):
            if not re.search(TEST_NAME[file.suffix].format(re.escape(name)), file.read_text(), re.MULTILINE):
                yield f"cites the test `{name}`, which `{path}` has not"


def check_references(root):
    verbs = {path.stem for path in house_files([".sh"], root) if path.parts[:2] == ("tools", "dev")}
    for path in house_files([".md"], root):
        text = (root / path).read_text()
        for number, line in prose_lines(text):
            for target in LINK.findall(line):
                if problem := link_problem(root / path, target):
                    yield f"{path}:{number}: {problem}"
            for problem in cited_test_problems(root, line):
                yield f"{path}:{number}: {problem}"
        for verb in VERB.findall(text):
            if verb not in verbs:
                yield f"{path}: `./dev {verb}` is no verb of ./dev"


def check_room_readmes(root):
    for room in read_rooms(root / "src" / "floors.txt"):
        folder = root / "src" / room
        has_sources = any(folder.glob("*.h")) or any(folder.glob("*.cc"))
        if has_sources and not (folder / "README.md").is_file():
            yield (f"src/{room}: has no README.md; say on one page what it is for, what may come in, "
                   "its invariants and where to start reading")


def check_decision_records(root):
    numbers = [path.name[:4] for path in sorted((root / "docs" / "adr").glob("[0-9]*.md"))]
    expected = [f"{number:04}" for number in range(1, len(numbers) + 1)]
    if numbers != expected:
        yield f"docs/adr: numbered {', '.join(numbers)}; expected {', '.join(expected)}"


def check(root):
    return [*check_references(root), *check_room_readmes(root), *check_decision_records(root)]


if __name__ == "__main__":
    found = check(ROOT)
    for problem in found:
        print(problem, file=sys.stderr)
    sys.exit(1 if found else 0)
