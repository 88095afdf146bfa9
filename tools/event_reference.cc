// Prints the tables of docs/formats/audit-event.md; see event_reference.py.
#include <cstdio>

#include "event/field_table.h"

int main() { std::fputs(wardlock::event::reference().c_str(), stdout); }
