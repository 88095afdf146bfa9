#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "codec/json.h"
#include "directory/model/document.h"
#include "directory/model/relation.h"
#include "directory/model/schema.h"

namespace wardlock::directory {

/// An attribute as a column has it: `serialNumber`, or `emails.value` with the list it is in.
struct ColumnAttribute {
  const Attribute* outer = nullptr;  ///< of the kind
  const Attribute* part = nullptr;   ///< of `outer`, where that is an object
};

/// That of a path, or nothing: it is none, or an object itself.
std::optional<ColumnAttribute> find_column_attribute(std::span<const Attribute> attributes,
                                                     std::string_view path);

/// All paths that may be columns, in the order of the table.
std::vector<std::string> column_paths(std::span<const Attribute> attributes);

/// Whether relations of the kind can be a column of the things that are their subjects.
bool can_be_column(const RelationSchema& relation);

/// The columns of a CSV file, and what its rows say.
class CsvColumns {
 public:
  /// `kind`: of things or relations, where rows do not say it. Error (kInvalidArgument): all that
  /// is wrong with the header.
  static Result<CsvColumns> read(const std::vector<std::string>& header, std::string_view kind);

  std::size_t size() const { return names_.size(); }

  /// The items of a row: one thing and the relations that it has, or one relation.
  std::vector<Checked<codec::Json>> items(const std::vector<std::string>& cells) const;

 private:
  CsvColumns(std::vector<std::string> names, std::string kind, bool has_relations)
      : names_(std::move(names)), kind_(std::move(kind)), has_relations_(has_relations) {}

  std::vector<Checked<codec::Json>> things(const std::vector<std::string>& cells) const;
  Checked<codec::Json> relation(const std::vector<std::string>& cells) const;

  std::vector<std::string> names_;
  std::string kind_;
  bool has_relations_;
};

}  // namespace wardlock::directory
