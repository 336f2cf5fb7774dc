// The tiles of a chip, one by one or in groups, and what they do that is to be booked.
//
// This follows the generated text of a tile, which defines in namespace `tile`: State (with its reset values), Inputs,
// Outputs, Forward and Backward (the two directions of a link), advance(), settle(), inspect(), and the constants of the
// ports. Nothing here knows what is inside a tile.

namespace {

using std::int64_t;
using std::size_t;
using std::uint32_t;
using std::uint64_t;

constexpr uint32_t nobody = UINT32_MAX;
using tile::value;

// Bits [low, low + width) of a value, width at most 64.
template <size_t Width>
uint64_t field(const value<Width> &from, tile::Field at) {
    if (at.width == 0) return 0;
    uint64_t bits = from.data[at.low / 64] >> (at.low % 64);
    if (at.low % 64 + at.width > 64) bits |= from.data[at.low / 64 + 1] << (64 - at.low % 64);
    return at.width < 64 ? bits & ((uint64_t(1) << at.width) - 1) : bits;
}

// Set them, where they are 0 so far, to the lowest of `bits`.
template <size_t Width>
void set_field(value<Width> &to, tile::Field at, uint64_t bits) {
    if (at.width == 0) return;
    if (at.width < 64) bits &= (uint64_t(1) << at.width) - 1;
    to.data[at.low / 64] |= bits << (at.low % 64);
    if (at.low % 64 + at.width > 64) to.data[at.low / 64 + 1] |= bits >> (64 - at.low % 64);
}

struct Tile {
    tile::State state;
    tile::Inputs in{};
    tile::Outputs out{};
    uint32_t neighbour[tile::links];  // `nobody` at an edge
    uint32_t front = nobody, back = nobody;  // source queue: packets linked by Packet::next
    bool stale = false;  // does not offer the front of its queue yet
};

// What a tile did at a clock edge that is to be booked.
struct Event {
    uint32_t tile;
    bool sent, received;
    value<tile::arrival_width> flit;
};

constexpr size_t group_size = 64;

// The tiles of a chip in groups, each evaluated as a whole.
class Groups {
public:
    virtual ~Groups() = default;
    // Take over the state and the inputs of the tiles.
    virtual void load(const std::vector<Tile> &tiles) = 0;
    // Give the tiles their state back.
    virtual void store(std::vector<Tile> &tiles) const = 0;
    virtual void offer(size_t i, const tile::Inputs &in) = 0;
    virtual void set_ready(size_t i, uint64_t ready) = 0;
    // One clock edge of a group; what happens in it is to be booked. Returns how many tiles it has changed. Several
    // threads do this at a time, each with other groups.
    virtual int64_t evaluate(size_t g, std::vector<Event> &events) = 0;
    // After all groups: what they put on their wires is now to be seen.
    virtual void turn() = 0;
};

struct Grouping {
    // About how many tiles with something to do in a group cost as much, one by one, as the whole group; measured.
    size_t even;
    // `tiles` as they are connected; null if such tiles can only be evaluated one by one.
    std::unique_ptr<Groups> (*make)(const std::vector<Tile> &tiles);
};

}  // namespace
