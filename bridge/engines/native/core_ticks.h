// The ticks of a chip of cores, and the host that begins them.

namespace {

inline void CoreChip::schedule(int64_t ticks, int64_t period, size_t n, const int64_t *tick, const uint64_t *low,
                               const uint64_t *high) {
    host_.erase(host_.begin(), host_.begin() + int64_t(host_next_));
    host_next_ = 0;
    const int64_t first = tick_ + 1;
    for (size_t i = 0; i < n; i++) host_.push_back({first + tick[i], low[i], high[i]});
    to_do_ = ticks;
    period_of_ticks_ = period;
}

// The host's offer stays until it is taken; what it has sent is seen in `busy` two cycles later.
inline void CoreChip::send_host(bool ticking) {
    CoreGroup &group = groups_of_cores_[host_tile_ / lanes];
    const size_t k = host_tile_ % lanes;
    host_offering_ = !ticking && host_next_ < host_.size() && host_[host_next_].tick <= tick_;
    host_offering_ |= host_next_ < host_.size() && host_[host_next_].tick < tick_;
    bool changed = group.in.host_in__valid.data[0][k] != uint32_t(host_offering_);
    group.in.host_in__valid.data[0][k] = host_offering_;
    if (host_offering_) {
        node::value<128> payload;
        payload.data[0] = host_[host_next_].low;
        payload.data[1] = host_[host_next_].high;
        changed |= set_lane(group.in.host_in__payload, k, payload);
        if (group.out.host_in__ready.data[0][k]) {
            host_next_++;
            host_sent_ = cycle;
            changed = true;
        }
    }
    if (changed) rouse(group);
}

inline void CoreChip::core_cycle(bool ticking) {
    read_cores();
    read_nodes();
    offer();
    for (size_t g = 0; g < groups_of_cores_.size(); g++) {
        CoreGroup &group = groups_of_cores_[g];
        const size_t here = std::min(lanes, tiles_ - g * lanes);
        const Lanes now = ticking ? (Lanes(1) << here) - 1 : 0;
        if (ones(group.in.tick) == now) continue;
        set_ones(group.in.tick, now);
        rouse(group);
    }
    send_host(ticking);
    busy_out_ = ticking | (busy_nodes_ != 0) | (busy_cores_ != 0);
    evaluate_cores();
    evaluate_nodes(team_ && team_->complete());
    for (Band &band : bands_) {
        for (const Event &event : band.events) {
            book(event);
            const size_t tile = event.dropped ? 0 : tile_of_seat_[event.seat];
            if (event.sent) {
                groups_of_cores_[tile / lanes].offering &= ~(Lanes(1) << (tile % lanes));
                groups_of_cores_[tile / lanes].fresh = true;
            }
            const bool axon_event = event.received && field(event.flit, node::arrival_last) &&
                                    (field(event.flit, node::arrival_neuron) & 3) == 0;
            counts_[tile].axon_events += axon_event;
        }
        band.events.clear();
    }
    finish_cycle();
}

inline void CoreChip::begin_tick() {
    in_tick_ = true;
    to_do_--;
    tick_++;
    begun_ = cycle;
    overruns_ = 0;
}

// With a period, a tick has so many cycles. Else it is over when the host has sent all and sees nothing of it any more.
inline bool CoreChip::tick_is_over() const {
    if (period_of_ticks_) return cycle == begun_ + period_of_ticks_;
    const bool sent = host_next_ == host_.size() || host_[host_next_].tick > tick_;
    return sent && cycle >= host_sent_ + 2 && cycle > begun_ && !busy_out_;
}

// Nothing can change any more in this tick: go to its end. Returns whether there is one.
inline bool CoreChip::jump() {
    const bool busy = busy_nodes_ || busy_cores_;
    if (period_of_ticks_) {
        cycle = begun_ + period_of_ticks_;
    } else if (busy) {
        fault = "cycle " + std::to_string(cycle) + ": the chip is busy, but nothing moves any more";
        return false;
    } else {
        cycle++;
    }
    busy_out_ = busy;
    return true;
}

inline int CoreChip::go(int milliseconds) {
    using clock = std::chrono::steady_clock;
    const auto deadline = clock::now() + std::chrono::milliseconds(milliseconds);
    for (unsigned round = 1;; round++) {
        if (!fault.empty()) return faulty;
        bool ticking = false;
        if (in_tick_ && tick_is_over()) {
            in_tick_ = false;
            lengths.push_back(cycle - begun_);
            overruns.push_back(overruns_);
        }
        if (!in_tick_) {
            if (!to_do_) return done;
            begin_tick();
            ticking = true;
        }
        const bool waiting = host_next_ < host_.size() && host_[host_next_].tick <= tick_;
        if (!ticking && !waiting && !any_awake()) {
            if (!jump()) return faulty;
        } else {
            core_cycle(ticking);
        }
        if (round % 16 == 0 && clock::now() >= deadline) return unfinished;
    }
}

}  // namespace
