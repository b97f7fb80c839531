// Why a broker may have refused a client, as far as the client itself can tell.
#pragma once

#include "busrt/client.hpp"
#include "busrt/error.hpp"

namespace busrt::detail {

/// The protocol has one code for all that access control refuses. Where the client's own certificate is for
/// another name than the client's, the sentence says so. May read the certificate's file.
[[nodiscard]] Error explain_refusal(Error why, const ClientConfig& config);

}  // namespace busrt::detail
