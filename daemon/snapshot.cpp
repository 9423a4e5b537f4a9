// SPDX-License-Identifier: Apache-2.0
#include "daemon/snapshot.hpp"

#include "config/load_settings.hpp"
#include "config/suggest.hpp"
#include "daemon/catalog_files.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace kefu {

namespace {

OrderSource source_of(OrderSettings const& orders) {
    OrderSource source;
    source.available = orders.type != OrderSystem::none;
    // A file without a column for the customer has none of theirs: asking costs nothing.
    source.by_customer = orders.type == OrderSystem::file || (source.available && !orders.http.customer_url.empty());
    source.second_fact = orders.second_fact;
    return source;
}

ChannelPolicy policy_of(ChannelSettings const& channel, Settings const& settings) {
    ChannelPolicy policy;
    policy.mode = static_cast<ChannelPolicy::Mode>(channel.mode);
    policy.type = std::string{name_of(channel.type)};
    policy.default_locale = channel.locale.empty() ? std::string{market_locale(channel.id.value)} : channel.locale;
    policy.quiet_window = channel.quiet_window;
    if (channel.stale_after) policy.stale_after = std::chrono::ceil<std::chrono::minutes>(*channel.stale_after);
    policy.answer_unaddressed = channel.groups == GroupAnswers::always;
    policy.fetch_profile =
        (channel.type == ChannelType::line && channel.line.profiles) || (channel.type == ChannelType::messenger && channel.messenger.profiles);
    policy.orders = source_of(settings.orders);
    policy.names_agents = settings.api.enabled && (settings.console.enabled || !settings.agents.empty());
    return policy;
}

/// Whoever belongs to a team that there is not would never be given anything.
Errors check_teams(Settings const& settings, Policy const& policy, std::string const& file) {
    std::vector<std::string> names;
    for (auto const& tier : policy.tiers) names.push_back(tier.name);
    Errors errors;
    for (auto const& agent : settings.agents)
        for (auto const& tier : agent.tiers)
            if (policy.rank(tier) < 0)
                errors.push_back({Errc::bad_config, file + ": agent '" + agent.name + "': policy.yaml has no tier '" + tier + "'" + did_you_mean(tier, names)});
    return errors;
}

/// "read as tracking 0.93, topic where_is_order 0.88, zh-Hant": kept with the decision, as another catalog may read it otherwise later.
std::string in_words(Classification const& meaning) {
    std::string words = "read as ";
    char score[16];
    for (auto const label : meaning.labels) {
        std::snprintf(score, sizeof score, " %.2f, ", meaning.scores[static_cast<std::size_t>(label)]);
        words.append(to_string(label)).append(score);
    }
    if (!meaning.topics.empty()) {
        std::snprintf(score, sizeof score, " %.2f, ", meaning.topics.front().score);
        words.append("topic ").append(meaning.topics.front().name).append(score);
    }
    return words + meaning.language;
}

}  // namespace

std::string_view market_locale(std::string_view channel_id) {
    static constexpr std::array<std::string_view, 12> mainland{"1688",    "dewu",   "douyin", "jd",       "pdd",    "pinduoduo",
                                                               "qianniu", "taobao", "tmall",  "wangwang", "wechat", "xiaohongshu"};
    auto const platform = channel_id.substr(0, channel_id.find_first_of("-_."));
    return std::find(mainland.begin(), mainland.end(), platform) == mainland.end() ? std::string_view{} : "zh-Hans";
}

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

Checked<Settings> read_settings(std::optional<std::string> const& config_file, std::string const& state) {
    if (!config_file) return Settings{};
    auto const text = read_file(*config_file);
    if (!text) return Errors{text.error()};
    auto const secrets = std::filesystem::path{*config_file}.parent_path() / "secrets";
    auto const resolve = [&secrets](std::string_view reference) { return read_secret(reference, secrets); };
    return load_settings(*text, *config_file, resolve, state);
}

std::filesystem::path published_catalog(Settings const& settings) { return settings.state / "catalog"; }

Checked<SnapshotPtr> load_snapshot(std::optional<std::string> const& config_file, std::string const& state, std::string const& catalog_folder) {
    auto settings = read_settings(config_file, state);
    if (!settings) return settings.error();
    auto& catalog = settings->catalog.path;
    std::error_code unreadable;
    if (!catalog_folder.empty())
        catalog = catalog_folder;
    else if (config_file && catalog.empty() && std::filesystem::exists(published_catalog(*settings) / "policy.yaml", unreadable))
        catalog = published_catalog(*settings);
    auto sources = catalog_sources(catalog);
    if (!sources) return sources.error();
    return make_snapshot(std::move(*settings), *sources, config_file.value_or(""));
}

Checked<SnapshotPtr> make_snapshot(Settings settings, CatalogSources const& sources, std::string const& config_file) {
    ShopSettings shop;
    shop.name = settings.shop.name;
    shop.locale = settings.shop.locale;
    shop.time_zone = settings.shop.time_zone;
    shop.order_number_patterns = settings.shop.order_numbers;
    auto catalog = build_catalog(sources, shop);
    if (!catalog) return catalog.error();
    if (auto errors = check_teams(settings, catalog->policy, config_file); !errors.empty()) return errors;
    // The patterns alone go on: a shop that cannot read its model still answers.
    auto const model = load_model(config_file.empty() ? std::filesystem::path{} : settings.state);
    if (model) catalog->classifier = catalog->classifier.with(*model);

    std::map<std::string, ChannelPolicy> channels;
    for (auto const& channel : settings.channels) channels.emplace(channel.id.value, policy_of(channel, settings));
    return std::make_shared<Snapshot const>(
        Snapshot{std::move(settings), std::move(*catalog), std::move(channels), model ? std::nullopt : std::optional{model.error()}});
}

Handled handle(Snapshot const& snapshot, ChannelId const& channel_id, Conversation conversation, Event const& event, Timestamp now) {
    ChannelPolicy const& channel = snapshot.channel(channel_id);
    auto const* received = std::get_if<MessageReceived>(&event);
    if (received == nullptr) return {respond(snapshot.catalog, channel, std::move(conversation), event, now), std::nullopt};
    auto understood = understand(snapshot, channel, conversation, *received, now);
    auto meaning = understood.meaning;
    Handled handled{respond(snapshot.catalog, channel, std::move(conversation), Event{std::move(understood)}, now), std::move(meaning)};
    handled.decision.why.insert(handled.decision.why.begin(), in_words(*handled.meaning));
    return handled;
}

MessageReceived understand(Snapshot const& snapshot, ChannelPolicy const& channel, Conversation const& conversation, MessageReceived understood,
                           Timestamp now) {
    understood.meaning = snapshot.catalog.classifier.classify(understood.message.text, language_prior(snapshot.catalog, channel, conversation));
    auto const limit = channel.stale_after.value_or(snapshot.catalog.policy.limits.stale_after);
    understood.stale = now - understood.message.sent_at > limit;
    return understood;
}

}  // namespace kefu
