// The language server: any stream of bytes is answered by well-formed messages and ends it only as
// it may; about any two texts, a schema's and a policy's, every question has an answer at every
// place.
#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "base/utf8.h"
#include "lsp/framing.h"
#include "lsp/language_server.h"

using namespace wardlock;
using codec::Json;

namespace {

class NoFiles : public lsp::Files {
 public:
  std::vector<lsp::FolderEntry> list(const std::string& /*folder*/) const override { return {}; }
  Result<std::string> read(const std::string& /*path*/) const override {
    return fail(ErrorCode::kNotFound, "no files");
  }
};

void check(const std::vector<std::string>& bodies) {
  for (const std::string& body : bodies) CHECK(codec::parse_json(body).has_value());
}

void serve_bytes(std::string_view bytes) {
  const NoFiles files;
  lsp::LanguageServer server(files, "fuzz");
  lsp::MessageReader reader({.max_header_bytes = 256, .max_body_bytes = 16384});
  reader.append(bytes);
  while (!server.exit_status()) {
    const auto body = reader.next();
    if (!body && body.error().code == ErrorCode::kResourceExhausted) continue;
    if (!body || !*body) break;
    check(server.handle(**body));
  }
  check(server.settle());
}

class Editor {
 public:
  Editor() { request("initialize", boost::json::object()); }

  void open(std::string_view uri, std::string_view text) {
    notify("textDocument/didOpen",
           boost::json::object{
               {"textDocument",
                boost::json::object{
                    {"uri", uri}, {"languageId", ""}, {"version", 1}, {"text", text}}}});
    check(server_.settle());
  }

  void ask_everything(std::string_view uri, std::string_view text) {
    const boost::json::object document{{"uri", uri}};
    const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
    for (std::size_t i = 0; i < std::min<std::size_t>(lines, 8); ++i) {
      for (const int character : {0, 1, 5, 12, 20, 33, 50, 70, 1000}) {
        const boost::json::object place{{"line", i * lines / 8}, {"character", character}};
        const boost::json::object params{{"textDocument", document}, {"position", place}};
        for (const char* method : {"hover", "completion", "definition", "references"}) {
          request(fmt::format("textDocument/{}", method), params);
        }
      }
    }
    const boost::json::object all{{"start", boost::json::object{{"line", 0}, {"character", 0}}},
                                  {"end", boost::json::object{{"line", lines}, {"character", 0}}}};
    const boost::json::object params{{"textDocument", document}, {"range", all}};
    for (const char* method : {"documentSymbol", "formatting", "codeAction"}) {
      request(fmt::format("textDocument/{}", method), params);
    }
  }

  /// Takes a line's middle out, as an editor would.
  void edit(std::string_view uri) {
    const boost::json::object range{{"start", boost::json::object{{"line", 0}, {"character", 9}}},
                                    {"end", boost::json::object{{"line", 1}, {"character", 3}}}};
    notify("textDocument/didChange",
           boost::json::object{{"textDocument", boost::json::object{{"uri", uri}, {"version", 2}}},
                               {"contentChanges", boost::json::array{boost::json::object{
                                                      {"text", "."}, {"range", range}}}}});
    check(server_.settle());
  }

 private:
  void request(std::string_view method, Json params) {
    const auto answers = send(boost::json::object{
        {"jsonrpc", "2.0"}, {"id", 1}, {"method", method}, {"params", std::move(params)}});
    CHECK(answers.size() == 1);
    CHECK(lsp::member(codec::parse_json(answers[0]).value(), {"result"}) != nullptr);
  }
  void notify(std::string_view method, Json params) {
    CHECK(send(boost::json::object{
                   {"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}})
              .empty());
  }
  std::vector<std::string> send(const Json& message) {
    auto answers = server_.handle(codec::to_json_text(message));
    check(answers);
    return answers;
  }

  NoFiles files_;
  lsp::LanguageServer server_{files_, "fuzz"};
};

}  // namespace

/// The first byte says which of the two; a zero byte stands between schema and policies.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] == 'b') {
    serve_bytes(input);
    return 0;
  }
  if (find_invalid_utf8(input)) return 0;
  const std::size_t zero = std::min(input.find('\0'), input.size());
  const std::string_view schema = input.substr(0, zero);
  const std::string_view policies = input.substr(std::min(zero + 1, input.size()));
  Editor editor;
  editor.open("file:///f/s.cedarschema", schema);
  editor.open("file:///f/p.cedar", policies);
  editor.ask_everything("file:///f/p.cedar", policies);
  editor.ask_everything("file:///f/s.cedarschema", schema);
  editor.edit("file:///f/p.cedar");
  editor.edit("file:///f/s.cedarschema");
  return 0;
}
