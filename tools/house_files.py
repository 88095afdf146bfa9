#!/usr/bin/env python3
"""Lists the files of this repository that people write, without those that are built or fetched.

usage: house_files.py SUFFIX...
"""
import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
NOT_OURS = {".git", "build", "node_modules", "__pycache__"}


def house_files(suffixes, root=ROOT):
    """Sorted paths below root, relative to it, that end in one of the suffixes."""
    found = []
    for folder, subfolders, names in os.walk(root):
        subfolders[:] = [name for name in subfolders if name not in NOT_OURS]
        found += [pathlib.Path(folder, name).relative_to(root)
                  for name in names if name.endswith(tuple(suffixes))]
    return sorted(found)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    print("\n".join(map(str, house_files(sys.argv[1:]))))
