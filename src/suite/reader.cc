#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <deque>
#include <map>
#include <utility>

#include "base/line_index.h"
#include "suite/appendix_reader.h"
#include "suite/key_check.h"
#include "suite/question_reader.h"
#include "suite/suite.h"
#include "suite/table.h"
#include "suite/value_reader.h"

namespace wardlock::suite {
namespace {

using codec::Yaml;

/// The columns that tell rows of a table apart.
constexpr std::array<Field, 11> kTelling = {
    Field::kRequest,  Field::kPrincipal, Field::kAction,
    Field::kResource, Field::kContext,   Field::kAuthentication,
    Field::kFulfils,  Field::kGrant,     Field::kActor,
    Field::kPep,      Field::kAt};

class SuiteReader {
 public:
  SuiteReader(std::string_view text, const Yaml& yaml, const SuiteLimits& limits,
              Findings& findings)
      : text_(text), yaml_(yaml), limits_(limits), findings_(findings), values_(yaml, findings) {}

  Suite read() {
    check_keys(yaml_, "a suite", suite_keys(), findings_);
    suite_.name = find_text(yaml_, "name", findings_).value_or("");
    suite_.description = find_text(yaml_, "description", findings_).value_or("");
    suite_.entities = read_entities(yaml_, values_, findings_);
    suite_.excuses = read_excuses(yaml_, values_, findings_);
    if (const Yaml* defaults = find(yaml_, "defaults")) read_defaults(*defaults);
    read_groups();
    return std::move(suite_);
  }

 private:
  void read_defaults(const Yaml& yaml);
  void read_groups();
  void read_group(const Yaml& yaml);
  void read_table(const Yaml& node, const Given& given);
  void read_matrix(const Yaml& node, const Given& given);
  void take_cell(const Yaml& cell, const Yaml& heading, const Yaml& principal, Given given);
  Given with_expected(const Yaml& expect, Given given);
  void unfold(const Given& given, Span span);
  void add_test(const Given& given, const std::string& row, Span span);
  void refuse_repetitions();

  /// A node that lives as long as the reader.
  const Yaml* keep(Yaml node) { return &kept_.emplace_back(std::move(node)); }

  std::string_view text_;
  const Yaml& yaml_;
  SuiteLimits limits_;
  Findings& findings_;
  ValueReader values_;
  Suite suite_;
  Given defaults_;
  std::deque<Yaml> kept_;
  bool is_full_ = false;
};

constexpr Key kExpect = {.name = "expect", .schema = {}, .description = {}};

void SuiteReader::read_defaults(const Yaml& yaml) {
  if (!check_map(yaml, "`defaults`", findings_)) return;
  const std::array<std::span<const Key>, 2> known = {asked_keys(), std::span(&kExpect, 1)};
  check_keys(yaml, "`defaults`", known, findings_);
  defaults_ = ValueReader::given(yaml);
  if (const Yaml* expect = find(yaml, "expect")) defaults_ = with_expected(*expect, defaults_);
}

Given SuiteReader::with_expected(const Yaml& expect, Given given) {
  if (expect.is_text()) {
    given.set(find_cause(expect.text) ? Field::kCause : Field::kDecision, &expect);
    return given;
  }
  if (!check_map(expect, "`expect`", findings_)) return given;
  check_keys(expect, "`expect`", expected_keys(), findings_);
  return given.under(ValueReader::given(expect));
}

void SuiteReader::read_groups() {
  const Yaml* tests = find(yaml_, "tests");
  if (tests == nullptr || tests->kind != Yaml::Kind::kList || tests->items.empty()) {
    return findings_.refuse(tests == nullptr ? yaml_.span : tests->span,
                            "a suite needs `tests`, a list of at least one",
                            "write `tests:`, and below it `  - name: …`");
  }
  for (const Yaml& item : tests->items) {
    if (check_map(item, "a test", findings_)) read_group(item);
  }
  refuse_repetitions();
}

void SuiteReader::read_group(const Yaml& yaml) {
  const std::array<std::span<const Key>, 2> known = {group_keys(), asked_keys()};
  check_keys(yaml, "a test", known, findings_);
  Group group{.name = find_text(yaml, "name", findings_).value_or(""),
              .description = find_text(yaml, "description", findings_).value_or(""),
              .tags = {},
              .span = yaml.span};
  if (find(yaml, "name") == nullptr) findings_.refuse(yaml.span, "a test needs `name`");
  if (const Yaml* tags = find(yaml, "tags")) {
    for (Word& tag : values_.words(*tags)) group.tags.push_back(std::move(tag.text));
  }
  suite_.groups.push_back(std::move(group));
  Given given = ValueReader::given(yaml);
  if (const Yaml* expect = find(yaml, "expect")) given = with_expected(*expect, given);
  const Yaml* table = find(yaml, "table");
  const Yaml* matrix = find(yaml, "matrix");
  if (table != nullptr && matrix != nullptr) {
    findings_.refuse(matrix->span, "a test has a table or a matrix, not both",
                     "write the matrix as a test of its own");
  } else if (table != nullptr) {
    read_table(*table, given);
  } else if (matrix != nullptr) {
    read_matrix(*matrix, given);
  } else {
    unfold(given, yaml.span);
  }
}

std::vector<std::string> column_names() {
  std::vector<std::string> names;
  for (const Key& key : field_keys()) names.emplace_back(key.name);
  return names;
}

void SuiteReader::read_table(const Yaml& node, const Given& given) {
  auto table = suite::read_table(text_, node);
  if (!table) return findings_.take(std::move(table.error()), 0);
  const std::size_t before = findings_.list().size();
  std::vector<std::optional<Field>> columns;
  for (const Yaml& heading : table->header) {
    const auto field = find_field(heading.text);
    if (!field) {
      refuse_unknown(heading.span, "there is no column", heading.text, column_names(), findings_);
    } else if (std::ranges::find(columns, field) != columns.end()) {
      findings_.refuse(heading.span, fmt::format("the column `{}` is given twice", heading.text));
    }
    columns.push_back(field);
  }
  if (findings_.list().size() > before) return;
  for (Table::Row& row : table->rows) {
    Given own;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (!row.cells[i].text.empty()) own.set(*columns[i], keep(std::move(row.cells[i])));
    }
    std::vector<std::string> said;
    for (const Field field : kTelling) {
      if (const Yaml* cell = own[field]; cell != nullptr && !is_none(*cell)) {
        said.push_back(cell->text);
      }
    }
    add_test(given.under(own), fmt::format("{}", fmt::join(said, " ")), row.span);
  }
}

void SuiteReader::read_matrix(const Yaml& node, const Given& given) {
  auto table = suite::read_table(text_, node);
  if (!table) return findings_.take(std::move(table.error()), 0);
  if (given[Field::kPrincipal] != nullptr) {
    findings_.refuse(given[Field::kPrincipal]->span, "the rows of a matrix are its principals",
                     "leave out `principal`, or write a table");
  }
  if (given[Field::kDecision] != nullptr || given[Field::kCause] != nullptr) {
    findings_.refuse(node.span, "the cells of a matrix are its decisions",
                     "leave out `decision` and `cause` in `expect`");
  }
  for (const Table::Row& row : table->rows) {
    for (std::size_t i = 1; i < row.cells.size(); ++i) {
      take_cell(row.cells[i], table->header[i], row.cells[0], given);
    }
  }
}

void SuiteReader::take_cell(const Yaml& cell, const Yaml& heading, const Yaml& principal,
                            Given given) {
  if (cell.text == "-") return;
  const bool is_decision = cell.text == "allow" || cell.text == "deny";
  if (!is_decision && !find_cause(cell.text)) {
    return findings_.refuse(cell.span, fmt::format("`{}` is no decision and no cause", cell.text),
                            "write `allow` or `deny`, or a cause, or `-`: not asked");
  }
  if (!is_decision) given.set(Field::kCause, keep(cell));
  if (is_decision) given.set(Field::kDecision, keep(cell));
  given.set(Field::kPrincipal, keep(principal));
  // A heading is an action and a resource, or what the test does not say of the two.
  const auto blank = heading.text.find(' ');
  const bool has_action = given[Field::kAction] != nullptr;
  const bool has_resource = given[Field::kResource] != nullptr;
  if (has_action != has_resource) {
    given.set(has_action ? Field::kResource : Field::kAction, keep(heading));
  } else if (!has_action && blank != std::string::npos) {
    const auto middle = static_cast<std::uint32_t>(heading.span.begin + blank);
    given.set(Field::kAction, keep(Yaml(Yaml::Kind::kPlain, {heading.span.begin, middle},
                                        heading.text.substr(0, blank))));
    given.set(Field::kResource, keep(Yaml(Yaml::Kind::kPlain, {middle + 1, heading.span.end},
                                          heading.text.substr(blank + 1))));
  } else {
    return findings_.refuse(heading.span, "a matrix's column must be an action and a resource",
                            "e.g. `view Patient::\"p-100\"`; or the test gives one of the two");
  }
  add_test(given, fmt::format("{} {}", principal.text, heading.text), cell.span);
}

/// The nodes that a field's list holds, or the one that is given.
std::vector<const Yaml*> items_of(const Yaml* node) {
  if (node == nullptr || node->kind != Yaml::Kind::kList || node->items.empty()) return {node};
  std::vector<const Yaml*> items;
  for (const Yaml& item : node->items) items.push_back(&item);
  return items;
}

/// What a row is called by one of its parts.
std::string shown(const Yaml* node) {
  if (node == nullptr) return {};
  if (node->is_text()) return " " + node->text;
  const Yaml* type = find(*node, "type");
  const Yaml* id = find(*node, type == nullptr ? "name" : "id");
  return fmt::format(" {}{}{}", type == nullptr ? "" : type->text,
                     type == nullptr ? "" : "::", id == nullptr ? "" : id->text);
}

void SuiteReader::unfold(const Given& given, Span span) {
  const auto principals = items_of(given[Field::kPrincipal]);
  const auto actions = items_of(given[Field::kAction]);
  const auto resources = items_of(given[Field::kResource]);
  const bool is_one = principals.size() * actions.size() * resources.size() == 1;
  Given one = given;
  for (const Yaml* principal : principals) {
    one.set(Field::kPrincipal, principal);
    for (const Yaml* action : actions) {
      one.set(Field::kAction, action);
      for (const Yaml* resource : resources) {
        if (is_full_) return;
        one.set(Field::kResource, resource);
        const std::string row = shown(principal) + shown(action) + shown(resource);
        add_test(one, is_one || row.empty() ? "" : row.substr(1), span);
      }
    }
  }
}

void SuiteReader::add_test(const Given& given, const std::string& row, Span span) {
  if (is_full_) return;
  if (suite_.tests.size() == limits_.max_tests) {
    is_full_ = true;
    return findings_.refuse(span, fmt::format("there are more than {} tests", limits_.max_tests),
                            "make several suites of it");
  }
  Given all = defaults_;
  const Yaml* request = given[Field::kRequest] ? given[Field::kRequest] : all[Field::kRequest];
  if (request != nullptr) {
    if (const Given* named = values_.request(*request)) all = all.under(*named);
  }
  all = all.under(given);
  const auto span_of = [&](Field field) { return all[field] ? all[field]->span : span; };
  Test test{.group = suite_.groups.size() - 1,
            .row = row,
            .span = span,
            .principal_span = span_of(Field::kPrincipal),
            .action_span = span_of(Field::kAction),
            .resource_span = span_of(Field::kResource),
            .asked = read_asked(all, span, values_, findings_),
            .expected = read_expected(all, span, values_, findings_),
            .skip = {}};
  if (const Yaml* skip = all[Field::kSkip]; skip != nullptr && skip->text != "-") {
    test.skip = values_.text(*skip, "skip");
    if (test.skip->empty()) {
      findings_.refuse(skip->span, "`skip` needs a reason", "e.g. `skip: until issue 12 is done`");
    }
  }
  suite_.tests.push_back(std::move(test));
}

void SuiteReader::refuse_repetitions() {
  const LineIndex lines(text_);
  std::map<std::string, Span> seen;
  const auto refuse = [&](const std::string& name, Span span) {
    const auto [it, is_new] = seen.emplace(name, span);
    if (is_new || name.empty()) return;
    findings_.refuse(span,
                     fmt::format("there are two tests `{}`; the first is in line {}", name,
                                 lines.position_at(it->second.begin).line),
                     "give them different names, or take one out");
  };
  for (const Group& group : suite_.groups) refuse(group.name, group.span);
  seen.clear();
  for (const Test& test : suite_.tests) {
    if (!test.row.empty()) refuse(suite_.name_of(test), test.span);
  }
}

}  // namespace

std::string Suite::name_of(const Test& test) const {
  const std::string& group = groups[test.group].name;
  return test.row.empty() ? group : fmt::format("{}: {}", group, test.row);
}

Parsed<Suite> read_suite(std::string_view text, const SuiteLimits& limits) {
  const Yaml yaml = TRY(codec::parse_yaml(text, {.max_bytes = limits.max_bytes}));
  Findings findings;
  if (!check_map(yaml, "a suite", findings)) return std::unexpected(std::move(findings.list()));
  Suite suite = SuiteReader(text, yaml, limits, findings).read();
  if (findings.is_empty()) return suite;
  std::ranges::stable_sort(findings.list(), {}, [](const auto& each) { return each.span.begin; });
  return std::unexpected(std::move(findings.list()));
}

}  // namespace wardlock::suite
