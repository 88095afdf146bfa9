#include "cli/relation_text.h"

#include <fmt/format.h>

#include <map>

#include "cli/thing_lookup.h"

namespace wardlock::cli {
namespace {

using codec::Json;

/// What is called how; each is asked for once.
class Names {
 public:
  explicit Names(AdminClient& client) : client_(client) {}

  Result<std::string> of(const std::string& id) {
    const auto known = names_.find(id);
    if (known != names_.end()) return known->second;
    const auto thing = client_.get("things/" + id);
    const bool is_hidden = !thing && (thing.error().code == ErrorCode::kNotFound ||
                                      thing.error().code == ErrorCode::kPermissionDenied);
    if (!thing && !is_hidden) return std::unexpected(thing.error());
    std::string name = thing ? name_of(*thing) : id;
    names_.emplace(id, name);
    return name;
  }
  void add(const Json& thing) { names_.emplace(text_of(thing, "id"), name_of(thing)); }

 private:
  AdminClient& client_;
  std::map<std::string, std::string> names_;
};

Result<std::string> line_of(Names& names, const Json& relation) {
  const std::string subject = TRY(names.of(text_of(relation, "subject")));
  const std::string other = TRY(names.of(text_of(relation, "object")));
  std::string line = fmt::format("{} {} {}", subject, text_of(relation, "kind"), other);
  const std::string scope = text_of(relation, "scope");
  if (!scope.empty()) {
    const std::string where = TRY(names.of(scope));
    line += fmt::format(" in {}", where);
  }
  const std::string until = text_of(relation, "until");
  if (!until.empty()) line += fmt::format(" until {}", until);
  return line;
}

}  // namespace

Result<void> add_relations(AdminClient& client, const Json& thing, const Json& relations,
                           StyledText& out) {
  constexpr std::size_t kShown = 50;
  Names names(client);
  names.add(thing);
  std::size_t count = 0;
  for (const Json& each : relations.at("items").as_array()) {
    if (++count > kShown) {
      out.add("\n  and more: `--json` has all", Style::kDim);
      break;
    }
    const std::string line = TRY(line_of(names, each));
    out.add("\n  ").add(line);
  }
  const std::string withheld = text_of(relations, "withheld");
  if (withheld != "0" && !withheld.empty()) {
    out.add(fmt::format("\n  {} more, of what you may not see", withheld), Style::kDim);
  }
  return {};
}

Result<std::string> relation_line(AdminClient& client, const Json& relation) {
  Names names(client);
  return line_of(names, relation);
}

}  // namespace wardlock::cli
