#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "audit/inspect/finding.h"

namespace wardlock::audit {

/// Records that are wrong one after another, as one finding.
class RecordRange {
 public:
  RecordRange(std::string file, std::string what, Findings& findings)
      : file_(std::move(file)), what_(std::move(what)), findings_(findings) {}
  ~RecordRange() { report(); }
  RecordRange(const RecordRange&) = delete;
  RecordRange& operator=(const RecordRange&) = delete;

  /// Gaps begin another finding.
  void add(std::uint64_t record);

 private:
  void report();

  std::string file_;
  std::string what_;
  Findings& findings_;
  std::uint64_t first_ = 0;
  std::uint64_t count_ = 0;
};

}  // namespace wardlock::audit
