#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/json.h"
#include "lsp/files.h"
#include "lsp/protocol.h"
#include "lsp/symbols.h"
#include "lsp/text_document.h"
#include "lsp/workspace.h"

namespace wardlock::lsp {

/// A language server for `.cedar` and `.cedarschema` texts (LSP 3.17): messages in, messages out.
/// It has no clock, no pipe and no threads; requests are answered in the order they come, so that a
/// cancellation always comes too late and is ignored.
///
/// Diagnostics are worked out in `settle`, which the owner calls when no message is waiting: while
/// a client sends faster than we can look, only the last state is looked at.
class LanguageServer {
 public:
  /// `files` outlives it.
  LanguageServer(const Files& files, std::string version)
      : version_(std::move(version)), workspace_(files) {}

  /// Takes the body of one message; returns the bodies to send.
  std::vector<std::string> handle(std::string_view body);

  /// Looks at the texts that have changed; returns the bodies to send.
  std::vector<std::string> settle();

  /// What the process exits with, once it is to: 0 only where `shutdown` came before `exit`.
  std::optional<int> exit_status() const { return exit_status_; }

 private:
  using Json = codec::Json;
  using Answer = RpcResult<Json>;
  enum class Phase : std::uint8_t { kNew, kRunning, kShutDown };

  /// A request that has come, or a notification.
  struct RequestHandler {
    std::string_view method;
    Answer (LanguageServer::*answer)(const Json& params);
  };
  struct NotificationHandler {
    std::string_view method;
    RpcResult<void> (LanguageServer::*take)(const Json& params);
  };
  static const std::vector<RequestHandler>& request_handlers();
  static const std::vector<NotificationHandler>& notification_handlers();

  Answer answer(const RpcMessage& message);
  RpcResult<void> take(const RpcMessage& message);

  Answer initialize(const Json& params);
  Answer shutdown(const Json& params);
  Answer hover(const Json& params);
  Answer completion(const Json& params);
  Answer definition(const Json& params);
  Answer references(const Json& params);
  Answer document_symbols(const Json& params);
  Answer formatting(const Json& params);
  Answer code_actions(const Json& params);

  RpcResult<void> did_open(const Json& params);
  RpcResult<void> did_change(const Json& params);
  RpcResult<void> did_close(const Json& params);

  /// A document and an offset in it, as most requests name them.
  struct Cursor {
    OpenDocument* document;
    const FolderState* folder;
    std::uint32_t offset;

    std::string_view text() const { return document->document.text(); }
    const cedar::Schema* schema() const {
      return folder->sound == nullptr ? nullptr : folder->sound->schema();
    }
  };
  RpcResult<OpenDocument*> document_of(const Json& params);
  RpcResult<Cursor> cursor_of(const Json& params);
  RpcResult<void> apply_change(OpenDocument& document, const Json& change);
  RpcResult<Span> span_of(const OpenDocument& document, const Json& params) const;

  /// What hovering shows, and of which part of the text that is known.
  struct Note {
    std::string text;
    std::optional<Span> span;
  };
  static Note policy_note(const Cursor& cursor);
  Note schema_note(const Cursor& cursor) const;

  /// Where what stands at the cursor is declared: places of the folder's schema.
  std::vector<std::uint32_t> declared_at(const Cursor& cursor) const;

  Json range(const TextDocument& document, Span span) const;
  Json location(const std::string& uri, const TextDocument& document, Span span) const;
  Json schema_location(const FolderSchema& schema, Span span) const;
  Json symbols_json(const TextDocument& document, const std::vector<Symbol>& symbols) const;
  Json diagnostic_json(const OpenDocument& document, const Finding& finding) const;

  void look_at(OpenDocument& document, const FolderState& folder);
  void publish(const OpenDocument& document, std::vector<std::string>& out);
  void log_error(std::string_view message, std::vector<std::string>& out) const;

  std::string version_;
  Workspace workspace_;
  Phase phase_ = Phase::kNew;
  PositionEncoding encoding_ = PositionEncoding::kUtf16;
  std::optional<int> exit_status_;
  std::map<std::string, std::string> published_;  ///< by URI: the last diagnostics, as sent
  std::vector<std::string> closed_;               ///< URIs of which diagnostics are to be cleared
};

}  // namespace wardlock::lsp
