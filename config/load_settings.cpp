// SPDX-License-Identifier: Apache-2.0
#include "config/load_settings.hpp"

#include "config/settings_checks.hpp"
#include "config/settings_types.hpp"
#include "config/yaml.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace kefu {

namespace {

/// Reads a value into a setting, whatever its type; errors say what was expected.
class Reader {
  public:
    Reader(SecretResolver const& resolve_secret, SettingPlaces& places, Errors& errors) : resolve_secret_(resolve_secret), places_(places), errors_(errors) {}

    template <Section T>
    void read(yaml::Value const& value, T& section, Field const&, std::string const& name) {
        yaml::Object object{value, errors_};
        std::string_view type;  // of this section, once it has been read
        T::fields(section, [&](std::string_view key, auto& member, std::string_view, Field const& field = {}) {
            bool const belongs = field.only_for.empty() || field.only_for == type;
            auto const found = field.required && belongs ? object.require(key) : object.get(key);
            if (!found) return;
            std::string const inner = name.empty() ? std::string{key} : name + '.' + std::string{key};
            places_.add(inner, found->where());
            if (!belongs) {
                if (!type.empty()) errors_.push_back(found->error("'" + std::string{key} + "' is only for type " + std::string{field.only_for}));
                return;
            }
            std::size_t const errors_before = errors_.size();
            read(*found, member, field, inner);
            if constexpr (NamedEnum<std::remove_reference_t<decltype(member)>>)
                if (key == "type" && errors_.size() == errors_before) type = name_of(member);
            if constexpr (std::same_as<T, Settings>)
                if (key == "allow_plain_secrets") plain_secrets_ = section.allow_plain_secrets;
        });
        object.finish();
    }

    template <class T>
    void read(yaml::Value const& value, std::vector<T>& list, Field const& field, std::string const& name) {
        if (value.kind() != yaml::Value::Kind::sequence && std::same_as<T, Secret>) {
            errors_.push_back(value.error("expected a list, such as [file:/path]"));  // does not say what was found
            return;
        }
        auto const items = value.items(errors_);
        list.clear();
        for (auto const& item : items) {
            std::string const inner = name + '[' + std::to_string(list.size()) + ']';
            places_.add(inner, item.where());
            read(item, list.emplace_back(), field, inner);
        }
        if (field.least > 0 && value.kind() == yaml::Value::Kind::sequence && items.size() < static_cast<std::size_t>(field.least))
            errors_.push_back(value.error("expected a list of at least " + std::to_string(field.least)));
    }

    template <class T>
    void read(yaml::Value const& value, std::optional<T>& setting, Field const& field, std::string const& name) {
        read(value, setting.emplace(), field, name);
    }

    void read(yaml::Value const& value, std::string& setting, Field const& field, std::string const&) {
        auto text = value.string(errors_);
        if (!text) return;
        if (text->empty() && field.required) {
            errors_.push_back(value.error("must not be empty"));
        } else if (auto wrong = text->empty() ? std::nullopt : wrong_shape(field.shape, *text)) {
            errors_.push_back(value.error(*std::move(wrong)));
        } else {
            setting = *std::move(text);
        }
    }

    void read(yaml::Value const& value, ChannelId& setting, Field const& field, std::string const& name) { read(value, setting.value, field, name); }

    void read(yaml::Value const& value, std::filesystem::path& setting, Field const& field, std::string const& name) {
        std::string text;
        read(value, text, field, name);
        setting = text;
    }

    void read(yaml::Value const& value, bool& setting, Field const&, std::string const&) { setting = value.boolean(errors_).value_or(setting); }

    template <WholeNumber T>
    void read(yaml::Value const& value, T& setting, Field const& field, std::string const&) {
        constexpr std::int64_t lowest = std::numeric_limits<T>::min();
        constexpr std::int64_t highest = std::numeric_limits<T>::max();
        if (auto const number = value.integer(errors_, std::max(field.least, lowest), std::min(field.most, highest))) setting = static_cast<T>(*number);
    }

    void read(yaml::Value const& value, std::chrono::days& setting, Field const& field, std::string const&) {
        if (auto const number = value.integer(errors_, field.least, field.most)) setting = std::chrono::days{static_cast<int>(*number)};
    }

    void read(yaml::Value const& value, milliseconds& setting, Field const& field, std::string const&) {
        auto const duration = value.duration(errors_);
        if (duration && within(value, *duration, duration->count(), field)) setting = *duration;
    }

    void read(yaml::Value const& value, ByteSize& setting, Field const& field, std::string const&) {
        auto const bytes = value.bytes(errors_);
        if (bytes && within(value, ByteSize{*bytes}, static_cast<std::int64_t>(*bytes), field)) setting = ByteSize{*bytes};
    }

    template <NamedEnum T>
    void read(yaml::Value const& value, T& setting, Field const&, std::string const&) {
        auto const all = names(T{});
        auto const text = value.string(errors_);
        if (!text) return;
        auto const found = std::find(all.begin(), all.end(), *text);
        if (found != all.end()) {
            setting = static_cast<T>(found - all.begin());
            return;
        }
        std::string expected;
        for (std::size_t i = 0; i < all.size(); ++i) expected += std::string{i == 0 ? "" : i + 1 == all.size() ? " or " : ", "} + std::string{all[i]};
        errors_.push_back(value.error("expected " + expected + ", found '" + *text + "'"));
    }

    /// No message here may show what stands in the file.
    void read(yaml::Value const& value, Secret& setting, Field const&, std::string const&) {
        Errors hidden;
        auto text = value.string(hidden);
        if (!text || text->empty()) {
            errors_.push_back(value.error("expected a secret: file:/path, env:NAME or credential:NAME"));
        } else if (is_secret_reference(*text)) {
            auto resolved = resolve_secret_(*text);
            if (resolved) {
                setting = Secret{*std::move(resolved)};
            } else {
                errors_.push_back(value.error(resolved.error().message));
            }
        } else if (plain_secrets_) {
            setting = Secret{*std::move(text)};
        } else {
            errors_.push_back(
                value.error("a secret must not stand in this file; write file:/path, env:NAME or credential:NAME "
                            "(for trying things out: allow_plain_secrets: true)"));
        }
    }

  private:
    template <class T>
    bool within(yaml::Value const& value, T const& setting, std::int64_t count, Field const& field) {
        if (count >= field.least && count <= field.most) return true;
        errors_.push_back(value.error("expected " + limits_text<T>(field) + ", found " + yaml_text(setting)));
        return false;
    }

    SecretResolver const& resolve_secret_;
    SettingPlaces& places_;
    Errors& errors_;
    bool plain_secrets_ = false;
};

/// `path` as written in a file of `folder`.
std::filesystem::path from(std::filesystem::path const& folder, std::filesystem::path const& path) {
    return path.empty() ? path : (folder / path).lexically_normal();
}

/// Defaults that other settings give.
void complete(Settings& settings, std::filesystem::path const& folder, std::filesystem::path const& state) {
    settings.state = state.empty() ? from(folder, settings.state) : state;
    settings.store.path = from(settings.state, settings.store.path);
    settings.store.ca = from(folder, settings.store.ca);
    settings.store.media = from(settings.state, settings.store.media);
    settings.catalog.path = from(folder, settings.catalog.path);
    settings.orders.file.path = from(folder, settings.orders.file.path);
    settings.listen.tls.certificate = from(folder, settings.listen.tls.certificate);
    settings.listen.tls.key = from(folder, settings.listen.tls.key);
    for (auto& channel : settings.channels) {
        settings.store.longest_send = std::max(settings.store.longest_send, channel.send.timeout);
        if (channel.path.empty() && channel.type == ChannelType::bridge) channel.path = "/bridge/v1";
        if (channel.path.empty() && channel.type == ChannelType::web_chat) channel.path = "/chat";
        if (channel.path.empty() && !channel.id.empty()) channel.path = "/webhook/" + channel.id.value;
        if (channel.locale.empty()) channel.locale = settings.shop.locale;
        for (auto const& notifier : settings.notifiers)
            if (notifier.type == NotifierType::line_group && notifier.channel == channel.id && !notifier.group.empty())
                channel.line.notification_groups.push_back(notifier.group);
        for (auto const& notifier : settings.notifiers)
            if (notifier.type == NotifierType::telegram && notifier.telegram.token == channel.telegram.token && !notifier.telegram.chat.empty())
                channel.telegram.notification_chats.push_back(notifier.telegram.chat);
        if (channel.webhooks.send_secret.empty() && !channel.webhooks.secrets.empty()) channel.webhooks.send_secret = channel.webhooks.secrets.front();
    }
    for (auto& notifier : settings.notifiers)
        if (notifier.locale.empty()) notifier.locale = settings.shop.locale;
}

}  // namespace

Checked<Settings> load_settings(std::string_view text, std::string file, SecretResolver const& resolve_secret, std::filesystem::path const& state) {
    Errors errors;
    auto const folder = std::filesystem::path{file}.parent_path();
    auto const document = yaml::parse(text, std::move(file), errors);
    if (!document) return errors;

    Settings settings;
    SettingPlaces places;
    places.add("", document->where());
    // An empty file is all defaults.
    if (document->kind() != yaml::Value::Kind::null) Reader{resolve_secret, places, errors}.read(*document, settings, {}, "");
    complete(settings, folder, state);
    check_together(settings, places, errors);
    if (errors.empty()) return settings;

    std::stable_sort(errors.begin(), errors.end(), [](Error const& a, Error const& b) {
        return std::pair{a.where->line, a.where->column} < std::pair{b.where->line, b.where->column};
    });
    return errors;
}

}  // namespace kefu
