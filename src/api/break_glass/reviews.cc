#include "api/break_glass/reviews.h"

#include <fmt/format.h>

#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include "api/break_glass/grants.h"
#include "base/utf8.h"
#include "call/answer.h"
#include "call/members.h"
#include "directory/model/moment.h"

namespace wardlock::glass_api {
namespace {

using access::GlassReview;
using administration::Deed;
using boost::json::object;
using call::parameter_of;
using call::read_members;
using call::text_in;
using call::write_json;
using directory::Kind;
using directory::Thing;
using directory::to_time_text;

constexpr std::size_t kMostListed = 100;
constexpr std::size_t kMostAccesses = 1000;
constexpr std::int64_t kDay = 24 * access::kGlassHour;
constexpr std::int64_t kUsualDays = 90;
constexpr std::int64_t kMostDays = 3660;

object to_json(const GlassReview& review) {
  object out{{"grant", review.grant},
             {"person", review.person},
             {"unit", review.unit},
             {"reviewer", review.reviewer},
             {"dueAt", to_time_text(review.due_ms)},
             {"late", review.late_ms.has_value()},
             {"state", review.is_open() ? "open" : "signed"}};
  if (review.is_open()) return out;
  const authn::Signature& signature = review.signature;
  out["outcome"] = to_string(*review.finding);
  out["words"] = review.words;
  out["signature"] =
      object{{"person", signature.person},
             {"name", signature.printed_name},
             {"meaning", signature.meaning},
             {"content", signature.content},
             {"level", signature.level},
             {"methods", boost::json::array(signature.methods.begin(), signature.methods.end())},
             {"authenticatedAt", to_time_text(signature.authenticated_ms)},
             {"signedAt", to_time_text(signature.signed_ms)}};
  return out;
}

object to_json(const administration::Trace& trace) {
  object out{{"record", trace.record},
             {"at", to_time_text(trace.time)},
             {"action", trace.action},
             {"outcome", trace.outcome}};
  if (!trace.resource_type.empty()) out["resourceType"] = trace.resource_type;
  if (!trace.resource_id.empty()) out["resource"] = trace.resource_id;
  if (!trace.patient.empty()) out["patient"] = trace.patient;
  if (!trace.device.empty()) out["device"] = trace.device;
  return out;
}

/// INVARIANT: nobody sees the review of what they did themselves before it is signed.
Result<GlassReview> review_of(const Call& call) {
  TRY_VOID(call.errand.gate.check(Deed::kReviewGrant, Kind::kPerson));
  GlassReview review = TRY(call.reviews.find(call.tenant(), call.id));
  const Thing whose = TRY(call.errand.registry.find(call.tenant(), review.person));
  TRY_VOID(call.errand.gate.check(Deed::kReviewGrant, whose));
  return review;
}

Result<std::int64_t> days_of(const Call& call) {
  const std::string text = parameter_of(call.request, "days");
  if (text.empty()) return kUsualDays;
  std::int64_t days = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), days);
  const bool is_number = error == std::errc() && end == text.data() + text.size();
  if (is_number && days >= 1 && days <= kMostDays) return days;
  return invalid(fmt::format("`days` is a number from 1 to {}", kMostDays));
}

Result<access::ReviewWord> word_in(const object& members) {
  const std::string outcome = TRY(text_in(members, "outcome"));
  const auto finding = access::find_finding(outcome);
  if (!finding) {
    return invalid(fmt::format(
        "`{}` is no outcome; these are: `appropriate`, `follow-up`, `misuse`", printable(outcome)));
  }
  return access::ReviewWord{.finding = *finding, .words = TRY(text_in(members, "words"))};
}

}  // namespace

Result<void> list_reviews(const Call& call, net::HttpResponse& response) {
  TRY_VOID(call.errand.gate.check(Deed::kReviewGrant, Kind::kPerson));
  const bool is_of_all = parameter_of(call.request, "all") == "true";
  boost::json::array items;
  for (const GlassReview& each : TRY(call.reviews.waiting(
           call.tenant(), is_of_all ? std::string() : call.person(), kMostListed))) {
    if (each.person != call.person()) items.push_back(to_json(each));
  }
  call::write_items(std::move(items), {}, response);
  return {};
}

Result<void> show_review(const Call& call, net::HttpResponse& response) {
  const GlassReview review = TRY(review_of(call));
  const auto story = TRY(call.desk.story(call.tenant(), call.id));
  object out = to_json(review);
  out["grantDetails"] = to_json(story.grant, call.errand.now);
  if (call.errand.trail != nullptr) {
    const std::int64_t until =
        story.grant.ended_ms.value_or(story.grant.expires_ms) + access::kGlassMinute;
    const auto traces = TRY(call.errand.trail->under(call.tenant(), call.id,
                                                     story.grant.opened_ms - access::kGlassMinute,
                                                     until, kMostAccesses));
    boost::json::array accesses;
    for (const administration::Trace& each : traces.traces) accesses.push_back(to_json(each));
    out["accesses"] = std::move(accesses);
    out["accessesAreAll"] = traces.are_all;
  }
  write_json(out, response);
  return {};
}

Result<void> sign_review(const Call& call, net::HttpResponse& response) {
  const object members = TRY(read_members(call.request, {"outcome", "words"}));
  const access::ReviewWord word = TRY(word_in(members));
  const auto sign_in = TRY(administration::signed_in(call.errand.sign_in, "reviews are signed"));
  TRY(review_of(call));
  const GlassReview review = TRY(call.reviews.sign(call.errand.mandate, call.id, word,
                                                   administration::blank_signature(sign_in)));
  write_json(to_json(review), response);
  return {};
}

Result<void> show_statistics(const Call& call, net::HttpResponse& response) {
  TRY_VOID(call.errand.gate.check(Deed::kReviewGrant, Kind::kPerson));
  const std::int64_t days = TRY(days_of(call));
  const auto found = TRY(call.reviews.statistics(call.tenant(), call.errand.now - days * kDay));
  boost::json::array counts;
  for (const access::ReviewCount& each : found.counts) {
    counts.push_back(object{{"unit", each.unit},
                            {"outcome", each.finding.empty() ? "open" : each.finding},
                            {"late", each.is_late},
                            {"count", each.count}});
  }
  boost::json::array rings;
  for (const auto& each : found.rings) {
    rings.push_back(boost::json::array(each.begin(), each.end()));
  }
  write_json(object{{"days", days}, {"counts", std::move(counts)}, {"rings", std::move(rings)}},
             response);
  return {};
}

}  // namespace wardlock::glass_api
