#include "directory/feed/seen_json.h"

#include "cedar/json/value_json.h"
#include "codec/json.h"

namespace wardlock::directory {
namespace {

Result<boost::json::object> to_json(std::span<const cedar::Field> fields) {
  boost::json::object out;
  for (const cedar::Field& field : fields) out[field.name] = TRY(cedar::value_to_json(field.value));
  return out;
}

}  // namespace

Result<std::string> to_entity_json(const cedar::EntityDraft& entity) {
  boost::json::array parents;
  for (const cedar::EntityUid* parent : entity.parents) {
    parents.push_back(cedar::uid_to_json(*parent));
  }
  boost::json::object out;
  out["uid"] = cedar::uid_to_json(*entity.uid);
  out["attrs"] = TRY(to_json(entity.attributes));
  out["parents"] = std::move(parents);
  if (!entity.tags.empty()) out["tags"] = TRY(to_json(entity.tags));
  return codec::to_json_text(out);
}

}  // namespace wardlock::directory
