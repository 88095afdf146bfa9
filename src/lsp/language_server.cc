#include "lsp/language_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace wardlock::lsp {
namespace {

/// Texts that are larger are not held; no person edits them.
constexpr std::size_t kMaxDocumentBytes = std::size_t{32} << 20;

bool offers_utf8(const codec::Json& params) {
  const auto* offered = member(params, {"capabilities", "general", "positionEncodings"});
  if (offered == nullptr || !offered->is_array()) return false;
  return std::ranges::any_of(offered->get_array(), [](const auto& e) { return e == "utf-8"; });
}

}  // namespace

// ---- Messages

const std::vector<LanguageServer::RequestHandler>& LanguageServer::request_handlers() {
  static const std::vector<RequestHandler> all = {
      {"shutdown", &LanguageServer::shutdown},
      {"textDocument/hover", &LanguageServer::hover},
      {"textDocument/completion", &LanguageServer::completion},
      {"textDocument/definition", &LanguageServer::definition},
      {"textDocument/references", &LanguageServer::references},
      {"textDocument/documentSymbol", &LanguageServer::document_symbols},
      {"textDocument/formatting", &LanguageServer::formatting},
      {"textDocument/codeAction", &LanguageServer::code_actions},
  };
  return all;
}

const std::vector<LanguageServer::NotificationHandler>& LanguageServer::notification_handlers() {
  static const std::vector<NotificationHandler> all = {
      {"textDocument/didOpen", &LanguageServer::did_open},
      {"textDocument/didChange", &LanguageServer::did_change},
      {"textDocument/didClose", &LanguageServer::did_close},
  };
  return all;
}

std::vector<std::string> LanguageServer::handle(std::string_view body) {
  std::vector<std::string> out;
  auto message = read_message(body);
  if (!message) {
    out.push_back(error_text(message.error().id, message.error().error));
  } else if (!*message) {
    // The answer to a request: we send none.
  } else if ((*message)->id) {
    auto result = answer(**message);
    out.push_back(result ? reply_text(*(*message)->id, *std::move(result))
                         : error_text(*(*message)->id, result.error()));
  } else if (auto taken = take(**message); !taken) {
    log_error(fmt::format("{}: {}", (*message)->method, taken.error().message), out);
  }
  return out;
}

LanguageServer::Answer LanguageServer::answer(const RpcMessage& message) {
  if (message.method == "initialize") return initialize(message.params);
  if (phase_ == Phase::kNew) {
    return refuse(RpcCode::kServerNotInitialized, "the first request must be `initialize`");
  }
  if (phase_ == Phase::kShutDown) {
    return refuse(RpcCode::kInvalidRequest, "after `shutdown` only `exit` may come");
  }
  const auto& handlers = request_handlers();
  const auto it = std::ranges::find(handlers, message.method, &RequestHandler::method);
  if (it == handlers.end()) {
    return refuse(RpcCode::kMethodNotFound, fmt::format("there is no method `{}`", message.method));
  }
  return (this->*it->answer)(message.params);
}

/// What is unknown is ignored, as the protocol has it.
RpcResult<void> LanguageServer::take(const RpcMessage& message) {
  if (message.method == "exit") {
    exit_status_ = phase_ == Phase::kShutDown ? 0 : 1;
    return {};
  }
  if (phase_ != Phase::kRunning) return {};
  const auto& handlers = notification_handlers();
  const auto it = std::ranges::find(handlers, message.method, &NotificationHandler::method);
  if (it == handlers.end()) return {};
  return (this->*it->take)(message.params);
}

LanguageServer::Answer LanguageServer::initialize(const Json& params) {
  if (phase_ != Phase::kNew) {
    return refuse(RpcCode::kInvalidRequest, "`initialize` may come only once");
  }
  phase_ = Phase::kRunning;
  if (offers_utf8(params)) encoding_ = PositionEncoding::kUtf8;
  constexpr int kIncremental = 2;
  return boost::json::object{
      {"capabilities",
       boost::json::object{
           {"positionEncoding", encoding_ == PositionEncoding::kUtf8 ? "utf-8" : "utf-16"},
           {"textDocumentSync", boost::json::object{{"openClose", true}, {"change", kIncremental}}},
           {"hoverProvider", true},
           {"completionProvider",
            boost::json::object{
                {"triggerCharacters", boost::json::array{".", ":", "\"", "@", "?"}}}},
           {"definitionProvider", true},
           {"referencesProvider", true},
           {"documentSymbolProvider", true},
           {"documentFormattingProvider", true},
           {"codeActionProvider",
            boost::json::object{{"codeActionKinds", boost::json::array{"quickfix"}}}},
       }},
      {"serverInfo", boost::json::object{{"name", "wardlock"}, {"version", version_}}}};
}

LanguageServer::Answer LanguageServer::shutdown(const Json& /*params*/) {
  phase_ = Phase::kShutDown;
  return Json();
}

// ---- Texts

RpcResult<void> LanguageServer::did_open(const Json& params) {
  const std::string uri = TRY(text_member(params, {"textDocument", "uri"}));
  const std::string language = TRY(text_member(params, {"textDocument", "languageId"}));
  const std::int64_t version = TRY(integer_member(params, {"textDocument", "version"}));
  std::string text = TRY(text_member(params, {"textDocument", "text"}));
  if (text.size() > kMaxDocumentBytes) {
    return refuse(
        RpcCode::kInvalidParams,
        fmt::format("`{}` is larger than {} bytes and not looked at", uri, kMaxDocumentBytes));
  }
  workspace_.open(uri, language, version, std::move(text));
  return {};
}

RpcResult<void> LanguageServer::did_change(const Json& params) {
  OpenDocument* document = TRY(document_of(params));
  const auto* changes = member(params, {"contentChanges"});
  if (changes == nullptr || !changes->is_array()) {
    return refuse(RpcCode::kInvalidParams, "`contentChanges` must be a list");
  }
  document->version = TRY(integer_member(params, {"textDocument", "version"}));
  workspace_.changed(*document);
  for (const Json& change : changes->get_array()) TRY_VOID(apply_change(*document, change));
  return {};
}

RpcResult<void> LanguageServer::apply_change(OpenDocument& document, const Json& change) {
  std::string text = TRY(text_member(change, {"text"}));
  const bool is_whole = member(change, {"range"}) == nullptr;
  const std::size_t kept = is_whole ? 0 : document.document.text().size();
  if (kept + text.size() > kMaxDocumentBytes) {
    const std::string uri = document.uri;
    closed_.push_back(uri);
    workspace_.close(uri);
    return refuse(RpcCode::kInvalidParams,
                  fmt::format("`{}` has become larger than {} bytes and is no longer looked at",
                              uri, kMaxDocumentBytes));
  }
  if (is_whole) {
    document.document = TextDocument(std::move(text));
  } else {
    document.document.replace(TRY(span_of(document, change)), text);
  }
  return {};
}

RpcResult<void> LanguageServer::did_close(const Json& params) {
  const OpenDocument* document = TRY(document_of(params));
  closed_.push_back(document->uri);
  workspace_.close(closed_.back());
  return {};
}

RpcResult<OpenDocument*> LanguageServer::document_of(const Json& params) {
  const std::string uri = TRY(text_member(params, {"textDocument", "uri"}));
  OpenDocument* document = workspace_.find(uri);
  if (document != nullptr) return document;
  return refuse(RpcCode::kInvalidParams,
                fmt::format("`{}` is not open, or is neither policies nor a schema", uri));
}

RpcResult<LanguageServer::Cursor> LanguageServer::cursor_of(const Json& params) {
  OpenDocument* document = TRY(document_of(params));
  const Place place = TRY(place_member(params, {"position"}));
  return Cursor{document, &workspace_.folder_of_document(*document),
                document->document.offset_at(place, encoding_)};
}

RpcResult<Span> LanguageServer::span_of(const OpenDocument& document, const Json& params) const {
  const Place start = TRY(place_member(params, {"range", "start"}));
  const Place end = TRY(place_member(params, {"range", "end"}));
  const Span span{document.document.offset_at(start, encoding_),
                  document.document.offset_at(end, encoding_)};
  if (span.begin <= span.end) return span;
  return refuse(RpcCode::kInvalidParams, "`range` ends before it starts");
}

// ---- Diagnostics

std::vector<std::string> LanguageServer::settle() {
  std::vector<std::string> out;
  for (const std::string& uri : std::exchange(closed_, {})) {
    if (workspace_.find(uri) != nullptr || published_.erase(uri) == 0) continue;
    out.push_back(notification_text(
        "textDocument/publishDiagnostics",
        boost::json::object{{"uri", uri}, {"diagnostics", boost::json::array()}}));
  }
  for (auto& [_, document] : workspace_.documents()) {
    const FolderState& folder = workspace_.folder_of_document(document);
    const bool is_known =
        document.seen_revision == document.revision && document.seen_schema == folder.version;
    if (is_known) continue;
    look_at(document, folder);
    publish(document, out);
  }
  return out;
}

void LanguageServer::look_at(OpenDocument& document, const FolderState& folder) {
  document.seen_revision = document.revision;
  document.seen_schema = folder.version;
  document.findings.clear();
  if (document.language == Language::kSchema) {
    if (const SchemaFile* file = folder.current->find_file(document.uri)) {
      for (const Diagnostic& diagnostic : folder.current->diagnostics(*file)) {
        document.findings.push_back({diagnostic, "schema"});
      }
    }
    return;
  }
  document.analysis.update(document.document.text(), folder.current->schema(), folder.version);
  document.findings = document.analysis.findings();
  if (!folder.current->has_errors() && folder.problems.empty()) return;
  const std::string& problem = folder.problems.empty()
                                   ? "a `*.cedarschema` file of this folder has errors"
                                   : folder.problems.front();
  document.findings.push_back(
      {{Severity::kWarning, "these policies are not checked against the schema", {}, problem},
       "no_schema"});
}

void LanguageServer::publish(const OpenDocument& document, std::vector<std::string>& out) {
  boost::json::array diagnostics;
  for (const Finding& finding : document.findings) {
    diagnostics.push_back(diagnostic_json(document, finding));
  }
  std::string text =
      notification_text("textDocument/publishDiagnostics",
                        boost::json::object{{"uri", document.uri},
                                            {"version", document.version},
                                            {"diagnostics", std::move(diagnostics)}});
  std::string& last = published_[document.uri];
  if (last == text) return;
  last = text;
  out.push_back(std::move(text));
}

codec::Json LanguageServer::diagnostic_json(const OpenDocument& document,
                                            const Finding& finding) const {
  const Diagnostic& diagnostic = finding.diagnostic;
  const std::string message = diagnostic.help.empty()
                                  ? diagnostic.message
                                  : fmt::format("{}\n{}", diagnostic.message, diagnostic.help);
  return boost::json::object{{"range", range(document.document, diagnostic.span)},
                             {"severity", diagnostic.severity == Severity::kError ? 1 : 2},
                             {"code", finding.code},
                             {"source", "wardlock"},
                             {"message", message}};
}

void LanguageServer::log_error(std::string_view message, std::vector<std::string>& out) const {
  out.push_back(notification_text("window/logMessage",
                                  boost::json::object{{"type", 1}, {"message", message}}));
}

// ---- Places

codec::Json LanguageServer::range(const TextDocument& document, Span span) const {
  const auto place = [&](std::uint32_t offset) {
    const Place at = document.place_at(offset, encoding_);
    return boost::json::object{{"line", at.line}, {"character", at.character}};
  };
  return boost::json::object{{"start", place(span.begin)}, {"end", place(span.end)}};
}

codec::Json LanguageServer::location(const std::string& uri, const TextDocument& document,
                                     Span span) const {
  return boost::json::object{{"uri", uri}, {"range", range(document, span)}};
}

codec::Json LanguageServer::schema_location(const FolderSchema& schema, Span span) const {
  const SchemaPlace place = schema.place(span);
  return location(place.file->uri, place.file->document, place.span);
}

}  // namespace wardlock::lsp
