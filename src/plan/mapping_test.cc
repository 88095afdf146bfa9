#include "plan/mapping.h"

#include <gtest/gtest.h>

namespace wardlock::plan {
namespace {

constexpr std::string_view kSchema = R"(
  entity Ward in [Ward];
  entity User = { name: String, at: datetime, address: ipaddr } tags Long;
  entity Chart in [Ward] = {
    title: String, team: Set<User>, size: { width: Long }, extra?: Set<String>,
  };
)";

class MappingTest : public testing::Test {
 protected:
  MappingTest() : schema_(std::move(*cedar::parse_schema(kSchema))) {}

  Parsed<Mapping> parse(std::string_view text) { return parse_mapping(text, schema_); }

  /// The first finding, with its line.
  std::string fault(std::string_view text) {
    const auto mapping = parse(text);
    if (mapping) return "none";
    const Diagnostic& first = mapping.error().front();
    return std::to_string(position_at(text, first.span.begin).line) + ": " + first.message;
  }
  std::string fault_in_chart(const std::string& rest) {
    return fault("types: {Chart: {table: charts, id: id, " + rest + "}}");
  }

  cedar::Schema schema_;
};

TEST_F(MappingTest, ReadsYamlAndJson) {
  constexpr std::string_view kYaml = R"(
types:
  User: {table: [staff, people], id: uid, attributes: {at: {column: since, as: timestamptz}},
         tags: {table: tags, owner: who, key: k, value: v}}
  Chart:
    table: charts
    id: chart id
    attributes:
      title: title
      team: {table: teams, owner: chart, member: person}
      size: {record: {width: w}}
    parents:
      - {type: Ward, column: ward}
      - {type: Ward, table: places, child: chart, parent: ward}
)";
  const auto mapping = parse(kYaml);
  ASSERT_TRUE(mapping);
  const EntityTable* chart = mapping->find("Chart");
  ASSERT_NE(chart, nullptr);
  EXPECT_EQ(chart->id, "chart id");
  EXPECT_EQ(chart->attributes.at("team").members.member.name, "person");
  EXPECT_EQ(chart->attributes.at("size").fields.at("width").column.name, "w");
  EXPECT_EQ(chart->parents.size(), 2u);
  const EntityTable* user = mapping->find("User");
  EXPECT_EQ(user->table.schema, "staff");
  EXPECT_EQ(user->attributes.at("at").column.time, TimeForm::kTimestamptz);
  EXPECT_EQ(user->tags->value.name, "v");
  EXPECT_EQ(mapping->find("Ward"), nullptr);
  EXPECT_TRUE(parse(R"({"types": {"User": {"table": "users", "id": "id"}}})"));
}

TEST_F(MappingTest, SaysWhatIsUnknown) {
  EXPECT_EQ(fault("typs: {}"), "1: unknown key `typs`; did you mean `types`?");
  EXPECT_EQ(fault("types:\n  Chrt: {table: t, id: i}"),
            "2: the schema has no entity type `Chrt`; did you mean `Chart`?");
  EXPECT_EQ(fault_in_chart("attributes: {titel: t}"),
            "1: `Chart` has no attribute `titel`; did you mean `title`?");
  EXPECT_EQ(fault_in_chart("attributes: {size: {record: {widht: w}}}"),
            "1: the record `size` has no attribute `widht`; did you mean `width`?");
  EXPECT_EQ(fault_in_chart("parents: [{type: User, column: c}]"), "1: `Chart` cannot be in `User`");
  EXPECT_EQ(fault_in_chart("tags: {}"), "1: `Chart` has no tags");
  EXPECT_EQ(fault_in_chart("parent: []"), "1: unknown key `parent`; did you mean `parents`?");
}

TEST_F(MappingTest, SaysWhatIsMissingOrOfTheWrongKind) {
  EXPECT_EQ(fault("types: {Chart: {table: t}}"), "1: `id` is missing");
  EXPECT_EQ(fault("types: [Chart]"), "1: `types` must be a map, each entry as `name: value`");
  EXPECT_EQ(fault("types: {Chart: {table: [a, b, c], id: i}}"),
            "1: `table` must be a name, or a list: the schema and the name");
  EXPECT_EQ(fault_in_chart("attributes: {team: team}"), "1: a set needs a table of its members");
  EXPECT_EQ(fault_in_chart("attributes: {size: size}"),
            "1: a record needs its attributes mapped one by one");
  EXPECT_EQ(fault_in_chart("attributes: {title: {column: t, as: epoch_ms}}"),
            "1: `as` is for datetimes; this is a string");
  EXPECT_EQ(fault_in_chart("attributes: {extra: {table: t, owner: o, member: m}}"),
            "1: `extra` is optional: a table of members cannot tell an empty set from none");
  EXPECT_EQ(fault_in_chart("parents: [{type: Ward, table: t}]"),
            "1: say where the parents are: `column`, or `table`, `child` and `parent`");
  EXPECT_EQ(fault_in_chart("parents: [{type: Ward, column: c, table: t}]"),
            "1: say where the parents are: `column`, or `table`, `child` and `parent`");
  EXPECT_EQ(fault("types: {User: {table: t, id: i, attributes: {address: a}}}"),
            "1: an ipaddr cannot be asked in SQL; leave it out");
  EXPECT_EQ(fault("types: {User: {table: t, id: i, attributes: {at: {column: c, as: text}}}}"),
            "1: `as` must be `epoch_ms` or `timestamptz`");
}

TEST_F(MappingTest, NamesAreOnesADatabaseCanHave) {
  EXPECT_EQ(fault("types: {Chart: {table: \"\", id: i}}"), "1: `table` must be a name");
  EXPECT_TRUE(fault("types: {Chart: {table: \"a\\nb\", id: i}}").contains("control characters"));
  EXPECT_TRUE(fault("types: {Chart: {table: " + std::string(64, 'x') + ", id: i}}")
                  .contains("at most 63 bytes"));
  EXPECT_EQ(fault("types: {Chart: {table: \"a\\\"; DROP TABLE x; --\", id: i}}"), "none");
}

}  // namespace
}  // namespace wardlock::plan
