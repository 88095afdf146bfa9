#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "prover/world/trial.h"
#include "prover/world/world.h"

namespace wardlock::prover {

struct GeneratorOptions {
  std::uint64_t seed = 0;         ///< other seeds, other questions; one seed, always the same
  std::uint64_t budget = 20'000;  ///< for each goal: assumptions that may be made
  std::size_t max_unmade = 64;    ///< for each goal: cases that could not be made a question
  /// Is told how many goals of how many are dealt with.
  std::function<void(std::size_t, std::size_t)> progress = nullptr;
};

/// Something that a question is to bring about.
struct Goal {
  enum class Kind : std::uint8_t {
    kPart,       ///< a part (`cedar::parts_of`) of the policy is true, or is false
    kDetermine,  ///< the policy determines the answer, or its obligation comes with it
  };
  Kind kind = Kind::kPart;
  std::string policy;     ///< the id of its body: links of a template are one
  std::size_t part = 0;   ///< of kPart: in the order of `cedar::parts_of`
  bool outcome = true;    ///< of kPart
  std::string text = {};  ///< of kPart: the part as Cedar; empty for one of the scope
};

/// Why no question brings a goal about.
enum class Unreached : std::uint8_t {
  kImpossible,   ///< shown: no request does, over any entities
  kNotMade,      ///< there are cases in which one might, but none could be made
  kOutOfBudget,  ///< it was not found in the time given
};

std::string_view to_string(Unreached why);

struct UnreachedGoal {
  Goal goal;
  Unreached why = Unreached::kImpossible;
};

/// Questions that bring about all goals but those that are listed.
struct GeneratedQuestions {
  std::vector<World> questions;
  std::size_t goals = 0;
  std::vector<UnreachedGoal> unreached;

  /// How many goals are brought about.
  std::size_t reached() const { return goals - unreached.size(); }
  std::size_t count(Unreached why) const;
};

/// Makes questions, each with entities of its own, that bring every part of every policy about both
/// ways, and let every policy determine an answer: few of them, since one question may do for many
/// goals. Each has been tried. What could not be reached is told, with the reason. Deterministic.
GeneratedQuestions generate_questions(const Trial& trial, const GeneratorOptions& options = {});

}  // namespace wardlock::prover
