// The cycles of a chip: which nodes are evaluated, by which thread, and how their outputs reach their neighbours.

namespace {

inline void Chip::configure(int64_t i, bool hub, int64_t key, int64_t ports) {
    const int64_t busy = int64_t(nodes_[i].out.busy.data[0]);
    node::configure(nodes_[i].state, nodes_[i].in, hub, uint64_t(key), uint64_t(ports));
    node::settle(nodes_[i].state, nodes_[i].in, nodes_[i].out);
    bands_[0].more_busy += int64_t(nodes_[i].out.busy.data[0]) - busy;
}

inline int Chip::run(int64_t until, bool stop_when_empty, int milliseconds) {
    using clock = std::chrono::steady_clock;
    const auto deadline = clock::now() + std::chrono::milliseconds(milliseconds);
    const bool together = team_ && team_->complete();
    for (unsigned round = 1; cycle < until; round++) {
        if (!fault.empty()) return faulty;
        if (stop_when_empty && delivered == count) return done;
        if (!inside_ && !waiting_ && !settling()) {
            const int64_t upcoming = created_ < future_.size() ? packets_[future_[created_]].created : forever;
            const int64_t idle_from = cycle;
            const bool over = upcoming >= until;
            if (!over) cycle = std::max(cycle, upcoming);
            else if (until != forever) cycle = until;
            look_at_rest(idle_from);
            if (over) return done;
        }
        if (!one_cycle(together) && !period_ && watched_.empty()) {
            // All nodes sleep with packets inside: until the next packet is created, nothing will change.
            const int64_t upcoming = created_ < future_.size() ? packets_[future_[created_]].created : forever;
            if (upcoming == forever && until == forever && delivered != count) return stuck;
            if (inside_ || waiting_) cycle = std::max(cycle, std::min(upcoming, until));
        }
        if (seen_words.size() > seen_enough) return fault.empty() ? unfinished : faulty;
        if (round % 64 == 0 && clock::now() >= deadline) return fault.empty() ? unfinished : faulty;
    }
    return fault.empty() ? done : faulty;
}

inline void Chip::cut(unsigned threads) {
    const size_t count = std::max<size_t>(1, std::min<size_t>(threads, awake_.size()));
    const size_t groups = (nodes_.size() + group_size - 1) / group_size;
    bands_.resize(count);
    for (size_t k = 0; k < count; k++) {
        Band &band = bands_[k];
        band.first = awake_.size() * k / count;
        band.last = awake_.size() * (k + 1) / count;
        band.first_group = groups * k / count;
        band.last_group = groups * (k + 1) / count;
        const size_t low = band.first * 64, high = std::min(band.last * 64, nodes_.size());
        band.events.reserve(std::max(high - low, (band.last_group - band.first_group) * group_size) * (node::members + node::can_drop));
        band.changes.reserve(high - low);
        if (node::cores) band.settled.reserve(high - low);
        size_t outward = 0;
        for (size_t i = low; i < high; i++) {
            for (const uint32_t other : nodes_[i].neighbour) outward += other != nobody && !band.holds(other);
        }
        band.abroad.reserve(outward);
    }
    if (count > 1) team_ = std::make_unique<Team>(unsigned(count), [this](unsigned k) { evaluate_band(bands_[k]); });
}

// Everything follows from the registers.
inline void Chip::begin() {
    for (Node &t : nodes_) node::settle(t.state, t.in, t.out);
    for (uint32_t i = 0; i < nodes_.size(); i++) publish(bands_[0], {i, node::everything});
    publish_abroad();
    std::fill(next_.begin(), next_.end(), 0);
    for (uint32_t i = 0; i < nodes_.size(); i++) wake(awake_, i);
}

// Now and then: evaluate the nodes one by one or in groups, whichever takes less time if the traffic stays as it is.
inline void Chip::choose() {
    watched_busy_ += busy_;
    if (++watched_cycles_ < CHOOSE_AFTER) return;
    const int64_t busy = watched_busy_ / watched_cycles_;
    watched_busy_ = watched_cycles_ = 0;
    if (!grouping.make) return;
    const size_t groups = (nodes_.size() + group_size - 1) / group_size;
    const int64_t even = int64_t(WORTH_GROUPING * groups);
    // Fewer nodes change than are evaluated one by one; and what has been chosen is not given up for nothing.
    if (!in_groups_ && busy > even && watched_.empty()) {
        if (!groups_) groups_ = grouping.make(nodes_);
        groups_->load(nodes_);
        in_groups_ = true;
    } else if (in_groups_ && busy < even / 2) {
        groups_->store(nodes_);
        in_groups_ = false;
        begin();
    }
}

inline void Chip::press_back(const Band &band) {
    const size_t phase = size_t(cycle % period_), end = std::min(band.last * 64, nodes_.size());
    for (size_t seat = band.first * 64 * node::members; seat < end * node::members; seat++) {
        const size_t i = seat / node::members, k = seat % node::members;
        const uint64_t ready = ready_[seat * period_ + phase];
        auto &known = nodes_[i].in.arrival_ready[k].data[0];
        if (known != ready) {
            known = ready;
            if (in_groups_) groups_->set_ready(i, k, ready);
            wake(awake_, uint32_t(i));
        }
    }
}

// Whether a node changes of itself, without a packet: credits on their way back, estimates that run down.
inline bool Chip::settling() const {
    if (in_groups_) return busy_ != 0;
    for (size_t word = 0; word < awake_.size(); word++) {
        for (uint64_t left = awake_[word]; left; left &= left - 1) {
            if (nodes_[word * 64 + __builtin_ctzll(left)].out.busy.data[0]) return true;
        }
    }
    return false;
}

// Returns whether any node had something to do.
inline bool Chip::one_cycle(bool together) {
    create();
    offer();
    if (period_ && (in_groups_ || !watched_.empty())) {
        for (Band &band : bands_) press_back(band);
    }
    if (!watched_.empty()) {
        look(cycle);
        rest_seen_ = false;
    }
    evaluate_nodes(together);
    for (Band &band : bands_) {
        for (const Event &event : band.events) book(event);
        band.events.clear();
    }
    return finish_cycle();
}

// One clock edge of all nodes that can change.
inline void Chip::evaluate_nodes(bool together) {
    if (together && (in_groups_ ? bands_[0].last_group > 0 : busy_ >= worth_sharing)) {
        team_->work_together();
    } else {
        for (Band &band : bands_) evaluate_band(band);
    }
    busy_ = 0;
    for (const Band &band : bands_) busy_ += band.busy;
}

// What follows when everything that happened in the cycle is booked. Returns whether any node had something to do.
inline bool Chip::finish_cycle() {
    if (in_groups_) {
        evaluations += int64_t(nodes_.size());
        groups_->turn();
    } else {
        evaluations += busy_;
        publish_abroad();
        awake_.swap(next_);
    }
    cycle++;
    if (++counted_ == node::counter_period) read_counters();
    choose();
    return busy_ != 0;
}

// One clock edge of the nodes of a band. Several threads do this at a time, each with another band: nothing here
// may change anything but the band, its nodes and their words in the sets of nodes.
inline void Chip::evaluate_band(Band &band) {
    if (in_groups_) {
        band.busy = 0;
        for (size_t g = band.first_group; g < band.last_group; g++) band.busy += groups_->evaluate(g, band.events);
        return;
    }
    if (period_) press_back(band);
    int64_t evaluated = 0;
    for (size_t word = band.first; word < band.last; word++) {
        uint64_t left = awake_[word];
        awake_[word] = 0;
        uint64_t still = 0;
        while (left) {
            const int bit = __builtin_ctzll(left);
            left &= left - 1;
            if (left && spread_) fetch(nodes_[word * 64 + __builtin_ctzll(left)]);
            still |= uint64_t(evaluate(band, uint32_t(word * 64 + bit))) << bit;
            evaluated++;
        }
        next_[word] |= still;
    }
    band.busy = evaluated;
    for (const Change &change : band.changes) publish(band, change);
    band.changes.clear();
}

// Have a node brought near while another is evaluated.
inline void Chip::fetch(const Node &t) {
    const char *bytes = reinterpret_cast<const char *>(&t);
    for (size_t at = 0; at < sizeof(Node); at += 64) __builtin_prefetch(bytes + at, 1);
}

// One clock edge of a node. Returns whether the next one can change something if the inputs stay as they are.
inline bool Chip::evaluate(Band &band, uint32_t i) {
    Node &t = nodes_[i];
    bool passing = false;
    for (uint32_t k = 0; k < node::members; k++) {
        const bool sent = t.in.spike_valid[k].data[0] & t.out.spike_ready[k].data[0];
        const bool received = t.out.arrival_valid[k].data[0] & t.in.arrival_ready[k].data[0];
        if (!(sent | received)) continue;
        passing = true;
        band.events.push_back({uint32_t(i * node::members + k), sent, received, false, t.out.arrival[k]});
    }
    // With the same registers and inputs, the next edge will change as little as this one has.
    if (!node::any(node::advance(t.state, t.in))) return passing;
    const int64_t busy = int64_t(t.out.busy.data[0]);
    const uint32_t wires = node::settle(t.state, t.in, t.out);
    if (node::cores) {
        band.settled.push_back(i);
        band.more_busy += int64_t(t.out.busy.data[0]) - busy;
    }
    if (wires) band.changes.push_back({i, wires});
    if (node::can_drop && t.out.error.data[0]) {
        band.events.push_back({uint32_t(i * node::members), false, false, true, {}});
    }
    // With other registers it may change something, unless the node says that it is idle and nothing is offered to it:
    // what was refused before may be taken now.
    return t.out.busy.data[0] || node::offered(t.in) || node::always_look;
}

// Bring changed outputs to the neighbours, for the next cycle; to those in other bands later.
inline void Chip::publish(Band &band, const Change &change) {
    const Node &t = nodes_[change.node];
    for (size_t link = 0; link < node::links; link++) {
        if (!(change.wires >> link & 1) || t.neighbour[link] == nobody) continue;
        if (band.holds(t.neighbour[link])) {
            connect(t, link);
        } else {
            band.abroad.push_back({change.node, uint32_t(link)});
        }
    }
}

inline void Chip::publish_abroad() {
    for (Band &band : bands_) {
        for (const Crossing &crossing : band.abroad) connect(nodes_[crossing.node], crossing.link);
        band.abroad.clear();
    }
}

inline void Chip::connect(const Node &t, size_t link) {
    node::Inputs &in = nodes_[t.neighbour[link]].in;
    in.forward[node::opposite[link]] = t.out.forward[link];
    in.backward[node::opposite[link]] = t.out.backward[link];
    wake(next_, t.neighbour[link]);
}

}  // namespace
