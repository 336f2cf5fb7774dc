"""Mt-KaHyPar in a process of its own: reads a graph from its input, and writes the block of each node.

Run by its path, with the folder of the library as its argument. What the library gives for a seed depends on what it
has done in the same process before; a process of its own gives the same again, and can be stopped.
"""

import os
import pickle
import sys


def main() -> None:
    """Part the graph that comes in."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what the library prints does not belong to the answer
    sys.path.append(sys.argv[1])
    import mtkahypar

    kind, sizes, edges, weights, capacities, seed = pickle.load(sys.stdin.buffer)
    library = mtkahypar.initialize(1, print_warnings=False)
    mtkahypar.set_seed(seed)
    context = library.context_from_preset(mtkahypar.PresetType.QUALITY)
    objective = mtkahypar.Objective.KM1 if kind == "hypergraph" else mtkahypar.Objective.CUT
    context.set_partitioning_parameters(len(capacities), 0.03, objective)
    context.set_individual_target_block_weights(capacities)
    context.logging = False
    create = library.create_hypergraph if kind == "hypergraph" else library.create_graph
    graph = create(context, len(sizes), len(edges), edges, sizes, weights)
    with out:
        pickle.dump(graph.partition(context).get_partition(), out)


if __name__ == "__main__":
    main()
