#include "merkle/witness.h"

#include <fmt/format.h>

#include "merkle/decimal.h"
#include "merkle/lines.h"
#include "merkle/note.h"
#include "merkle/proof_lines.h"

namespace wardlock::merkle {
namespace {

constexpr std::string_view kOld = "old ";

}  // namespace

Result<AddCheckpoint> parse_add_checkpoint(std::string_view body) {
  Lines lines(body);
  const auto line = lines.next();
  const auto size =
      line && line->starts_with(kOld) ? decimal(line->substr(kOld.size())) : std::nullopt;
  if (!size) return invalid("line 1 of a request to a witness must be `old` and a tree size");
  AddCheckpoint request{.old_size = *size, .consistency = {}, .checkpoint = {}};
  request.consistency = TRY(read_proof_lines(lines));
  request.checkpoint = lines.rest();
  TRY_VOID(parse_note(request.checkpoint));
  return request;
}

Result<std::string> format_add_checkpoint(const AddCheckpoint& request) {
  std::string body = fmt::format("{}{}\n{}{}", kOld, request.old_size,
                                 proof_lines(request.consistency), request.checkpoint);
  TRY_VOID(parse_add_checkpoint(body));
  return body;
}

}  // namespace wardlock::merkle
