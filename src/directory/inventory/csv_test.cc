#include <fmt/format.h>
#include <gtest/gtest.h>

#include "directory/inventory/csv_cell.h"
#include "directory/inventory/csv_columns.h"
#include "directory/inventory/csv_rows.h"
#include "directory/inventory/inventory_text.h"

namespace wardlock::directory {
namespace {

/// One line for each row: `line: cell|cell`.
std::string rows_of(std::string_view text, char separator = ',') {
  TextInMemory memory(text);
  CsvRows rows(memory, separator);
  std::string out;
  for (;;) {
    const auto row = rows.next();
    if (!row || !*row) return out;
    out += fmt::format("{}{}:", out.empty() ? "" : "\n", (*row)->line);
    if (!(*row)->fault.empty()) {
      out += " " + (*row)->fault;
      continue;
    }
    for (const std::string& cell : (*row)->cells) out += fmt::format("<{}>", cell);
  }
}

TEST(CsvRows, AreReadAsTheRfcHasThem) {
  EXPECT_EQ(rows_of("a,b\r\n1,\"x,\"\"y\"\"\nz\"\n,\n"), "1:<a><b>\n2:<1><x,\"y\"\nz>\n4:<><>");
  EXPECT_EQ(rows_of("a"), "1:<a>");
  EXPECT_EQ(rows_of("a\rb"), "1:<a>\n1:<b>");
  EXPECT_EQ(rows_of(""), "");
  EXPECT_EQ(rows_of("a;\"b;\"\n", ';'), "1:<a><b;>");
}

TEST(CsvRows, SayWhatIsWrongAndGoOn) {
  EXPECT_EQ(rows_of("a\"b,c\nd"),
            "1: has a quote within its cell 1; a cell with quotes is in quotes, and those within "
            "are doubled\n2:<d>");
  EXPECT_EQ(rows_of("\"a\"b,c\nd"),
            "1: has something behind the closing quote of its cell 1; a quote within quotes is "
            "doubled\n2:<d>");
  EXPECT_EQ(rows_of("x,\"a\nb"), "1: has a quote in its cell 2 that is not closed");
  EXPECT_EQ(rows_of(std::string_view("a\0b,c\nd", 7)), "1: has a NUL in its cell 1\n2:<d>");
  EXPECT_EQ(rows_of("ok,\xC3\x28\nd"),
            "1: has a cell that is not valid UTF-8: cell 2; save the file as UTF-8\n2:<d>");
  EXPECT_TRUE(rows_of(std::string(kMaxCellBytes + 1, 'x') + "\nd")
                  .starts_with("1: has more than 32768 bytes in its cell 1"));
  EXPECT_TRUE(rows_of("\"" + std::string(200'000, 'x')).starts_with("1: has more than 32768"));
  EXPECT_EQ(rows_of(std::string(300, ',')), "1: has more than 256 cells");
  const std::string cells = std::string(30'000, 'x') + ",";
  EXPECT_EQ(rows_of(cells + cells + cells), "1: has more than 65536 bytes");
}

TEST(CsvCell, RunsInNoSpreadsheetAndComesBack) {
  for (const std::string_view value : {"=1+1",      "+A123BJC5D6E71G",
                                       "-3",        "@SUM(A1)",
                                       "\tx",       "\rx",
                                       "\nx",       "'x",
                                       "''",        "＝1",
                                       "＋1",       "－1",
                                       "＠x",       "plain",
                                       "a,b",       "a;b",
                                       "say \"x\"", "",
                                       "x=1",       "=HYPERLINK(\"http://x\")",
                                       "'=",        "'plain"}) {
    const std::string cell = to_csv_cell(value);
    const std::string text = "a\n" + cell + "\n";
    TextInMemory memory(text);
    CsvRows rows(memory, ',');
    ASSERT_TRUE(rows.next());
    const auto row = rows.next();
    ASSERT_TRUE(row && *row) << cell;
    ASSERT_EQ((*row)->cells.size(), 1U) << cell;
    const std::string& shown = (*row)->cells.front();
    EXPECT_EQ(from_csv_cell(shown), value) << cell;
    if (!shown.empty()) {
      EXPECT_TRUE(std::string_view("=+-@\t\r\n").find(shown.front()) == std::string_view::npos)
          << cell;
    }
  }
  EXPECT_EQ(to_csv_cell("=1+1"), "\"'=1+1\"");
  EXPECT_EQ(from_csv_cell("'hello"), "'hello") << "nothing that was put there";
}

TEST(CsvCell, ListsComeBack) {
  const std::vector<std::string> items = {"a|b", "c\\", "", "\\|", "d"};
  EXPECT_EQ(split_items(join_items(items)), items);
  EXPECT_EQ(join_items(items), "a\\|b|c\\\\||\\\\\\||d");
  EXPECT_EQ(split_items("a\\b"), std::vector<std::string>{"a\\b"});
}

/// The items as JSON, one in a line; or the error.
std::string items_of(std::string_view text, std::string kind = "") {
  TextInMemory memory(text);
  const auto inventory = csv_inventory(memory, std::move(kind));
  std::string out;
  std::vector<ItemPlace> places;
  const auto read = [&](const InventoryText::Item& item) {
    if (item) return codec::to_json_text(*item);
    std::string faults;
    for (const Fault& fault : item.error()) faults += fault.path + " " + fault.message + ";";
    return faults;
  };
  const auto done =
      inventory->each([&](const ItemPlace& place, InventoryText::Item item) -> Result<void> {
        const std::string once = read(item);
        out += fmt::format("{}: {}\n", to_text(place), once);
        EXPECT_EQ(read(*inventory->read(place)), once) << "each item can be read again";
        return {};
      });
  return done ? out : done.error().message;
}

TEST(CsvInventory, RowsAreThings) {
  EXPECT_EQ(
      items_of("\xEF\xBB\xBFkind;model;serialNumber;macAddresses;state\r\n"
               "device;meridian/MX-4;SN-1;00:1b:63:84:45:e6|00:1b:63:84:45:e7;commissioned\r\n"
               "\r\n"
               "device;;SN-2;;\r\n"),
      "line 2: {\"kind\":\"device\",\"state\":\"commissioned\",\"attributes\":{\"model\":"
      "\"meridian/MX-4\",\"serialNumber\":\"SN-1\",\"macAddresses\":[\"00:1b:63:84:45:e6\","
      "\"00:1b:63:84:45:e7\"]}}\n"
      "line 4: {\"kind\":\"device\",\"attributes\":{\"serialNumber\":\"SN-2\"}}\n");
}

TEST(CsvInventory, ListsOfObjectsHaveAColumnForEachPart) {
  EXPECT_EQ(items_of("userName,emails.value,emails.type,name.familyName,facts.name,facts.integer,"
                     "facts.boolean\n"
                     "grey,a@x|b@x,|home,Grey,level|on,3|,|true\n",
                     "person"),
            "line 2: {\"kind\":\"person\",\"attributes\":{\"userName\":\"grey\",\"emails\":["
            "{\"value\":\"a@x\"},{\"value\":\"b@x\",\"type\":\"home\"}],\"name\":{\"familyName\":"
            "\"Grey\"},\"facts\":[{\"name\":\"level\",\"integer\":3},{\"name\":\"on\",\"boolean\":"
            "true}]}}\n");
}

TEST(CsvInventory, RelationsAreColumnsOrRows) {
  EXPECT_EQ(
      items_of("model,serialNumber,deviceLocation,runs\nmeridian/MX-4,S/1,icu,a|b\n", "device"),
      "line 2: {\"kind\":\"device\",\"attributes\":{\"model\":\"meridian/MX-4\","
      "\"serialNumber\":\"S/1\"}}\n"
      "line 2: {\"relation\":\"deviceLocation\",\"subject\":\"device.serialNumber:"
      "meridian/MX-4/S%2F1\",\"object\":\"icu\"}\n"
      "line 2: {\"relation\":\"runs\",\"subject\":\"device.serialNumber:meridian/MX-4/S%2F1\","
      "\"object\":\"a\"}\n"
      "line 2: {\"relation\":\"runs\",\"subject\":\"device.serialNumber:meridian/MX-4/S%2F1\","
      "\"object\":\"b\"}\n");
  EXPECT_EQ(items_of("relation,subject,object,careType,until\ncare,person:a,patient:b,nursing,\n"),
            "line 2: {\"relation\":\"care\",\"subject\":\"person:a\",\"object\":\"patient:b\","
            "\"attributes\":{\"careType\":\"nursing\"}}\n");
  EXPECT_EQ(items_of("subject,object\na,b\n", "membership"),
            "line 2: {\"relation\":\"membership\",\"subject\":\"a\",\"object\":\"b\"}\n");
}

TEST(CsvInventory, SaysAllThatIsWrongWithTheHeader) {
  EXPECT_EQ(items_of("serialNumbr,serialNumber,serialNumber,emails\n", "device"),
            "line 1: `serialNumbr` is no column of `device`; did you mean `serialNumber`?; the "
            "column `serialNumber` is there twice; `emails` is no column of `device`");
  EXPECT_EQ(items_of("displayName\nx\n"),
            "line 1: it says of no kind: add a column `kind` or `relation`, or say it with "
            "`--kind`");
  EXPECT_EQ(items_of("a\n", "devise"),
            "`devise` is no kind of things and no relation; docs/formats/directory.md lists them");
  EXPECT_EQ(items_of(""),
            "line 1: a header is missing: the names of columns, such as `kind,model,serialNumber`");
  EXPECT_EQ(items_of("\"kind\n"),
            "line 1: the header has a quote in its cell 1 that is not closed");
  EXPECT_EQ(items_of("care,kind\n"), "line 1: `care` is no column of things; did you mean `cpe`?")
      << "it has an attribute that is required";
}

TEST(CsvInventory, SaysWhatIsWrongWithARow) {
  EXPECT_EQ(items_of("kind,serialNumber,isPrivileged\ndevice,1\nrole,,maybe\nrole,7,\n,1,\nx,1,\n"),
            "line 2:  has 2 cells; the header has 3;\n"
            "line 3: isPrivileged must be `true` or `false`;\n"
            "line 4: serialNumber is none of roles; leave the cell empty;\n"
            "line 5: kind is missing;\n"
            "line 6: {\"kind\":\"x\"}\n");
  EXPECT_EQ(
      items_of("displayName,deviceLocation\nx,icu\n", "device"),
      "line 2: {\"kind\":\"device\",\"attributes\":{\"displayName\":\"x\"}}\n"
      "line 2: deviceLocation needs a column by whose value alone the row's thing is known;\n");
  EXPECT_EQ(items_of("userName,specialties\nx," + std::string(100, '|') + "\n", "person"),
            "line 2: specialties has 101 items; at most 64 are kept;\n");
}

}  // namespace
}  // namespace wardlock::directory
