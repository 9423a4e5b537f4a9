// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace kefu {

/// True when `value` - upper case, without spaces - is a tracking number: UPU S10 (RR123456785CZ) and UPS (1Z...) by their check digits, SF Express, YTO,
/// JD and Packeta by their prefixes and lengths; digits alone only behind the courier's name in `before`, which is normalised: FedEx 12, DHL Express 10
/// and Yamato 12 by their check digits; T-Cat 12, DPD 14 and PPL 11 by their lengths.
bool is_tracking_number(std::string_view value, std::string_view before);

}  // namespace kefu
