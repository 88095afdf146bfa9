#include "bench/cedar_task.h"

#include <fmt/format.h>

#include "bench/comparator.h"
#include "bench/request_draw.h"
#include "cedar/json/value_json.h"

namespace wardlock::bench {
namespace {

using boost::json::array;
using boost::json::object;
using cedar::Path;
using codec::Json;

std::string_view text_of(const object& it, std::string_view name) {
  const Json* json = it.if_contains(name);
  if (json == nullptr || !json->is_string()) return {};
  return {json->get_string().data(), json->get_string().size()};
}

Result<Path> find_task_list(const Path& folder) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, ignored)) {
    if (entry.path().filename() == "tasks.json") return entry.path();
  }
  return fail(ErrorCode::kNotFound,
              fmt::format("no tasks.json in `{}`; unpack cedar-benchmarking-corpus.tar.xz there",
                          folder.string()));
}

void draw_requests(CedarTask& task, RequestDraw& draw, const TaskSelection& selection) {
  std::vector<std::size_t> denied;  // positions, the last one is the next to be replaced
  for (std::size_t i = 0; i < selection.requests; ++i) {
    task.requests.push_back(draw.draw());
    if (!task.engine->decide(task.requests.back()).allows) denied.push_back(i);
  }
  const auto count = static_cast<double>(selection.requests);
  const auto allow_share = [&] { return 1 - static_cast<double>(denied.size()) / count; };
  task.drawn_allow_share = allow_share();
  constexpr std::size_t kMostDraws = 100;
  for (std::size_t i = 0; i < kMostDraws * selection.requests; ++i) {
    if (allow_share() >= selection.least_allow_share) return;
    const cedar::Request request = draw.draw();
    if (!task.engine->decide(request).allows) continue;
    task.requests[denied.back()] = request;
    denied.pop_back();
  }
}

Result<CedarTask> read_task(const Path& root, const object& it, const TaskSelection& selection) {
  const auto file = [&](std::string_view name) { return root / text_of(it, name); };
  CedarTask task;
  task.name = text_of(it, "name");
  task.policy_text = TRY(cedar::read_file(file("policy_file")));
  task.schema = std::make_unique<cedar::Schema>(TRY(cedar::read_schema(file("cedar_schema_file"))));
  const double before = allocated_bytes();
  task.policies =
      std::make_unique<cedar::PolicySet>(TRY(cedar::read_policies(file("policy_file"))));
  task.entities = std::make_unique<cedar::EntityStore>(
      TRY(cedar::read_entities(file("entities_file"), task.schema.get())));
  task.engine = std::make_unique<Engine>(*task.policies, *task.entities);
  task.kilobytes = (allocated_bytes() - before) / 1000;
  task.arena = std::make_unique<Arena>();
  RequestDraw draw(*task.schema, *task.policies, *task.entities, *task.arena, selection.seed);
  task.environments = draw.environments();
  task.empty_environments = draw.empty_environments();
  if (task.environments == 0) return invalid(task.name + ": no request can be drawn");
  draw_requests(task, draw, selection);
  return task;
}

Result<object> fields_to_json(const cedar::EntityFields& fields) {
  object out;
  for (const cedar::Field& field : fields) {
    out[field.name] = TRY(cedar::value_to_json(field.value));
  }
  return out;
}

Result<Json> to_json(const cedar::Entity& entity) {
  array parents;
  for (const cedar::EntityUid* parent : entity.parents()) {
    parents.push_back(cedar::uid_to_json(*parent));
  }
  return object{{"uid", cedar::uid_to_json(*entity.uid())},
                {"attrs", TRY(fields_to_json(entity.attributes()))},
                {"tags", TRY(fields_to_json(entity.tags()))},
                {"parents", parents}};
}

Result<Json> to_json(const cedar::Request& request) {
  return object{{"principal", cedar::uid_to_json(*request.principal)},
                {"action", cedar::uid_to_json(*request.action)},
                {"resource", cedar::uid_to_json(*request.resource)},
                {"context", TRY(cedar::value_to_json(request.context))}};
}

}  // namespace

Result<std::vector<CedarTask>> read_tasks(const Path& folder, const TaskSelection& selection,
                                          std::vector<std::string>& left_out) {
  const Path list = TRY(find_task_list(folder));
  const Json json = TRY(cedar::read_json(list));
  std::vector<CedarTask> tasks;
  for (const Json& entry : json.as_array()) {
    const object& it = entry.as_object();
    const std::string_view name = text_of(it, "name");
    if (!selection.only.empty() && name != selection.only) continue;
    if (!it.contains("entities_file") || !it.contains("cedar_schema_file")) {
      left_out.emplace_back(name);
    } else {
      tasks.push_back(TRY(read_task(list.parent_path(), it, selection)));
    }
  }
  return tasks;
}

Result<Json> to_json(const CedarTask& task) {
  array entities;
  for (const cedar::Entity* entity : task.entities->entities()) {
    entities.push_back(TRY(to_json(*entity)));
  }
  array requests;
  for (const cedar::Request& request : task.requests) requests.push_back(TRY(to_json(request)));
  return object{{"name", task.name},
                {"policies", task.policy_text},
                {"entities", std::move(entities)},
                {"requests", std::move(requests)}};
}

}  // namespace wardlock::bench
