#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "codec/json.h"
#include "pdp/caller.h"
#include "pdp/rule.h"

namespace wardlock::suite {

/// A principal or resource, with what the application says of it.
struct Described {
  std::string type;
  std::string id;
  boost::json::object properties = {};
};

/// How a person was authenticated, or must be: `pdp::Authentication` with texts of its own.
struct Authentication {
  std::int64_t level = 0;
  std::vector<std::string> methods = {};
};

/// A question as an enforcement point asks it, and when.
struct Asked {
  Described principal;
  std::string action;
  boost::json::object action_properties = {};
  Described resource;
  boost::json::object context = {};
  std::optional<Authentication> authentication = {};
  std::vector<std::string> fulfils = {};  ///< obligations that the caller can fulfil
  std::string grant = {};                 ///< the break-glass grant that is named; may be empty
  std::optional<Described> actor = {};    ///< who acts for the principal; without properties
  std::string pep = {};                   ///< who asks, for `context.pep`
  std::int64_t at = 0;                    ///< milliseconds since the epoch
};

/// A name in a suite's text.
struct Word {
  std::string text;
  Span span;
};

/// What the answer must be. What is not said is not checked; an empty list says that there is none.
struct Expectation {
  std::optional<bool> is_allowed;
  std::optional<pdp::Cause> cause;
  std::optional<std::vector<Word>> policies;     ///< the determining ones, in any order
  std::optional<std::vector<Word>> obligations;  ///< in any order
  std::optional<bool> is_override_possible;
  /// The inner one is empty where nothing must be said of stepping up.
  std::optional<std::optional<Authentication>> step_up;
  std::optional<bool> is_withheld;
  std::optional<std::vector<Word>> errors;  ///< policies that must err, in any order
  std::optional<std::string> refusal;       ///< the question is refused, with this in the message
};

/// One question and what its answer must be.
struct Test {
  std::size_t group = 0;  ///< the entry of `tests` it comes from
  std::string row;        ///< which of the entry's questions it is; empty: it has one
  Span span;              ///< where it stands
  Span principal_span;
  Span action_span;
  Span resource_span;
  Asked asked;
  Expectation expected;
  std::optional<std::string> skip;  ///< why it is not run
};

/// An entry of `tests`.
struct Group {
  std::string name;
  std::string description;
  std::vector<std::string> tags;
  Span span;
};

/// What need not be covered, and why.
struct Excuse {
  Word policy;
  std::optional<Word> part;        ///< its text; absent: the policy as a whole
  std::optional<bool> never = {};  ///< the outcome that is not seen; absent with `part`: both
  std::string reason;
  Span span;
};

/// Entities that a suite describes itself: entities JSON.
struct Entities {
  codec::Json json;
  bool are_added = false;  ///< to the folder's; else they are all there are
  Span span;
};

/// A file of policy tests. Owns all it holds.
struct Suite {
  std::string name;
  std::string description;
  std::vector<Group> groups;
  std::vector<Test> tests;  ///< in the order of the text
  std::optional<Entities> entities;
  std::vector<Excuse> excuses;

  /// What reports call the test: its group's name and its row.
  std::string name_of(const Test& test) const;
};

struct SuiteLimits {
  std::size_t max_bytes = std::size_t{8} << 20;
  std::size_t max_tests = 100'000;  ///< lists and tables unfolded
};

/// Reads a suite of policy tests, YAML (docs/policy-tests.md). Error: everything that is wrong.
/// Pure.
Parsed<Suite> read_suite(std::string_view text, const SuiteLimits& limits = {});

}  // namespace wardlock::suite
