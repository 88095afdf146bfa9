#pragma once

#include <span>
#include <vector>

#include "suite/run.h"

namespace wardlock::compare {

/// Takes out of `more` the tests whose question the others ask, too, of the same entities, whatever
/// is expected of it and whatever they are called; and the files of which nothing is left. So a
/// test that a change has changed is no second question. Over other entities of the file's own it
/// is another one, and stays: what they were changed to would else hide who loses. Pure; linear.
void leave_out_asked(std::span<const suite::SuiteFile> others, std::vector<suite::SuiteFile>& more);

}  // namespace wardlock::compare
