// The values that CXXRTL's code computes with, for many nodes at a time.
//
// A word holds the same bit of 64 nodes, one in each of its lanes, so that one instruction evaluates a gate of all of
// them, or the gates for some neighbouring bits where the processor has registers for several words. What CXXRTL
// generates is straight-line code without branches on values, so that these can stand in place of the values for one
// node: the interface is the same. Bitwise operations are not done before their result is assigned: a chain of them
// becomes one loop over the bits, with nothing stored in between. They refer to their operands, which live as long as
// the statement that CXXRTL has written does.

typedef uint64_t lanes;

template <class E, size_t High, size_t Low>
struct window;
template <class A, class B>
struct joined;
template <size_t Times>
struct repeated;
template <size_t Bits>
struct value;

// One flag of each node.
using flags = lanes;

inline bool any(lanes a) { return a != 0; }

// What everything has in common of which each bit can be asked for.
template <class Self>
struct expression {
    const Self &val() const { return static_cast<const Self &>(*this); }
    template <size_t High, size_t Low = High>
    window<Self, High, Low> slice() const {
        return {val()};
    }
    template <class Below>
    joined<Self, Below> concat(const expression<Below> &low) const {
        return {val(), low.val()};
    }
    template <size_t Times>
    repeated<Times> repeat() const {
        static_assert(Self::bits == 1, "CXXRTL repeats single bits only");
        return {val().bit(0)};
    }
};

// Part of something.
template <class E, size_t High, size_t Low>
struct window : expression<window<E, High, Low>> {
    static constexpr size_t bits = High - Low + 1;
    const E &whole;
    window(const E &whole) : whole(whole) {}
    lanes bit(size_t i) const { return whole.bit(i + Low); }
};

// One thing above another.
template <class A, class B>
struct joined : expression<joined<A, B>> {
    static constexpr size_t bits = A::bits + B::bits;
    const A &high;
    const B &low;
    joined(const A &high, const B &low) : high(high), low(low) {}
    lanes bit(size_t i) const { return i < B::bits ? low.bit(i) : high.bit(i - B::bits); }
};

// The same bit again and again.
template <size_t Times>
struct repeated : expression<repeated<Times>> {
    static constexpr size_t bits = Times;
    lanes all;
    repeated(lanes all) : all(all) {}
    lanes bit(size_t) const { return all; }
};

template <size_t Bits, size_t High, size_t Low>
struct part;
template <class A, class B>
struct places;

// What can be assigned to, besides values.
template <class Self>
struct place : expression<Self> {
    using expression<Self>::concat;
    template <size_t Bits, size_t High, size_t Low>
    places<Self, part<Bits, High, Low>> concat(const part<Bits, High, Low> &low) const {
        return {this->val(), low};
    }
    template <size_t Bits>
    places<Self, part<Bits, Bits - 1, 0>> concat(value<Bits> &low) const {
        return {this->val(), part<Bits, Bits - 1, 0>(low)};
    }
};

// Part of a value.
template <size_t Bits, size_t High, size_t Low>
struct part : place<part<Bits, High, Low>> {
    static constexpr size_t bits = High - Low + 1;
    value<Bits> &whole;
    explicit part(value<Bits> &whole) : whole(whole) {}
    lanes bit(size_t i) const { return whole.data[i + Low]; }
    template <class E>
    part &operator=(const expression<E> &from) {
        static_assert(E::bits == bits, "as many bits as there is room for");
        for (size_t i = 0; i < bits; i++) whole.data[i + Low] = from.val().bit(i);
        return *this;
    }
    part &operator=(const part &from) { return operator=(static_cast<const expression<part> &>(from)); }
};

// One place above another.
template <class A, class B>
struct places : place<places<A, B>> {
    static constexpr size_t bits = A::bits + B::bits;
    A high;
    B low;
    places(const A &high, const B &low) : high(high), low(low) {}
    lanes bit(size_t i) const { return i < B::bits ? low.bit(i) : high.bit(i - B::bits); }
    template <class E>
    places &operator=(const expression<E> &from) {
        low = from.template slice<B::bits - 1, 0>();
        high = from.template slice<bits - 1, B::bits>();
        return *this;
    }
    places &operator=(const places &from) { return operator=(static_cast<const expression<places> &>(from)); }
};

template <size_t Bits>
struct value : expression<value<Bits>> {
    static_assert(Bits > 0, "a value has at least one bit");
    static constexpr size_t bits = Bits;

    lanes data[Bits];

    // Copied in a loop, for which the compiler uses vector registers: what it has for whole structures is slower.
    value() = default;
    value(const value &from) { *this = from; }
    value &operator=(const value &from) {
        for (size_t i = 0; i < Bits; i++) data[i] = from.data[i];
        return *this;
    }

    // The same number in every lane, from 32-bit chunks, the lowest first.
    template <class... Chunks, class = std::enable_if_t<(sizeof...(Chunks) > 0) && (std::is_integral_v<Chunks> && ...)>>
    explicit value(Chunks... chunks) : data{} {
        const uint32_t numbers[] = {uint32_t(chunks)...};
        for (size_t i = 0; i < Bits && i / 32 < sizeof...(Chunks); i++) data[i] = lanes{} - (numbers[i / 32] >> (i % 32) & 1);
    }

    template <class E>
    value(const expression<E> &from) {
        *this = from;
    }
    template <class E>
    value &operator=(const expression<E> &from) {
        static_assert(E::bits == Bits, "as many bits as there is room for");
        for (size_t i = 0; i < Bits; i++) data[i] = from.val().bit(i);
        return *this;
    }

    lanes bit(size_t i) const { return data[i]; }

    using expression<value>::slice;
    template <size_t High, size_t Low = High>
    part<Bits, High, Low> slice() {
        return part<Bits, High, Low>(*this);
    }

    using expression<value>::concat;
    template <size_t Below>
    auto concat(value<Below> &low) {
        return slice<Bits - 1, 0>().concat(low);
    }
    template <size_t Below, size_t High, size_t Low>
    auto concat(const part<Below, High, Low> &low) {
        return slice<Bits - 1, 0>().concat(low);
    }
};

// Bit `i` of something, zero- or sign-extended.
template <class E>
inline lanes zero_bit(const E &a, size_t i) {
    return i < E::bits ? a.bit(i) : lanes{};
}
template <class E>
inline lanes sign_bit(const E &a, size_t i) {
    return a.bit(i < E::bits ? i : E::bits - 1);
}
