#!/usr/bin/env python3
"""Breaks the build on an include that does not go downward.

usage: check_floors.py SRC_DIR

Reads SRC_DIR/floors.txt. A file of a room may include its own room and every room on a lower
floor. Rooms of one folder with floors like 3.0, 3.1 are ordered among themselves; all other rooms
on one whole floor never see each other.
"""
import pathlib
import re
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')


def read_rooms(floors_file):
    rooms = {}
    for number, line in enumerate(floors_file.read_text().splitlines(), 1):
        if line.startswith("#") or not line.strip():
            continue
        fields = line.split(None, 2)
        if len(fields) < 2 or not re.fullmatch(r"\d+(\.\d+)?", fields[0]):
            sys.exit(f"{floors_file}:{number}: expected `floor room description`")
        if fields[1] in rooms:
            sys.exit(f"{floors_file}:{number}: the room `{fields[1]}` is listed twice")
        rooms[fields[1]] = tuple(int(part) for part in fields[0].split("."))
    return rooms


def room_of(path, rooms):
    """The room a source path such as `cedar/value/value.h` lies in."""
    folder = path.rpartition("/")[0]
    return folder if folder in rooms else None


def may_include(rooms, room, other):
    if room == other or rooms[other][0] < rooms[room][0]:
        return True
    same_folder = "/" in room and room.split("/")[0] == other.split("/")[0]
    return same_folder and rooms[other] < rooms[room]


def check(src):
    rooms = read_rooms(src / "floors.txt")
    problems = []
    for file in sorted(src.rglob("*.h")) + sorted(src.rglob("*.cc")):
        path = file.relative_to(src).as_posix()
        room = room_of(path, rooms)
        if room is None:
            problems.append(f"src/{path}: not in a room of src/floors.txt; add the room there")
            continue
        for number, line in enumerate(file.read_text().splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            other = room_of(match[1], rooms)
            place = f"src/{path}:{number}"
            if other is None:
                problems.append(f"{place}: `{match[1]}` is in no room of src/floors.txt; "
                                "include house headers by their full path, others with <>")
            elif not may_include(rooms, room, other):
                problems.append(f"{place}: `{room}` may not include `{other}`: "
                                "includes go strictly downward (src/floors.txt)")
    return problems


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    problems = check(pathlib.Path(sys.argv[1]))
    for problem in problems:
        print(problem, file=sys.stderr)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
