#include "cedar/entities/entity_graph.h"
#include "cli/commands.h"
#include "cli/inputs.h"
#include "cli/parse_check.h"
#include "pdp/sources.h"

namespace wardlock::cli {
namespace {

enum class GraphFormat : std::uint8_t { kDot, kMermaid };

struct VisualizeOptions {
  std::string entities;
  std::string schema;
  GraphFormat format = GraphFormat::kDot;
};

Result<Exit> visualize(const VisualizeOptions& options, const Output& output) {
  const pdp::Sources sources = TRY(load_sources({}, options.schema, options.entities));
  std::optional<cedar::Schema> schema;
  if (!sources.schemas.empty()) {
    auto parsed = pdp::parse_schema(sources.schemas);
    if (!parsed) return report(sources, parsed.error(), output);
    schema.emplace(*std::move(parsed));
  }
  const cedar::EntityStore entities =
      TRY(pdp::parse_entities(sources.entities, schema ? &*schema : nullptr));
  const bool is_dot = options.format == GraphFormat::kDot;
  const std::string graph = is_dot ? cedar::to_dot(entities) : cedar::to_mermaid(entities);
  output.print(boost::json::object{{"format", is_dot ? "dot" : "mermaid"}, {"graph", graph}},
               graph);
  return Exit::kOk;
}

}  // namespace

void add_visualize(Commands& commands) {
  auto [command, options] = commands.add<VisualizeOptions>(
      "visualize", "Draw which entities are in which",
      "  wardlock visualize --entities entities.json | dot -Tsvg > entities.svg\n"
      "  wardlock visualize --entities policies/hospital/entities.json --format mermaid",
      visualize);
  command.entities(options.entities, true)
      .schema(options.schema)
      .choice<GraphFormat>("--format", options.format,
                           {{"dot", GraphFormat::kDot}, {"mermaid", GraphFormat::kMermaid}},
                           "for Graphviz, or for Markdown (default: dot)");
}

}  // namespace wardlock::cli
