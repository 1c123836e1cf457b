"""The sentence encoder as an ONNX graph: BERT (Devlin et al. 2019), mean pooling and length one, weights in 8 bits.

The graph reads one text at a time, without padding: so the vector of a text never depends on its neighbours in a
batch, and a model without somebody's messages is the very model that never saw them.

Weights are signed 8-bit integers with one scale a column (a row, for the table of word vectors), activations are
quantised as they come (ONNX operators DynamicQuantizeLinear and MatMulInteger). The integers stay within 7 bits:
on processors without VNNI, products of full 8-bit pairs overrun their 16-bit sums, and the same text would have
another vector on another machine.
"""

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

Array = npt.NDArray[np.generic]
Weights = Mapping[str, npt.NDArray[np.float32]]

LAYERS = 6
HEADS = 12
WIDTH = 384
LONGEST = 256
"""Tokens that the graph can read; the model was trained on no longer texts."""
INPUT = "tokens"
OUTPUT = "vector"
OPSET = 20
IR_VERSION = 9
_EPSILON = 1e-12
_SEVEN_BITS = 63.0


class GraphBuilder:
    """Nodes and constants of a graph, in the order in which they are added."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def add(self, operator: str, *inputs: str, outputs: int = 1, **attributes: int | float | list[int]) -> str:
        """A node; the name of its first output, from which those of the others follow (`name.1`, `name.2`)."""
        name = f"{operator}_{len(self.nodes)}"
        names = [name, *(f"{name}.{number}" for number in range(1, outputs))]
        self.nodes.append(_node(operator, list(inputs), names, name, attributes))
        return name

    def constant(self, name: str, value: Array) -> str:
        """A named constant; its name."""
        self.constants.append(numpy_helper.from_array(np.array(value, order="C"), name))
        return name


def _node(
    operator: str, inputs: list[str], outputs: list[str], name: str, attributes: Mapping[str, int | float | list[int]]
) -> onnx.NodeProto:
    node = helper.make_node(operator, inputs, outputs, name=name)
    node.attribute.extend(helper.make_attribute(key, value) for key, value in sorted(attributes.items()))
    return node


def encoder_graph(weights: Weights) -> bytes:
    """The graph, serialised: `tokens` (int64, shape (1 … 256,)) to `vector` (float32, shape (384,), length one).

    `weights` are the arrays of the published model by their names there.

    Raises:
        KeyError: an array is missing.
    """
    graph = GraphBuilder()
    _constants(graph)
    state = _embedded(graph, weights)
    for number in range(LAYERS):
        state = _layer(graph, weights, f"encoder.layer.{number}", state)
    mean = graph.add("ReduceMean", state, "first_axis", keepdims=0)
    graph.nodes.append(helper.make_node("LpNormalization", [mean], [OUTPUT], name=OUTPUT, axis=0, p=2))
    inputs = [helper.make_tensor_value_info(INPUT, TensorProto.INT64, ["count"])]
    outputs = [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, [WIDTH])]
    made = helper.make_graph(graph.nodes, "sentence encoder", inputs, outputs, graph.constants)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    return bytes(model.SerializeToString(deterministic=True))


def _constants(graph: GraphBuilder) -> None:
    size = WIDTH // HEADS
    graph.constant("first_axis", np.array([0], np.int64))
    graph.constant("zero", np.array(0, np.int64))
    graph.constant("one", np.array(1, np.int64))
    graph.constant("two", np.array(2, np.int64))
    graph.constant("start", np.array([0], np.int64))
    graph.constant("by_head", np.array([-1, 3, HEADS, size], np.int64))
    graph.constant("by_token", np.array([-1, WIDTH], np.int64))


def _embedded(graph: GraphBuilder, weights: Weights) -> str:
    """Word, position and kind of segment (there is only the first), summed and normalised."""
    words, scales = _quantised(weights["embeddings.word_embeddings.weight"].T)
    table = graph.add("Gather", graph.constant("words", words.T), INPUT)
    scale = graph.add("Gather", graph.constant("words.scale", scales.reshape(-1, 1)), INPUT)
    word = graph.add("Mul", graph.add("Cast", table, to=TensorProto.FLOAT), scale)
    segment = weights["embeddings.token_type_embeddings.weight"][0]
    places = graph.constant("places", weights["embeddings.position_embeddings.weight"][:LONGEST] + segment)
    place = graph.add("Slice", places, "start", graph.add("Shape", INPUT))
    return _normalised(graph, weights, "embeddings.LayerNorm", graph.add("Add", word, place))


def _layer(graph: GraphBuilder, weights: Weights, name: str, state: str) -> str:
    attended = _attention(graph, weights, f"{name}.attention", state)
    widened = _dense(graph, weights, f"{name}.intermediate.dense", attended)
    narrowed = _dense(graph, weights, f"{name}.output.dense", graph.add("Gelu", widened))
    return _normalised(graph, weights, f"{name}.output.LayerNorm", graph.add("Add", narrowed, attended))


def _attention(graph: GraphBuilder, weights: Weights, name: str, state: str) -> str:
    """Each token looks at all others (twelve heads), then the usual sum with what came in."""
    # The scale of the scores goes into the queries' weights: one multiplication less for each text.
    shrink = np.float32(1 / math.sqrt(WIDTH // HEADS))
    parts = [(part, shrink if part == "query" else np.float32(1)) for part in ("query", "key", "value")]
    matrix = np.concatenate([weights[f"{name}.self.{part}.weight"].T * by for part, by in parts], axis=1)
    bias = np.concatenate([weights[f"{name}.self.{part}.bias"] * by for part, by in parts])
    together = graph.add("Reshape", _product(graph, f"{name}.self", state, matrix, bias), "by_head")
    keys = graph.add("Transpose", together, perm=[1, 2, 3, 0])
    others = graph.add("Transpose", together, perm=[1, 2, 0, 3])
    query = graph.add("Gather", others, "zero", axis=0)
    key = graph.add("Gather", keys, "one", axis=0)
    value = graph.add("Gather", others, "two", axis=0)
    shares = graph.add("Softmax", graph.add("MatMul", query, key), axis=-1)
    heads = graph.add("Transpose", graph.add("MatMul", shares, value), perm=[1, 0, 2])
    joined = _dense(graph, weights, f"{name}.output.dense", graph.add("Reshape", heads, "by_token"))
    return _normalised(graph, weights, f"{name}.output.LayerNorm", graph.add("Add", joined, state))


def _normalised(graph: GraphBuilder, weights: Weights, name: str, state: str) -> str:
    scale = graph.constant(f"{name}.weight", weights[f"{name}.weight"])
    bias = graph.constant(f"{name}.bias", weights[f"{name}.bias"])
    return graph.add("LayerNormalization", state, scale, bias, axis=-1, epsilon=_EPSILON)


def _dense(graph: GraphBuilder, weights: Weights, name: str, state: str) -> str:
    return _product(graph, name, state, weights[f"{name}.weight"].T, weights[f"{name}.bias"])


def _product(
    graph: GraphBuilder, name: str, state: str, matrix: npt.NDArray[np.float32], bias: npt.NDArray[np.float32]
) -> str:
    """state · matrix + bias, the matrix (shape (in, out)) in 8 bits."""
    numbers, scales = _quantised(matrix)
    whole = graph.constant(f"{name}.matrix", numbers)
    zero = graph.constant(f"{name}.zero", np.zeros(matrix.shape[1], np.int8))
    live = graph.add("DynamicQuantizeLinear", state, outputs=3)
    summed = graph.add("MatMulInteger", live, whole, f"{live}.2", zero)
    scale = graph.add("Mul", f"{live}.1", graph.constant(f"{name}.scale", scales))
    real = graph.add("Mul", graph.add("Cast", summed, to=TensorProto.FLOAT), scale)
    return graph.add("Add", real, graph.constant(f"{name}.bias", bias))


def _quantised(matrix: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """Whole numbers of 7 bits and the scale of each column."""
    largest = np.maximum(np.abs(matrix).max(axis=0), np.float32(1e-12))
    scales = (largest / np.float32(_SEVEN_BITS)).astype(np.float32)
    return np.rint(matrix / scales).astype(np.int8), scales
