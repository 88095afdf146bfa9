#include "api/admin/bill.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "api/admin/admin_for_test.h"

namespace wardlock::admin {
namespace {

using directory::Kind;
using directory::Relation;
using directory::Thing;

constexpr std::string_view kBill = R"({"bomFormat":"CycloneDX","specVersion":"1.6",
"metadata":{"component":{"type":"device","name":"any","bom-ref":"r"}},
"components":[
  {"type":"firmware","name":"Drip","version":"4.2","publisher":"Meridian","bom-ref":"f"},
  {"type":"library","name":"zlib","version":"1.3","bom-ref":"z"}],
"dependencies":[{"ref":"r","dependsOn":["f"]},{"ref":"f","dependsOn":["z"]}]})";

class AdminBillTest : public AdminForTest {
 protected:
  Answer put(std::string_view body, const std::string& more = "") {
    return ask("PUT", "bill?of=deviceModel:meridian/P4&supplier=meridian" + more, body);
  }
  std::string effects(const Answer& answer) {
    std::string out;
    for (std::size_t i = 0; i < answer.count("lines"); ++i) {
      out +=
          fmt::format("{}{} {}", i == 0 ? "" : ", ", answer.at(fmt::format("lines.{}.effect", i)),
                      answer.at(fmt::format("lines.{}.what", i)));
    }
    return out;
  }

  Thing model_ = device_model(organisation("meridian"));
};
WARDLOCK_ON_EACH_DATABASE(AdminBillTest);

TEST_P(AdminBillTest, IsTakenOverAndGivenBack) {
  const std::uint64_t before = revision();
  const Answer tried = put(kBill, "&dryRun=true");
  EXPECT_EQ(tried.status, 200) << codec::to_json_text(tried.body);
  EXPECT_EQ(revision(), before);
  const Answer done = put(kBill);
  EXPECT_EQ(effects(done),
            "created module, created module, created moduleVersion, created moduleVersion, "
            "created comprises, created comprises");
  EXPECT_EQ(effects(tried), effects(done));
  EXPECT_EQ(done.at("lines.0.line"), "4");
  EXPECT_EQ(done.header("Wardlock-Revision"), std::to_string(revision()));
  const Answer bill = get("bill?of=deviceModel.id:" + model_.id);
  EXPECT_EQ(bill.header("Content-Type"), "application/vnd.cyclonedx+json");
  EXPECT_EQ(bill.at("specVersion"), "1.6");
  EXPECT_EQ(bill.at("metadata.component.bom-ref"), model_.id);
  EXPECT_EQ(bill.count("components"), 2U);
  EXPECT_EQ(bill.count("dependencies"), 3U);
  const Answer again = ask("PUT", "bill?of=deviceModel:meridian/P4", codec::to_json_text(bill.body),
                           {{"Content-Type", "application/vnd.cyclonedx+json; version=1.6"}});
  EXPECT_EQ(again.status, 200) << codec::to_json_text(again.body);
  EXPECT_EQ(again.count("lines"), 0U) << codec::to_json_text(again.body);
}

TEST_P(AdminBillTest, WhatIsWrongIsToldWithItsPlaceAndChangesNothing) {
  const std::uint64_t before = revision();
  const Answer wrong = put(R"({"bomFormat":"CycloneDX","specVersion":"1.6","components":[
    {"type":"library","name":"zlib","version":"1.3"},{"type":"library","name":"a"}]})");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_EQ(wrong.at("errors.0.pointer"), "#/components/1/version");
  EXPECT_TRUE(wrong.at("detail").starts_with("line 2: `components[1].version` is missing"))
      << wrong.at("detail");
  EXPECT_EQ(put("[]").status, 400);
  EXPECT_EQ(put("{").status, 400);
  EXPECT_EQ(put("").status, 415);
  EXPECT_EQ(
      ask("PUT", "bill?of=deviceModel:meridian/P4", kBill, {{"Content-Type", "text/xml"}}).status,
      415);
  EXPECT_EQ(put(std::string(1 << 20, ' ') + std::string(kBill)).status, 413);
  EXPECT_EQ(get("bill").status, 400);
  EXPECT_EQ(get("bill?of=deviceModel:meridian/P9").status, 404);
  EXPECT_EQ(get("bill?of=person:kim").status, 400);
  EXPECT_EQ(ask("PUT", "bill?of=deviceModel:meridian/P9", kBill).status, 404);
  EXPECT_EQ(revision(), before);
}

TEST_P(AdminBillTest, WhatIsRefusedInOnePartChangesNothing) {
  const std::uint64_t before = revision();
  const Answer refused = put(R"({"bomFormat":"CycloneDX","specVersion":"1.6","components":[
    {"type":"library","name":"zlib","version":"1.3"},
    {"type":"library","name":"bad","version":"1\u202e2"}]})");
  EXPECT_NE(refused.at("refused"), "false") << codec::to_json_text(refused.body);
  EXPECT_EQ(revision(), before);
}

/// A part is at most `directory::kMaxBatchEntries` entries.
TEST_P(AdminBillTest, WhatFailsInALaterPartSaysWhatWasTakenOverBefore) {
  std::string bill = R"({"bomFormat":"CycloneDX","specVersion":"1.6","components":[)";
  for (int i = 0; i < 300; ++i) {
    bill +=
        fmt::format(R"({}{{"type":"library","name":"n{}","version":"1"}})", i == 0 ? "" : ",", i);
  }
  bill += "]}";
  const std::uint64_t before = revision();
  ASSERT_EQ(put(bill, "&dryRun=true").status, 200);
  const std::size_t tried = gate_.asked.size();
  gate_.asked.clear();
  gate_.most = 10;
  const Answer first = put(bill);
  EXPECT_EQ(first.status, 503);
  EXPECT_EQ(first.at("detail"), "ask later") << "nothing was taken over";
  EXPECT_EQ(revision(), before);
  gate_.asked.clear();
  gate_.most = tried + 600;
  const Answer later = put(bill);
  EXPECT_EQ(later.status, 503) << codec::to_json_text(later.body);
  EXPECT_EQ(later.at("detail"),
            fmt::format("ask later; 500 of the 900 entries that the bill comes to, in 1 part, were "
                        "taken over before, up to revision {}, and stay: the same import again "
                        "goes on from there",
                        revision()));
  EXPECT_GT(revision(), before);
  gate_.most = std::numeric_limits<std::size_t>::max();
  const Answer again = put(bill);
  EXPECT_EQ(again.at("refused"), "false") << codec::to_json_text(again.body);
  EXPECT_EQ(again.count("lines"), 400U) << "what was there stays the same";
}

TEST_P(AdminBillTest, TheGateIsAsked) {
  const std::uint64_t before = revision();
  for (const char* denied : {"import all moduleVersion", "import all deviceModel",
                             "create all module", "relate comprises"}) {
    gate_.denies = {denied};
    EXPECT_EQ(put(kBill).status, 403) << denied;
  }
  EXPECT_EQ(revision(), before);
  for (const char* denied :
       {"export all deviceModel", "export all module", "export all organisation"}) {
    gate_.denies = {denied};
    EXPECT_EQ(get("bill?of=deviceModel:meridian/P4").status, 403) << denied;
    EXPECT_EQ(get("bill?of=deviceModel:meridian/P9").status, 403) << "before it is looked for";
  }
}

TEST_P(AdminBillTest, AnotherTenantsIsNotThere) {
  ASSERT_EQ(put(kBill).status, 200);
  mandate_.tenant = "st-luke";
  EXPECT_EQ(get("bill?of=deviceModel.id:" + model_.id).status, 404);
  EXPECT_EQ(put(kBill).status, 404);
}

}  // namespace
}  // namespace wardlock::admin
