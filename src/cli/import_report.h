#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "cli/styled_text.h"
#include "codec/json.h"
#include "directory/inventory/import.h"
#include "directory/inventory/import_file.h"

namespace wardlock::cli {

/// What an import does, or would do, line by line, as people and programs read it.
class ImportReport {
 public:
  /// `files`: their names, as places number them.
  explicit ImportReport(std::vector<std::string> files) : files_(std::move(files)) {}

  void add(const directory::ItemPlace& place, const codec::Json& entry,
           const directory::Outcome& outcome);
  /// What is wrong with a line in itself.
  void add(const directory::FileFault& fault);
  void note_more_faults(std::uint64_t count) { refused_ += count; }

  bool is_refused() const { return refused_ != 0; }
  /// Whether anything would be other than before.
  bool has_changes() const;

  StyledText text() const;
  boost::json::object json() const;

 private:
  struct Line {
    directory::ItemPlace place;
    directory::Effect effect;
    std::string what;  ///< the kind or relation
    std::string name;  ///< what people call the thing, or the relation's ends
    directory::Outcome outcome;
  };

  void append(const Line& line, StyledText& out) const;
  boost::json::object json_of(const Line& line) const;

  std::vector<std::string> files_;
  std::vector<Line> lines_;  // those that are not the same
  std::map<directory::Effect, std::uint64_t> counts_;
  std::uint64_t refused_ = 0;
};

}  // namespace wardlock::cli
