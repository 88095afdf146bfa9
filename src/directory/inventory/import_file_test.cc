#include "directory/inventory/import_file.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "directory/inventory/import.h"
#include "directory/inventory/import_json.h"
#include "directory/registry/hospital_for_test.h"

namespace wardlock::directory {
namespace {

class AllowAll : public ImportGate {
 public:
  Result<void> check(Act, Kind) override { return {}; }
  Result<void> check(Act, const Thing&) override { return {}; }
  Result<void> check_state(const Thing&, std::string_view) override { return {}; }
  Result<void> check(Act, Relation, const Thing&, const Thing&) override { return {}; }
};

/// Files in memory.
class Files {
 public:
  void json(std::string text) {
    memory_.push_back(std::make_unique<std::string>(std::move(text)));
    texts_.push_back(std::make_unique<TextInMemory>(*memory_.back()));
    inventories_.push_back(json_inventory(*texts_.back()));
  }
  void csv(std::string text, std::string kind) {
    memory_.push_back(std::make_unique<std::string>(std::move(text)));
    texts_.push_back(std::make_unique<TextInMemory>(*memory_.back()));
    inventories_.push_back(csv_inventory(*texts_.back(), std::move(kind)));
  }
  ImportFile read() {
    std::vector<InventoryText*> all;
    for (const auto& one : inventories_) all.push_back(one.get());
    auto file = ImportFile::read(all);
    if (!file) ADD_FAILURE() << file.error().message;
    return std::move(*file);
  }

 private:
  std::vector<std::unique_ptr<std::string>> memory_;
  std::vector<std::unique_ptr<TextInMemory>> texts_;
  std::vector<std::unique_ptr<InventoryText>> inventories_;
};

/// The lines in the order in which they are imported; what comes before them in brackets.
std::string order_of(ImportFile& file, bool is_alone) {
  std::string out;
  for (;;) {
    const auto batch = file.next(is_alone);
    if (!batch) return out + batch.error().message;
    if (!*batch) return out;
    if (!(*batch)->before.empty()) out += fmt::format("[{}]", (*batch)->before.size());
    for (const ItemPlace& place : (*batch)->places) out += fmt::format(" {}", place.line);
    out += ";";
  }
}

std::string faults_of(const ImportFile& file) {
  std::string out;
  for (const FileFault& fault : file.faults()) {
    for (const Fault& one : fault.faults) {
      out += fmt::format("{}: {} {}\n", to_text(fault.place), one.path, one.message);
    }
  }
  return out;
}

constexpr std::string_view kHospital = R"({"relations":[
{"relation":"deviceLocation","subject":"device:A-17","object":"location:icu"},
{"relation":"owner","subject":"service:updates","object":"person:grey"}],
"things":[
{"kind":"service","state":"active","attributes":{"clientId":"updates","displayName":"U","purpose":"P"}},
{"kind":"device","attributes":{"model":"meridian/MX-4","serialNumber":"SN-1","assetTag":"A-17"}},
{"kind":"deviceModel","attributes":{"manufacturer":"meridian","modelNumber":"MX-4","displayName":"MX-4"}},
{"kind":"person","attributes":{"userName":"grey","manager":"green"}},
{"kind":"person","attributes":{"userName":"green"}},
{"kind":"location","attributes":{"code":"icu","displayName":"I","locationType":"ward","organisation":"st-mary"}},
{"kind":"organisation","attributes":{"code":"st-mary","displayName":"S","organisationType":"hospital"}},
{"kind":"organisation","attributes":{"code":"meridian","displayName":"M","organisationType":"manufacturer"}}
]})";

TEST(ImportFile, ComesInTheOrderInWhichItIsNeeded) {
  Files files;
  files.json(std::string(kHospital));
  ImportFile file = files.read();
  EXPECT_EQ(faults_of(file), "");
  EXPECT_EQ(file.item_count(), 10U);
  EXPECT_EQ(order_of(file, false), " 8 9 11 12 7 5 10 6 2 3; 8 5;");
  EXPECT_EQ(file.done(), file.size());
  file.begin_again();
  EXPECT_EQ(order_of(file, true), " 8 9 11 12 7 5 10 6 2 3;[4] 8 5;")
      << "late ones need both people, the service and what gives it an owner";
}

TEST(ImportFile, RanksKindsBehindWhatTheyReferTo) {
  for (const Schema* schema : all_schemas()) {
    for (const Attribute& attribute : schema->attributes) {
      EXPECT_TRUE(std::ranges::none_of(attribute.parts, [](const Attribute& part) {
        return part.type == Type::kReference;
      })) << "keys are looked for in attributes, not in their parts";
      if (attribute.type != Type::kReference) continue;
      for (const Schema* other : all_schemas()) {
        if (other == schema || !attribute.targets.contains(other->kind)) continue;
        EXPECT_LT(import_rank(other->kind), import_rank(schema->kind))
            << schema->name << " " << attribute.name;
      }
    }
  }
}

TEST(ImportFile, SaysAllThatIsWrong) {
  Files files;
  files.json(R"({"things":[
{"kind":"person","attributes":{"userName":"grey"}},
{"kind":"person","attributes":{"userName":"GREY"}},
{"kind":"persn"},
{"kind":"device","attributes":{"model":"m/M","serialNumber":"1"}},
{"kind":"device","attributes":{"model":"deviceModel:09506000134352","serialNumber":"1"}},
{"kind":"deviceModel","attributes":{"manufacturer":"m","modelNumber":"M","deviceIdentifier":"09506000134352"}},
7]})");
  const ImportFile file = files.read();
  EXPECT_EQ(faults_of(file),
            "line 4: kind is `persn`, which is no kind of things; did you mean `person`?\n"
            "line 8:  is no object with a `kind`\n"
            "line 3: userName is the same as in line 2: write both as one\n"
            "line 6: serialNumber is the same as in line 5: write both as one\n");
  EXPECT_EQ(file.fault_count(), 4U);
}

TEST(ImportFile, SeveralAreTakenTogether) {
  Files files;
  files.csv("serialNumber,model\n1,m/M\n", "device");
  files.json(
      R"({"things":[{"kind":"organisation","attributes":{"code":"m","displayName":"M","organisationType":"other"}},
{"kind":"deviceModel","attributes":{"manufacturer":"m","modelNumber":"M","displayName":"M"}}]})");
  ImportFile file = files.read();
  EXPECT_EQ(order_of(file, false), " 1 2 2;");
}

class ImportFileTest : public HospitalForTest {
 protected:
  /// Counts of effects over all batches, as they travel.
  std::string import(ImportFile& file, bool is_dry_run) {
    AllowAll gate;
    std::map<std::string_view, int> counts;
    std::string faults;
    file.begin_again();
    for (;;) {
      const auto next = file.next(is_dry_run);
      if (!next) return next.error().message;
      if (!*next) break;
      const auto batch = read_batch(json(codec::to_json_text(to_json(**next))), is_dry_run);
      if (!batch) return batch.error().message;
      const auto outcome = import_batch(*registry_, mandate_, gate, *batch);
      if (!outcome) return outcome.error().message;
      const auto told = read_batch_outcome(json(codec::to_json_text(to_json(*outcome))));
      if (!told) return told.error().message;
      EXPECT_EQ(told->revision, outcome->revision);
      for (const Outcome& one : told->outcomes) {
        ++counts[to_string(one.effect)];
        for (const Fault& fault : one.faults) faults += " " + fault.message;
      }
    }
    std::string out;
    for (const auto& [effect, count] : counts) out += fmt::format("{} {};", effect, count);
    return out + faults;
  }
};
WARDLOCK_ON_EACH_DATABASE(ImportFileTest);

TEST_P(ImportFileTest, IsImportedAsTheDryRunSays) {
  Files files;
  files.json(std::string(kHospital));
  ImportFile file = files.read();
  EXPECT_EQ(import(file, true), "changed 2;created 10;");
  EXPECT_TRUE(feed().empty());
  EXPECT_EQ(import(file, false), "changed 2;created 10;");
  EXPECT_EQ(import(file, false), "same 12;");
}

TEST_P(ImportFileTest, ManyDevicesInManyBatches) {
  Files files;
  std::string csv = "model,serialNumber,assetTag,deviceLocation\n";
  for (int i = 0; i < 1200; ++i) csv += fmt::format("m/M,SN-{0},A-{0},ward\n", i);
  files.csv(csv, "device");
  files.json(R"({"things":[
{"kind":"organisation","attributes":{"code":"m","displayName":"M","organisationType":"other"}},
{"kind":"location","attributes":{"code":"ward","displayName":"W","locationType":"ward","organisation":"m"}},
{"kind":"deviceModel","attributes":{"manufacturer":"m","modelNumber":"M","displayName":"M"}}]})");
  ImportFile file = files.read();
  EXPECT_EQ(import(file, true), "created 2403;");
  EXPECT_TRUE(feed().empty());
  EXPECT_EQ(import(file, false), "created 2403;");
  EXPECT_EQ(import(file, true), "same 2403;");
}

TEST_P(ImportFileTest, ABreakIsGoneOnFrom) {
  Files files;
  std::string csv = "model,serialNumber\n";
  for (int i = 0; i < 600; ++i) csv += fmt::format("m/M,SN-{}\n", i);
  files.csv(csv, "device");
  files.json(R"({"things":[
{"kind":"organisation","attributes":{"code":"m","displayName":"M","organisationType":"other"}},
{"kind":"deviceModel","attributes":{"manufacturer":"m","modelNumber":"M","displayName":"M"}}]})");
  ImportFile file = files.read();
  AllowAll gate;
  const auto first = file.next(false);
  ASSERT_TRUE(import_batch(*registry_, mandate_, gate, *read_batch(to_json(**first), false)));
  EXPECT_EQ(import(file, false), "created 102;same 500;");
}

TEST_P(ImportFileTest, CirclesOfParentsAreRefused) {
  Files files;
  files.json(R"({"things":[
{"kind":"organisation","attributes":{"code":"a","displayName":"A","organisationType":"other","parent":"b"}},
{"kind":"organisation","attributes":{"code":"b","displayName":"B","organisationType":"other","parent":"a"}}]})");
  ImportFile file = files.read();
  EXPECT_EQ(import(file, true),
            "created 2;refused 1; `parent` would make a circle: that one is part of this one");
}

TEST(ImportJson, RefusesWhatIsNone) {
  for (const std::string_view text : {"7", R"({"entries":7})", R"({"before":{}})"}) {
    EXPECT_FALSE(read_batch(json(text), false)) << text;
  }
  for (const std::string_view text :
       {"[]", R"({"outcomes":[7]})", R"({"outcomes":[{"effect":"made"}]})", R"({"refused":"no"})",
        R"({"outcomes":[{"effect":"same","id":7}]})", R"({"revision":-1})"}) {
    EXPECT_FALSE(read_batch_outcome(json(text))) << text;
  }
}

TEST(ImportFile, WhatIsOnlyNewMayBeThereTwice) {
  constexpr std::string_view kOnlyNew =
      R"({"things":[{"kind":"role","onlyNew":true,"attributes":{"displayName":"Nurse"}}]})";
  Files files;
  files.json(std::string(kOnlyNew));
  files.json(std::string(kOnlyNew));
  files.json(R"({"things":[{"kind":"role","attributes":{"displayName":"Nurse"}}]})");
  ImportFile file = files.read();
  EXPECT_EQ(faults_of(file), "");
  EXPECT_EQ(file.size(), 3U);
}

}  // namespace
}  // namespace wardlock::directory
