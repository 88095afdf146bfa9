#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/inventory_target.h"
#include "directory/inventory/csv_export.h"
#include "directory/model/relation.h"
#include "directory/model/schema.h"

namespace wardlock::cli {
namespace {

enum class Format : std::uint8_t { kJson, kCsv, kCycloneDx };

struct ExportOptions {
  std::vector<std::string> kinds;
  Format format = Format::kJson;
  std::string since;
  std::string model;
  InventoryPlace place;
};

/// What was asked for: names of kinds of things, then of relations.
struct Wanted {
  std::vector<std::string> things;
  std::vector<std::string> relations;
};

Result<Wanted> wanted_of(const std::vector<std::string>& names) {
  Wanted wanted;
  for (const auto* schema : directory::all_schemas()) {
    const bool is_asked = names.empty() || std::ranges::find(names, schema->name) != names.end();
    if (is_asked) wanted.things.emplace_back(schema->name);
  }
  for (const auto& schema : directory::all_relations()) {
    const bool is_asked = names.empty() || std::ranges::find(names, schema.name) != names.end();
    if (is_asked) wanted.relations.emplace_back(schema.name);
  }
  if (names.empty() || wanted.things.size() + wanted.relations.size() == names.size())
    return wanted;
  return invalid(
      "one of the kinds is none, or is there twice; docs/formats/directory.md lists "
      "kinds of things and relations");
}

/// Each item of a kind, page by page.
Result<void> each(InventoryTarget& target, const std::string& kind, bool has_relations,
                  const std::function<void(const codec::Json&)>& visit) {
  std::string after;
  do {
    const auto page = TRY(target.page(kind, after, has_relations));
    for (const codec::Json& item : page.items) visit(item);
    after = page.next;
  } while (!after.empty());
  return {};
}

/// One object, item by item, so that it may be larger than memory.
Result<void> write_json(InventoryTarget& target, const Wanted& wanted) {
  const std::uint64_t revision = TRY(target.revision());
  fmt::print("{{\"revision\":{}", revision);
  for (const auto& [name, kinds] :
       {std::pair("things", &wanted.things), std::pair("relations", &wanted.relations)}) {
    fmt::print(",\n\"{}\":[", name);
    const char* separator = "\n";
    for (const std::string& kind : *kinds) {
      TRY_VOID(each(target, kind, false, [&](const codec::Json& item) {
        fmt::print("{}{}", separator, codec::to_json_text(item));
        separator = ",\n";
      }));
    }
    fmt::print("]");
  }
  fmt::print("}}\n");
  return {};
}

Result<void> write_csv(InventoryTarget& target, const Wanted& wanted) {
  if (wanted.things.size() + wanted.relations.size() != 1) {
    return invalid("a CSV file has one kind: say which with `--kind`, e.g. `--kind device`");
  }
  if (!wanted.relations.empty()) {
    const auto relation = *directory::find_relation(wanted.relations.front());
    fmt::print("{}", directory::csv_header(relation));
    return each(target, wanted.relations.front(), false, [&](const codec::Json& item) {
      fmt::print("{}", directory::csv_row(relation, item));
    });
  }
  const auto kind = *directory::find_kind(wanted.things.front());
  fmt::print("{}", directory::csv_header(kind));
  return each(target, wanted.things.front(), true,
              [&](const codec::Json& item) { fmt::print("{}", directory::csv_row(kind, item)); });
}

/// What is other than then, each thing and relation once, as it is now.
Result<void> write_changes(InventoryTarget& target, std::uint64_t since) {
  std::map<std::string, codec::Json> things;
  std::vector<codec::Json> relations;
  std::set<std::string> removed;
  std::uint64_t revision = since;
  for (bool is_all = false; !is_all;) {
    auto changes = TRY(target.changes(revision));
    for (codec::Json& thing : changes.things) {
      const codec::Json* id = thing.is_object() ? thing.get_object().if_contains("id") : nullptr;
      if (id == nullptr || !id->is_string()) {
        return fail(ErrorCode::kUnavailable, "the answer has a thing without an id");
      }
      const std::string name(id->get_string());
      things.insert_or_assign(name, std::move(thing));
    }
    std::ranges::move(changes.relations, std::back_inserter(relations));
    for (const std::string& id : changes.removed) {
      things.erase(id);
      removed.insert(id);
    }
    revision = changes.revision;
    is_all = changes.is_all;
  }
  boost::json::array all, gone;
  for (auto& [id, thing] : things) all.push_back(std::move(thing));
  for (const std::string& id : removed) gone.emplace_back(id);
  fmt::print("{}\n", codec::to_pretty_json_text(boost::json::object{
                         {"since", since},
                         {"revision", revision},
                         {"things", std::move(all)},
                         {"relations", boost::json::array(relations.begin(), relations.end())},
                         {"removed", std::move(gone)}}));
  return {};
}

Result<Exit> export_bill(const ExportOptions& options) {
  if (options.model.empty()) {
    return invalid(
        "a bill of materials is of one thing: name it with `--model`, e.g. `--model "
        "meridian/MX-4`");
  }
  if (!options.kinds.empty() || !options.since.empty()) {
    return invalid("a bill of materials goes without `--kind` and `--since`");
  }
  const std::string key = model_key(options.model);
  const auto target = TRY(open_target(options.place));
  const auto bill = TRY(target->bill(key));
  if (!bill) {
    return fail(ErrorCode::kNotFound, fmt::format("`{}` names nothing that is known", key));
  }
  fmt::print("{}\n", codec::to_pretty_json_text(*bill));
  return Exit::kOk;
}

Result<Exit> export_all(const ExportOptions& options, const Output&) {
  if (options.format == Format::kCycloneDx) return export_bill(options);
  if (!options.model.empty()) return invalid("`--model` goes with `--format cyclonedx`");
  const Wanted wanted = TRY(wanted_of(options.kinds));
  std::uint64_t since = 0;
  if (!options.since.empty()) {
    const char* const end = options.since.data() + options.since.size();
    const auto [stop, error] = std::from_chars(options.since.data(), end, since);
    if (error != std::errc() || stop != end) {
      return invalid("`--since` is a revision, such as the `revision` of the hand-over before");
    }
    if (options.format == Format::kCsv || !options.kinds.empty()) {
      return invalid("`--since` tells of all kinds, as JSON: leave out `--format` and `--kind`");
    }
  }
  const auto target = TRY(open_target(options.place));
  if (!options.since.empty()) {
    TRY_VOID(write_changes(*target, since));
  } else if (options.format == Format::kCsv) {
    TRY_VOID(write_csv(*target, wanted));
  } else {
    TRY_VOID(write_json(*target, wanted));
  }
  return Exit::kOk;
}

}  // namespace

void add_export(Commands& commands) {
  auto [command, options] = commands.add<ExportOptions>(
      "export", "Write devices, software, people and how they stand to each other to a file",
      "  wardlock export --server https://wardlock.example > hospital.json\n"
      "  wardlock export --kind device --format csv > devices.csv\n"
      "  wardlock export --since 4711 > changes.json\n"
      "  wardlock export --format cyclonedx --model meridian/MX-4 > mx-4.cdx.json\n"
      "What is written can be imported again. A CSV file runs no formulas in a spreadsheet.",
      export_all);
  command
      .options_of_many("--kind", options.kinds, "KIND",
                       "of things, or the name of a relation; otherwise all")
      .choice<Format>(
          "--format", options.format,
          {{"json", Format::kJson}, {"csv", Format::kCsv}, {"cyclonedx", Format::kCycloneDx}},
          "of the file; JSON, if not said")
      .option("--model", options.model, "KEY",
              "the device model whose bill of materials is written, as CycloneDX")
      .option("--since", options.since, "REVISION", "only what is other than it was then")
      .flag("--sensitive", options.place.is_sensitive,
            "with what is shown only to who asks for it");
  add_place_options(command, options.place);
}

}  // namespace wardlock::cli
