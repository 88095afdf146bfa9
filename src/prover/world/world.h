#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <string>
#include <vector>

namespace wardlock::prover {

/// One of the entities of a question, with what the application says of it: what the schema calls
/// `@source("request")`.
struct Party {
  std::string type;
  std::string id;
  boost::json::object properties = {};
};

/// A question, and the entities over which it is asked. Owns all it holds.
struct World {
  Party principal;
  std::string action;  ///< its uid
  Party resource;
  boost::json::object context = {};  ///< without the keys that the PDP fills
  std::int64_t level = 0;            ///< how the principal has signed in
  std::vector<std::string> methods = {};
  std::int64_t at = 0;  ///< milliseconds since the epoch
  std::vector<std::string> fulfils = {};
  std::string grant = {};            ///< the break-glass grant that it names; may be empty
  boost::json::array entities = {};  ///< besides those that are given
};

/// The question as `wardlock authorize` takes it: `principal`, `action`, `resource` as uids, and
/// `context` with the keys that the PDP fills where `filled` names them; then what that command
/// cannot say: `fulfils`, `grant`.
boost::json::object question_json(const World& world, const std::vector<std::string>& filled);

}  // namespace wardlock::prover
