#include "api/authzen/evaluation.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "base/identifier.h"

namespace wardlock::authzen {
namespace {

using boost::json::array;
using boost::json::object;
using Json = boost::json::value;

/// Each is compared with those of the policies, for every policy.
constexpr std::size_t kMaxObligations = 256;
constexpr std::size_t kMaxMethods = 32;

std::string path_of(std::string_view where, std::string_view key) {
  return where.empty() ? std::string(key) : fmt::format("{}.{}", where, key);
}

Result<const object*> as_object(const Json* value, std::string_view where, std::string_view key) {
  if (value == nullptr) return nullptr;
  if (!value->is_object()) {
    return invalid(fmt::format("`{}` must be an object", path_of(where, key)));
  }
  return &value->get_object();
}

Result<const object*> optional_object(const object& parent, std::string_view where,
                                      std::string_view key) {
  return as_object(find_member(parent, key), where, key);
}

/// A text that identifies something. Characters that make one look like another are refused, and
/// so is the empty text: it is what an unset variable becomes.
Result<std::string_view> identifier(const object& parent, std::string_view where,
                                    std::string_view key) {
  const Json* value = find_member(parent, key);
  if (value == nullptr) return invalid(fmt::format("`{}` is missing", path_of(where, key)));
  if (!value->is_string()) {
    return invalid(fmt::format("`{}` must be a string", path_of(where, key)));
  }
  const std::string_view text = value->get_string();
  if (text.empty()) return invalid(fmt::format("`{}` is empty", path_of(where, key)));
  if (const auto fault = find_identifier_fault(text)) {
    return invalid(fmt::format("`{}` {}", path_of(where, key), *fault));
  }
  return text;
}

/// Where the keys of one question are looked for.
class QuestionReader {
 public:
  QuestionReader(const object& item, const object& defaults) : item_(item), defaults_(defaults) {}

  Result<const object*> optional(std::string_view key) const {
    const Json* own = find_member(item_, key);
    return as_object(own != nullptr ? own : find_member(defaults_, key), "", key);
  }

  Result<const object*> required(std::string_view key) const {
    const object* found = TRY(optional(key));
    if (found == nullptr) return invalid(fmt::format("`{}` is missing", key));
    return found;
  }

  Result<pdp::DescribedEntity> entity(std::string_view key, bool has_id) const {
    const object* described = TRY(required(key));
    pdp::DescribedEntity entity;
    entity.type = TRY(identifier(*described, key, "type"));
    if (has_id) entity.id = TRY(identifier(*described, key, "id"));
    entity.properties = TRY(optional_object(*described, key, "properties"));
    return entity;
  }

 private:
  const object& item_;
  const object& defaults_;
};

/// A list of texts; empty when it is absent.
Result<std::span<const std::string_view>> texts(const object& parent, std::string_view where,
                                                std::string_view key, std::size_t most,
                                                Arena& arena) {
  const Json* value = find_member(parent, key);
  if (value == nullptr) return std::span<const std::string_view>();
  const std::string path = path_of(where, key);
  const array* list = value->if_array();
  if (list == nullptr) return invalid(fmt::format("`{}` must be a list of strings", path));
  if (list->size() > most) return invalid(fmt::format("`{}` names more than {}", path, most));
  const auto texts = arena.allocate<std::string_view>(list->size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const Json& text = (*list)[i];
    if (!text.is_string()) return invalid(fmt::format("`{}` must be a list of strings", path));
    texts[i] = text.get_string();
  }
  return texts;
}

/// False when it is absent.
Result<bool> flag(const object& options, std::string_view key) {
  const Json* value = find_member(options, key);
  if (value == nullptr) return false;
  if (!value->is_bool()) return invalid(fmt::format("`options.{}` must be true or false", key));
  return value->get_bool();
}

Result<std::optional<pdp::Authentication>> authentication(const object& options, Arena& arena) {
  const object* described = TRY(optional_object(options, "options", "authentication"));
  if (described == nullptr) return std::nullopt;
  const Json* level = find_member(*described, "level");
  if (level == nullptr || !level->is_int64() || level->get_int64() < 0 ||
      level->get_int64() > kMaxLevel) {
    return invalid(
        fmt::format("`options.authentication.level` must be a number from 0 to {}", kMaxLevel));
  }
  pdp::Authentication attested;
  attested.level = level->get_int64();
  attested.methods =
      TRY(texts(*described, "options.authentication", "methods", kMaxMethods, arena));
  return attested;
}

/// Who acts for the subject: a type and an id, and nothing said of it besides.
Result<std::optional<pdp::DescribedEntity>> actor(const object& options) {
  const object* described = TRY(optional_object(options, "options", "actor"));
  // Who forgot to fill it in is not taken for the person alone.
  if (described == nullptr && options.contains("actor")) {
    return invalid("`options.actor` must be an object");
  }
  if (described == nullptr) return std::nullopt;
  pdp::DescribedEntity actor;
  actor.type = TRY(identifier(*described, "options.actor", "type"));
  actor.id = TRY(identifier(*described, "options.actor", "id"));
  return actor;
}

}  // namespace

const Json* find_member(const object& parent, std::string_view key) {
  const Json* value = parent.if_contains(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

void forget_question(pdp::AccessRequest& access) {
  access.principal = {};
  access.action = {};
  access.action_properties = nullptr;
  access.resource = {};
  access.context = nullptr;
}

Result<void> read_question(const object& item, const object& defaults, pdp::AccessRequest& access,
                           Gap gap) {
  forget_question(access);
  const QuestionReader question(item, defaults);
  access.principal = TRY(question.entity("subject", gap != Gap::kSubject));
  if (gap != Gap::kAction) {
    const object* action = TRY(question.required("action"));
    access.action = TRY(identifier(*action, "action", "name"));
    access.action_properties = TRY(optional_object(*action, "action", "properties"));
  }
  access.resource = TRY(question.entity("resource", gap != Gap::kResource));
  access.context = TRY(question.optional("context"));
  return {};
}

Result<void> read_options(const object& request, Arena& arena, Evaluation& evaluation) {
  const object* options = TRY(optional_object(request, "", "options"));
  if (options == nullptr) return {};
  evaluation.wants_reasons = TRY(flag(*options, "reasons"));
  evaluation.wants_explanation = TRY(flag(*options, "explain"));
  if (find_member(*options, "grant") != nullptr) {
    evaluation.access.grant = TRY(identifier(*options, "options", "grant"));
  }
  evaluation.access.supported_obligations =
      TRY(texts(*options, "options", "obligations", kMaxObligations, arena));
  evaluation.access.authentication = TRY(authentication(*options, arena));
  evaluation.access.actor = TRY(actor(*options));
  return {};
}

}  // namespace wardlock::authzen
