#include "api/authzen/plain_question.h"

#include <gtest/gtest.h>

#include <random>

#include "codec/json_memory.h"

namespace wardlock::authzen {
namespace {

using codec::Json;

constexpr codec::JsonLimits kLimits{.max_depth = 512, .max_members = 1024};

constexpr std::string_view kLeast =
    R"({"subject":{"type":"User","id":"ann"},"action":{"name":"view"},)"
    R"("resource":{"type":"Pump","id":"p1"}})";
constexpr std::string_view kMost = R"({
  "options": {"explain": true, "grant": "g-1", "obligations": ["mask", "log"], "reasons": false,
              "authentication": {"methods": ["pwd", "otp"], "level": 2}},
  "context": {"rate": -5, "who": {"a": [1, "x\n", null, {}]}, "s": "\u00e9"},
  "resource": {"id": "p1", "properties": {}, "type": "Pump"},
  "action": {"properties": {"speed": 3}, "name": "view"},
  "subject": {"properties": {"n": null, "b": true}, "id": "ann é", "type": "User"}})";

/// All that an evaluation says, as text.
std::string shown(const Evaluation& evaluation) {
  std::string out;
  const auto add = [&](std::string_view text) { out.append(text).append("|"); };
  const auto add_all = [&](std::span<const std::string_view> texts) {
    for (const std::string_view text : texts) add(text);
    add("]");
  };
  const auto add_object = [&](const boost::json::object* object) {
    add(object == nullptr ? "-" : codec::to_json_text(Json(*object)));
  };
  const pdp::AccessRequest& access = evaluation.access;
  for (const auto& entity : {access.principal, access.resource}) {
    add(entity.type);
    add(entity.id);
    add_object(entity.properties);
  }
  add(access.action);
  add_object(access.action_properties);
  add_object(access.context);
  add(access.grant);
  add_all(access.supported_obligations);
  add(access.authentication ? std::to_string(access.authentication->level) : "-");
  if (access.authentication) add_all(access.authentication->methods);
  add(evaluation.wants_reasons ? "reasons" : "");
  add(evaluation.wants_explanation ? "explain" : "");
  return out;
}

/// What the reader of documents makes of it; nothing: an error.
std::optional<std::string> by_document(std::string_view body) {
  Arena arena;
  const auto json = codec::parse_json(body, kLimits);
  if (!json || !json->is_object()) return std::nullopt;
  Evaluation evaluation;
  if (!read_options(json->get_object(), arena, evaluation)) return std::nullopt;
  if (!read_question(json->get_object(), json->get_object(), evaluation.access)) {
    return std::nullopt;
  }
  return shown(evaluation);
}

std::optional<std::string> plain(std::string_view body) {
  Arena arena;
  codec::JsonMemory memory(arena);
  QuestionValues values(&memory);
  Evaluation evaluation;
  if (!read_plain_question(body, kLimits, values, arena, evaluation)) return std::nullopt;
  return shown(evaluation);
}

TEST(PlainQuestion, IsWhatTheDocumentSays) {
  for (const std::string_view body : {kLeast, kMost}) {
    ASSERT_TRUE(plain(body)) << body;
    EXPECT_EQ(*plain(body), by_document(body)) << body;
  }
}

/// The least question with one member replaced, or one more.
std::string with(std::string_view name, std::string_view value) {
  std::string body(kLeast);
  const std::string key = '"' + std::string(name) + "\":";
  const std::size_t at = body.find(key);
  if (at == std::string::npos) {
    return body.substr(0, body.size() - 1) + "," + key + std::string(value) + "}";
  }
  const std::size_t begin = at + key.size();
  const std::size_t end = body.find_first_of(",}", begin);
  return body.replace(begin, end - begin, value);
}

TEST(PlainQuestion, LeavesWhatIsOddToTheOtherReader) {
  for (const std::string& body : {
           std::string(),
           std::string("{}"),
           std::string("[]"),
           std::string("null"),
           std::string(kLeast) + "x",
           std::string(kLeast.substr(1)),
           "[" + std::string(kLeast) + "]",
           with("type", "7"),
           with("type", R"("")"),
           with("id", "null"),
           with("id", R"("a\u0062")"),
           with("id", R"("a\nb")"),
           with("id", "\"a\u202e\""),
           with("id", "\"e\u0301\""),
           with("id", "\"\xff\""),
           with("name", R"("")"),
           with("name", "[]"),
           with("context", "null"),
           with("context", "[]"),
           with("context", "1.5"),
           with("context", R"({"a":1.5})"),
           with("context", R"({"a":1,"a":1})"),
           with("context", "{}").replace(1, 0, R"("context":{},)"),
           with("evaluations", "[]"),
           with("more", "1"),
           with("options", "null"),
           with("options", "[]"),
           with("options", R"({"reasons":1})"),
           with("options", R"({"reasons":null})"),
           with("options", R"({"other":1})"),
           with("options", R"({"reasons":true,"reasons":true})"),
           with("options", R"({"grant":""})"),
           with("options", R"({"obligations":"mask"})"),
           with("options", R"({"obligations":[1]})"),
           with("options", R"({"authentication":{}})"),
           with("options", R"({"authentication":{"methods":[]}})"),
           with("options", R"({"authentication":{"level":4}})"),
           with("options", R"({"authentication":{"level":-1}})"),
           with("options", R"({"authentication":{"level":1,"level":1}})"),
           with("options", R"({"authentication":{"level":1,"other":1}})"),
           with("options", R"({"actor":{}})"),
           with("options", R"({"actor":null})"),
           with("options", R"({"actor":{"type":"Agent"}})"),
           with("options", R"({"actor":{"type":"Agent","id":""}})"),
           with("options", R"({"actor":{"type":"Agent","id":"a","properties":{}}})"),
       }) {
    EXPECT_FALSE(plain(body)) << body;
  }
}

/// Bytes taken out, doubled or exchanged: what this reader takes, the other takes for the same.
TEST(PlainQuestion, NeverReadsWhatTheDocumentDoesNotSay) {
  std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): the same bodies each time
  int read = 0;
  for (int i = 0; i < 100'000; ++i) {
    std::string body(i % 2 == 0 ? kLeast : kMost);
    for (unsigned changes = 1 + random() % 2; changes > 0; --changes) {
      const std::size_t at = random() % body.size(), other = random() % body.size();
      switch (random() % 4) {
        case 0: body.erase(at, 1 + random() % 3); break;
        case 1: body.insert(at, body.substr(other, 1 + random() % 12)); break;
        case 2: std::swap(body[at], body[other]); break;
        default: body[at] = static_cast<char>(random() % 256);
      }
    }
    const auto found = plain(body);
    if (!found) continue;
    ++read;
    ASSERT_EQ(found, by_document(body)) << body;
  }
  EXPECT_GT(read, 2'000);
}

}  // namespace
}  // namespace wardlock::authzen
