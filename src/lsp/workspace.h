#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lsp/files.h"
#include "lsp/folder_schema.h"
#include "lsp/policy_analysis.h"
#include "lsp/text_document.h"

namespace wardlock::lsp {

enum class Language : std::uint8_t { kPolicies, kSchema };

/// A text that an editor has open.
struct OpenDocument {
  std::string uri;   ///< as the client writes it
  std::string path;  ///< of the file; the URI where it is none
  Language language;
  std::int64_t version;
  TextDocument document;
  std::uint64_t revision = 0;  ///< differs after each change
  PolicyAnalysis analysis = {};
  std::vector<Finding> findings = {};  ///< as published last
  std::uint64_t seen_revision = 0;     ///< what `findings` are of
  std::uint64_t seen_schema = 0;
};

/// The schema of a folder: all its `*.cedarschema` files, as the command line reads them, with what
/// editors have open before what is on disk.
struct FolderState {
  std::shared_ptr<const FolderSchema> current;  ///< of the files as they are
  /// The last one without an error; before there was one, of the files without errors; else null.
  std::shared_ptr<const FolderSchema> sound;
  std::uint64_t version = 0;          ///< of `current`, over all folders
  std::vector<FolderEntry> made_of;   ///< to tell whether `current` still is
  std::vector<std::string> problems;  ///< files that cannot be read
};

/// A text of a folder, open or not.
struct PolicyText {
  std::string uri;
  TextDocument document;
};

/// What editors have open, and what lies beside it.
class Workspace {
 public:
  /// `files` outlives it.
  explicit Workspace(const Files& files) : files_(files) {}

  /// Nothing where the document is in neither language.
  OpenDocument* open(const std::string& uri, std::string_view language_id, std::int64_t version,
                     std::string text);
  /// The URI as it was opened.
  void close(const std::string& uri);
  OpenDocument* find(const std::string& uri);
  /// To be called after the document's text has changed.
  void changed(OpenDocument& document) { document.revision = ++last_revision_; }
  std::map<std::string, OpenDocument>& documents() { return documents_; }

  /// The schema of the document's folder, read again if one of its files has changed.
  const FolderState& folder_of_document(const OpenDocument& document);

  /// All texts of policies in the document's folder.
  std::vector<PolicyText> policy_texts(const OpenDocument& document) const;

 private:
  const OpenDocument* find_by_path(std::string_view path) const;
  std::vector<FolderEntry> list(const std::string& folder, Language language) const;
  std::shared_ptr<const FolderSchema> read_schema(FolderState& state) const;

  const Files& files_;
  std::map<std::string, OpenDocument> documents_;  ///< by URI
  std::map<std::string, FolderState> folders_;
  std::uint64_t last_revision_ = 0;
};

}  // namespace wardlock::lsp
