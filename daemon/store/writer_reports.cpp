// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/writer.hpp"
#include "replies/json.hpp"

#include <boost/json/parse.hpp>

/// What platforms report later about our sends. A send's state only ever goes forward: delivered (they took it), received, read; a failure counts until the
/// customer has it. A report about a send whose outcome nobody knew settles it.
namespace kefu {

namespace {

constexpr int rows_looked_through = 500;  // reports come within days of the send; the chain has no index by effect

RowState state_after(DeliveryReport report) {
    switch (report) {
        case DeliveryReport::out:
            return RowState::delivered;
        case DeliveryReport::received:
            return RowState::received;
        case DeliveryReport::read:
            return RowState::read;
        case DeliveryReport::failed:
            return RowState::refused;
    }
    return RowState::delivered;
}

/// How far a send has come; -1: its end, which no report changes.
int progress(RowState state) {
    switch (state) {
        case RowState::pending:
        case RowState::in_flight:
        case RowState::unknown:
            return 0;
        case RowState::delivered:
            return 1;
        case RowState::received:
            return 2;
        case RowState::read:
            return 3;
        case RowState::refused:
        case RowState::cancelled:
        case RowState::unsent:
            return -1;
    }
    return -1;
}

}  // namespace

/// True when the report is news.
bool StoreWriter::take_report(Held const& held, SendReported const& report) {
    if (report.effect.empty()) return report.report == DeliveryReport::failed;
    std::int64_t const number = find_send(held, report.effect);
    if (number == 0) return false;
    RowState const before = journal_state(held.bucket, number);
    RowState const after = state_after(report.report);
    int const reached = progress(before);
    bool const news = report.report == DeliveryReport::failed ? reached == 0 || reached == 1 : reached >= 0 && progress(after) > reached;
    if (!news) return false;
    statements_.set_journal_state.post(static_cast<int>(after), held.bucket, number);
    if (before == RowState::unknown && after != RowState::refused) statements_.remove_outbox.post(held.bucket, number);
    if (before == RowState::unknown && after == RowState::refused) bury(held.bucket, number, RowState::refused, report.detail);
    return true;
}

/// Its row in the journal; 0 when there is none.
std::int64_t StoreWriter::find_send(Held const& held, EffectId const& id) {
    std::int64_t number = held.newest;
    for (int i = 0; number != 0 && i < rows_looked_through; ++i) {
        auto rows = statements_.journal_row.query(held.bucket, number);
        if (!rows.next()) return 0;
        if (static_cast<RowKind>(rows.integer(1)) == RowKind::send) {
            boost::system::error_code broken;
            auto const json = boost::json::parse(rows.text(3), broken);
            auto const effect = broken ? Result<Effect>{Error{Errc::bad_payload, broken.message()}} : effect_from_json(json);
            auto const* const send = effect ? std::get_if<Send>(&*effect) : nullptr;
            if (send != nullptr && send->id == id) return number;
        }
        number = rows.integer(0);
    }
    return 0;
}

RowState StoreWriter::journal_state(std::int64_t bucket, std::int64_t number) {
    auto rows = statements_.journal_row.query(bucket, number);
    return rows.next() ? static_cast<RowState>(rows.integer(2)) : RowState::pending;
}

}  // namespace kefu
