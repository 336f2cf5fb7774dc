"""Decoders: the values of a stream's variables, shown only where they have a meaning."""

from amaranth.hdl import Signal
from amaranth.lib import data

from synaptile.bridge.engines.probes import ARRIVAL, CHANNEL, FLIT, ONE_HOT, PLAIN, SPIKE, Probe, View
from synaptile.bridge.waves.decoder import NOTHING, Decoder, FlitKind, Role, decoder_of
from synaptile.rtl import Port

HEAD = data.StructLayout({"dst": data.StructLayout({"row": 1, "col": 0}), "neuron": 4})
SPIKES = data.StructLayout({"dst": data.StructLayout({"row": 1, "col": 2}), "neuron": 4, "stamp": 0})


def flits(index_bits: int) -> data.StructLayout:
    """A flit whose body flits have numbers of so many bits; with 0 there are no body flits."""
    body = {"body": data.StructLayout({"index": index_bits, "stamp": 3})} if index_bits else {}
    return data.StructLayout({"last": 1, "data": data.UnionLayout({"head": HEAD, **body}), "tag": 2})


def decoder(kind: str, *widths: int, layout: data.StructLayout | None = None, ports: tuple[Port, ...] = ()) -> Decoder:
    """A decoder of probes of these widths; those of a stream are valid, ready and a payload, before others."""
    if layout is not None:
        widths = (1, 1, layout.size, *widths)
    probes = tuple(Probe(0, (), Signal(width, name=f"p{i}")) for i, width in enumerate(widths))
    name = "" if layout is not None else "level"
    return decoder_of(View("tile_0_0.x", name, kind, probes, layout, ports))


def read(one: Decoder, *values: int) -> dict[str, int | str]:
    """What the decoder makes of the probes' values, by variable."""
    bits = low = 0
    for value, probe in zip(values, one.view.probes, strict=True):
        bits |= value << low
        low += probe.width
    assert low == one.width
    return dict(zip([variable.name for variable in one.variables], one.decode(bits), strict=True))


def payload(layout: data.StructLayout, **fields: object) -> int:
    word = layout.const(fields)
    return int(word.as_value().value)


def test_numbers_are_shown_as_they_are() -> None:
    one = decoder(PLAIN, 3)
    assert read(one, 5) == {"level": 5}
    assert [(v.path, v.width, v.role) for v in one.variables] == [("chip.tile_0_0.x.level", 3, Role.LEVEL)]


def test_a_grant_is_a_port_where_it_counts() -> None:
    one = decoder(ONE_HOT, 2, 1, ports=(Port.LOCAL, Port.WEST))
    assert read(one, 0b10, 1) == {"level": Port.WEST}
    assert read(one, 0b10, 0) == {"level": NOTHING}
    assert read(one, 0, 1) == {"level": NOTHING}


def test_spikes_have_a_payload_while_they_are_valid() -> None:
    one = decoder(SPIKE, layout=SPIKES)
    word = payload(SPIKES, dst={"row": 1, "col": 2}, neuron=9)
    assert read(one, 1, 0, word) == {"valid": 1, "ready": 0, "dst_row": 1, "dst_col": 2, "neuron": 9}
    assert not one.transfer
    assert read(one, 0, 1, word)["neuron"] == NOTHING
    read(one, 1, 1, word)
    assert one.transfer


def test_a_flit_is_what_those_before_it_make_it() -> None:
    layout = flits(2)
    one = decoder(FLIT, 1, layout=layout)
    head = payload(layout, last=0, data={"head": {"dst": {"row": 1}, "neuron": 9}}, tag=3)
    body = payload(layout, last=0, data={"body": {"index": 1, "stamp": 5}}, tag=3)
    tail = payload(layout, last=1, data={"body": {"index": 2, "stamp": 5}}, tag=3)
    nothing = {"dst_row": NOTHING, "neuron": NOTHING, "index": NOTHING, "stamp": NOTHING}
    common = {"valid": 1, "ready": 1, "last": 0, "tag": 3}
    # While nothing is known of the packet under way, only fields of all flits are shown.
    assert read(one, 1, 1, body, 1) == common | nothing | {"kind": FlitKind.UNKNOWN}
    assert read(one, 1, 1, tail, 1)["kind"] == FlitKind.TAIL
    assert read(one, 1, 0, head, 0) == common | nothing | {"ready": 0, "kind": FlitKind.HEAD, "dst_row": 1, "neuron": 9}
    assert not one.moving
    # It waits, then passes; after that the same bits would be a body flit.
    assert read(one, 1, 1, head, 1)["kind"] == FlitKind.HEAD
    assert one.moving
    assert one.transfer
    assert read(one, 0, 1, head, 1) == dict.fromkeys(common | nothing, NOTHING) | {"valid": 0, "ready": 1, "kind": 0}
    assert read(one, 1, 1, body, 1) == common | nothing | {"kind": FlitKind.BODY, "index": 1, "stamp": 5}
    assert read(one, 1, 1, tail, 1) == common | nothing | {"kind": FlitKind.TAIL, "last": 1, "index": 2, "stamp": 5}
    assert read(one, 1, 1, head, 1)["kind"] == FlitKind.HEAD


def test_packets_of_one_or_two_flits_need_no_memory() -> None:
    for bits, last, kind in ((0, 1, FlitKind.SINGLE), (1, 0, FlitKind.HEAD), (1, 1, FlitKind.TAIL)):
        layout = flits(bits)
        assert read(decoder(FLIT, 1, layout=layout), 1, 1, payload(layout, last=last), 1)["kind"] == kind


def test_with_virtual_channels_the_router_says_what_is_a_body_flit() -> None:
    layout = flits(2)
    one = decoder(CHANNEL, 1, layout=layout)
    for body, last, kind in (
        (0, 0, FlitKind.HEAD),
        (1, 0, FlitKind.BODY),
        (0, 0, FlitKind.HEAD),
        (1, 1, FlitKind.TAIL),
    ):
        assert read(one, 1, 1, payload(layout, last=last), body)["kind"] == kind
        assert one.transfer
    assert read(one, 0, 0, 0, 0)["kind"] == FlitKind.NONE
    assert not one.transfer


def test_an_arriving_head_has_no_stamp_yet() -> None:
    layout = data.StructLayout({"first": 1, "last": 1, "neuron": 4, "index": 2, "stamp": 3})
    one = decoder(ARRIVAL, layout=layout)
    kinds = {(1, 1): FlitKind.SINGLE, (1, 0): FlitKind.HEAD, (0, 0): FlitKind.BODY, (0, 1): FlitKind.TAIL}
    for (first, last), kind in kinds.items():
        values = read(one, 1, 1, payload(layout, first=first, last=last, neuron=7, index=2, stamp=5))
        assert (values["kind"], values["neuron"]) == (kind, 7)
        assert (values["index"], values["stamp"]) == ((NOTHING, NOTHING) if first else (2, 5))
    assert read(one, 0, 1, 0)["neuron"] == NOTHING
