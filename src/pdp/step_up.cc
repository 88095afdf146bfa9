#include "pdp/step_up.h"

#include <algorithm>
#include <cstddef>
#include <memory_resource>
#include <utility>
#include <vector>

#include "pdp/request_context.h"

namespace wardlock::pdp {
namespace {

constexpr std::int64_t kHighestLevel = 3;  // NIST SP 800-63B

/// What the candidates that decide without a grant ask of the authentication.
PolicyTraits asked_by(const Candidates& policies) {
  PolicyTraits asked;
  for (const RulePart part :
       {RulePart::kPermit, RulePart::kForbid, RulePart::kWaivable, RulePart::kObligation}) {
    for (const Candidates::Candidate& candidate : policies.of(part)) {
      const PolicyTraits& traits = policies.traits(candidate.place);
      asked.tests_authentication |= traits.tests_authentication;
      asked.methods |= traits.methods;
    }
  }
  return asked;
}

/// Whether more authentication may change the answer: not where a forbid that cannot see it holds,
/// nor where no permit can.
bool is_open(const Candidates& policies) {
  using Candidate = Candidates::Candidate;
  using Standing = Candidate::Standing;
  const auto holds = [](const Candidate& forbid) { return forbid.standing == Standing::kHolds; };
  const auto may_hold = [](const Candidate& permit) {
    return permit.standing != Standing::kDoesNotHold;
  };
  return std::ranges::none_of(policies.of(RulePart::kForbid), holds) &&
         std::ranges::none_of(policies.of(RulePart::kWaivable), holds) &&
         std::ranges::any_of(policies.of(RulePart::kPermit), may_hold);
}

class StepUpSearch {
 public:
  StepUpSearch(Candidates& policies, const Question& question, const Authentication& present)
      : policies_(policies),
        question_(question),
        present_(present),
        arena_(policies.arena()),
        missing_(arena_.resource()) {}

  std::optional<Authentication> run(std::uint16_t asked_methods) {
    for (std::size_t i = 0; i < kSignInMethods.size(); ++i) {
      const std::string_view method = kSignInMethods[i];
      const bool is_asked_for = (asked_methods >> i & 1U) != 0;
      if (is_asked_for && !is_present(method)) missing_.push_back(method);
    }
    if (!is_enough(kHighestLevel, missing_)) return std::nullopt;
    const std::int64_t level = lowest_level();
    drop_methods(level);
    if (policies_.budget().is_used_up()) return std::nullopt;
    return Authentication{.level = level, .methods = arena_.copy(missing_)};
  }

 private:
  using Methods = std::pmr::vector<std::string_view>;

  bool is_present(std::string_view method) const {
    return std::ranges::find(present_.methods, method) != present_.methods.end();
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
    cedar::Request request = question_.request;
    request.context = with_authentication(question_.request.context,
                                          {.level = level, .methods = methods}, arena_);
    const Question asked{.request = request,
                         .entities = question_.entities,
                         .now = question_.now,
                         .supported_obligations = question_.supported_obligations,
                         .grant = nullptr,
                         .is_override_declared = false};
    return decide(policies_, asked).is_allowed;
  }

  Candidates& policies_;
  const Question& question_;
  const Authentication& present_;
  Arena& arena_;
  Methods missing_;  ///< methods that policies name and `present_` lacks
};

}  // namespace

std::optional<Authentication> find_step_up(Candidates& policies, const Question& question,
                                           const Authentication& present) {
  const PolicyTraits asked = asked_by(policies);
  const bool is_declared =
      find_field(question.request.context.as_record(), "authentication") != nullptr;
  if (!asked.tests_authentication || !is_declared || !is_open(policies)) return std::nullopt;
  return StepUpSearch(policies, question, present).run(asked.methods);
}

}  // namespace wardlock::pdp
