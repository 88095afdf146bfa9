# usage: ./dev fuzz [TARGET|all] [SECONDS]
# fuzzes one parser, or all, for some seconds each (default: all, 60)
#
# A target is a parser of untrusted input, e.g. policy_text, or `compiled`, which compares the two engines; a
# wrong name lists them all. Findings are kept in build/fuzz/findings.
# shellcheck shell=bash

target=${1:-all}
seconds=${2:-60}
[[ $# -le 2 && $seconds =~ ^[1-9][0-9]*$ ]] ||
  usage_error "\`$*\` is not a target and a number of seconds; see ./dev fuzz --help"
./dev build fuzz
fuzz/run.sh "$target" "$seconds"
