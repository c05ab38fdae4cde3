"""A BERT model with mean pooling as an ONNX graph, written from its weights alone, without torch.

For the packaged model, whose every file is pinned: that its graph gives sentence-transformers' vectors is a test's to
say. Of any other model `encoder.export_onnx` has torch follow a run. That takes seconds, and torch more to be there.

1. The graph is the model's own (Devlin et al. 2019, arXiv:1810.04805), inference only: embeddings, layers of attention
   and feed-forward, each added to what it was given and normalised.
2. Queries, keys and values are one product: three small ones take longer.
3. Outputs: "vectors", the mean over a text's tokens, of length one, and "tokens", what is made of each token.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

INPUTS = ("input_ids", "attention_mask", "token_type_ids")
OPSET = 18
"""Of ONNX; LayerNormalization is in it from 17 on."""
IR_VERSION = 10
"""Of the file's form: what the pinned onnxruntime reads for sure."""
MASKED = np.float32(-1e9)
"""Added to the score of padding: nothing of it is left after the exponential."""
Weights = dict[str, npt.NDArray[np.float32]]


class _Graph:
    """Nodes and weights, as they are put down one after the other."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.weights: list[Any] = []

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """The name of what an operation makes of some inputs."""
        from onnx import helper

        name = f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def give(self, name: str, made: str) -> None:
        """Have what was made be an output of this name."""
        from onnx import helper

        self.nodes.append(helper.make_node("Identity", [made], [name], name=name))

    def hold(self, value: Any) -> str:
        """The name under which a constant or weight is held."""
        from onnx import numpy_helper

        name = f"weight_{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.asarray(value, order="C"), name))
        return name


def write_graph(model: Path, target: Path) -> None:
    """Write the graph of the model in a folder, its weights in a file of their own beside it."""
    import onnx
    from onnx import TensorProto, helper
    from safetensors.numpy import load_file

    config = json.loads((model / "config.json").read_bytes())
    weights: Weights = load_file(model / "model.safetensors")
    graph = _Graph()
    states = _embedded(graph, config, weights)
    padding = _padding(graph)
    for number in range(int(config["num_hidden_layers"])):
        states = _layer(graph, config, weights, f"encoder.layer.{number}.", states, padding)
    graph.give("tokens", states)
    graph.give("vectors", _pooled(graph, states))
    made = helper.make_graph(
        graph.nodes,
        "bert",
        [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "sequence"]) for name in INPUTS],
        [
            helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["batch", config["hidden_size"]]),
            helper.make_tensor_value_info("tokens", TensorProto.FLOAT, ["batch", "sequence", config["hidden_size"]]),
        ],
        graph.weights,
    )
    whole = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    # The weights in a file of their own are mapped when loaded: half the time, and 80 MB less at the peak.
    onnx.save_model(whole, str(target), save_as_external_data=True, location=f"{target.name}.data")


def _embedded(graph: _Graph, config: dict[str, Any], weights: Weights) -> str:
    words, kinds, places = (
        graph.hold(weights[f"embeddings.{name}_embeddings.weight"]) for name in ("word", "token_type", "position")
    )
    length = graph.op("Shape", "input_ids", start=1, end=2)
    last = graph.op("Squeeze", length)
    positions = graph.op("Range", graph.hold(np.int64(0)), last, graph.hold(np.int64(1)))
    total = graph.op("Add", graph.op("Gather", words, "input_ids"), graph.op("Gather", kinds, "token_type_ids"))
    total = graph.op("Add", total, graph.op("Gather", places, positions))
    return _normal(graph, config, weights, "embeddings.LayerNorm.", total)


def _padding(graph: _Graph) -> str:
    """What is added to the scores of tokens: nothing to real ones."""
    mask = graph.op("Cast", "attention_mask", to=1)
    missing = graph.op("Mul", graph.op("Sub", graph.hold(np.float32(1)), mask), graph.hold(MASKED))
    return graph.op("Unsqueeze", missing, graph.hold(np.array([1, 2])))


def _layer(graph: _Graph, config: dict[str, Any], weights: Weights, prefix: str, states: str, padding: str) -> str:
    heads, width = int(config["num_attention_heads"]), int(config["hidden_size"])
    names = [f"{prefix}attention.self.{name}" for name in ("query", "key", "value")]
    weight = np.concatenate([weights[f"{name}.weight"] for name in names])
    bias = np.concatenate([weights[f"{name}.bias"] for name in names])
    together = graph.op("Add", graph.op("MatMul", states, graph.hold(weight.T)), graph.hold(bias))
    parts = graph.op("Reshape", together, graph.hold(np.array([0, 0, 3, heads, width // heads])))
    # One of three first, so that each is a slice; then batch, head, token, number.
    parts = graph.op("Transpose", parts, perm=[2, 0, 3, 1, 4])
    query, key, value = (graph.op("Gather", parts, graph.hold(np.int64(number)), axis=0) for number in range(3))
    scale = graph.hold(np.float32((width // heads) ** -0.5))
    scores = graph.op("MatMul", graph.op("Mul", query, scale), graph.op("Transpose", key, perm=[0, 1, 3, 2]))
    shares = graph.op("Softmax", graph.op("Add", scores, padding), axis=-1)
    read = graph.op("Transpose", graph.op("MatMul", shares, value), perm=[0, 2, 1, 3])
    read = graph.op("Reshape", read, graph.hold(np.array([0, 0, width])))
    read = _dense(graph, weights, f"{prefix}attention.output.dense.", read)
    states = _normal(graph, config, weights, f"{prefix}attention.output.LayerNorm.", graph.op("Add", read, states))
    inner = _gelu(graph, _dense(graph, weights, f"{prefix}intermediate.dense.", states))
    outer = _dense(graph, weights, f"{prefix}output.dense.", inner)
    return _normal(graph, config, weights, f"{prefix}output.LayerNorm.", graph.op("Add", outer, states))


def _dense(graph: _Graph, weights: Weights, name: str, states: str) -> str:
    product = graph.op("MatMul", states, graph.hold(weights[f"{name}weight"].T))
    return graph.op("Add", product, graph.hold(weights[f"{name}bias"]))


def _normal(graph: _Graph, config: dict[str, Any], weights: Weights, name: str, states: str) -> str:
    scale, bias = graph.hold(weights[f"{name}weight"]), graph.hold(weights[f"{name}bias"])
    return graph.op("LayerNormalization", states, scale, bias, axis=-1, epsilon=float(config["layer_norm_eps"]))


def _gelu(graph: _Graph, states: str) -> str:
    """x (1 + erf(x / √2)) / 2, put down as the runtime knows it and makes one operation of it with the bias before."""
    spread = graph.op("Erf", graph.op("Div", states, graph.hold(np.float32(2**0.5))))
    both = graph.op("Mul", states, graph.op("Add", spread, graph.hold(np.float32(1))))
    return graph.op("Mul", both, graph.hold(np.float32(0.5)))


def _pooled(graph: _Graph, tokens: str) -> str:
    mask = graph.op("Unsqueeze", graph.op("Cast", "attention_mask", to=1), graph.hold(np.array([2])))
    # Of length one in the end, so that the sum is as good as the mean.
    total = graph.op("ReduceSum", graph.op("Mul", tokens, mask), graph.hold(np.array([1])), keepdims=0)
    return graph.op("LpNormalization", total, axis=1, p=2)
