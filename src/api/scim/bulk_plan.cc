#include "api/scim/bulk_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <set>
#include <unordered_map>
#include <utility>

#include "api/scim/members.h"
#include "base/utf8.h"

namespace wardlock::scim {
namespace {

using codec::Json;

constexpr std::string_view kBulkSchema = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
constexpr std::string_view kReference = "bulkId:";

constexpr std::array<std::pair<std::string_view, BulkMethod>, 4> kMethods = {{
    {"POST", BulkMethod::kPost},
    {"PUT", BulkMethod::kPut},
    {"PATCH", BulkMethod::kPatch},
    {"DELETE", BulkMethod::kDelete},
}};

using Ids = std::unordered_map<std::string_view, std::size_t>;

std::unexpected<Refusal> bad_syntax(std::string detail) {
  return refused(400, to_string(ErrorType::kInvalidSyntax), std::move(detail));
}

std::string_view text_in(const boost::json::object& object, std::string_view name) {
  const Json* value = find_member(object, name);
  return value != nullptr && value->is_string() ? std::string_view(value->as_string())
                                                : std::string_view();
}

Answered<void> read_path(std::string_view path, BulkOperation& operation) {
  const std::size_t slash = path.find('/', 1);
  operation.type = find_resource_type(path.substr(0, slash));
  if (operation.type == nullptr) {
    return refused(404, {}, fmt::format("no resources are at the path `{}`", printable(path)));
  }
  if (slash != std::string_view::npos) operation.target = path.substr(slash + 1);
  const bool is_post = operation.method == BulkMethod::kPost;
  if (is_post == operation.target.empty()) return {};
  return bad_syntax(is_post ? "the path of a POST is that of a resource type, such as `/Users`"
                            : "the path ends with the id of a resource, such as `/Users/ID`");
}

Answered<void> read_operation(const boost::json::object& sent, BulkOperation& operation) {
  operation.method_text = text_in(sent, "method");
  operation.bulk_id = text_in(sent, "bulkId");
  const auto* const method = std::ranges::find_if(
      kMethods, [&](const auto& one) { return is_same_name(one.first, operation.method_text); });
  if (method == kMethods.end()) {
    return bad_syntax("`method` is POST, PUT, PATCH or DELETE");
  }
  operation.method = method->second;
  operation.method_text = method->first;
  if (operation.method == BulkMethod::kPost && operation.bulk_id.empty()) {
    return bad_syntax("a POST needs a `bulkId`");
  }
  TRY_VOID(read_path(text_in(sent, "path"), operation));
  const std::string_view version = text_in(sent, "version");
  if (!version.empty()) operation.version = version;
  const Json* data = find_member(sent, "data");
  if (data != nullptr && data->is_object()) operation.data = &data->as_object();
  if (operation.data != nullptr || operation.method == BulkMethod::kDelete) return {};
  return bad_syntax("`data` is missing, or no object");
}

void find_references(const Json& value, std::set<std::string_view>& found) {
  if (value.is_string()) {
    const auto id = bulk_id_in(value.as_string());
    if (id) found.insert(*id);
  } else if (value.is_array()) {
    for (const Json& each : value.as_array()) find_references(each, found);
  } else if (value.is_object()) {
    for (const auto& member : value.as_object()) find_references(member.value(), found);
  }
}

void find_needs(const Ids& ids, BulkOperation& operation) {
  std::set<std::string_view> references;
  if (operation.data != nullptr) {
    for (const auto& member : *operation.data) find_references(member.value(), references);
  }
  if (const auto id = bulk_id_in(operation.target)) references.insert(*id);
  for (const std::string_view reference : references) {
    const auto found = ids.find(reference);
    if (found != ids.end()) {
      operation.needs.push_back(found->second);
    } else if (!operation.refusal) {
      operation.refusal.emplace(
          409, std::string_view(),
          fmt::format("no POST of this request has the bulkId `{}`", printable(reference)));
    }
  }
}

/// Tarjan's algorithm for strongly connected components, without recursion: strangers choose the
/// depth. Components come after those that they lead to.
class Ordering {
 public:
  explicit Ordering(const std::vector<BulkOperation>& operations)
      : operations_(operations), seen_(operations.size()) {}

  std::vector<BulkUnit> order() {
    for (std::size_t i = 0; i < operations_.size(); ++i) {
      if (seen_[i].number == 0) visit(i);
    }
    return std::move(units_);
  }

 private:
  struct Seen {
    std::size_t number = 0;  // 0: not yet
    std::size_t low = 0;
    bool is_open = false;
  };
  struct Step {
    std::size_t operation;
    std::size_t next = 0;  // of its needs
  };

  void enter(std::size_t operation) {
    seen_[operation] = {.number = ++count_, .low = count_, .is_open = true};
    open_.push_back(operation);
    steps_.push_back({operation});
  }

  void visit(std::size_t first) {
    enter(first);
    while (!steps_.empty()) {
      Step& step = steps_.back();
      const auto& needs = operations_[step.operation].needs;
      if (step.next < needs.size()) {
        const std::size_t need = needs[step.next++];
        if (seen_[need].number == 0) {
          enter(need);
        } else if (seen_[need].is_open) {
          lower(step.operation, seen_[need].number);
        }
        continue;
      }
      const std::size_t done = step.operation;
      steps_.pop_back();
      if (!steps_.empty()) lower(steps_.back().operation, seen_[done].low);
      if (seen_[done].low == seen_[done].number) close(done);
    }
  }

  void lower(std::size_t operation, std::size_t low) {
    seen_[operation].low = std::min(seen_[operation].low, low);
  }

  void close(std::size_t root) {
    BulkUnit unit;
    std::size_t last = 0;
    do {
      last = open_.back();
      open_.pop_back();
      seen_[last].is_open = false;
      unit.push_back(last);
    } while (last != root);
    std::ranges::sort(unit);
    units_.push_back(std::move(unit));
  }

  const std::vector<BulkOperation>& operations_;
  std::vector<Seen> seen_;
  std::vector<std::size_t> open_;
  std::vector<Step> steps_;
  std::vector<BulkUnit> units_;
  std::size_t count_ = 0;
};

bool is_bulk(const Json& body) {
  const Json* schemas = body.is_object() ? find_member(body.as_object(), "schemas") : nullptr;
  return schemas != nullptr && schemas->is_array() &&
         std::ranges::any_of(schemas->as_array(), [](const Json& each) {
           return each.is_string() && is_same_name(each.as_string(), kBulkSchema);
         });
}

Answered<std::size_t> read_most_errors(const boost::json::object& body) {
  const Json* most = find_member(body, "failOnErrors");
  if (most == nullptr || most->is_null()) return SIZE_MAX;
  if (most->is_int64() && most->as_int64() > 0) return static_cast<std::size_t>(most->as_int64());
  return bad_syntax("`failOnErrors` is an integer from 1 on");
}

}  // namespace

std::string_view to_string(BulkMethod method) {
  return std::ranges::find(kMethods, method, &std::pair<std::string_view, BulkMethod>::second)
      ->first;
}

std::optional<std::string_view> bulk_id_in(std::string_view text) {
  if (!text.starts_with(kReference) || text.size() == kReference.size()) return std::nullopt;
  return text.substr(kReference.size());
}

Answered<BulkPlan> read_bulk(const Json& body, std::size_t most) {
  if (!is_bulk(body)) {
    return bad_syntax(
        fmt::format("this is no bulk request: `schemas` has to hold `{}`", kBulkSchema));
  }
  BulkPlan plan;
  plan.most_errors = TRY(read_most_errors(body.as_object()));
  const Json* list = find_member(body.as_object(), "Operations");
  if (list == nullptr || !list->is_array() || list->as_array().empty()) {
    return bad_syntax("`Operations` is missing, or has none");
  }
  if (list->as_array().size() > most) {
    return refused(413, {},
                   fmt::format("a bulk request has at most {} operations, and this {}", most,
                               list->as_array().size()));
  }
  Ids ids;
  for (const Json& sent : list->as_array()) {
    BulkOperation operation;
    const auto read = sent.is_object() ? read_operation(sent.as_object(), operation)
                                       : bad_syntax("an operation is an object");
    if (!read) operation.refusal = read.error();
    const bool is_named = operation.method == BulkMethod::kPost && !operation.bulk_id.empty();
    if (is_named && !ids.emplace(operation.bulk_id, plan.operations.size()).second) {
      operation.refusal.emplace(
          400, to_string(ErrorType::kInvalidValue),
          fmt::format("the bulkId `{}` is given twice", printable(operation.bulk_id)));
    }
    plan.operations.push_back(std::move(operation));
  }
  for (BulkOperation& operation : plan.operations) find_needs(ids, operation);
  plan.units = Ordering(plan.operations).order();
  return plan;
}

}  // namespace wardlock::scim
