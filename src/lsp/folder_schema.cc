#include "lsp/folder_schema.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/utf8.h"
#include "lsp/schema_mentions.h"

namespace wardlock::lsp {
namespace {

template <typename T>
const T* find_in(const std::unordered_map<std::uint32_t, const T*>& map, std::uint32_t key) {
  const auto it = map.find(key);
  return it == map.end() ? nullptr : it->second;
}

/// Invalid UTF-8 cannot come from an editor, but from a file.
Parsed<cedar::SchemaSyntax> parse_at(std::string_view text, std::size_t begin) {
  if (const auto offset = find_invalid_utf8(text)) {
    const auto place = static_cast<std::uint32_t>(begin + *offset);
    return std::unexpected(Diagnostics{
        {Severity::kError, "the text is not valid UTF-8 here", {place, place + 1}, ""}});
  }
  return cedar::parse_schema_syntax(std::string(begin, ' ') + std::string(text));
}

}  // namespace

FolderSchema::FolderSchema(std::vector<SchemaFile> files)
    : files_(std::move(files)), diagnostics_(files_.size()) {
  std::uint32_t begin = 0;
  for (const SchemaFile& file : files_) {
    begins_.push_back(begin);
    begin += static_cast<std::uint32_t>(file.document.text().size());
  }
  const auto syntax = parse_files();
  if (!syntax || files_.empty()) return;
  auto schema = cedar::resolve_schema(*syntax);
  if (!schema) {
    note(schema.error());
    return;
  }
  schema_ = *std::move(schema);
  mentions_ = find_mentions(*syntax, *schema_);
  index();
}

std::optional<cedar::SchemaSyntax> FolderSchema::parse_files() {
  cedar::SchemaSyntax whole;
  for (std::size_t i = 0; i < files_.size(); ++i) {
    auto syntax = parse_at(files_[i].document.text(), begins_[i]);
    if (syntax) {
      cedar::unite(whole, *std::move(syntax));
    } else {
      note(syntax.error());
    }
  }
  return has_errors_ ? std::nullopt : std::optional(std::move(whole));
}

void FolderSchema::note(const Diagnostics& diagnostics) {
  for (Diagnostic diagnostic : diagnostics) {
    has_errors_ = has_errors_ || diagnostic.severity == Severity::kError;
    const std::size_t number = file_number(diagnostic.span.begin);
    diagnostic.span.begin -= begins_[number];
    diagnostic.span.end -= std::min(begins_[number], diagnostic.span.end);
    diagnostics_[number].push_back(std::move(diagnostic));
  }
}

std::size_t FolderSchema::file_number(std::uint32_t offset) const {
  const auto after = std::ranges::upper_bound(begins_, offset);
  return static_cast<std::size_t>(std::prev(after) - begins_.begin());
}

void FolderSchema::index() {
  for (const cedar::EntityType& type : schema_->entity_types()) {
    entity_types_.emplace(type.span.begin, &type);
    index_attributes(*type.shape);
    if (type.tags != nullptr) index_attributes(*type.tags);
  }
  for (const cedar::ActionType& action : schema_->actions()) {
    actions_.emplace(action.span.begin, &action);
    index_attributes(*action.context);
  }
  for (const cedar::CommonType& common : schema_->common_types()) {
    common_types_.emplace(common.span.begin, &common);
    index_attributes(*common.type);
  }
}

/// A type that many places share is indexed once.
void FolderSchema::index_attributes(const cedar::Type& type) {
  if (type.element != nullptr) return index_attributes(*type.element);
  for (const cedar::Attribute& attribute : type.attributes) {
    if (attributes_.emplace(attribute.span.begin, &attribute).second) {
      index_attributes(*attribute.type);
    }
  }
}

const SchemaFile* FolderSchema::find_file(std::string_view uri) const {
  const auto it = std::ranges::find(files_, uri, &SchemaFile::uri);
  return it == files_.end() ? nullptr : &*it;
}

const Diagnostics& FolderSchema::diagnostics(const SchemaFile& file) const {
  return diagnostics_[static_cast<std::size_t>(&file - files_.data())];
}

SchemaPlace FolderSchema::place(Span span) const {
  const std::size_t number = file_number(span.begin);
  return {&files_[number], {span.begin - begins_[number], span.end - begins_[number]}};
}

std::uint32_t FolderSchema::offset_in_whole(const SchemaFile& file, std::uint32_t offset) const {
  return begins_[static_cast<std::size_t>(&file - files_.data())] + offset;
}

const Mention* FolderSchema::mention_at(std::uint32_t offset) const {
  const auto after = std::ranges::upper_bound(mentions_, offset, {},
                                              [](const Mention& m) { return m.span.begin; });
  if (after == mentions_.begin()) return nullptr;
  const Mention& mention = *std::prev(after);
  return offset <= mention.span.end ? &mention : nullptr;
}

const cedar::EntityType* FolderSchema::entity_type_at(std::uint32_t declared_at) const {
  return find_in(entity_types_, declared_at);
}
const cedar::ActionType* FolderSchema::action_at(std::uint32_t declared_at) const {
  return find_in(actions_, declared_at);
}
const cedar::CommonType* FolderSchema::common_type_at(std::uint32_t declared_at) const {
  return find_in(common_types_, declared_at);
}
const cedar::Attribute* FolderSchema::attribute_at(std::uint32_t declared_at) const {
  return find_in(attributes_, declared_at);
}

}  // namespace wardlock::lsp
