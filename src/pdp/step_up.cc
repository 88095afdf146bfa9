#include "pdp/step_up.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory_resource>
#include <utility>
#include <vector>

#include "pdp/request_context.h"

namespace wardlock::pdp {
namespace {

constexpr std::int64_t kHighestLevel = 3;  // NIST SP 800-63B
/// Those of RFC 8176 that a person can be asked for.
constexpr std::array<std::string_view, 10> kMethods = {"pwd", "pin",  "otp", "hwk",  "swk",
                                                       "sc",  "face", "fpt", "iris", "mfa"};

class StepUpSearch {
 public:
  StepUpSearch(const Partition& policies, const Question& question, const Authentication& present,
               Arena& arena)
      : policies_(policies),
        question_(question),
        present_(present),
        arena_(arena),
        missing_(arena.resource()) {}

  std::optional<Authentication> run() {
    for (const std::string_view method : kMethods) {
      if (is_asked_for(method) && !is_present(method)) missing_.push_back(method);
    }
    if (!is_enough(kHighestLevel, missing_)) return std::nullopt;
    const std::int64_t level = lowest_level();
    drop_methods(level);
    return Authentication{.level = level, .methods = arena_.copy(missing_)};
  }

 private:
  using Methods = std::pmr::vector<std::string_view>;

  bool is_present(std::string_view method) const {
    return std::ranges::find(present_.methods, method) != present_.methods.end();
  }

  bool is_asked_for(std::string_view method) const {
    return std::ranges::find(policies_.authentication_texts, method) !=
           policies_.authentication_texts.end();
  }

  std::int64_t lowest_level() {
    std::int64_t level = present_.level;
    while (level < kHighestLevel && !is_enough(level, missing_)) ++level;
    return level;
  }

  /// Tries without each missing method in turn.
  void drop_methods(std::int64_t level) {
    for (std::size_t i = 0; i < missing_.size();) {
      Methods fewer = missing_;
      fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
      if (is_enough(level, fewer)) {
        missing_ = std::move(fewer);
      } else {
        ++i;
      }
    }
  }

  /// Whether a sign-in of that level would be, which used these methods too.
  bool is_enough(std::int64_t level, const Methods& more) {
    Methods methods(present_.methods.begin(), present_.methods.end(), arena_.resource());
    methods.insert(methods.end(), more.begin(), more.end());
    const auto context = question_.request.context.as_record();
    std::pmr::vector<cedar::Field> fields(context.begin(), context.end(), arena_.resource());
    const auto field = std::ranges::find(fields, "authentication", &cedar::Field::name);
    field->value = authentication_value({.level = level, .methods = methods}, arena_);
    cedar::Request request = question_.request;
    request.context = make_record(arena_, fields);
    const Question asked{.request = request,
                         .entities = question_.entities,
                         .now = question_.now,
                         .supported_obligations = question_.supported_obligations,
                         .grant = nullptr,
                         .is_override_declared = false};
    return decide(policies_, asked, arena_).is_allowed;
  }

  const Partition& policies_;
  const Question& question_;
  const Authentication& present_;
  Arena& arena_;
  Methods missing_;  ///< methods that policies name and `present_` lacks
};

}  // namespace

std::optional<Authentication> find_step_up(const Partition& policies, const Question& question,
                                           const Authentication& present, Arena& arena) {
  const bool is_declared =
      find_field(question.request.context.as_record(), "authentication") != nullptr;
  if (!policies.tests_authentication || !is_declared) return std::nullopt;
  return StepUpSearch(policies, question, present, arena).run();
}

}  // namespace wardlock::pdp
