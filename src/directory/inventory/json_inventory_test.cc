#include <fmt/format.h>
#include <gtest/gtest.h>

#include "directory/inventory/entry.h"
#include "directory/inventory/inventory_text.h"

namespace wardlock::directory {
namespace {

std::string items_of(std::string_view text) {
  TextInMemory memory(text);
  const auto inventory = json_inventory(memory);
  std::string out;
  const auto done =
      inventory->each([&](const ItemPlace& place, InventoryText::Item item) -> Result<void> {
        out += fmt::format("{}: {}\n", to_text(place),
                           item ? codec::to_json_text(*item) : item.error().front().message);
        EXPECT_EQ(bool(*inventory->read(place)), bool(item));
        return {};
      });
  return done ? out : out + done.error().message;
}

TEST(JsonInventory, FindsItemsInBothLists) {
  EXPECT_EQ(items_of("\xEF\xBB\xBF{\"relations\": [{\"a\":\"]}\\\"\"}],\n \"since\": {\"x\":[1]},\n"
                     "\"things\": [\n{\"b\":\n[1]}, 7\n,\"x\"],\"removed\":[]}\n"),
            "line 1: {\"a\":\"]}\\\"\"}\nline 4: {\"b\":[1]}\nline 5: 7\nline 6: \"x\"\n");
  EXPECT_EQ(items_of("{}"), "");
  EXPECT_EQ(items_of(" { \"things\" : [ ] } "), "");
}

TEST(JsonInventory, SaysWhatIsNoFile) {
  EXPECT_EQ(items_of(""), "line 1: `{` is expected here");
  EXPECT_EQ(items_of("[]"), "line 1: `{` is expected here");
  EXPECT_EQ(items_of("{\"thing\":[]}"),
            "line 1: `thing` is no member of a file of things and relations: they are in `things` "
            "and `relations`");
  for (const char* member : {"$schema", "bomFormat", "specVersion"}) {
    EXPECT_TRUE(items_of(fmt::format("{{\"{}\":\"\"}}", member))
                    .ends_with("; if it is a bill of materials: `--format cyclonedx`, or call it "
                               "`….cdx.json`"))
        << member;
  }
  EXPECT_EQ(items_of("{\"things\":{}}"), "line 1: `things` is a list: `[` is expected here");
  EXPECT_EQ(items_of("{\"things\":[]"), "line 1: `}` is expected here");
  EXPECT_EQ(items_of("{\"things\":[]}\n{}"),
            "line 2: there is more behind the end of the object; one file is one object");
  EXPECT_EQ(items_of("{\"things\":[{\"a\":1}\n,{\"b\":"),
            "line 1: {\"a\":1}\nwhat begins in line 2 has no end");
  EXPECT_EQ(items_of("{\"things\":[,]}"), "line 1: an object is expected here");
  EXPECT_EQ(items_of("{\"things\":[\"" + std::string(kMaxEntryBytes + 1, 'x') + "\"]}"),
            "what begins in line 1 has more than 65536 bytes");
  EXPECT_EQ(items_of("{\"th\\u0069ngs\":[]}"), "line 1: a name is expected here");
}

TEST(JsonInventory, SaysWhatIsNoItem) {
  EXPECT_EQ(items_of("{\"things\":[\n{\"a\":\n tru},\n{\"b\":\xff},{\"c\":1,\"c\":2}]}"),
            "line 2: not valid JSON: syntax error (line 3, column 2)\n"
            "line 4: not valid JSON: syntax error (line 4)\n"
            "line 4: not valid JSON: the key `c` occurs twice in one object (line 4)\n");
}

TEST(JsonInventory, LongTextsAreReadPieceByPiece) {
  std::string text = "{\"things\":[";
  for (int i = 0; i < 20'000; ++i) text += fmt::format("{}\n{{\"n\":{}}}", i == 0 ? "" : ",", i);
  text += "]}";
  TextInMemory memory(text);
  int count = 0;
  const auto inventory = json_inventory(memory);
  ASSERT_TRUE(
      inventory->each([&](const ItemPlace& place, InventoryText::Item item) -> Result<void> {
        EXPECT_EQ(item->at("n").as_int64(), count);
        EXPECT_EQ(place.line, static_cast<std::uint32_t>(count) + 2);
        ++count;
        return {};
      }));
  EXPECT_EQ(count, 20'000);
}

}  // namespace
}  // namespace wardlock::directory
