// Runs src/cedar/testdata/*.case; README.md there describes the sections.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "cedar/authorizer/authorizer.h"
#include "cedar/entities/entities_json.h"
#include "cedar/parser/parser.h"
#include "cedar/schema/schema.h"

namespace wardlock::cedar {
namespace {

struct Section {
  std::string name;
  std::string text;
  std::size_t line = 0;
};

struct CaseFile {
  std::string path;
  std::vector<Section> sections;

  std::string find(std::string_view name, std::string otherwise) const {
    for (const Section& section : sections) {
      if (section.name == name) return section.text;
    }
    return otherwise;
  }
};

CaseFile read_case_file(const std::filesystem::path& path) {
  CaseFile file{path.filename().string(), {}};
  std::ifstream stream(path);
  std::size_t number = 0;
  for (std::string line; std::getline(stream, line);) {
    ++number;
    if (line.starts_with("=== ")) {
      file.sections.push_back({line.substr(4), "", number});
    } else if (!file.sections.empty()) {
      file.sections.back().text += line + "\n";
    }
  }
  return file;
}

/// Lines that are neither blank nor comments, with what to call them in messages.
template <typename Check>
void for_each_line(const CaseFile& file, const Section& section, Check check) {
  std::istringstream stream(section.text);
  std::size_t number = section.line;
  for (std::string line; std::getline(stream, line);) {
    ++number;
    if (line.empty() || line.starts_with("#")) continue;
    SCOPED_TRACE(fmt::format("{}:{}: {}", file.path, number, line));
    check(line);
  }
}

template <typename Check>
void for_each_text(const CaseFile& file, const Section& section, Check check) {
  std::string text = "\n" + section.text;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find("\n---\n", begin), text.size());
    const std::string each = text.substr(begin, end - begin);
    SCOPED_TRACE(fmt::format("{}: {}", file.path, each));
    check(each);
    begin = end + 4;
  }
}

/// The two sides of `left => right`.
std::pair<std::string, std::string> split(const std::string& line) {
  const std::size_t arrow = line.rfind(" => ");
  if (arrow == std::string::npos) return {line, "(no `=>` in this line)"};
  return {line.substr(0, arrow), line.substr(arrow + 4)};
}

class CaseRunner {
 public:
  explicit CaseRunner(const CaseFile& file) : file_(file) {
    if (const std::string text = file.find("schema", ""); !text.empty()) {
      auto schema = parse_schema(text);
      EXPECT_TRUE(schema) << file.path;
      if (schema) schema_.emplace(std::move(*schema));
    }
    auto entities = read_entities(file.find("entities", "[]"));
    EXPECT_TRUE(entities) << file.path << ": " << entities.error().message;
    if (entities) entities_ = std::move(*entities);
  }

  void run() {
    for (const Section& section : file_.sections) run(section);
  }

 private:
  void run(const Section& section) {
    const bool is_accepted = section.name.starts_with("accepted");
    if (section.name == "values") {
      for_each_line(file_, section, [&](const std::string& line) { check_value_line(line); });
    } else if (section.name == "decisions") {
      for_each_line(file_, section, [&](const std::string& line) { check_decision(line); });
    } else if (section.name == "accepted" || section.name == "rejected") {
      for_each_line(file_, section, [&](const std::string& line) {
        EXPECT_EQ(parse_expression(line, arena_).has_value(), is_accepted);
      });
    } else if (section.name.ends_with(" policies")) {
      for_each_text(file_, section, [&](const std::string& text) {
        EXPECT_EQ(parse_policies(text).has_value(), is_accepted);
      });
    } else if (section.name.ends_with(" entities")) {
      for_each_text(file_, section, [&](const std::string& text) {
        EXPECT_EQ(read_entities(text).has_value(), is_accepted);
      });
    } else {
      constexpr std::string_view kInputs = "policies schema entities context";
      EXPECT_TRUE(kInputs.contains(section.name)) << file_.path << ": no section " << section.name;
    }
  }

  Result<EntityStore> read_entities(const std::string& text) {
    return entities_from_json(TRY(codec::parse_json(text)), schema_ ? &*schema_ : nullptr);
  }

  const EntityUid* uid(std::string_view text) {
    const auto parsed = parse_entity_uid(text, arena_);
    EXPECT_TRUE(parsed) << text;
    return parsed ? *parsed : make_uid(arena_, "Broken", text);
  }

  Value context(const std::string& text, const EntityUid* action) {
    const auto json = codec::parse_json(text);
    EXPECT_TRUE(json) << text;
    if (!json) return Value::record({});
    const auto value = context_from_json(arena_, *json, schema_ ? &*schema_ : nullptr, action);
    EXPECT_TRUE(value) << value.error().message;
    return value ? *value : Value::record({});
  }

  void check_value_line(const std::string& line) {
    const auto [expression, want] = split(line);
    const auto parsed = parse_expression(expression, arena_);
    ASSERT_TRUE(parsed) << parsed.error().front().message;
    Request request{uid("User::\"alice\""), uid("Action::\"view\""), uid("Photo::\"beach\"")};
    request.context = context(file_.find("context", "{}"), request.action);
    const auto value = Evaluator(request, EntityView(entities_), arena_).evaluate(**parsed);
    const std::string got =
        value ? to_text(*value) : fmt::format("error {}", to_string(value.error().kind));
    EXPECT_EQ(got, want);
    if (!value) {
      EXPECT_FALSE(value.error().message().empty());
    }
  }

  void check_decision(const std::string& line) {
    const auto [question, want] = split(line);
    std::istringstream stream(question);
    std::array<std::string, 3> uids;
    for (std::string& each : uids) stream >> each;
    std::string context_text;
    std::getline(stream, context_text);
    for (std::string& each : uids) each.erase(each.find_last_not_of(',') + 1);
    Request request{uid(uids[0]), uid(uids[1]), uid(uids[2])};
    request.context = context(context_text, request.action);
    const auto policies = parse_policies(file_.find("policies", ""));
    ASSERT_TRUE(policies);
    const Response response =
        authorize(policies->policies(), request, EntityView(entities_), arena_);
    EXPECT_EQ(describe(response), want);
  }

  static std::string describe(const Response& response) {
    std::string out(to_string(response.decision));
    for (const Policy* policy : response.reasons) out += " " + policy->id;
    if (!response.errors.empty()) out += "; errors";
    for (const PolicyError& error : response.errors) out += " " + error.policy->id;
    return out;
  }

  const CaseFile& file_;
  Arena arena_;
  std::optional<Schema> schema_;
  EntityStore entities_;
};

TEST(Cases, AllHold) {
  std::size_t files = 0;
  const std::filesystem::path folder = WARDLOCK_SOURCE_DIR "/src/cedar/testdata";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".case") continue;
    const CaseFile file = read_case_file(entry.path());
    EXPECT_FALSE(file.sections.empty()) << file.path;
    CaseRunner(file).run();
    ++files;
  }
  EXPECT_GE(files, 9U);
}

}  // namespace
}  // namespace wardlock::cedar
