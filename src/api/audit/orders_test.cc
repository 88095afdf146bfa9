#include "api/audit/orders.h"

#include <gtest/gtest.h>

#include "audit/index/indexed_log_for_test.h"

namespace wardlock::audit_api {
namespace {

const Sight kUsual{.usual_tenant = "st-mary"};
const Sight kOfStMary{.tenant = "st-mary"};
const Sight kOfTheServer{};

ErrorCode code_of(OrderKind kind, std::string_view body, const Sight& sight = kUsual) {
  const auto order = read_order(kind, body, sight);
  return order ? ErrorCode::kUnknown : order.error().code;
}

TEST(Orders, say_about_whom) {
  const auto erase =
      read_order(OrderKind::kErase, R"({"patient": "p-1", "reason": "asked"})", kUsual).value();
  EXPECT_EQ(erase.tenant + "|" + erase.type + "|" + erase.id, "st-mary|Patient|p-1");
  EXPECT_EQ(erase.reason, "asked");
  const auto hold = read_order(OrderKind::kHold,
                               R"({"person": {"type": "User", "id": "ann"}, "reason": "court",
                                   "name": "case 1", "tenant": "st-john"})",
                               kOfTheServer)
                        .value();
  EXPECT_EQ(hold.tenant + "|" + hold.type + "|" + hold.id, "st-john|User|ann");
  EXPECT_EQ(hold.name, "case 1");
}

TEST(Orders, that_are_malformed_are_refused) {
  for (const std::string_view body :
       {"",
        "[]",
        "{",
        "null",
        R"({"reason": "r"})",
        R"({"patient": "p-1"})",
        R"({"patient": "", "reason": "r"})",
        R"({"patient": 1, "reason": "r"})",
        R"({"patient": "p", "reason": ""})",
        R"({"patient": "p", "reason": 1})",
        R"({"patient": "p", "person": {"type": "User", "id": "a"}, "reason": "r"})",
        R"({"person": "ann", "reason": "r"})",
        R"({"person": {"id": "a"}, "reason": "r"})",
        R"({"person": {"type": "User"}, "reason": "r"})",
        R"({"person": {"type": "User", "id": "a", "x": 1}, "reason": "r"})",
        R"({"patient": "p", "reason": "r", "why": "x"})",
        R"({"patient": "p", "reason": "r", "name": "n"})",
        R"({"patient": "a\nb", "reason": "r"})",
        R"({"patient": "p", "patient": "q", "reason": "r"})",
        R"({"patient": "p", "reason": "r", "tenant": 3})"}) {
    EXPECT_EQ(code_of(OrderKind::kErase, body), ErrorCode::kInvalidArgument) << body;
  }
  EXPECT_EQ(code_of(OrderKind::kHold, R"({"patient": "p", "reason": "r"})"),
            ErrorCode::kInvalidArgument);
  const auto order = read_order(OrderKind::kErase, R"({"patiant": "p", "reason": "r"})", kUsual);
  EXPECT_TRUE(order.error().message.contains("did you mean `patient`?")) << order.error().message;
}

TEST(Orders, stay_with_the_tenant_of_who_orders) {
  EXPECT_EQ(code_of(OrderKind::kErase, R"({"patient": "p", "reason": "r", "tenant": "st-john"})",
                    kOfStMary),
            ErrorCode::kPermissionDenied);
  EXPECT_EQ(read_order(OrderKind::kErase, R"({"patient": "p", "reason": "r"})", kOfStMary)->tenant,
            "st-mary");
  EXPECT_EQ(code_of(OrderKind::kErase, R"({"patient": "p", "reason": "r"})", kOfTheServer),
            ErrorCode::kInvalidArgument);
}

TEST(Looks, say_about_whom) {
  EXPECT_EQ(read_look("patient=p-1", kUsual)->id, "p-1");
  EXPECT_EQ(read_look("person=User::ann", kUsual)->type, "User");
  EXPECT_EQ(read_look("tenant=st-john&patient=p-1", kOfTheServer)->tenant, "st-john");
  for (const std::string_view query :
       {"", "patient=", "patient=a&patient=b", "patient=a&person=User::b", "person=ann",
        "tenant=st-mary", "who=ann", "patient=a&tenant=b&tenant=c"}) {
    EXPECT_FALSE(read_look(query, kUsual)) << query;
  }
  EXPECT_EQ(read_look("patient=p-1&tenant=st-john", kOfStMary).error().code,
            ErrorCode::kPermissionDenied);
  EXPECT_FALSE(read_look("patient=p-1", kOfTheServer));
}

TEST(Orders, are_carried_out_and_shown) {
  audit::IndexedLog log;
  event::Event event = event::decision_for_test();
  event.patient = "p-1";
  log.append({event});
  const Order whom{
      .tenant = "st-mary", .type = "Patient", .id = "p-1", .name = "case 1", .reason = "why"};
  int recorded = 0;
  const auto record = [&](const event::Event& each) -> Result<void> {
    EXPECT_EQ(each.reason, "why");
    EXPECT_EQ(each.caller, "officer");
    ++recorded;
    return {};
  };
  const auto carry = [&](OrderKind kind) {
    Order order = whom;
    order.kind = kind;
    return carry_out(order, *log.keys, {.time = 1'795'333'400'000, .caller = "officer"}, record);
  };
  EXPECT_EQ(carry(OrderKind::kHold), R"({"held":"case 1"})");
  EXPECT_EQ(carry(OrderKind::kLook),
            R"({"holds":[{"name":"case 1","since":"2026-11-22T07:43:20.000Z"}],"erasures":[]})");
  EXPECT_EQ(carry(OrderKind::kErase).error().code, ErrorCode::kFailedPrecondition);
  EXPECT_EQ(carry(OrderKind::kRelease), R"({"released":"case 1"})");
  EXPECT_EQ(carry(OrderKind::kErase), R"({"erased":"2026-11-22T07:43:20.000Z"})");
  EXPECT_EQ(carry(OrderKind::kLook), R"({"holds":[],"erasures":["2026-11-22T07:43:20.000Z"]})");
  EXPECT_EQ(carry(OrderKind::kErase).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(recorded, 4);
}

}  // namespace
}  // namespace wardlock::audit_api
