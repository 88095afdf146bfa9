#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/arena.h"
#include "bench/engine.h"
#include "conformance/case_files.h"

namespace wardlock::bench {

/// One task of the corpus with the requests drawn for it.
struct CedarTask {
  std::string name;
  std::string policy_text;
  std::unique_ptr<cedar::PolicySet> policies;
  std::unique_ptr<cedar::Schema> schema;
  std::unique_ptr<cedar::EntityStore> entities;
  std::unique_ptr<Arena> arena;    ///< of the requests
  std::unique_ptr<Engine> engine;  ///< ready to decide them
  std::vector<cedar::Request> requests;
  std::size_t environments = 0;
  std::size_t empty_environments = 0;  ///< left out: there is no entity of one of their types
  double kilobytes = 0;                ///< allocated for policies and entities, made ready
  double drawn_allow_share = 0;        ///< before allowed requests replaced others
};

struct TaskSelection {
  std::string only;  ///< a task's name; empty for all
  std::size_t requests = 500;
  double least_allow_share = 0.4;  ///< where the policies reach it
  std::uint64_t seed = 1;
};

/// Reads the tasks of `tasks.json` (in the folder or below it) that have entities and a schema, and
/// draws their requests. Where too few are allowed, more are drawn, and those that are allowed take
/// the places of others, until enough are or a hundred times as many were drawn. `left_out` gets
/// the names of the others.
Result<std::vector<CedarTask>> read_tasks(const cedar::Path& folder, const TaskSelection& selection,
                                          std::vector<std::string>& left_out);

/// What the comparators read: policies, entities and requests with explicit escapes, so that no
/// schema is needed to understand them.
Result<codec::Json> to_json(const CedarTask& task);

}  // namespace wardlock::bench
