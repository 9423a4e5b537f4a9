// SPDX-License-Identifier: Apache-2.0
#include "daemon/api_parts.hpp"
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
constexpr std::size_t longest_line = 1'000;   // of the history

using Changes = std::vector<CatalogChange>;

Settings settings_now(ContextPtr const& context) {
    auto const services = context->services();
    return services->snapshot->settings;
}

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

struct ReadCatalog {
    std::filesystem::path folder;
    Checked<CatalogTexts> operator()() const { return read_catalog(folder); }
};

Response broken_catalog(Errors const& errors) { return problem(503, "The catalog cannot be read", errors.front().to_string()); }

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
    auto const outcome = co_await on_pool(context->pool, std::move(work));
    json::object body{{"ok", outcome.errors.empty()}, {"errors", places_json(outcome.errors)}, {"diff", diff_json(outcome.diff)}};
    co_return json_response(json::serialize(body));
}

net::awaitable<Response> test_draft(ContextPtr context, Request request, std::string) {
    auto draft = read_draft(request);
    if (auto* wrong = std::get_if<Response>(&draft)) co_return std::move(*wrong);
    TestDraft work{settings_now(context), std::get<Draft>(draft).changes};
    auto const played = co_await on_pool(context->pool, std::move(work));
    if (!played) co_return refuse_draft({{"errors", places_json(played.error())}});
    co_return json_response(json::serialize(tests_json(*played)));
}

json::object version_json(CatalogVersion const& version, CatalogVersion const* before, bool current) {
    json::array files;
    for (auto const& [path, hash] : version.files) {
        auto const was = before == nullptr ? version.files.end() : before->files.find(path);
        if (before != nullptr && (was == before->files.end() || was->second != hash)) files.emplace_back(path);
    }
    if (before != nullptr)
        for (auto const& [path, hash] : before->files)
            if (!version.files.contains(path)) files.emplace_back(path);
    return {{"number", version.number}, {"at", to_rfc3339(version.at)}, {"by", version.by},         {"why", version.why},
            {"hash", version.hash},     {"current", current},           {"files", std::move(files)}};
}

/// Everything but the work on the pool, which is done: what is loaded now, what is recorded.
net::awaitable<Response> finish_publishing(ContextPtr context, PublishDraft::Written written, std::string who, std::string why, Settings settings) {
    auto const errors = co_await context->desk.reload();
    if (!errors.empty()) {
        // It was checked a moment ago: only kefud.yaml can be in the way. Files and daemon stay the same content.
        (void)write_catalog(catalog_folder(settings), written.after, written.before);
        co_return refuse_draft({{"errors", places_json(errors)}});
    }
    auto const recorded = co_await record_version(context, "file", "as it was before", written.before);
    if (!recorded) co_return failure(recorded.error());
    auto const number = co_await record_version(context, who, why, written.after);
    if (!number) co_return failure(number.error());
    std::string detail = "version " + std::to_string(*number) + ": " + why;
    if (!written.tests.failures.empty()) detail += " (despite " + std::to_string(written.tests.failures.size()) + " failed tests)";
    AuditEntry entry = audit_entry(context, who, "catalog_published", std::move(detail));
    (void)co_await context->store.accounts().record(std::move(entry));
    log_info("catalog_published", {{"version", *number}, {"by", who}});
    context->live.tell({{"type", "catalog"}, {"version", *number}});
    auto const versions = co_await context->store.versions(2);
    if (!versions) co_return failure(versions.error());
    auto const body = version_json(versions->front(), versions->size() > 1 ? &(*versions)[1] : nullptr, true);
    co_return json_response(json::serialize(body));
}

/// Takes the desk for one publishing; lets it go whatever happens.
class Publishing {
  public:
    explicit Publishing(Desk& desk) : desk_(desk), mine_(!desk.publishing.exchange(true)) {}
    ~Publishing() {
        if (mine_) desk_.publishing = false;
    }
    Publishing(Publishing const&) = delete;
    Publishing& operator=(Publishing const&) = delete;
    bool mine() const { return mine_; }

  private:
    Desk& desk_;
    bool mine_;
};

net::awaitable<Response> publish_changes(ContextPtr context, PublishDraft work, std::string who, std::string why) {
    Publishing const publishing{context->desk};
    if (!publishing.mine()) co_return problem(409, "Somebody is publishing right now", "Try again in a few seconds.");
    Settings settings = work.settings;
    auto outcome = co_await on_pool(context->pool, std::move(work));
    if (std::holds_alternative<PublishDraft::Stale>(outcome))
        co_return problem_because(409, "Somebody else published meanwhile", "Look at the difference again.", "stale");
    if (std::holds_alternative<PublishDraft::Nothing>(outcome)) co_return problem_because(409, "Nothing differs", {}, "nothing");
    if (auto const* errors = std::get_if<Errors>(&outcome)) co_return refuse_draft({{"errors", places_json(*errors)}});
    if (auto const* tests = std::get_if<TestsPlayed>(&outcome)) co_return refuse_draft({{"tests", tests_json(*tests)}});
    auto& written = std::get<PublishDraft::Written>(outcome);
    co_return co_await finish_publishing(context, std::move(written), std::move(who), std::move(why), std::move(settings));
}

std::optional<Response> refuse_why(std::string const& why) {
    if (why.empty()) return problem(400, "'why' is missing", "One line for those who read the history.");
    if (why.size() > longest_line) return problem(400, "'why' is too long", "At most 1,000 bytes.");
    return std::nullopt;
}

net::awaitable<Response> publish(ContextPtr context, Request request, std::string who) {
    auto draft = read_draft(request);
    if (auto* wrong = std::get_if<Response>(&draft)) co_return std::move(*wrong);
    auto& [body, changes] = std::get<Draft>(draft);
    std::string why = text_in(body, "why");
    if (auto refused = refuse_why(why)) co_return std::move(*refused);
    auto const* despite = body.if_contains("despite_tests");
    PublishDraft work{settings_now(context), std::move(changes), text_in(body, "base"), despite != nullptr && despite->is_bool() && despite->get_bool()};
    co_return co_await publish_changes(context, std::move(work), std::move(who), std::move(why));
}

net::awaitable<Response> history(ContextPtr context, Request request, std::string) {
    std::size_t const limit = number_of(request, "limit", 50, 500);
    auto const versions = co_await context->store.versions(limit + 1);
    if (!versions) co_return failure(versions.error());
    json::array list;
    for (std::size_t i = 0; i < std::min(limit, versions->size()); ++i)
        list.push_back(version_json((*versions)[i], i + 1 < versions->size() ? &(*versions)[i + 1] : nullptr, i == 0));
    json::object body{{"versions", std::move(list)}};
    co_return json_response(json::serialize(body));
}

/// The texts of a version whose hashes are among `wanted`.
net::awaitable<Result<CatalogTexts>> texts_of(ContextPtr context, CatalogVersion version) {
    std::vector<std::string> hashes;
    for (auto const& [path, hash] : version.files) hashes.push_back(hash);
    auto const known = co_await context->store.texts(std::move(hashes));
    if (!known) co_return known.error();
    CatalogTexts texts;
    for (auto const& [path, hash] : version.files) {
        auto const text = known->find(hash);
        if (text == known->end()) co_return Error{Errc::not_found, "the text of " + path + " is not kept any more"};
        texts.emplace(path, text->second);
    }
    co_return texts;
}

constexpr std::size_t versions_looked_through = 10'000;

net::awaitable<Response> show_version(ContextPtr context, Request request, std::string) {
    std::size_t const number = number_of(request, "number", 0, std::size_t{1} << 40);
    auto const versions = co_await context->store.versions(versions_looked_through);
    if (!versions) co_return failure(versions.error());
    auto const found = std::find_if(versions->begin(), versions->end(), [&](auto const& one) { return one.number == number; });
    if (found == versions->end()) co_return problem(404, "No such version", "GET /catalog/history lists them.");
    CatalogVersion const* before = found + 1 == versions->end() ? nullptr : &*(found + 1);
    auto const after = co_await texts_of(context, *found);
    if (!after) co_return failure(after.error());
    CatalogTexts was = *after;
    if (before != nullptr) {
        auto const earlier = co_await texts_of(context, *before);
        if (!earlier) co_return failure(earlier.error());
        was = *earlier;
    }
    json::object body{{"version", version_json(*found, before, found == versions->begin())}, {"diff", diff_json(catalog_diff(was, *after))}};
    co_return json_response(json::serialize(body));
}

net::awaitable<Response> roll_back(ContextPtr context, Request request, std::string who) {
    auto const read = read_object(request);
    if (auto const* wrong = std::get_if<Response>(&read)) co_return *wrong;
    auto const& body = std::get<json::object>(read);
    std::string const why = text_in(body, "why");
    if (auto refused = refuse_why(why)) co_return std::move(*refused);
    auto const* number = body.if_contains("number");
    auto const versions = co_await context->store.versions(versions_looked_through);
    if (!versions) co_return failure(versions.error());
    auto const found = std::find_if(versions->begin(), versions->end(), [&](auto const& one) {
        return number != nullptr && number->is_int64() && number->get_int64() == static_cast<std::int64_t>(one.number);
    });
    if (found == versions->end()) co_return problem(404, "No such version", "GET /catalog/history lists them.");
    auto const texts = co_await texts_of(context, *found);
    if (!texts) co_return failure(texts.error());
    ReadCatalog work{settings_now(context).catalog.path};
    auto const present = co_await on_pool(context->pool, std::move(work));
    if (!present) co_return broken_catalog(present.error());
    Changes changes;
    for (auto const& [path, text] : *texts) changes.push_back({path, text});
    for (auto const& [path, text] : *present)
        if (!texts->contains(path)) changes.push_back({path, std::nullopt});
    // What customers got before is not held up by a test that was written since.
    PublishDraft back{settings_now(context), std::move(changes), {}, true};
    std::string reason = "back to version " + std::to_string(found->number) + ": " + why;
    co_return co_await publish_changes(context, std::move(back), std::move(who), std::move(reason));
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

std::variant<Draft, Response> read_draft(Request const& request) {
    auto read = read_object(request);
    if (auto* wrong = std::get_if<Response>(&read)) return std::move(*wrong);
    auto& body = std::get<json::object>(read);
    auto changes = read_changes(body);
    if (auto* wrong = std::get_if<Response>(&changes)) return std::move(*wrong);
    return Draft{std::move(body), std::get<Changes>(std::move(changes))};
}

Response refuse_draft(json::object more) {
    json::object body{{"type", "about:blank"}, {"title", "The draft is not good yet"}, {"status", 422}};
    for (auto& member : more) body[member.key()] = std::move(member.value());
    Response response = json_response(json::serialize(body), 422);
    response.headers.set("Content-Type", "application/problem+json");
    return response;
}

json::array places_json(Errors const& errors) {
    json::array list;
    for (auto const& error : errors) {
        SourceLocation const where = error.where.value_or(SourceLocation{});
        list.push_back(
            json::object{{"file", where.file}, {"line", where.line}, {"column", where.column}, {"message", error.message}, {"text", error.to_string()}});
    }
    return list;
}

net::awaitable<Result<std::uint64_t>> record_version(ContextPtr context, std::string who, std::string why, CatalogTexts texts) {
    auto const newest = co_await context->store.versions(1);
    if (!newest) co_return newest.error();
    CatalogVersion version{0, context->clock(), std::move(who), std::move(why), catalog_hash(texts), {}};
    if (!newest->empty() && newest->front().hash == version.hash) co_return newest->front().number;
    std::map<std::string, std::string> by_hash;
    for (auto& [path, text] : texts) {
        std::string hash = hex(sha256(text));
        version.files.emplace(path, hash);
        by_hash.emplace(std::move(hash), std::move(text));
    }
    co_return co_await context->store.keep(std::move(version), std::move(by_hash));
}

std::vector<Route> desk_routes() {
    return {{"GET", "/catalog", show_catalog, Role::operator_},
            {"GET", "/catalog/file", show_file, Role::operator_},
            {"GET", "/catalog/templates", list_templates, Role::operator_},
            {"POST", "/catalog/check", check_draft, Role::operator_},
            {"POST", "/catalog/test", test_draft, Role::operator_},
            {"POST", "/catalog/publish", publish, Role::operator_},
            {"GET", "/catalog/history", history, Role::operator_},
            {"GET", "/catalog/version", show_version, Role::operator_},
            {"POST", "/catalog/rollback", roll_back, Role::operator_},
            {"POST", "/classify", classify, Role::operator_},
            {"POST", "/classify/wrong", teach, Role::operator_}};
}

}  // namespace kefu::api
