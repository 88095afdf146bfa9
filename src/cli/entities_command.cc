#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/wall_clock.h"
#include "cli/commands.h"
#include "codec/json.h"
#include "directory/feed/feed.h"
#include "pdp/sources.h"
#include "server/directory.h"
#include "server/policy_files.h"

namespace wardlock::cli {
namespace {

struct EntitiesOptions {
  std::vector<std::string> ids;  ///< none: all that are hidden are told
  std::string policies;
  std::string schema;
  std::string entities;
  std::string directory;
  std::string tenant;
  std::vector<std::string> known_by;  ///< `KIND=ATTRIBUTE`
};

Result<directory::KnownBy> known_by_of(const EntitiesOptions& options) {
  directory::KnownBy known_by;
  for (const std::string& each : options.known_by) {
    const std::size_t equals = each.find('=');
    if (equals == std::string::npos) {
      return invalid(fmt::format("`--known-by {}` is not `KIND=ATTRIBUTE`", each));
    }
    TRY_VOID(directory::add_known_by(known_by, std::string_view(each).substr(0, equals),
                                     std::string_view(each).substr(equals + 1)));
  }
  return known_by;
}

Result<std::shared_ptr<const cedar::Schema>> read_schema(const EntitiesOptions& options) {
  pdp::Sources sources = TRY(server::read_policies(options.policies));
  if (!options.schema.empty()) {
    sources.schemas.clear();
    sources.schemas.push_back(TRY(server::read_source(options.schema)));
  }
  if (sources.schemas.empty()) {
    return fail(ErrorCode::kFailedPrecondition,
                "what policies see of the directory is said by their schema, and they have none; "
                "name one with `--schema`");
  }
  cedar::Schema schema = TRY(pdp::parse_schema(sources.schemas));
  return std::make_shared<const cedar::Schema>(std::move(schema));
}

/// Nothing: it is seen.
Result<std::optional<std::string>> tell_one(const directory::Feed& feed, const std::string& id,
                                            boost::json::array& found, std::string& text) {
  const directory::SeenThing seen = TRY(feed.explain(id, wall_clock_ms()));
  if (seen.entity.empty()) {
    found.push_back(boost::json::object{{"id", id}, {"hidden", seen.why}});
    text += fmt::format("{}: {}\n", id, seen.why);
    return seen.why;
  }
  const codec::Json entity = TRY(codec::parse_json(seen.entity));
  found.push_back(boost::json::object{{"id", id}, {"entity", entity}});
  text += seen.entity + "\n";
  return std::nullopt;
}

Result<Exit> tell_each(const directory::Feed& feed, const std::vector<std::string>& ids,
                       const Output& output) {
  boost::json::array found;
  std::string text;
  bool all_are_seen = true;
  for (const std::string& id : ids) {
    if (TRY(tell_one(feed, id, found, text))) all_are_seen = false;
  }
  text.pop_back();
  output.print(boost::json::object{{"things", std::move(found)}}, text);
  return all_are_seen ? Exit::kOk : Exit::kInvalid;
}

Exit tell_hidden(const directory::Feed& feed, const Output& output) {
  boost::json::array hidden;
  std::string text = fmt::format("{} things are seen as entities, {} are hidden",
                                 feed.shown_count(), feed.hidden_count());
  const std::vector<directory::HiddenThing> some = feed.hidden();
  for (const directory::HiddenThing& thing : some) {
    hidden.push_back(
        boost::json::object{{"id", thing.id}, {"kind", thing.kind}, {"why", thing.why}});
    text += fmt::format("\n{} {}: {}", thing.kind, thing.id, thing.why);
  }
  if (some.size() < feed.hidden_count()) {
    text += fmt::format("\nand {} more", feed.hidden_count() - some.size());
  }
  const std::vector<std::string> warnings = feed.warnings();
  for (const std::string& warning : warnings) text += "\nwarning: " + warning;
  output.print(
      boost::json::object{{"seen", feed.shown_count()},
                          {"hidden", feed.hidden_count()},
                          {"some_hidden", std::move(hidden)},
                          {"warnings", boost::json::array(warnings.begin(), warnings.end())},
                          {"revision", feed.revision()}},
      text);
  return feed.hidden_count() == 0 ? Exit::kOk : Exit::kInvalid;
}

Result<Exit> show_entities(const EntitiesOptions& options, const Output& output) {
  const auto schema = TRY(read_schema(options));
  std::optional<pdp::Source> source;
  if (!options.entities.empty()) source = TRY(server::read_source(options.entities));
  const cedar::EntityStore file = TRY(pdp::parse_entities(source, schema.get()));
  const auto store = TRY(server::open_store({.database = options.directory}));
  directory::FeedOptions how{.tenant = std::string(server::directory_tenant(options.tenant)),
                             .schema = schema};
  how.known_by = TRY(known_by_of(options));
  const auto feed = TRY(directory::Feed::load(*store, std::move(how), file, wall_clock_ms()));
  if (!options.ids.empty()) return tell_each(*feed, options.ids, output);
  return tell_hidden(*feed, output);
}

}  // namespace

void add_entities(Commands& commands) {
  auto [command, options] = commands.add<EntitiesOptions>(
      "entities", "Show how policies see the things of a directory, and which they do not see",
      "  wardlock entities --policies policies --directory sqlite:directory.db\n"
      "  wardlock entities --policies policies --directory sqlite:directory.db "
      "0199f1c2-6e1b-7c3a-9d5e-0f2a4b6c8d1e\n"
      "Exit status 3 where something is hidden.",
      show_entities);
  command.rest("id", options.ids, "ID", "ids of things; without one all that are hidden are told")
      .option("-p,--policies", options.policies, "PATH", "policies with their schema", true)
      .schema(options.schema)
      .entities(options.entities)
      .option("--directory", options.directory, "URL",
              "the database itself: `sqlite:PATH` or `postgresql://…`", true)
      .option("--tenant", options.tenant, "NAME", "whose; otherwise the only one, `main`")
      .options_of_many("--known-by", options.known_by, "KIND=ATTRIBUTE",
                       "by which attribute things are known, as `directory.known_by` says");
}

}  // namespace wardlock::cli
