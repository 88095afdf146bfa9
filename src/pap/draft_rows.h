#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "bundle/content.h"
#include "pap/approval.h"
#include "pap/draft.h"
#include "storage/work.h"

namespace wardlock::pap {

// Drafts as rows. All within the transaction of `work`. Private to the room.

Result<void> put_content(storage::Work& work, std::string_view tenant,
                         const bundle::Content& content, std::int64_t now_ms);
/// Errors: kNotFound; kDataLoss, the row is not what its name says.
Result<bundle::Content> find_content(storage::Work& work, std::string_view tenant,
                                     std::string_view name);

Result<void> insert_draft(storage::Work& work, const PolicyDraft& draft);
/// All that may change. Error kAborted: its edition is not one below `draft.edition` any more.
Result<void> replace_draft(storage::Work& work, const PolicyDraft& draft);
Result<std::optional<PolicyDraft>> find_draft(storage::Work& work, std::string_view tenant,
                                              std::string_view id);
/// Of an environment, the latest first; `before` an id or empty; at most so many.
Result<std::vector<PolicyDraft>> find_drafts(storage::Work& work, const PolicyPlace& place,
                                             std::string_view before, std::size_t most);

Result<void> add_step(storage::Work& work, const PolicyDraft& draft, DraftStep step,
                      std::string_view person, std::string_view reason);
Result<std::vector<KeptStep>> find_steps(storage::Work& work, std::string_view tenant,
                                         std::string_view draft);
/// Ids of all who wrote some edition of it.
Result<std::vector<std::string>> find_writers(storage::Work& work, std::string_view tenant,
                                              std::string_view draft);

Result<void> add_check(storage::Work& work, const PolicyDraft& draft, const DraftCheck& check);
/// The latest of each name, for its content and base as they are.
Result<std::vector<DraftCheck>> find_checks(storage::Work& work, const PolicyDraft& draft);

Result<void> add_signature(storage::Work& work, const PolicyDraft& draft,
                           const Signature& signature);
/// Of all its contents, in the order in which they were given.
Result<std::vector<Signature>> find_signatures(storage::Work& work, std::string_view tenant,
                                               std::string_view draft);

}  // namespace wardlock::pap
