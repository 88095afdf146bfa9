#!/usr/bin/env python3
"""Runs clang-tidy over every C++ source, and compiles every header alone that no source of its name
includes first (which proves the same).

usage: lint_cpp.py BUILD_DIR [--minutes N]

What changed last, by itself or by a header that it includes, is checked first. After N minutes no
further file is begun, and it is said how many were not looked at: on a machine that remembers
nothing yet, all of them take more than an hour.

BUILD_DIR holds a compile_commands.json; a file that is not in it (a header, a fuzz target) takes
the flags of a source file near it. A file that passed is remembered in ~/.cache/wardlock-lint (or
below XDG_CACHE_HOME), for all checkouts, by the hash of all that its result depends on: the tool's
version and settings, the flags, and the text of the file and of every house header it includes,
directly or not. (A changed system header is not
noticed; packages of one Debian release do not change their headers.) Findings are errors and are
never remembered.
"""
import argparse
import concurrent.futures
import hashlib
import json
import math
import os
import pathlib
import shlex
import subprocess
import sys
import time
import typing

from check_floors import INCLUDE
from house_files import ROOT, house_files

CACHE = (pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
         / "wardlock-lint")
FORGET_AFTER_SECONDS = 14 * 24 * 3600
TIDY = "clang-tidy-19"
COMPILER = "g++"


class Job(typing.NamedTuple):
    """One file to check: when it last changed, and what remembers that it passed."""
    changed: float
    path: pathlib.Path
    command: list
    entry: pathlib.Path


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


def files_of(path, flags):
    """The house files that a result depends on: what `path` includes, and itself."""
    files = set()
    house_includes(ROOT / path, flags, files)
    return files


def fingerprint(settings, path, flags, files):
    """Of all that a result depends on; `files` as `files_of` has them."""
    flags = [flag.replace(str(ROOT), ".") for flag in flags]  # the same in every checkout
    digest = hashlib.sha256(repr((settings, str(path), flags)).encode())
    for file in sorted(files):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def git(*arguments):
    """What git prints, by lines; nothing outside a checkout."""
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True,
                          text=True).stdout.splitlines()


def change_times():
    """When each file last changed, in seconds since 1970, as git has it; what it has not is new."""
    times = {path: time.time() for path in git("diff", "--name-only", "HEAD")}
    when = 0.0
    for line in git("log", "--format=@%ct", "--name-only", "--no-renames"):
        if line.startswith("@"):
            when = float(line[1:])
        elif line:
            times.setdefault(line, when)
    return times


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
    """All that there is to check, what changed last first."""
    known = read_flags(build)
    if not known:
        sys.exit(f"{build}: no source is built here; run ./dev build first")
    times = change_times()

    def job(settings, path, flags, command):
        files = files_of(path, flags)
        changed = max(times.get(str(file.relative_to(ROOT)), time.time()) for file in files)
        return Job(changed, path, command, CACHE / fingerprint(settings, path, flags, files))

    return sorted(all_jobs(known, job), key=lambda job: job.changed, reverse=True)


def all_jobs(known, job):
    tidy_settings = (version(TIDY), (ROOT / ".clang-tidy").read_text())
    compiler_settings = version(COMPILER)
    for path in house_files([".cc"]):
        flags = flags_for(path, known)
        # What its compiler warns of is not asked here: the build does, with the baseline's compiler.
        quiet = [flag for flag in flags if flag != "-Werror"] + ["-Wno-unknown-warning-option"]
        command = [TIDY, "--quiet", str(path), "--", *quiet]
        yield job(tidy_settings, path, flags, command)
    for path in filter(lambda header: not is_included_first(header), house_files([".h"])):
        flags = flags_for(path, known)
        command = [COMPILER, *flags, "-fsyntax-only", "-include", str(path), "-x", "c++", os.devnull]
        yield job(compiler_settings, path, flags, command)


def version(tool):
    return subprocess.run([tool, "--version"], capture_output=True, text=True, check=True).stdout


def run(job):
    """What is found in the file of the job; empty if it is sound."""
    result = subprocess.run(job.command, cwd=ROOT, capture_output=True, text=True)
    if result.returncode == 0:
        job.entry.touch()
        return ""
    return result.stdout if job.command[0] == TIDY and result.stdout else result.stderr


def forget_unused():
    oldest = time.time() - FORGET_AFTER_SECONDS
    for entry in CACHE.iterdir():
        if entry.stat().st_mtime < oldest:
            entry.unlink()


def unknown_jobs(build):
    """What is not remembered as sound."""
    unknown = []
    unchanged = 0
    for job in jobs(build):
        if job.entry.exists():
            job.entry.touch()
            unchanged += 1
        else:
            unknown.append(job)
    print(f"{len(unknown)} files to check, {unchanged} unchanged since they passed", flush=True)
    return unknown


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--minutes", type=float, default=math.inf)
    arguments = parser.parse_args()
    CACHE.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + arguments.minutes * 60
    failed = 0
    left = []

    def run_in_time(job):
        return run(job) if time.monotonic() < deadline else None

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        to_check = unknown_jobs(arguments.build)
        for job, findings in zip(to_check, pool.map(run_in_time, to_check)):
            if findings is None:
                left.append(job)
            elif findings:
                failed += 1
                print(f"{job.path}:\n{findings}", file=sys.stderr, flush=True)
    forget_unused()
    if left:
        newest = time.strftime("%Y-%m-%d %H:%M", time.gmtime(left[0].changed))
        print(f"NOT LOOKED AT for want of time: {len(left)} files, unchanged since {newest} UTC or "
              "longer; without --minutes all are")
    if failed:
        sys.exit(f"{failed} files have findings")


if __name__ == "__main__":
    main()
