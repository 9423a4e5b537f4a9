// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/base/result.hpp"
#include "config/base/strong_id.hpp"
#include "replies/message.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace kefu {

/// Where a message's photo or file lies in the media folder: a hash of the ids and of where its bytes come from (a message may have several), in one of
/// 256 folders, with the content type's ending. No part of it comes from the customer.
std::string media_file_name(ConversationId const& conversation, MessageId const& message, Attachment const& attachment, std::string_view content_type);

/// The content type of the picture that `bytes` begin as: JPEG, PNG, GIF or WebP; empty when they are none of these.
std::string_view image_type(std::string_view bytes);

/// Writes a file so that it is either whole or absent: temporary name, fsync, rename. Blocks: run it on the pool.
struct SaveMedia {
    std::filesystem::path folder;
    std::string file;
    std::string bytes;
    Result<void> operator()() const;
};

/// Removes it; a file that is not there is fine. Blocks: run it on the pool.
struct DeleteMedia {
    std::filesystem::path folder;
    std::string file;
    Result<void> operator()() const;
};

}  // namespace kefu
