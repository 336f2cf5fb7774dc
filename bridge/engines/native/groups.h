// The tiles of a chip in groups of 64.
//
// Where most tiles have work to do, that costs a fraction of evaluating them one by one, however little of it each has.
// This follows the values of 64 tiles and the tile's logic with them, in the same namespace.

template <size_t Bits>
void put(value<Bits> &into, size_t lane, const tile::value<Bits> &from) {
    for (size_t i = 0; i < Bits; i++) {
        into.data[i] = (into.data[i] & ~(lanes(1) << lane)) | (from.data[i / 64] >> (i % 64) & 1) << lane;
    }
}

template <size_t Bits>
tile::value<Bits> get(const value<Bits> &from, size_t lane) {
    tile::value<Bits> result;
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

// Where a register or a word of a memory lies in the state of a tile and in that of a group.
struct Member {
    size_t of_tile, of_group, bits;
};
#define PLACE(member)                                                       \
    {offsetof(tile::State, member), offsetof(State, member),                \
     std::decay_t<decltype(std::declval<tile::State &>().member)>::bits},
constexpr Member members[] = {MEMBERS_OF_STATE(PLACE)};
#undef PLACE

class LaneGroups final : public Groups {
public:
    // `tiles` as they are connected: a tile's link leads to `neighbour`.
    explicit LaneGroups(const std::vector<Tile> &tiles)
        : count_(tiles.size()), groups_((tiles.size() + group_size - 1) / group_size) {
        connect(tiles);
        for (size_t i = 0; i < count_; i++) put(of(i).in.here, i % group_size, tiles[i].in.here);
    }

    void load(const std::vector<Tile> &tiles) override {
        for (size_t g = 0; g < groups_.size(); g++) {
            const size_t first = g * group_size, n = std::min(group_size, count_ - first);
            for (const Member &m : members) {
                uint64_t *to = words_at(&groups_[g].state, m.of_group);
                for (size_t low = 0; low < m.bits; low += 64) {
                    uint64_t square[64] = {};
                    for (size_t i = 0; i < n; i++) square[i] = words_at(&tiles[first + i].state, m.of_tile)[low / 64];
                    transpose(square);
                    std::copy_n(square, std::min<size_t>(64, m.bits - low), to + low);
                }
            }
        }
        for (size_t i = 0; i < count_; i++) offer(i, tiles[i].in), set_ready(i, tiles[i].in.arrival_ready.data[0]);
        for (Group &group : groups_) settle(group.state, group.in, group.out[!now_]);
        turn();
    }

    void store(std::vector<Tile> &tiles) const override {
        for (size_t g = 0; g < groups_.size(); g++) {
            const size_t first = g * group_size, n = std::min(group_size, count_ - first);
            for (const Member &m : members) {
                const uint64_t *from = words_at(&groups_[g].state, m.of_group);
                for (size_t low = 0; low < m.bits; low += 64) {
                    uint64_t square[64] = {};
                    std::copy_n(from + low, std::min<size_t>(64, m.bits - low), square);
                    transpose(square);
                    for (size_t i = 0; i < n; i++) words_at(&tiles[first + i].state, m.of_tile)[low / 64] = square[i];
                }
            }
        }
    }

    void offer(size_t i, const tile::Inputs &in) override {
        put(of(i).in.spike, i % group_size, in.spike);
        put(of(i).in.spike_valid, i % group_size, in.spike_valid);
    }

    void set_ready(size_t i, uint64_t ready) override {
        put(of(i).in.arrival_ready, i % group_size, tile::value<1>(uint32_t(ready)));
    }

    int64_t evaluate(size_t g, std::vector<Event> &events) override {
        Group &group = groups_[g];
        gather(g);
        const Outputs &out = group.out[now_];
        const lanes sent = group.in.spike_valid.data[0] & out.spike_ready.data[0];
        const lanes received = out.arrival_valid.data[0] & group.in.arrival_ready.data[0];
        for (lanes left = sent | received; left; left &= left - 1) {
            const size_t lane = size_t(__builtin_ctzll(left));
            const bool in = sent >> lane & 1, arrived = received >> lane & 1;
            events.push_back({uint32_t(g * group_size + lane), in, arrived, {}});
            if (arrived) events.back().flit = get(out.arrival, lane);
        }
        const lanes changed = advance(group.state, group.in) | sent | received;
        settle(group.state, group.in, group.out[!now_]);
        return __builtin_popcountll(changed);
    }

    void turn() override { now_ = !now_; }

private:
    struct Group {
        State state;
        Inputs in;
        Outputs out[2];  // in this cycle and in the next
    };

    // Tiles that take what is on a link from those so far away.
    struct Source {
        int64_t words;  // that many groups,
        int bits;       // and as many tiles
        std::vector<lanes> takers;  // in each group
    };

    static constexpr size_t forward_wires = sizeof(Forward) / sizeof(lanes);
    static constexpr size_t backward_wires = sizeof(Backward) / sizeof(lanes);

    const size_t count_;
    std::vector<Group> groups_;
    std::vector<Source> sources_[tile::links];
    bool now_ = false;

    Group &of(size_t i) { return groups_[i / group_size]; }

    static uint64_t *words_at(void *state, size_t at) {
        return reinterpret_cast<uint64_t *>(static_cast<char *>(state) + at);
    }
    static const uint64_t *words_at(const void *state, size_t at) {
        return reinterpret_cast<const uint64_t *>(static_cast<const char *>(state) + at);
    }

    void connect(const std::vector<Tile> &tiles) {
        for (size_t i = 0; i < count_; i++) {
            for (size_t link = 0; link < tile::links; link++) {
                const uint32_t other = tiles[i].neighbour[link];
                if (other == nobody) continue;
                const int64_t distance = int64_t(i) - int64_t(other), size = int64_t(group_size);
                const int64_t words = (distance >= 0 ? distance : distance - size + 1) / size;
                const int bits = int(distance - words * size);
                auto &sources = sources_[tile::opposite[link]];
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
        for (size_t link = 0; link < tile::links; link++) {
            const size_t there = tile::opposite[link];
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

inline std::unique_ptr<Groups> make_groups(const std::vector<Tile> &tiles) { return std::make_unique<LaneGroups>(tiles); }
