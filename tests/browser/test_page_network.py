"""What a page computes of each kind of layer is what Keras computes."""

import keras
import numpy as np
import pytest

from prunewidgets.core.paired import exact_p
from prunewidgets.models.formats.page_graph import page_graph
from prunewidgets.models.formats.page_steps import ACTIVATIONS
from prunewidgets.models.measuring.accuracy import Accuracy
from prunewidgets.pages.content import engine

from ..support.bare import encoded, open_page

L = keras.layers
# Kind of layer -> the layers, the shape of an input, and for whole numbers how many there are to choose from.
CASES = {
    "Dense": ([L.Dense(3)], (4,)),
    "Dense without a bias, on each row": ([L.Dense(3, use_bias=False)], (5, 4)),
    "Conv1D": ([L.Conv1D(4, 3)], (11, 3)),
    "Conv1D, same, strides": ([L.Conv1D(4, 3, strides=2, padding="same")], (10, 3)),
    "Conv1D, causal, dilation": ([L.Conv1D(4, 3, padding="causal", dilation_rate=2)], (11, 3)),
    "Conv2D": ([L.Conv2D(4, 3)], (8, 9, 2)),
    "Conv2D, strides": ([L.Conv2D(4, (3, 2), strides=(2, 3))], (9, 10, 2)),
    "Conv2D, same, strides": ([L.Conv2D(4, (3, 4), strides=(2, 3), padding="same")], (8, 9, 2)),
    "Conv2D, same, dilation": ([L.Conv2D(4, 3, padding="same", dilation_rate=(2, 3))], (8, 9, 2)),
    "DepthwiseConv1D": ([L.DepthwiseConv1D(3, depth_multiplier=2)], (9, 3)),
    "DepthwiseConv2D": ([L.DepthwiseConv2D(3, depth_multiplier=2, activation="relu6")], (8, 9, 3)),
    "DepthwiseConv2D, same, strides": ([L.DepthwiseConv2D(3, strides=2, padding="same")], (8, 9, 3)),
    "DepthwiseConv2D, dilation": ([L.DepthwiseConv2D(3, dilation_rate=2)], (9, 9, 3)),
    "SeparableConv1D": ([L.SeparableConv1D(4, 3, strides=2, padding="same")], (9, 3)),
    "SeparableConv2D": ([L.SeparableConv2D(4, 3, depth_multiplier=2)], (8, 9, 3)),
    "SeparableConv2D, same, strides": ([L.SeparableConv2D(4, 3, strides=2, padding="same")], (8, 9, 3)),
    "MaxPooling1D": ([L.MaxPooling1D(3, strides=2)], (9, 3)),
    "MaxPooling2D": ([L.MaxPooling2D((2, 3))], (8, 9, 2)),
    "MaxPooling2D, same": ([L.MaxPooling2D(3, strides=2, padding="same")], (8, 9, 2)),
    "AveragePooling1D, same": ([L.AveragePooling1D(3, strides=2, padding="same")], (8, 3)),
    "AveragePooling2D": ([L.AveragePooling2D(2)], (8, 9, 2)),
    "AveragePooling2D, same": ([L.AveragePooling2D(3, strides=2, padding="same")], (8, 9, 2)),
    "GlobalMaxPooling1D": ([L.GlobalMaxPooling1D()], (9, 3)),
    "GlobalMaxPooling2D": ([L.GlobalMaxPooling2D(keepdims=True)], (4, 5, 3)),
    "GlobalAveragePooling1D": ([L.GlobalAveragePooling1D()], (9, 3)),
    "GlobalAveragePooling2D": ([L.GlobalAveragePooling2D()], (4, 5, 3)),
    "BatchNormalization": ([L.BatchNormalization()], (4, 5, 3)),
    "BatchNormalization without scale": ([L.BatchNormalization(scale=False, center=False)], (6,)),
    "Embedding": ([L.Embedding(7, 3), L.Flatten(), L.Dense(2)], (5,), 7),
    "Flatten": ([L.Flatten(), L.Dense(2)], (3, 4, 2)),
    "Reshape": ([L.Reshape((4, 3)), L.Dense(2)], (2, 6)),
    "what does nothing in use": (
        [L.Dropout(0.5), L.SpatialDropout1D(0.5), L.GaussianNoise(1.0), L.GaussianDropout(0.5), L.Identity()],
        (4, 3),
    ),
    "ZeroPadding1D": ([L.ZeroPadding1D((1, 2)), L.Conv1D(2, 3)], (6, 2)),
    "ZeroPadding2D": ([L.ZeroPadding2D(((1, 2), (0, 3))), L.Conv2D(2, 3)], (5, 6, 2)),
    "ReLU": ([L.ReLU(max_value=1.5, negative_slope=0.1)], (6,)),
    "LeakyReLU": ([L.LeakyReLU(0.3)], (6,)),
    "Softmax": ([L.Softmax()], (4, 6)),
    "Rescaling": ([L.Rescaling(1 / 255, offset=-0.5)], (6,)),
    **{f"Activation {name}": ([L.Activation(name)], (9,)) for name in sorted(ACTIVATIONS)},
}
JOINED = {
    kind.__name__: kind
    for kind in (L.Add, L.Subtract, L.Multiply, L.Average, L.Maximum, L.Minimum, L.Concatenate)
}
START = """async (wasm) => {
    const bytes = Uint8Array.from(atob(wasm), (c) => c.charCodeAt(0));
    await files["pages/static/engine.js"].startEngine(bytes);
    window.computed = async (graph, arrays, inputs) => {
        const { decoded } = await import("/host.js");
        const tensor = ({ shape, values }) => tf.tensor(new Float32Array(decoded(values).buffer), shape);
        const named = Object.entries(arrays).map(([name, array]) => [name, tensor(array)]);
        const weights = Object.fromEntries(named);
        const given = inputs.map(tensor);
        const output = files["pages/static/network.js"].forward(graph, weights, given);
        const [shape, values] = [output.shape, [...output.dataSync()]];
        for (const each of [output, ...given, ...Object.values(weights)]) each.dispose();
        return { shape, values, left: tf.memory().numTensors };
    };
}"""
COMPUTE = "([graph, arrays, inputs]) => computed(graph, arrays, inputs)"


@pytest.fixture(scope="module")
def computing(browser):
    """A page that has the worker's script."""
    page = browser.new_page()
    open_page(page)
    carried = engine()
    page.add_script_tag(content=carried["source"])
    page.evaluate(START, encoded(carried["wasm"])["base64"])
    yield page
    page.close()


def sent(array):
    return {"shape": list(array.shape), "values": encoded(np.asarray(array, np.float32).tobytes())}


def assert_computed_as_keras_does(page, model, *inputs):
    rng = np.random.default_rng(0)
    for variable in model.variables:  # biases and normalisation too, which begin as 0 and 1
        if "seed" not in variable.path:
            sizes = rng.uniform(0.2, 1.2, variable.shape)
            variable.assign(
                sizes if "variance" in variable.path else sizes * rng.choice([1, -1], sizes.shape)
            )
    graph = page_graph(model)
    assert graph.missing == []
    plan = {"steps": graph.steps, "inputs": graph.inputs, "output": graph.output}
    arrays = {name: sent(array) for name, array in graph.arrays.items()}
    found = page.evaluate(COMPUTE, [plan, arrays, [sent(x) for x in inputs]])
    expected = np.asarray(model(list(inputs) if len(inputs) > 1 else inputs[0]))
    assert found["shape"] == list(expected.shape)
    values = np.array([np.nan if v is None else v for v in found["values"]]).reshape(expected.shape)
    np.testing.assert_allclose(values, expected, rtol=2e-5, atol=2e-5)
    assert np.ptp(expected) > 0.01
    assert found["left"] == 0  # of the tensors in between


def numbers(shape, choices=0, seed=1):
    rng = np.random.default_rng(seed)
    return (
        rng.integers(0, choices, (3, *shape)) if choices else rng.normal(0, 2, (3, *shape)).astype(np.float32)
    )


@pytest.mark.parametrize("name", CASES)
def test_a_layer(computing, name):
    made, shape, *choices = CASES[name]
    model = keras.Sequential([keras.Input(shape, dtype="int32" if choices else None), *made])
    assert_computed_as_keras_does(computing, model, numbers(shape, *choices))


@pytest.mark.parametrize("name", JOINED)
def test_a_layer_of_several_inputs(computing, name):
    first, second = keras.Input((4, 5)), keras.Input((4, 5))
    third = [] if name == "Subtract" else [L.Dense(5)(first)]
    joined = JOINED[name]()([second, first, *third])
    assert_computed_as_keras_does(
        computing, keras.Model([first, second], joined), numbers((4, 5)), numbers((4, 5), seed=2)
    )


def test_concatenation_along_another_axis(computing):
    first, second = keras.Input((4, 5)), keras.Input((2, 5))
    model = keras.Model([first, second], L.Concatenate(axis=1)([first, second]))
    assert_computed_as_keras_does(computing, model, numbers((4, 5)), numbers((2, 5)))


def test_a_model_in_a_model_and_a_layer_used_twice(computing):
    inner = keras.Sequential([keras.Input((6,)), L.Dense(6, activation="tanh")], name="inner")
    shared = L.Dense(6, activation="relu", name="shared")
    inputs = keras.Input((6,))
    x = shared(inner(shared(inputs)))
    model = keras.Model(inputs, L.Add()([x, inputs, x]))
    assert_computed_as_keras_does(computing, model, numbers((6,)))


def test_intervals_and_p_values_are_those_of_python(computing):
    rng = np.random.default_rng(0)
    counts = [(0, 7), (7, 7), (1, 1), *((int(c), 10_000) for c in rng.integers(0, 10_001, 40))]
    splits = [(0, 0), (1, 0), (3, 3), (0, 900), (3433, 30), *rng.integers(0, 300, (60, 2)).tolist()]
    intervals, p_values = computing.evaluate(
        """([counts, splits]) => {
            const { interval, exactP } = files["pages/static/statistics.js"];
            return [counts.map((each) => interval(...each)), splits.map((each) => exactP(...each))];
        }""",
        [counts, splits],
    )
    np.testing.assert_allclose(
        intervals, [Accuracy(*each).interval for each in counts], rtol=1e-12, atol=1e-15
    )
    np.testing.assert_allclose(p_values, [exact_p(*each) for each in splits], rtol=1e-9, atol=1e-300)
