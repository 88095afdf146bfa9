#include "directory/lifecycle/review_for_test.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace wardlock::directory {
namespace {

std::string name_in(const std::string& id, const ReviewPage& page) {
  const auto thing = std::ranges::find(page.things, id, &Thing::id);
  EXPECT_NE(thing, page.things.end()) << id;
  if (thing == page.things.end()) return id;
  for (const char* attribute : {"userName", "clientId", "serialNumber", "code", "displayName"}) {
    const auto* const value = thing->document.json().if_contains(attribute);
    if (value != nullptr) return std::string(value->get_string());
  }
  return id;
}

}  // namespace

ReviewForTest::ReviewForTest()
    : hospital_(organisation("st-mary")),
      maker_(create(Kind::kOrganisation,
                    R"({"displayName":"M","organisationType":"manufacturer","code":"m"})")) {}

std::string ReviewForTest::text_of(const Finding& finding, const ReviewPage& page) const {
  std::string text = fmt::format("{} {}", finding.kind->name, name_in(finding.thing, page));
  if (!finding.other.empty()) text += " " + name_in(finding.other, page);
  return text + fmt::format(" at {}d", (finding.moment_ms - begin_) / kDay);
}

std::vector<std::string> ReviewForTest::all(std::size_t count) {
  std::vector<std::string> lines;
  ReviewQuery query = query_;
  query.count = count;
  do {
    const auto page = review(*registry_, mandate_.tenant, rules_, query, now_);
    EXPECT_TRUE(page) << page.error().message;
    if (!page) break;
    for (const Finding& each : page->findings) lines.push_back(text_of(each, *page));
    query.cursor = page->next;
  } while (!query.cursor.empty());
  return lines;
}

std::vector<std::string> ReviewForTest::of_kind(std::string_view kind) {
  query_.kinds = {find_finding_kind(kind)};
  std::vector<std::string> lines = all();
  query_ = whole_review();
  return lines;
}

std::vector<std::string> ReviewForTest::counts() {
  std::vector<std::string> lines;
  const auto counted = count_findings(*registry_, mandate_.tenant, rules_, query_, now_);
  EXPECT_TRUE(counted) << counted.error().message;
  for (const auto& [kind, count] : *counted) {
    if (count > 0) lines.push_back(fmt::format("{} {}", kind->name, count));
  }
  return lines;
}

Thing ReviewForTest::service(const std::string& name, const Thing* owner, const std::string& more) {
  const Thing made = create(
      Kind::kService,
      fmt::format(R"({{"clientId":"{0}","displayName":"{0}","purpose":"works"{1}}})", name, more));
  relate({.relation = Relation::kOwner,
          .subject = made.id,
          .object = owner == nullptr ? person("owner-of-" + name).id : owner->id});
  go(made, "active");
  return made;
}

Thing ReviewForTest::control_plane_role(const std::string& name) {
  const auto found = registry_->find_by_identifier(mandate_.tenant, "role.displayName",
                                                   std::string(kControlPlanePrefix) + name);
  EXPECT_TRUE(found) << name;
  return *found;
}

KeptRelation ReviewForTest::assign(const Thing& subject, const Thing& role, const Thing* place,
                                   std::optional<std::int64_t> until) {
  NewRelation wanted{
      .relation = Relation::kRoleAssignment, .subject = subject.id, .object = role.id};
  if (place != nullptr) wanted.scope = place->id;
  wanted.until_ms = until;
  return relate(wanted);
}

KeptRelation ReviewForTest::employ(const Thing& person, const std::string& type,
                                   const Thing* place) {
  NewRelation wanted{
      .relation = Relation::kEmployment, .subject = person.id, .object = hospital_.id};
  // Two employments at one place would be the same twice.
  if (place == nullptr && type == "student") wanted.object = maker_.id;
  if (place != nullptr) wanted.scope = place->id;
  wanted.attributes = json(R"({"employmentType":")" + type + "\"}");
  return relate(wanted);
}

Credential ReviewForTest::issue(const Thing& holder, int days) {
  std::optional<Credential> made;
  write([&](Edit& edit) -> Result<void> {
    made = TRY(edit.issue_credential({.thing = holder.id,
                                      .hash = fmt::format("sha256:{:064x}", ++issued_),
                                      .expires_ms = now_ + days * kDay}));
    return {};
  });
  return *made;
}

void ReviewForTest::end(const KeptRelation& relation) {
  write([&](Edit& edit) { return edit.end(relation.id); });
}

void ReviewForTest::go(const Thing& thing, std::string_view state) {
  write([&](Edit& edit) -> Result<void> {
    TRY_VOID(edit.set_state(thing.id, std::nullopt, state));
    return {};
  });
}

void ReviewForTest::change(const Thing& thing, std::string_view document) {
  write([&](Edit& edit) -> Result<void> {
    TRY_VOID(edit.change(thing.id, std::nullopt, json(document)));
    return {};
  });
}

std::string ReviewForTest::until(std::int64_t time_ms) {
  return R"(,"contractUntil":")" + to_time_text(time_ms) + '"';
}
std::string ReviewForTest::rotate_before(std::int64_t time_ms) {
  return R"(,"rotateBefore":")" + to_time_text(time_ms) + '"';
}

}  // namespace wardlock::directory
