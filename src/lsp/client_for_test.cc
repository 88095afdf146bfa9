#include "lsp/client_for_test.h"

#include <fmt/format.h>

#include <algorithm>

#include "lsp/uri.h"

namespace wardlock::lsp {

using codec::Json;

std::vector<FolderEntry> FilesForTest::list(const std::string& folder) const {
  std::vector<FolderEntry> entries;
  for (const auto& [path, text] : texts) {
    if (folder_of(path) == folder) entries.push_back({path, text});
  }
  return entries;
}

Result<std::string> FilesForTest::read(const std::string& path) const {
  const auto it = texts.find(path);
  if (it != texts.end()) return it->second;
  return fail(ErrorCode::kNotFound, fmt::format("`{}` cannot be opened", path));
}

ClientForTest::ClientForTest(Json capabilities) {
  request("initialize", boost::json::object{{"processId", nullptr},
                                            {"rootUri", nullptr},
                                            {"capabilities", std::move(capabilities)}});
  notify("initialized", boost::json::object());
}

std::vector<Json> ClientForTest::send(const Json& message) {
  std::vector<Json> answers;
  for (const std::string& body : server.handle(codec::to_json_text(message))) {
    answers.push_back(codec::parse_json(body).value());
  }
  return answers;
}

Json ClientForTest::request(std::string_view method, Json params) {
  const auto answers = send(boost::json::object{
      {"jsonrpc", "2.0"}, {"id", ++last_id_}, {"method", method}, {"params", std::move(params)}});
  const Json& answer = answers.at(0);
  const Json* result = member(answer, {"result"});
  return result == nullptr ? answer : *result;
}

std::vector<Json> ClientForTest::notify(std::string_view method, Json params) {
  return send(
      boost::json::object{{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}});
}

std::vector<Json> ClientForTest::settle() {
  std::vector<Json> messages;
  for (const std::string& body : server.settle()) {
    messages.push_back(codec::parse_json(body).value());
    const Json& params = messages.back().at("params");
    published_[std::string(params.at("uri").as_string())] = params.at("diagnostics");
  }
  return messages;
}

void ClientForTest::open(const std::string& opened, std::string text) {
  uri = opened;
  const std::size_t cursor = text.find('|');
  if (cursor != std::string::npos) {
    text.erase(cursor, 1);
    const Place place =
        TextDocument(text).place_at(static_cast<std::uint32_t>(cursor), PositionEncoding::kUtf16);
    position = boost::json::object{{"line", place.line}, {"character", place.character}};
  }
  notify("textDocument/didOpen",
         boost::json::object{
             {"textDocument",
              boost::json::object{
                  {"uri", uri}, {"languageId", "cedar"}, {"version", 1}, {"text", text}}}});
}

Json ClientForTest::at_cursor(std::string_view method) {
  return request(
      method, boost::json::object{{"textDocument", boost::json::object{{"uri", uri}}},
                                  {"position", position},
                                  {"context", boost::json::object{{"includeDeclaration", true}}}});
}

std::vector<std::string> ClientForTest::completions() {
  std::vector<std::string> labels;
  const Json answer = at_cursor("textDocument/completion");
  for (const Json& item : answer.at("items").as_array()) {
    labels.emplace_back(item.at("label").as_string());
  }
  return labels;
}

std::string ClientForTest::hover() {
  const Json answer = at_cursor("textDocument/hover");
  const Json* text = member(answer, {"contents", "value"});
  return text == nullptr ? "" : std::string(text->as_string());
}

std::vector<std::string> ClientForTest::places(std::string_view method) {
  std::vector<std::string> found;
  const Json answer = at_cursor(method);
  for (const Json& location : answer.as_array()) {
    const std::string file(location.at("uri").as_string());
    found.push_back(
        fmt::format("{} {}", file.substr(file.rfind('/') + 1), range_text(location.at("range"))));
  }
  return found;
}

std::vector<std::string> ClientForTest::diagnostics(const std::string& of) {
  settle();
  std::vector<std::string> found;
  const auto it = published_.find(of);
  if (it == published_.end()) return {"nothing was published"};
  for (const Json& diagnostic : it->second.as_array()) {
    found.push_back(fmt::format("{} {} {}", range_text(diagnostic.at("range")),
                                std::string_view(diagnostic.at("code").as_string()),
                                std::string_view(diagnostic.at("message").as_string())));
  }
  return found;
}

std::string range_text(const Json& range) {
  const auto place = [&](const char* name) {
    const Json& at = range.at(name);
    return fmt::format("{}:{}", at.at("line").to_number<int>(),
                       at.at("character").to_number<int>());
  };
  return fmt::format("{}-{}", place("start"), place("end"));
}

}  // namespace wardlock::lsp
