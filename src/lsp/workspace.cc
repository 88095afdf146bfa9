#include "lsp/workspace.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "lsp/uri.h"

namespace wardlock::lsp {
namespace {

std::string_view ending(Language language) {
  return language == Language::kSchema ? ".cedarschema" : ".cedar";
}

/// By the file's ending, else by what the editor calls the language.
std::optional<Language> language_of(std::string_view path, std::string_view language_id) {
  if (path.ends_with(".cedarschema")) return Language::kSchema;
  if (path.ends_with(".cedar")) return Language::kPolicies;
  if (path.ends_with(".json")) return std::nullopt;
  if (language_id == "cedarschema") return Language::kSchema;
  if (language_id == "cedar") return Language::kPolicies;
  return std::nullopt;
}

/// The schema that the files without errors make by themselves, or null.
std::shared_ptr<const FolderSchema> sound_part(const FolderSchema& whole) {
  std::vector<SchemaFile> sound;
  for (const SchemaFile& file : whole.files()) {
    if (whole.diagnostics(file).empty()) sound.push_back(file);
  }
  auto part = std::make_shared<const FolderSchema>(std::move(sound));
  return part->schema() == nullptr ? nullptr : part;
}

}  // namespace

OpenDocument* Workspace::open(const std::string& uri, std::string_view language_id,
                              std::int64_t version, std::string text) {
  std::string path = path_of(uri).value_or(uri);
  const auto language = language_of(path, language_id);
  if (!language) return nullptr;
  OpenDocument document{.uri = uri,
                        .path = std::move(path),
                        .language = *language,
                        .version = version,
                        .document = TextDocument(std::move(text))};
  changed(document);
  return &documents_.insert_or_assign(uri, std::move(document)).first->second;
}

void Workspace::close(const std::string& uri) { documents_.erase(uri); }

OpenDocument* Workspace::find(const std::string& uri) {
  const auto it = documents_.find(uri);
  return it == documents_.end() ? nullptr : &it->second;
}

const OpenDocument* Workspace::find_by_path(std::string_view path) const {
  for (const auto& [_, document] : documents_) {
    if (document.path == path) return &document;
  }
  return nullptr;
}

std::vector<FolderEntry> Workspace::list(const std::string& folder, Language language) const {
  std::vector<FolderEntry> entries;
  for (FolderEntry& entry : files_.list(folder)) {
    if (entry.path.ends_with(ending(language))) entries.push_back(std::move(entry));
  }
  for (const auto& [_, document] : documents_) {
    if (document.language != language || folder_of(document.path) != folder) continue;
    std::string stamp = fmt::format("open {}", document.revision);
    const auto same = std::ranges::find(entries, document.path, &FolderEntry::path);
    if (same != entries.end()) {
      same->stamp = std::move(stamp);
    } else {
      entries.push_back({document.path, std::move(stamp)});
    }
  }
  std::ranges::sort(entries, {}, &FolderEntry::path);
  return entries;
}

std::shared_ptr<const FolderSchema> Workspace::read_schema(FolderState& state) const {
  std::vector<SchemaFile> schema_files;
  state.problems.clear();
  for (const FolderEntry& entry : state.made_of) {
    if (const OpenDocument* open = find_by_path(entry.path)) {
      schema_files.push_back({open->uri, open->document});
    } else if (auto text = files_.read(entry.path)) {
      schema_files.push_back({uri_of(entry.path), TextDocument(*std::move(text))});
    } else {
      state.problems.push_back(std::move(text).error().message);
    }
  }
  return std::make_shared<const FolderSchema>(std::move(schema_files));
}

const FolderState& Workspace::folder_of_document(const OpenDocument& document) {
  const std::string folder(folder_of(document.path));
  FolderState& state = folders_[folder];
  std::vector<FolderEntry> made_of = list(folder, Language::kSchema);
  if (state.current != nullptr && made_of == state.made_of) return state;
  state.made_of = std::move(made_of);
  state.current = read_schema(state);
  state.version = ++last_revision_;
  if (state.problems.empty() && !state.current->has_errors()) {
    state.sound = state.current->schema() == nullptr ? nullptr : state.current;
  } else if (state.sound == nullptr) {
    state.sound = sound_part(*state.current);
  }
  return state;
}

std::vector<PolicyText> Workspace::policy_texts(const OpenDocument& document) const {
  std::vector<PolicyText> texts;
  for (const FolderEntry& entry :
       list(std::string(folder_of(document.path)), Language::kPolicies)) {
    if (const OpenDocument* open = find_by_path(entry.path)) {
      texts.push_back({open->uri, open->document});
    } else if (auto text = files_.read(entry.path)) {
      texts.push_back({uri_of(entry.path), TextDocument(*std::move(text))});
    }
  }
  return texts;
}

}  // namespace wardlock::lsp
