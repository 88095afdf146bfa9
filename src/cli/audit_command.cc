#include "cli/audit_commands.h"
#include "cli/commands.h"

namespace wardlock::cli {

void add_audit(Commands& commands) {
  Commands group = commands.group("audit", "Verify, prove and read an audit log");
  add_audit_verify(group);
  add_audit_prove(group);
  add_audit_export(group);
  add_audit_tail(group);
  add_audit_report(group);
  add_audit_query(group);
  add_audit_rebuild_index(group);
  add_audit_erase(group);
  add_audit_hold(group);
  add_audit_release(group);
  add_audit_holds(group);
  add_audit_retain(group);
  add_audit_rotate_key(group);
}

}  // namespace wardlock::cli
