# usage: ./dev build [PRESET [TARGET…]]
# builds with a CMake preset (default: release), into build/PRESET
#
# The presets are in CMakePresets.json. The server and command line is build/release/bin/wardlock. The
# target `deb` makes the Debian package: ./dev build release deb
# shellcheck shell=bash

preset=${1-release}
shift || true
need python build
[[ $preset != fuzz ]] || need fuzz
presets=$(cmake --list-presets | sed -n 's/^ *"\(.*\)".*/\1/p')
grep -qxF -- "$preset" <<<"$presets" ||
  usage_error "there is no preset \`$preset\`; the presets are: ${presets//$'\n'/ }"
cmake --preset "$preset" --log-level=WARNING >/dev/null
ninja -C "build/$preset" -j "$(nproc)" "$@"
