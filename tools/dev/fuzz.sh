# usage: ./dev fuzz [TARGET|all] [SECONDS]
# fuzzes one parser, or all, for some seconds each (default: all, 60)
#
# The targets are the files fuzz/*_fuzz.cc. A finding stays in build/fuzz; see fuzz/run.sh.
# shellcheck shell=bash

target=${1:-all}
seconds=${2:-60}
[[ $# -le 2 && $seconds =~ ^[1-9][0-9]*$ ]] ||
  usage_error "\`$*\` is not a target and a number of seconds; see ./dev fuzz --help"
./dev build fuzz
fuzz/run.sh "$target" "$seconds"
