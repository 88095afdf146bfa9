#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "administration/own_policies.h"
#include "administration/question.h"
#include "directory/registry/control_plane.h"
#include "pdp/access.h"

namespace wardlock::administration {
namespace {

using Row = std::vector<std::string>;

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(' ');
  return begin == std::string::npos ? ""
                                    : text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

/// The first table of the document, with its head.
std::vector<Row> read_table() {
  std::ifstream file(WARDLOCK_SOURCE_DIR "/docs/administration.md");
  std::vector<Row> rows;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("| ")) continue;
    std::istringstream cells(line.substr(1));
    Row row;
    for (std::string cell; std::getline(cells, cell, '|');) row.push_back(trimmed(cell));
    rows.push_back(std::move(row));
  }
  return rows;
}

/// A deed in the words of the table: `setState suspended person`.
struct Wanted {
  std::string deed;
  std::string kind;
  boost::json::object context;
  boost::json::array roles;  ///< of what it is done to

  explicit Wanted(const std::string& words) {
    std::istringstream in(words);
    std::string middle;
    in >> deed >> middle >> kind;
    if (kind.empty()) std::swap(kind, middle);
    if (deed == "setState") context = state_context(middle);
    if (deed == "relate" || deed == "endRelation") {
      const bool is_own = middle.starts_with(directory::kControlPlanePrefix);
      const std::string role =
          is_own ? middle.substr(directory::kControlPlanePrefix.size()) : std::string();
      context = relation_context(is_own ? "roleAssignment" : middle,
                                 is_own ? role_values({&role, 1}) : boost::json::array());
    }
    if (deed == to_string(PolicyDeed::kApprove)) {
      context = policy_context(PolicyDeed::kApprove, "policy");
    }
    if (kind == "administrator") {
      const std::string role = "Auditor";
      roles = role_values({&role, 1});
      kind = "person";
    }
  }

  /// What an organisation lives by; whoever asks has signed in with two proofs.
  bool is_of_policies() const { return kind == "policies"; }
  bool is_of_kind() const { return deed == "create" || deed == "import" || deed == "export"; }
};

bool is_allowed(const pdp::Snapshot& policies, const std::string& role, const Wanted& wanted) {
  const boost::json::object asker{{"kind", "person"}, {"roles", role_values({&role, 1})}};
  boost::json::object target;
  if (!wanted.is_of_policies()) target["kind"] = wanted.kind;
  if (!wanted.is_of_kind() && !wanted.is_of_policies()) target["roles"] = wanted.roles;
  const std::string_view type = wanted.is_of_policies() ? kPolicySetType
                                : wanted.is_of_kind()   ? kKindType
                                                        : kThingType;
  const pdp::Caller caller = pdp::Caller::unrestricted("test");
  const auto answer = pdp::is_allowed(
      policies,
      {.principal = {.type = kThingType, .id = "asker", .properties = &asker},
       .action = wanted.deed,
       .resource = {.type = type,
                    .id = wanted.is_of_kind() ? wanted.kind : "target",
                    .properties = &target},
       .context = &wanted.context,
       .grant = {},
       .caller = &caller,
       .authentication =
           pdp::Authentication{.level = wanted.is_of_policies() ? 2 : 0, .methods = {}}},
      0);
  EXPECT_TRUE(answer) << wanted.deed << ": " << (answer ? "" : answer.error().message);
  return answer && *answer;
}

TEST(RolesTable, SaysWhatThePoliciesDecide) {
  const auto policies = build_policies(own_policies());
  ASSERT_TRUE(policies);
  const std::vector<Row> table = read_table();
  ASSERT_GT(table.size(), 30U);
  ASSERT_EQ(table.front().size(), directory::kControlPlaneRoles.size() + 1);
  for (std::size_t i = 1; i < table.size(); ++i) {
    const Row& row = table[i];
    ASSERT_EQ(row.size(), table.front().size()) << row.front();
    const Wanted wanted(row.front());
    for (std::size_t column = 1; column < row.size(); ++column) {
      const std::string& role = table.front()[column];
      EXPECT_EQ(row[column], is_allowed(**policies, role, wanted) ? "yes" : "–")
          << row.front() << " by " << role;
    }
  }
}

}  // namespace
}  // namespace wardlock::administration
