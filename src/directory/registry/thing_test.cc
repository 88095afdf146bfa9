#include <fmt/format.h>
#include <gtest/gtest.h>

#include "directory/registry/hospital_for_test.h"

namespace wardlock::directory {
namespace {

class ThingTest : public HospitalForTest {};
WARDLOCK_ON_EACH_DATABASE(ThingTest);

TEST_P(ThingTest, IsThereOnceItIsEntered) {
  const Thing entered = person("grey", R"(,"displayName":"Dr. Ada Grey")");
  const Thing found = find(entered.id);
  EXPECT_EQ(found.kind, Kind::kPerson);
  EXPECT_EQ(found.state, "active");
  EXPECT_EQ(found.version, 1U);
  EXPECT_EQ(found.created_ms, now_);
  EXPECT_EQ(found.document, entered.document);
  EXPECT_EQ(found.id.size(), 36U);
  EXPECT_EQ(found.id[14], '7') << "RFC 9562: version 7";
  const auto named = registry_->find_by_identifier("st-mary", "userName", "grey");
  ASSERT_TRUE(named);
  EXPECT_EQ(named->id, entered.id);
}

TEST_P(ThingTest, HasADocumentThatFits) {
  const Error error = refused([](Edit& edit) -> Result<void> {
    TRY_VOID(edit.create(Kind::kPerson, json(R"({"title":7})")));
    return {};
  });
  EXPECT_EQ(error.code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(error.message.contains("`title` must be a text")) << error.message;
  EXPECT_TRUE(error.message.contains("`userName` is missing")) << error.message;
  EXPECT_TRUE(feed().empty() && events().empty()) << "nothing was changed";
}

TEST_P(ThingTest, BeginsInAFirstState) {
  EXPECT_EQ(create(Kind::kPerson, R"({"userName":"a"})").state, "invited");
  const Error error = refused([](Edit& edit) -> Result<void> {
    TRY_VOID(edit.create(Kind::kPerson, json(R"({"userName":"b"})"), "left"));
    return {};
  });
  EXPECT_EQ(error.message,
            "`left` is no state in which people are entered; they begin as `invited`");
}

TEST_P(ThingTest, ChangesByVersion) {
  const Thing before = person("grey", R"(,"title":"a")");
  now_ += 1000;
  const std::uint64_t first = *registry_->revision();
  const std::uint64_t second = write([&](Edit& edit) -> Result<void> {
    const Thing after = TRY(edit.change(before.id, 1, json(R"({"userName":"grey","title":"b"})")));
    EXPECT_EQ(after.version, 2U);
    return {};
  });
  EXPECT_EQ(second, first + 1);
  EXPECT_EQ(find(before.id).changed_ms, now_);
  EXPECT_EQ(find(before.id).created_ms, now_ - 1000);
  const Error error = refused([&](Edit& edit) -> Result<void> {
    TRY_VOID(edit.change(before.id, 1, json(R"({"userName":"grey"})")));
    return {};
  });
  EXPECT_EQ(error.code, ErrorCode::kAborted);
  EXPECT_TRUE(error.message.contains("has version 2, not 1")) << error.message;
  EXPECT_EQ(find(before.id).version, 2U);
}

TEST_P(ThingTest, WhatStaysTheSameIsNoChange) {
  const Thing before = person("grey");
  const std::uint64_t revision = write([&](Edit& edit) -> Result<void> {
    TRY_VOID(edit.change(before.id, std::nullopt, json(R"({"userName":"grey","title":null})")));
    TRY_VOID(edit.set_state(before.id, std::nullopt, "active"));
    return {};
  });
  EXPECT_EQ(revision, 1U);
  EXPECT_EQ(find(before.id).version, 1U);
  EXPECT_EQ(feed().size(), 1U);
}

TEST_P(ThingTest, WhatIsImmutableStays) {
  const Thing pump = device(device_model(organisation("meridian")), "IP-7");
  const Error error = refused([&](Edit& edit) -> Result<void> {
    boost::json::object changed = pump.document.json();
    changed["serialNumber"] = "IP-8";
    TRY_VOID(edit.change(pump.id, std::nullopt, changed));
    return {};
  });
  EXPECT_EQ(error.message, "`serialNumber` stays as it was first given");
}

TEST_P(ThingTest, IdentifiersAreNeverReused) {
  const Thing first = person("grey", R"(,"emails":[{"value":"grey@st-mary.example"}])");
  const auto take = [&](std::string_view document) {
    return refused([&](Edit& edit) -> Result<void> {
      TRY_VOID(edit.create(Kind::kPerson, json(document)));
      return {};
    });
  };
  const Error error = take(R"({"userName":"grey"})");
  EXPECT_EQ(error.code, ErrorCode::kAlreadyExists);
  EXPECT_TRUE(error.message.starts_with("`userName` is or was another one's")) << error.message;
  // Not when the first has another name …
  write([&](Edit& edit) -> Result<void> {
    TRY_VOID(edit.change(first.id, std::nullopt, json(R"({"userName":"ada"})")));
    return {};
  });
  EXPECT_EQ(take(R"({"userName":"grey"})").code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(registry_->find_by_identifier("st-mary", "userName", "grey").error().code,
            ErrorCode::kNotFound);
  // … who may have the old one back …
  write([&](Edit& edit) -> Result<void> {
    TRY_VOID(edit.change(first.id, std::nullopt, json(R"({"userName":"grey"})")));
    return {};
  });
  // … nor when the first is gone.
  write([&](Edit& edit) { return edit.remove(first.id, std::nullopt); });
  EXPECT_EQ(take(R"({"userName":"grey"})").code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(take(R"({"userName":"x","emails":[{"value":"grey@st-mary.example"}]})").code,
            ErrorCode::kAlreadyExists);
}

TEST_P(ThingTest, SerialNumbersAreTheirModels) {
  const Thing maker = organisation("meridian");
  const Thing p4 = device_model(maker);
  const Thing p5 = device_model(maker, "P5");
  device(p4, "IP-7");
  device(p5, "IP-7");
  const Error error = refused([&](Edit& edit) -> Result<void> {
    TRY_VOID(
        edit.create(Kind::kDevice, json(R"({"serialNumber":"IP-7","model":")" + p4.id + "\"}")));
    return {};
  });
  EXPECT_EQ(error.code, ErrorCode::kAlreadyExists);
}

TEST_P(ThingTest, WhatWasRemovedIsNotThere) {
  const Thing grey = person("grey");
  write([&](Edit& edit) { return edit.remove(grey.id, 1); });
  EXPECT_EQ(registry_->find("st-mary", grey.id).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(registry_->find_by_identifier("st-mary", "userName", "grey").error().code,
            ErrorCode::kNotFound);
  EXPECT_TRUE(names({}).empty());
  EXPECT_EQ(refused([&](Edit& edit) { return edit.remove(grey.id, std::nullopt); }).code,
            ErrorCode::kNotFound);
  EXPECT_EQ(storage::number(*store_, "SELECT count(*) FROM attribute"), 0);
  EXPECT_EQ(storage::text(*store_, "SELECT document FROM thing"), "{}");
}

TEST_P(ThingTest, AModelStaysWhileThereAreDevicesOfIt) {
  const Thing model = device_model(organisation("meridian"));
  const Thing pump = device(model, "IP-7");
  const auto remove_model = [&](Edit& edit) { return edit.remove(model.id, std::nullopt); };
  EXPECT_EQ(refused(remove_model).code, ErrorCode::kFailedPrecondition);
  write([&](Edit& edit) { return edit.remove(pump.id, std::nullopt); });
  write(remove_model);
}

TEST_P(ThingTest, WhatWasReferredToMayGoAndStandsAgainstNoOtherChange) {
  const Thing boss = person("boss");
  const std::string manager = fmt::format(R"(,"manager":"{}")", boss.id);
  const Thing grey = person("grey", manager);
  const Thing webber = person("webber");
  write([&](Edit& edit) { return edit.remove(boss.id, std::nullopt); });
  write([&](Edit& edit) -> Result<void> {
    TRY(edit.change(grey.id, std::nullopt,
                    json(R"({"userName":"grey","title":"chief")" + manager + "}")));
    return {};
  });
  EXPECT_EQ(find(grey.id).version, 2U);
  const Error error = refused([&](Edit& edit) -> Result<void> {
    TRY(edit.change(webber.id, std::nullopt, json(R"({"userName":"webber")" + manager + "}")));
    return {};
  });
  EXPECT_EQ(error.code, ErrorCode::kInvalidArgument) << error.message;
}

TEST_P(ThingTest, ReferencesAreToWhatCanBeMeant) {
  const Thing grey = person("grey");
  const Thing nobody = person("nobody");
  write([&](Edit& edit) { return edit.remove(nobody.id, std::nullopt); });
  const auto refer = [&](const std::string& id) {
    return refused([&](Edit& edit) -> Result<void> {
      TRY_VOID(edit.change(grey.id, std::nullopt,
                           json(R"({"userName":"grey","manager":")" + id + "\"}")));
      return {};
    });
  };
  for (const std::string& id :
       {role("Physician").id, nobody.id, std::string("018f8a6e-5c1d-7b3a-9e2f-0a1b2c3d4e5f")}) {
    const Error error = refer(id);
    EXPECT_EQ(error.code, ErrorCode::kInvalidArgument);
    EXPECT_TRUE(error.message.starts_with("`manager` is `" + id)) << error.message;
  }
}

TEST_P(ThingTest, PartsAreNotPartOfThemselves) {
  const Thing top = organisation("top");
  const Thing middle = organisation("middle", R"(,"parent":")" + top.id + "\"");
  const Thing below = organisation("below", R"(,"parent":")" + middle.id + "\"");
  for (const Thing& parent : {top, middle, below}) {
    const Error error = refused([&](Edit& edit) -> Result<void> {
      boost::json::object changed = top.document.json();
      changed["parent"] = parent.id;
      TRY_VOID(edit.change(top.id, std::nullopt, changed));
      return {};
    });
    EXPECT_TRUE(error.message.starts_with("`parent` would make a circle")) << error.message;
  }
}

TEST_P(ThingTest, TenantsDoNotSeeEachOther) {
  const Thing grey = person("grey");
  const Thing boss = person("boss");
  mandate_.tenant = "st-luke";
  EXPECT_EQ(registry_->find("st-luke", grey.id).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(registry_->find_by_identifier("st-luke", "userName", "grey").error().code,
            ErrorCode::kNotFound);
  EXPECT_TRUE(names({}).empty());
  const auto codes = {
      refused([&](Edit& edit) { return edit.remove(grey.id, std::nullopt); }).code,
      refused([&](Edit& edit) -> Result<void> {
        TRY_VOID(edit.change(grey.id, std::nullopt, json(R"({"userName":"x"})")));
        return {};
      }).code,
      refused([&](Edit& edit) -> Result<void> {
        TRY_VOID(edit.set_state(grey.id, std::nullopt, "left"));
        return {};
      }).code,
  };
  for (const ErrorCode code : codes) EXPECT_EQ(code, ErrorCode::kNotFound);
  const Error error = refused([&](Edit& edit) -> Result<void> {
    TRY_VOID(edit.create(Kind::kPerson, json(R"({"userName":"x","manager":")" + boss.id + "\"}")));
    return {};
  });
  EXPECT_TRUE(error.message.starts_with("`manager` is")) << error.message;
  const Thing other = person("grey");
  EXPECT_NE(other.id, grey.id) << "another hospital's names are free";
}

TEST_P(ThingTest, LivesAsItMay) {
  const Thing grey = create(Kind::kPerson, R"({"userName":"grey"})");
  const auto go = [&](std::string_view state) {
    return registry_->write(mandate_, [&](Edit& edit) -> Result<void> {
      TRY_VOID(edit.set_state(grey.id, std::nullopt, state));
      return {};
    });
  };
  EXPECT_EQ(go("suspended").error().message,
            "what is `invited` does not become `suspended`; it may become `active`, `left`");
  EXPECT_EQ(go("gone").error().message, "`gone` is no state of people");
  EXPECT_EQ(go("removed").error().code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(go("active"));
  EXPECT_TRUE(go("suspended"));
  EXPECT_TRUE(go("left"));
  EXPECT_EQ(go("active").error().code, ErrorCode::kFailedPrecondition);
  EXPECT_TRUE(go("invited"));
  EXPECT_EQ(find(grey.id).version, 5U);
}

TEST_P(ThingTest, SomebodyAnswersForAService) {
  const Thing service =
      create(Kind::kService, R"({"clientId":"s","displayName":"S","purpose":"updates"})");
  const auto start = [&](Edit& edit) -> Result<void> {
    TRY_VOID(edit.set_state(service.id, std::nullopt, "active"));
    return {};
  };
  EXPECT_EQ(refused(start).message,
            "nobody answers for it: give it an owner before it becomes `active`");
  const Thing grey = person("grey");
  relate({.relation = Relation::kOwner,
          .subject = service.id,
          .object = grey.id,
          .from_ms = now_ + 1000});
  EXPECT_EQ(refused(start).code, ErrorCode::kFailedPrecondition) << "not yet";
  now_ += 1000;
  write(start);
  EXPECT_EQ(find(service.id).state, "active");
}

TEST_P(ThingTest, ChangesHappenTogetherOrNotAtAll) {
  const Thing grey = person("grey");
  const Error error = refused([&](Edit& edit) -> Result<void> {
    TRY_VOID(edit.create(Kind::kPerson, json(R"({"userName":"new"})")));
    TRY_VOID(edit.set_state(grey.id, std::nullopt, "left"));
    TRY_VOID(edit.create(Kind::kPerson, json(R"({"userName":"grey"})")));
    return {};
  });
  EXPECT_EQ(error.code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(find(grey.id).state, "active");
  EXPECT_EQ(names({}), std::vector<std::string>{"grey"});
  EXPECT_EQ(feed().size(), 1U);
  EXPECT_EQ(events().size(), 1U);
  EXPECT_EQ(*registry_->revision(), 1U);
}

TEST_P(ThingTest, SomeAreFoundWithoutLookingThroughAll) {
  constexpr std::size_t kSome = 64;
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < kSome; ++i) ids.push_back(person(fmt::format("p{}", i)).id);
  storage::write(*store_,
                 "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000) "
                 "INSERT INTO thing (id, tenant, kind, state, version, created_ms, changed_ms, "
                 "document) SELECT 'x' || i, 'st-mary', 'person', 'active', 1, 0, 0, '{}' FROM n");
  if (is_postgresql()) return;  // what it uses is its server's processor time
  EXPECT_TRUE(registry_->find_all("elsewhere", ids)->empty());  // connects
  const auto together = used_by([&] {
    const auto found = registry_->find_all("st-mary", ids);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->size(), kSome);
  });
  const auto one_by_one = used_by([&] {
    for (const std::string& id : ids) EXPECT_TRUE(registry_->find("st-mary", id));
  });
  EXPECT_LT(together, one_by_one);
}

TEST_P(ThingTest, SomebodyMakesEachChange) {
  const Mandate full = mandate_;
  const auto nothing = [](Edit&) -> Result<void> { return {}; };
  for (std::string Mandate::* text : {&Mandate::tenant, &Mandate::actor_type, &Mandate::actor_id}) {
    mandate_ = full;
    (mandate_.*text).clear();
    EXPECT_EQ(refused(nothing).code, ErrorCode::kInvalidArgument);
  }
  mandate_ = full;
  mandate_.reason = std::string(5000, 'x');
  EXPECT_EQ(refused([](Edit& edit) -> Result<void> {
              TRY_VOID(edit.create(Kind::kRole, json(R"({"displayName":"A"})")));
              return {};
            }).code,
            ErrorCode::kInvalidArgument)
      << "what cannot be recorded is not done";
  EXPECT_TRUE(names({}, Kind::kRole).empty());
}

}  // namespace
}  // namespace wardlock::directory
