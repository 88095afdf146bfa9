#include "directory/feed/seen_for_test.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "cedar/entities/entities_json.h"

namespace wardlock::directory {
namespace {

constexpr std::string_view kSchemaText = R"(
entity Hospital = { name: String, supportNetwork?: ipaddr, dayBegins?: duration };
entity Ward in [Hospital] = { name: String };
entity Role in [Role];
entity Team in [Role];
entity User in [Role, Ward, Hospital, Team] = {
  name?: String, hospital?: Hospital, ward?: Ward, employer?: Manufacturer,
  mayDose?: Bool, contractUntil?: datetime,
  scopedRoles?: Set<{ role: Role, scope: Ward }>,
} tags { until: datetime, reason: String };
entity Manufacturer = { name: String };
entity Patient in [Ward] = {
  recordNumber: String, careTeam: Set<User>, isConfidential: Bool,
  consent?: { research: Bool },
};
entity Pump in [Ward, Hospital, Patient] = {
  serial: String, model: String, manufacturer: Manufacturer, inService: Bool,
  hospital?: Hospital, patient?: Patient, maxRate?: Long,
};
entity Scanner in [Ward] = { serial: String };
entity Service in [Hospital] = { hospital?: Hospital };
entity LabReport in [Patient];
action view appliesTo { principal: User, resource: Patient };
)";

std::string text_of(cedar::EntityFields fields) {
  std::vector<std::string> parts;
  for (const cedar::Field& field : fields) {
    parts.push_back(fmt::format("{}: {}", field.name, cedar::to_text(field.value)));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string text_of(const cedar::Entity& entity) {
  std::vector<std::string> parents;
  for (const cedar::EntityUid* parent : entity.parents()) {
    parents.push_back(cedar::to_text(*parent));
  }
  std::ranges::sort(parents);
  std::string text = fmt::format("{} {{{}}} in [{}]", cedar::to_text(*entity.uid()),
                                 text_of(entity.attributes()), fmt::join(parents, ", "));
  if (!entity.tags().empty()) text += fmt::format(" tags {{{}}}", text_of(entity.tags()));
  return text;
}

}  // namespace

SeenForTest::SeenForTest() : schema_text_(kSchemaText) {}

std::shared_ptr<const cedar::Schema> SeenForTest::schema() const {
  auto parsed = cedar::parse_schema(schema_text_);
  EXPECT_TRUE(parsed) << "the schema of the test";
  return std::make_shared<const cedar::Schema>(std::move(*parsed));
}

cedar::EntityStore SeenForTest::file() const {
  const auto schema = this->schema();
  auto store = cedar::entities_from_json(json(file_), schema.get());
  EXPECT_TRUE(store) << (store ? "" : store.error().message);
  return *std::move(store);
}

FeedOptions SeenForTest::options() const {
  return {.tenant = mandate_.tenant,
          .known_by = known_by_,
          .schema = schema(),
          .grants = grants_from_,
          .are_told = are_told_};
}

void SeenForTest::load() {
  auto feed = Feed::load(*store_, options(), file(), now_);
  ASSERT_TRUE(feed) << feed.error().message;
  feed_ = *std::move(feed);
}

bool SeenForTest::follow() {
  const auto followed = feed_->follow(now_);
  EXPECT_TRUE(followed) << followed.error().message;
  return followed && *followed;
}

std::string SeenForTest::seen(std::string_view type, std::string_view id) const {
  const cedar::EntityUid uid{type, id, cedar::hash_uid(type, id)};
  const cedar::Entity* entity = feed_->entities().find(uid);
  return entity == nullptr ? "" : text_of(*entity);
}

std::string SeenForTest::why_hidden(const Thing& thing) const {
  const auto explained = feed_->explain(thing.id, now_);
  if (!explained) return explained.error().message;
  EXPECT_EQ(explained->entity.empty(), !explained->why.empty());
  return explained->why;
}

void SeenForTest::expect_like_fresh() {
  const auto fresh = Feed::load(*store_, options(), file(), now_);
  ASSERT_TRUE(fresh) << fresh.error().message;
  const auto all = [](const Feed& feed) {
    std::vector<std::string> texts;
    for (const cedar::Entity* entity : feed.entities().entities()) {
      texts.push_back(text_of(*entity));
    }
    return texts;
  };
  EXPECT_EQ(all(*feed_), all(**fresh));
  EXPECT_EQ(feed_->hidden(), (*fresh)->hidden());
  EXPECT_EQ(feed_->shown_count(), (*fresh)->shown_count());
  EXPECT_EQ(feed_->revision(), (*fresh)->revision());
}

Thing SeenForTest::user(const std::string& id, const std::string& more) {
  return person("login-" + id, R"(,"entityId":")" + id + "\"" + more);
}

Thing SeenForTest::patient_known_as(const std::string& id, const std::string& more) {
  return create(Kind::kPatient, R"({"recordNumber":"MR-)" + id + R"(","entityId":")" + id +
                                    R"(","isConfidential":false)" + more + "}");
}

KeptRelation SeenForTest::assign(const Thing& subject, const Thing& role) {
  return relate({.relation = Relation::kRoleAssignment, .subject = subject.id, .object = role.id});
}

KeptRelation SeenForTest::care(const Thing& person, const Thing& patient, const std::string& type,
                               std::optional<std::int64_t> until) {
  return relate({.relation = Relation::kCare,
                 .subject = person.id,
                 .object = patient.id,
                 .until_ms = until,
                 .attributes = json(R"({"careType":")" + type + "\"}")});
}

void SeenForTest::end(const KeptRelation& relation) {
  write([&](Edit& edit) { return edit.end(relation.id); });
}

void SeenForTest::set_state(const Thing& thing, std::string_view state) {
  write([&](Edit& edit) -> Result<void> {
    TRY_VOID(edit.set_state(thing.id, std::nullopt, state));
    return {};
  });
}

void SeenForTest::change(const Thing& thing, std::string_view document) {
  write([&](Edit& edit) -> Result<void> {
    TRY_VOID(edit.change(thing.id, std::nullopt, json(document)));
    return {};
  });
}

}  // namespace wardlock::directory
