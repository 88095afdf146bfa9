#include "compare/decisions/asked_once.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <map>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "codec/json.h"
#include "crypto/seeded_hash.h"
#include "suite/suite.h"

namespace wardlock::compare {
namespace {

using boost::json::array;
using boost::json::object;

/// Members in the order of their names: two that say the same are the same text.
codec::Json in_order(const codec::Json& json) {
  if (const array* items = json.if_array()) {
    array out;
    for (const codec::Json& each : *items) out.push_back(in_order(each));
    return out;
  }
  const object* members = json.if_object();
  if (members == nullptr) return json;
  std::map<std::string_view, const codec::Json*> sorted;
  for (const auto& member : *members) sorted.emplace(member.key(), &member.value());
  object out;
  for (const auto& [name, value] : sorted) out.emplace(name, in_order(*value));
  return out;
}

array list(std::vector<std::string> words) {
  std::ranges::sort(words);
  return array(words.begin(), words.end());
}

codec::Json to_json(const suite::Described& described) {
  return array{described.type, described.id, in_order(described.properties)};
}

codec::Json to_json(const std::optional<suite::Authentication>& authentication) {
  if (!authentication) return nullptr;
  return array{authentication->level, list(authentication->methods)};
}

/// Two questions that are the same have the same text.
std::string text_of(const suite::Asked& asked) {
  return codec::to_json_text(array{to_json(asked.principal), asked.action,
                                   in_order(asked.action_properties), to_json(asked.resource),
                                   in_order(asked.context), to_json(asked.authentication),
                                   list(asked.fulfils), asked.grant, asked.pep, asked.at});
}

/// Questions, and of which entities they are asked.
class AskedQuestions {
 public:
  /// For one file after another.
  void enter(const suite::SuiteFile& file) {
    std::string world = "the folder's";
    if (const auto& entities = file.suite.entities) {
      std::vector<std::string> each;
      for (const codec::Json& entity : entities->json.as_array()) {
        each.push_back(codec::to_json_text(in_order(entity)));
      }
      world = codec::to_json_text(array{entities->are_added, list(std::move(each))});
    }
    world_ = std::to_string(worlds_.try_emplace(std::move(world), worlds_.size()).first->second);
  }
  void add(const suite::Asked& asked) { questions_.insert(key(asked)); }
  bool has(const suite::Asked& asked) const { return questions_.contains(key(asked)); }

 private:
  std::string key(const suite::Asked& asked) const { return world_ + text_of(asked); }

  std::map<std::string, std::size_t> worlds_;
  std::string world_;
  std::unordered_set<std::string, crypto::SeededHash, std::equal_to<>> questions_;
};

}  // namespace

void leave_out_asked(std::span<const suite::SuiteFile> others,
                     std::vector<suite::SuiteFile>& more) {
  AskedQuestions asked;
  for (const suite::SuiteFile& file : others) {
    asked.enter(file);
    for (const suite::Test& test : file.suite.tests) asked.add(test.asked);
  }
  for (suite::SuiteFile& file : more) {
    asked.enter(file);
    std::erase_if(file.suite.tests, [&](const suite::Test& test) { return asked.has(test.asked); });
  }
  std::erase_if(more, [](const suite::SuiteFile& file) { return file.suite.tests.empty(); });
}

}  // namespace wardlock::compare
