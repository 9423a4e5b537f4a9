// SPDX-License-Identifier: Apache-2.0
#include "daemon/api_parts.hpp"
#include "replies/json.hpp"
#include "replies/orders.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <utility>

/// A template as a customer would read it: of a draft or of what is published, with sample facts, given ones, or those of a conversation.
namespace kefu::api {

namespace json = boost::json;

namespace {

using namespace std::chrono_literals;

/// What an operator sees for a fact that only a customer has. README of replies/ lists the placeholders.
Arguments sample_arguments(std::string const& currency, Timestamp now) {
    Arguments samples{{"case", std::string{"KTRWPD-2"}},
                      {"customer", std::string{"Jana"}},
                      {"order", std::string{"20261121-8842"}},
                      {"kind", std::string{"image"}},
                      {"photos", 2.0},
                      {"answer_by", now + 2h},
                      {"return_days", 7.0},
                      {"refund_days", 5.0},
                      {"pickup_days", 7.0},
                      {"offer_value", "100 " + currency},
                      {"now", now},
                      {"status", std::string{"shipped"}},
                      {"courier", std::string{"Example Post"}},
                      {"tracking_number", std::string{"RR123456785TW"}},
                      {"tracking_url", std::string{"https://post.example/RR123456785TW"}},
                      {"amount", 1280.0},
                      {"currency", currency},
                      {"item", std::string{"A-17"}},
                      {"refund", std::string{"approved"}}};
    for (auto const& [name, field] : order_fields)
        if (field == OrderField::moment) samples.emplace(name, name == "expected_at" || name == "refund_due" ? now + 48h : now - 48h);
    return samples;
}

/// A moment where it is written as one.
Argument argument_of(json::value const& value) {
    if (value.is_number()) return value.to_number<double>();
    std::string const text = value.is_string() ? std::string{value.get_string()} : json::serialize(value);
    if (auto const moment = from_rfc3339(text)) return *moment;
    return text;
}

struct Wanted {
    std::string id, locale, channel_type;
    std::size_t variant = 0;
    Arguments arguments;
};

/// Only the texts of a draft are read: what else is wrong with it does not matter here, and an operator who types waits for nothing.
struct LoadTemplates {
    Settings settings;
    std::vector<CatalogChange> changes;

    Checked<Templates> operator()() const {
        auto texts = read_catalog(settings.catalog.path);
        if (!texts) return texts.error();
        auto const after = with_changes(std::move(*texts), changes);
        std::vector<SourceText> packs;
        std::vector<SourceText> playbooks;
        for (auto const& [path, text] : after) {
            if (path.starts_with("replies/")) packs.push_back({path, text});
            if (path.starts_with("playbooks/")) playbooks.push_back({path, text});
        }
        auto const policy = after.find("policy.yaml");
        auto names = slot_names(playbooks);
        auto const facts = policy == after.end() ? std::vector<std::string>{} : fact_names({"policy.yaml", policy->second});
        names.insert(names.end(), facts.begin(), facts.end());
        return Templates::load(packs, names);
    }
};

Response missing_facts(Templates const& templates, Wanted const& wanted, std::string const& why) {
    std::string names;
    auto const variants = templates.variants(wanted.id, wanted.locale);
    if (wanted.variant < variants.size())
        for (auto const& name : variants[wanted.variant].placeholders)
            if (!wanted.arguments.contains(name)) names += (names.empty() ? "" : ", ") + name;
    return problem_because(409, "It cannot be said", names.empty() ? why : "Nothing is known of: " + names, "missing");
}

/// What a playbook asks the customer for stands there by its name.
void add_slots(Templates const& templates, Wanted& wanted) {
    for (auto const& variant : templates.variants(wanted.id, wanted.locale))
        for (auto const& name : variant.placeholders) wanted.arguments.emplace(name, "\u2039" + name + "\u203a");
}

Response show(Templates const& templates, Wanted wanted, bool with_samples, Catalog const& catalog) {
    if (with_samples) add_slots(templates, wanted);
    auto const rendered =
        templates.render(wanted.id, wanted.locale, wanted.locale, catalog.policy.time_zone, wanted.arguments, wanted.variant, wanted.channel_type);
    if (!rendered && rendered.error().code == Errc::not_found) return problem(404, "No such template", rendered.error().message);
    auto const variants = rendered ? templates.variants(wanted.id, rendered->locale).size() : 0;
    if (!rendered) return missing_facts(templates, wanted, rendered.error().message);
    if (rendered->variant != wanted.variant % std::max<std::size_t>(variants, 1)) return missing_facts(templates, wanted, "Another variant would be said.");
    json::array messages;
    for (auto const& message : rendered->messages) messages.push_back(to_json(message));
    json::object body{{"locale", rendered->locale}, {"variant", rendered->variant}, {"messages", std::move(messages)}};
    std::string const& text = rendered->messages.front().text;
    if (auto const finding = catalog.guard.check(text)) body["finding"] = finding_json(text, *finding);
    return json_response(json::serialize(body));
}

net::awaitable<Response> preview(ContextPtr context, Request request, std::string) {
    auto draft = read_draft(request);
    if (auto* wrong = std::get_if<Response>(&draft)) co_return std::move(*wrong);
    auto& [body, changes] = std::get<Draft>(draft);
    auto const services = context->services();
    Catalog const& catalog = services->snapshot->catalog;
    Wanted wanted{text_in(body, "template"), text_in(body, "locale"), text_in(body, "channel_type"), 0, {}};
    if (wanted.id.empty() || wanted.locale.empty()) co_return problem(400, "'template' and 'locale' are needed");
    if (auto const* variant = body.if_contains("variant"); variant != nullptr && variant->is_int64() && variant->get_int64() >= 0)
        wanted.variant = static_cast<std::size_t>(variant->get_int64());
    if (auto const* given = body.if_contains("arguments"); given != nullptr && given->is_object())
        for (auto const& [name, value] : given->get_object()) wanted.arguments.insert_or_assign(std::string{name}, argument_of(value));
    Conversation conversation;
    conversation.language = wanted.locale;
    ConversationId const id{text_in(body, "conversation")};
    if (!id.empty()) {
        auto const view = co_await context->store.view(id, 1);
        if (!view) co_return failure(view.error());
        if (!*view) co_return problem(404, "No such conversation", "Give its id as the list shows it.");
        conversation = (*view)->conversation;
        conversation.language = wanted.locale;
    }
    auto const known = speakable(catalog, services->snapshot->channel(conversation.channel), conversation, context->clock());
    wanted.arguments.insert(known.arguments.begin(), known.arguments.end());
    if (id.empty()) {
        auto const samples = sample_arguments(catalog.policy.currency, context->clock());
        for (auto const& [name, value] : samples) wanted.arguments.emplace(name, value);
        wanted.arguments.insert_or_assign("case", samples.at("case"));  // not that of a conversation that is none
    }
    if (changes.empty()) co_return show(catalog.templates, std::move(wanted), id.empty(), catalog);
    LoadTemplates work{services->snapshot->settings, std::move(changes)};
    auto const templates = co_await on_pool(context->pool, std::move(work));
    if (!templates) co_return refuse_draft({{"errors", places_json(templates.error())}});
    co_return show(*templates, std::move(wanted), id.empty(), catalog);
}

}  // namespace

std::vector<Route> preview_routes() { return {{"POST", "/catalog/preview", preview, Role::operator_}}; }

}  // namespace kefu::api
