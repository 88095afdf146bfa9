#include "pap/node_rows.h"

#include <algorithm>
#include <utility>

namespace wardlock::pap {
namespace {

using storage::Row;
using storage::Rows;
using storage::Work;

Result<PolicyNode> read_node(Row row) {
  const auto told = find_node_standing(row.text(9));
  const bool is_server = row.text(0) == to_string(NodeKind::kServer);
  if (!told || (!is_server && row.text(0) != to_string(NodeKind::kReporter))) {
    return fail(ErrorCode::kDataLoss, "what is kept of a node cannot be read");
  }
  return PolicyNode{.report = {.kind = is_server ? NodeKind::kServer : NodeKind::kReporter,
                               .node = std::string(row.text(1)),
                               .label = std::string(row.text(2)),
                               .serial = static_cast<std::uint64_t>(row.integer(3)),
                               .content = std::string(row.text(4)),
                               .schema = std::string(row.text(5)),
                               .outcomes = std::string(row.text(6)),
                               .refused = std::string(row.text(7))},
                    .since_ms = row.integer(8),
                    .seen_ms = row.integer(11),
                    .told = *told,
                    .told_ms = row.integer(10)};
}

}  // namespace

Result<void> put_node(Work& work, const PolicyPlace& place, const NodeReport& report,
                      std::int64_t now_ms) {
  TRY(work.run(
      "INSERT INTO policy_node (tenant, environment, kind, node, label, serial, content, "
      "schema_name, outcomes, refused, since_ms, told, told_ms, seen_ms) VALUES ($1, $2, $3, $4, "
      "$5, $6, $7, $8, $9, $10, $11, 'current', 0, $11) ON CONFLICT (tenant, environment, kind, "
      "node) DO UPDATE SET label = $5, since_ms = CASE WHEN policy_node.content = $7 THEN "
      "policy_node.since_ms ELSE $11 END, serial = $6, content = $7, schema_name = $8, outcomes = "
      "$9, refused = $10, seen_ms = $11",
      place.tenant, place.environment, to_string(report.kind), report.node, report.label,
      report.serial, report.content, report.schema, report.outcomes, report.refused, now_ms));
  return {};
}

Result<std::vector<PolicyNode>> find_nodes(Work& work, const PolicyPlace& place, std::size_t most) {
  const Rows rows = TRY(work.query(
      "SELECT kind, node, label, serial, content, schema_name, outcomes, refused, since_ms, told, "
      "told_ms, seen_ms FROM policy_node WHERE tenant = $1 AND environment = $2 ORDER BY node, "
      "kind LIMIT $3",
      place.tenant, place.environment, most));
  std::vector<PolicyNode> nodes;
  for (const Row row : rows) nodes.push_back(TRY(read_node(row)));
  // Each database has an order of texts of its own.
  std::ranges::sort(nodes, {}, [](const PolicyNode& each) {
    return std::pair(each.report.node, each.report.kind);
  });
  return nodes;
}

Result<std::vector<std::string>> find_known_contents(Work& work, const PolicyPlace& place) {
  const Rows rows = TRY(
      work.query("SELECT DISTINCT content FROM policy_activation WHERE tenant = $1 AND environment "
                 "= $2 AND content IN (SELECT content FROM policy_node WHERE tenant = $1 AND "
                 "environment = $2)",
                 place.tenant, place.environment));
  std::vector<std::string> contents;
  for (const Row row : rows) contents.emplace_back(row.text(0));
  std::ranges::sort(contents);
  return contents;
}

Result<bool> put_told(Work& work, const PolicyPlace& place, const PolicyNode& node,
                      NodeStanding told, std::int64_t now_ms) {
  return TRY(work.run("UPDATE policy_node SET told = $5, told_ms = $6 WHERE tenant = $1 AND "
                      "environment = $2 AND kind = $3 AND node = $4 AND told = $7",
                      place.tenant, place.environment, to_string(node.report.kind),
                      node.report.node, to_string(told), now_ms, to_string(node.told))) == 1;
}

Result<bool> delete_node(Work& work, const PolicyPlace& place, std::string_view node) {
  return TRY(work.run("DELETE FROM policy_node WHERE tenant = $1 AND environment = $2 AND node = "
                      "$3",
                      place.tenant, place.environment, node)) > 0;
}

}  // namespace wardlock::pap
