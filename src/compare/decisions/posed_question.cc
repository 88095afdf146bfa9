#include "compare/decisions/posed_question.h"

namespace wardlock::compare {
namespace {

constexpr std::array<LeftOutWord, kLeftOutReasons> kWords = {{
    {LeftOut::kErased, "erased", "who or what it was about was erased"},
    {LeftOut::kLocked, "locked", "the keys at hand do not open who or what it was about"},
    {LeftOut::kUnreadable, "unreadable", "it cannot be read"},
    {LeftOut::kIncomplete, "incomplete", "it does not say who asked to do what to which"},
    {LeftOut::kUnanswerable, "unanswerable",
     "neither set can decide it: a type, an action or an attribute is not in the schema"},
    {LeftOut::kOtherPolicies, "other_policies",
     "it was decided by other policies, and those in force decide it differently"},
    {LeftOut::kNotReproduced, "not_reproduced",
     "the policies in force decide it differently than then: entities have changed since, or the "
     "application said more than is recorded"},
}};

}  // namespace

std::span<const LeftOutWord, kLeftOutReasons> all_left_out() { return kWords; }

}  // namespace wardlock::compare
