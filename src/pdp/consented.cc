#include "pdp/consented.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory_resource>
#include <optional>
#include <utility>
#include <vector>

#include "pdp/consent_codes.h"
#include "pdp/consents.h"
#include "pdp/notes.h"
#include "pdp/provision_match.h"

namespace wardlock::pdp {
namespace {

using cedar::Entity;
using cedar::EntityUid;
using cedar::Field;
using cedar::Kind;
using cedar::Value;

constexpr std::string_view kKey = "consent";
constexpr std::string_view kFirst = "1";
/// Whoever names more has what the first ones agree to.
constexpr std::size_t kMostPurposes = 16;
/// As many as the record of a decision takes.
constexpr std::size_t kMostCounted = 32;

/// What was said for one purpose.
enum class Outcome : unsigned char { kNothing, kPermit, kDeny };

std::span<const Value> provisions_of(const Entity& consent) {
  return find_field(consent.attributes(), "provisions")->as_set();
}

/// Whether a consent may say something of an action: not where it is restricted to others.
bool speaks_of(const Entity& consent, const EntityUid& action, const cedar::EntityView& entities,
               const cedar::Schema& schema) {
  return std::ranges::none_of(provisions_of(consent), [&](const Value& each) {
    return each.is(Kind::kRecord) && place_of(each.as_record()) == kFirst &&
           !may_speak_of(each.as_record(), action, entities, schema);
  });
}

bool is_exception_to(std::string_view place, std::string_view to) {
  return place.size() > to.size() + 1 && place.starts_with(to) && place[to.size()] == '.' &&
         !place.substr(to.size() + 1).contains('.');
}

/// One consent and its provisions.
struct WeighedConsent {
  const Entity* consent = nullptr;
  std::pmr::vector<WeighedProvision> provisions;
};

/// One patient's consents and the question.
class Consents {
 public:
  /// `all`: may have others' among them.
  Consents(std::span<const ConsentOf> all, const ConsentQuestion& question,
           std::pmr::vector<std::string_view>& counted, Arena& arena)
      : question_(question), counted_(counted), arena_(arena), all_(arena.resource()) {
    all_.reserve(all.size());
    for (const ConsentOf& each : all) {
      if (each.patient == question.patient) all_.push_back(weigh(*each.consent));
    }
  }

  /// `is_counted`: what decides is on record.
  Outcome decide(std::string_view purpose, bool is_counted) {
    purpose_ = Purpose::find(purpose);
    is_counted_ = is_counted;
    Outcome out = Outcome::kNothing;
    for (WeighedConsent& each : all_) out = std::max(out, decide(each));
    return out;
  }

  /// The same for a purpose that whoever asks has said. That the glass is broken is no word of
  /// theirs: it opens no more than any emergency does.
  Outcome decide_said(std::string_view purpose, bool is_counted) {
    const bool is_opened = purpose == kBreakGlassPurpose && !refuses_in_emergency();
    return decide(is_opened ? kEmergencyPurpose : purpose, is_counted);
  }

  /// Had it been asked under a break-glass grant.
  bool refuses_in_emergency() {
    if (!in_emergency_) in_emergency_ = decide(kBreakGlassPurpose, false);
    return *in_emergency_ == Outcome::kDeny;
  }

  void add_purposes(std::pmr::vector<std::string_view>& purposes) const {
    for (const WeighedConsent& each : all_) {
      for (const WeighedProvision& provision : each.provisions) {
        if (provision.permits()) add_purposes(provision.purposes(), purposes);
      }
    }
  }

 private:
  WeighedConsent weigh(const Entity& consent) {
    std::pmr::vector<WeighedProvision> weighed(arena_.resource());
    weighed.reserve(provisions_of(consent).size());
    for (const Value& each : provisions_of(consent)) {
      if (each.is(Kind::kRecord)) weighed.emplace_back(each.as_record(), question_);
    }
    return {.consent = &consent, .provisions = std::move(weighed)};
  }

  static void add_purposes(const Value* named, std::pmr::vector<std::string_view>& purposes) {
    if (named == nullptr || !named->is(Kind::kSet)) return;
    for (const Value& each : named->as_set()) {
      if (purposes.size() == kMostPurposes) return;
      if (each.is(Kind::kString) && is_purpose(each.as_string())) {
        purposes.push_back(each.as_string());
      }
    }
  }

  Outcome decide(WeighedConsent& consent) {
    for (WeighedProvision& each : consent.provisions) {
      if (each.place() != kFirst) continue;
      return each.takes_effect(purpose_) ? decide(consent, each) : Outcome::kNothing;
    }
    return Outcome::kDeny;  // nobody can say what it says
  }

  /// Of a provision that applies. Its place is longer than those of what it is an exception to, so
  /// that this ends.
  Outcome decide(WeighedConsent& consent, const WeighedProvision& provision) {
    Outcome out = Outcome::kNothing;
    for (WeighedProvision& each : consent.provisions) {
      if (!is_exception_to(each.place(), provision.place())) continue;
      if (each.takes_effect(purpose_)) out = std::max(out, decide(consent, each));
    }
    if (out != Outcome::kNothing) return out;
    count(*consent.consent, provision.place());
    return provision.permits() ? Outcome::kPermit : Outcome::kDeny;
  }

  void count(const Entity& consent, std::string_view place) {
    if (!is_counted_ || counted_.size() == kMostCounted) return;
    counted_.push_back(join(arena_, {consent.uid()->id, "#", place}));
  }

  const ConsentQuestion& question_;
  std::pmr::vector<std::string_view>& counted_;
  Arena& arena_;
  std::pmr::vector<WeighedConsent> all_;
  std::optional<Purpose> purpose_;  ///< it is decided for; nothing: that is not known
  bool is_counted_ = false;
  std::optional<Outcome> in_emergency_ = {};
};

/// What all patients' consents say, one patient after the other.
class Sayings {
 public:
  Sayings(const Snapshot& snapshot, const cedar::Request& request,
          const cedar::EntityView& entities, std::int64_t now, Arena& arena)
      : snapshot_(snapshot),
        request_(request),
        entities_(entities),
        now_(now),
        arena_(arena),
        resource_(entities.find(*request.resource)),
        patients_(arena.resource()),
        agreed_(arena.resource()),
        counted_(arena.resource()) {
    const Value* purpose = find_field(request.context.as_record(), "purpose");
    if (purpose != nullptr && purpose->is(Kind::kString)) purpose_ = purpose->as_string();
  }

  /// Whether one of them has said something.
  bool ask() {
    if (!may_have_some()) return false;
    find_patients();
    std::size_t having = 0;
    for (const EntityUid* patient : patients_) having += ask(*patient) ? 1 : 0;
    // Each of several patients agrees for themselves.
    if (having < patients_.size()) {
      is_permitted_ = false;
      agreed_.clear();
    }
    return having > 0;
  }

  Consented write(std::pmr::vector<Field>& context) {
    std::array<Field, 5> fields = {
        {{"agreed", texts(agreed_)},
         {"permitted", Value::boolean(is_permitted_ && !is_refused_)},
         {"provisions", texts(counted_)},
         {"refused", Value::boolean(is_refused_)},
         {"refusedInEmergency", Value::boolean(is_refused_in_emergency_)}}};
    context.push_back({kKey, cedar::make_record(arena_, fields)});
    return {.context = cedar::make_record(arena_, context),
            .provisions = distinct(arena_, counted_)};
  }

 private:
  /// Whether `is_it` says so of the resource, or of something that it is in or names.
  template <typename Is>
  bool any_around(Is is_it) const {
    if (is_it(*request_.resource)) return true;
    if (resource_ == nullptr) return false;
    const auto is_said = [&](const EntityUid* uid) { return is_it(*uid); };
    return std::ranges::any_of(resource_->ancestors(), is_said) ||
           std::ranges::any_of(resource_->attributes().values(), [&](const Value& each) {
             return each.is(Kind::kEntity) && is_it(each.as_entity());
           });
  }

  /// Most have none, and what a patient is need not be looked up for them.
  bool may_have_some() const {
    return any_around(
        [&](const EntityUid& uid) { return !consents_of(snapshot_.consents, uid).empty(); });
  }

  void add_patient(const EntityUid& uid) {
    if (!snapshot_.rulebook->accountability.is_patient(uid.type)) return;
    if (uid == *request_.principal) return;  // nobody consents to what they ask for themselves
    const auto is_same = [&](const EntityUid* each) { return *each == uid; };
    if (std::ranges::none_of(patients_, is_same)) patients_.push_back(&uid);
  }

  void find_patients() {
    any_around([&](const EntityUid& uid) {
      add_patient(uid);
      return false;
    });
  }

  bool ask(const EntityUid& patient) {
    const std::span<const ConsentOf> all = consents_of(snapshot_.consents, patient);
    const bool is_spoken_of = std::ranges::any_of(all, [&](const ConsentOf& each) {
      return each.patient == patient &&
             speaks_of(*each.consent, *request_.action, entities_, *snapshot_.schema());
    });
    if (!is_spoken_of) return false;
    const ConsentQuestion question{.request = request_,
                                   .entities = entities_,
                                   .schema = *snapshot_.schema(),
                                   .patient = patient,
                                   .now = now_};
    Consents consents(all, question, counted_, arena_);
    const Outcome outcome = consents.decide_said(purpose_, true);
    is_refused_ |= outcome == Outcome::kDeny;
    is_permitted_ = outcome == Outcome::kPermit && (is_first_ || is_permitted_);
    is_refused_in_emergency_ |= consents.refuses_in_emergency();
    agree(consents);
    is_first_ = false;
    return true;
  }

  void agree(Consents& consents) {
    std::pmr::vector<std::string_view> purposes(arena_.resource());
    if (is_purpose(purpose_)) purposes.push_back(purpose_);
    consents.add_purposes(purposes);
    std::pmr::vector<std::string_view> agreed(arena_.resource());
    for (const std::string_view each : distinct(arena_, purposes)) {
      const bool is_common = is_first_ || std::ranges::find(agreed_, each) != agreed_.end();
      if (is_common && consents.decide_said(each, false) == Outcome::kPermit)
        agreed.push_back(each);
    }
    agreed_.assign(agreed.begin(), agreed.end());
  }

  Value texts(std::span<const std::string_view> words) {
    const auto values = arena_.allocate<Value>(words.size());
    std::ranges::transform(words, values.begin(), &Value::string);
    return cedar::make_set(arena_, values);
  }

  const Snapshot& snapshot_;
  const cedar::Request& request_;
  const cedar::EntityView& entities_;
  std::int64_t now_;
  Arena& arena_;
  const Entity* resource_;  ///< null: nothing is known of it
  std::string_view purpose_;
  std::pmr::vector<const EntityUid*> patients_;
  std::pmr::vector<std::string_view> agreed_;
  std::pmr::vector<std::string_view> counted_;
  bool is_first_ = true;
  bool is_refused_ = false;
  bool is_refused_in_emergency_ = false;
  bool is_permitted_ = false;
};

/// The fields of the context but that of consents, with room for it.
std::pmr::vector<Field> fields_without_consent(const Value& context, Arena& arena) {
  std::pmr::vector<Field> fields(arena.resource());
  const auto present = context.as_record();
  fields.reserve(present.size() + 1);
  for (const Field& each : present) {
    if (each.name != kKey) fields.push_back(each);
  }
  return fields;
}

Value named(Arena& arena) {
  std::array<Field, 2> fields = {{{"id", Value::string("")}, {"type", Value::string("")}}};
  return cedar::make_record(arena, fields);
}

Value set_of(Value member, Arena& arena) {
  std::array<Value, 1> members = {member};
  return cedar::make_set(arena, members);
}

}  // namespace

bool declares_consent(const cedar::ActionType& action) {
  return action.context->find_attribute(kKey) != nullptr;
}

bool declares_consent(const Snapshot& snapshot, const EntityUid& action) {
  if (snapshot.schema() == nullptr) return false;
  const cedar::ActionType* declared = snapshot.schema()->find_action(action);
  return declared != nullptr && declares_consent(*declared);
}

bool may_have_consents(const Snapshot& snapshot, const EntityUid& action) {
  if (snapshot.consents.empty() || !declares_consent(snapshot, action)) return false;
  return std::ranges::any_of(snapshot.consents, [&](const ConsentOf& each) {
    return speaks_of(*each.consent, action, cedar::EntityView(snapshot.entities),
                     *snapshot.schema());
  });
}

Consented with_consent(const Snapshot& snapshot, const cedar::Request& request,
                       const cedar::EntityView& entities, std::int64_t now, Arena& arena) {
  const cedar::Schema* const schema = snapshot.schema();
  const cedar::ActionType* const action =
      schema == nullptr ? nullptr : schema->find_action(*request.action);
  return with_consent(snapshot, action, request, entities, now, arena);
}

Consented with_consent(const Snapshot& snapshot, const cedar::ActionType* action,
                       const cedar::Request& request, const cedar::EntityView& entities,
                       std::int64_t now, Arena& arena) {
  if (snapshot.consents.empty() || action == nullptr || !declares_consent(*action)) {
    return {.context = request.context};
  }
  Sayings sayings(snapshot, request, entities, now, arena);
  const bool has_some = sayings.ask();
  if (!has_some && find_field(request.context.as_record(), kKey) == nullptr) {
    return {.context = request.context};
  }
  std::pmr::vector<Field> fields = fields_without_consent(request.context, arena);
  if (has_some) return sayings.write(fields);
  return {.context = cedar::make_record(arena, fields)};
}

Value sample_consented(Arena& arena) {
  const Value texts = set_of(Value::string(""), arena);
  std::array<Field, 5> fields = {{{"agreed", texts},
                                  {"permitted", Value::boolean(false)},
                                  {"provisions", texts},
                                  {"refused", Value::boolean(false)},
                                  {"refusedInEmergency", Value::boolean(false)}}};
  return cedar::make_record(arena, fields);
}

cedar::EntityDraft sample_consent(Arena& arena) {
  const Value texts = set_of(Value::string(""), arena);
  std::array<Field, 9> provision = {{{"actions", texts},
                                     {"actors", set_of(named(arena), arena)},
                                     {"beginsAt", Value::datetime(0)},
                                     {"classes", texts},
                                     {"endsAt", Value::datetime(0)},
                                     {"labels", texts},
                                     {"permits", Value::boolean(false)},
                                     {"place", Value::string(kFirst)},
                                     {"purposes", texts}}};
  const Value provisions = set_of(cedar::make_record(arena, provision), arena);
  const std::array<Field, 2> attributes = {{{"patient", named(arena)}, {"provisions", provisions}}};
  return {.uid = cedar::make_uid(arena, kConsentType, ""),
          .attributes = arena.copy(attributes),
          .tags = {},
          .parents = {}};
}

}  // namespace wardlock::pdp
