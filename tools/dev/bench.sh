# usage: ./dev bench [NAME [ARGUMENTS…]]
# runs a benchmark beside its comparator, or all of them
#
# NAME is `cedar` for the target wardlock_cedar_bench; the arguments are passed on to it. Figures are
# ratios between two programs of the same run; see docs/performance.md.
#
#   cedar [DIR]  decisions over an unpacked corpus DIR, or else over
#                $WARDLOCK_CONFORMANCE/cedar/cedar-benchmarking-corpus.tar.xz; see bench/README.md
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
# The corpus and the comparator that a benchmark needs before its own arguments.
prepare_cedar() {
  install_cedar_wasm
  if [[ ${1-} == [!-]* ]]; then
    find_corpus cedar-benchmarking-corpus "$1"
  else
    find_corpus cedar-benchmarking-corpus
  fi
}

corpus=
for name in $names; do
  if [[ $name == cedar ]]; then
    prepare_cedar "$@" || continue
    [[ ${1-} == [!-]* ]] && shift
    set -- "$corpus" "$@"
  fi
  ./dev build release "wardlock_${name}_bench"
  program=$(program_path "wardlock_${name}_bench")
  "$program" "$@"
done
