// SPDX-License-Identifier: Apache-2.0
#include "daemon/app.hpp"

#include "daemon/api.hpp"
#include "daemon/channel_upkeep.hpp"
#include "daemon/claim_page.hpp"
#include "daemon/console/desk.hpp"
#include "daemon/console/page.hpp"
#include "daemon/dispatch.hpp"
#include "daemon/http/listener.hpp"
#include "daemon/intake.hpp"
#include "daemon/log.hpp"
#include "daemon/metrics/decide_counted.hpp"
#include "daemon/metrics/scrape.hpp"
#include "daemon/net/deadline.hpp"
#include "daemon/net/on_pool.hpp"
#include "daemon/notify/claim_link.hpp"
#include "daemon/retention.hpp"
#include "daemon/sd_notify.hpp"
#include "daemon/services.hpp"
#include "daemon/store/open_store.hpp"
#include "daemon/watch/self_watch.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>

#include <malloc.h>
#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <thread>
#include <utility>
#include <vector>

namespace kefu {

namespace {

/// Everything the daemon is made of, top to bottom; it is stopped bottom to top.
class App {
  public:
    App(RunOptions options, SnapshotPtr snapshot) : options_(std::move(options)), snapshot_(std::move(snapshot)) {
        for (int const signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2}) signals_.add(signal);
    }

    int run() {
        if (auto const opened = open(); !opened) {
            std::fprintf(stderr, "kefud: %s\n", opened.error().to_string().c_str());
            return 3;
        }
        io_.run();
        for (auto const& worker : workers_) worker->thread.join();
        store_->close();
        sign_in_.passwords.join();
        pool_.join();
        mail_.join();
        return 0;
    }

  private:
    Settings const& settings() const { return snapshot_.load()->settings; }

    Result<void> open() {
        Settings const& start = settings();
        start_logging(start.log);
        auto respond_now = [this](ChannelId const& channel, Conversation conversation, Event const& event, Timestamp now) {
            return decide_counted(*metrics_, *snapshot_.load(), channel, std::move(conversation), event, now);
        };
        auto route_now = [this](ChannelId const& channel, std::string_view tier) { return notifiers_for(snapshot_.load()->settings, channel, tier); };
        auto store = open_store(start.store, start.state, std::move(respond_now), std::move(route_now));
        if (!store) return store.error();
        store_ = std::move(*store);
        auto claim_key = load_claim_key(start.state / "claim.key");
        if (!claim_key) return claim_key.error();
        claim_key_ = std::move(*claim_key);
        use_proxy(start.outgoing);
        dispatcher_ = std::make_unique<Dispatcher>(
            io_.get_executor(), *store_, [this] { return services_.load(); }, roster_, pool_, start.store.media, system_now);
        self_watch_ = std::make_unique<SelfWatch>(
            *store_, [this] { return services_.load(); }, system_now);
        desk_.reload = [this] { return reload_from_anywhere(); };
        put_to_work(make_services(snapshot_.load(), tools()));
        store_->on_commit([this](std::size_t calls, std::chrono::duration<double> took) {
            metrics_->commit.of().Observe(took.count());
            metrics_->commit_calls.of().Observe(static_cast<double>(calls));
        });
        store_->on_work([this] { dispatcher_->wake(); });
        store_->on_change([this](std::vector<Changed> changes) { live_.changed(std::move(changes)); });

        if (auto const listening = listen(start.listen); !listening) {
            store_->close();
            return listening.error();
        }
        metrics_->started.of().Set(static_cast<double>(to_millis(system_now())) / 1000);
        dispatcher_->start();
        upkeep_.begin();
        group_.spawn("signals", watch_signals());
        group_.spawn("watchdog", feed_watchdog());
        group_.spawn("channels", upkeep_.watch());
        group_.spawn("live", live_.run());
        group_.spawn("log", tell_repeats());
        group_.spawn("self-watch", self_watch_->run());
        group_.spawn("retention", keep_as_long_as_allowed({*store_, [this] { return services_.load(); }, pool_, system_now}));
        if (start.console.enabled) group_.spawn("first link", offer_first_link());
        log_info("ready",
                 {{"address", listener_->address()}, {"port", listener_->port()}, {"channels", start.channels.size()}, {"store", name_of(start.store)}});
        if (auto const& why = snapshot_.load()->without_model) log_error("no_model", {{"why", why->to_string()}, {"until_then", "the patterns alone decide"}});
        ::malloc_trim(0);                     // compiling the packs leaves 50 MB of free memory behind
        auto const port = listener_->port();  // none for a Unix socket
        notify_ready("taking messages on " + listener_->address() + (port == 0 ? "" : " port " + std::to_string(port)));
        return {};
    }

    /// One listener per thread; the kernel spreads connections over them. The first lives on the main io thread, with everything that sends.
    Result<void> listen(ListenSettings settings) {
        auto const handler = [this](Request request) { return answer(router_.load(), std::move(request)); };
        auto first = Listener::open(io_.get_executor(), settings, handler);
        if (!first) return first.error();
        listener_ = std::move(*first);
        settings.port = listener_->port();
        for (int i = 1; i < settings.threads; ++i) {
            auto worker = std::make_unique<Worker>();
            auto more = Listener::open(worker->io.get_executor(), settings, handler);
            if (!more) return more.error();
            worker->listener = std::move(*more);
            workers_.push_back(std::move(worker));
        }
        auto const own = listen_for_metrics();
        for (auto const& worker : workers_) worker->thread = std::thread{[&io = worker->io] { io.run(); }};
        return own;
    }

    /// At an address of its own: it is not the business of whoever may send webhooks.
    Result<void> listen_for_metrics() {
        auto const& metrics = settings().metrics;
        if (metrics.serve != MetricsServer::own) return {};
        auto router = std::make_shared<Router>();
        add_metrics(*router, context());
        ListenSettings own;
        own.address = metrics.address;
        own.port = metrics.port;
        own.activation = false;  // those sockets are for platforms
        own.limits.connections = 16;
        auto opened = Listener::open(io_.get_executor(), own, [router](Request request) { return answer(router, std::move(request)); });
        if (!opened) return opened.error();
        metrics_listener_ = std::move(*opened);
        log_info("metrics", {{"address", metrics_listener_->address()}, {"port", metrics_listener_->port()}});
        return {};
    }

    static net::awaitable<Response> answer(std::shared_ptr<Router const> router, Request request) {
        Response response = co_await router->handle(std::move(request));
        co_return response;
    }

    void use_proxy(OutgoingSettings const& outgoing) { http_.use_proxy({outgoing.proxy, outgoing.proxy_authorization.reveal(), outgoing.direct}); }

    ServiceTools tools() { return {.http = http_, .pool = pool_, .mail = mail_, .clock = system_now, .claim_key = claim_key_, .metrics = metrics_}; }

    ApiContext context() {
        return {.store = *store_,
                .services = [this] { return services_.load(); },
                .pool = pool_,
                .roster = roster_,
                .clock = system_now,
                .intake = intake_,
                .dispatch = dispatcher_->counts(),
                .stopping = [this] { return stopping_.load(); },
                .sign_in = sign_in_,
                .live = live_,
                .desk = desk_,
                .reports = reports_};
    }

    /// Connectors know where things go before anybody can reach them.
    void put_to_work(ServicesPtr services) {
        Inlet const inlet{*store_, intake_, clock_, io_.get_executor(), [this] { return services_.load(); }, &group_};
        for (auto const& [id, connector] : services->connectors) connector->attach(inlet);
        services_.store(services);
        router_.store(make_router(*services, inlet));
    }

    std::shared_ptr<Router const> make_router(Services const& services, Inlet const& inlet) {
        auto router = std::make_shared<Router>();
        for (auto const& [path, connectors] : services.by_path) {
            if (connectors.front()->add_routes(*router, path, inlet)) continue;
            router->add("POST", path,
                        [this, path = path](Request request) { return take_webhook(services_.load(), path, std::move(request), *store_, clock_, intake_); });
        }
        if (settings().api.enabled) {
            add_api(*router, settings().api.path, context());
            add_openapi(*router);
            if (settings().console.enabled) add_console_page(*router);
        }
        if (settings().metrics.serve == MetricsServer::main) add_metrics(*router, context());
        add_health(*router, context());
        add_claim_page(*router, context());
        return router;
    }

    /// What was held back of the log is said when its ten seconds are over.
    static net::awaitable<void> tell_repeats() {
        for (;;) {
            bool const slept = co_await sleep_for(std::chrono::seconds{1});
            if (!slept) co_return;
            flush_log_repeats();
        }
    }

    net::awaitable<void> watch_signals() {
        for (;;) {
            error_code error;
            int const signal = co_await signals_.async_wait(net::redirect_error(net::use_awaitable, error));
            if (error) co_return;
            if (signal == SIGTERM || signal == SIGINT) break;
            if (signal == SIGHUP) {
                reload_soon();
            } else {
                auto const level = signal == SIGUSR1 ? LogLevel::debug : settings().log.level;
                set_log_level(level);
                log_info("log_level", {{"level", name_of(level)}, {"by", "signal"}});
            }
        }
        group_.spawn("shutdown", shut_down());
    }

    /// For a signal: those that come before it begins ask for the same, which is the files as they are then. A stop does not wait behind a storm of them.
    void reload_soon() {
        if (!std::exchange(reload_waits_, true)) group_.spawn("reload", reload_in_turn());
    }

    net::awaitable<void> reload_in_turn() {
        co_await until_nothing_reloads();
        reload_waits_ = false;
        if (!stopping_) (void)co_await reload();
    }

    net::awaitable<void> until_nothing_reloads() {
        while (reloading_) {
            error_code woken;
            co_await reloaded_.async_wait(net::redirect_error(net::use_awaitable, woken));
        }
    }

    /// One after another: of two that overlap the one that began last would not be sure to be the one that stays.
    net::awaitable<Errors> reload() {
        co_await until_nothing_reloads();
        struct Turn {
            App& app;
            explicit Turn(App& a) : app(a) { app.reloading_ = true; }
            ~Turn() {
                app.reloading_ = false;
                app.reloaded_.cancel();
            }
        } const turn{*this};
        auto errors = co_await load_anew();
        co_return errors;
    }

    /// Loads everything anew, then swaps; on any error the old stays and the log says why. The value: what was wrong.
    net::awaitable<Errors> load_anew() {
        notify_reloading();
        auto load = [options = options_] { return load_snapshot(options.config_file, options.state); };
        auto const loaded = co_await on_pool(pool_, std::move(load));  // a second of work, while messages go on
        auto errors = loaded ? Errors{} : loaded.error();
        if (stopping_) co_return errors;
        if (loaded && (*loaded)->without_model && !snapshot_.load()->without_model) errors.push_back(*(*loaded)->without_model);
        if (!errors.empty()) {
            for (auto const& error : errors) log_error("reload_error", {{"error", error.to_string()}});
            metrics_->reloads.of("refused").Increment();
            log_error("reload_refused", {{"errors", errors.size()}, {"keeps", "everything as it was"}});
            notify_ready("reload refused, see the log");
            co_return errors;
        }
        Settings const& before = settings();
        Settings const& after = (*loaded)->settings;
        if (before.listen.address != after.listen.address || before.listen.port != after.listen.port || before.store.path != after.store.path ||
            before.store.type != after.store.type || before.store.url != after.store.url || before.metrics.serve != after.metrics.serve ||
            before.metrics.address != after.metrics.address || before.metrics.port != after.metrics.port)
            log_warn("restart_needed", {{"for", "listen.address, listen.port, where the store is and where metrics are served are only read at start"}});
        if (auto const tls = reload_tls(after.listen); !tls) log_error("tls_not_reloaded", {{"why", tls.error().message}});
        start_logging(after.log);
        snapshot_.store(*loaded);
        use_proxy(after.outgoing);
        ServicesPtr const replaced = services_.load();
        put_to_work(make_services(*loaded, tools(), replaced));
        retire_others(*replaced, *services_.load());
        upkeep_.begin();
        metrics_->reloads.of("done").Increment();
        log_info("reloaded", {{"channels", after.channels.size()}});
        ::malloc_trim(0);
        notify_ready("reloaded");
        dispatcher_->wake();
        co_return Errors{};
    }

    /// For a publishing, whose request may live on another thread.
    net::awaitable<Errors> reload_from_anywhere() {
        auto errors = co_await net::co_spawn(io_, reload(), net::use_awaitable);
        co_return errors;
    }

    Result<void> reload_tls(ListenSettings const& settings) {
        for (auto const& worker : workers_) net::post(worker->io, [&listener = *worker->listener, settings] { (void)listener.reload_tls(settings); });
        return listener_->reload_tls(settings);
    }

    /// Nobody can sign in yet: whoever starts the daemon becomes the first admin. Not through the log, which others keep.
    net::awaitable<void> offer_first_link() {
        auto const people = co_await store_->accounts().people();
        if (!people || !people->empty()) co_return;
        NewLink const link = new_link({}, Role::admin, system_now());
        AuditEntry entry{0, system_now(), "kefud", "link_made", "for the first admin", {}};
        auto const made = co_await store_->accounts().invite(link.invitation, std::move(entry));
        if (!made) co_return;
        std::string const base = settings().public_url.empty() ? local_address(settings().listen, listener_->port()) : settings().public_url;
        std::fprintf(stderr, "The first admin signs in here; the link works once: %s\n", link_address(base, link.token).c_str());
    }

    net::awaitable<void> feed_watchdog() {
        auto const interval = watchdog_interval();
        if (interval.count() == 0) co_return;
        for (;;) {
            bool const slept = co_await sleep_for(interval / 2);
            if (!slept) co_return;
            // The store's thread must be alive too: a daemon that takes no messages is not well.
            auto const alive = co_await store_->next_due();
            // A database that is away is no reason to start again: nothing would be better.
            if (alive || alive.error().code == Errc::unavailable) notify_watchdog();
        }
    }

    net::awaitable<void> shut_down() {
        stopping_ = true;
        auto const grace = settings().shutdown_grace;
        log_info("stopping", {{"grace_ms", grace.count()}});
        notify_stopping();
        TaskGroup stopping{io_.get_executor()};
        for (auto const& worker : workers_) stopping.spawn("stop listening", net::co_spawn(worker->io, worker->listener->stop(grace), net::use_awaitable));
        co_await listener_->stop(grace);
        while (stopping.size() > 0) co_await stopping.join(grace);  // each of them ends by itself
        if (metrics_listener_) co_await metrics_listener_->stop(std::chrono::seconds{1});
        co_await dispatcher_->stop(grace);
        http_.close_idle();
        log_info("stopped");
        group_.cancel();  // the watchdog; then nothing is left and run() returns
    }

    /// A thread that only serves connections.
    struct Worker {
        net::io_context io{1};
        std::unique_ptr<Listener> listener;
        std::thread thread;
    };

    RunOptions options_;
    std::atomic<SnapshotPtr> snapshot_;  // the store's thread reads it too
    bool reloading_ = false;
    bool reload_waits_ = false;
    Clock clock_ = system_now;
    std::shared_ptr<Metrics> metrics_ = std::make_shared<Metrics>();
    IntakeCounts intake_;
    Roster roster_;
    std::atomic<bool> stopping_{false};
    net::io_context io_{1};
    net::signal_set signals_{io_};  // from here on: whoever reads "ready" may send one
    net::steady_timer reloaded_{io_, std::chrono::steady_clock::time_point::max()};
    net::thread_pool pool_{2};
    net::thread_pool mail_{2};
    SignIn sign_in_;
    Desk desk_;
    ReportRoom reports_;
    LiveHub live_{io_.get_executor(), system_now};
    std::string claim_key_;
    HttpClient http_{io_.get_executor()};
    std::unique_ptr<Store> store_;
    std::atomic<ServicesPtr> services_;  // read by every thread that serves connections
    std::atomic<std::shared_ptr<Router const>> router_;
    std::unique_ptr<Dispatcher> dispatcher_;
    std::unique_ptr<SelfWatch> self_watch_;
    std::unique_ptr<Listener> listener_;
    std::unique_ptr<Listener> metrics_listener_;  ///< null: there is no port of its own
    std::vector<std::unique_ptr<Worker>> workers_;
    TaskGroup group_{io_.get_executor()};
    ChannelUpkeep upkeep_{group_, [this] { return services_.load(); }, system_now};
};

}  // namespace

int run_daemon(RunOptions const& options) {
    std::signal(SIGPIPE, SIG_IGN);
    auto snapshot = load_snapshot(options.config_file, options.state);
    if (!snapshot) {
        for (auto const& error : snapshot.error()) std::fprintf(stderr, "%s\n", error.to_string().c_str());
        std::fprintf(stderr, "kefud: not started: %zu error%s above\n", snapshot.error().size(), snapshot.error().size() == 1 ? "" : "s");
        return 1;
    }
    App app{options, std::move(*snapshot)};
    return app.run();
}

}  // namespace kefu
