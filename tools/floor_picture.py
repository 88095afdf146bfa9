#!/usr/bin/env python3
"""Draws the house: docs/floors.svg and the table of floors in docs/architecture.md.

usage: floor_picture.py [--check]

Both come from src/floors.txt and the sources. With --check nothing is written; exit 1 when either
differs from what would be written.
"""
import pathlib
import sys
from xml.sax.saxutils import escape

from check_floors import INCLUDE, read_rooms, room_of
from generated_part import GeneratedPart
from house_files import ROOT

GENERATED = GeneratedPart("floors", "tools/floor_picture.py; run ./dev docs")

ROOMS_PER_ROW = 5
ROOM_WIDTH, ROOM_HEIGHT, GAP = 148, 34, 10
LABEL_WIDTH, USES_WIDTH, PADDING = 44, 190, 10
WIDTH = LABEL_WIDTH + ROOMS_PER_ROW * (ROOM_WIDTH + GAP) + USES_WIDTH + 2 * PADDING

STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .floor { font-weight: 600 }
  .quiet { font-size: 12px; fill: #59636e }
  .storey { fill: #f6f8fa; stroke: #d1d9e0 }
  .built { fill: #d8e8f8; stroke: #0a5cad }
  .planned { fill: none; stroke: #818b98; stroke-dasharray: 4 3 }
  .planned-name { fill: #59636e }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc }
    .quiet, .planned-name { fill: #9198a1 }
    .storey { fill: #151b23; stroke: #3d444d }
    .built { fill: #12355c; stroke: #4a9eff }
    .planned { stroke: #656c76 }
  }
"""


class House:
    """The rooms by floor, which of them are built, and which includes which."""

    def __init__(self, src):
        self.rooms = read_rooms(src / "floors.txt")
        self.what = read_descriptions(src / "floors.txt")
        self.built = set()
        self.uses = set()  # (room, other room)
        for room in self.rooms:
            if any((src / room).glob("*.cc")):
                self.built.add(room)
            for file in [*(src / room).glob("*.h"), *(src / room).glob("*.cc")]:
                self.uses |= {(room, other) for other in included_rooms(file, self.rooms)
                              if other != room}

    def floors(self):
        """(whole floor, its rooms in order), from the ground up."""
        numbers = sorted({floor[0] for floor in self.rooms.values()})
        return [(number, sorted((room for room, floor in self.rooms.items() if floor[0] == number),
                                key=lambda room: (room.split("/")[0], self.rooms[room])))
                for number in numbers]

    def uses_text(self, number):
        """How many room-to-room uses lead from a floor to lower ones, and along it."""
        on_floor = [(user, used) for user, used in self.uses if self.rooms[user][0] == number]
        along = sum(self.rooms[used][0] == number for _, used in on_floor)
        parts = []
        if len(on_floor) > along:
            parts.append(f"{len(on_floor) - along} down")
        if along:
            parts.append(f"{along} within the folder")
        return ", ".join(parts)


def read_descriptions(floors_file):
    lines = [line.split(None, 2) for line in floors_file.read_text().splitlines()
             if line.strip() and not line.startswith("#")]
    return {fields[1]: fields[2] if len(fields) > 2 else "" for fields in lines}


def included_rooms(file, rooms):
    matches = (INCLUDE.match(line) for line in file.read_text().splitlines())
    return {room_of(match[1], rooms) for match in matches if match} - {None}


def draw_room(house, room, x, y):
    state = "built" if room in house.built else "planned"
    name_class = "" if state == "built" else ' class="planned-name"'
    return [f'<g><title>{escape(room)}: {escape(house.what[room])} ({state})</title>',
            f'<rect class="{state}" x="{x}" y="{y}" width="{ROOM_WIDTH}" height="{ROOM_HEIGHT}"'
            ' rx="4"/>',
            f'<text{name_class} x="{x + ROOM_WIDTH / 2:g}" y="{y + ROOM_HEIGHT / 2 + 5:g}"'
            f' text-anchor="middle">{escape(room)}</text></g>']


def rows_of(rooms):
    """The rooms in rows; the steps of one folder begin a row of their own and end it."""
    rows = []
    folder_of_row = None
    for room in rooms:
        folder = room.partition("/")[0] if "/" in room else ""
        if not rows or len(rows[-1]) == ROOMS_PER_ROW or folder != folder_of_row:
            rows.append([])
        rows[-1].append(room)
        folder_of_row = folder
    return rows


def draw_storey(house, number, rooms, top):
    rows = rows_of(rooms)
    height = len(rows) * (ROOM_HEIGHT + GAP) + GAP
    middle = top + height / 2 + 5
    parts = [f'<rect class="storey" x="{PADDING}" y="{top}" width="{WIDTH - 2 * PADDING}"'
             f' height="{height}"/>',
             f'<text class="floor" x="{PADDING + 14}" y="{middle:g}">{number}</text>']
    for row_number, row in enumerate(rows):
        for column, room in enumerate(row):
            x = PADDING + LABEL_WIDTH + column * (ROOM_WIDTH + GAP)
            parts += draw_room(house, room, x, top + GAP + row_number * (ROOM_HEIGHT + GAP))
    if len(rooms) == 1:  # there is space to say what it is
        x = PADDING + LABEL_WIDTH + ROOM_WIDTH + 2 * GAP
        parts.append(f'<text class="quiet" x="{x}" y="{middle:g}">{escape(house.what[rooms[0]])}'
                     '</text>')
    if uses := house.uses_text(number):
        parts.append(f'<text class="quiet" x="{WIDTH - PADDING - 14}" y="{middle:g}"'
                     f' text-anchor="end">{uses}</text>')
    return parts, height


def draw(house):
    parts = []
    top = PADDING
    for number, rooms in reversed(house.floors()):
        storey, height = draw_storey(house, number, rooms, top)
        parts += storey
        top += height
    top += 24
    built = f"{len(house.built)} of {len(house.rooms)} rooms built; dashed: planned."
    parts.append(f'<text class="quiet" x="{PADDING}" y="{top}">{built} On the right: how many pairs '
                 'of rooms there are where one includes the other, downward and along.</text>')
    height = top + PADDING
    return "\n".join([
        '<!-- generated by tools/floor_picture.py; run ./dev docs -->',
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}"'
        f' height="{height}" role="img" aria-label="The floors of the house and their rooms">',
        f"<style>{STYLE}</style>", *parts, "</svg>", ""])


def table(house):
    lines = ["![The floors of the house and their rooms](floors.svg)", "",
             "| floor | room | what it is | |", "|---|---|---|---|"]
    for number, rooms in reversed(house.floors()):
        for room in rooms:
            built = room in house.built
            name = f"[`{room}`](../src/{room}/README.md)" if built else f"`{room}`"
            lines.append(f"| {number} | {name} | {house.what[room]} | {'' if built else 'planned'} |")
    return "\n".join(lines)


def main():
    if sys.argv[1:] not in ([], ["--check"]):
        sys.exit(__doc__)
    house = House(ROOT / "src")
    architecture = ROOT / "docs" / "architecture.md"
    wanted = {ROOT / "docs" / "floors.svg": draw(house),
              architecture: GENERATED.replaced(architecture, table(house))}
    drifted = [path for path, text in wanted.items()
               if not path.is_file() or path.read_text() != text]
    if "--check" in sys.argv:
        for path in drifted:
            print(f"{path.relative_to(ROOT)}: out of date; run ./dev docs", file=sys.stderr)
        sys.exit(1 if drifted else 0)
    for path in drifted:
        path.write_text(wanted[path])


if __name__ == "__main__":
    main()
