#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/wall_clock.h"
#include "cli/admin_client.h"
#include "cli/commands.h"
#include "cli/thing_lookup.h"
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
  ServerOptions server;
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

/// How things are seen, as lines and as JSON.
class Told {
 public:
  /// `hidden`: why it is; empty: it is seen.
  void add(const std::string& id, const codec::Json& entity, const std::string& hidden) {
    text_ += text_.empty() ? "" : "\n";
    if (!hidden.empty()) {
      are_all_seen_ = false;
      things_.push_back(boost::json::object{{"id", id}, {"hidden", hidden}});
      text_ += fmt::format("{}: {}", id, hidden);
    } else {
      things_.push_back(boost::json::object{{"id", id}, {"entity", entity}});
      text_ += codec::to_json_text(entity);
    }
  }

  Exit print(const Output& output) && {
    output.print(boost::json::object{{"things", std::move(things_)}}, text_);
    return are_all_seen_ ? Exit::kOk : Exit::kInvalid;
  }

 private:
  boost::json::array things_;
  std::string text_;
  bool are_all_seen_ = true;
};

Result<Exit> tell_each(const directory::Feed& feed, const std::vector<std::string>& ids,
                       const Output& output) {
  Told told;
  for (const std::string& id : ids) {
    const directory::SeenThing seen = TRY(feed.explain(id, wall_clock_ms()));
    told.add(id, seen.entity.empty() ? codec::Json() : TRY(codec::parse_json(seen.entity)),
             seen.why);
  }
  return std::move(told).print(output);
}

/// As the policies of a running server see them.
Result<Exit> ask_server(const EntitiesOptions& options, const Output& output) {
  if (options.ids.empty()) {
    return invalid(
        "say which: a server tells of things by their ids or names; what is hidden of "
        "all of them is told with `--directory` and `--policies`");
  }
  const auto client = TRY(AdminClient::open(options.server));
  directory::Kinds kinds;
  for (const auto* schema : directory::all_schemas()) kinds = kinds.with(schema->kind);
  Told told;
  for (const std::string& name : options.ids) {
    const std::string id = text_of(TRY(find_thing(*client, kinds, name)), "id");
    const codec::Json seen = TRY(client->get(fmt::format("things/{}/entity", id)));
    const codec::Json* const entity = seen.as_object().if_contains("entity");
    told.add(id, entity == nullptr ? codec::Json() : *entity, text_of(seen, "hidden"));
  }
  return std::move(told).print(output);
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
  if (options.directory.empty()) return ask_server(options, output);
  if (options.policies.empty()) {
    return invalid("name the policies that see the directory with `--policies`");
  }
  const auto schema = TRY(read_schema(options));
  std::optional<pdp::Source> source;
  if (!options.entities.empty()) source = TRY(server::read_source(options.entities));
  const cedar::EntityStore file = TRY(pdp::parse_entities(source, schema.get()));
  const auto store = TRY(server::open_kept_store({.database = options.directory}));
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
      "  wardlock entities device:SN-1001 --server https://wardlock.example --token-file token\n"
      "Exit status 3 where something is hidden.",
      show_entities);
  command.rest("id", options.ids, "ID", "ids of things; without one all that are hidden are told")
      .policies(options.policies, false)
      .schema(options.schema)
      .entities(options.entities)
      .option("--directory", options.directory, "URL",
              "the database itself instead of a server: `sqlite:PATH` or `postgresql://…`")
      .option("--tenant", options.tenant, "NAME", "whose; otherwise the only one, `main`")
      .options_of_many("--known-by", options.known_by, "KIND=ATTRIBUTE",
                       "by which attribute things are known, as `directory.known_by` says");
  add_server_options(command, options.server);
}

}  // namespace wardlock::cli
