#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "api/scim/filter_parser.h"
#include "api/scim/members.h"
#include "api/scim/patch.h"

namespace wardlock::scim {
namespace {

constexpr std::string_view kPatchSchema = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

Outcome<PatchKind> read_kind(const codec::Json* op) {
  if (op == nullptr || !op->is_string()) {
    return refuse(ErrorType::kInvalidSyntax, "`op` is missing: give add, replace or remove");
  }
  // Capitals are common, though RFC 7644 does not have them.
  const std::string_view word = op->as_string();
  if (is_same_name(word, "add")) return PatchKind::kAdd;
  if (is_same_name(word, "replace")) return PatchKind::kReplace;
  if (is_same_name(word, "remove")) return PatchKind::kRemove;
  return refuse(ErrorType::kInvalidSyntax,
                fmt::format("`{}` is no operation; there are add, replace and remove", word));
}

Outcome<PatchPath> read_path(std::string_view text, const FilterLimits& limits) {
  auto read = TRY(FilterParser(text, limits, ErrorType::kInvalidPath).read_path());
  std::string sub_attribute = std::move(read.sub_attribute);
  if (!read.path.sub_attribute.empty()) sub_attribute = std::exchange(read.path.sub_attribute, {});
  return PatchPath{.path = std::move(read.path),
                   .filter = std::move(read.filter),
                   .sub_attribute = std::move(sub_attribute)};
}

Outcome<PatchOperation> read_operation(const codec::Json& json, const FilterLimits& limits) {
  if (!json.is_object()) return refuse(ErrorType::kInvalidSyntax, "it is no object");
  PatchOperation operation;
  operation.kind = TRY(read_kind(find_member(json.as_object(), "op")));
  const codec::Json* path = find_member(json.as_object(), "path");
  if (path != nullptr && !path->is_string()) {
    return refuse(ErrorType::kInvalidPath, "`path` is no string");
  }
  if (path != nullptr) operation.path = TRY(read_path(path->as_string(), limits));
  const codec::Json* value = find_member(json.as_object(), "value");
  if (operation.kind == PatchKind::kRemove) {
    if (value != nullptr) operation.value = *value;
    if (operation.path) return operation;
    return refuse(ErrorType::kNoTarget, "`path` is missing: say what is to be removed");
  }
  if (value == nullptr) {
    return refuse(ErrorType::kInvalidValue, "`value` is missing: say what is to be there");
  }
  if (!operation.path && !value->is_object()) {
    return refuse(ErrorType::kInvalidValue, "without a `path`, `value` is an object of attributes");
  }
  operation.value = *value;
  return operation;
}

bool is_patch(const boost::json::object& body) {
  const codec::Json* schemas = find_member(body, "schemas");
  return schemas != nullptr && schemas->is_array() &&
         std::ranges::any_of(schemas->as_array(), [](const codec::Json& schema) {
           return schema.is_string() && is_same_name(schema.as_string(), kPatchSchema);
         });
}

}  // namespace

Outcome<std::vector<PatchOperation>> parse_patch(const codec::Json& body,
                                                 const PatchLimits& limits) {
  if (!body.is_object() || !is_patch(body.as_object())) {
    return refuse(ErrorType::kInvalidSyntax,
                  fmt::format("this is no PATCH: `schemas` has to hold `{}`", kPatchSchema));
  }
  const codec::Json* list = find_member(body.as_object(), "Operations");
  if (list == nullptr || !list->is_array() || list->as_array().empty()) {
    return refuse(ErrorType::kInvalidSyntax, "`Operations` is missing, or has none");
  }
  const boost::json::array& all = list->as_array();
  if (all.size() > limits.max_operations) {
    return refuse(ErrorType::kTooMany, fmt::format("a PATCH has at most {} operations, and this {}",
                                                   limits.max_operations, all.size()));
  }
  std::vector<PatchOperation> operations;
  for (std::size_t place = 0; place < all.size(); ++place) {
    auto operation = read_operation(all[place], limits.path);
    if (!operation) {
      return refuse(operation.error().type,
                    fmt::format("Operations[{}]: {}", place, operation.error().message));
    }
    operation->place = place;
    operations.push_back(*std::move(operation));
  }
  return operations;
}

}  // namespace wardlock::scim
