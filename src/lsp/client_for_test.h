#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lsp/language_server.h"

namespace wardlock::lsp {

/// Files that are in memory.
class FilesForTest : public Files {
 public:
  std::vector<FolderEntry> list(const std::string& folder) const override;
  Result<std::string> read(const std::string& path) const override;

  std::map<std::string, std::string> texts;  ///< by path
};

/// An editor: it opens texts and asks about the place of a `|` in them.
class ClientForTest {
 public:
  /// A running server, with what the client can do.
  explicit ClientForTest(codec::Json capabilities = boost::json::object());

  /// The bodies that a message is answered with, read.
  std::vector<codec::Json> send(const codec::Json& message);
  /// The result of a request, or the whole answer where it is an error.
  codec::Json request(std::string_view method, codec::Json params);
  std::vector<codec::Json> notify(std::string_view method, codec::Json params);
  /// What the server has to say when no message is waiting.
  std::vector<codec::Json> settle();

  /// Opens a text, its first `|` taken out, and remembers the place.
  void open(const std::string& uri, std::string text);
  codec::Json at_cursor(std::string_view method);
  /// The labels of completions at the `|`.
  std::vector<std::string> completions();
  /// What hovering over the `|` shows, or nothing.
  std::string hover();
  /// `line:character-line:character` of the places, with the file's name before it.
  std::vector<std::string> places(std::string_view method);
  /// `line:character code message` of each diagnostic of the document.
  std::vector<std::string> diagnostics(const std::string& uri);

  FilesForTest files;
  LanguageServer server{files, "test"};
  std::string uri;
  codec::Json position;

 private:
  std::map<std::string, codec::Json> published_;
  std::int64_t last_id_ = 0;
};

/// The range as `line:character-line:character`.
std::string range_text(const codec::Json& range);

}  // namespace wardlock::lsp
