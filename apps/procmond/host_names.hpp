// The words of libs/host that procmond uses throughout.
#pragma once

#include "daemoneye/host/host.hpp"
#include "daemoneye/host/process.hpp"
#include "daemoneye/host/process_table.hpp"
#include "daemoneye/host/scheduling.hpp"

namespace procmond {

using daemoneye::host::Host;
using daemoneye::host::IdPair;
using daemoneye::host::Image;
using daemoneye::host::Pid;
using daemoneye::host::Process;
using daemoneye::host::ProcessTable;
using daemoneye::host::Reading;
using daemoneye::host::Scheduling;
using daemoneye::host::ShownArguments;
using daemoneye::host::StartTime;
using daemoneye::host::Wanted;

}  // namespace procmond
