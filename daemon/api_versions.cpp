// SPDX-License-Identifier: Apache-2.0
#include "daemon/api_desk.hpp"
#include "daemon/crypto.hpp"
#include "daemon/log.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <utility>

/// What was published when by whom: publishing a draft, the history, going back.
namespace kefu::api {

namespace json = boost::json;

namespace {

constexpr std::size_t longest_line = 1'000;  // of the history

struct CatalogDiff {
    CatalogTexts before, after;
    std::vector<FileDiff> operator()() const { return catalog_diff(before, after); }
};

struct WriteCatalog {
    std::filesystem::path folder;
    CatalogTexts from, to;
    Result<void> operator()() const { return write_catalog(folder, from, to); }
};

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
        WriteCatalog undo{catalog_folder(settings), std::move(written.after), std::move(written.before)};
        auto const undone = co_await on_pool(context->desk.thread, std::move(undo));
        if (!undone)
            log_error("publishing_not_undone",
                      {{"why", undone.error().message}, {"so", "the files are newer than what answers customers; mend kefud.yaml and reload"}});
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

/// The texts of a version. not_found: one is not kept any more.
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
    CatalogDiff work{std::move(was), *after};
    auto const diff = co_await on_pool(context->desk.thread, std::move(work));
    json::object body{{"version", version_json(*found, before, found == versions->begin())}, {"diff", diff_json(diff)}};
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
    std::vector<CatalogChange> changes;
    for (auto const& [path, text] : *texts) changes.push_back({path, text});
    for (auto const& [path, text] : *present)
        if (!texts->contains(path)) changes.push_back({path, std::nullopt});
    // What customers got before is not held up by a test that was written since.
    PublishDraft back{settings_now(context), std::move(changes), catalog_hash(*present), true};
    std::string reason = "back to version " + std::to_string(found->number) + ": " + why;
    co_return co_await publish_changes(context, std::move(back), std::move(who), std::move(reason));
}

}  // namespace

net::awaitable<Response> publish_changes(ContextPtr context, PublishDraft work, std::string who, std::string why) {
    Publishing const publishing{context->desk};
    if (!publishing.mine()) co_return problem(409, "Somebody is publishing right now", "Try again in a few seconds.");
    Settings settings = work.settings;
    auto outcome = co_await on_pool(context->desk.thread, std::move(work));
    if (std::holds_alternative<PublishDraft::Stale>(outcome))
        co_return problem_because(409, "Somebody else published meanwhile", "Look at the difference again.", "stale");
    if (std::holds_alternative<PublishDraft::Nothing>(outcome)) co_return problem_because(409, "Nothing differs", {}, "nothing");
    if (auto const* errors = std::get_if<Errors>(&outcome)) co_return refuse_draft({{"errors", places_json(*errors)}});
    if (auto const* tests = std::get_if<TestsPlayed>(&outcome)) co_return refuse_draft({{"tests", tests_json(*tests)}});
    auto& written = std::get<PublishDraft::Written>(outcome);
    co_return co_await finish_publishing(context, std::move(written), std::move(who), std::move(why), std::move(settings));
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

std::vector<Route> version_routes() {
    return {{"POST", "/catalog/publish", publish, Role::operator_},
            {"GET", "/catalog/history", history, Role::operator_},
            {"GET", "/catalog/version", show_version, Role::operator_},
            {"POST", "/catalog/rollback", roll_back, Role::operator_}};
}

}  // namespace kefu::api
