#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/diagnostic.h"
#include "cedar/schema/declared_names.h"
#include "cedar/schema/schema.h"
#include "lsp/text_document.h"

namespace wardlock::lsp {

/// One of the schema files of a folder, as it is on disk or in an editor.
struct SchemaFile {
  std::string uri;
  TextDocument document;
};

/// A place in one of the files.
struct SchemaPlace {
  const SchemaFile* file;
  Span span;  ///< in the file's text
};

/// Where a schema's text names something that it declares; the declaration itself is one too.
struct Mention {
  Span span;
  std::uint32_t declared_at;  ///< where the declared name begins: what identifies it
};

/// The schema files of a folder, which are one schema. Spans of the schema's parts are those of all
/// texts one behind the other; `place` says which file that is. Immutable.
class FolderSchema {
 public:
  explicit FolderSchema(std::vector<SchemaFile> files);
  FolderSchema(const FolderSchema&) = delete;
  FolderSchema& operator=(const FolderSchema&) = delete;

  const std::vector<SchemaFile>& files() const { return files_; }
  const SchemaFile* find_file(std::string_view uri) const;

  /// Null where there are no files, or with an error in them.
  const cedar::Schema* schema() const { return schema_ ? &*schema_ : nullptr; }
  bool has_errors() const { return has_errors_; }
  /// What is wrong with the file; spans are in its text.
  const Diagnostics& diagnostics(const SchemaFile& file) const;

  SchemaPlace place(Span span) const;
  /// The span of the whole for an offset in the file.
  std::uint32_t offset_in_whole(const SchemaFile& file, std::uint32_t offset) const;

  /// In the order of the text; empty with an error.
  const std::vector<Mention>& mentions() const { return mentions_; }
  /// The mention at an offset of the whole, or null.
  const Mention* mention_at(std::uint32_t offset) const;

  /// What is declared where; null if it is of another kind. Require `schema()`.
  const cedar::EntityType* entity_type_at(std::uint32_t declared_at) const;
  const cedar::ActionType* action_at(std::uint32_t declared_at) const;
  const cedar::CommonType* common_type_at(std::uint32_t declared_at) const;
  const cedar::Attribute* attribute_at(std::uint32_t declared_at) const;

 private:
  std::optional<cedar::SchemaSyntax> parse_files();
  void note(const Diagnostics& diagnostics);
  std::size_t file_number(std::uint32_t offset) const;
  void index();
  void index_attributes(const cedar::Type& type);

  std::vector<SchemaFile> files_;
  std::vector<std::uint32_t> begins_;  ///< of each file's text in the whole
  std::vector<Diagnostics> diagnostics_;
  bool has_errors_ = false;
  std::optional<cedar::Schema> schema_;
  std::vector<Mention> mentions_;
  std::unordered_map<std::uint32_t, const cedar::EntityType*> entity_types_;
  std::unordered_map<std::uint32_t, const cedar::ActionType*> actions_;
  std::unordered_map<std::uint32_t, const cedar::CommonType*> common_types_;
  std::unordered_map<std::uint32_t, const cedar::Attribute*> attributes_;
};

}  // namespace wardlock::lsp
