import numpy as np

from synaptile.swsim.synapses.ring_buffer import RingBuffer


def test_a_resized_buffer_takes_more_neurons():
    buffer = RingBuffer(2, 3)
    buffer.add(np.array([2 * buffer.ports + 1]), np.array([0.5]))
    buffer.add(np.array([3 * buffer.ports + 2]), np.array([0.25]))
    wider = buffer.resized(4, 1)
    assert [wider.advance().tolist() for _ in range(3)] == [
        [[0, 0, 0, 0], [0, 0, 0, 0]],
        [[0, 0.5, 0, 0], [0, 0, 0, 0]],
        [[0, 0, 0, 0], [0.25, 0, 0, 0]],
    ]


def test_input_comes_after_its_delay_however_often_the_buffer_has_gone_round():
    buffer = RingBuffer(3, 2)
    for _ in range(5):
        buffer.add(
            np.array([1 * buffer.ports + 4, 2 * buffer.ports + 0, 2 * buffer.ports + 0]), np.array([0.5, 0.25, 1.0])
        )
        buffer.add_at(1, np.array([2]), np.array([3.0]))
        assert buffer.advance().tolist() == [[0, 0, 3.0], [0, 0.5, 0]]
        assert buffer.coming[0].tolist() == [[1.25, 0, 0], [0, 0, 0]]
        assert buffer.advance().tolist() == [[1.25, 0, 0], [0, 0, 0]]


def test_a_stretch_is_a_window():
    buffer = RingBuffer(4, 3)
    buffer.advance()
    buffer.stretch(3 * buffer.ports + 5, 2)[:] = 2.0
    assert [buffer.advance().sum() for _ in range(3)] == [0, 0, 4.0]
