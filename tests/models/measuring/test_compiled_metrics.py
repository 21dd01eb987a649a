"""Any metric of any model, against ``model.evaluate`` of a copy whose weights were zeroed by hand."""

import keras
import numpy as np
import pytest
from keras import layers

import prunewidgets as pw
from prunewidgets.models.measuring.metric import chosen_metric

SIZE = 16  # of a batch: where examples are left out, Keras's loss depends on it


def zeroed(model, masks):
    """The same model with the removed weights set to zero, compiled as the first."""
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    for name, mask in masks.items():
        variable = next(v for v in copy.variables if v.path.endswith(name))
        variable.assign(variable.numpy() * mask)
    given = model._compile_metrics
    # Metrics of its own: two models that share one count in it together.
    metrics, weighted = keras.tree.map_structure(
        lambda one: type(one).from_config(one.get_config()) if isinstance(one, keras.metrics.Metric) else one,
        (given._user_metrics, given._user_weighted_metrics),
    )
    shares = model._compile_loss._user_loss_weights
    copy.compile("sgd", model.loss, loss_weights=shares, metrics=metrics, weighted_metrics=weighted)
    return copy


def check(model, x, y, names, sample_weight=None):
    live = pw.LiveModel(model)
    masks = pw.Masks.from_sparsity(pw.score(live.weights), 0.5)
    weights = {} if sample_weight is None else {"sample_weight": sample_weight}
    expected = zeroed(model, masks).evaluate(x, y, batch_size=SIZE, verbose=0, return_dict=True, **weights)
    assert set(names) <= set(expected)
    for name in names:
        found = live.evaluate(x, y, masks, metric=name, batch_size=SIZE, sample_weight=sample_weight)
        assert found == pytest.approx(expected[name], rel=1e-4, abs=1e-6), name
    return live


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def test_regression_with_large_values(rng):
    x = rng.normal(size=(70, 6)).astype("float32")
    y = 1000 * x.sum(axis=1, keepdims=True) + 5000
    model = keras.Sequential(
        [keras.Input((6,)), layers.Dense(8, "relu", kernel_regularizer="l2"), layers.Dense(1)]
    )
    model.compile("sgd", "mse", metrics=["mae", keras.metrics.RootMeanSquaredError(name="off"), "r2_score"])
    live = check(model, x, y, ["loss", "mae", "off", "r2_score"])
    frame = pw.accuracy_curve(live, x, y, [0, 0.5], metric="off")
    assert frame["off"].tolist() == [live.evaluate(x, y, metric="off"), frame.accuracy[1]]
    assert frame.attrs["measure"] == "off" and frame.attrs["direction"] == "min"


def test_segmentation_with_an_ignored_class(rng):
    x = rng.normal(size=(20, 8, 8, 2)).astype("float32")
    y = rng.integers(0, 3, (20, 8, 8))
    y[:, 0] = 255
    model = keras.Sequential(
        [keras.Input((8, 8, 2)), layers.Conv2D(4, 3, padding="same"), layers.Conv2D(3, 1)]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=255)
    iou = keras.metrics.MeanIoU(3, ignore_class=255, sparse_y_pred=False)
    model.compile("sgd", loss, metrics=[iou])
    live = check(model, x, y, ["loss", iou.name])
    in_threes = live.evaluate(x, y, metric=iou, batch_size=3)
    assert in_threes == pytest.approx(live.evaluate(x, y, metric=iou.name))
    assert not iou.total_cm.numpy().any(), "nothing is counted in the user's own"
    assert chosen_metric(iou).measure.share and chosen_metric(iou).measure.direction == "max"


def test_a_padding_mask_of_a_tagger(rng):
    x = rng.integers(1, 9, (40, 7))
    x[:, 5:] = 0
    y = x % 3
    tagger = [
        layers.Embedding(9, 4, mask_zero=True),
        layers.LSTM(5, return_sequences=True),
        layers.Dense(3, "softmax"),
    ]
    model = keras.Sequential([keras.Input((7,)), *tagger])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["sparse_categorical_accuracy"])
    check(model, x, y, ["loss", "sparse_categorical_accuracy"])


def test_several_labels_at_once(rng):
    x = rng.normal(size=(50, 6)).astype("float32")
    y = (rng.random((50, 3)) < 0.4).astype("float32")
    model = keras.Sequential([keras.Input((6,)), layers.Dense(3, "sigmoid")])
    auc = keras.metrics.AUC(multi_label=True, num_labels=3, name="auc")
    weighted = [keras.metrics.BinaryAccuracy(name="counted")]
    model.compile("sgd", "binary_crossentropy", metrics=[auc], weighted_metrics=weighted)
    check(model, x, y, ["loss", "auc"])
    check(model, x, y, ["loss", "counted"], sample_weight=rng.random(50).astype("float32"))


def two_outputs(**compiled):
    start = keras.Input((6,))
    inner = layers.Dense(8, "relu")(start)
    ends = {
        "boxes": layers.Dense(4, name="boxes")(inner),
        "kind": layers.Dense(3, "softmax", name="kind")(inner),
    }
    model = keras.Model(start, list(ends.values()) if compiled.pop("listed", False) else ends)
    losses = {"boxes": "mse", "kind": "sparse_categorical_crossentropy"}
    model.compile("sgd", losses, loss_weights={"boxes": 0.5, "kind": 2.0}, **compiled)
    return model


@pytest.mark.parametrize("listed", [False, True])
def test_a_metric_of_one_of_two_outputs(rng, listed):
    n = 3 * SIZE  # Keras gives each batch the same weight in the losses of outputs; here, each example has it
    x = rng.normal(size=(n, 6)).astype("float32")
    y = {"boxes": rng.normal(size=(n, 4)).astype("float32"), "kind": rng.integers(0, 3, n)}
    metrics = {"boxes": ["mae"], "kind": ["accuracy"]}
    model = two_outputs(metrics=metrics, listed=listed)
    names = ["loss", "boxes_loss", "kind_loss", "boxes_mae", "kind_accuracy"]
    live = check(model, x, list(y.values()) if listed else y, names)
    frame = pw.sensitivity(live, x, y, [0.5], metric="kind_accuracy")
    assert list(frame.layer) == list(live.names) and frame["kind_accuracy"].between(0, 1).all()
    assert frame.attrs["share"] and frame.attrs["direction"] == "max"
    squared = ((live.predict(x)[0 if listed else "boxes"] - y["boxes"]) ** 2).mean()
    assert live.evaluate(x, y, metric="boxes_mse") == pytest.approx(squared, rel=1e-5), "without compiling it"
    with pytest.raises(ValueError, match="has no metric 'boxes_x'; it has loss, boxes_mae, kind_accuracy"):
        live.evaluate(x, y, metric="boxes_x")
    with pytest.raises(ValueError, match="2 outputs, and the metric 'mae' needs one.*boxes_mae"):
        live.evaluate(x, y, metric="mae")


class TwoOutputs(keras.Model):
    """Returns a dict, which Keras does not know before a call."""

    def __init__(self):
        super().__init__()
        self.ends = {"boxes": layers.Dense(4), "kind": layers.Dense(3, "softmax")}

    def call(self, x):
        return {name: end(x) for name, end in self.ends.items()}


def test_a_metric_of_a_subclassed_model_with_two_outputs(rng):
    x = rng.normal(size=(2 * SIZE, 6)).astype("float32")
    y = {"boxes": x[:, :4], "kind": rng.integers(0, 3, len(x))}
    model = TwoOutputs()
    model(x[:1])
    losses = {"boxes": "mse", "kind": "sparse_categorical_crossentropy"}
    model.compile("sgd", losses, metrics={"boxes": ["mae"], "kind": ["accuracy"]})
    expected = model.evaluate(x, y, batch_size=SIZE, verbose=0, return_dict=True)
    for name in ("loss", "boxes_loss", "boxes_mae", "kind_accuracy"):
        found = pw.LiveModel(model).evaluate(x, y, metric=name, batch_size=SIZE)
        assert found == pytest.approx(expected[name], rel=1e-5), name


def test_what_keeps_the_loss_from_being_measured_is_named(rng):
    class Own(keras.Sequential):
        def compute_loss(self, *args, **options):
            return 0.0

    x = rng.normal(size=(8, 3)).astype("float32")
    for kind, activity, message in (
        (Own, None, "has a compute_loss of its own"),
        (keras.Sequential, "l2", "has an activity_regularizer in 'end'"),
    ):
        model = kind([keras.Input((3,)), layers.Dense(1, name="end", activity_regularizer=activity)])
        model.compile("sgd", "mse")
        with pytest.raises(ValueError, match=message):
            pw.LiveModel(model).evaluate(x, x[:, :1], metric="loss")
    model = keras.Sequential([keras.Input((3,)), layers.Dense(1)])
    with pytest.raises(ValueError, match="is not compiled with a loss"):
        pw.LiveModel(model).evaluate(x, x[:, :1], metric="loss")


def test_predictions_are_not_kept(rng, monkeypatch):
    from prunewidgets.models.measuring import metric_value

    monkeypatch.setattr(metric_value, "joined", lambda passes: pytest.fail("all predictions were joined"))
    model = keras.Sequential([keras.Input((3,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    x = rng.normal(size=(30, 3)).astype("float32")
    for metric in ("mae", "loss", keras.metrics.MeanSquaredError()):
        pw.LiveModel(model).evaluate(x, x[:, :1], metric=metric, batch_size=7)


@pytest.mark.parametrize(
    ("metric", "measure"),
    [
        ("mae", ("mae", "min", False)),
        (keras.metrics.AUC(name="area"), ("area", "max", True)),
        (keras.metrics.F1Score(), ("f1_score", "max", True)),
        (keras.metrics.R2Score(), ("r2_score", "max", False)),
        (keras.metrics.FalsePositives(), ("false_positives", None, False)),
        ("cosine_similarity", ("cosine_similarity", "max", False)),
        (keras.losses.Huber(), ("huber_loss", "min", False)),
        (keras.losses.CosineSimilarity(), ("cosine_similarity", "min", False)),
        (lambda y, p: 0.0, ("metric", None, False)),
    ],
    ids=str.split("mae auc f1 r2 positives cosine huber cosine_loss lambda"),
)
def test_direction_and_range_of_a_metric(metric, measure):
    assert tuple(chosen_metric(metric).measure) == measure
    assert chosen_metric(metric, direction="max").measure.direction == "max"
    with pytest.raises(ValueError, match="direction is 'up'; give 'max' if more is better"):
        chosen_metric(metric, direction="up")
