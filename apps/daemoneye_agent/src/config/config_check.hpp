// What a check of the configuration finds.
#pragma once

#include <string>
#include <vector>

namespace daemoneye_agent {

struct ConfigCheck {
  /// `agent.toml:4:20: collectors.procmond.settings.method: expected ...`, one for each mistake.
  std::vector<std::string> errors;
  /// What could not be checked, and why.
  std::vector<std::string> warnings;
};

}  // namespace daemoneye_agent
