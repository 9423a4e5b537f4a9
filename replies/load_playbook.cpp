// SPDX-License-Identifier: Apache-2.0
#include "config/suggest.hpp"
#include "replies/facts.hpp"
#include "replies/load_slot.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace kefu {

namespace {

constexpr std::array<std::string_view, 3> otherwise_names{"call", "skip", "close"};
constexpr int deepest_group = 8;

std::string_view name_of(StepAction const& action) {
    static constexpr std::array<std::string_view, 12> names{"ask",   "say", "lookup", "call",   "wait", "offer",
                                                            "grant", "set", "forget", "record", "tell", "close"};
    return names[action.index()];
}

std::string target_of(StepAction const& action) {
    if (auto const* ask = std::get_if<Ask>(&action)) return ask->slot;
    if (auto const* say = std::get_if<Say>(&action)) return say->template_id;
    if (auto const* call = std::get_if<CallPerson>(&action)) return call->say.empty() ? call->reason : call->say;
    if (auto const* grant = std::get_if<Grant>(&action)) return grant->kind;
    if (auto const* record = std::get_if<Record>(&action)) return record->report;
    return {};
}

class PlaybookReader {
  public:
    PlaybookReader(std::vector<std::string> const& policy_facts, std::vector<std::string> const& shared_facts, Templates const* templates, Errors& errors)
        : policy_facts_(policy_facts), shared_facts_(shared_facts), templates_(templates), errors_(errors) {}

    Playbook read(std::string name, yaml::Value const& value) {
        playbook_ = {};
        playbook_.name = std::move(name);
        yaml::Object object{value, errors_};
        if (auto const in_between = object.get("in_between")) playbook_.in_between = in_between->boolean(errors_).value_or(false);
        auto const slots = object.get("slots");
        auto const steps = object.require("steps");
        object.finish();
        if (slots)
            for (auto const& [slot, where, entry] : slots->entries(errors_)) add_slot(slot, where, entry);
        if (!steps) return std::move(playbook_);
        read_steps(*steps, {}, 0);
        if (playbook_.steps.empty()) errors_.push_back(value.error("a playbook needs at least one step"));
        return std::move(playbook_);
    }

  private:
    void add_slot(std::string const& name, SourceLocation const& where, yaml::Value const& value) {
        auto const taken = [&](std::string_view other) { return other == name; };
        bool const built_in = std::any_of(built_in_facts().begin(), built_in_facts().end(), [&](auto const& fact) { return taken(fact.name); });
        if (built_in || std::any_of(policy_facts_.begin(), policy_facts_.end(), taken))
            errors_.push_back({Errc::bad_config, "'" + name + "' is a fact already: a slot needs a name of its own", where});
        playbook_.slots.emplace(name, read_slot(value, errors_));
    }

    void read_steps(yaml::Value const& value, std::vector<Clause> const& around, int depth) {
        if (depth > deepest_group) {
            errors_.push_back(value.error("groups of steps are nested too deeply"));
            return;
        }
        for (auto const& item : value.items(errors_)) {
            yaml::Object object{item, errors_};
            auto clauses = around;
            if (auto const when = object.get("when")) clauses.push_back(read_clause(*when, false));
            if (auto const unless = object.get("unless")) clauses.push_back(read_clause(*unless, true));
            if (auto const group = object.get("steps")) {
                object.finish();
                read_steps(*group, clauses, depth + 1);
                continue;
            }
            Step step{{}, std::move(clauses), {}, item.where()};
            bool const read = read_action(object, item, step.action);
            object.finish();
            if (!read) continue;
            step.id = std::string{name_of(step.action)} + ':' + target_of(step.action);
            auto const same = std::count_if(playbook_.steps.begin(), playbook_.steps.end(),
                                            [&](auto const& other) { return other.id == step.id || other.id.starts_with(step.id + '#'); });
            if (same > 0) step.id += '#' + std::to_string(same + 1);
            playbook_.steps.push_back(std::move(step));
        }
    }

    bool read_action(yaml::Object& object, yaml::Value const& item, StepAction& action) {
        if (auto const slot = object.get("ask")) return read_ask(object, *slot, action);
        if (auto const reason = object.get("call")) return read_call(object, *reason, action);
        if (auto const kind = object.get("grant")) return read_grant(object, *kind, action);
        if (auto const id = object.get("say")) {
            action = Say{read_template(*id)};
            return true;
        }
        if (auto const what = object.get("lookup")) {
            if (what->string(errors_).value_or("order") != "order") errors_.push_back(what->error("only the order can be looked up: lookup: order"));
            auto const anew = object.get("anew");
            action = LookUp{anew && anew->boolean(errors_).value_or(false)};
            return true;
        }
        if (auto const what = object.get("wait_for")) {
            if (what->string(errors_).value_or("customer") != "customer") errors_.push_back(what->error("expected wait_for: customer"));
            Wait wait{true, {}};
            if (auto const at_most = object.get("at_most")) wait.at_most = read_minutes(*at_most);
            action = wait;
            return true;
        }
        if (auto const time = object.get("wait")) {
            action = Wait{false, read_minutes(*time)};
            return true;
        }
        if (auto const what = object.get("offer")) {
            if (what->string(errors_).value_or("ladder") != "ladder") errors_.push_back(what->error("expected offer: ladder"));
            action = Offer{};
            return true;
        }
        if (auto const facts = object.get("set")) {
            Set set;
            for (auto const& [name, where, value] : facts->entries(errors_)) set.facts[name] = value.string(errors_).value_or("");
            action = std::move(set);
            return true;
        }
        if (auto const slots = object.get("forget")) {
            Forget forget;
            forget.slots = slots->strings(errors_);
            for (auto const& slot : forget.slots)
                if (!playbook_.slots.contains(slot)) errors_.push_back(slots->error("there is no slot '" + slot + "'"));
            action = std::move(forget);
            return true;
        }
        if (auto const report = object.get("record")) {
            action = Record{report->string(errors_).value_or("")};
            return true;
        }
        if (auto const what = object.get("tell")) {
            action = Tell{what->string(errors_).value_or("")};
            return true;
        }
        if (auto const why = object.get("close")) {
            action = Close{why->string(errors_).value_or("")};
            return true;
        }
        errors_.push_back(item.error("expected one of ask, say, lookup, call, wait, wait_for, offer, grant, set, forget, record, tell, close, steps"));
        return false;
    }

    bool read_ask(yaml::Object& object, yaml::Value const& slot, StepAction& action) {
        Ask ask;
        ask.slot = slot.string(errors_).value_or("");
        std::vector<std::string> names{case_slots.begin(), case_slots.end()};
        for (auto const& [name, declared] : playbook_.slots) names.push_back(name);
        if (std::find(names.begin(), names.end(), ask.slot) == names.end())
            errors_.push_back(slot.error("there is no slot '" + ask.slot + "'" + did_you_mean(ask.slot, names)));
        if (auto const id = object.require("say")) ask.say = read_template(*id);
        if (auto const id = object.get("again")) ask.again = read_template(*id);
        if (auto const tries = object.get("tries")) ask.tries = static_cast<int>(tries->integer(errors_, 1, 2).value_or(2));
        if (auto const count = object.get("count")) {
            ask.count = static_cast<int>(count->integer(errors_, 1, 10).value_or(1));
            if (ask.slot != "photos") errors_.push_back(count->error("only photos are counted"));
        }
        if (auto const otherwise = object.get("otherwise")) ask.otherwise = static_cast<Otherwise>(one_of(*otherwise, otherwise_names, errors_));
        action = std::move(ask);
        return true;
    }

    bool read_call(yaml::Object& object, yaml::Value const& reason, StepAction& action) {
        CallPerson call;
        call.reason = reason.string(errors_).value_or("");
        if (auto const tier = object.get("tier")) call.tier = tier->string(errors_).value_or("");
        if (auto const id = object.get("say")) call.say = read_template(*id);
        if (auto const urgent = object.get("urgent")) call.urgent = urgent->boolean(errors_).value_or(false);
        action = std::move(call);
        return true;
    }

    bool read_grant(yaml::Object& object, yaml::Value const& kind, StepAction& action) {
        Grant grant;
        grant.kind = kind.string(errors_).value_or("");
        if (auto const value = object.get("value")) {
            grant.value = value->string(errors_).value_or("");
            check_fact(grant.value, *value);
        }
        if (auto const id = object.require("say")) grant.say = read_template(*id);
        action = std::move(grant);
        return true;
    }

    Clause read_clause(yaml::Value const& value, bool unless) {
        Clause clause;
        clause.unless = unless;
        for (auto const& [name, where, wanted] : value.entries(errors_)) clause.all.push_back(read_condition(name, where, wanted));
        if (clause.all.empty()) errors_.push_back(value.error("expected at least one condition, such as {status: delivered}"));
        return clause;
    }

    Condition read_condition(std::string const& name, SourceLocation const& where, yaml::Value const& wanted) {
        Condition condition;
        condition.fact = name;
        check_fact(name, where);
        if (wanted.kind() == yaml::Value::Kind::sequence) {
            condition.values = wanted.strings(errors_);
            return condition;
        }
        auto const text = wanted.string(errors_).value_or("");
        using enum Condition::Test;
        if (text == "known" || text == "unknown") {
            condition.test = text == "known" ? known : unknown;
            return condition;
        }
        static constexpr std::array<std::pair<std::string_view, Condition::Test>, 4> operators{{{"<=", at_most}, {">=", at_least}, {"<", less}, {">", more}}};
        for (auto const& [sign, test] : operators) {
            if (!text.starts_with(sign)) continue;
            condition.test = test;
            read_operand(std::string_view{text}.substr(sign.size()), wanted, condition);
            return condition;
        }
        condition.values.push_back(text);
        return condition;
    }

    void read_operand(std::string_view text, yaml::Value const& where, Condition& condition) {
        while (text.starts_with(' ')) text.remove_prefix(1);
        if (text.starts_with('{') && text.ends_with('}')) {
            condition.other = text.substr(1, text.size() - 2);
            check_fact(condition.other, where);
            return;
        }
        auto const [end, problem] = std::from_chars(text.data(), text.data() + text.size(), condition.number);
        if (problem != std::errc{} || end != text.data() + text.size())
            errors_.push_back(where.error("expected a number, or a fact such as {return_days}, after the sign"));
    }

    void check_fact(std::string const& name, yaml::Value const& at) { check_fact(name, at.where()); }
    void check_fact(std::string const& name, SourceLocation const& where) {
        std::vector<std::string> known = policy_facts_;
        for (auto const& fact : built_in_facts()) known.emplace_back(fact.name);
        known.insert(known.end(), shared_facts_.begin(), shared_facts_.end());  // what one playbook learns, the next one of the case may look at
        if (std::find(known.begin(), known.end(), name) != known.end()) return;
        errors_.push_back({Errc::bad_config, "there is no fact '" + name + "'" + did_you_mean(name, known), where});
    }

    std::string read_template(yaml::Value const& value) {
        auto const id = value.string(errors_);
        if (id && templates_ && !templates_->has(*id))
            errors_.push_back(value.error("there is no template '" + *id + "'" + did_you_mean(*id, templates_->ids())));
        return id.value_or("");
    }

    std::chrono::minutes read_minutes(yaml::Value const& value) {
        auto const time = value.duration(errors_);
        if (time && *time < std::chrono::minutes{1}) errors_.push_back(value.error("expected at least 1m"));
        return time ? std::chrono::ceil<std::chrono::minutes>(*time) : std::chrono::minutes{1};
    }

    std::vector<std::string> const& policy_facts_;
    std::vector<std::string> const& shared_facts_;  ///< slots and facts that the playbooks set
    Templates const* templates_;
    Errors& errors_;
    Playbook playbook_;
};

}  // namespace

Slot const* Playbook::slot(std::string_view wanted) const {
    auto const found = slots.find(std::string{wanted});
    return found == slots.end() ? nullptr : &found->second;
}

std::vector<std::string> templates_of(StepAction const& action) {
    std::vector<std::string> ids;
    if (auto const* ask = std::get_if<Ask>(&action)) ids = {ask->say, ask->again};
    if (auto const* say = std::get_if<Say>(&action)) ids = {say->template_id};
    if (auto const* call = std::get_if<CallPerson>(&action)) ids = {call->say};
    if (auto const* grant = std::get_if<Grant>(&action)) ids = {grant->say};
    std::erase(ids, std::string{});
    return ids;
}

std::vector<std::string> slot_names(std::vector<SourceText> const& files) {
    Errors ignored;
    std::vector<std::string> names;
    auto const add_sets = [&](auto const& self, yaml::Value const& steps, int depth) -> void {
        if (depth > deepest_group) return;
        for (auto const& step : steps.items(ignored))
            for (auto const& entry : step.entries(ignored)) {
                if (entry.key == "steps") self(self, entry.value, depth + 1);
                if (entry.key != "set") continue;
                for (auto const& fact : entry.value.entries(ignored)) names.push_back(fact.key);
            }
    };
    for (auto const& file : files) {
        auto const root = yaml::parse(file.text, file.name, ignored);
        if (!root) continue;
        for (auto const& top : root->entries(ignored)) {
            if (top.key != "playbooks") continue;
            for (auto const& playbook : top.value.entries(ignored))
                for (auto const& part : playbook.value.entries(ignored)) {
                    if (part.key == "slots")
                        for (auto const& slot : part.value.entries(ignored)) names.push_back(slot.key);
                    if (part.key == "steps") add_sets(add_sets, part.value, 0);
                }
        }
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

Checked<Playbooks> load_playbooks(std::vector<SourceText> const& files, std::vector<std::string> const& facts, std::vector<std::string> const& slots,
                                  Templates const* templates) {
    Errors errors;
    Playbooks playbooks;
    PlaybookReader reader{facts, slots, templates, errors};
    for (auto const& file : files) {
        auto const root = yaml::parse(file.text, file.name, errors);
        if (!root) continue;
        yaml::Object object{*root, errors};
        auto const entries = object.require("playbooks");
        object.finish();
        if (!entries) continue;
        for (auto const& [name, where, value] : entries->entries(errors)) {
            if (playbooks.contains(name)) {
                errors.push_back({Errc::bad_config, "there is already a playbook '" + name + "'", where});
                continue;
            }
            playbooks.emplace(name, reader.read(name, value));
        }
    }
    if (!errors.empty()) return errors;
    return playbooks;
}

}  // namespace kefu
