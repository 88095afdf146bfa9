#include "pdp/request_context.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory_resource>
#include <utility>
#include <vector>

#include "cedar/entities/conformance.h"
#include "cedar/json/value_json.h"
#include "codec/json_memory.h"
#include "pdp/approved.h"
#include "pdp/consented.h"
#include "pdp/delegated.h"
#include "pdp/entity_merge.h"
#include "pdp/entity_name.h"

namespace wardlock::pdp {
namespace {

using cedar::Field;
using cedar::Value;

constexpr std::array<std::string_view, 10> kReservedKeys = {
    "action",     "actor", "approval",   "authentication", "consent",
    "delegation", "now",   "onBehalfOf", "override",       "pep"};

/// Who acts and for whom: of any entity type that the schema says, or by name.
constexpr std::array<std::string_view, 2> kActingKeys = {"actor", "onBehalfOf"};

/// Which of them are not always there, and when they are.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kSometimes = {
    {{"approval", "an approval by somebody else"},
     {"actor", "a question in which somebody acts for the principal"},
     {"onBehalfOf", "a question in which the principal acts for somebody"},
     {"override", "an open break-glass grant"},
     {"delegation", "a delegation"},
     {"consent", "consents of the resource's patient"}}};

/// What most contexts have room in.
constexpr std::size_t kUsualFields = 8;

Value pep_value(std::string_view id, Arena& arena) {
  const std::array<Field, 1> fields = {{{"id", Value::string(id)}}};
  return Value::record(arena.copy(fields));
}

bool is_acting_entity(const cedar::Attribute& attribute) {
  return attribute.type->kind == cedar::Kind::kEntity &&
         std::ranges::find(kActingKeys, attribute.name) != kActingKeys.end();
}

class ContextBuilder {
 public:
  ContextBuilder(const cedar::ActionType* action, const Caller& caller, Arena& arena, Notes& notes)
      : declared_(action == nullptr ? nullptr : action->context),
        caller_(caller),
        arena_(arena),
        notes_(notes),
        fields_(arena.resource()) {
    fields_.reserve(kUsualFields);
  }

  Result<void> add_from_caller(const boost::json::object& context) {
    for (const auto& [key, json] : context) {
      const std::string_view name = key;
      if (is_reserved_context_key(name)) {
        return invalid(fmt::format("context.{} is filled by the PDP; leave it out", name));
      }
      if (json.is_null()) continue;
      const auto* attribute = declared_ == nullptr ? nullptr : declared_->find_attribute(name);
      if (declared_ != nullptr && attribute == nullptr) {
        note_left_out("context", name);
        continue;
      }
      TRY_VOID(check_may_supply(caller_, "context", name, arena_));
      TRY_VOID(add_json(name, json, attribute));
    }
    return {};
  }

  Result<void> add_action(const boost::json::object* properties) {
    const auto* attribute = declared_ == nullptr ? nullptr : declared_->find_attribute("action");
    if (declared_ != nullptr && attribute == nullptr) return {};
    codec::JsonMemory memory(arena_);
    boost::json::object known(&memory);
    if (properties != nullptr) {
      for (const auto& [name, json] : *properties) {
        if (json.is_null()) continue;
        if (attribute != nullptr && attribute->type->find_attribute(name) == nullptr) {
          note_left_out("context.action", name);
          continue;
        }
        TRY_VOID(check_may_supply(caller_, "action", name, arena_));
        known.emplace(name, json);
      }
    }
    return add_json("action", known, attribute);
  }

  /// Of the PDP's own. Where there is a schema, only if it declares the key.
  void add(std::string_view name, const Value& value) {
    const auto* attribute = declared_ == nullptr ? nullptr : declared_->find_attribute(name);
    if (declared_ != nullptr && attribute == nullptr) return;
    fields_.push_back({name, value});
    if (attribute != nullptr && attribute->is_required) ++required_;
  }

  RequestContext build() {
    const Value value = make_record(arena_, fields_);
    return {.value = value, .fits = fits()};
  }

 private:
  bool fits() const {
    if (declared_ == nullptr || is_from_caller_) return false;
    return std::ranges::count_if(declared_->attributes, &cedar::Attribute::is_required) ==
           required_;
  }

  void note_left_out(std::string_view where, std::string_view name) {
    notes_.add({where, ".", name, " is not in the schema and was left out"});
  }

  Result<void> add_json(std::string_view name, const codec::Json& json,
                        const cedar::Attribute* attribute) {
    const Value value =
        TRY(cedar::value_from_json(json, attribute == nullptr ? nullptr : attribute->type, arena_,
                                   join(arena_, {"context.", name}), outside_options()));
    fields_.push_back({arena_.copy(name), value});
    is_from_caller_ = true;
    return {};
  }

  const cedar::Type* declared_;
  const Caller& caller_;
  Arena& arena_;
  Notes& notes_;
  std::pmr::vector<Field> fields_;
  bool is_from_caller_ = false;  ///< some of it
  std::ptrdiff_t required_ = 0;  ///< keys that must be there, among those that the PDP has filled
};

}  // namespace

bool is_reserved_context_key(std::string_view key) {
  return std::ranges::find(kReservedKeys, key) != kReservedKeys.end();
}

Value authentication_value(const Authentication& authentication, Arena& arena) {
  const std::span<Value> methods = arena.allocate<Value>(authentication.methods.size());
  std::ranges::transform(authentication.methods, methods.begin(), &Value::string);
  const std::array<Field, 2> sorted = {
      {{"level", Value::integer(authentication.level)}, {"methods", make_set(arena, methods)}}};
  return Value::record(arena.copy(sorted));
}

Value with_authentication(const Value& context, const Authentication& authentication,
                          Arena& arena) {
  const auto present = context.as_record();
  const std::span<Field> fields = arena.allocate<Field>(present.size());
  std::ranges::copy(present, fields.begin());
  const auto field = std::ranges::find(fields, "authentication", &Field::name);
  if (field != fields.end()) field->value = authentication_value(authentication, arena);
  return Value::record(fields);
}

std::array<Field, 3> filled_context(std::string_view pep, const Authentication& authentication,
                                    std::int64_t now, Arena& arena) {
  return {{{"authentication", authentication_value(authentication, arena)},
           {"now", Value::datetime(now)},
           {"pep", pep_value(pep, arena)}}};
}

Result<RequestContext> build_context(const cedar::ActionType* action, const AccessRequest& access,
                                     std::int64_t now, Arena& arena, Notes& notes) {
  ContextBuilder context(action, *access.caller, arena, notes);
  if (access.context != nullptr) TRY_VOID(context.add_from_caller(*access.context));
  TRY_VOID(context.add_action(access.action_properties));
  const Authentication authentication = authentication_of(access);
  for (const Field& field : filled_context(access.caller->id, authentication, now, arena)) {
    context.add(field.name, field.value);
  }
  return context.build();
}

Result<void> check_reserved_context(const cedar::Schema& schema) {
  Arena arena;
  std::array<Field, 3> override_fields = {{{"expiresAt", Value::datetime(0)},
                                           {"id", Value::string("")},
                                           {"reason", Value::string("")}}};
  constexpr std::array<std::string_view, 1> kMethods = {kSignInMethods.front()};
  const auto filled = filled_context("", {.level = 0, .methods = kMethods}, 0, arena);
  std::vector<Field> samples(filled.begin(), filled.end());
  samples.push_back({"override", make_record(arena, override_fields)});
  const cedar::EntityUid nobody{"", "", 0};
  const Delegation delegation{.id = "", .delegator = nobody, .delegate = nobody, .target = nobody};
  const Value delegated = with_delegation(Value::record({}), delegation, arena);
  samples.push_back(delegated.as_record().front());
  samples.push_back({"consent", sample_consented(arena)});
  samples.push_back({"approval", sample_approved(arena)});
  for (const std::string_view key : kActingKeys) samples.push_back({key, sample_name(arena)});
  if (schema.find_entity_type(kConsentType) != nullptr) {
    TRY_VOID(cedar::check_entity(sample_consent(arena), schema));
  }
  for (const cedar::ActionType& action : schema.actions()) {
    for (const Field& sample : samples) {
      const auto* attribute = action.context->find_attribute(sample.name);
      if (attribute == nullptr || is_acting_entity(*attribute)) continue;
      const auto fits = cedar::check_value(sample.value, *attribute->type, schema,
                                           fmt::format("context.{}", sample.name));
      if (!fits) {
        return invalid(
            fmt::format("the action `{}` declares a context key that Wardlock fills "
                        "itself with another type: {}",
                        to_text(*action.uid), fits.error().message));
      }
    }
    for (const auto& [key, when] : kSometimes) {
      const auto* attribute = action.context->find_attribute(key);
      if (attribute == nullptr || !attribute->is_required) continue;
      return invalid(
          fmt::format("the action `{}` must declare `{}?` as optional: it is present only under {}",
                      to_text(*action.uid), key, when));
    }
  }
  return {};
}

}  // namespace wardlock::pdp
