// SPDX-License-Identifier: Apache-2.0
#include "daemon/snapshot.hpp"

#include "config/load_settings.hpp"
#include "daemon/embedded.hpp"

#include <unistd.h>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

namespace kefu {

namespace {

namespace fs = std::filesystem;

Result<std::string> read_file(fs::path const& path) {
    std::ifstream in{path, std::ios::binary};
    std::ostringstream text;
    if (!in || !(text << in.rdbuf())) {
        if (in && in.peek() == std::ifstream::traits_type::eof()) return std::string{};
        return Error{Errc::environment, path.string() + ": cannot be read; does it exist, and may this user read it?"};
    }
    return std::move(text).str();
}

CatalogSources embedded_sources() {
    CatalogSources sources;
    for (auto const& file : embedded_files()) {
        SourceText text{std::string{file.name}, std::string{file.text}};
        if (file.name.starts_with("intents/packs/"))
            sources.intents.push_back(std::move(text));
        else if (file.name.starts_with("replies/packs/"))
            sources.replies.push_back(std::move(text));
        else if (file.name == "replies/policy.yaml")
            sources.policy = std::move(text);
        else if (file.name == "replies/guard.yaml")
            sources.guard = std::move(text);
    }
    return sources;
}

/// The catalog folder: intents/*.yaml, replies/*.yaml, policy.yaml, guard.yaml.
Checked<CatalogSources> folder_sources(fs::path const& folder) {
    CatalogSources sources;
    Errors errors;
    auto const take = [&](fs::path const& path) {
        auto text = read_file(path);
        if (!text) errors.push_back(text.error());
        return SourceText{path.string(), text ? std::move(*text) : std::string{}};
    };
    auto const take_all = [&](fs::path const& part, std::vector<SourceText>& into) {
        std::error_code error;
        std::vector<fs::path> paths;
        for (auto const& entry : fs::directory_iterator(part, error))
            if (entry.path().extension() == ".yaml") paths.push_back(entry.path());
        if (error)
            errors.push_back(
                {Errc::environment, part.string() + ": " + error.message() + "; the catalog folder holds intents/, replies/, policy.yaml and guard.yaml"});
        std::sort(paths.begin(), paths.end());
        for (auto const& path : paths) into.push_back(take(path));
    };
    take_all(folder / "intents", sources.intents);
    take_all(folder / "replies", sources.replies);
    sources.policy = take(folder / "policy.yaml");
    sources.guard = take(folder / "guard.yaml");
    if (!errors.empty()) return errors;
    return sources;
}

ChannelPolicy policy_of(ChannelSettings const& channel) {
    ChannelPolicy policy;
    policy.mode = static_cast<ChannelPolicy::Mode>(channel.mode);
    policy.type = std::string{name_of(channel.type)};
    policy.default_locale = channel.locale;
    policy.quiet_window = channel.quiet_window;
    if (channel.stale_after) policy.stale_after = std::chrono::ceil<std::chrono::minutes>(*channel.stale_after);
    policy.answer_unaddressed = channel.groups == GroupAnswers::always;
    policy.fetch_profile = channel.type == ChannelType::line && channel.line.profiles;
    return policy;
}

}  // namespace

ChannelPolicy const& Snapshot::channel(ChannelId const& id) const {
    static ChannelPolicy const fallback{};
    auto const found = channels.find(id.value);
    return found == channels.end() ? fallback : found->second;
}

std::optional<std::string> default_config_file() {
    static constexpr char const* path = "/etc/kefud/kefud.yaml";
    if (::access(path, R_OK) != 0) return std::nullopt;
    return path;
}

Checked<SnapshotPtr> load_snapshot(std::optional<std::string> const& config_file, std::string const& state) {
    auto snapshot_settings = Settings{};
    if (config_file) {
        auto text = read_file(*config_file);
        if (!text) return Errors{text.error()};
        auto settings = load_settings(*text, *config_file, read_secret, state);
        if (!settings) return settings.error();
        snapshot_settings = std::move(*settings);
    }
    auto sources = snapshot_settings.catalog.path.empty() ? Checked<CatalogSources>{embedded_sources()} : folder_sources(snapshot_settings.catalog.path);
    if (!sources) return sources.error();

    ShopSettings shop;
    shop.name = snapshot_settings.shop.name;
    shop.locale = snapshot_settings.shop.locale;
    shop.time_zone = snapshot_settings.shop.time_zone;
    shop.order_number_patterns = snapshot_settings.shop.order_numbers;
    auto catalog = build_catalog(*sources, shop);
    if (!catalog) return catalog.error();

    std::map<std::string, ChannelPolicy> channels;
    for (auto const& channel : snapshot_settings.channels) channels.emplace(channel.id.value, policy_of(channel));
    return std::make_shared<Snapshot const>(Snapshot{std::move(snapshot_settings), std::move(*catalog), std::move(channels)});
}

Decision handle(Snapshot const& snapshot, ChannelId const& channel_id, Conversation conversation, Event const& event, Timestamp now) {
    ChannelPolicy const& channel = snapshot.channel(channel_id);
    auto const* received = std::get_if<MessageReceived>(&event);
    if (received == nullptr) return respond(snapshot.catalog, channel, std::move(conversation), event, now);

    return respond(snapshot.catalog, channel, conversation, Event{understand(snapshot, channel, conversation, *received, now)}, now);
}

MessageReceived understand(Snapshot const& snapshot, ChannelPolicy const& channel, Conversation const& conversation, MessageReceived understood,
                           Timestamp now) {
    understood.meaning = snapshot.catalog.classifier.classify(understood.message.text, language_prior(snapshot.catalog, channel, conversation));
    auto const limit = channel.stale_after.value_or(snapshot.catalog.policy.limits.stale_after);
    understood.stale = now - understood.message.sent_at > limit;
    return understood;
}

}  // namespace kefu
