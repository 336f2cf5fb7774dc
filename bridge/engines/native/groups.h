// The tiles of a chip in groups, as many in each as there are lanes.
//
// Where most tiles have work to do, that costs a fraction of evaluating them one by one, however little of it each has.
// This follows the values for that many lanes and the tile's logic with them, in a namespace of their own.

constexpr size_t group_size = lane_words * 64;

// One bit of a lane of what is stored bit by bit: word `w` of a plane holds lanes 64 w to 64 w + 63.
inline uint64_t *plane(void *planes, size_t i) { return static_cast<uint64_t *>(planes) + i * lane_words; }
inline const uint64_t *plane(const void *planes, size_t i) { return static_cast<const uint64_t *>(planes) + i * lane_words; }

template <size_t Bits>
void put(value<Bits> &into, size_t lane, const tile::value<Bits> &from) {
    const size_t word = lane / 64, at = lane % 64;
    for (size_t i = 0; i < Bits; i++) {
        uint64_t &bits = plane(&into, i)[word];
        bits = (bits & ~(uint64_t(1) << at)) | (from.data[i / 64] >> (i % 64) & 1) << at;
    }
}

template <size_t Bits>
tile::value<Bits> get(const value<Bits> &from, size_t lane) {
    tile::value<Bits> result;
    for (size_t i = 0; i < Bits; i++) result.data[i / 64] |= (plane(&from, i)[lane / 64] >> (lane % 64) & 1) << (i % 64);
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
    explicit LaneGroups(const std::vector<Tile> &tiles) : count_(tiles.size()), groups_((tiles.size() + group_size - 1) / group_size) {
        connect(tiles);
        for (size_t i = 0; i < count_; i++) put(of(i).in.here, i % group_size, tiles[i].in.here);
        for (auto &wires : wires_) wires.assign(alone ? 0 : stride_ * wires_of_tile, 0);
    }

    size_t size() const override { return groups_.size(); }

    void load(const std::vector<Tile> &tiles) override {
        for (size_t first = 0; first < count_; first += 64) {
            const size_t n = std::min<size_t>(64, count_ - first), word = first % group_size / 64;
            for (const Member &m : members) {
                for (size_t low = 0; low < m.bits; low += 64) {
                    uint64_t square[64] = {};
                    for (size_t i = 0; i < n; i++) square[i] = words_at(&tiles[first + i].state, m.of_tile)[low / 64];
                    transpose(square);
                    uint64_t *to = words_at(&of(first).state, m.of_group);
                    for (size_t i = low; i < std::min(m.bits, low + 64); i++) plane(to, i)[word] = square[i - low];
                }
            }
        }
        for (size_t i = 0; i < count_; i++) offer(i, tiles[i].in), set_ready(i, tiles[i].in.arrival_ready.data[0]);
        for (size_t g = 0; g < groups_.size(); g++) put_out(g);
        turn();
    }

    void store(std::vector<Tile> &tiles) const override {
        for (size_t first = 0; first < count_; first += 64) {
            const size_t n = std::min<size_t>(64, count_ - first), word = first % group_size / 64;
            for (const Member &m : members) {
                for (size_t low = 0; low < m.bits; low += 64) {
                    uint64_t square[64] = {};
                    const uint64_t *from = words_at(&groups_[first / group_size].state, m.of_group);
                    for (size_t i = low; i < std::min(m.bits, low + 64); i++) square[i - low] = plane(from, i)[word];
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
        const lanes sent = group.in.spike_valid.data[0] & group.out.spike_ready.data[0];
        const lanes received = group.out.arrival_valid.data[0] & group.in.arrival_ready.data[0];
        for (size_t word = 0; word < lane_words; word++) {
            for (uint64_t left = lane_word(sent, word) | lane_word(received, word); left; left &= left - 1) {
                const size_t lane = word * 64 + size_t(__builtin_ctzll(left));
                const bool in = lane_word(sent, word) >> lane % 64 & 1, out = lane_word(received, word) >> lane % 64 & 1;
                events.push_back({uint32_t(g * group_size + lane), in, out, {}});
                if (out) events.back().flit = get(group.out.arrival, lane);
            }
        }
        const lanes changed = advance(group.state, group.in) | sent | received;
        put_out(g);
        int64_t busy = 0;
        for (size_t word = 0; word < lane_words; word++) busy += __builtin_popcountll(lane_word(changed, word));
        return busy;
    }

    void turn() override { now_ = !now_; }

private:
    struct Group {
        State state;
        Inputs in;
        Outputs out;
    };

    // Lanes that take what is on a link from those so far away.
    struct Source {
        int64_t shift;
        std::vector<lanes> takers;  // in each group
    };

    // Tiles are grouped by 64 only if there are no more of them: then all is in one word, and wires need no other place.
    static constexpr bool alone = lane_words == 1;
    static constexpr size_t forward_wires = sizeof(Forward) / sizeof(lanes);
    static constexpr size_t backward_wires = sizeof(Backward) / sizeof(lanes);
    static constexpr size_t wires_of_link = forward_wires + backward_wires;
    static constexpr size_t wires_of_tile = tile::links * wires_of_link;

    const size_t count_;
    std::vector<Group> groups_;
    std::vector<Source> sources_[tile::links];
    // What the tiles put on their links, wire by wire, a bit for each tile: in this cycle and in the next.
    std::vector<uint64_t> wires_[2];
    size_t margin_ = 0, stride_ = 0;  // words before the first tile's, and of a wire
    bool now_ = false;

    Group &of(size_t i) { return groups_[i / group_size]; }

    static uint64_t *words_at(void *state, size_t at) {
        return reinterpret_cast<uint64_t *>(static_cast<char *>(state) + at);
    }
    static const uint64_t *words_at(const void *state, size_t at) {
        return reinterpret_cast<const uint64_t *>(static_cast<const char *>(state) + at);
    }

    void connect(const std::vector<Tile> &tiles) {
        int64_t longest = 0;
        for (size_t i = 0; i < count_; i++) {
            for (size_t link = 0; link < tile::links; link++) {
                const uint32_t other = tiles[i].neighbour[link];
                if (other == nobody) continue;
                const int64_t shift = int64_t(i) - int64_t(other);
                longest = std::max(longest, std::abs(shift));
                auto &sources = sources_[tile::opposite[link]];
                auto at = std::find_if(sources.begin(), sources.end(), [&](const Source &s) { return s.shift == shift; });
                if (at == sources.end()) at = sources.insert(at, {shift, std::vector<lanes>(groups_.size())});
                plane(&at->takers[other / group_size], 0)[other % group_size / 64] |= uint64_t(1) << other % 64;
            }
        }
        margin_ = (size_t(longest) / 64 + 2 + lane_words - 1) / lane_words * lane_words;
        stride_ = margin_ * 2 + groups_.size() * lane_words;
    }

    uint64_t *wires(bool when, size_t link, size_t g) {
        return wires_[when].data() + link * wires_of_link * stride_ + margin_ + g * lane_words;
    }

    // Bring what is on the wires to a group.
    void gather(size_t g) {
        Inputs &in = groups_[g].in;
        for (size_t link = 0; link < tile::links; link++) {
            bool first = true;
            for (const Source &source : sources_[link]) {
                const lanes takers = source.takers[g];
                if (!any(takers)) continue;
                if constexpr (alone) {
                    const Outputs &out = groups_[g].out;
                    const size_t there = tile::opposite[link];
                    shift(&in.forward[link], &out.forward[there], forward_wires, source.shift, takers, first);
                    shift(&in.backward[link], &out.backward[there], backward_wires, source.shift, takers, first);
                    first = false;
                    continue;
                }
                const uint64_t *from = wires(now_, tile::opposite[link], g);
                pass(&in.forward[link], from, forward_wires, source.shift, takers, first);
                pass(&in.backward[link], from + forward_wires * stride_, backward_wires, source.shift, takers, first);
                first = false;
            }
        }
    }

    static void shift(void *into, const void *from, size_t wires, int64_t shift, lanes takers, bool first) {
        for (size_t i = 0; i < wires; i++) {
            const lanes sent = static_cast<const lanes *>(from)[i];
            lanes &to = static_cast<lanes *>(into)[i];
            to = ((shift >= 0 ? sent >> shift : sent << -shift) & takers) | (first ? lanes{} : to);
        }
    }

    void pass(void *into, const uint64_t *from, size_t wires, int64_t shift, lanes takers, bool first) const {
        const int64_t words = shift >= 0 ? shift / 64 : -((-shift + 63) / 64);
        const int bits = int(shift - words * 64);
        for (size_t i = 0; i < wires; i++) {
            const uint64_t *at = from + i * stride_ + words;
            lanes low, high{};
            std::memcpy(&low, at, sizeof low);
            if (bits) {
                std::memcpy(&high, at + 1, sizeof high);
                low = low >> bits | high << (64 - bits);
            }
            lanes &to = static_cast<lanes *>(into)[i];
            to = first ? low & takers : to | (low & takers);
        }
    }

    // What follows from a group's registers, put on its wires.
    void put_out(size_t g) {
        Group &group = groups_[g];
        settle(group.state, group.in, group.out);
        if constexpr (alone) return;
        for (size_t link = 0; link < tile::links; link++) {
            uint64_t *to = wires(!now_, link, g);
            for (size_t i = 0; i < wires_of_link; i++) {
                const bool forward = i < forward_wires;
                const void *from = forward ? static_cast<const void *>(&group.out.forward[link]) : &group.out.backward[link];
                std::memcpy(to + i * stride_, plane(from, forward ? i : i - forward_wires), sizeof(lanes));
            }
        }
    }
};

inline std::unique_ptr<Groups> make_groups(const std::vector<Tile> &tiles) { return std::make_unique<LaneGroups>(tiles); }
