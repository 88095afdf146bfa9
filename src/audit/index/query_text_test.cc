#include "audit/index/query_text.h"

#include <gtest/gtest.h>

namespace wardlock::audit {
namespace {

using event::Kind;
using event::Outcome;
using Terms = std::vector<QueryTerm>;

Result<Query> read(const Terms& terms) { return read_query(terms, 1000); }

std::string fault(const Terms& terms) {
  const auto query = read(terms);
  if (query) return "";
  EXPECT_EQ(query.error().code, ErrorCode::kInvalidArgument);
  return query.error().message;
}

TEST(QueryText, asks_for_all_that_is_said) {
  const Query query = read({{"tenant", "st-mary"},
                            {"principal", "Hospital::User::\"ann\""},
                            {"affected", "User::bob"},
                            {"patient", "p-1"},
                            {"device", "pump"},
                            {"caller", "gateway"},
                            {"decision", "d-1"},
                            {"kind", "login"},
                            {"kind", "override_use"},
                            {"outcome", "failure"},
                            {"from", "2026-11-22"},
                            {"to", "2026-11-22T08:00:00Z"},
                            {"order", "oldest"},
                            {"limit", "1000"},
                            {"after", "0"}})
                          .value();
  EXPECT_EQ(query.tenant, "st-mary");
  EXPECT_EQ(query.principal->type + "|" + query.principal->id, "Hospital::User|ann");
  EXPECT_EQ(query.affected->type + "|" + query.affected->id, "User|bob");
  EXPECT_EQ(query.patient, "p-1");
  EXPECT_EQ(query.device, "pump");
  EXPECT_EQ(query.caller, "gateway");
  EXPECT_EQ(query.decision_id, "d-1");
  EXPECT_EQ(query.kinds, (std::vector{Kind::kLogin, Kind::kOverrideUse}));
  EXPECT_EQ(query.outcome, Outcome::kFailure);
  EXPECT_EQ(*query.until - *query.from, 8 * 3'600'000);
  EXPECT_FALSE(query.is_newest_first);
  EXPECT_EQ(query.limit, 1000U);
  EXPECT_EQ(query.after, 0U);
}

TEST(QueryText, asks_for_all_tenants_where_nobody_is_named) {
  EXPECT_EQ(read({})->tenant, std::nullopt);
  EXPECT_EQ(read({{"kind", "login"}})->tenant, std::nullopt);
  EXPECT_EQ(read({{"patient", "p-1"}})->tenant, "");
  EXPECT_EQ(read({{"tenant", ""}})->tenant, "");
  EXPECT_TRUE(read({})->is_newest_first);
  EXPECT_EQ(read({})->limit, 100U);
  EXPECT_EQ(read_query({}, 10)->limit, 10U);
}

TEST(QueryText, says_what_is_wrong_and_what_is_near) {
  EXPECT_EQ(fault({{"patiant", "p-1"}}),
            "records are not found by `patiant`; did you mean `patient`?");
  EXPECT_EQ(fault({{"colour", "red"}}), "records are not found by `colour`");
  EXPECT_EQ(
      fault({{"kind", "overide_use"}}),
      "`kind` may not be `overide_use`: it is no kind of event; did you mean `override_use`?");
  EXPECT_EQ(fault({{"outcome", "ok"}}), "`outcome` may not be `ok`: it is no outcome");
  EXPECT_TRUE(fault({{"from", "yesterday"}}).contains("it is no time"));
  EXPECT_TRUE(fault({{"to", ""}}).contains("it is no time"));
  EXPECT_TRUE(fault({{"order", "random"}}).contains("`newest` or `oldest`"));
  EXPECT_TRUE(fault({{"patient", "a"}, {"patient", "b"}}).contains("comes twice"));
  EXPECT_TRUE(fault({{"from", "2026-11-22"}, {"to", "2026-11-22"}}).contains("is not before"));
}

TEST(QueryText, refuses_what_names_nobody) {
  for (const char* name : {"patient", "device", "caller", "decision"}) {
    EXPECT_TRUE(fault({{name, ""}}).contains("is empty")) << name;
  }
  for (const char* text :
       {"", "ann", "::ann", "User::", "User::\"\"", "User::\"ann", "\"ann\"", "User::\"a\"b\""}) {
    EXPECT_TRUE(fault({{"principal", text}}).contains("write `User::ann`")) << text;
    EXPECT_TRUE(fault({{"affected", text}}).contains("write `User::ann`")) << text;
  }
  // Quoted, an id may be anything.
  EXPECT_EQ(read_named_subject("User::\"a::b\"")->id, "a::b");
}

TEST(QueryText, refuses_numbers_that_are_none) {
  for (const char* text :
       {"", "0", "-1", "1001", "ten", "1 ", "0x1", "1e3", "18446744073709551616"}) {
    EXPECT_TRUE(fault({{"limit", text}}).contains("a number from 1 to 1000")) << text;
  }
  for (const char* text : {"", "-1", "last", "9223372036854775808"}) {
    EXPECT_TRUE(fault({{"after", text}}).contains("a number from 0")) << text;
  }
}

}  // namespace
}  // namespace wardlock::audit
