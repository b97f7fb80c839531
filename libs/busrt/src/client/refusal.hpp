// Explains why a broker may have refused a client, as far as the client can know.
#pragma once

#include "busrt/client.hpp"
#include "busrt/error.hpp"

namespace busrt::detail {

/// Returns `why`, with a message that names the cause if it is found. The protocol has one code for all
/// refusals of access control. If the client's certificate is for another name than the client's, the message
/// says so. The function may read the certificate's file.
[[nodiscard]] Error explain_refusal(Error why, const ClientConfig& config);

}  // namespace busrt::detail
