#include "pdp/step_up.h"

#include <algorithm>
#include <array>
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
      : policies_(policies), question_(question), present_(present), arena_(arena) {}

  std::optional<Authentication> run() {
    for (const std::string_view method : kMethods) {
      if (is_asked_for(method) && !is_present(method)) missing_.push_back(method);
    }
    Authentication enough{.level = kHighestLevel, .methods = present_.methods};
    enough.methods.insert(enough.methods.end(), missing_.begin(), missing_.end());
    if (!is_enough(enough)) return std::nullopt;
    lower_level(enough);
    drop_methods(enough);
    std::erase_if(enough.methods, [this](const std::string& m) { return is_present(m); });
    return enough;
  }

 private:
  bool is_present(std::string_view method) const {
    return std::ranges::find(present_.methods, method) != present_.methods.end();
  }

  bool is_asked_for(std::string_view method) const {
    return std::ranges::find(policies_.authentication_texts, method) !=
           policies_.authentication_texts.end();
  }

  void lower_level(Authentication& enough) {
    Authentication less = enough;
    for (less.level = present_.level; less.level < enough.level; ++less.level) {
      if (is_enough(less)) enough.level = less.level;
    }
  }

  /// Tries without each missing method in turn.
  void drop_methods(Authentication& enough) {
    for (const std::string_view method : missing_) {
      Authentication less = enough;
      std::erase(less.methods, method);
      if (is_enough(less)) enough = std::move(less);
    }
  }

  bool is_enough(const Authentication& authentication) {
    const auto context = question_.request.context.as_record();
    std::vector<cedar::Field> fields(context.begin(), context.end());
    const auto field = std::ranges::find(fields, "authentication", &cedar::Field::name);
    field->value = authentication_value(authentication, arena_);
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
  std::vector<std::string_view> missing_;  ///< methods that policies name and `present_` lacks
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
