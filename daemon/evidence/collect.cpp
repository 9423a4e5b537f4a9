// SPDX-License-Identifier: Apache-2.0
#include "daemon/evidence/collect.hpp"

#include "replies/json.hpp"

#include <boost/json/parse.hpp>

#include <array>
#include <cstddef>
#include <map>
#include <utility>
#include <variant>

namespace kefu {

namespace {

template <class T>
std::optional<T> read(std::string const& text, Result<T> (*from_json)(boost::json::value const&)) {
    boost::system::error_code broken;
    auto const value = boost::json::parse(text, broken);
    if (broken) return std::nullopt;
    auto parsed = from_json(value);
    if (!parsed) return std::nullopt;
    return std::move(*parsed);
}

void append_line(std::string& text, std::string_view line) {
    if (line.empty()) return;
    if (!text.empty()) text += '\n';
    text += line;
}

std::string attachments_of(Message const& message) {
    std::string all;
    for (auto const& attachment : message.attachments) {
        std::string line{content_kind_names.at(static_cast<std::size_t>(attachment.kind))};
        if (!attachment.file_name.empty()) line += ": " + attachment.file_name;
        append_line(all, line);
    }
    return all;
}

void describe_customer(EvidenceEntry& entry, Message const& message, std::string_view text) {
    entry.add("who", "customer");
    entry.add("sender", message.sender);
    entry.add("text", text);
    entry.add("attachments", attachments_of(message));
}

void describe_send(EvidenceEntry& entry, Send const& send) {
    std::string text, pictures, templates;
    for (auto const& message : send.messages) {
        append_line(text, message.text);
        if (message.sticker) append_line(pictures, "sticker " + message.sticker->package_id + '/' + message.sticker->sticker_id);
        if (message.image) append_line(pictures, "image " + message.image->url);
    }
    for (auto const& id : send.templates) append_line(templates, id);
    entry.add("who", send.by);
    entry.add("text", text);
    entry.add("attachments", pictures);
    entry.add("templates", templates);
    entry.add("send", send.id.value);
}

std::string text_of(Argument const& argument) {
    if (auto const* const text = std::get_if<std::string>(&argument)) return *text;
    if (auto const* const at = std::get_if<Timestamp>(&argument)) return to_rfc3339(*at);
    std::string number = std::to_string(std::get<double>(argument));
    number.erase(number.find_last_not_of('0') + 1);
    if (number.back() == '.') number.pop_back();
    return number;
}

/// What people read of an event; the rest is in its JSON.
struct DescribeEvent {
    EvidenceEntry& entry;

    void operator()(MessageReceived const& received) const { describe_customer(entry, received.message, received.message.text); }
    void operator()(ButtonPressed const& pressed) const {
        describe_customer(entry, pressed.message, pressed.message.text.empty() ? pressed.data : pressed.message.text);
    }
    void operator()(MessageUnsent const& unsent) const {
        entry.add("who", "customer");
        entry.add("taken_back", unsent.message.value);
    }
    void operator()(AgentActed const& act) const {
        entry.add("who", act.agent);
        entry.add("action", agent_action_names.at(static_cast<std::size_t>(act.action)));
        entry.add("text", act.text);
    }
    void operator()(SendFinished const& finished) const {
        entry.add("send", finished.effect.value);
        entry.add("result", send_outcome_names.at(static_cast<std::size_t>(finished.outcome)));
        entry.add("detail", finished.detail);
    }
    void operator()(SendReported const& reported) const {
        entry.add("send", reported.effect.value);
        entry.add("result", delivery_report_names.at(static_cast<std::size_t>(reported.report)));
        entry.add("detail", reported.detail);
    }
    void operator()(SendHeld const& held) const {
        entry.add("send", held.effect.value);
        entry.add("detail", held.why);
    }
    void operator()(DraftWritten const& draft) const { describe_send(entry, draft.send); }
    void operator()(ReplyUnusable const& reply) const { entry.add("detail", reply.template_id + ": " + reply.why); }
    void operator()(MediaStored const& media) const {
        entry.add("file", media.file.empty() ? std::string{} : "media/" + media.file);
        entry.add("detail", media.why);
    }
    void operator()(TimerFired const& timer) const { entry.add("detail", timer.name); }
    void operator()(Noted const& noted) const { entry.add("detail", noted.kind); }
    void operator()(Unreachable const& unreachable) const { entry.add("detail", unreachable.why); }
    void operator()(OrderLookedUp const& order) const { entry.add("detail", order.found.empty() ? order.order : order.found); }
    void operator()(Assigned const& assigned) const { entry.add("detail", assigned.agent); }
    void operator()(AgentCame const& came) const { entry.add("detail", came.agent); }
    void operator()(AgentAssigned const& given) const {
        entry.add("who", given.agent);
        entry.add("detail", given.to + (given.why.empty() ? "" : ": " + given.why));
    }
    void operator()(AgentConceded const& given) const {
        entry.add("who", given.agent);
        entry.add("detail", given.kind + ' ' + text_of(Argument{given.amount}) + ' ' + given.currency + ": " + given.why);
    }
    void operator()(AgentTagged const& tagged) const {
        std::string change;
        for (auto const& tag : tagged.add) append_line(change, "+" + tag);
        for (auto const& tag : tagged.remove) append_line(change, "-" + tag);
        entry.add("who", tagged.agent);
        entry.add("detail", change);
    }
    void operator()(ProfileLearned const& profile) const { entry.add("detail", profile.display_name); }
    void operator()(Followed const&) const {}
};

EvidenceEntry entry_of(RecordedRow const& row, std::string const& files) {
    static constexpr std::array<std::string_view, 9> states{"pending",   "in flight", "delivered", "refused", "unknown",
                                                            "cancelled", "unsent",    "received",  "read"};
    EvidenceEntry entry;
    entry.time = row.received_at;
    entry.kind = "unreadable";
    if (row.kind == RowKind::send) {
        entry.kind = "send";
        auto const effect = read(row.event, &effect_from_json);
        if (auto const* const send = effect ? std::get_if<Send>(&*effect) : nullptr) describe_send(entry, *send);
        entry.add("result", states.at(static_cast<std::size_t>(row.state)));
        entry.add("detail", row.detail);
        if (row.attempts > 0) entry.add("attempts", std::to_string(row.attempts));
    } else if (auto const event = read(row.event, &event_from_json)) {
        entry.kind = event_name(*event);
        std::visit(DescribeEvent{entry}, *event);
        if (row.state == RowState::unsent) entry.add("erased", "the customer took it back: its words, raw event and files are gone");
        entry.add("files", files);
    }
    entry.add("decision", row.why);
    if (row.kind != RowKind::send && row.occurred_at != Timestamp{} && row.occurred_at != row.received_at)
        entry.add("occurred_at", to_rfc3339(row.occurred_at));
    entry.add("message", row.message);
    entry.add("journal", std::to_string(row.number));
    entry.add("event", row.event);
    entry.add("raw", row.raw);
    return entry;
}

EvidenceEntry entry_of(RecordedEscalation const& one) {
    EvidenceEntry entry;
    entry.time = one.opened_at;
    entry.kind = "escalation";
    auto const effect = read(one.what, &effect_from_json);
    if (auto const* const escalate = effect ? std::get_if<Escalate>(&*effect) : nullptr) {
        entry.add("reason", escalate->reason);
        entry.add("tier", escalate->tier);
        entry.add("summary", escalate->summary);
        entry.add("quote", escalate->quote);
        if (escalate->answer_by != Timestamp{}) entry.add("answer_by", to_rfc3339(escalate->answer_by));
    }
    entry.add("claimed_by", one.claimed_by);
    if (one.closed_at) entry.add("closed_at", to_rfc3339(*one.closed_at));
    entry.add("journal", std::to_string(one.number));
    entry.add("event", one.what);
    return entry;
}

EvidenceEntry entry_of(RecordedAudit const& line) {
    EvidenceEntry entry;
    entry.time = line.at;
    bool const owner = line.action == "owner";
    entry.kind = owner ? "owner" : "audit";
    entry.add("who", line.who);
    if (!owner) entry.add("action", line.action);
    entry.add("detail", line.detail);
    return entry;
}

}  // namespace

void collect_history(StoreRecord& record, ConversationId const& id, std::vector<RecordedFile> const& files, std::function<void(EvidenceEntry)> const& each) {
    std::map<std::string, std::string> files_of;
    for (auto const& one : files) append_line(files_of[one.message], "media/" + one.file);
    auto const escalations = record.escalations(id);
    auto const audit = record.audit(id);
    auto next_escalation = escalations.begin();
    auto next_line = audit.begin();

    record.journal(id, Timestamp{}, [&](RecordedRow const& row) {
        // Escalations have their number from the journal's sequence; audit lines only have the time of the event that they came with.
        while (next_escalation != escalations.end() && next_escalation->number < row.number) each(entry_of(*next_escalation++));
        while (next_line != audit.end() && next_line->at < row.received_at) each(entry_of(*next_line++));
        auto const found = files_of.find(row.message);
        each(entry_of(row, row.message.empty() || found == files_of.end() ? std::string{} : found->second));
    });
    while (next_escalation != escalations.end()) each(entry_of(*next_escalation++));
    while (next_line != audit.end()) each(entry_of(*next_line++));
}

EvidenceEntry describe_state(std::string const& state, Timestamp at) {
    EvidenceEntry entry;
    entry.time = at;
    entry.kind = "state";
    if (auto const conversation = read(state, &conversation_from_json)) {
        auto const& open = conversation->open;
        entry.add("owner", to_string(conversation->owner));
        entry.add("reason", conversation->owner_reason);
        entry.add("agent", conversation->agent);
        if (conversation->owner_since != Timestamp{}) entry.add("owner_since", to_rfc3339(conversation->owner_since));
        if (!open.topic.empty()) {
            entry.add("case", case_name(*conversation));
            entry.add("topic", open.topic);
            entry.add("order", open.order);
        }
        std::string facts, given;
        for (auto const& [name, value] : open.facts) append_line(facts, name + ": " + text_of(value));
        for (auto const& one : conversation->conceded)
            append_line(given, to_rfc3339(one.at) + ' ' + one.kind + ' ' + text_of(Argument{one.amount}) + ' ' + one.currency +
                                   (one.by.empty() ? "" : " by " + one.by));
        entry.add("facts", facts);
        entry.add("conceded", given);
    }
    entry.add("event", state);
    return entry;
}

}  // namespace kefu
