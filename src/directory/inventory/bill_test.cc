#include "directory/inventory/bill.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "directory/inventory/bill_lines.h"
#include "directory/inventory/finder.h"
#include "directory/inventory/import_file.h"
#include "directory/inventory/import_json.h"
#include "directory/registry/hospital_for_test.h"

namespace wardlock::directory {
namespace {

TEST(LinesOfObjects, TellsWhereEachBegins) {
  const auto lines = lines_of_objects(
      "{\"a\": {},\n\"components\": [{\"x\": \"}{[\\\"\"},\n  {\"b\": [[{}]],\n\"c\": {}}]}");
  const std::map<std::string, std::uint32_t, std::less<>> expected = {{"", 1},
                                                                      {"a", 1},
                                                                      {"components[0]", 2},
                                                                      {"components[1]", 3},
                                                                      {"components[1].c", 4},
                                                                      {"components[1].b[0][0]", 3}};
  EXPECT_EQ(lines, expected);
}

TEST(LinesOfObjects, NeedsNoMoreMemoryThanTheTextAllows) {
  const std::string key(100'000, 'k');
  std::string text = "{\"" + key + "\":[{}";
  for (int i = 0; i < 10'000; ++i) text += ",{}";
  EXPECT_LT(lines_of_objects(text + "]}").size(), 10U);
}

constexpr std::string_view kModel =
    R"({"type":"device","name":"MX-4","bom-ref":"root","manufacturer":{"name":"Meridian"}})";

/// The frame of a bill around `more`.
std::string bom(std::string_view more, std::string_view root = kModel) {
  return fmt::format(
      R"({{"bomFormat":"CycloneDX","specVersion":"1.6","metadata":{{"component":{}}}{}{}}})", root,
      more.empty() ? "" : ",", more);
}

/// What is wrong with a bill: `line 3: path message`, of all that is.
std::string wrong_with(const std::string& text, const BillReading& how = {}) {
  auto bill = read_bill(text, how);
  if (!bill) return bill.error().message;
  std::string out;
  for (const Bill::Said& said : bill->said) {
    if (said.item) continue;
    for (const Fault& fault : said.item.error()) {
      out += fmt::format("{}line {}: {} {}", out.empty() ? "" : "\n", said.line, fault.path,
                         fault.message);
    }
  }
  return out;
}

TEST(ReadBill, WhatIsNoBillIsRefused) {
  EXPECT_TRUE(wrong_with("[]").contains("this is no CycloneDX"));
  EXPECT_TRUE(wrong_with(R"({"bomFormat":"SPDX"})").contains("this is no CycloneDX"));
  EXPECT_TRUE(wrong_with(R"({"bomFormat":"CycloneDX","specVersion":"1.3"})")
                  .contains("`specVersion` is `1.3`; 1.4, 1.5, 1.6 are read"));
  EXPECT_TRUE(wrong_with(R"({"bomFormat":"CycloneDX"})")
                  .contains("`specVersion` is missing; 1.4, 1.5, 1.6 are read"));
  EXPECT_TRUE(wrong_with("{").contains("line 1"));
  EXPECT_TRUE(wrong_with(R"({"bomFormat":"CycloneDX","specVersion":"1.5"})")
                  .contains("no `metadata.component`"));
  EXPECT_TRUE(wrong_with(bom("", R"({"type":"file","name":"f","scope":"excluded"})"))
                  .contains("excluded from its own bill"));
  EXPECT_TRUE(wrong_with(std::string(kMaxBillBytes + 1, ' ')).contains("more than"));
  std::string deep = R"({"bomFormat":"CycloneDX","specVersion":"1.5","x":)";
  EXPECT_NE(wrong_with(deep + std::string(70, '[') + std::string(70, ']') + "}"), "");
}

TEST(ReadBill, SaysWhereSomethingIsWrong) {
  const auto wrong = [](std::string_view components) {
    return wrong_with(bom(fmt::format("\n\"components\":[\n{}]", components)));
  };
  constexpr std::string_view kGood =
      R"({"type":"library","name":"a","version":"1","supplier":{"name":"S"},"bom-ref":"a"})";
  EXPECT_EQ(wrong(kGood), "");
  EXPECT_EQ(wrong("7"), "line 1: components[0] must be an object");
  EXPECT_EQ(wrong(R"({"name":"a"})"), "line 3: components[0].type is missing");
  EXPECT_EQ(wrong(R"({"type":"libary","name":"a"})"),
            "line 3: components[0].type is `libary`, which is none of CycloneDX; did you mean "
            "`library`?");
  EXPECT_EQ(wrong(R"({"type":"library","name":""})"),
            "line 3: components[0].name must be a text that is not empty");
  EXPECT_EQ(wrong(R"({"type":"library","name":"a","supplier":{"name":"S"}})"),
            "line 3: components[0].version is missing");
  EXPECT_TRUE(wrong(R"({"type":"library","name":"a","version":"1"})")
                  .ends_with("names no `manufacturer`, `supplier` or `publisher`; add one, or say "
                             "whose it is where nobody is named (`--supplier CODE`, over HTTP "
                             "`supplier=CODE`)"));
  EXPECT_TRUE(wrong(fmt::format(R"({{"type":"library","name":"{}"}})", std::string(300, 'n')))
                  .contains("has 300 bytes; at most 256 are kept"));
  EXPECT_EQ(wrong(fmt::format("{},\n{}", kGood, kGood)),
            "line 4: components[1].bom-ref is `a`, as that of `components[0]` in line 3; give each "
            "its own");
  EXPECT_TRUE(wrong(R"({"type":"library","name":"a","version":"1","supplier":{"name":"S"},
      "hashes":[{"alg":"SHA-256","content":"zz"}]})")
                  .contains("components[0].hashes[0] must have an `alg`"));
  EXPECT_EQ(wrong_with(bom("\"components\":{}")), "line 1: components must be a list");
}

TEST(ReadBill, ReferencesMustLeadSomewhereAndNotInACircle) {
  const auto wrong = [](std::string_view dependencies) {
    return wrong_with(bom(fmt::format(
        R"("components":[{{"type":"library","name":"a","version":"1","publisher":"S","bom-ref":"a"}},
{{"type":"library","name":"b","version":"1","publisher":"S","bom-ref":"b"}},
{{"type":"library","name":"c","version":"1","publisher":"S","scope":"excluded","bom-ref":"c"}}],
"dependencies":[
{}])",
        dependencies)));
  };
  EXPECT_EQ(wrong(R"({"ref":"root","dependsOn":["a","c"]},{"ref":"a","dependsOn":["b"]})"), "");
  EXPECT_EQ(wrong(R"({"ref":"root","dependsOn":["a"]},
{"ref":"a","dependsOn":["b","d"]})"),
            "line 6: dependencies[1].dependsOn[1] is `d`, which is no component's `bom-ref` in "
            "this bill");
  EXPECT_EQ(wrong(R"({"ref":"e"})"),
            "line 5: dependencies[0].ref is `e`, which is no component's `bom-ref` in this bill");
  EXPECT_EQ(wrong(R"({"dependsOn":[]})"), "line 5: dependencies[0] must be an object with a `ref`");
  EXPECT_EQ(wrong(R"({"ref":"a","dependsOn":"b"})"),
            "line 5: dependencies[0].dependsOn must be a list");
  EXPECT_EQ(wrong(R"({"ref":"a","dependsOn":["b"]},{"ref":"b","dependsOn":["a"]})"),
            "line 5: what depends on what makes a circle: `moduleVersion.version:s/a/1` -> "
            "`moduleVersion.version:s/b/1` -> `moduleVersion.version:s/a/1`; take one of these "
            "dependencies out");
  EXPECT_TRUE(wrong(R"({"ref":"a","dependsOn":["a"]})").contains("makes a circle"));
  EXPECT_TRUE(wrong(R"({"ref":"a","dependsOn":["root"]},{"ref":"root","dependsOn":["a"]})")
                  .contains("makes a circle"));
}

TEST(ReadBill, ALongChainIsNoTroubleForTheStack) {
  std::string components, dependencies;
  constexpr int kLong = 19'000;
  for (int i = 0; i < kLong; ++i) {
    components += fmt::format(
        R"({}{{"type":"file","name":"f{}","version":"1","publisher":"S","bom-ref":"{}"}})",
        i == 0 ? "" : ",", i, i);
    dependencies += fmt::format(R"({}{{"ref":"{}","dependsOn":["{}"]}})", i == 0 ? "" : ",", i,
                                (i + 1) % kLong);
  }
  const std::string text =
      bom(fmt::format(R"("components":[{}],"dependencies":[{}])", components, dependencies));
  EXPECT_TRUE(wrong_with(text).contains("makes a circle"));
  EXPECT_TRUE(wrong_with(text).contains("-> … -> ")) << "not all of it is told";
}

TEST(ReadBill, TooManyPartsAreRefused) {
  std::string components;
  for (std::size_t i = 0; i < kMaxBillParts; ++i) {
    components += fmt::format(R"({}{{"type":"file","name":"f{}","version":"1","publisher":"S"}})",
                              i == 0 ? "" : ",", i);
  }
  EXPECT_TRUE(wrong_with(bom(fmt::format(R"("components":[{}])", components)))
                  .contains("the bill has more than 20000 parts"));
}

class BillTest : public HospitalForTest {
 protected:
  class OpenGate : public ImportGate {
   public:
    Result<void> check(Act, Kind) override { return {}; }
    Result<void> check(Act, const Thing&) override { return {}; }
    Result<void> check_state(const Thing&, std::string_view) override { return {}; }
    Result<void> check(Act, Relation, const Thing&, const Thing&) override { return {}; }
  };

  std::string bill_of(const Thing& thing) {
    const auto written =
        write_bill(*registry_, "st-mary", thing,
                   {.now = now_, .serial_number = "0199f1c2-6e1b-7c3a-9d5e-0f2a4b6c8d1e"});
    EXPECT_TRUE(written);
    return codec::to_json_text(*written);
  }

  /// Takes it over: how many were `created`, `changed`, `ended`, `same`; or what is wrong.
  std::string take(const std::string& text, BillReading how = {}) {
    auto bill = read_bill(text, how);
    if (!bill) return bill.error().message;
    how.root = bill->root;
    const auto key = read_key(how.root, {Kind::kDeviceModel, Kind::kModuleVersion});
    if (const auto known = *find_identified(*registry_, "st-mary", *key)) {
      end_what_is_gone(*read_bill(bill_of(*known), how), *bill);
    }
    const auto inventory = bill_inventory(std::move(*bill));
    auto file = ImportFile::read({inventory.get()});
    if (file->fault_count() != 0) return file->faults().front().faults.front().message;
    std::map<std::string, int> counts;
    OpenGate gate;
    while (const auto part = *file->next(false)) {
      const auto outcome =
          import_batch(*registry_, mandate_, gate, *read_batch(to_json(*part), false));
      if (!outcome) return outcome.error().message;
      for (const Outcome& one : outcome->outcomes) {
        ++counts[std::string(to_string(one.effect))];
        for (const Fault& fault : one.faults) return fault.path + ": " + fault.message;
      }
    }
    std::string out;
    for (const auto& [effect, count] : counts) {
      out += fmt::format("{}{} {}", out.empty() ? "" : ", ", count, effect);
    }
    return out;
  }

  Thing known(std::string_view key) {
    return **find_identified(
        *registry_, "st-mary",
        *read_key(key, {Kind::kDeviceModel, Kind::kModuleVersion, Kind::kModule}));
  }
};
WARDLOCK_ON_EACH_DATABASE(BillTest);

constexpr std::string_view kPump = R"(
"components":[
 {"type":"firmware","name":"Drip control","version":"4.2.1","bom-ref":"fw","manufacturer":{"name":"Meridian"},
  "purl":"pkg:generic/drip-control@4.2.1","cpe":"cpe:2.3:o:meridian:drip:4.2.1:*:*:*:*:*:*:*",
  "hashes":[{"alg":"SHA-256","content":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}]},
 {"type":"library","group":"@openssl","name":"libcrypto","version":"3.0.1","bom-ref":"ssl","supplier":{"name":"OpenSSL Foundation, Inc."}},
 {"type":"device","name":"ESP32","version":"rev 3","bom-ref":"radio","manufacturer":{"name":"Espressif"},
  "properties":[{"name":"cdx:device:function","value":"network"}]}],
"dependencies":[{"ref":"root","dependsOn":["fw","radio"]},{"ref":"fw","dependsOn":["ssl"]},{"ref":"ssl"}])";

TEST_P(BillTest, EntersWhatIsInIt) {
  EXPECT_EQ(take(bom(kPump)), "12 created");
  const Thing model = known("deviceModel:meridian/MX-4");
  const Thing firmware = known("moduleVersion:meridian/Drip control/4.2.1");
  EXPECT_EQ(firmware.document.json().at("packageUrl"),
            codec::Json("pkg:generic/drip-control@4.2.1"));
  EXPECT_EQ(firmware.document.json().at("hashes").as_array().size(), 1U);
  const Thing library = known("moduleVersion:openssl-foundation-inc/@openssl%2Flibcrypto/3.0.1");
  EXPECT_EQ(known("module:meridian/Drip control").document.json().at("componentType"),
            codec::Json("firmware"));
  const Thing radio = known("deviceModel:espressif/ESP32 rev 3");
  EXPECT_EQ(radio.document.json().at("function"), codec::Json("network"));
  EXPECT_EQ(relations({.relation = Relation::kComprises, .subject = model.id}).size(), 2U);
  EXPECT_EQ(relations({.subject = firmware.id, .object = library.id}).size(), 1U);
  EXPECT_EQ(take(bom(kPump)), "12 same") << "twice is as once";
}

TEST_P(BillTest, WhatIsWrittenIsReadAgainAsTheSame) {
  take(bom(kPump));
  const std::string written = bill_of(known("deviceModel:meridian/MX-4"));
  const std::size_t before = feed().size();
  EXPECT_EQ(take(written), "12 same") << written;
  EXPECT_EQ(feed().size(), before);
  mandate_.tenant = "st-mary";
  EXPECT_EQ(bill_of(known("deviceModel:meridian/MX-4")), written);
}

TEST_P(BillTest, WhatIsNoMorePartOfItEnds) {
  take(bom(kPump));
  const std::string other = R"(
"components":[{"type":"firmware","name":"Drip control","version":"4.3","bom-ref":"fw","manufacturer":{"name":"Meridian"}}])";
  // The radio and the firmware before end; what is made with the latter is its own affair.
  EXPECT_EQ(take(bom(other)), "2 created, 2 ended, 3 same");
  const Thing model = known("deviceModel:meridian/MX-4");
  const auto parts =
      relations({.relation = Relation::kComprises, .subject = model.id, .not_ended_by = now_});
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_EQ(parts.front().object, known("moduleVersion:meridian/Drip control/4.3").id);
  const Thing old = known("moduleVersion:meridian/Drip control/4.2.1");
  EXPECT_EQ(relations({.subject = old.id, .not_ended_by = now_}).size(), 1U);
}

TEST_P(BillTest, WhatIsThereIsNotRenamedByABill) {
  const Thing maker = organisation("meridian");
  take(bom(kPump));
  EXPECT_EQ(find(maker.id).version, maker.version);
}

TEST_P(BillTest, ASoftwareBillIsOfTheModelThatIsNamed) {
  take(bom(kPump));
  const std::string software = bom("", R"({"type":"application","name":"Display","version":"2.0",
      "bom-ref":"d","supplier":{"name":"Meridian"}})");
  EXPECT_EQ(take(software, {.root = "deviceModel:meridian/MX-4"}), "3 created, 1 same")
      << "and nothing else of the model ends";
  EXPECT_EQ(take(bom(R"("components":[{"type":"file","name":"f","version":"1"}])"),
                 {.root = "deviceModel:meridian/MX-9", .supplier = "meridian"}),
            ": `subject` says: `deviceModel:meridian/MX-9` names nothing that is known");
}

TEST_P(BillTest, NestedPartsArePartsOfWhatTheyAreIn) {
  EXPECT_EQ(take(bom(R"("components":[{"type":"container","name":"os","version":"1","publisher":"P",
      "components":[{"type":"library","name":"zlib","version":"1.3","publisher":"P"}]}])")),
            "9 created");
  const Thing os = known("moduleVersion:p/os/1");
  const auto parts = relations({.relation = Relation::kComprises, .subject = os.id});
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_EQ(parts.front().object, known("moduleVersion:p/zlib/1.3").id);
}

TEST_P(BillTest, OneThatIsThereTwiceIsOne) {
  EXPECT_EQ(take(bom(R"("components":[
      {"type":"library","name":"zlib","version":"1.3","publisher":"P","bom-ref":"1"},
      {"type":"library","name":"zlib","version":"1.3","publisher":"P","bom-ref":"2"}],
      "dependencies":[{"ref":"root","dependsOn":["1","2"]}])")),
            "6 created");
}

TEST_P(BillTest, ACircleWithWhatIsThereIsRefused) {
  take(bom(kPump));
  const Thing firmware = known("moduleVersion:meridian/Drip control/4.2.1");
  const std::string back = bom(R"("components":[{"type":"firmware","name":"Drip control",
      "version":"4.2.1","publisher":"Meridian"}])",
                               R"({"type":"library","group":"@openssl","name":"libcrypto",
      "version":"3.0.1","supplier":{"name":"OpenSSL Foundation, Inc."}})");
  EXPECT_TRUE(take(back).contains("circle")) << take(back);
  EXPECT_EQ(relations({.relation = Relation::kComprises, .subject = firmware.id}).size(), 1U);
}

TEST_P(BillTest, AnotherTenantsPartsAreNotInIt) {
  take(bom(kPump));
  const Thing model = known("deviceModel:meridian/MX-4");
  const auto written = write_bill(*registry_, "st-luke", model, {.serial_number = "x"});
  ASSERT_TRUE(written);
  EXPECT_TRUE(written->at("components").as_array().empty());
  EXPECT_FALSE(*find_identified(*registry_, "st-luke",
                                *read_key("deviceModel:meridian/MX-4", {Kind::kDeviceModel})));
}

}  // namespace
}  // namespace wardlock::directory
