// SPDX-License-Identifier: Apache-2.0
#include "daemon/api_desk.hpp"
#include "daemon/console/explain.hpp"
#include "daemon/crypto.hpp"
#include "daemon/log.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <utility>

/// The operators' desk: drafts checked, tested, published, taken back. A draft is a list of changed files; nothing of it is kept here before it is published.
namespace kefu::api {

namespace json = boost::json;

namespace {

constexpr std::size_t longest_text = 20'000;  // bytes of a message to classify

using Changes = std::vector<CatalogChange>;

std::variant<Changes, Response> read_changes(json::object const& body) {
    Changes changes;
    auto const* list = body.if_contains("changes");
    if (list == nullptr) return changes;
    if (!list->is_array()) return problem(400, "'changes' is no list", "[{\"path\": ..., \"text\": ...}]");
    for (auto const& one : list->get_array()) {
        if (!one.is_object()) return problem(400, "'changes' is no list of changes", "[{\"path\": ..., \"text\": ...}]");
        CatalogChange change{text_in(one.get_object(), "path"), std::nullopt};
        if (!is_catalog_path(change.path))
            return problem(
                400, "A catalog has no such file",
                "intents/NAME.yaml, intents/examples/NAME.jsonl, replies/NAME.yaml, playbooks/NAME.yaml, calendars/NAME.yaml, tests/NAME.yaml, policy.yaml, "
                "guard.yaml.");
        if (auto const* text = one.get_object().if_contains("text"); text != nullptr && text->is_string()) change.text = std::string{text->get_string()};
        changes.push_back(std::move(change));
    }
    return changes;
}

net::awaitable<Response> show_catalog(ContextPtr context, Request, std::string) {
    Settings const settings = settings_now(context);
    ReadCatalog work{settings.catalog.path};
    auto const texts = co_await on_pool(context->pool, std::move(work));
    if (!texts) co_return broken_catalog(texts.error());
    auto const newest = co_await context->store.versions(1);
    if (!newest) co_return failure(newest.error());
    json::array files;
    for (auto const& [path, text] : *texts) files.push_back(json::object{{"path", path}, {"bytes", text.size()}, {"hash", hex(sha256(text))}});
    std::string const hash = catalog_hash(*texts);
    json::object body{{"version", hash}, {"folder", catalog_folder(settings).string()}, {"files", std::move(files)}};
    if (!newest->empty() && newest->front().hash == hash) body["number"] = newest->front().number;
    co_return json_response(json::serialize(body));
}

net::awaitable<Response> show_file(ContextPtr context, Request request, std::string) {
    ReadCatalog work{settings_now(context).catalog.path};
    auto const texts = co_await on_pool(context->pool, std::move(work));
    if (!texts) co_return broken_catalog(texts.error());
    auto const found = texts->find(request.query["path"]);
    if (found == texts->end()) co_return problem(404, "No such file", "GET /catalog lists them.");
    json::object body{{"path", found->first}, {"text", found->second}, {"hash", hex(sha256(found->second))}};
    co_return json_response(json::serialize(body));
}

net::awaitable<Response> list_templates(ContextPtr context, Request, std::string) {
    auto const services = context->services();
    auto const& templates = services->snapshot->catalog.templates;
    json::array all;
    for (auto const& id : templates.ids()) {
        json::object by_locale;
        json::array missing;
        for (auto const& locale : templates.locales()) {
            json::array variants;
            for (auto const& variant : templates.variants(id, locale))
                variants.push_back(json::object{{"source", variant.source},
                                                {"placeholders", json::array(variant.placeholders.begin(), variant.placeholders.end())},
                                                {"file", "replies/" + std::filesystem::path{variant.where.file}.filename().string()},
                                                {"line", variant.where.line},
                                                {"column", variant.where.column}});
            if (variants.empty())
                missing.emplace_back(locale);
            else
                by_locale[locale] = std::move(variants);
        }
        all.push_back(json::object{{"id", id}, {"locales", std::move(by_locale)}, {"missing", std::move(missing)}});
    }
    json::object body{{"locales", json::array(templates.locales().begin(), templates.locales().end())}, {"templates", std::move(all)}};
    co_return json_response(json::serialize(body));
}

net::awaitable<Response> check_draft(ContextPtr context, Request request, std::string) {
    auto draft = read_draft(request);
    if (auto* wrong = std::get_if<Response>(&draft)) co_return std::move(*wrong);
    CheckDraft work{settings_now(context), std::get<Draft>(draft).changes};
    auto const outcome = co_await on_pool(context->desk.thread, std::move(work));
    json::object body{{"ok", outcome.errors.empty()}, {"errors", places_json(outcome.errors)}, {"diff", diff_json(outcome.diff)}};
    co_return json_response(json::serialize(body));
}

net::awaitable<Response> test_draft(ContextPtr context, Request request, std::string) {
    auto draft = read_draft(request);
    if (auto* wrong = std::get_if<Response>(&draft)) co_return std::move(*wrong);
    TestDraft work{settings_now(context), std::get<Draft>(draft).changes};
    auto const played = co_await on_pool(context->desk.thread, std::move(work));
    if (!played) co_return refuse_draft({{"errors", places_json(played.error())}});
    co_return json_response(json::serialize(tests_json(*played)));
}

net::awaitable<Response> classify(ContextPtr context, Request request, std::string) {
    auto const read = read_object(request);
    if (auto const* wrong = std::get_if<Response>(&read)) co_return *wrong;
    auto const& body = std::get<json::object>(read);
    std::string const text = text_in(body, "text");
    if (text.empty() || text.size() > longest_text) co_return problem(400, "'text' is missing or too long", "At most 20,000 bytes.");
    auto const services = context->services();
    auto const explained = explanation_json(services->snapshot->catalog.classifier, text, text_in(body, "language"));
    co_return json_response(json::serialize(explained));
}

net::awaitable<Response> teach(ContextPtr context, Request request, std::string who) {
    static constexpr char const* file = "intents/examples/console.jsonl";
    auto const read = read_object(request);
    if (auto const* wrong = std::get_if<Response>(&read)) co_return *wrong;
    auto const& body = std::get<json::object>(read);
    std::string const text = text_in(body, "text");
    std::string const language = text_in(body, "language");
    auto const* labels = body.if_contains("labels");
    if (text.empty() || text.size() > longest_text || language.empty() || labels == nullptr || !labels->is_array())
        co_return problem(400, "'text', 'language' and 'labels' are needed");
    for (auto const& label : labels->get_array())
        if (!label.is_string() || !label_from_string(label.get_string())) co_return problem(400, "Unknown label", "anger, tracking, refund, cancel, human.");
    Settings settings = settings_now(context);
    ReadCatalog work{settings.catalog.path};
    auto const texts = co_await on_pool(context->pool, std::move(work));
    if (!texts) co_return broken_catalog(texts.error());
    auto const found = texts->find(file);
    std::string sentences = found == texts->end() ? std::string{} : found->second;
    if (!sentences.empty() && !sentences.ends_with('\n')) sentences += '\n';
    sentences += json::serialize(json::object{{"text", text}, {"labels", *labels}, {"lang", language}}) + '\n';
    Changes changes{{file, std::move(sentences)}};
    PublishDraft draft{std::move(settings), std::move(changes), catalog_hash(*texts), true};
    co_return co_await publish_changes(context, std::move(draft), std::move(who), "a message that was read wrongly");
}

}  // namespace

Settings settings_now(ContextPtr const& context) {
    auto const services = context->services();
    return services->snapshot->settings;
}

Response broken_catalog(Errors const& errors) { return problem(503, "The catalog cannot be read", errors.front().to_string()); }

json::object tests_json(TestsPlayed const& played) {
    json::array failures;
    for (auto const& failure : played.failures) failures.push_back(json::object{{"name", failure.name}, {"differences", places_json(failure.differences)}});
    return {{"passed", played.passed}, {"failed", played.failures.size()}, {"milliseconds", played.took.count()}, {"failures", std::move(failures)}};
}

json::array diff_json(std::vector<FileDiff> const& files) {
    static constexpr std::array<std::string_view, 3> kinds{"same", "added", "removed"};
    json::array list;
    for (auto const& file : files) {
        json::array lines;
        for (auto const& line : file.lines) {
            json::object one{{"kind", kinds[static_cast<std::size_t>(line.kind)]}, {"text", line.text}};
            if (line.old_number != 0) one["old"] = line.old_number;
            if (line.new_number != 0) one["new"] = line.new_number;
            lines.push_back(std::move(one));
        }
        list.push_back(json::object{{"path", file.path}, {"kind", file.kind}, {"lines", std::move(lines)}});
    }
    return list;
}

std::variant<Draft, Response> read_draft(Request const& request) {
    auto read = read_object(request);
    if (auto* wrong = std::get_if<Response>(&read)) return std::move(*wrong);
    auto& body = std::get<json::object>(read);
    auto changes = read_changes(body);
    if (auto* wrong = std::get_if<Response>(&changes)) return std::move(*wrong);
    return Draft{std::move(body), std::get<Changes>(std::move(changes))};
}

Response refuse_draft(json::object more) { return problem_with(422, "The draft is not good yet", {}, std::move(more)); }

json::array places_json(Errors const& errors) {
    json::array list;
    for (auto const& error : errors) {
        SourceLocation const where = error.where.value_or(SourceLocation{});
        list.push_back(
            json::object{{"file", where.file}, {"line", where.line}, {"column", where.column}, {"message", error.message}, {"text", error.to_string()}});
    }
    return list;
}

std::vector<Route> desk_routes() {
    return {{"GET", "/catalog", show_catalog, Role::operator_},
            {"GET", "/catalog/file", show_file, Role::operator_},
            {"GET", "/catalog/templates", list_templates, Role::operator_},
            {"POST", "/catalog/check", check_draft, Role::operator_},
            {"POST", "/catalog/test", test_draft, Role::operator_},
            {"POST", "/classify", classify, Role::operator_},
            {"POST", "/classify/wrong", teach, Role::operator_}};
}

}  // namespace kefu::api
