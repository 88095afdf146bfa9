#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "codec/yaml.h"

namespace wardlock::suite {

/// A table as Markdown writes it: `| a | b |`, one row a line; `\|` is a bar in a cell. Under the
/// first row there may be a rule, `|---|---|`. Lines that are blank or begin with `#` are skipped.
struct Table {
  struct Row {
    Span span;
    std::vector<codec::Yaml> cells;  ///< kPlain, trimmed, each with its place
  };

  std::vector<codec::Yaml> header;
  std::vector<Row> rows;  ///< each with as many cells as the header
};

/// Reads the table in `node`, a block of text (`|`) in the suite `text`. Error: all rows that are
/// malformed; a table without rows is one.
Parsed<Table> read_table(std::string_view text, const codec::Yaml& node);

}  // namespace wardlock::suite
