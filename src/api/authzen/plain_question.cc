#include "api/authzen/plain_question.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "base/identifier.h"
#include "codec/plain_json.h"

namespace wardlock::authzen {
namespace {

using boost::json::object;
using codec::Json;
using Texts = std::span<const std::string_view>;

/// Which of an object's members have come, so that none comes twice.
template <std::size_t Count>
class Seen {
 public:
  explicit constexpr Seen(const std::array<std::string_view, Count>& names) : names_(names) {}

  /// The place of the name; `Count` where it is none of them, or has come before.
  std::size_t take(std::string_view name) {
    const auto place = static_cast<std::size_t>(std::ranges::find(names_, name) - names_.begin());
    const bool is_again = place < Count && ((seen_ >> place) & 1U) != 0;
    seen_ |= 1U << place;
    return is_again ? Count : place;
  }
  bool has(std::size_t place) const { return ((seen_ >> place) & 1U) != 0; }

 private:
  const std::array<std::string_view, Count>& names_;
  unsigned seen_ = 0;
};

constexpr std::array<std::string_view, 5> kMembers = {"subject", "action", "resource", "context",
                                                      "options"};
constexpr std::array<std::string_view, 3> kEntityMembers = {"type", "id", "properties"};
constexpr std::array<std::string_view, 2> kActionMembers = {"name", "properties"};
constexpr std::array<std::string_view, 6> kOptions = {"reasons", "explain",        "obligations",
                                                      "grant",   "authentication", "actor"};
constexpr std::array<std::string_view, 2> kActorMembers = {"type", "id"};
constexpr std::array<std::string_view, 2> kAuthenticationMembers = {"level", "methods"};

/// Each member function returns false where the body is for the other reader.
class Reader {
 public:
  Reader(std::string_view body, const codec::JsonLimits& limits, QuestionValues& values,
         Arena& arena)
      : json_(body, limits), values_(values), arena_(arena) {}

  bool read(Evaluation& evaluation) {
    pdp::AccessRequest& access = evaluation.access;
    Seen seen(kMembers);
    const auto read_member = [&](std::string_view name) {
      switch (seen.take(name)) {
        case 0: return read_entity(access.principal, values_.principal_properties);
        case 1: return read_action(access);
        case 2: return read_entity(access.resource, values_.resource_properties);
        case 3: return read_object(values_.context, access.context);
        case 4: return read_options(evaluation);
        default: return false;
      }
    };
    return json_.read_members(read_member) && json_.read_end() && seen.has(0) && seen.has(1) &&
           seen.has(2);
  }

 private:
  bool read_entity(pdp::DescribedEntity& entity, Json& properties) {
    Seen seen(kEntityMembers);
    const auto read_member = [&](std::string_view name) {
      switch (seen.take(name)) {
        case 0: return read_identifier(entity.type);
        case 1: return read_identifier(entity.id);
        case 2: return read_object(properties, entity.properties);
        default: return false;
      }
    };
    return json_.read_members(read_member) && seen.has(0) && seen.has(1);
  }

  bool read_action(pdp::AccessRequest& access) {
    Seen seen(kActionMembers);
    const auto read_member = [&](std::string_view name) {
      switch (seen.take(name)) {
        case 0: return read_identifier(access.action);
        case 1: return read_object(values_.action_properties, access.action_properties);
        default: return false;
      }
    };
    return json_.read_members(read_member) && seen.has(0);
  }

  bool read_options(Evaluation& evaluation) {
    Seen seen(kOptions);
    return json_.read_members([&](std::string_view name) {
      switch (seen.take(name)) {
        case 0: return json_.read_flag(evaluation.wants_reasons);
        case 1: return json_.read_flag(evaluation.wants_explanation);
        case 2: return read_texts(evaluation.access.supported_obligations);
        case 3: return read_identifier(evaluation.access.grant);
        case 4: return read_authentication(evaluation.access.authentication.emplace());
        case 5: return read_actor(evaluation.access.actor.emplace());
        default: return false;
      }
    });
  }

  bool read_authentication(pdp::Authentication& attested) {
    Seen seen(kAuthenticationMembers);
    const auto read_member = [&](std::string_view name) {
      switch (seen.take(name)) {
        case 0: return json_.read_integer(attested.level);
        case 1: return read_texts(attested.methods);
        default: return false;
      }
    };
    return json_.read_members(read_member) && seen.has(0) && attested.level >= 0 &&
           attested.level <= kMaxLevel;
  }

  bool read_actor(pdp::DescribedEntity& actor) {
    Seen seen(kActorMembers);
    const auto read_member = [&](std::string_view name) {
      switch (seen.take(name)) {
        case 0: return read_identifier(actor.type);
        case 1: return read_identifier(actor.id);
        default: return false;
      }
    };
    return json_.read_members(read_member) && seen.has(0) && seen.has(1);
  }

  bool read_identifier(std::string_view& out) {
    return json_.read_text(out) && !out.empty() && !find_identifier_fault(out);
  }

  /// As many as most name; lists of more are for the other reader.
  bool read_texts(Texts& out) {
    std::array<std::string_view, 8> texts;
    std::size_t count = 0;
    const bool is_read =
        json_.read_items([&] { return count < texts.size() && json_.read_text(texts[count++]); });
    out = arena_.copy(std::span(texts).first(count));
    return is_read;
  }

  bool read_object(Json& value, const object*& out) {
    if (!json_.read_value(value)) return false;
    out = value.if_object();
    return out != nullptr;
  }

  codec::PlainJsonReader json_;
  QuestionValues& values_;
  Arena& arena_;
};

}  // namespace

bool read_plain_question(std::string_view body, const codec::JsonLimits& limits,
                         QuestionValues& values, Arena& arena, Evaluation& evaluation) {
  return Reader(body, limits, values, arena).read(evaluation);
}

}  // namespace wardlock::authzen
