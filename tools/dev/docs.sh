# usage: ./dev docs [--check]
# regenerates the generated parts of the documents
#
# With --check nothing is written; it fails when a document is out of date. The hospital's tables are
# asked of the program, which is built for it, as are the table of settings and the schema of policy
# tests; an event's fields, what becomes of them in messages, and what the directory keeps, of small ones;
# --check leaves them to src/cli/hospital_real_test.py, src/config/config_test.cc,
# src/cli/run_tests_real_test.py, src/event/field_table_test.cc, src/audit/format/reference_test.cc,
# src/directory/model/scim_schema_test.cc and src/directory/lifecycle/review_test.cc.
# shellcheck shell=bash

[[ $# == 0 || $* == --check ]] || usage_error "unexpected argument \`$1\`; see ./dev docs --help"
need python
python3 tools/floor_picture.py "$@"
if [[ $# == 0 ]]; then
  ./dev build release wardlock event_reference message_reference directory_reference
  python3 policies/hospital/document.py
  python3 tools/config_reference.py
  python3 tools/event_reference.py
  python3 tools/message_reference.py
  python3 tools/directory_reference.py
  "$(program_path wardlock)" run-tests --schema-for-editors > docs/policy-tests.schema.json
fi
