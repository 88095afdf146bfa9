#include "access/review/review_desk.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "access/grant/glass_rows.h"
#include "base/utf8.h"
#include "codec/json.h"
#include "crypto/sha256.h"
#include "directory/registry/control_plane.h"
#include "directory/registry/natural_persons.h"
#include "directory/registry/read_from.h"
#include "directory/registry/relation_rows.h"
#include "directory/registry/role_holders.h"
#include "directory/registry/thing_rows.h"
#include "directory/registry/told_event.h"

namespace wardlock::access {
namespace {

using directory::Kind;
using directory::Mandate;
using directory::Relation;
using storage::Work;

constexpr std::string_view kReviewEntry = "glassReview";
constexpr std::string_view kReviewerRole = "Wardlock::Reviewer";
constexpr std::size_t kMostListed = 500;
constexpr std::size_t kBatch = 100;
/// So long it counts that somebody reviewed somebody.
constexpr std::int64_t kLately = std::int64_t{90} * 24 * kGlassHour;

/// The place where somebody works, else the organisation; empty: it is not known.
Result<std::string> unit_of(Work& work, std::string_view tenant, std::string_view person,
                            std::int64_t now) {
  const auto employments = TRY(directory::find_relations(
      work, tenant, {.relation = Relation::kEmployment, .subject = person, .not_ended_by = now}));
  for (const directory::KeptRelation& each : employments) {
    if (each.is_valid_at(now)) return each.scope.value_or(each.object);
  }
  return std::string();
}

Result<std::vector<ReviewCandidate>> candidates_of(Work& work, std::string_view tenant,
                                                   std::int64_t now) {
  std::vector<ReviewCandidate> candidates;
  for (std::string& each : TRY(directory::find_role_holders(work, tenant, kReviewerRole, now))) {
    const auto person = TRY(directory::find_thing(work, tenant, each));
    const bool counts = person && person->kind == Kind::kPerson && directory::is_in_force(*person);
    if (!counts) continue;
    std::string unit = TRY(unit_of(work, tenant, each, now));
    candidates.push_back({.person = std::move(each), .unit = std::move(unit)});
  }
  return candidates;
}

std::size_t random_below(std::size_t bound, const directory::Surroundings& surroundings) {
  std::array<std::uint8_t, 8> bytes = {};
  surroundings.fill_random(bytes);
  std::uint64_t number = 0;
  for (const std::uint8_t byte : bytes) number = number << 8 | byte;
  return static_cast<std::size_t>(number % bound);
}

/// What is signed: this finding on this grant, in these words.
std::string content_of(const GlassReview& review) {
  const std::string text =
      codec::to_json_text(boost::json::object{{"grant", review.grant},
                                              {"person", review.person},
                                              {"finding", to_string(*review.finding)},
                                              {"words", review.words}});
  return "sha256:" + crypto::to_hex(crypto::sha256(text));
}

std::string name_of(const directory::Thing& person) {
  const codec::Json* const name = person.document.json().if_contains("displayName");
  if (name != nullptr && name->is_string()) return std::string(name->get_string());
  const codec::Json* const user = person.document.json().if_contains("userName");
  return user != nullptr && user->is_string() ? std::string(user->get_string()) : person.id;
}

/// Tells whoever was drawn; nobody was: they see it among those that wait.
Result<void> notify(Work& work, const ReviewSurroundings& surroundings, const GlassReview& review,
                    authn::About about, std::int64_t now) {
  if (surroundings.messages == nullptr || review.reviewer.empty()) return {};
  return surroundings.messages->tell(
      work, review.tenant, review.reviewer, about,
      {.happened_ms = now, .expires_ms = review.due_ms, .of = review.grant});
}

std::unexpected<Error> no_review(std::string_view grant) {
  return fail(ErrorCode::kNotFound, fmt::format("there is no review of a grant `{}`; one that was "
                                                "just opened has it within a minute",
                                                printable(grant)));
}

Result<void> tell(Work& work, const ReviewSurroundings& surroundings, const Mandate& mandate,
                  const GlassReview& review, event::Event event) {
  const auto grant = TRY(find_grant(work, review.tenant, review.grant));
  if (!grant) return fail(ErrorCode::kDataLoss, "a review is of a grant that is not there");
  event.grant = review.grant;
  directory::name_in(event, Kind::kPerson, review.person);
  directory::name_in(event, grant->target_kind, grant->target);
  directory::Journal journal(work, mandate, surroundings.directory);
  boost::json::object entry{{"grant", review.grant}, {"person", review.person}};
  if (review.finding) entry["finding"] = to_string(*review.finding);
  return journal.add(
      {directory::What::kChanged, kReviewEntry, review.grant, codec::to_json_text(entry)}, event);
}

}  // namespace

Result<std::string> ReviewDesk::draw(Work& work, std::string_view tenant, std::string_view person,
                                     std::string_view unit) const {
  const std::int64_t now = surroundings_.directory.clock();
  const auto candidates = TRY(candidates_of(work, tenant, now));
  const auto lately = TRY(find_review_pairs(work, tenant, now - kLately));
  const auto persons = TRY(directory::NaturalPersons::read(work, tenant, now));
  const auto drawn = draw_reviewer(
      candidates, person, unit, lately,
      [&](std::string_view one, std::string_view other) { return persons.are_same(one, other); },
      [&](std::size_t bound) { return random_below(bound, surroundings_.directory); });
  return drawn.value_or(std::string());
}

Result<bool> ReviewDesk::draw_some(const Mandate& own, ReviewTending& done) {
  const auto look = [&](Work& work) { return find_unreviewed(work, own.tenant, kBatch); };
  if (TRY(directory::read_from<std::vector<UnreviewedGrant>>(surroundings_.store, look)).empty()) {
    return false;
  }
  std::size_t drawn = 0;
  const auto written = surroundings_.store.write([&](Work& work) -> Result<void> {
    drawn = 0;
    const std::int64_t now = surroundings_.directory.clock();
    for (const UnreviewedGrant& each : TRY(look(work))) {
      GlassReview review{.tenant = own.tenant, .grant = each.id, .person = each.person};
      review.unit = TRY(unit_of(work, own.tenant, each.person, now));
      review.reviewer = TRY(draw(work, own.tenant, each.person, review.unit));
      review.drawn_ms = now;
      review.due_ms = each.due_ms;
      TRY_VOID(insert_review(work, review));
      TRY_VOID(notify(work, surroundings_, review, authn::About::kReviewWaits, now));
      ++drawn;
    }
    return {};
  });
  TRY_VOID(written);
  done.drawn += drawn;
  return true;
}

Result<bool> ReviewDesk::tell_late(const Mandate& own, ReviewTending& done) {
  const std::int64_t now = surroundings_.directory.clock();
  const auto look = [&](Work& work) { return find_late_reviews(work, own.tenant, now, kBatch); };
  if (TRY(directory::read_from<std::vector<GlassReview>>(surroundings_.store, look)).empty()) {
    return false;
  }
  std::size_t late = 0;
  const auto written = surroundings_.store.write([&](Work& work) -> Result<void> {
    late = 0;
    for (GlassReview& each : TRY(look(work))) {
      each.late_ms = now;
      TRY_VOID(replace_review(work, each));
      TRY_VOID(notify(work, surroundings_, each, authn::About::kReviewLate, now));
      TRY_VOID(tell(work, surroundings_, own, each,
                    {.kind = event::Kind::kOverrideChange,
                     .action = "review_late",
                     .cause = "late",
                     .value_before = each.reviewer}));
      ++late;
    }
    return {};
  });
  TRY_VOID(written);
  done.late += late;
  return true;
}

Result<ReviewTending> ReviewDesk::tend(const Mandate& own, const std::function<bool()>& go_on) {
  ReviewTending done;
  const auto check = [&]() -> Result<void> {
    if (go_on()) return {};
    return fail(ErrorCode::kCancelled, "reviews are tended elsewhere");
  };
  do {
    TRY_VOID(check());
  } while (TRY(draw_some(own, done)));
  do {
    TRY_VOID(check());
  } while (TRY(tell_late(own, done)));
  return done;
}

Result<void> ReviewDesk::check_signer(Work& work, const Mandate& mandate, const GlassReview& review,
                                      std::int64_t now) const {
  const auto persons = TRY(directory::NaturalPersons::read(work, mandate.tenant, now));
  if (persons.are_same(review.person, mandate.actor_id)) {
    return fail(ErrorCode::kPermissionDenied, "nobody reviews what they did themselves");
  }
  if (!review.is_open()) {
    return fail(ErrorCode::kFailedPrecondition, "somebody has reviewed it");
  }
  const bool is_theirs = review.reviewer.empty() || review.reviewer == mandate.actor_id ||
                         review.late_ms || review.due_ms <= now;
  if (!is_theirs) {
    return fail(ErrorCode::kPermissionDenied,
                "somebody else was drawn to review it; while it is not late, it is theirs");
  }
  const auto grant = TRY(find_grant(work, review.tenant, review.grant));
  if (grant && !grant->is_open_at(now)) return {};
  return fail(ErrorCode::kFailedPrecondition,
              "the grant is still open: review it when all that was done under it is there");
}

Result<GlassReview> ReviewDesk::sign(const Mandate& mandate, std::string_view grant,
                                     const ReviewWord& word, authn::Signature signature) {
  TRY_VOID(check_review_words(word.finding, word.words));
  TRY_VOID(check_signing(signature, surroundings_.signing, surroundings_.directory.clock()));
  GlassReview review;
  const auto written = surroundings_.store.write([&](Work& work) -> Result<void> {
    const std::int64_t now = surroundings_.directory.clock();
    const auto person = TRY(directory::find_thing(work, mandate.tenant, mandate.actor_id));
    if (!person || person->kind != Kind::kPerson || !directory::is_in_force(*person)) {
      return fail(ErrorCode::kPermissionDenied, "people at work review");
    }
    auto found = TRY(find_review(work, mandate.tenant, grant));
    if (!found) return no_review(grant);
    review = *std::move(found);
    TRY_VOID(check_signer(work, mandate, review, now));
    review.finding = word.finding;
    review.words = word.words;
    signature.person = mandate.actor_id;
    signature.printed_name = name_of(*person);
    signature.meaning = to_string(word.finding);
    signature.comment = word.words;
    signature.content = content_of(review);
    signature.signed_ms = now;
    review.signature = signature;
    TRY_VOID(replace_review(work, review));
    Mandate told = mandate;
    told.reason = word.words;
    const std::vector<std::string_view> methods(signature.methods.begin(), signature.methods.end());
    return tell(work, surroundings_, told, review,
                {.kind = event::Kind::kReview,
                 .outcome = word.finding == Finding::kAppropriate ? event::Outcome::kSuccess
                                                                  : event::Outcome::kFailure,
                 .session = signature.session,
                 .authentication_level = signature.level,
                 .authentication_methods = methods,
                 .authentication_time = signature.authenticated_ms,
                 .action = "review_grant",
                 .cause = to_string(word.finding),
                 .changed = signature.content});
  });
  TRY_VOID(written);
  return review;
}

Result<GlassReview> ReviewDesk::find(std::string_view tenant, std::string_view grant) const {
  return directory::read_from<GlassReview>(surroundings_.store,
                                           [&](Work& work) -> Result<GlassReview> {
                                             auto review = TRY(find_review(work, tenant, grant));
                                             if (!review) return no_review(grant);
                                             return *std::move(review);
                                           });
}

Result<std::vector<GlassReview>> ReviewDesk::waiting(std::string_view tenant,
                                                     std::string_view reviewer,
                                                     std::size_t most) const {
  return directory::read_from<std::vector<GlassReview>>(surroundings_.store, [&](Work& work) {
    return find_open_reviews(work, tenant, reviewer, std::min(most, kMostListed));
  });
}

Result<ReviewStatistics> ReviewDesk::statistics(std::string_view tenant,
                                                std::int64_t since_ms) const {
  return directory::read_from<ReviewStatistics>(
      surroundings_.store, [&](Work& work) -> Result<ReviewStatistics> {
        const auto pairs = TRY(find_review_pairs(work, tenant, since_ms));
        auto counts = TRY(count_reviews(work, tenant, since_ms));
        return ReviewStatistics{.counts = std::move(counts), .rings = find_rings(pairs)};
      });
}

}  // namespace wardlock::access
