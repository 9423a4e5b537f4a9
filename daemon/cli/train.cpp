// SPDX-License-Identifier: Apache-2.0
#include "daemon/cli/commands.hpp"

#include "daemon/catalog_files.hpp"
#include "daemon/snapshot.hpp"
#include "daemon/write_file.hpp"
#include "intents/cross_validation.hpp"
#include "intents/training.hpp"

#include <unistd.h>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <iomanip>
#include <iostream>

namespace kefu::cli {

namespace {

/// One line that is overwritten, and only for people.
void show_step(std::string const& step) {
    if (::isatty(STDERR_FILENO) == 1) std::fprintf(stderr, "\r\033[K%s", step.c_str());
}
void end_steps() { show_step(""); }

void print_held_out(Trained const& trained) {
    std::cout << "held out, after calibration:\n" << std::fixed;
    for (auto const& row : trained.held_out) {
        std::cout << "  " << std::left << std::setw(8) << (row.language.empty() ? "all" : row.language) << std::right << std::setw(7) << row.sentences
                  << " sentences  log loss " << std::setprecision(3) << row.log_loss << "  calibration error " << std::setprecision(1)
                  << 100 * row.calibration_error << " %\n";
    }
}

void print_scores(std::vector<CrossValidated> const& rows) {
    std::cout << "F1 on sentences that were not trained on, in five folds, patterns and model together:\n"
              << std::fixed << std::setprecision(1) << std::left << std::setw(10) << "  language" << std::right << std::setw(7) << "rows" << std::setw(8)
              << "macro";
    for (auto const name : label_names) std::cout << std::setw(10) << name;
    std::cout << "   missed escalation  false escalation\n";
    for (auto const& row : rows) {
        std::cout << "  " << std::left << std::setw(8) << (row.language.empty() ? "all" : row.language) << std::right << std::setw(7) << row.sentences
                  << std::setw(8) << 100 * row.macro_f1;
        for (auto const f1 : row.f1) std::cout << std::setw(10) << 100 * f1;
        std::cout << std::setw(18) << 100 * row.missed_escalation << " %" << std::setw(16) << 100 * row.false_escalation << " %\n";
    }
}

}  // namespace

int train(ConfigFile const& config, std::string const& state, bool cross_validate) {
    auto const snapshot = load_snapshot(config, state);
    if (!snapshot) return check(config);
    auto const& settings = (*snapshot)->settings;
    auto const& classifier = (*snapshot)->catalog.classifier;
    auto const sentences = training_sentences(settings.catalog.path, classifier.sentences());
    if (!sentences) {
        for (auto const& error : sentences.error()) std::cerr << error.to_string() << '\n';
        return findings;
    }
    if (cross_validate) {
        auto const scores = cross_validated(classifier, *sentences, show_step);
        end_steps();
        print_scores(scores);
        return ok;
    }

    auto const start = std::chrono::steady_clock::now();
    auto const trained = train_model(*sentences, classifier.topics(), show_step);
    end_steps();
    auto const path = model_file(settings.state);
    if (auto const written = write_file(path, Model::to_bytes(trained.parts), 0640); !written) return report("train", written.error().to_string());
    std::chrono::duration<double> const took = std::chrono::steady_clock::now() - start;
    print_held_out(trained);
    std::cout << "trained on " << sentences->size() << " sentences, " << trained.known_buckets << " n-grams, in " << std::setprecision(1) << took.count()
              << " s\nwritten " << path.string() << "; 'systemctl reload kefud' (or SIGHUP) takes it\n";
    return ok;
}

}  // namespace kefu::cli
