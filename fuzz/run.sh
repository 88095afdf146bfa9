#!/usr/bin/env bash
# Runs fuzz targets that have been built (preset `fuzz`).
#
# usage: fuzz/run.sh TARGET|all SECONDS
#
# Each target starts from fuzz/corpus/TARGET and what earlier runs found (build/fuzz/corpus/TARGET).
# A finding stops that target, is kept in build/fuzz/findings/TARGET, and makes the script fail.
set -euo pipefail
cd "$(dirname "$0")/.."

all=(policy_text policy_json schema_text schema_json schema_translation format entities_json validation
  http_request http2_session evaluation_body evaluations_body search_body lsp suite compiled
  audit_record audit_segment audit_report audit_request key_changes signed_note tlog_proof tile udi user_name scim_filter
  inventory_csv bill
  scim_request cbor der webauthn passkey_json jwt jwk_set password certificate crl ocsp_response provider_metadata)
if (($# != 2)); then
  sed -n '2,7s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
targets=("$1")
[[ $1 == all ]] && targets=("${all[@]}")

failed=0
for target in "${targets[@]}"; do
  binary=build/fuzz/bin/fuzz_$target
  if [[ ! -x $binary ]]; then
    echo "there is no fuzz target \`$target\`; there are: ${all[*]}" >&2
    exit 2
  fi
  corpus=build/fuzz/corpus/$target
  findings=build/fuzz/findings/$target
  mkdir -p "$corpus" "$findings"
  echo "fuzzing $target for $2 s"
  dictionary=()
  [[ -f fuzz/$target.dict ]] && dictionary=("-dict=fuzz/$target.dict")
  if ! "$binary" -max_total_time="$2" -timeout=20 -rss_limit_mb=4096 -max_len=16384 \
    -artifact_prefix="$findings/" -print_final_stats=1 "${dictionary[@]}" \
    "$corpus" "fuzz/corpus/$target" > "build/fuzz/$target.log" 2>&1; then
    failed=$((failed + 1))
    echo "$target: a finding; see $findings and build/fuzz/$target.log"
    tail -n 30 "build/fuzz/$target.log"
  fi
  grep -E 'stat::number_of_executed_units' "build/fuzz/$target.log" || true
done
echo "$((${#targets[@]} - failed)) passed, $failed failed"
exit $((failed > 0))
