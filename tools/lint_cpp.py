#!/usr/bin/env python3
"""Runs clang-tidy over every C++ source, and compiles every header alone that no source of its name
includes first (which proves the same).

usage: lint_cpp.py BUILD_DIR

BUILD_DIR holds a compile_commands.json; a file that is not in it (a header, a fuzz target) takes
the flags of a source file near it. A file that passed is remembered in ~/.cache/wardlock-lint (or
below XDG_CACHE_HOME), for all checkouts, by the hash of all that its result depends on: the tool's
version and settings, the flags, and the text of the file and of every house header it includes,
directly or not. (A changed system header is not
noticed; packages of one Debian release do not change their headers.) Findings are errors and are
never remembered.
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import shlex
import subprocess
import sys
import time

from check_floors import INCLUDE
from house_files import ROOT, house_files

CACHE = (pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
         / "wardlock-lint")
FORGET_AFTER_SECONDS = 14 * 24 * 3600
TIDY = "clang-tidy-19"
COMPILER = "g++"


def flags_of(command):
    """The flags of a compile command: without launcher, compiler, input, outputs and the headers
    made ready, so that a source that does not include what it needs shows."""
    words = iter(shlex.split(command))
    flags = []
    for word in words:
        if word in ("-o", "-c", "-MF", "-MT", "-include"):
            next(words)
        elif word in ("-fpch-preprocess", "-Winvalid-pch"):
            continue
        elif word in ("-I", "-isystem", "-D"):
            flags += [word, next(words)]
        elif word.startswith("-"):
            flags.append(word)
    return flags


def read_flags(build):
    commands = json.loads((build / "compile_commands.json").read_text())
    return {pathlib.Path(entry["file"]).relative_to(ROOT): flags_of(entry["command"])
            for entry in commands if pathlib.Path(entry["file"]).is_relative_to(ROOT)}


def flags_for(path, known):
    """The flags of the file, or of the source that shares the longest part of its path."""
    if path in known:
        return known[path]
    nearest = max(sorted(known), key=lambda other: len(os.path.commonprefix([path.parts,
                                                                            other.parts])))
    return known[nearest]


def house_includes(path, flags, seen):
    """Adds to `seen` the house files that `path` includes, directly or not, and itself."""
    if path in seen:
        return
    seen.add(path)
    folders = [path.parent] + [pathlib.Path(flag[2:]) for flag in flags if flag.startswith("-I")]
    for line in path.read_text().splitlines():
        match = INCLUDE.match(line)
        candidates = [folder / match[1] for folder in folders] if match else []
        included = next((file for file in candidates if file.is_file()), None)
        if included and included.is_relative_to(ROOT):
            house_includes(included, flags, seen)


def fingerprint(settings, path, flags):
    files = set()
    house_includes(ROOT / path, flags, files)
    flags = [flag.replace(str(ROOT), ".") for flag in flags]  # the same in every checkout
    digest = hashlib.sha256(repr((settings, str(path), flags)).encode())
    for file in sorted(files):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def first_include(source):
    matches = (INCLUDE.match(line) for line in source.read_text().splitlines()
               if line.lstrip().startswith("#"))
    first = next(matches, None)
    return first[1] if first else None


def is_included_first(header):
    """Whether `x.cc` beside `x.h` begins with it, so that compiling the one checks the other."""
    source = ROOT / header.with_suffix(".cc")
    return source.is_file() and str(header).endswith("/" + (first_include(source) or "?"))


def jobs(build):
    """(path, command, cache entry) of all that there is to check."""
    known = read_flags(build)
    if not known:
        sys.exit(f"{build}: no source is built here; run ./dev build first")
    tidy_settings = (version(TIDY), (ROOT / ".clang-tidy").read_text())
    compiler_settings = version(COMPILER)
    for path in house_files([".cc"]):
        flags = flags_for(path, known)
        # What its compiler warns of is not asked here: the build does, with the baseline's compiler.
        quiet = [flag for flag in flags if flag != "-Werror"] + ["-Wno-unknown-warning-option"]
        command = [TIDY, "--quiet", str(path), "--", *quiet]
        yield path, command, CACHE / fingerprint(tidy_settings, path, flags)
    for path in filter(lambda header: not is_included_first(header), house_files([".h"])):
        flags = flags_for(path, known)
        command = [COMPILER, *flags, "-fsyntax-only", "-include", str(path), "-x", "c++", os.devnull]
        yield path, command, CACHE / fingerprint(compiler_settings, path, flags)


def version(tool):
    return subprocess.run([tool, "--version"], capture_output=True, text=True, check=True).stdout


def run(job):
    path, command, entry = job
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if result.returncode == 0:
        entry.touch()
        return path, ""
    return path, result.stdout if command[0] == TIDY and result.stdout else result.stderr


def forget_unused():
    oldest = time.time() - FORGET_AFTER_SECONDS
    for entry in CACHE.iterdir():
        if entry.stat().st_mtime < oldest:
            entry.unlink()


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    CACHE.mkdir(parents=True, exist_ok=True)
    to_check = []
    unchanged = 0
    for job in jobs(pathlib.Path(sys.argv[1])):
        if job[2].exists():
            job[2].touch()
            unchanged += 1
        else:
            to_check.append(job)
    print(f"{len(to_check)} files to check, {unchanged} unchanged since they passed", flush=True)
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, findings in pool.map(run, to_check):
            if findings:
                failed += 1
                print(f"{path}:\n{findings}", file=sys.stderr, flush=True)
    forget_unused()
    if failed:
        sys.exit(f"{failed} files have findings")


if __name__ == "__main__":
    main()
