#include "cedar/entities/entity_graph.h"

#include <fmt/format.h>

#include <map>
#include <vector>

namespace wardlock::cedar {
namespace {

using EntitiesByType = std::map<std::string_view, std::vector<const Entity*>>;

EntitiesByType by_type(const EntityStore& store) {
  EntitiesByType types;
  for (const Entity* entity : store.entities()) types[entity->uid()->type].push_back(entity);
  return types;
}

/// An id as Cedar would escape it, without the quotes.
std::string escaped_id(const EntityUid& uid) {
  const std::string quoted = quote(uid.id);
  return quoted.substr(1, quoted.size() - 2);
}

std::string dot_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out += '"';
}

/// What Mermaid could take for markup becomes a numeric character reference.
std::string mermaid_string(std::string_view text) {
  constexpr std::string_view kMarkup = "\"#&<>`\\*_[](){}|";
  std::string out = "\"";
  for (const char c : text) {
    out += kMarkup.contains(c) ? fmt::format("#{};", static_cast<int>(c)) : std::string(1, c);
  }
  return out += '"';
}

/// Draws each uid as a node with a number of its own.
class MermaidGraph {
 public:
  std::string draw(const EntityStore& store) {
    int count = 0;
    for (const auto& [type, entities] : by_type(store)) {
      out_ += fmt::format("  subgraph t{}[{}]\n", count++, mermaid_string(type));
      for (const Entity* entity : entities)
        declare(*entity->uid(), escaped_id(*entity->uid()), "    ");
      out_ += "  end\n";
    }
    for (const Entity* entity : store.entities()) {
      for (const EntityUid* parent : entity->parents()) {
        if (!numbers_.contains(parent)) declare(*parent, to_text(*parent), "  ");
        out_ += fmt::format("  n{} --> n{}\n", numbers_.at(entity->uid()), numbers_.at(parent));
      }
    }
    return std::move(out_);
  }

 private:
  void declare(const EntityUid& uid, std::string_view label, std::string_view indent) {
    const std::size_t number = numbers_.size();
    numbers_.emplace(&uid, number);
    out_ += fmt::format("{}n{}[{}]\n", indent, number, mermaid_string(label));
  }

  std::string out_ = "flowchart BT\n";
  std::unordered_map<const EntityUid*, std::size_t, UidHash, UidEqual> numbers_;
};

}  // namespace

std::string to_dot(const EntityStore& entities) {
  std::string out = "strict digraph {\n\tordering=\"out\"\n\tnode[shape=box]\n";
  for (const auto& [type, members] : by_type(entities)) {
    out += fmt::format("\tsubgraph \"cluster_{}\" {{\n\t\tlabel={}\n", type, dot_string(type));
    for (const Entity* entity : members) {
      out += fmt::format("\t\t{} [label={}]\n", dot_string(to_text(*entity->uid())),
                         dot_string(escaped_id(*entity->uid())));
    }
    out += "\t}\n";
  }
  for (const Entity* entity : entities.entities()) {
    for (const EntityUid* parent : entity->parents()) {
      out += fmt::format("\t{} -> {}\n", dot_string(to_text(*entity->uid())),
                         dot_string(to_text(*parent)));
    }
  }
  return out + "}\n";
}

std::string to_mermaid(const EntityStore& entities) { return MermaidGraph().draw(entities); }

}  // namespace wardlock::cedar
