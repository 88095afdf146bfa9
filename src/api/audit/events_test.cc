#include "api/audit/events.h"

#include <gtest/gtest.h>

#include "audit/index/follow.h"
#include "audit/index/indexed_log_for_test.h"
#include "codec/json.h"

namespace wardlock::audit_api {
namespace {

using event::Event;

const Sight kSeesAll{.usual_tenant = "st-mary", .may_disclose = true};
const Sight kSeesMasked{.usual_tenant = "st-mary"};
const Sight kOfStMary{.tenant = "st-mary", .may_disclose = true};
const Sight kOfTheServer{.may_disclose = true};

ErrorCode code_of(std::string_view query, const Sight& sight) {
  const auto request = read_events_request(query, sight);
  return request ? ErrorCode::kUnknown : request.error().code;
}

TEST(EventsRequest, says_what_is_wanted) {
  const auto request =
      read_events_request("patient=p-1&kind=login&limit=7&masked=true", kSeesAll).value();
  EXPECT_EQ(request.query.patient, "p-1");
  EXPECT_EQ(request.query.tenant, "st-mary");
  EXPECT_EQ(request.query.limit, 7U);
  EXPECT_TRUE(request.is_masked);
  EXPECT_FALSE(read_events_request("", kSeesAll)->is_masked);
  EXPECT_FALSE(read_events_request("masked=false", kSeesAll)->is_masked);
  EXPECT_TRUE(read_events_request("", kSeesMasked)->is_masked);
  EXPECT_EQ(read_events_request("", kSeesAll)->query.tenant, std::nullopt);
}

TEST(EventsRequest, of_who_may_not_disclose_names_nobody) {
  for (const std::string_view query : {"patient=p-1", "principal=User::ann", "affected=User::ann",
                                       "masked=false", "device=pump&patient=p-1"}) {
    EXPECT_EQ(code_of(query, kSeesMasked), ErrorCode::kPermissionDenied) << query;
  }
  for (const std::string_view query :
       {"", "device=pump", "caller=gateway", "decision=d", "kind=login", "outcome=failure",
        "masked=true", "from=2026-01-01"}) {
    EXPECT_EQ(code_of(query, kSeesMasked), ErrorCode::kUnknown) << query;
  }
}

TEST(EventsRequest, stays_with_the_tenant_of_who_asks) {
  for (const std::string_view query : {"", "kind=login", "patient=p-1", "tenant=st-mary"}) {
    EXPECT_EQ(read_events_request(query, kOfStMary)->query.tenant, "st-mary") << query;
  }
  EXPECT_EQ(code_of("tenant=st-john", kOfStMary), ErrorCode::kPermissionDenied);
  EXPECT_EQ(code_of("tenant=", kOfStMary), ErrorCode::kPermissionDenied);
  EXPECT_EQ(code_of("tenant=st-john&patient=p-1", kOfStMary), ErrorCode::kPermissionDenied);
}

TEST(EventsRequest, of_who_has_no_tenant_names_one_with_whom_it_asks_for) {
  EXPECT_EQ(read_events_request("kind=login", kOfTheServer)->query.tenant, std::nullopt);
  EXPECT_EQ(read_events_request("tenant=st-john&patient=p-1", kOfTheServer)->query.tenant,
            "st-john");
  EXPECT_EQ(code_of("patient=p-1", kOfTheServer), ErrorCode::kInvalidArgument);
}

TEST(EventsRequest, that_is_malformed_is_refused) {
  for (const std::string_view query :
       {"patiant=p-1", "kind=logn", "limit=0", "limit=1001", "limit=x", "masked=maybe",
        "patient=", "patient", "patient=%FF", "after=x", "from=now", "masked=true&masked=true"}) {
    EXPECT_EQ(code_of(query, kSeesAll), ErrorCode::kInvalidArgument) << query;
  }
}

class EventsPageTest : public testing::Test {
 protected:
  EventsPageTest() {
    std::vector<Event> events;
    for (int i = 0; i < 5; ++i) {
      Event event = event::decision_for_test();
      event.time = 1000 + i;
      event.patient = i % 2 == 0 ? "p-1" : "p-2";
      events.push_back(event);
    }
    log_.append(events);
    EXPECT_TRUE(catch_up(*log_.index, reader_, *log_.keys));
  }
  codec::Json page(std::string_view query, const Sight& sight = kSeesAll,
                   std::size_t most_bytes = 1'000'000) {
    const auto request = read_events_request(query, sight);
    EXPECT_TRUE(request);
    const auto found = find_page({*log_.index, reader_, *log_.keys}, *request, most_bytes);
    EXPECT_TRUE(found);
    const auto json = codec::parse_json(found->json);
    EXPECT_TRUE(json) << found->json;
    EXPECT_EQ(json->at("events").get_array().size(), found->count);
    return *json;
  }
  static std::vector<std::int64_t> records(const codec::Json& page) {
    std::vector<std::int64_t> out;
    for (const auto& event : page.at("events").get_array()) {
      out.push_back(event.at("record").as_int64());
    }
    return out;
  }

  audit::IndexedLog log_;
  audit::EventReader reader_ = log_.reader();
};

using Records = std::vector<std::int64_t>;

TEST_F(EventsPageTest, has_the_events_with_their_numbers) {
  const codec::Json found = page("patient=p-1");
  EXPECT_EQ(records(found), (Records{4, 2, 0}));
  EXPECT_EQ(found.at("events").at(0).at("patient").get_string(), "p-1");
  EXPECT_FALSE(found.get_object().contains("next"));
}

TEST_F(EventsPageTest, leads_on) {
  codec::Json found = page("patient=p-1&limit=2");
  EXPECT_EQ(records(found), (Records{4, 2}));
  EXPECT_EQ(found.at("next").as_int64(), 2);
  found = page("patient=p-1&limit=2&after=2");
  EXPECT_EQ(records(found), (Records{0}));
  EXPECT_FALSE(found.get_object().contains("next"));
}

TEST_F(EventsPageTest, that_would_be_too_long_ends_sooner) {
  Records all;
  std::string after;
  for (int pages = 0; pages < 5; ++pages) {
    const codec::Json found = page("order=oldest" + after, kSeesAll, 1);
    const Records some = records(found);
    EXPECT_EQ(some.size(), 1U);
    all.insert(all.end(), some.begin(), some.end());
    if (!found.get_object().contains("next")) break;
    after = "&after=" + std::to_string(found.at("next").as_int64());
  }
  EXPECT_EQ(all, (Records{0, 1, 2, 3, 4}));
}

TEST_F(EventsPageTest, is_masked_for_who_may_not_disclose) {
  const codec::Json found = page("limit=1", kSeesMasked);
  const auto& event = found.at("events").at(0).get_object();
  EXPECT_EQ(event.at("patient").get_string(), "***");
  EXPECT_EQ(event.at("principal_id").get_string(), "***");
  EXPECT_FALSE(codec::to_json_text(found).contains("dr-grey"));
}

TEST_F(EventsPageTest, tells_of_a_record_that_cannot_be_read) {
  const auto [segment, offset] = log_.log.place_of_record(2);
  log_.log.flip(segment, offset + 60, 3);
  const codec::Json found = page("patient=p-1");
  EXPECT_EQ(records(found), (Records{4, 2, 0}));
  EXPECT_TRUE(found.at("events").at(1).get_object().contains("error"));
}

TEST_F(EventsPageTest, may_be_empty) {
  EXPECT_EQ(codec::to_json_text(page("patient=p-9")), R"({"events":[]})");
}

TEST(ReadingEvent, says_whom_was_asked_for) {
  const auto request =
      read_events_request("patient=p-1&principal=User::ann&device=pump&kind=login&limit=7",
                          kSeesAll)
          .value();
  std::vector<std::string> notes;
  std::vector<std::string_view> views;
  const Event event = reading_event(request, 3, {.time = 5, .caller = "auditor"}, notes, views);
  EXPECT_EQ(event.kind, event::Kind::kLogRead);
  EXPECT_EQ(event.tenant, "st-mary");
  EXPECT_EQ(event.patient, "p-1");
  EXPECT_EQ(event.device, "pump");
  EXPECT_EQ(event.affected_type, "User");
  EXPECT_EQ(event.affected_id, "ann");
  EXPECT_EQ(event.principal_id, "") << "who asks is a caller, not the person asked for";
  EXPECT_EQ(event.caller, "auditor");
  EXPECT_EQ(event.count, 3);
  EXPECT_EQ(notes, (std::vector<std::string>{"kind=login", "limit=7"}));
}

TEST(ReadingEvent, says_what_else_was_asked) {
  const auto request =
      read_events_request("principal=User::ann&affected=User::bob&masked=true", kSeesAll).value();
  std::vector<std::string> notes;
  std::vector<std::string_view> views;
  const Event event = reading_event(request, 0, {}, notes, views);
  EXPECT_EQ(event.affected_id, "bob");
  EXPECT_EQ(notes, (std::vector<std::string>{"principal=User::ann", "masked"}));
  EXPECT_EQ(event.notes.size(), 2U);
}

}  // namespace
}  // namespace wardlock::audit_api
