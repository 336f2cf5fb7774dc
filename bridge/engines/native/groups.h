// The nodes of a chip in groups of 64.
//
// Where most nodes have work to do, that costs a fraction of evaluating them one by one, however little of it each has.
// This follows the values of 64 nodes and the node's logic with them, in the same namespace.

template <size_t Bits>
void put(value<Bits> &into, size_t lane, const node::value<Bits> &from) {
    for (size_t i = 0; i < Bits; i++) {
        into.data[i] = (into.data[i] & ~(lanes(1) << lane)) | (from.data[i / 64] >> (i % 64) & 1) << lane;
    }
}

template <size_t Bits>
node::value<Bits> get(const value<Bits> &from, size_t lane) {
    node::value<Bits> result;
    for (size_t i = 0; i < Bits; i++) result.data[i / 64] |= (from.data[i] >> lane & 1) << (i % 64);
    return result;
}

// Exchange rows and columns of a square of bits (Hacker's Delight, section 7-3).
inline void transpose(uint64_t square[64]) {
    uint64_t mask = ~uint64_t(0) >> 32;
    for (size_t half = 32; half; half /= 2, mask ^= mask << half) {
        for (size_t i = 0; i < 64; i = (i + half + 1) & ~half) {
            const uint64_t swapped = (square[i] >> half ^ square[i + half]) & mask;
            square[i] ^= swapped << half;
            square[i + half] ^= swapped;
        }
    }
}

// Where a register or a word of a memory lies in the state of a node and in that of a group.
struct Member {
    size_t of_node, of_group, bits;
};
#define PLACE(member)                                                       \
    {offsetof(node::State, member), offsetof(State, member),                \
     std::decay_t<decltype(std::declval<node::State &>().member)>::bits},
constexpr Member state_members[] = {MEMBERS_OF_STATE(PLACE)};
#undef PLACE

class LaneGroups final : public Groups {
public:
    // `nodes` as they are connected: a node's link leads to `neighbour`.
    explicit LaneGroups(const std::vector<Node> &nodes)
        : count_(nodes.size()), groups_((nodes.size() + group_size - 1) / group_size) {
        connect(nodes);
        for (size_t i = 0; i < count_; i++) put(of(i).in.here, i % group_size, nodes[i].in.here);
    }

    void load(const std::vector<Node> &nodes) override {
        for (size_t g = 0; g < groups_.size(); g++) {
            const size_t first = g * group_size, n = std::min(group_size, count_ - first);
            for (const Member &m : state_members) {
                uint64_t *to = words_at(&groups_[g].state, m.of_group);
                for (size_t low = 0; low < m.bits; low += 64) {
                    uint64_t square[64] = {};
                    for (size_t i = 0; i < n; i++) square[i] = words_at(&nodes[first + i].state, m.of_node)[low / 64];
                    transpose(square);
                    std::copy_n(square, std::min<size_t>(64, m.bits - low), to + low);
                }
            }
        }
        for (size_t i = 0; i < count_; i++) {
            for (size_t k = 0; k < node::members; k++) {
                offer(i, k, nodes[i].in);
                set_ready(i, k, nodes[i].in.arrival_ready[k].data[0]);
            }
        }
        for (Group &group : groups_) settle(group.state, group.in, group.out[!now_]);
        turn();
    }

    void store(std::vector<Node> &nodes) const override {
        for (size_t g = 0; g < groups_.size(); g++) {
            const size_t first = g * group_size, n = std::min(group_size, count_ - first);
            for (const Member &m : state_members) {
                const uint64_t *from = words_at(&groups_[g].state, m.of_group);
                for (size_t low = 0; low < m.bits; low += 64) {
                    uint64_t square[64] = {};
                    std::copy_n(from + low, std::min<size_t>(64, m.bits - low), square);
                    transpose(square);
                    for (size_t i = 0; i < n; i++) words_at(&nodes[first + i].state, m.of_node)[low / 64] = square[i];
                }
            }
        }
    }

    void offer(size_t i, size_t member, const node::Inputs &in) override {
        put(of(i).in.spike[member], i % group_size, in.spike[member]);
        put(of(i).in.spike_valid[member], i % group_size, in.spike_valid[member]);
    }

    void set_ready(size_t i, size_t member, uint64_t ready) override {
        put(of(i).in.arrival_ready[member], i % group_size, node::value<1>(uint32_t(ready)));
    }

    int64_t evaluate(size_t g, std::vector<Event> &events) override {
        Group &group = groups_[g];
        gather(g);
        const Outputs &out = group.out[now_];
        lanes passing = 0;
        for (size_t k = 0; k < node::members; k++) {
            const lanes sent = group.in.spike_valid[k].data[0] & out.spike_ready[k].data[0];
            const lanes received = out.arrival_valid[k].data[0] & group.in.arrival_ready[k].data[0];
            passing |= sent | received;
            for (lanes left = sent | received; left; left &= left - 1) {
                const size_t lane = size_t(__builtin_ctzll(left));
                const bool in = sent >> lane & 1, arrived = received >> lane & 1;
                events.push_back({uint32_t((g * group_size + lane) * node::members + k), in, arrived, false, {}});
                if (arrived) events.back().flit = get(out.arrival[k], lane);
            }
        }
        const lanes changed = advance(group.state, group.in) | passing;
        settle(group.state, group.in, group.out[!now_]);
        for (lanes left = node::can_drop ? group.out[!now_].error.data[0] : lanes{}; left; left &= left - 1) {
            const size_t lane = size_t(__builtin_ctzll(left));
            events.push_back({uint32_t((g * group_size + lane) * node::members), false, false, true, {}});
        }
        return __builtin_popcountll(changed);
    }

    void turn() override { now_ = !now_; }

private:
    struct Group {
        State state;
        Inputs in;
        Outputs out[2];  // in this cycle and in the next
    };

    // Nodes that take what is on a link from those so far away.
    struct Source {
        int64_t words;  // that many groups,
        int bits;       // and as many nodes
        std::vector<lanes> takers;  // in each group
    };

    static constexpr size_t forward_wires = sizeof(Forward) / sizeof(lanes);
    static constexpr size_t backward_wires = sizeof(Backward) / sizeof(lanes);

    const size_t count_;
    std::vector<Group> groups_;
    std::vector<Source> sources_[node::links];
    bool now_ = false;

    Group &of(size_t i) { return groups_[i / group_size]; }

    static uint64_t *words_at(void *state, size_t at) {
        return reinterpret_cast<uint64_t *>(static_cast<char *>(state) + at);
    }
    static const uint64_t *words_at(const void *state, size_t at) {
        return reinterpret_cast<const uint64_t *>(static_cast<const char *>(state) + at);
    }

    void connect(const std::vector<Node> &nodes) {
        for (size_t i = 0; i < count_; i++) {
            for (size_t link = 0; link < node::links; link++) {
                const uint32_t other = nodes[i].neighbour[link];
                if (other == nobody) continue;
                const int64_t distance = int64_t(i) - int64_t(other), size = int64_t(group_size);
                const int64_t words = (distance >= 0 ? distance : distance - size + 1) / size;
                const int bits = int(distance - words * size);
                auto &sources = sources_[node::opposite[link]];
                auto at = std::find_if(sources.begin(), sources.end(),
                                       [&](const Source &s) { return s.words == words && s.bits == bits; });
                if (at == sources.end()) at = sources.insert(at, {words, bits, std::vector<lanes>(groups_.size())});
                at->takers[other / group_size] |= lanes(1) << other % group_size;
            }
        }
    }

    // Bring what is on the wires to a group.
    void gather(size_t g) {
        Inputs &in = groups_[g].in;
        for (size_t link = 0; link < node::links; link++) {
            const size_t there = node::opposite[link];
            bool first = true;
            for (const Source &source : sources_[link]) {
                const lanes takers = source.takers[g], beyond = source.bits ? ~(~lanes{} >> source.bits) : 0;
                if (!takers) continue;
                // Some are in one group, some in the next.
                const Outputs *low = takers & ~beyond ? &groups_[g + source.words].out[now_] : nullptr;
                const Outputs *high = takers & beyond ? &groups_[g + source.words + 1].out[now_] : nullptr;
                const auto pass = first ? LaneGroups::pass<true> : LaneGroups::pass<false>;
                pass(&in.forward[link], low ? &low->forward[there] : nullptr, high ? &high->forward[there] : nullptr,
                     forward_wires, source.bits, takers);
                pass(&in.backward[link], low ? &low->backward[there] : nullptr,
                     high ? &high->backward[there] : nullptr, backward_wires, source.bits, takers);
                first = false;
            }
        }
    }

    // A loop for each case, as each is done in vector registers.
    template <bool First>
    static void pass(void *into, const void *low, const void *high, size_t wires, int bits, lanes takers) {
        lanes *to = static_cast<lanes *>(into);
        const lanes *a = static_cast<const lanes *>(low), *b = static_cast<const lanes *>(high);
        if (a && b) {
            for (size_t i = 0; i < wires; i++) {
                to[i] = (First ? 0 : to[i]) | ((a[i] >> bits | b[i] << (64 - bits)) & takers);
            }
        } else if (a) {
            for (size_t i = 0; i < wires; i++) to[i] = (First ? 0 : to[i]) | (a[i] >> bits & takers);
        } else {
            for (size_t i = 0; i < wires; i++) to[i] = (First ? 0 : to[i]) | (b[i] << (64 - bits) & takers);
        }
    }
};

inline std::unique_ptr<Groups> make_groups(const std::vector<Node> &nodes) { return std::make_unique<LaneGroups>(nodes); }
