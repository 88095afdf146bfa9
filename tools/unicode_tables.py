#!/usr/bin/env python3
"""Makes src/cedar/validator/unicode_tables.cc from the Unicode Character Database.

usage: unicode_tables.py FOLDER > src/cedar/validator/unicode_tables.cc

FOLDER holds Scripts.txt, ScriptExtensions.txt and PropertyValueAliases.txt (unicode.org/Public/UCD/latest/ucd, or Debian's
package unicode-data) and IdentifierStatus.txt (unicode.org/Public/security/latest). Run it again when
a new version of Unicode matters; nothing else depends on it.
"""
import pathlib
import re
import sys

AUGMENTED = {"Han": ("Hanb", "Jpan", "Kore"), "Hiragana": ("Jpan",), "Katakana": ("Jpan",),
             "Hangul": ("Kore",), "Bopomofo": ("Hanb",)}  # UTS 39, table 1a
OF_ALL = ("Common", "Inherited")


def read(path):
    """(first, last, value) of each line."""
    for line in path.read_text(encoding="utf-8").splitlines():
        line = line.split("#")[0].strip()
        if not line:
            continue
        points, value = (part.strip() for part in line.split(";")[:2])
        first, _, last = points.partition("..")
        yield int(first, 16), int(last or first, 16), value


def merged(ranges):
    """Neighbours of one value as one."""
    result = []
    for first, last, value in sorted(ranges):
        if result and result[-1][1] + 1 == first and result[-1][2] == value:
            result[-1] = (result[-1][0], last, value)
        else:
            result.append((first, last, value))
    return result


def script_names(folder):
    """Short names, of ScriptExtensions.txt, to long ones, of Scripts.txt."""
    text = (folder / "PropertyValueAliases.txt").read_text(encoding="utf-8")
    return {short: long for short, long in re.findall(r"^sc *; *(\w+) *; *(\w+)", text, re.M)}


def script_ranges(folder):
    long_name = script_names(folder)
    sets = {}
    for first, last, script in read(folder / "Scripts.txt"):
        for point in range(first, last + 1):
            sets[point] = (script,)
    for first, last, scripts in read(folder / "ScriptExtensions.txt"):
        for point in range(first, last + 1):
            sets[point] = tuple(sorted(long_name[script] for script in scripts.split()))
    return merged((point, point, augmented(scripts)) for point, scripts in sets.items())


def augmented(scripts):
    more = {name for script in scripts for name in AUGMENTED.get(script, ())}
    return tuple(sorted({*scripts, *more}))


def rows(items, width=100, indent="    "):
    line = indent
    for item in items:
        if len(line) + len(item) + 1 > width:
            yield line.rstrip()
            line = indent
        line += item + " "
    yield line.rstrip()


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    allowed = merged((first, last, "") for first, last, status in read(folder / "IdentifierStatus.txt")
                     if status == "Allowed" and last >= 0x80)
    scripts = script_ranges(folder)
    sets = sorted({value for _, _, value in scripts})
    names = sorted({name for value in sets for name in value} - set(OF_ALL))
    number = {name: i for i, name in enumerate(names)}

    def bits(value):
        words = [0] * 3
        for name in names if value[0] in OF_ALL else value:
            words[number[name] // 64] |= 1 << number[name] % 64
        return "{" + ", ".join(f"{word:#x}" for word in words) + "},"

    print("// Made by tools/unicode_tables.py from the Unicode Character Database; not to be edited.")
    print('#include "cedar/validator/unicode_tables.h"\n')
    print("namespace wardlock::cedar {\nnamespace {\n")
    print("// clang-format off")
    print("constexpr CharacterRange kAllowed[] = {")
    print("\n".join(rows(f"{{{first:#x}, {last:#x}}}," for first, last, _ in allowed)))
    print("};\n\nconstexpr ScriptRange kScripts[] = {")
    print("\n".join(rows(f"{{{first:#x}, {last:#x}, {sets.index(value)}}}," for first, last, value in scripts)))
    print("};\n\nconstexpr ScriptSet kSets[] = {")
    print("\n".join(rows(bits(value) for value in sets)))
    print("};\n// clang-format on\n\n}  // namespace\n")
    print("std::span<const CharacterRange> allowed_in_identifiers() { return kAllowed; }")
    print("std::span<const ScriptRange> script_ranges() { return kScripts; }")
    print("std::span<const ScriptSet> script_sets() { return kSets; }")
    print("\n}  // namespace wardlock::cedar")


if __name__ == "__main__":
    main()
