#include "plan/sql_statement.h"

#include <gtest/gtest.h>

#include "cedar/entities/entities_json.h"
#include "cedar/parser/parser.h"

namespace wardlock::plan {
namespace {

constexpr std::string_view kSchema = R"(
  entity Ward;
  entity User = { address: ipaddr } tags Long;
  entity Folder in [Shelf];
  entity Shelf in [Folder];
  entity Chart in [Ward, Folder] = {
    owner: User, title: String, pages: Long, due?: datetime, size: { width: Long }, note?: String,
    hidden: Bool, labels: Set<String>,
  } tags String;
  action view appliesTo { principal: User, resource: Chart, context: { level: Long } };
)";

constexpr std::string_view kMapping = R"(types:
  Chart:
    table: charts
    id: id
    attributes: {owner: owner, title: title, pages: pages, size: {record: {width: w}}, due: due,
      labels: {table: labels, owner: chart, member: label}}
    tags: {table: tags, owner: chart, key: k, value: v}
    parents: [{type: Ward, column: ward}, {type: Folder, column: folder}]
  Folder: {table: folders, id: id, parents: [{type: Shelf, column: shelf}]}
  Shelf: {table: shelves, id: id, parents: [{type: Folder, column: folder}]}
)";

class SqlStatementTest : public testing::Test {
 protected:
  SqlStatementTest()
      : schema_(std::move(*cedar::parse_schema(kSchema))),
        mapping_(*parse_mapping(kMapping, schema_)),
        directory_(std::move(*cedar::entities_from_json(*codec::parse_json("[]"), &schema_))) {
    request_ = {{"User", uid("User", "ada")}, uid("Action", "view"), {"Chart"}, {}};
    std::array<cedar::Field, 1> fields = {{{"level", cedar::Value::integer(1)}}};
    request_.context = make_record(arena_, fields);
  }

  const cedar::EntityUid* uid(std::string_view type, std::string_view id) {
    return cedar::make_uid(arena_, type, id);
  }

  Result<SqlStatement> statement(std::string_view policies,
                                 SqlDialect dialect = SqlDialect::kSqlite) {
    set_ = std::move(*cedar::parse_policies(policies));
    const pdp::PartitionResult parts = pdp::partition(set_, pdp::Mode::kStrict, Severity::kError);
    const std::array<std::string_view, 3> open = {"Chart", "Folder", "Shelf"};
    const cedar::PartialEntities entities{directory_, cedar::PartialEntities::Others::kOfOpenTypes,
                                          open};
    const PlanQuestion question{.request = request_, .entities = entities};
    const auto plan = make_plan(schema_, parts.partition, question, arena_);
    return to_sql(*plan, schema_, question, {mapping_, dialect, directory_}, arena_);
  }
  Result<SqlStatement> where(const std::string& condition,
                             SqlDialect dialect = SqlDialect::kSqlite) {
    return statement("permit (principal, action, resource) when { " + condition + " };", dialect);
  }
  std::string fault(const std::string& condition, SqlDialect dialect = SqlDialect::kSqlite) {
    const auto made = where(condition, dialect);
    return made ? "none: " + made->text : made.error().message;
  }

  Arena arena_;
  cedar::Schema schema_;
  Mapping mapping_;
  cedar::EntityStore directory_;
  cedar::PolicySet set_;
  cedar::PartialRequest request_;
};

TEST_F(SqlStatementTest, ValuesAreParametersAndNamesAreQuoted) {
  const auto sqlite = where("resource.title == \"'; DROP TABLE charts; --\"");
  ASSERT_TRUE(sqlite) << sqlite.error().message;
  EXPECT_EQ(sqlite->text,
            "SELECT t0.\"id\" AS \"id\" FROM \"charts\" AS t0 WHERE (typeof(t0.\"title\") = 'text' "
            "AND t0.\"title\" = ?1 COLLATE BINARY) AND typeof(t0.\"id\") = 'text'");
  ASSERT_EQ(sqlite->parameters.size(), 1u);
  EXPECT_EQ(sqlite->parameters[0].as_string(), "'; DROP TABLE charts; --");
  const auto postgresql = where("resource.pages >= 3", SqlDialect::kPostgresql);
  ASSERT_TRUE(postgresql);
  EXPECT_EQ(postgresql->text,
            "SELECT t0.\"id\" AS \"id\" FROM \"charts\" AS t0 WHERE (t0.\"pages\" IS NOT NULL AND "
            "t0.\"pages\" >= $1::bigint)");
}

TEST_F(SqlStatementTest, WhatIsDecidedNeedsNoRows) {
  EXPECT_TRUE(where("true", SqlDialect::kPostgresql)->text.ends_with("WHERE TRUE"));
  EXPECT_TRUE(where("true")->text.ends_with("WHERE typeof(t0.\"id\") = 'text'"));
  EXPECT_TRUE(where("context.level == 2")->text.ends_with("WHERE FALSE"));
  EXPECT_TRUE(where("resource is Chart")->parameters.empty());
}

/// What errs neither permits nor lets a forbid pass.
TEST_F(SqlStatementTest, AbsentIsNeitherTrueNorFalse) {
  const auto made = statement(
      "permit (principal, action, resource); "
      "forbid (principal, action, resource) when { resource.pages == 1 };");
  ASSERT_TRUE(made);
  EXPECT_TRUE(
      made->text.contains("(typeof(t0.\"pages\") = 'integer' AND NOT (t0.\"pages\" = ?1)) AND"))
      << made->text;
}

/// What stands next to a column may be computed: the column is looked at all the same.
TEST_F(SqlStatementTest, ColumnsAreOfTheirTypeNextToWhatIsComputed) {
  for (const char* condition :
       {"resource.pages > resource.size.width + 1", "resource.size.width + 1 < resource.pages"}) {
    const std::string text = where(condition)->text;
    EXPECT_TRUE(text.contains("(CASE WHEN typeof(t0.\"pages\") = 'integer' THEN t0.\"pages\" END)"))
        << text;
  }
}

/// SQLite would find the integer 7 by the text '007'.
TEST_F(SqlStatementTest, LooksUpTextsOnly) {
  EXPECT_TRUE(where("Chart::\"007\".pages == 1")
                  ->text.contains("t1.\"id\" = ?1 COLLATE BINARY AND typeof(t1.\"id\") = 'text'"));
  EXPECT_TRUE(
      where("resource in Ward::\"007\"")->text.contains("(CASE WHEN typeof(t0.\"ward\") = 'text'"));
}

/// A set that is empty, or of values of several types, has no type of members.
TEST_F(SqlStatementTest, SetsWithoutATypeOfMembers) {
  EXPECT_EQ(fault("resource.labels == []"), "none: " + where("resource.labels.isEmpty()")->text);
  EXPECT_TRUE(
      fault("resource.labels.containsAll([])").ends_with("WHERE typeof(t0.\"id\") = 'text'"));
  for (const char* never :
       {"resource.labels.containsAny([])", "[].contains(resource.title)",
        "[].containsAny(resource.labels)", "resource in []", "[1, true].contains(resource.title)",
        "resource.labels.containsAll([{a: 1}, {a: 1, b: 2}])"}) {
    EXPECT_TRUE(fault(never).contains("WHERE FALSE")) << fault(never);
  }
}

/// Numbers of several kinds are one in SQL, and must not be mixed up there.
TEST_F(SqlStatementTest, WhatIsIllTypedErrs) {
  for (const char* ill_typed :
       {"resource.pages.toDays() >= 0", "resource.due + 1 < 3", "resource.pages < resource.due",
        "-resource.due == 1", "resource.pages.lessThan(decimal(\"1.0\"))"}) {
    EXPECT_TRUE(where(ill_typed)->text.ends_with("WHERE FALSE")) << ill_typed;
    EXPECT_TRUE(where(std::string("!(") + ill_typed + ")")->text.ends_with("WHERE FALSE"));
  }
}

TEST_F(SqlStatementTest, NamesThePolicyAndThePartThatCannotBeSaid) {
  EXPECT_EQ(
      fault("resource.pages > 1 && resource.note == \"x\""),
      "the policy `policy0`: `resource.note` cannot be said in SQL: the mapping has no `note`");
}

TEST_F(SqlStatementTest, RefusesWhatItCannotSay) {
  EXPECT_TRUE(fault("resource.note == \"x\"").contains("the mapping has no `note`"));
  EXPECT_TRUE(fault("resource.hidden").contains("the mapping has no `hidden`"));
  EXPECT_TRUE(fault("resource has note").contains("the mapping has no `note`"));
  EXPECT_TRUE(fault("ip(resource.title).isLoopback()").contains("SQL has no `ip`"));
  EXPECT_TRUE(
      fault("resource.size == {width: resource.pages}").contains("a record that the policy"));
  EXPECT_TRUE(fault("resource.title == \"a\\0b\"").contains("NUL"));
  EXPECT_TRUE(fault("resource.title like \"a\\0*\"").contains("NUL"));
  for (const char* nobody : {"Chart::\"\\0\".pages == 1", "Chart::\"\\0\" has due",
                             "Chart::\"\\0\" in Ward::\"w\"", "Chart::\"\\0\".hasTag(\"t\")"}) {
    EXPECT_TRUE(fault(nobody).contains("holds a NUL, which no database compares")) << fault(nobody);
  }
  EXPECT_TRUE(fault("resource in Shelf::\"s\"").contains("in a circle"));
  mapping_ = *parse_mapping(
      "types: {Chart: {table: c, id: i, attributes: {due: {column: d, as: timestamptz}}}}",
      schema_);
  EXPECT_TRUE(
      fault("resource.due < datetime(\"2024-01-01\")").contains("SQLite has no timestamptz"));
  EXPECT_TRUE(fault("resource in Ward::\"w\"").contains("under `parents`"));
  EXPECT_TRUE(fault("resource.due < datetime(\"2024-01-01\")", SqlDialect::kPostgresql)
                  .starts_with("none: SELECT"));
}

TEST_F(SqlStatementTest, AsksOneUnknown) {
  request_.principal.uid = nullptr;
  EXPECT_TRUE(fault("true").contains("give the principal, or the resource"));
  request_.resource.uid = uid("Chart", "c");
  EXPECT_EQ(fault("true"), "the mapping has no table for `User`");
  request_.principal.uid = uid("User", "ada");
  EXPECT_TRUE(fault("true").contains("decide instead"));
  request_.resource.uid = nullptr;
  request_.context.reset();
  EXPECT_TRUE(fault("context.level > 1").contains("the context is not known; give it"));
}

}  // namespace
}  // namespace wardlock::plan
