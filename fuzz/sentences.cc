// Invariants: sentences are read, held against a schema and checked, or it is said why not, with
// places in the text.
#include "base/check.h"
#include "prover/invariant/check.h"
#include "prover/invariant/report.h"

using namespace wardlock;

namespace {

const pdp::Sources& sources() {
  static const pdp::Sources policies{
      .policies = {{"p.cedar",
                    "permit (principal in Role::\"r\", action == Action::\"view\", resource)"
                    " when { resource.owner == principal && context.rate < 3 };"
                    "@obligation(\"mask\") forbid (principal, action, resource)"
                    " when { resource has note && resource.note like \"a*\" };"}},
      .schemas = {{"s.cedarschema",
                   "entity Role in [Role]; entity User in [Role] = { level: Long };"
                   "entity Chart = { owner: User, note?: String };"
                   "action view, edit in [all] appliesTo { principal: User, resource: Chart,"
                   " context: { rate: Long } }; action all;"}}};
  return policies;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto read = prover::read_sentences(text, {.max_bytes = 1 << 16, .max_sentences = 20});
  if (!read) {
    CHECK(!read.error().empty());
    for (const Diagnostic& diagnostic : read.error()) {
      CHECK(!render(diagnostic, text, "fuzz", true).empty());
    }
    return 0;
  }
  const auto trial = prover::Trial::create(sources(), prover::named_in(*read));
  CHECK(trial.has_value());
  prover::InvariantFile file{.name = "fuzz.invariants", .text = text, .results = {}};
  for (const prover::Sentence& sentence : *read) {
    const Diagnostics found = prover::check_names(sentence, *trial);
    for (const Diagnostic& diagnostic : found) {
      CHECK(!render(diagnostic, text, "fuzz", true).empty());
    }
    if (!found.empty()) continue;
    file.results.push_back(prover::check(sentence, *trial, {.budget = 200, .max_unmade = 4}));
  }
  const std::span<const prover::InvariantFile> files(&file, 1);
  CHECK(prover::count_standings(files).total() == file.results.size());
  CHECK(!prover::text_report(files, 0, true).empty() && !prover::junit_report(files).empty());
  CHECK(!prover::json_report(files, 0).empty());
  return 0;
}
