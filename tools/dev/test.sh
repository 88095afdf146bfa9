# usage: ./dev test [--quick | --soak]
# builds, lints (what changed last first, for 25 minutes at most) and runs the tests: all that a change must pass
#
#   --quick  only the tests labelled quick, without lint and conformance
#   --soak   afterwards also the tests labelled soak, all under asan-ubsan and tsan, each fuzz target for
#            FUZZ_SECONDS (default 600) and 1,000,000 comparisons with the reference implementation
#
# Labels: quick (seconds), real (real parts, minutes), soak (long). See docs/testing.md.
# shellcheck shell=bash

mode=${1-}
[[ $# -le 1 && $mode =~ ^(--quick|--soak|)$ ]] ||
  usage_error "unexpected arguments \`$*\`; see ./dev test --help"

# run_tests PRESET LABELS
run_tests() {
  ctest --test-dir "build/$1" --label-regex "$2" --output-on-failure --no-tests=error \
    --parallel "$(nproc)"
}

./dev build release
if [[ $mode == --quick ]]; then
  run_tests release '^quick$'
  exit
fi

need real
# On a machine that remembers nothing, all files would take longer than everything else together.
step 'lint' ./dev lint --minutes 25
step 'cedar corpus' ./dev conformance cedar
step 'authzen' ./dev conformance authzen
step 'FHIR' ./dev conformance fhir
step 'CycloneDX' ./dev conformance cyclonedx
step 'authentication' ./dev conformance authn
step 'OAuth and OpenID Connect' ./dev conformance oidc
step 'federation' ./dev conformance federation
step 'tests' run_tests release '^(quick|real)$'
if [[ $mode == --soak ]]; then
  need soak
  step 'long tests' run_tests release '^soak$'
  for preset in asan-ubsan tsan; do
    step "build $preset" ./dev build "$preset"
    step "tests under $preset" run_tests "$preset" .
  done
  step 'fuzzing' ./dev fuzz all "${FUZZ_SECONDS:-600}"
  step 'comparison with the reference' ./dev conformance cedar-wasm --comparisons 1000000
  step 'logs verified by others' ./dev conformance tlog
  step 'OCSF' ./dev conformance ocsf
fi
finish_steps
