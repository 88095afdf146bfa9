// Prints the tables of docs/formats/messages.md; see message_reference.py.
#include "audit/format/reference.h"

#include <cstdio>

int main() { std::fputs(wardlock::audit::message_reference().c_str(), stdout); }
