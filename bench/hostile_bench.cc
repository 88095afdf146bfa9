// How the work grows with input that somebody chose to make it grow. Each family is measured at one
// size and at four times that size; work that is quadratic in the input fails. See README.md.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <ctime>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "cedar/authorizer/authorizer.h"
#include "cedar/compiled/compiled_policies.h"
#include "cedar/entities/entities_json.h"
#include "cedar/evaluator/step_budget.h"
#include "cedar/parser/parser.h"
#include "cedar/schema/schema.h"

namespace wardlock::bench {
namespace {

constexpr int kFactor = 4;
/// The exponent of growth that is let pass: n log n, and a noisy machine. Quadratic work has 2.
constexpr double kMostGrowth = 1.5;

double processor_ms() {
  std::timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

double best_of(int samples, const std::function<void()>& work) {
  double best = std::numeric_limits<double>::infinity();
  for (int i = 0; i < samples; ++i) {
    const double begin = processor_ms();
    work();
    best = std::min(best, processor_ms() - begin);
  }
  return best;
}

/// `count` pieces made by `piece(i)`, with `separator` between them.
template <typename Piece>
std::string join(std::size_t count, std::string_view separator, Piece piece) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) out += separator;
    out += piece(i);
  }
  return out;
}

std::string repeat(std::size_t count, std::string_view text) {
  return join(count, "", [&](std::size_t) { return std::string(text); });
}

// ---- texts --------------------------------------------------------------------------------------

/// What is refused must be told why; how long that takes counts as well.
template <typename T>
void check_told(const Parsed<T>& parsed) {
  if (!parsed) CHECK(!parsed.error().empty());
}

std::string when(const std::string& condition) {
  return "permit (principal, action, resource) when { " + condition + " };";
}

std::string many_policies(std::size_t n) {
  return join(n, "\n", [](std::size_t i) {
    return fmt::format(R"(@id("p{}") permit (principal == User::"{}", action, resource);)", i, i);
  });
}
std::string many_policies_for_all(std::size_t n) {
  return repeat(n, "permit (principal, action, resource) when { context == {} };");
}
std::string one_id_many_times(std::size_t n) {
  return repeat(n, R"(@id("same") permit (principal, action, resource);)");
}
std::string many_annotations(std::size_t n) {
  return join(n, "\n", [](std::size_t i) { return fmt::format(R"(@a{}("x"))", i); }) +
         "permit (principal, action, resource);";
}
std::string many_errors(std::size_t n) { return repeat(n, "permit (principal, , resource);\n"); }
std::string long_chain(std::size_t n) {
  return when(join(n, " && ", [](std::size_t) { return std::string("true"); }));
}
std::string long_record(std::size_t n) {
  return when("{" + join(n, ", ", [](std::size_t i) { return fmt::format("a{}: {}", i, i); }) +
              "} == {}");
}
std::string long_string(std::size_t n) {
  return when("\"" + repeat(n, R"(\u{41})") + "\" == \"\"");
}
std::string many_comments(std::size_t n) { return repeat(n, "// a comment\n") + when("true"); }
std::string open_brackets(std::size_t n) { return when(repeat(n, "(")); }

std::string chain_of_common_types(std::size_t n) {
  return join(n, "\n", [](std::size_t i) {
    return i == 0 ? std::string("type T0 = Long;") : fmt::format("type T{} = T{};", i, i - 1);
  });
}
std::string many_entity_types(std::size_t n) {
  return "entity E; " + join(n, "\n", [](std::size_t i) {
           return fmt::format("entity E{} in [E] = {{ a: E{}, b?: Set<E> }};", i, i);
         });
}

std::string entities_with_attributes(std::size_t n) {
  return R"([{"uid": {"type": "U", "id": "a"}, "parents": [], "attrs": {)" +
         join(n, ", ", [](std::size_t i) { return fmt::format(R"("k{}": {})", i, i); }) + "}}]";
}
std::string entities_in_one_group(std::size_t n) {
  return "[" +
         join(n, ", ",
              [](std::size_t i) {
                return fmt::format(R"({{"uid": {{"type": "U", "id": "{}"}}, "attrs": {{}},
                                  "parents": [{{"type": "G", "id": "g"}}]}})",
                                   i);
              }) +
         "]";
}
std::string one_entity_in_groups(std::size_t n) {
  return R"([{"uid": {"type": "U", "id": "a"}, "attrs": {}, "parents": [)" +
         join(n, ", ",
              [](std::size_t i) { return fmt::format(R"({{"type": "G", "id": "{}"}})", i); }) +
         "]}]";
}

// ---- decisions ----------------------------------------------------------------------------------

/// A policy decided by both engines for a request whose context is `context`.
void decide(const std::string& policy, const std::string& context) {
  const auto policies = cedar::parse_policies(policy);
  CHECK(policies);
  const auto json = codec::parse_json(context);
  CHECK(json);
  Arena arena;
  const auto value = cedar::context_from_json(arena, *json);
  CHECK(value);
  const cedar::Request request{cedar::make_uid(arena, "U", "a"),
                               cedar::make_uid(arena, "Action", "v"),
                               cedar::make_uid(arena, "U", "b"), *value};
  const cedar::EntityStore none;
  const cedar::EntityView entities(none);
  CHECK(cedar::authorize(policies->policies(), request, entities, arena).errors.empty());
  const auto compiled = cedar::CompiledPolicies::compile(policies->policies());
  cedar::StepBudget budget(UINT64_MAX);  // how work grows, not that it is cut off
  CHECK(cedar::authorize(compiled, request, entities, arena, budget).errors.empty());
}

std::string numbers(std::size_t n) {
  return "[" + join(n, ", ", [](std::size_t i) { return fmt::to_string(i); }) + "]";
}
std::string two_sets(std::size_t n) { return fmt::format(R"({{"a": {0}, "b": {0}}})", numbers(n)); }
std::string one_text(std::size_t n) { return fmt::format(R"({{"a": "{}"}})", repeat(n, "a")); }

// ---- the list -----------------------------------------------------------------------------------

struct Family {
  std::string_view name;
  std::size_t size;
  std::function<void(std::size_t)> work;
};

Family of_policies(std::string_view name, std::size_t size, std::string (*text)(std::size_t)) {
  return {name, size, [text](std::size_t n) { check_told(cedar::parse_policies(text(n))); }};
}
Family of_schemas(std::string_view name, std::size_t size, std::string (*text)(std::size_t)) {
  return {name, size, [text](std::size_t n) { check_told(cedar::parse_schema(text(n))); }};
}
Family of_entities(std::string_view name, std::size_t size, std::string (*text)(std::size_t)) {
  return {name, size, [text](std::size_t n) {
            const auto json = codec::parse_json(text(n));
            CHECK(json);
            CHECK(cedar::entities_from_json(*json));
          }};
}
Family of_decisions(std::string_view name, std::size_t size, const std::string& condition,
                    std::string (*context)(std::size_t)) {
  return {name, size, [condition, context](std::size_t n) { decide(when(condition), context(n)); }};
}

std::vector<Family> families() {
  return {
      of_policies("many policies", 2'000, many_policies),
      of_policies("policies of one id", 2'000, one_id_many_times),
      of_policies("annotations of one policy", 4'000, many_annotations),
      of_policies("policies that do not parse", 4'000, many_errors),
      of_policies("a chain of conjuncts", 20'000, long_chain),
      of_policies("fields of one record", 10'000, long_record),
      of_policies("escapes in one text", 50'000, long_string),
      of_policies("comments", 50'000, many_comments),
      of_policies("open brackets", 50'000, open_brackets),
      of_schemas("common types in a chain", 2'000, chain_of_common_types),
      of_schemas("entity types", 2'000, many_entity_types),
      of_entities("attributes of one entity", 10'000, entities_with_attributes),
      of_entities("entities in one group", 5'000, entities_in_one_group),
      of_entities("groups of one entity", 10'000, one_entity_in_groups),
      of_decisions("containsAll", 20'000, "context.a.containsAll(context.b)", two_sets),
      of_decisions("equal sets", 20'000, "context.a == context.b", two_sets),
      of_decisions("like", 100'000,
                   R"(!(context.a like "*aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab*a*a*a*a*"))", one_text),
      {"policies in one decision", 2'000,
       [](std::size_t n) { decide(many_policies_for_all(n), "{}"); }},
      {"a pattern as long as its text", 20'000,
       [](std::size_t n) {
         decide(when(fmt::format(R"(!(context.a like "*{}b*"))", repeat(n / 2, "a"))), one_text(n));
       }},
      {"wildcards", 5'000,
       [](std::size_t n) {
         decide(when(fmt::format(R"(!(context.a like "{}b"))", repeat(n, "*a"))), one_text(2 * n));
       }},
  };
}

bool grows_well(const Family& family) {
  const double small = best_of(5, [&] { family.work(family.size); });
  const double large = best_of(3, [&] { family.work(family.size * kFactor); });
  const double growth = std::log(large / small) / std::log(kFactor);
  const bool is_well = growth <= kMostGrowth;
  fmt::print("{:32} {:8} {:9.2f} ms {:9.2f} ms   n^{:.2f}{}\n", family.name, family.size, small,
             large, growth, is_well ? "" : "  grows too fast");
  return is_well;
}

int run() {
  fmt::print("{:32} {:>8} {:>12} {:>12}   growth\n", "family", "n", "n", "4 n");
  bool is_well = true;
  for (const Family& family : families()) {
    // Once more where another process may have disturbed it.
    is_well = (grows_well(family) || grows_well(family)) && is_well;
  }
  return is_well ? 0 : 1;
}

}  // namespace
}  // namespace wardlock::bench

int main() { return wardlock::bench::run(); }
