// A chip with a core at each tile's door. Cores are evaluated several at a time, in groups, where one of a group can
// change; each side's outputs depend on its registers only, so that the other side's inputs are set from them before
// either is evaluated.
//
// This follows the generated text of a core, which defines in namespace `core`: Memories, State, Inputs, Outputs,
// advance(), settle() and with_memory().

namespace {

using core::lanes;
using Lanes = uint32_t;  // one bit for each core of a group

// Bit k: whether the lowest bit of lane k is 1.
template <size_t Bits>
inline Lanes ones(const core::value<Bits> &a) {
    const core::narrow low = core::as<core::narrow>(a.data[0]) << 31;
#ifdef __AVX__
    return Lanes(_mm256_movemask_ps(__m256(low)));
#else
    Lanes bits = 0;
    for (size_t k = 0; k < lanes; k++) bits |= low[k] >> 31 << k;
    return bits;
#endif
}

template <size_t Bits>
inline void set_ones(core::value<Bits> &to, Lanes bits) {
    for (size_t k = 0; k < lanes; k++) to.data[0][k] = bits >> k & 1;
}

// A core's own value.
template <size_t Bits>
inline node::value<Bits> lane(const core::value<Bits> &a, size_t k) {
    node::value<Bits> result;
    for (size_t i = 0; i < a.words; i++) result.data[i] = a.data[i][k];
    return result;
}

// Set it to the lowest bits of a value that has as many or more; returns whether that changes it.
template <size_t Bits, size_t Others>
inline bool set_lane(core::value<Bits> &to, size_t k, const node::value<Others> &from) {
    static_assert(Bits <= Others, "nothing is missing");
    bool changed = false;
    for (size_t i = 0; i < to.words; i++) {
        const auto bits = typename core::value<Bits>::element(i == to.words - 1 ? from.data[i] & to.top : from.data[i]);
        changed |= to.data[i][k] != bits;
        to.data[i][k] = bits;
    }
    return changed;
}

struct CoreGroup {
    core::State state;
    core::Inputs in{};
    core::Outputs out{};
    bool awake = true;    // something can change at the next clock edge
    bool fed = true;      // inputs may have changed since the last one
    bool fresh = true;    // outputs may have changed at the last one, or something is to be seen in every cycle
    Lanes ready = 0, busy = 0;  // as they were
    Lanes offering = 0;         // cores whose spike is in the source queue
};

// What is counted of a core; the order is that of Python's names.
struct CoreCounts {
    int64_t axon_events = 0, neuron_updates = 0, spikes = 0, busy_cycles = 0, overruns = 0, refused = 0;
};

// A packet as it was offered, tiles instead of seats.
struct Offer {
    int64_t cycle, source, destination, neuron, stamp, key, more;
};

struct Fired {
    int64_t tick, tile, neuron, cycle;
};

// What came out at the host's door.
struct Word {
    int64_t tick, payload, cycle;
};

// What the host sends, as the bits of the door's payload, in a tick or after it.
struct HostPacket {
    int64_t tick;
    uint64_t low, high;
};

class CoreChip : public Chip {
public:
    std::vector<Offer> offers;
    std::vector<Fired> fired;
    std::vector<Word> words;
    std::vector<int64_t> lengths, overruns;  // of the ticks that have ended
    int64_t core_evaluations = 0;

    CoreChip(int rows, int cols, unsigned threads, int64_t host_tile);

    // Which seats a packet with a key from a node gets to: `ends[i]` is the end of them for `places[i]`, node ×
    // `keys` + key, ascending.
    void set_reach(int64_t keys, std::vector<int64_t> places, std::vector<int64_t> ends, std::vector<int64_t> tiles);

    // Words of a memory of a core, from or into as many words of 64 bits.
    void load(size_t tile, size_t memory, const uint64_t *from);
    void look_into(size_t tile, size_t memory, uint64_t *into);

    // Have the host send packets, and so many ticks run; then `go` until it says that it is done.
    void schedule(int64_t ticks, int64_t period, size_t n, const int64_t *tick, const uint64_t *low,
                  const uint64_t *high);
    int go(int milliseconds);

    // What each core has counted.
    std::vector<CoreCounts> counts() const;

private:
    std::vector<std::unique_ptr<core::Memories>> memories_;
    std::vector<CoreGroup> groups_of_cores_;
    std::vector<uint32_t> awake_groups_;
    std::vector<CoreCounts> counts_;
    std::vector<int64_t> busy_since_;  // of each core that is busy
    const size_t tiles_, host_tile_;
    std::vector<uint32_t> seats_;       // by tile
    std::vector<uint32_t> tile_of_seat_;

    int64_t keys_ = 0;
    std::vector<int64_t> places_, ends_, reached_;

    // core_ticks.h
    std::vector<HostPacket> host_;
    size_t host_next_ = 0;
    bool host_offering_ = false;
    int64_t host_sent_ = -2;  // the last cycle in which it was taken from
    int64_t busy_nodes_ = 0, busy_cores_ = 0;
    bool busy_out_ = false;  // what the chip shows
    bool in_tick_ = false;
    int64_t tick_ = -1, begun_ = 0, period_of_ticks_ = 0, to_do_ = 0, overruns_ = 0;

    static void rouse(CoreGroup &group) { group.awake = group.fed = true; }
    void offer_spike(size_t tile, const CoreGroup &group, size_t k);
    void read_cores();
    void read_core_group(size_t g);
    void read_fired(size_t g, Lanes valid);
    void read_nodes();
    void evaluate_cores();
    bool any_awake() const;
    void send_host(bool ticking);
    void core_cycle(bool ticking);
    bool tick_is_over() const;
    void begin_tick();
    bool jump();
};

inline CoreChip::CoreChip(int rows, int cols, unsigned threads, int64_t host_tile)
    : Chip(rows, cols, true, threads), tiles_(size_t(rows) * cols), host_tile_(size_t(host_tile)) {
    groups_of_cores_ = std::vector<CoreGroup>((tiles_ + lanes - 1) / lanes);
    counts_.resize(tiles_);
    busy_since_.resize(tiles_);
    tile_of_seat_.resize(tiles_);
    for (size_t tile = 0; tile < tiles_; tile++) {
        seats_.push_back(seat_of(int64_t(tile)));
        tile_of_seat_[seats_[tile]] = uint32_t(tile);
    }
    for (size_t g = 0; g < groups_of_cores_.size(); g++) {
        CoreGroup &group = groups_of_cores_[g];
        for (size_t k = 0; k < lanes; k++) {
            memories_.push_back(std::make_unique<core::Memories>());
            group.state.adopt(k, *memories_.back());
            const size_t tile = g * lanes + k;
            if (tile >= tiles_) continue;
            // A core's place is that of its node, and its number there.
            node::value<64> here;
            const node::Inputs &in = nodes_[seats_[tile] / node::members].in;
            set_field(here, core::here_row, field(in.here, node::here_row));
            set_field(here, core::here_col, field(in.here, node::here_col));
            set_field(here, core::here_member, seats_[tile] % node::members);
            set_lane(group.in.here, k, here);
        }
        set_ones(group.in.host_out__ready, ~Lanes(0));
        core::settle(group.state, group.in, group.out);
    }
    for (Node &t : nodes_) {
        for (auto &ready : t.in.arrival_ready) ready.data[0] = 0;
        busy_nodes_ += int64_t(t.out.busy.data[0]);
    }
    for (Band &band : bands_) {
        for (size_t i = band.first * 64; i < std::min(band.last * 64, nodes_.size()); i++) {
            band.settled.push_back(uint32_t(i));
        }
    }
}

inline void CoreChip::set_reach(int64_t keys, std::vector<int64_t> places, std::vector<int64_t> ends,
                                std::vector<int64_t> tiles) {
    keys_ = keys;
    places_ = std::move(places);
    ends_ = std::move(ends);
    reached_ = std::move(tiles);
}

inline void CoreChip::load(size_t tile, size_t memory, const uint64_t *from) {
    core::with_memory(groups_of_cores_[tile / lanes].state, memory, [&](auto &banks, auto &last) {
        auto &bank = *banks[tile % lanes];
        std::copy(from, from + std::size(bank.data), bank.data);
        last.index = ~core::narrow{};
    });
    groups_of_cores_[tile / lanes].state.moved = ~uint64_t(0);
}

inline void CoreChip::look_into(size_t tile, size_t memory, uint64_t *into) {
    core::with_memory(groups_of_cores_[tile / lanes].state, memory, [&](auto &banks, auto &) {
        const auto &bank = *banks[tile % lanes];
        std::copy(std::begin(bank.data), std::end(bank.data), into);
    });
}

// A core offers a spike that it did not offer before: its packet, or where it has several targets those of each.
inline void CoreChip::offer_spike(size_t tile, const CoreGroup &group, size_t k) {
    const auto spike = lane(group.out.spikes__payload, k);
    Packet packet{};
    packet.created = cycle;
    packet.injected = packet.delivered = -1;
    packet.neuron = int64_t(field(spike, node::spike_neuron));
    packet.stamp = int64_t(field(spike, node::spike_stamp));
    packet.source = seats_[tile];
    packet.key = int64_t(field(spike, node::spike_key));
    int64_t there = -1;
    const int64_t *first = &there, *last = first + 1;
    if (keys_) {
        const int64_t place = int64_t(packet.source / node::members) * keys_ + packet.key;
        const size_t i = size_t(std::lower_bound(places_.begin(), places_.end(), place) - places_.begin());
        if (i < places_.size() && places_[i] == place) {
            first = reached_.data() + (i ? ends_[i - 1] : 0);
            last = reached_.data() + ends_[i];
        }
    } else {
        const uint64_t row = field(spike, node::spike_row), col = field(spike, node::spike_col);
        const uint64_t cols = uint64_t(cols_) / node::side, i = row * cols + col;
        const uint64_t seat = i * node::members + field(spike, node::spike_member);
        if (col < cols && i < nodes_.size()) there = tile_of_seat_[seat];
    }
    uint32_t number = nobody, head = nobody;
    for (const int64_t *to = first; to != last; to++) {
        if (*to < 0) {
            if (fault.empty()) {
                fault = "cycle " + std::to_string(cycle) + ": the core of tile " + std::to_string(tile) +
                        " sends to a place that the chip does not have, or with a key that nobody knows";
            }
            return;
        }
        packet.tag = count++;
        packet.destination = seats_[size_t(*to)];
        const uint32_t before = number;
        if (free_.empty()) {
            number = uint32_t(packets_.size());
            packets_.push_back(packet);
        } else {
            number = free_.back();
            free_.pop_back();
            packets_[number] = packet;
        }
        if (before == nobody) head = number;
        else packets_[before].another = number;
        offers.push_back({cycle, int64_t(tile), *to, packet.neuron, packet.stamp, packet.key, before != nobody});
    }
    packets_[head].missing = uint32_t(last - first);
    Queue &queue = queue_of(packet.source);
    queue.front = queue.back = head;
    waiting_++;
    offer_later(packet.source);
}

// The groups whose cores fired, each lane a group of neurons.
inline void CoreChip::read_fired(size_t g, Lanes valid) {
    const CoreGroup &group = groups_of_cores_[g];
    for (; valid; valid &= valid - 1) {
        const size_t k = size_t(__builtin_ctz(valid)), tile = g * lanes + k;
        counts_[tile].neuron_updates += int64_t(core::fired_lanes);
        uint32_t who = group.out.fired.data[0][k];
        counts_[tile].spikes += __builtin_popcount(who);
        const int64_t first = int64_t(group.out.fired_group.data[0][k]) * int64_t(core::fired_lanes);
        for (; who; who &= who - 1) fired.push_back({tick_, int64_t(tile), first + __builtin_ctz(who), cycle});
    }
}

// The outputs of the cores that may have changed: to their nodes, and what is to be seen of them.
inline void CoreChip::read_core_group(size_t g) {
    CoreGroup &group = groups_of_cores_[g];
    const Lanes fires = ones(group.out.fired_valid);
    if (fires) read_fired(g, fires);
    const Lanes valid = ones(group.out.spikes__valid), ready = ones(group.out.arrivals__ready);
    for (Lanes left = valid & ~group.offering; left; left &= left - 1) {
        const size_t k = size_t(__builtin_ctz(left));
        offer_spike(g * lanes + k, group, k);
    }
    group.offering |= valid;
    for (Lanes left = ready ^ group.ready; left; left &= left - 1) {
        const size_t k = size_t(__builtin_ctz(left)), tile = g * lanes + k;
        if (tile >= tiles_) break;
        Node &t = nodes_[seats_[tile] / node::members];
        t.in.arrival_ready[seats_[tile] % node::members].data[0] = ready >> k & 1;
        // To a node that is idle, and to which nothing is offered, it makes no difference.
        if (t.out.busy.data[0] || node::offered(t.in) || node::always_look) wake(awake_, seats_[tile] / node::members);
    }
    group.ready = ready;
    const Lanes busy = ones(group.out.busy);
    for (Lanes left = busy ^ group.busy; left; left &= left - 1) {
        const size_t k = size_t(__builtin_ctz(left)), tile = g * lanes + k;
        if (busy >> k & 1) busy_since_[tile] = cycle;
        else counts_[tile].busy_cycles += cycle - busy_since_[tile];
        busy_cores_ += busy >> k & 1 ? 1 : -1;
    }
    group.busy = busy;
    const Lanes late = ones(group.out.overrun), refused = ones(group.out.refused);
    for (Lanes left = late; left; left &= left - 1) {
        counts_[g * lanes + size_t(__builtin_ctz(left))].overruns++;
        overruns_++;
    }
    for (Lanes left = refused; left; left &= left - 1) counts_[g * lanes + size_t(__builtin_ctz(left))].refused++;
    const bool tells = host_tile_ / lanes == g && group.out.host_out__valid.data[0][host_tile_ % lanes];
    group.fresh = fires || late || refused || tells;
    if (tells) {
        words.push_back({tick_, int64_t(lane(group.out.host_out__payload, host_tile_ % lanes).data[0]), cycle});
    }
}

inline void CoreChip::read_cores() {
    for (size_t g = 0; g < groups_of_cores_.size(); g++) {
        if (groups_of_cores_[g].fresh) read_core_group(g);
    }
}

// The outputs of nodes that may have changed, to their tiles' cores.
inline void CoreChip::read_nodes() {
    for (Band &band : bands_) {
        busy_nodes_ += band.more_busy;
        band.more_busy = 0;
        for (const uint32_t i : band.settled) {
            const Node &t = nodes_[i];
            for (size_t member = 0; member < node::members; member++) {
                const size_t tile = tile_of_seat_[i * node::members + member], k = tile % lanes;
                CoreGroup &group = groups_of_cores_[tile / lanes];
                bool changed = set_lane(group.in.spikes__ready, k, t.out.spike_ready[member]);
                changed |= set_lane(group.in.arrivals__valid, k, t.out.arrival_valid[member]);
                if (t.out.arrival_valid[member].data[0]) {
                    changed |= set_lane(group.in.arrivals__payload, k, t.out.arrival[member]);
                }
                if (changed) rouse(group);
            }
        }
        band.settled.clear();
    }
}

// One clock edge of the cores that can change.
inline void CoreChip::evaluate_cores() {
    for (CoreGroup &group : groups_of_cores_) {
        if (!group.awake) continue;
        // What passes may pass again, without a trace in any register.
        const Lanes passing = (ones(group.in.arrivals__valid) & ones(group.out.arrivals__ready)) |
                              (ones(group.out.spikes__valid) & ones(group.in.spikes__ready)) |
                              (ones(group.in.host_in__valid) & ones(group.out.host_in__ready)) |
                              ones(group.out.host_out__valid);
        group.awake = core::advance(group.state, group.in, group.fed) | (passing != 0);
        group.fed = false;
        if (group.state.moved & core::shown) {
            core::settle(group.state, group.in, group.out);
            group.fresh = true;
        }
        core_evaluations += int64_t(lanes);
    }
}

inline bool CoreChip::any_awake() const {
    for (const uint64_t word : awake_) {
        if (word) return true;
    }
    for (const CoreGroup &group : groups_of_cores_) {
        if (group.awake | group.fresh) return true;
    }
    return !stale_.empty();
}

inline std::vector<CoreCounts> CoreChip::counts() const {
    std::vector<CoreCounts> now = counts_;
    for (size_t tile = 0; tile < tiles_; tile++) {
        // Of the next cycle it is not known yet what is seen in it.
        if (groups_of_cores_[tile / lanes].busy >> (tile % lanes) & 1) now[tile].busy_cycles += cycle - busy_since_[tile];
    }
    return now;
}

}  // namespace
