// What callers ask of the audit log and order about a subject of it: what is taken stays within the
// caller's tenant, names nobody without the right to, and is on record as valid text.
#include <cstdint>
#include <string_view>
#include <vector>

#include "api/audit/events.h"
#include "api/audit/orders.h"
#include "base/check.h"
#include "base/utf8.h"
#include "event/draft.h"

using namespace wardlock;

namespace {

const audit_api::Sight kOfOne{.tenant = "st-mary", .may_disclose = true};
const audit_api::Sight kMasked{.usual_tenant = ""};

void check_recordable(const audit_api::EventsRequest& request) {
  std::vector<std::string> notes;
  std::vector<std::string_view> views;
  const event::Event event =
      audit_api::reading_event(request, 1, {.id = "id", .caller = "auditor"}, notes, views);
  std::string draft;
  const auto written = event::write_draft(event, draft);
  CHECK(written || written.error().code == ErrorCode::kResourceExhausted);
}

void check_events(std::string_view query) {
  if (const auto request = audit_api::read_events_request(query, kOfOne)) {
    CHECK(request->query.tenant == "st-mary" && request->query.limit <= 1000);
    check_recordable(*request);
  }
  if (const auto request = audit_api::read_events_request(query, kMasked)) {
    CHECK(request->is_masked && !request->query.patient && !request->query.principal &&
          !request->query.affected);
    check_recordable(*request);
  }
}

void check_order(const Result<audit_api::Order>& order) {
  if (!order) return;
  CHECK(order->tenant == "st-mary" && !order->type.empty() && !order->id.empty());
  CHECK(!find_invalid_utf8(order->id) && !find_deceptive_character(order->id));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_events(text);
  check_order(audit_api::read_look(text, kOfOne));
  for (const auto kind : {audit_api::OrderKind::kErase, audit_api::OrderKind::kHold}) {
    check_order(audit_api::read_order(kind, text, kOfOne));
  }
  return 0;
}
