# usage: ./dev bench [NAME [ARGUMENTS…]]
# runs a benchmark beside its comparator, or all of them
#
# Figures are ratios between two programs of the same run; see docs/performance.md.
#
#   cedar [DIR]  decisions over an unpacked corpus DIR, or else over
#                $WARDLOCK_CONFORMANCE/cedar/cedar-benchmarking-corpus.tar.xz; see bench/README.md
#   http         decisions over HTTP beside a server that decides nothing; at least half as fast
#   reload [N]   how long decisions take while 10,000 policies are reloaded N times (default 5),
#                beside how long they take at rest
#   search       a search over 100,000 resources of which 50 match, beside deciding all of them; at
#                most a hundredth
#   validate [N]  validation of N policies (default 10,000) beside the reference's; at least 10 times
#                as fast
#   plan         a query plan over the hospital's patients beside one decision; at most 40 of them
#   compare      two sets of policies compared beside deciding the same questions by both; at most 1.5
#                times as long
#   hostile      how work grows with texts, entities and requests made to make it grow; at most n^1.5
#   suite        1,000 policy tests beside Cerbos' runner of policy tests; at least 5 times as fast
#   audit [PART]  the audit log beside bare loops: append at least 80 % as fast, verify 50 %; and load,
#                decisions over HTTP with the log on disk beside the same in memory, at least 70 %
#   directory [PART]  the directory beside its database: the store beside SQLite's own interface, at
#                least 80 % as fast in writing and 50 % in reading; and people entered and listed beside
#                the rows that it takes, at least 50 % as fast and in at most twice the time; and
#                100,000 devices by `wardlock import`, at least 30 % as fast as their rows
#   authn [PART]  an attempt with a password beside Argon2id alone, at least 90 % as many; access tokens
#                beside signature and row, in at most twice the time; 1,000,000 sessions in less than 1 GB;
#                and http, people who sign in through the pages: at least 90 % as many as Argon2id makes
#                hashes, while decisions beside them rise by less than 20 % in their 99th percentile
#   access [PART]  what accesses stand on besides rights: context, finding out grants, delegations,
#                consents and approvals beside decisions without, at most half as much again; growth,
#                instructions among 100,000 of each by those among ten, at most 1.1 times; and glass,
#                breaking the glass over HTTP until the first allowed decision, at most 100 ms
#   peers [--quick] [--report-only] [--json FILE] [--write] [--only in-process|http|scale]
#                all of it beside its peers in one run, some six minutes: the crate cedar-policy and
#                cedar-wasm in process, Cerbos and a server that decides nothing over HTTP, and itself
#                with a thousand times as much to decide by; --write puts table and plots into docs/
#                and README.md
# shellcheck shell=bash

bench_cedar() {
  install_cedar_wasm
  if [[ ${1-} == [!-]* ]]; then
    find_corpus cedar-benchmarking-corpus "$1"
    shift
  else
    find_corpus cedar-benchmarking-corpus || return 0
  fi
  ./dev build release wardlock_cedar_bench
  "$(program_path wardlock_cedar_bench)" "${corpus:?}" "$@"
}

bench_http() {
  ./dev build release wardlock wardlock_http_noop
  python3 bench/http/compare.py --wardlock "$(program_path wardlock)" \
    --noop "$(program_path wardlock_http_noop)" "$@"
}

bench_reload() {
  ./dev build release wardlock wardlock_reload_bench
  "$(program_path wardlock_reload_bench)" "$(program_path wardlock)" "$@"
}

bench_search() {
  ./dev build release wardlock_search_bench
  "$(program_path wardlock_search_bench)" "$@"
}

bench_validate() {
  install_cedar_wasm
  ./dev build release wardlock_validate_bench
  node bench/validate.mjs "$(program_path wardlock_validate_bench)" "$@"
}

bench_plan() {
  ./dev build release wardlock_plan_bench
  "$(program_path wardlock_plan_bench)" policies/hospital policies/hospital/entities.json \
    policies/hospital/tables.yaml
}

bench_compare() {
  ./dev build release wardlock_compare_bench
  "$(program_path wardlock_compare_bench)" policies/hospital --folder build
}

bench_hostile() {
  ./dev build release wardlock_hostile_bench
  "$(program_path wardlock_hostile_bench)"
}

# Installs Cerbos unless it is there, and sets `cerbos` to its program.
install_cerbos() {
  need node
  [[ bench/suite/node_modules/.package-lock.json -nt bench/suite/package-lock.json ]] ||
    npm ci --prefix bench/suite --no-audit --no-fund || return
  local found=(bench/suite/node_modules/@cerbos/*/cerbos-*)
  cerbos=${found[0]}
}

bench_suite() {
  install_cerbos
  ./dev build release wardlock
  python3 bench/suite/compare.py --wardlock "$(program_path wardlock)" --cerbos "$cerbos" "$@"
}

bench_audit() {
  local parts=("$@") status=0
  (($# > 0)) || parts=(append verify query load)
  local in_process=()
  local part
  for part in "${parts[@]}"; do [[ $part == load ]] || in_process+=("$part"); done
  if ((${#in_process[@]} > 0)); then
    ./dev build release wardlock_audit_bench
    "$(program_path wardlock_audit_bench)" --folder build "${in_process[@]}" || status=1
  fi
  if ((${#in_process[@]} < ${#parts[@]})); then
    ./dev build release wardlock
    python3 bench/http/audit_load.py --wardlock "$(program_path wardlock)" --folder build || status=1
  fi
  return "$status"
}

bench_directory() {
  ./dev build release wardlock wardlock_directory_bench
  "$(program_path wardlock_directory_bench)" --folder build "$@"
}

bench_authn() {
  local parts=("$@") status=0
  (($# > 0)) || parts=(cryptography tokens sessions http)
  local in_process=()
  local part
  for part in "${parts[@]}"; do [[ $part == http ]] || in_process+=("$part"); done
  if ((${#in_process[@]} > 0)); then
    ./dev build release wardlock_authn_bench
    "$(program_path wardlock_authn_bench)" --folder build "${in_process[@]}" || status=1
  fi
  if ((${#in_process[@]} < ${#parts[@]})); then
    ./dev build release wardlock wardlock_hash_loop
    python3 bench/http/sign_in.py --wardlock "$(program_path wardlock)" \
      --hash-loop "$(program_path wardlock_hash_loop)" --folder build || status=1
  fi
  return "$status"
}

bench_access() {
  local parts=("$@") status=0
  (($# > 0)) || parts=(context growth glass)
  ./dev build release wardlock wardlock_access_bench
  local part program
  program=$(program_path wardlock_access_bench)
  for part in "${parts[@]}"; do
    case $part in
      context) "$program" context policies/hospital || status=1 ;;
      growth)
        python3 bench/access/growth.py --program "$program" --policies policies/hospital || status=1
        ;;
      glass)
        python3 bench/access/glass.py --wardlock "$(program_path wardlock)" --folder build || status=1
        ;;
      *) usage_error "there is no part \`$part\`; the parts are: context growth glass" ;;
    esac
  done
  return "$status"
}

# A peer that cannot be installed is left out, and its figures are null.
bench_peers() {
  install_cedar_wasm || echo 'cedar-wasm could not be installed and is left out' >&2
  ./dev build release wardlock wardlock_http_noop wardlock_cedar_bench wardlock_scale_bench
  local root=$PWD arguments=(--bin "$PWD/$(dirname "$(program_path wardlock)")")
  if install_cerbos; then
    arguments+=(--cerbos "$PWD/$cerbos")
  else
    echo 'cerbos could not be installed and is left out' >&2
  fi
  if find_corpus cedar-benchmarking-corpus; then arguments+=(--corpus "$PWD/$corpus"); fi
  (cd "${caller_dir:?}" && python3 "$root/bench/peers/peers.py" "${arguments[@]}" "$@")
}

names='cedar http reload search validate plan compare suite hostile audit directory authn access peers'
if (($# > 0)); then
  [[ " $names " == *" $1 "* ]] || usage_error "there is no benchmark \`$1\`; the benchmarks are: $names"
  names=$1
  shift
fi
need build python bench node
for name in $names; do "bench_$name" "$@"; done
