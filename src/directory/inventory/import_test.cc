#include "directory/inventory/import.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "directory/registry/hospital_for_test.h"

namespace wardlock::directory {
namespace {

/// Lets everything pass but one act, and counts what it was asked.
class CountingGate : public ImportGate {
 public:
  Result<void> check(Act act, Kind) override { return ask(act); }
  Result<void> check(Act act, const Thing&) override { return ask(act); }
  Result<void> check_state(const Thing&, std::string_view next) override {
    ++asked;
    if (forbidden_state == next) return fail(ErrorCode::kPermissionDenied, "you may not");
    return {};
  }
  Result<void> check(Act act, Relation, const Thing&, const Thing&) override { return ask(act); }

  Result<void> ask(Act act) {
    ++asked;
    if (forbidden == act) return fail(ErrorCode::kPermissionDenied, "you may not");
    return {};
  }

  std::optional<Act> forbidden;
  std::string forbidden_state;
  int asked = 0;
};

class ImportTest : public HospitalForTest {
 protected:
  Batch batch(std::string_view entries, bool is_dry_run = false) {
    Batch batch{.is_dry_run = is_dry_run};
    const codec::Json list = json(entries);
    for (const auto& entry : list.as_array()) batch.entries.push_back(read_entry(entry));
    return batch;
  }
  Result<BatchOutcome> try_import(const Batch& batch) {
    return import_batch(*registry_, mandate_, gate_, batch);
  }
  /// `effect` of each, with what differs or what is wrong.
  std::string import(std::string_view entries, bool is_dry_run = false) {
    const auto done = try_import(batch(entries, is_dry_run));
    if (!done) return "error: " + done.error().message;
    std::string out;
    for (const Outcome& outcome : done->outcomes) {
      out += fmt::format("{}{}", out.empty() ? "" : "\n", to_string(outcome.effect));
      for (const Difference& one : outcome.differences) {
        out += fmt::format(" {}:{}>{}", one.path, codec::to_json_text(one.before),
                           codec::to_json_text(one.after));
      }
      for (const Fault& fault : outcome.faults) {
        out += fmt::format(" {}{}{}", fault.path, fault.path.empty() ? "" : ": ", fault.message);
      }
    }
    return out;
  }
  Thing named(std::string_view type, std::string_view value) {
    return *registry_->find_by_identifier("st-mary", type, value);
  }

  CountingGate gate_;
};
WARDLOCK_ON_EACH_DATABASE(ImportTest);

constexpr std::string_view kPumps = R"([
  {"kind":"organisation","attributes":{"code":"meridian","displayName":"Meridian","organisationType":"manufacturer"}},
  {"kind":"organisation","attributes":{"code":"st-mary","displayName":"St. Mary","organisationType":"hospital"}},
  {"kind":"location","attributes":{"code":"icu","displayName":"ICU","locationType":"ward","organisation":"st-mary"}},
  {"kind":"deviceModel","attributes":{"manufacturer":"meridian","modelNumber":"MX-4","displayName":"MX-4"}},
  {"kind":"device","state":"commissioned","attributes":{"model":"meridian/MX-4","serialNumber":"SN-1","assetTag":"A-17"}},
  {"relation":"deviceLocation","subject":"device:A-17","object":"location:icu"}])";

TEST_P(ImportTest, EntersWhatIsNotThere) {
  EXPECT_EQ(import(kPumps),
            "created state:null>\"active\"\ncreated state:null>\"active\"\n"
            "created state:null>\"active\"\ncreated state:null>\"active\"\n"
            "created state:null>\"commissioned\"\ncreated");
  const Thing device = named("device.assetTag", "A-17");
  EXPECT_EQ(device.state, "commissioned");
  EXPECT_EQ(relations({.subject = device.id}).size(), 1U);
}

TEST_P(ImportTest, TwiceIsAsOnce) {
  import(kPumps);
  const std::size_t entries = feed().size();
  const int asked = gate_.asked;
  EXPECT_EQ(import(kPumps), "same\nsame\nsame\nsame\nsame\nsame");
  EXPECT_EQ(feed().size(), entries);
  EXPECT_EQ(gate_.asked, asked) << "what changes nothing is asked of nobody";
}

TEST_P(ImportTest, DryRunSaysTheSameAndLeavesNothing) {
  const std::string said = import(kPumps, true);
  EXPECT_TRUE(feed().empty() && events().empty());
  EXPECT_EQ(import(kPumps), said);
  EXPECT_EQ(try_import(batch(kPumps, true))->revision, std::nullopt);
}

TEST_P(ImportTest, ADryRunSeesWhatItEnteredItself) {
  constexpr std::string_view kGroups = R"([
    {"kind":"person","attributes":{"userName":"grey"}},
    {"kind":"group","attributes":{"displayName":"Physicians"}},
    {"relation":"membership","subject":"person:grey","object":"group:Physicians"},
    {"kind":"person","attributes":{"userName":"Grey","title":"Dr."}}])";
  const std::string said = import(kGroups, true);
  EXPECT_TRUE(said.starts_with("created")) << said;
  EXPECT_TRUE(said.ends_with("changed title:null>\"Dr.\"")) << said;
  EXPECT_EQ(import(kGroups), said);
  constexpr std::string_view kCircle = R"([
    {"kind":"organisation","attributes":{"code":"a","displayName":"A","organisationType":"other"}},
    {"kind":"organisation","attributes":{"code":"b","displayName":"B","organisationType":"other","parent":"a"}},
    {"kind":"organisation","attributes":{"code":"a","parent":"b"}}])";
  EXPECT_TRUE(import(kCircle, true).contains("would make a circle"));
}

TEST_P(ImportTest, KeepsWhatIsNotMentioned) {
  import(kPumps);
  EXPECT_EQ(import(R"([{"kind":"device","attributes":{"assetTag":"A-17","displayName":"Pump 17"}},
                       {"kind":"device","attributes":{"model":"meridian/MX-4","serialNumber":"SN-1",
                        "displayName":null,"assetTag":"A-18"}}])"),
            "changed displayName:null>\"Pump 17\"\n"
            "changed assetTag:\"A-17\">\"A-18\" displayName:\"Pump 17\">null");
  EXPECT_EQ(named("device.assetTag", "A-18").state, "commissioned");
}

TEST_P(ImportTest, OneOfManyRelationsCostsAsMuchAsOneOfFew) {
  const Thing grey = person("grey");
  const Thing alma = person("alma");
  write([&](Edit& edit) -> Result<void> {
    for (int i = 0; i < 1100; ++i) {
      const boost::json::object document{{"displayName", fmt::format("g{}", i)}};
      const Thing group = TRY(edit.create(Kind::kGroup, document));
      for (const Thing* who : {&grey, &alma}) {
        if (who == &alma && i >= 100) continue;
        TRY(edit.relate(
            {.relation = Relation::kMembership, .subject = who->id, .object = group.id}));
      }
    }
    return {};
  });
  const auto again = [&](std::string_view who) {
    std::string entries;
    for (int i = 0; i < 100; ++i) {
      entries +=
          fmt::format(R"({}{{"relation":"membership","subject":"person:{}","object":"group:g{}"}})",
                      i == 0 ? "[" : ",", who, i);
    }
    const std::string said = import(entries + "]");
    EXPECT_TRUE(said.starts_with("same\n") && !said.contains("created")) << said;
  };
  const auto of_few = used_by([&] { again("alma"); });
  const auto of_many = used_by([&] { again("grey"); });
  EXPECT_LT(of_many, 4 * of_few) << "all others are read for each";
}

TEST_P(ImportTest, GoesThroughTheStatesInBetween) {
  import(kPumps);
  EXPECT_EQ(
      import(R"([{"kind":"device","state":"manufactured","attributes":{"assetTag":"A-17"}}])"),
      "refused what is `commissioned` does not become `manufactured`");
  EXPECT_EQ(import(R"([{"kind":"device","state":"quarantined","attributes":{"model":"meridian/MX-4",
                        "serialNumber":"SN-2"}}])"),
            "created state:null>\"commissioned\" state:\"commissioned\">\"quarantined\"");
  EXPECT_EQ(import(R"([{"kind":"device","state":"retired","attributes":{"assetTag":"A-17"}}])"),
            "changed state:\"commissioned\">\"retired\"");
  EXPECT_EQ(import(R"([{"kind":"device","state":"inService","attributes":{"assetTag":"A-17"}}])"),
            "refused what is `retired` does not become `inService`");
}

TEST_P(ImportTest, SaysAllThatIsWrongAndDoesNothing) {
  EXPECT_EQ(import(R"([
    {"kind":"organisation","attributes":{"code":"ok","displayName":"Ok","organisationType":"other"}},
    {"kind":"device","attributes":{"model":"acme/X","serialNumber":"1"}},
    {"kind":"person","attributes":{"userName":"a","titel":"Dr","npi":"1"}},
    {"kind":"devise","attributes":{}},
    {"relation":"membership","subject":"person:b","object":"group:c"}])"),
            "created state:null>\"active\"\n"
            "refused `model` says: `deviceModel:acme/X` names nothing that is known\n"
            "refused `npi` is not a National Provider Identifier: this NPI has 1 digits (an "
            "NPI has 10); `titel` is no attribute of people; did you mean `title`?\n"
            "refused kind: is `devise`, which is no kind of things; did you mean `device`?\n"
            "refused `subject` says: `person:b` names nothing that is known; `object` says: "
            "`group:c` names nothing that is known");
  EXPECT_TRUE(feed().empty());
}

TEST_P(ImportTest, RefusesWhatNamesTwoThings) {
  import(kPumps);
  import(
      R"([{"kind":"device","attributes":{"model":"meridian/MX-4","serialNumber":"SN-2","assetTag":"A-2"}}])");
  const std::string said = import(
      R"([{"kind":"device","attributes":{"model":"meridian/MX-4","serialNumber":"SN-2","assetTag":"A-17"}}])");
  EXPECT_TRUE(
      said.starts_with("refused its attributes name two devices: `serialNumber` is that of"))
      << said;
}

TEST_P(ImportTest, DoesNotGiveAwayWhatWasAnothersOnce) {
  import(kPumps);
  import(
      R"([{"kind":"device","attributes":{"model":"meridian/MX-4","serialNumber":"SN-1","assetTag":"B"}}])");
  EXPECT_EQ(
      import(
          R"([{"kind":"device","attributes":{"model":"meridian/MX-4","serialNumber":"SN-9","assetTag":"A-17"}}])"),
      "refused `assetTag` is or was another one's, and is never given to a second; choose "
      "another");
}

TEST_P(ImportTest, KnowsNothingOfAnotherTenant) {
  import(kPumps);
  const Thing device = named("device.assetTag", "A-17");
  mandate_.tenant = "riverside";
  EXPECT_EQ(
      import(R"([{"relation":"deviceLocation","subject":"device:A-17","object":"location:icu"},
                       {"kind":"location","attributes":{"code":"icu","displayName":"I","locationType":"ward","organisation":"st-mary"}}])"),
      "refused `subject` says: `device:A-17` names nothing that is known; `object` says: "
      "`location:icu` names nothing that is known\n"
      "refused `organisation` says: `organisation:st-mary` names nothing that is known");
  const std::string by_id = fmt::format(
      R"([{{"kind":"device","id":"{0}","attributes":{{"displayName":"mine"}}}},
          {{"relation":"owner","subject":"device.id:{0}","object":"person:x"}}])",
      device.id);
  EXPECT_TRUE(import(by_id).starts_with("refused `model` is missing")) << import(by_id);
  mandate_.tenant = "st-mary";
  EXPECT_EQ(find(device.id).version, 1U);
}

TEST_P(ImportTest, NamesByIdWhatHasNewNames) {
  const Thing grey = person("grey");
  EXPECT_EQ(import(fmt::format(
                R"([{{"kind":"person","id":"{}","attributes":{{"userName":"green"}}}}])", grey.id)),
            R"(changed userName:"grey">"green")");
  EXPECT_EQ(import(fmt::format(
                R"([{{"kind":"role","id":"{}","attributes":{{"displayName":"R"}}}}])", grey.id)),
            "created state:null>\"active\"")
      << "an id of something else is passed over";
}

TEST_P(ImportTest, RelationsEndAndBeginAnew) {
  person("grey");
  role("Nurse");
  const auto assignment = [&](std::string_view more) {
    return import(fmt::format(
        R"([{{"relation":"roleAssignment","subject":"person:grey","object":"role:Nurse"{}}}])",
        more));
  };
  EXPECT_EQ(assignment(""), "created");
  EXPECT_EQ(assignment(R"(,"from":"2020-01-01T00:00:00Z")"), "same");
  EXPECT_EQ(assignment(R"(,"until":"2028-01-01T00:00:00Z")"),
            "changed until:null>\"2028-01-01T00:00:00.000Z\"");
  EXPECT_EQ(assignment(""), "same");
  EXPECT_EQ(assignment(R"(,"until":"2020-01-01T00:00:00Z")").substr(0, 44),
            "ended until:\"2028-01-01T00:00:00.000Z\">\"2027");
  EXPECT_EQ(assignment(R"(,"until":"2020-01-01T00:00:00Z")"), "same");
  const Thing grey = named("userName", "grey");
  EXPECT_TRUE(relations({.subject = grey.id, .not_ended_by = now_}).empty());
}

TEST_P(ImportTest, ChangesAttributesOfARelation) {
  person("grey");
  patient("MRN-1");
  const auto care = [&](std::string_view type) {
    return import(fmt::format(
        R"([{{"relation":"care","subject":"person:grey","object":"patient:MRN-1","attributes":{{"careType":"{}"}}}}])",
        type));
  };
  EXPECT_EQ(care("treating"), "created");
  EXPECT_EQ(care("treating"), "same");
  EXPECT_EQ(care("nursing"),
            R"(changed attributes:{"careType":"treating"}>{"careType":"nursing"})");
  EXPECT_TRUE(care("watching").starts_with("refused `careType` is `watching`; it may be"));
}

TEST_P(ImportTest, RefusesCircles) {
  EXPECT_EQ(import(R"([
    {"kind":"role","attributes":{"displayName":"A"}},{"kind":"role","attributes":{"displayName":"B"}},
    {"relation":"roleInheritance","subject":"role:A","object":"role:B"},
    {"relation":"roleInheritance","subject":"role:B","object":"role:A"}])"),
            "created state:null>\"active\"\ncreated state:null>\"active\"\ncreated\n"
            "refused this `roleInheritance` would make a circle: the role `A` leads back to the "
            "role `B`");
}

TEST_P(ImportTest, PutsInForceWhatHasAnOwner) {
  person("grey");
  const std::string_view service =
      R"({"kind":"service","state":"active","attributes":{"clientId":"s","displayName":"S","purpose":"P"}})";
  EXPECT_TRUE(import(fmt::format("[{}]", service)).starts_with("refused nobody answers for it"));
  EXPECT_EQ(
      import(fmt::format(
          R"([{{"kind":"service","attributes":{{"clientId":"s","displayName":"S","purpose":"P"}}}},
                                   {{"relation":"owner","subject":"service:s","object":"person:grey"}},{}])",
          service)),
      "created state:null>\"registered\"\ncreated\nchanged state:\"registered\">\"active\"");
}

TEST_P(ImportTest, MergesPatients) {
  patient("MRN-1");
  const std::string_view merged =
      R"([{"kind":"patient","state":"merged","attributes":{"recordNumber":"T-1","mergedInto":"MRN-1"}}])";
  EXPECT_EQ(import(merged),
            "created state:null>\"registered\" state:\"registered\">\"merged\" "
            "mergedInto:null>\"patient:MRN-1\"");
  EXPECT_EQ(import(merged), "same");
  EXPECT_EQ(import(R"([{"kind":"patient","state":"merged","attributes":{"recordNumber":"T-2"}}])"),
            "refused a patient becomes `merged` where `mergedInto` is the key of the other one");
}

TEST_P(ImportTest, AsksBeforeAnythingStays) {
  person("grey");
  const std::size_t entries = feed().size();
  for (const std::optional<Act> act : {std::optional(Act::kCreate),
                                       std::optional(Act::kChange),
                                       std::optional(Act::kRelate),
                                       {}}) {
    gate_.forbidden = act;
    gate_.forbidden_state = act ? "" : "suspended";
    EXPECT_EQ(import(R"([{"kind":"role","attributes":{"displayName":"R"}},
                         {"kind":"person","state":"suspended","attributes":{"userName":"grey","title":"T"}},
                         {"relation":"roleAssignment","subject":"person:grey","object":"role:R"}])"),
              "error: you may not");
    EXPECT_EQ(feed().size(), entries);
  }
}

TEST_P(ImportTest, GroupsAreKnownByTheirNamesIfThatIsOne) {
  EXPECT_EQ(import(R"([{"kind":"group","attributes":{"displayName":"Nurses"}}])"),
            "created state:null>\"active\"");
  EXPECT_EQ(import(R"([{"kind":"group","attributes":{"displayName":"Nurses","description":"x"}}])"),
            "changed description:null>\"x\"");
  group("Nurses");
  EXPECT_TRUE(import(R"([{"kind":"group","attributes":{"displayName":"Nurses"}}])")
                  .starts_with("refused several groups have the displayName `Nurses`"));
}

TEST_P(ImportTest, AmbiguousKeysAreRefused) {
  import(R"([{"kind":"person","attributes":{"userName":"grey","employeeNumber":"1"}},
             {"kind":"person","attributes":{"userName":"green","employeeNumber":"grey"}},
             {"kind":"group","attributes":{"displayName":"G"}}])");
  EXPECT_EQ(import(R"([{"relation":"membership","subject":"person:grey","object":"group:G"}])"),
            "refused `subject` says: `person:grey` could be two people: by `userName` and by "
            "`employeeNumber`; "
            "write `person.userName:…`");
  EXPECT_EQ(
      import(
          R"([{"relation":"membership","subject":"person.employeeNumber:grey","object":"group:G"}])"),
      "created");
}

TEST_P(ImportTest, TakesSoMuchAtOnce) {
  Batch large;
  for (std::size_t i = 0; i <= kMaxBatchEntries; ++i) {
    large.entries.push_back(read_entry(json(R"({"kind":"role","attributes":{}})")));
  }
  const auto done = try_import(large);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kInvalidArgument);
}

TEST_P(ImportTest, KnowsWhatTheFileEntersBefore) {
  Batch second = batch(
      R"([{"relation":"deviceLocation","subject":"device:A-17","object":"location:icu"}])", true);
  EXPECT_TRUE(try_import(second)->is_refused);
  second.before = batch(kPumps).entries;
  second.before.pop_back();
  const auto done = try_import(second);
  ASSERT_TRUE(done);
  ASSERT_EQ(done->outcomes.size(), 1U);
  EXPECT_EQ(done->outcomes.front().effect, Effect::kCreated);
  EXPECT_TRUE(feed().empty());
}

}  // namespace
}  // namespace wardlock::directory
