#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "cli/output.h"
#include "pdp/snapshot.h"

namespace wardlock::cli {

/// Collects everything that is wrong with several texts, with its place where that is known.
class ParseCheck {
 public:
  /// To be called once.
  void add_sources(const pdp::Sources& sources);
  void add_expression(const std::string& text);

  const std::vector<Findings>& findings() const { return findings_; }
  /// kInvalid where all there is to say is that the entities do not fit the schema.
  Exit exit() const;
  /// Templates and links included; only where there are no findings.
  std::size_t policy_count() const { return policy_count_; }

 private:
  void add_policies(const pdp::Sources& sources);
  void add_schemas(std::span<const pdp::Source> sources);
  void add_entities(const pdp::Sources& sources);
  void add_error(const Error& error);

  std::vector<Findings> findings_;
  std::size_t policy_count_ = 0;
  bool is_unfit_ = false;
};

/// Reports why something could not be built from the sources: what is wrong with their texts, or
/// else `error`.
Exit report(const pdp::Sources& sources, const Error& error, const Output& output);

}  // namespace wardlock::cli
