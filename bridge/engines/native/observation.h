// What is seen of a chip from outside: watched nodes, cycle by cycle, and the nodes' counters.

namespace {

inline void Chip::watch(std::vector<uint32_t> nodes, int64_t from, int64_t to) {
    watched_ = std::move(nodes);
    watch_from_ = from;
    watch_to_ = to;
}

inline const std::vector<uint64_t> &Chip::totals() {
    read_counters();
    return totals_;
}

inline void Chip::look(int64_t at) {
    if (watched_.empty() || at < watch_from_ || at >= watch_to_) return;
    seen_cycles.push_back(at);
    size_t end = seen_words.size();
    seen_words.resize(end + watched_.size() * node::probe_words);
    for (const uint32_t i : watched_) {
        node::probe(nodes_[i].state, nodes_[i].in, seen_words.data() + end);
        end += node::probe_words;
    }
}

// The first cycle of an idle stretch differs from the last evaluated one; the others do not.
inline void Chip::look_at_rest(int64_t idle_from) {
    const int64_t first = std::max(idle_from, watch_from_);
    if (watched_.empty() || rest_seen_ || first >= cycle) return;
    rest_seen_ = true;
    look(first);
}

inline void Chip::read_counters() {
    counted_ = 0;
    if (!node::counters) return;
    if (in_groups_) groups_->store(nodes_);
    uint64_t now[node::counters ? node::counters : 1];
    for (size_t i = 0; i < nodes_.size(); i++) {
        node::inspect(nodes_[i].state, nodes_[i].in, now);
        for (size_t k = 0; k < node::counters; k++) {
            const size_t at = i * node::counters + k;
            totals_[at] += (now[k] - seen_[at]) & node::counter_mask;
            seen_[at] = now[k];
        }
    }
}

}  // namespace
