#pragma once

#include "directory/model/schema.h"

namespace wardlock::directory {

// The rows of `all_schemas()`, kept apart by what they are about.

// people.cc
extern const Schema kPerson;
extern const Schema kPatient;

// devices.cc
extern const Schema kDevice;
extern const Schema kDeviceModel;

// software.cc
extern const Schema kModule;
extern const Schema kModuleVersion;
extern const Schema kService;
extern const Schema kAgent;

// organisations.cc
extern const Schema kOrganisation;
extern const Schema kLocation;
extern const Schema kRole;
extern const Schema kGroup;

}  // namespace wardlock::directory
