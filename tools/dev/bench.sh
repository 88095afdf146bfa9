# usage: ./dev bench [NAME [ARGUMENTS…]]
# runs a benchmark beside its comparator, or all of them
#
# NAME is `cedar` for the target wardlock_cedar_bench; the arguments are passed on to it. Figures are
# ratios between two programs of the same run; see docs/performance.md.
# shellcheck shell=bash

need build bench node
cmake --preset release --log-level=WARNING >/dev/null
names=$(ninja -C build/release -t targets all | sed -n 's/^wardlock_\(.*\)_bench: phony$/\1/p')
[[ -n $names ]] || die 'there are no benchmarks yet'
if (($# > 0)); then
  grep -qxF -- "$1" <<<"$names" ||
    usage_error "there is no benchmark \`$1\`; the benchmarks are: ${names//$'\n'/ }"
  names=$1
  shift
fi
for name in $names; do
  ./dev build release "wardlock_${name}_bench"
  program=$(program_path "wardlock_${name}_bench")
  "$program" "$@"
done
